"""What waits in the ledger to be sent: counted, and read in the list's order, all of it or by the zones that phones may be in."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from heapq import merge

from batch_sms.ledger.database import Database
from batch_sms.ledger.runs import Run
from batch_sms.ledger.values import marks, state_of
from batch_sms.model import Message, Pending, Status

_PAGE = 1000
_SMALL_PAGE = 50
"""Where many queues are read side by side."""


class Waiting(Database):
    """The ledger's rows as queues."""

    def count_waiting(self, run: Run, limit: int | None, statuses: Sequence[Status]) -> int:
        """How many messages have one of these statuses, among the first ``limit`` sendable ones."""
        states = [state_of(status) for status in statuses]
        ((count,),) = self._query(
            f"SELECT count(*) FROM row WHERE list_id = ? AND id <= ? AND state IN ({marks(states)})",
            (run.list_id, self._last(run, limit), *states),
        )
        return int(count)

    def pending(self, run: Run, limit: int | None = None) -> Iterator[Pending]:
        """The messages that wait, in the list's order, read by the page; at most the first ``limit`` sendable rows."""
        return self._waiting(run, self._last(run, limit), "", (), _PAGE)

    def pending_in(self, run: Run, limit: int | None, zones: Collection[tuple[str, ...]]) -> Iterator[Pending]:
        """Those of them whose phones have one of these sets of zones, in the list's order too."""
        last, size = self._last(run, limit), _PAGE if len(zones) == 1 else _SMALL_PAGE
        place = " AND zones_id = (SELECT id FROM zones WHERE names = ?)"
        queues = (self._waiting(run, last, place, (_names(names),), size) for names in zones)
        return merge(*queues, key=lambda pending: pending.id)

    def _waiting(self, run: Run, last: int, place: str, values: tuple[object, ...], size: int) -> Iterator[Pending]:
        after = 0
        while page := self._query(
            "SELECT id, number, attempts, phone, national, country, sign, template, params, out_id FROM row"
            f" WHERE list_id = ?{place} AND state = 'pending' AND id > ? AND id <= ? ORDER BY id LIMIT ?",
            (run.list_id, *values, after, last, size),
        ):
            for row_id, number, attempts, *message in page:
                yield Pending(row_id, number, attempts, Message(*message))
            after = page[-1][0]

    def zones_waiting(self, run: Run, limit: int | None) -> set[tuple[str, ...]]:
        """The sets of zones that the phones of waiting messages may be in."""
        found = self._query(
            "SELECT names FROM zones WHERE EXISTS (SELECT 1 FROM row INDEXED BY row_waiting"
            " WHERE list_id = ? AND state = 'pending' AND zones_id = zones.id AND row.id <= ?)",
            (run.list_id, self._last(run, limit)),
        )
        return {tuple(names.split()) for (names,) in found}

    def waiting_by_country(self, run: Run, limit: int | None) -> dict[tuple[str, tuple[str, ...]], int]:
        """How many messages wait, by country and by the zones that their phones may be in."""
        found = self._query(
            "SELECT country, coalesce(names, ''), count(*) FROM row LEFT JOIN zones ON zones.id = zones_id"
            " WHERE list_id = ? AND state = 'pending' AND row.id <= ? GROUP BY 1, 2",
            (run.list_id, self._last(run, limit)),
        )
        return {(country, tuple(names.split())): count for country, names, count in found}

    def _last(self, run: Run, limit: int | None) -> int:
        everything = (1 << 63) - 1
        if limit is None:
            return everything
        found = self._query(
            "SELECT id FROM row WHERE list_id = ? AND state NOT IN ('invalid', 'skipped') ORDER BY id LIMIT 1 OFFSET ?",
            (run.list_id, limit - 1),
        )
        return int(found[0][0]) if found else everything


class Places:
    """The sets of zones that phones may be in: each stands in the ledger once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._ids: dict[tuple[str, ...], int] = {}

    def id_of(self, zones: tuple[str, ...]) -> int | None:
        """The id of a set; None for none."""
        if zones and zones not in self._ids:
            self._db.execute("INSERT OR IGNORE INTO zones (names) VALUES (?)", (_names(zones),))
            ((self._ids[zones],),) = self._db.execute("SELECT id FROM zones WHERE names = ?", (_names(zones),))
        return self._ids.get(zones)


def _names(zones: tuple[str, ...]) -> str:
    return " ".join(zones)
