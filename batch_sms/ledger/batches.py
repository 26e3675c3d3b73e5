"""Intents and outcomes by the batch: many rows in one statement.

Each statement costs a wait for the interpreter's lock, which is long while many threads are busy; the rows in it cost little.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from batch_sms.ledger.statements import BEGIN, SENT_ELSEWHERE
from batch_sms.ledger.values import state_of, to_json
from batch_sms.model import Pending, Settled

_MANY = "id IN (SELECT value FROM json_each(:ids))"
BEGIN_MANY = BEGIN.replace("id = :id", _MANY, 1)
COUNT_FREE = f"SELECT count(*) FROM row WHERE {_MANY} AND state = 'pending' AND NOT {SENT_ELSEWHERE}"
_SIZES = (64, 8, 1)
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


def begin_all(db: sqlite3.Connection, begun: Sequence[Pending], now: float, since: float, run_id: int) -> bool:
    """Note intents; False, and nothing done, where one of the rows must be held back."""
    if not begun:
        return True
    facts = {"ids": to_json([pending.id for pending in begun]), "now": now, "since": since, "run_id": run_id}
    if db.execute(COUNT_FREE, facts).fetchone() != (len(begun),):
        return False
    db.execute(BEGIN_MANY, facts)
    return True
