"""The breaker, as a table: a letter an attempt, in the order of their coming."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batch_sms.model import Action, Attempt, Message, Outcome, Pending, Status
from batch_sms.sending.breaker import Breaker

AT = datetime(2026, 1, 2, tzinfo=UTC)
MESSAGE = Message("+85291234567", "91234567", "HK", "ACME", "SMS_1", "", "1")
KINDS = {
    "a": (Status.ACCEPTED, Action.OK, "OK"),
    "r": (Status.REJECTED, Action.ROW, "isv.SMS_TEMPLATE_ILLEGAL"),
    "m": (Status.REJECTED, Action.ROW, "isv.MOBILE_NUMBER_ILLEGAL"),
    "d": (Status.IN_DOUBT, Action.IN_DOUBT, "net.READ_TIMEOUT"),
    "t": (Status.NOT_SENT, Action.RETRY, "Throttling.User"),
}


def attempts(letters: str) -> list[Attempt]:
    return [
        Attempt(Pending(n, n, 0, MESSAGE), Outcome(action, code, AT), status)
        for n, (status, action, code) in enumerate((KINDS[letter] for letter in letters), 1)
    ]


def after(letters: str, threshold: int) -> tuple[int | None, dict[int, Status]]:
    """Which attempt tripped it, and the last status recorded for each row."""
    breaker, tripped, statuses = Breaker(threshold), None, {}
    for attempt in attempts(letters):
        for change in breaker.judged(attempt):
            statuses[change.pending.id] = change.status
        if tripped is None and breaker.tripped_by is not None:
            tripped = attempt.pending.id
    return tripped, statuses


@pytest.mark.parametrize(
    ("letters", "threshold", "trips_at"),
    [
        ("rrr", 3, 3),
        ("rr", 3, None),
        ("rmr", 3, None),
        ("rmrrr", 3, 5),
        ("trtrtr", 3, 6),
        ("arrrrr", 3, None),
        ("arrrrrr", 3, 7),
        ("addd", 3, 4),
        ("ddadd", 3, None),
        ("ddrdd", 3, None),
        ("rrrrrr", 0, None),
        ("r", 1, 1),
    ],
)
def test_when_it_trips(letters: str, threshold: int, trips_at: int | None) -> None:
    assert after(letters, threshold)[0] == trips_at


def test_rows_refused_for_a_common_cause_wait_again() -> None:
    _, statuses = after("mrrrr", 3)
    assert statuses == {1: Status.REJECTED, **dict.fromkeys(range(2, 6), Status.NOT_SENT)}


def test_rows_in_doubt_stay_in_doubt() -> None:
    _, statuses = after("dddd", 3)
    assert set(statuses.values()) == {Status.IN_DOUBT}
