"""Intents and outcomes by the batch: many rows in one statement.

Each statement costs a wait for the interpreter's lock, which is long while many threads are busy; the rows in it cost little.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from batch_sms.ledger.statements import BEGIN, HOLD, HOLD_ENOUGH, PER_RECIPIENT, SENT_ELSEWHERE
from batch_sms.ledger.values import state_of, to_json
from batch_sms.model import Cap, Pending, Settled

_MANY = "id IN (SELECT value FROM json_each(:ids))"
BEGIN_MANY = BEGIN.replace("id = :id", _MANY, 1)
COUNT_FREE = f"SELECT count(*) FROM row WHERE {_MANY} AND state = 'pending' AND NOT {SENT_ELSEWHERE}"
_SIZES = (64, 16, 4, 1)
"""How many outcomes one statement notes: few sizes, so that each is prepared once."""
SETTLE_MANY = {
    size: "UPDATE row SET state = said.column2, code = said.column3, biz_id = said.column4, message = said.column5,"
    " request_id = said.column6, attempts = attempts - (1 - said.column7), segments = said.column8"
    f" FROM (VALUES {','.join(['(?, ?, ?, ?, ?, ?, ?, ?)'] * size)}) AS said WHERE row.id = said.column1"
    for size in _SIZES
}


def settle_all(db: sqlite3.Connection, ended: Iterable[Settled]) -> None:
    """Note outcomes. Of two for one row the last counts: the breaker takes back what was said before."""
    rows = [
        (end.id, state_of(end.status), end.code, end.biz_id, end.message, end.request_id, end.tried, end.segments)
        for end in {end.id: end for end in ended}.values()
    ]
    for size in _SIZES:
        while len(rows) >= size:
            db.execute(SETTLE_MANY[size], [value for row in rows[:size] for value in row])
            del rows[:size]


def begin_all(db: sqlite3.Connection, begun: Sequence[Pending], facts: Mapping[str, object]) -> bool:
    """Note intents (``facts`` are those of BEGIN); False, and nothing done, where one of the rows must be held back."""
    if not begun:
        return True
    of_all = {"ids": to_json([pending.id for pending in begun]), **facts}
    if db.execute(COUNT_FREE, of_all).fetchone() != (len(begun),):
        return False
    db.execute(BEGIN_MANY, of_all)
    return True


def begin_each(
    db: sqlite3.Connection,
    begun: Sequence[Pending],
    facts: Mapping[str, object],
    room: float,
    per_recipient: Cap | None,
) -> frozenset[int]:
    """Note intents one by one, ``room`` of them at most; returns the ids of those that are held back, or have no room."""
    held = set()
    for pending in begun:
        of_one = {"id": pending.id, **facts}
        if room < 1:
            held.add(pending.id)
        elif _has_enough(db, per_recipient, of_one) or not db.execute(BEGIN, of_one).rowcount:
            db.execute(HOLD, of_one)
            held.add(pending.id)
        else:
            room -= 1
    return frozenset(held)


def _has_enough(db: sqlite3.Connection, cap: Cap | None, facts: Mapping[str, object]) -> bool:
    """Whether a row's phone has got what it may get; then the row is held back for that."""
    if cap is None:
        return False
    limit = {"code": PER_RECIPIENT, "most": cap.count, "within": cap.seconds}
    return bool(db.execute(HOLD_ENOUGH, {**facts, **limit}).rowcount)
