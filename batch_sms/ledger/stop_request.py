"""A request to stop a run, from another shell: a file beside the run's lock, which the process that holds the run looks for.

A file and no signal: it reaches the run whatever the system, and never a process that has taken over a dead one's number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from batch_sms.clock import Clock
from batch_sms.errors import LedgerError
from batch_sms.ledger.lock import holder, lock_of

_BETWEEN_LOOKS = 0.2


@contextmanager
def heeded(lock: Path, stop: Callable[[], None]) -> Iterator[None]:
    """Have ``stop`` called, once and from another thread, when somebody asks for the end of the run whose lock is held."""
    request, over = _request(lock), threading.Event()
    request.unlink(missing_ok=True)  # it was meant for a process that is gone

    def look() -> None:
        while not over.wait(_BETWEEN_LOOKS):
            if request.exists():
                stop()
                return

    looking = threading.Thread(target=look, name="stop-request", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        request.unlink(missing_ok=True)


def ask(ledger: Path, run_name: str) -> bool:
    """Ask the process that holds a run to stop it; False where none does. Raises LedgerError."""
    if not holder(ledger, run_name):
        return False
    request = _request(lock_of(ledger, run_name))
    try:
        request.touch(mode=0o600)
    except OSError as error:
        raise LedgerError("ledger_not_written", path=request, reason=error.strerror or error) from error
    return True


def ended_within(seconds: float, ledger: Path, run_name: str, clock: Clock) -> bool:
    """Wait until nobody holds the run any more, but not longer than this; whether it came to that."""
    until = clock.monotonic() + seconds
    while holder(ledger, run_name):
        if clock.monotonic() >= until:
            return False
        clock.sleep(_BETWEEN_LOOKS)
    return True


def _request(lock: Path) -> Path:
    return lock.with_suffix(".stop")
