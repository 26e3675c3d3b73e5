"""Ctrl-C and its kin: the first one stops a run cleanly, the second at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""SIGHUP comes when the terminal is closed; Windows has none."""


@contextmanager
def stopping(stop: Callable[[str], None]) -> Iterator[None]:
    """Call ``stop`` with the signal's name at the first signal, and raise KeyboardInterrupt at the second.

    Signals reach the main thread only; elsewhere (a scheduler's worker) nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen: list[int] = []

    def handle(number: int, _: object) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)
        stop(signal.Signals(number).name)

    before = {name: signal.signal(getattr(signal, name), handle) for name in _NAMES if hasattr(signal, name)}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
