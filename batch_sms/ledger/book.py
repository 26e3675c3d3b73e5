"""The ledger: the only room that knows its SQL, and the only truth about what was sent.

One SQLite database knows every run. A run has one list at a time (a new one when a corrected list comes under the same
name), a list has rows, and a row's state moves ``pending → sending → accepted | rejected | in_doubt``, or back to
``pending`` where the attempt certainly was not sent. ``sending`` is durable before the first byte is on the wire.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Self

from batch_sms.errors import LedgerError
from batch_sms.ledger.batches import begin_all, settle_all
from batch_sms.ledger.schema import STEPS, VERSION, statements
from batch_sms.ledger.statements import BEGIN, CARRY_OVER, HOLD, REOPEN_UNSENT, SETTLE, TRIED
from batch_sms.ledger.values import (
    code_of,
    columns_of,
    record_of,
    settling,
    stamp_of,
    state_of,
    status_of,
    time_of,
    to_json,
    with_outcome,
)
from batch_sms.model import Checked, Further, Message, Pending, Record, Settled, Status

ALREADY_SENT_WITHIN = timedelta(hours=12)
_BUSY_SECONDS = 120
"""How long a write waits for another process's: the entering of a long list is one transaction."""
_WAL_TRIES = 100
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the ledger has it, with the list it is sending. ``again`` says that it was asked for with ``--again``."""

    id: int
    name: str
    again: bool
    list_id: int
    list_name: str
    fingerprint: str
    headers: tuple[str, ...]
    created_at: datetime
    output: str
    """Where its result sheet was to be written, ``""`` if nowhere."""
    finished: bool
    """Nothing was left to send, and the result sheet was in its place."""
    api: str
    """The API that it is sent by."""


class Ledger:
    """An open ledger. Not for sharing between threads: the sending's dispatcher is the one that writes."""

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

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerError("ledger_not_read", path=self.path, reason=error) from error

    def run(self, name: str) -> Run | None:
        """The run of this name, if there is one."""
        found = self._query(f"{_RUNS} WHERE run.name = ?", (name,))
        return _run(found[0]) if found else None

    def runs(self) -> list[Run]:
        """Every run, the oldest first."""
        return [_run(values) for values in self._query(f"{_RUNS} ORDER BY run.id")]

    def latest_of(self, name: str) -> tuple[Run | None, str]:
        """The run of this name, or the last of its repetitions ``name-2``, ``name-3``, …; and the next free name."""
        run, free, number = None, name, 2
        while (later := self.run(free)) is not None:
            run, free, number = later, f"{name}-{number}", number + 1
        return run, free

    def sent_elsewhere(self, identities: Iterable[bytes], run_name: str, now: datetime) -> frozenset[bytes]:
        """Those of the messages that another run sent, or may have sent, in the last 12 hours (design, section 3.4)."""
        found: set[bytes] = set()
        since = (now - ALREADY_SENT_WITHIN).timestamp()
        for some in _pages(identities):
            found.update(
                identity
                for (identity,) in self._query(
                    "SELECT DISTINCT identity FROM row JOIN list ON list.id = row.list_id JOIN run ON run.id = run_id"
                    f" WHERE identity IN ({_marks(some)}) AND {TRIED} AND state <> 'rejected'"
                    " AND sent_at >= ? AND run.name <> ?",
                    (*some, since, run_name),
                )
            )
        return frozenset(found)

    def enter(
        self,
        name: str,
        list_name: str,
        fingerprint: str,
        headers: Sequence[str],
        rows: Iterable[Checked],
        *,
        now: datetime,
        again: bool = False,
        output: str = "",
        api: str = "send-inter-sms",
    ) -> Run:
        """Put a checked list under this run in one transaction: from here on the list itself is not needed.

        What became of equal messages (identity and occurrence) in the run's earlier lists is carried over.
        """
        mark = secrets.token_hex(4)
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO run (name, again, created_at) VALUES (?, ?, ?)", (name, again, stamp_of(now))
            )
            run_id, old_list = db.execute("SELECT id, list_id FROM run WHERE name = ?", (name,)).fetchone()
            list_id = db.execute(
                "INSERT INTO list (run_id, name, fingerprint, headers, entered_at, output, api) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, list_name, fingerprint, to_json(headers), stamp_of(now), output, api),
            ).lastrowid
            db.executemany(
                "INSERT INTO row (list_id, number, cells, problems, identity, occurrence, phone, national, country, sign,"
                " template, params, out_id, state, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                ((list_id, *columns_of(checked, mark)) for checked in rows),
            )
            if old_list is not None:
                db.execute(CARRY_OVER, {"run_id": run_id, "new": list_id})
            db.execute("UPDATE run SET list_id = ? WHERE id = ?", (list_id, run_id))
        run = self.run(name)
        assert run is not None
        return run

    def recover(self, run: Run, kept: Iterable[Settled] = ()) -> int:
        """Rows found ``sending`` when nobody sends are in doubt: the process died over them. Returns how many.

        But not those whose outcome was ``kept`` elsewhere, because the ledger could not take it.
        """
        with self._transaction() as db:
            db.executemany(f"{SETTLE} AND state = 'sending'", (settling(end) for end in kept))
        return self._update(run, "state = 'in_doubt', code = 'run.CRASHED'", "state = 'sending'")

    def reopen(self, run: Run, status: Status) -> int:
        """Let the rejected, or the in-doubt, rows be sent anew. Returns how many."""
        return self._update(run, "state = 'pending'", f"state = '{status.value}'")

    def _update(self, run: Run, change: str, where: str) -> int:
        with self._transaction() as db:
            return db.execute(f"UPDATE row SET {change} WHERE list_id = ? AND {where}", (run.list_id,)).rowcount

    def reopen_unsent_elsewhere(self, run: Run) -> int:
        """Let rows be sent that were held back for another run, which then did not send them. Returns how many."""
        facts = {"list_id": run.list_id, "run_id": run.id, "since": 0}
        with self._transaction() as db:
            return db.execute(REOPEN_UNSENT, facts).rowcount

    def finish(self, run: Run) -> None:
        """Note that the run is over, its result sheet included."""
        with self._transaction() as db:
            db.execute("UPDATE list SET finished = 1 WHERE id = ?", (run.list_id,))

    def leave(self, run: Run, code: str, message: str) -> None:
        """Note why rows of this run are left unsent, for their line in the result sheet."""
        with self._transaction() as db:
            db.execute("UPDATE list SET left_code = ?, left_message = ? WHERE id = ?", (code, message, run.list_id))

    def count_waiting(self, run: Run, limit: int | None, statuses: Sequence[Status]) -> int:
        """How many messages have one of these statuses, among the first ``limit`` sendable ones."""
        states = [state_of(status) for status in statuses]
        ((count,),) = self._query(
            f"SELECT count(*) FROM row WHERE list_id = ? AND id <= ? AND state IN ({_marks(states)})",
            (run.list_id, self._last(run, limit), *states),
        )
        return int(count)

    def tried(self, run: Run, but: Sequence[Status], identities: Iterable[bytes]) -> frozenset[tuple[bytes, int]]:
        """Those of the messages, by identity and occurrence, that were tried in the run's lists; not those of some statuses."""
        states = [state_of(status) for status in but]
        found: set[tuple[bytes, int]] = set()
        for some in _pages(identities):
            found.update(
                self._query(
                    "SELECT identity, occurrence FROM"  # what stands beside max() is of the row that has it
                    " (SELECT identity, occurrence, state, max(row.id) FROM row JOIN list ON list.id = list_id"
                    f" WHERE identity IN ({_marks(some)}) AND run_id = ? AND {TRIED} GROUP BY identity, occurrence)"
                    f" WHERE state NOT IN ({_marks(states)})",
                    (*some, run.id, *states),
                )
            )
        return frozenset(found)

    def pending(self, run: Run, limit: int | None = None) -> Iterator[Pending]:
        """The messages that wait, in the list's order, read by the page; at most the first ``limit`` sendable rows."""
        last, after = self._last(run, limit), 0
        while page := self._query(
            "SELECT id, number, attempts, phone, national, country, sign, template, params, out_id FROM row"
            " WHERE list_id = ? AND state = 'pending' AND id > ? AND id <= ? ORDER BY id LIMIT ?",
            (run.list_id, after, last, _PAGE),
        ):
            for row_id, number, attempts, *message in page:
                yield Pending(row_id, number, attempts, Message(*message))
            after = page[-1][0]

    def _last(self, run: Run, limit: int | None) -> int:
        everything = (1 << 63) - 1
        if limit is None:
            return everything
        found = self._query(
            "SELECT id FROM row WHERE list_id = ? AND state NOT IN ('invalid', 'skipped') ORDER BY id LIMIT 1 OFFSET ?",
            (run.list_id, limit - 1),
        )
        return int(found[0][0]) if found else everything

    def record(self, run: Run, begun: Sequence[Pending], ended: Sequence[Settled], now: datetime) -> frozenset[int]:
        """Make outcomes and intents durable in one commit; what it returns (ids) must not be sent, all else now may.

        Held back is a row that another run has sent meanwhile, and one that is not pending any more.
        """
        self._check_file()
        since = 1e18 if run.again else (now - ALREADY_SENT_WITHIN).timestamp()
        held = set()
        with self._transaction() as db:
            settle_all(db, ended)
            if begin_all(db, begun, stamp_of(now), since, run.id):
                return frozenset()
            for pending in begun:
                facts = {"id": pending.id, "now": stamp_of(now), "since": since, "run_id": run.id}
                if not db.execute(BEGIN, facts).rowcount:
                    db.execute(HOLD, facts)
                    held.add(pending.id)
        return frozenset(held)

    def counts(self, run: Run, kept: Mapping[int, Settled] | None = None) -> Counter[tuple[Status, str, str]]:
        """How many rows there are of each status, code and country; with the outcomes ``kept`` for them elsewhere."""
        rows = self._query(
            "SELECT state, code, coalesce(country, ''), count(*) FROM row WHERE list_id = ? GROUP BY 1, 2, 3",
            (run.list_id,),
        )
        left_code, _ = self._left(run)
        counts: Counter[tuple[Status, str, str]] = Counter()
        for state, code, country, count in rows:
            counts[status_of(state), code_of(state, code, left_code), country] += count
        for row_id, end in (kept or {}).items():
            for state, code, country in self._query(
                "SELECT state, code, coalesce(country, '') FROM row WHERE list_id = ? AND id = ?", (run.list_id, row_id)
            ):
                counts[status_of(state), code_of(state, code, left_code), country] -= 1
                counts[end.status, end.code, country] += 1
        return +counts

    def records(self, run: Run, kept: Mapping[int, Settled] | None = None) -> Iterator[Record]:
        """Every row of the run's list in its order, as it stands now; with the outcomes ``kept`` for it elsewhere."""
        left, kept = self._left(run), kept or {}
        after = 0
        while page := self._query(
            "SELECT id, number, cells, problems, state, code, biz_id, message, request_id, attempts, sent_at, out_id,"
            " phone, country, segments, delivery, delivery_code, delivered_at"
            " FROM row WHERE list_id = ? AND id > ? ORDER BY id LIMIT ?",
            (run.list_id, after, _PAGE),
        ):
            for values in page:
                record = record_of(values, *left)
                yield with_outcome(record, kept[values[0]]) if kept and values[0] in kept else record
            after = page[-1][0]

    def further(self, run: Run, kept: Mapping[int, Settled] | None = None) -> frozenset[Further]:
        """What the run knows beside what every run knows, for its result sheet."""
        ((most, last),) = self._query("SELECT max(segments), max(delivery) FROM row WHERE list_id = ?", (run.list_id,))
        segments = most or any(outcome.segments for outcome in (kept or {}).values())
        known = {Further.DELIVERY: last, Further.SEGMENTS: segments}
        return frozenset(further for further, is_known in known.items() if is_known)

    def _left(self, run: Run) -> tuple[str, str]:
        ((code, message),) = self._query("SELECT left_code, left_message FROM list WHERE id = ?", (run.list_id,))
        return code or "run.STOPPED", message


_RUNS = (
    "SELECT run.id, run.name, again, list.id, list.name, fingerprint, headers, created_at, output, finished,"
    " api"
    " FROM run JOIN list ON list.id = run.list_id"
)


def _run(values: tuple[Any, ...]) -> Run:
    run_id, name, again, list_id, list_name, fingerprint, headers, created_at, output, finished, api = values
    names = tuple(json.loads(headers))
    begun = time_of(created_at)
    return Run(run_id, name, bool(again), list_id, list_name, fingerprint, names, begun, output, bool(finished), api)


def _pages(identities: Iterable[bytes]) -> Iterator[list[bytes]]:
    """So many at once as a statement takes."""
    rest = iter(identities)
    while some := list(islice(rest, _PAGE // 2)):
        yield some


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
