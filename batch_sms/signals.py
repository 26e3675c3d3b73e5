"""Ctrl-C and its kin: the first one ends a step cleanly, the second at once, and neither costs the result.

So does ``batch-sms stop`` from another shell, which is only ever the first.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""SIGHUP comes when the terminal is closed; Windows has none."""
ASKED = "batch-sms stop"
"""What stands in the place of a signal's name where another process asked for the end."""


class Stopper:
    """Takes the signals from the first message to the last line of the result, step by step."""

    def __init__(self) -> None:
        self.first: str = ""
        """The name of the first signal that came, or ``ASKED``; ``""`` while there was none."""
        self._stop: Callable[[str], None] = lambda _: None
        self._came = 0
        self._raised = False

    @contextmanager
    def step(self, stop: Callable[[str], None] = lambda _: None) -> Iterator[None]:
        """A step that ``stop`` ends cleanly at its first signal, and KeyboardInterrupt at its second.

        After that, and between steps, signals are noted only: what follows has to be brought to its end. One that came
        before the step ends it as it begins.
        """
        self._stop, self._came, self._raised = stop, 0, False
        if self.first:
            stop(self.first)
        try:
            yield
        finally:
            self.only_notes()

    def only_notes(self) -> None:
        """End the step for signals: what is left of it has to be brought to its end."""
        self._raised = True

    def ask(self) -> None:
        """End the step cleanly, because another process asks for it. May be called from any thread."""
        self.first = self.first or ASKED
        if not self._raised:
            self._stop(ASKED)

    def handle(self, number: int, _: object) -> None:
        """The handler of the signals."""
        name = signal.Signals(number).name
        self.first = self.first or name
        self._came += 1
        if self._raised:
            return
        if self._came > 1:
            self._raised = True
            raise KeyboardInterrupt
        self._stop(name)


@contextmanager
def stopper() -> Iterator[Stopper]:
    """Have the signals taken by a Stopper. They reach the main thread only; elsewhere (a scheduler's) nothing is changed.

    Inside another one's step it takes them over: when it ends, the rest of that step goes to its end, for messages may have
    gone out by then and nobody may be told that none did.
    """
    taken = Stopper()
    if threading.current_thread() is not threading.main_thread():
        yield taken
        return
    before = {name: signal.signal(getattr(signal, name), taken.handle) for name in _NAMES if hasattr(signal, name)}
    outer = next(
        (who for handler in before.values() if isinstance(who := getattr(handler, "__self__", None), Stopper)), None
    )
    try:
        yield taken
    finally:
        if outer is not None:
            outer.only_notes()
        for name, handler in before.items():
            if signal.getsignal(getattr(signal, name)) == taken.handle:  # not so after ``ignore``
                signal.signal(getattr(signal, name), handler)
        if outer is not None:  # who had them before has to know of them, too
            outer.first = outer.first or taken.first.replace(ASKED, "")


def ignore() -> None:
    """Take no signal any more: what is left of the process is its last words and its exit code."""
    if threading.current_thread() is threading.main_thread():
        for name in _NAMES:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)


@contextmanager
def withheld() -> Iterator[None]:
    """Hold signals back for a moment: a process that is started in it is born without them, until it has its own way with them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    held = {getattr(signal, name) for name in _NAMES}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
