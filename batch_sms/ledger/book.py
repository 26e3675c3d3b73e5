"""The ledger: the only room that knows its SQL, and the only truth about what was sent.

One SQLite database knows every run. A run has one list at a time (a new one when a corrected list comes under the same
name), a list has rows, and a row's state moves ``pending → sending → accepted | rejected | in_doubt``, or back to
``pending`` where the attempt certainly was not sent. ``sending`` is durable before the first byte is on the wire.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from batch_sms.ledger import tally
from batch_sms.ledger.batches import begin_all, begin_each, settle_all
from batch_sms.ledger.other_runs import OtherRuns, since, there
from batch_sms.ledger.runs import RUNS, Run, run_of
from batch_sms.ledger.statements import (
    CARRY_OVER,
    LIMIT_RECIPIENTS,
    PER_RECIPIENT,
    REOPEN_UNSENT,
    SENT_TO,
    SETTLE,
)
from batch_sms.ledger.values import (
    code_of,
    columns_of,
    marks,
    record_of,
    settling,
    stamp_of,
    status_of,
    to_json,
    with_outcome,
)
from batch_sms.ledger.waiting import Places
from batch_sms.model import Cap, Checked, Fault, Further, Limits, Pending, Record, Settled, Status

_NO_LIMITS = Limits()
_PAGE = 1000


class Ledger(OtherRuns):
    """An open ledger."""

    def run(self, name: str) -> Run | None:
        """The run of this name, if there is one."""
        found = self._query(f"{RUNS} WHERE run.name = ?", (name,))
        return run_of(found[0]) if found else None

    def runs(self) -> list[Run]:
        """Every run, the oldest first."""
        return [run_of(values) for values in self._query(f"{RUNS} ORDER BY run.id")]

    def latest_of(self, name: str) -> tuple[Run | None, str]:
        """The run of this name, or the last of its repetitions ``name-2``, ``name-3``, …; and the next free name."""
        run, free, number = None, name, 2
        while (later := self.run(free)) is not None:
            run, free, number = later, f"{name}-{number}", number + 1
        return run, free

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

        What became of equal messages (identity and occurrence) in the run's earlier lists is carried over; and what became of the
        same rows that went out by an API of the other kind.
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
            places = Places(db)
            db.executemany(
                "INSERT INTO row (list_id, zones_id, number, cells, problems, identity, occurrence, phone, national,"
                f" country, sign, template, params, out_id, state, code) VALUES ({marks(range(16))})",
                ((list_id, places.id_of(checked.zones), *columns_of(checked, mark)) for checked in rows),
            )
            if old_list is not None:
                db.execute(CARRY_OVER, {"run_id": run_id, "new": list_id, "api": api})
            db.execute("UPDATE run SET list_id = ? WHERE id = ?", (list_id, run_id))
        run = self.run(name)
        assert run is not None
        return run

    def recover(self, run: Run, kept: Iterable[Settled] = ()) -> int:
        """Rows found ``sending`` when nobody sends are in doubt: the process died over them. Returns how many.

        But not those whose outcome was ``kept`` elsewhere, because the ledger could not take it.
        """
        ended = list(kept)
        with self._transaction() as db:
            tally.give_back(db, ended)
            db.executemany(f"{SETTLE} AND state = 'sending'", (settling(end) for end in ended))
        return self._update(run, "state = 'in_doubt', code = 'run.CRASHED'", "state = 'sending'")

    def reopen(self, run: Run, status: Status) -> int:
        """Let the rejected, or the in-doubt, rows be sent anew. Returns how many."""
        return self._update(run, "state = 'pending'", f"state = '{status.value}'")

    def _update(self, run: Run, change: str, where: str) -> int:
        with self._transaction() as db:
            return db.execute(f"UPDATE row SET {change} WHERE list_id = ? AND {where}", (run.list_id,)).rowcount

    def reopen_unsent_elsewhere(self, run: Run) -> int:
        """Let rows be sent that were held back for another run, which then did not send them. Returns how many."""
        facts = {"list_id": run.list_id, "since": 0, **there(run)}
        with self._transaction() as db:
            return db.execute(REOPEN_UNSENT, facts).rowcount

    def limit_recipients(self, run: Run, cap: Cap | None, now: datetime) -> None:
        """Hold back the waiting rows with which a phone would get more than it may, and let go those that are within it now."""
        facts = {"list_id": run.list_id, "code": PER_RECIPIENT}
        with self._transaction() as db:
            db.execute(
                "UPDATE row SET state = 'pending', code = '' WHERE list_id = :list_id AND state = 'skipped' AND code = :code",
                facts,
            )
            if cap is not None:
                db.execute(LIMIT_RECIPIENTS, {**facts, "most": cap.count, "since": stamp_of(now) - cap.seconds})

    def sent_to(self, phones: Iterable[str], cap: Cap, now: datetime) -> dict[str, int]:
        """How many messages phones got, or may have got, within the time of a cap; those that got none are left out."""
        found: dict[str, int] = {}
        waiting = iter(phones)
        since = stamp_of(now) - cap.seconds
        while some := list(islice(waiting, _PAGE)):
            phones_and_counts = self._query(
                f"SELECT phone, {SENT_TO} FROM (SELECT value AS phone FROM json_each(:phones)) AS row",
                {"phones": to_json(some), "since": since},
            )
            found.update((phone, count) for phone, count in phones_and_counts if count)
        return found

    def finish(self, run: Run) -> None:
        """Note that the run is over, its result sheet included."""
        with self._transaction() as db:
            db.execute("UPDATE list SET finished = 1 WHERE id = ?", (run.list_id,))

    def leave(self, run: Run, code: str, message: str) -> None:
        """Note why rows of this run are left unsent, for their line in the result sheet."""
        with self._transaction() as db:
            db.execute("UPDATE list SET left_code = ?, left_message = ? WHERE id = ?", (code, message, run.list_id))

    def record(
        self,
        run: Run,
        begun: Sequence[Pending],
        ended: Sequence[Settled],
        now: datetime,
        limits: Limits = _NO_LIMITS,
    ) -> frozenset[int]:
        """Make outcomes and intents durable in one commit; what it returns (ids) must not be sent, all else now may.

        Held back is a row that another run has sent meanwhile, one whose phone has got what it may get, one that is not
        pending any more; and what the caps don't let go now stays pending.
        """
        self._check_file()
        held: frozenset[int] = frozenset()
        with self._transaction() as db:
            tally.give_back(db, ended)
            settle_all(db, ended)
            room = tally.room(self._query, limits.caps, stamp_of(now)) if begun else 0
            at_once = limits.per_recipient is None and room >= len(begun)
            facts = {"now": stamp_of(now), "since": since(None if run.again else now), **there(run)}
            if not (at_once and begin_all(db, begun, facts)):
                held = begin_each(db, begun, facts, room, limits.per_recipient)
            tally.count(db, len(begun) - len(held), stamp_of(now))
        return held

    def room(self, caps: Sequence[Cap], now: datetime) -> float:
        """How many messages the caps let go now."""
        return tally.room(self._query, caps, stamp_of(now))

    def free_at(self, caps: Sequence[Cap], now: datetime) -> float:
        """The moment (since 1970) from which the caps let a message go; it may be gone by."""
        return tally.free_at(self._query, caps, stamp_of(now))

    def spent(self, caps: Sequence[Cap], now: datetime) -> list[tuple[float, int]]:
        """What the caps count now: moments (since 1970), and how many attempts at each."""
        return tally.spent(self._query, caps, stamp_of(now))

    def fault(self) -> Fault | None:
        """The fault of the account that a call ended with, if none has gone well since."""
        found = self._query("SELECT code, message FROM account_fault")
        return Fault(*found[0]) if found else None

    def note_fault(self, fault: Fault | None) -> None:
        """Remember a fault of the account, or forget it."""
        with self._transaction() as db:
            db.execute("DELETE FROM account_fault")
            if fault is not None:
                db.execute("INSERT INTO account_fault (code, message) VALUES (?, ?)", (fault.code, fault.message))

    def counts(
        self, run: Run, kept: Mapping[int, Settled] | None = None, *, held: bool = False
    ) -> Counter[tuple[Status, str, str]]:
        """How many rows there are of each status, code and country; with the outcomes ``kept`` for them elsewhere.

        Rows on their way are not sent yet while the run is ``held``.
        """
        rows = self._query(
            "SELECT state, code, coalesce(country, ''), count(*) FROM row WHERE list_id = ? GROUP BY 1, 2, 3",
            (run.list_id,),
        )
        left_code, _ = self._left(run)
        counts: Counter[tuple[Status, str, str]] = Counter()
        for found, code, country, count in rows:
            state = "pending" if held and found == "sending" else found
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
