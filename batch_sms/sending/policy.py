"""The policy: what an outcome means for its row and for the run. A pure function; what may be repeated is decided here alone.

A row goes out again only where its attempt certainly was not sent: the gateway throttled it or refused its timestamp, or
the request was never wholly written (reference aliyun.md, sections 3.1 and 3.5). All else that is not a clear answer is
``in_doubt``, for a person or for reconciliation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from batch_sms.model import Action, Outcome, Retry, Status

THROTTLED_TRIES = 20
"""Then a row that is throttled still, while others pass, is left for a later call."""
CONNECT_TRIES = 7
"""Then the run stops: nobody answers at that address."""
CLOCK_TRIES = 3
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10.0

_FINAL: Mapping[Action, Status] = {
    Action.OK: Status.ACCEPTED,
    Action.ROW: Status.REJECTED,
    Action.IN_DOUBT: Status.IN_DOUBT,
}


class Step(Enum):
    """What the run does next."""

    GO_ON = auto()
    RETRY = auto()
    SLOW_DOWN = auto()
    """Retry the row, and slow the whole pool."""
    HOLD = auto()
    """Retry the row, and let nothing out before it."""
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the row (``not_sent``: it waits in the ledger) and of the run; ``wait`` in seconds."""

    status: Status
    step: Step
    wait: float = 0.0


def decide(outcome: Outcome, attempt: int, faults: int, jitter: float) -> Verdict:
    """What follows from an outcome.

    ``attempt`` counts this row's tries from 1, ``faults`` the failed connections in a row of the whole run, this one
    included; ``jitter`` is a random number from 0 to 1 that keeps the waits of many rows apart.
    """
    if outcome.action in _FINAL:
        return Verdict(_FINAL[outcome.action], Step.GO_ON)
    if outcome.action is Action.STOP:
        return Verdict(Status.NOT_SENT, Step.STOP)
    if outcome.retry is Retry.CLOCK:
        return Verdict(Status.NOT_SENT, Step.RETRY if attempt < CLOCK_TRIES else Step.STOP)
    if outcome.retry is Retry.CONNECT:
        if faults >= CONNECT_TRIES:
            return Verdict(Status.NOT_SENT, Step.STOP)
        return Verdict(Status.NOT_SENT, Step.HOLD, _backoff(faults, jitter))
    if attempt >= THROTTLED_TRIES:
        return Verdict(Status.NOT_SENT, Step.GO_ON)
    wait = _backoff(attempt, jitter) if outcome.retry_after is None else outcome.retry_after * (1 + jitter / 10)
    return Verdict(Status.NOT_SENT, Step.SLOW_DOWN, wait)


def _backoff(count: int, jitter: float) -> float:
    """Half to all of a wait that doubles each time."""
    return float(min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (count - 1)) * (0.5 + jitter / 2))
