"""The tally: how many attempts went out when, over all runs of a ledger. By it caps on an hour or a day hold across restarts.

An attempt counts from its intent on, which is durable before it goes; where it certainly was not sent, it is taken back.
Attempts are counted by slots of ten seconds. A slot leaves the time of a cap when its last attempt does, and as much later
again as an attempt may take to reach the gateway: so a cap is never exceeded there either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from batch_sms.ledger.statements import TRIED
from batch_sms.ledger.values import to_json
from batch_sms.model import Cap, Settled, Status

_SLOT = 10
"""Seconds."""
GIVE_BACK = f"""
UPDATE tally SET count = tally.count - back.count
FROM (SELECT CAST(sent_at / {_SLOT} AS INTEGER) AS slot, count(*) AS count FROM row
      WHERE id IN (SELECT value FROM json_each(?)) AND {TRIED} GROUP BY 1) AS back
WHERE tally.slot = back.slot
"""
_KEPT = 2 * 86400
"""Seconds; no cap looks back so far."""

Query = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]


def count(db: sqlite3.Connection, attempts: int, now: float) -> None:
    """Count attempts that may go out from now on."""
    if not attempts:
        return
    slot = int(now // _SLOT)
    if db.execute("UPDATE tally SET count = count + ? WHERE slot = ?", (attempts, slot)).rowcount:
        return
    db.execute("INSERT INTO tally (slot, count) VALUES (?, ?)", (slot, attempts))
    db.execute("DELETE FROM tally WHERE slot < ?", (slot - _KEPT // _SLOT,))


def give_back(db: sqlite3.Connection, ended: Iterable[Settled]) -> None:
    """Take back the attempts that certainly were not sent. To be called before their rows' state is changed."""
    last = {end.id: end.status for end in ended}
    if ids := [row_id for row_id, status in last.items() if status is Status.NOT_SENT]:
        db.execute(GIVE_BACK, (to_json(ids),))


def room(query: Query, caps: Iterable[Cap], now: float) -> float:
    """How many attempts the caps let go now; infinite without any."""
    rooms = [float("inf")]
    for cap in caps:
        ((counted,),) = query("SELECT coalesce(sum(count), 0) FROM tally WHERE slot > ?", (_last_gone(cap, now),))
        rooms.append(cap.count - counted)
    return min(rooms)


def free_at(query: Query, caps: Iterable[Cap], now: float) -> float:
    """The moment from which the caps let an attempt go: now, or when enough of those that count have become too old."""
    moments = [now]
    for cap in caps:
        slots = query(
            "SELECT slot, count FROM tally WHERE slot > ? AND count > 0 ORDER BY slot", (_last_gone(cap, now),)
        )
        left = sum(counted for _, counted in slots)
        for slot, counted in slots:
            if left < cap.count:
                break
            left -= counted
            moments.append(_end(slot) + cap.seconds)
    return max(moments)


def spent(query: Query, caps: Sequence[Cap], now: float) -> list[tuple[float, int]]:
    """What the caps count, as moments and attempts."""
    longest = max(caps, key=lambda cap: cap.seconds)
    slots = query("SELECT slot, count FROM tally WHERE slot > ? ORDER BY slot", (_last_gone(longest, now),))
    return [(_end(slot), counted) for slot, counted in slots]


def _end(slot: int) -> float:
    """The moment at which the attempts of a slot have certainly gone out."""
    return (slot + 2) * _SLOT


def _last_gone(cap: Cap, now: float) -> float:
    """The last slot that a cap counts no more; a fraction of it is left to the comparison."""
    return (now - cap.seconds) / _SLOT - 2
