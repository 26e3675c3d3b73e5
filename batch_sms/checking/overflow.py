"""A table that may outgrow memory: the latest entries in a dict, the older ones in a temporary database without a name.

That database has nothing of the ledger's, and ends with the check. SQLite serves because it is there and looks up fast.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from batch_sms.errors import ListError

MOST_IN_MEMORY = 50_000
_FILTER_BITS = 1 << 25
"""So many that few keys of a list of some millions share theirs: what is not in the database is seldom looked for there."""


class Overflow:
    """Put and get, as with a dict. Both raise ListError where the disk has no room."""

    def __init__(self, most_in_memory: int) -> None:
        self._most = most_in_memory
        self._latest: dict[int | bytes, bytes] = {}
        self._older: sqlite3.Connection | None = None
        self._filter = bytearray()

    def get(self, key: int | bytes) -> bytes | None:
        """What was put under this key last."""
        found = self._latest.get(key)
        if found is not None or self._older is None:
            return found
        place = hash(key) % _FILTER_BITS
        if not self._filter[place >> 3] & 1 << (place & 7):
            return None
        with _room():
            row = self._older.execute("SELECT value FROM entry WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def put(self, key: int | bytes, value: bytes) -> None:
        """Keep a value under a key, instead of what was there."""
        self._latest[key] = value
        if len(self._latest) == self._most:
            self._move()

    def _move(self) -> None:
        """The latest entries become older ones; in the order of their keys, which is how the database has them."""
        with _room():
            if self._older is None:
                self._older = sqlite3.connect("", isolation_level=None)
                self._older.execute("PRAGMA journal_mode = OFF")
                self._older.execute("CREATE TABLE entry (key PRIMARY KEY, value) WITHOUT ROWID")
                self._filter = bytearray(_FILTER_BITS >> 3)
            self._older.execute("BEGIN")
            self._older.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?)", sorted(self._latest.items()))
            self._older.execute("COMMIT")
        for key in self._latest:
            place = hash(key) % _FILTER_BITS
            self._filter[place >> 3] |= 1 << (place & 7)
        self._latest.clear()

    def close(self) -> None:
        """Give the room back."""
        if self._older is not None:
            self._older.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ListError("temp_full", path=tempfile.gettempdir(), reason=error) from error
