"""One process holds a run at a time: a lock of the operating system, which dies with the process that took it."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import sys
from collections.abc import Iterator
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


_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
_LOCKED_BYTE = 1 << 20
"""Behind the text that names the holder: on Windows a locked byte can't be read."""


@contextmanager
def hold(ledger: Path, run_name: str, now: datetime) -> Iterator[Path]:
    """Hold a run of this ledger; gives its lock. Raises RunHeldError, with the holder's name, where another process has it."""
    ledger = ledger.resolve()  # a link to it is the same ledger
    folder = ledger.with_name(f"{ledger.name}.locks")
    path = folder / f"{hashlib.sha256(run_name.encode()).hexdigest()[:24]}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise LedgerError("ledger_not_opened", path=path, reason=error) from error
    try:
        try:
            _lock(file)
        except OSError as error:
            if error.errno not in _TAKEN:  # a network drive without locks, say
                raise LedgerError("ledger_not_opened", path=path, reason=error.strerror) from error
            holder = os.read(file, 200).decode(errors="replace").strip() or "?"
            raise RunHeldError("run_held", run=run_name, holder=holder) from None
        os.ftruncate(file, 0)
        os.write(
            file, f"process {os.getpid()} on {socket.gethostname()}, since {now.isoformat(' ', 'seconds')}".encode()
        )
        yield path
    finally:
        os.close(file)
