"""The ledger's database: opened, brought to the newest version, written in transactions. Knows SQLite and no row."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from batch_sms.errors import LedgerError
from batch_sms.ledger.schema import STEPS, VERSION, statements

_BUSY_SECONDS = 120
"""How long a write waits for another process's: the entering of a long list is one transaction."""
_WAL_TRIES = 100
_LARGEST_LOG = 1 << 22
"""Bytes to which the write-ahead log is cut back when a long list has been entered, which takes as many as the list."""


class Database:
    """An open database. Not for sharing between threads: the sending's dispatcher is the one that writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # closing a file that is there would drop this process's other locks on it
                os.close(os.open(path.resolve(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            found = path.stat()
            self._file = (found.st_dev, found.st_ino)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise LedgerError("ledger_not_opened", path=path, reason=error) from error

    def _prepare(self) -> None:
        db = self._db
        self._write_ahead()
        db.execute("PRAGMA synchronous = FULL")  # a commit is on the disk before it returns: the intent must be
        db.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
        if db.execute("PRAGMA user_version").fetchone() == (VERSION,):
            return  # without a write lock, so that a look at the ledger never waits for a run
        with self._transaction():
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise LedgerError("ledger_newer", path=self.path)
            for step in STEPS[version:]:
                for statement in statements(step):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")

    def _write_ahead(self) -> None:
        """Keep a write-ahead log. SQLite does not wait where another process turns it on at this moment: so we do."""
        for _ in range(_WAL_TRIES):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                self._db.execute("BEGIN IMMEDIATE")  # this one waits
                self._db.execute("COMMIT")
            else:
                return
        self._db.execute("PRAGMA journal_mode = WAL")

    def _check_file(self) -> None:
        """A ledger that was deleted or replaced would be written to, and be gone with this process."""
        try:
            there = self.path.stat()
        except OSError as error:
            raise LedgerError("ledger_gone", path=self.path) from error
        if (there.st_dev, there.st_ino) != self._file:
            raise LedgerError("ledger_gone", path=self.path)

    def close(self) -> None:
        """Close the database. Every method commits what it writes, so nothing is lost without it."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise
        except sqlite3.Error as error:
            raise LedgerError("ledger_not_written", path=self.path, reason=error) from error

    def _query(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError("ledger_not_read", path=self.path, reason=error) from error
