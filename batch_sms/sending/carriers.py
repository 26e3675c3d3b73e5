"""Carriers: what takes a message to the gateway and brings back what came of it. Here as threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from queue import SimpleQueue
from typing import Protocol

from batch_sms.clock import Clock
from batch_sms.model import Message, Outcome, Pending

_STACK = 512 * 1024
"""Bytes of stack a carrying thread gets: there may be a thousand of them."""


class Gateway(Protocol):
    """What takes one message to the other side. Never raises for anything that a network can do."""

    offset: timedelta
    """How far the gateway's clock was found to be ahead of ours."""

    closes: float
    """The moment (seconds since 1970) from which no message is written any more."""

    def open(self) -> bool:
        """Open a connection ahead of the first message, and say whether there is one now."""

    def send(self, message: Message) -> Outcome | None:
        """Send it once, and say what came of it; None where it had become too late before it was written."""


Going = tuple[Pending, float]
"""A message that goes out, and the moment at which it does."""
Came = tuple[Pending, float, Outcome | BaseException | None]
"""The same with what came of it: an outcome, a fault of ours that kept one from coming, or None if it was called off."""
Bring = Callable[[Sequence[Came]], None]
"""Takes what came, in any thread: each carrier that brings something is idle from then on."""


class Carriers(Protocol):
    """Each of them carries one message at a time; with a connection opened ahead, it can go the moment it is let out."""

    opening: int
    """How many were wanted and are not ready yet."""
    setup: float
    """Seconds that one takes at best from its start to an open connection; 0 while none had one."""

    @property
    def offset(self) -> timedelta:
        """How far the gateway's clock was found to be ahead of ours."""

    def begin(self, bring: Bring, ready: Callable[[], None], closes: float) -> int:
        """Serve this one from now on; how many there are that are ready from before.

        ``bring`` takes outcomes, ``ready`` hears of each that gets ready, and from the moment ``closes`` (seconds since
        1970) on nothing is written any more.
        """

    def add(self, count: int) -> None:
        """Have so many more, as far as the machine gives them. Raises RuntimeError if it gives none at all."""

    def carry(self, going: Sequence[Going]) -> None:
        """Take messages out now, each with its moment; there is an idle carrier for each."""

    def end(self) -> None:
        """No message will follow."""


class Threads:
    """Carriers that are threads of this process, which share a gateway."""

    def __init__(self, gateway: Gateway, most: int, clock: Clock) -> None:
        self._gateway, self._most, self._clock = gateway, most, clock
        self._todo: SimpleQueue[Going | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._counted = threading.Lock()
        self.opening = 0
        self.setup = 0.0

    @property
    def offset(self) -> timedelta:
        """How far the gateway's clock was found to be ahead of ours."""
        return self._gateway.offset

    def begin(self, bring: Bring, ready: Callable[[], None], closes: float) -> int:
        """Serve this one from now on."""
        self._gateway.closes = closes
        with self._counted:
            self._bring, self._ready = bring, ready
            return len(self._threads) - self.opening

    def add(self, count: int) -> None:
        """Start so many more threads, within their limit. Raises RuntimeError if the machine gives none at all."""
        count = min(count, self._most - len(self._threads))
        if count <= 0:
            return
        before = threading.stack_size(_STACK)
        try:
            for _ in range(count):
                self._start()
        except RuntimeError:  # the machine gives no more threads: those there are will do
            self.opening -= 1
            if not self._threads:
                raise
            self._most = len(self._threads)
        finally:
            threading.stack_size(before)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, args=(self._clock.monotonic(),), daemon=True)
        with self._counted:
            self.opening += 1
        thread.start()
        self._threads.append(thread)

    def carry(self, going: Sequence[Going]) -> None:
        """Hand each to an idle thread."""
        for task in going:
            self._todo.put(task)

    def end(self) -> None:
        """Let the threads end when they are idle."""
        for _ in self._threads:
            self._todo.put(None)

    def _work(self, started: float) -> None:
        opened = self._gateway.open()
        took = self._clock.monotonic() - started
        with self._counted:
            self.opening -= 1
            self.setup = min(took, self.setup or took) if opened else self.setup
            ready = self._ready
        ready()
        while (task := self._todo.get()) is not None:
            pending, at = task
            try:
                outcome: Outcome | BaseException | None = self._gateway.send(pending.message)
            except BaseException as error:  # noqa: BLE001 (a fault of ours must reach the dispatcher, not end a thread)
                outcome = error
            self._bring(((pending, at, outcome),))
