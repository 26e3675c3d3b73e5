"""One process holds a run at a time: a lock of the operating system, which dies with the process that took it.

Who only looks whether a run is held takes the lock for a moment too; so who wants to hold it tries more than once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from batch_sms.errors import LedgerError, RunHeldError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(file, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TRIES, _BETWEEN_TRIES = 3, 0.05
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_LOCKED_BYTE = 1 << 20
"""Behind the text that names the holder: on Windows a locked byte can't be read."""


@contextmanager
def hold(ledger: Path, run_name: str, now: datetime, sleep: Callable[[float], None] = time.sleep) -> Iterator[Path]:
    """Hold a run of this ledger; gives its lock. Raises RunHeldError, with the holder's name, where another process has it."""
    with hold_file(lock_of(ledger, run_name), "run_held", {"run": run_name}, now, sleep) as path:
        yield path


@contextmanager
def hold_file(
    path: Path, refusal: str, facts: Mapping[str, object], now: datetime, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Path]:
    """Hold a lock at this path, and write into it who does. Raises RunHeldError, with the key and facts of the refusal."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise LedgerError("ledger_not_opened", path=path, reason=error) from error
    try:
        for tries_left in reversed(range(_TRIES)):
            if _taken(file, path):
                break
            if not tries_left:
                raise RunHeldError(refusal, **facts, holder=_written_in(file))
            sleep(_BETWEEN_TRIES)
        os.ftruncate(file, 0)
        os.write(
            file, f"process {os.getpid()} on {socket.gethostname()}, since {now.isoformat(' ', 'seconds')}".encode()
        )
        yield path
    finally:
        os.close(file)


def holder(ledger: Path, run_name: str) -> str:
    """Who holds a run of this ledger at this moment; ``""`` if nobody does. Raises LedgerError."""
    path = lock_of(ledger, run_name)
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise LedgerError("ledger_not_opened", path=path, reason=error) from error
    try:
        return "" if _taken(file, path) else _written_in(file)
    finally:
        os.close(file)


def lock_of(ledger: Path, run_name: str) -> Path:
    """Where the lock of a run is: beside the ledger; a link to the ledger is the same ledger."""
    ledger = ledger.resolve()
    return ledger.with_name(f"{ledger.name}.locks") / f"{hashlib.sha256(run_name.encode()).hexdigest()[:24]}.lock"


def _taken(file: int, path: Path) -> bool:
    """Take the lock, unless another process has it."""
    try:
        _lock(file)
    except OSError as error:
        if error.errno not in _TAKEN:  # a network drive without locks, say
            raise LedgerError("ledger_not_opened", path=path, reason=error.strerror) from error
        return False
    return True


def _written_in(file: int) -> str:
    return os.read(file, 200).decode(errors="replace").strip() or "?"
