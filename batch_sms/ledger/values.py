"""How our data stands in the ledger's columns, and back."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from batch_sms.model import Checked, Delivery, Problem, Record, Row, Settled, Status


def columns_of(checked: Checked, mark: str) -> tuple[object, ...]:
    """A checked row as the columns that ``enter`` fills, from ``number`` to ``code``."""
    row, message = checked.row, checked.message
    problems = to_json([asdict(problem) for problem in checked.problems]) if checked.problems else ""
    start = (row.number, to_json(row.cells), problems)
    if message is None:
        return (*start, *(None,) * 9, Status.INVALID.value, checked.problems[0].code)
    state = Status.SKIPPED.value if checked.skip else "pending"
    sent = (message.phone, message.national, message.country, message.sign, message.template, message.params)
    out_id = message.out_id or f"{mark}-{row.number}"
    return (*start, checked.identity, checked.occurrence, *sent, out_id, state, checked.skip)


def record_of(values: tuple[Any, ...], left_code: str, left_message: str) -> Record:
    """A row of the table as a record; ``left_*`` say why rows that were not tried are left."""
    _, number, cells, problems, state, code, biz_id, message, *rest = values
    request_id, attempts, sent_at, out_id, phone, country, segments, delivery, delivery_code, delivered_at = rest
    untried = state == "pending" and not code
    return Record(
        row=Row(number, tuple(json.loads(cells))),
        status=status_of(state),
        code=code_of(state, code, left_code),
        problems=tuple(Problem(**problem) for problem in json.loads(problems)) if problems else (),
        biz_id=biz_id,
        message=left_message if untried else message,
        request_id=request_id,
        attempts=attempts,
        sent_at=time_of(sent_at) if sent_at is not None else None,
        out_id=out_id or "",
        phone=phone or "",
        country=country or "",
        segments=segments,
        delivery=Delivery(delivery) if delivery else None,
        delivery_code=delivery_code,
        delivered_at=time_of(delivered_at) if delivered_at else None,
    )


def with_outcome(record: Record, kept: Settled) -> Record:
    """A record as it will stand when an outcome that the ledger could not take is entered."""
    return replace(
        record,
        status=kept.status,
        code=kept.code,
        biz_id=kept.biz_id,
        message=kept.message,
        request_id=kept.request_id,
        segments=kept.segments,
    )


def settling(end: Settled) -> dict[str, object]:
    """An outcome as the names that the statement SETTLE takes."""
    return {
        "id": end.id,
        "state": state_of(end.status),
        "code": end.code,
        "biz_id": end.biz_id,
        "message": end.message,
        "request_id": end.request_id,
        "tried": end.tried,
        "segments": end.segments,
    }


def status_of(state: str) -> Status:
    """The status that a state is to the outside: ``sending`` without a sender is in doubt."""
    if state == "pending":
        return Status.NOT_SENT
    return Status.IN_DOUBT if state == "sending" else Status(state)


def state_of(status: Status) -> str:
    """The ledger's word for a status."""
    return "pending" if status is Status.NOT_SENT else status.value


def code_of(state: str, code: str, left_code: str) -> str:
    """The code that goes with it."""
    if state == "sending":
        return "run.CRASHED"
    return code or (left_code if state == "pending" else "")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: object) -> str:
    """Compact JSON, Chinese as it is."""
    return _encode(value)


def stamp_of(moment: datetime) -> float:
    """Seconds since 1970."""
    return moment.timestamp()


def time_of(stamp: float) -> datetime:
    """The moment, with the local offset."""
    return datetime.fromtimestamp(stamp).astimezone()


def marks(values: Collection[object]) -> str:
    """A question mark for each value."""
    return ",".join("?" * len(values))
