"""Whether a ledger is whole, of a version that is known here, and can be written: looked at without changing it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from batch_sms.errors import LedgerError
from batch_sms.ledger.schema import VERSION

_PATIENCE = 5.0
"""Seconds to wait for another process's commit; its transactions are short, but for the entering of a list."""


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """What there is to know of a ledger. ``damage`` is SQLite's first word on it, ``""`` if it is whole."""

    version: int
    runs: int
    bytes: int
    damage: str


def examine(path: Path) -> LedgerHealth:
    """Look at a ledger that is there. Raises LedgerError where it can't be read, can't be written, or is a newer one."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE)) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise LedgerError("ledger_newer", path=path)
            (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            (runs,) = db.execute("SELECT count(*) FROM run").fetchone() if version else (0,)
            size = path.stat().st_size
            _try_to_write(db, path)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError("ledger_not_read", path=path, reason=error) from error
    return LedgerHealth(version, runs, size, "" if verdict == "ok" else verdict)


def _try_to_write(db: sqlite3.Connection, path: Path) -> None:
    """Begin to write and leave it; busy is no fault, for then somebody else can."""
    try:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise LedgerError("ledger_not_written", path=path, reason=error) from error
