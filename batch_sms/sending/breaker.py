"""The breaker: stops a run that fails in one way over and over, before a whole list is burned on it."""

from __future__ import annotations

from dataclasses import replace

from batch_sms.model import Attempt, Status

_FAILED = {Status.REJECTED, Status.IN_DOUBT}


class Breaker:
    """Trips when ``threshold`` rows end alike (status and code), one after the other; 0 never trips.

    Once something was accepted, refusals have to be twice as many: they may be the rows' own fault. Rows that such a refusal hit
    are certainly not sent, and their cause is a common one: they go back to ``not_sent``, for when it is mended.
    """

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._alike: list[Attempt] = []
        self._accepted = False
        self.tripped_by: Attempt | None = None

    def judged(self, attempt: Attempt) -> list[Attempt]:
        """What is to be recorded for an attempt: itself, and what the tripping of the breaker changes about earlier ones."""
        if attempt.status is Status.NOT_SENT:
            return [attempt]
        if attempt.status not in _FAILED:
            self._accepted, self._alike = True, []
            return [attempt]
        if self.tripped_by is not None:
            return [_reopened(attempt) if _like(attempt, self.tripped_by) else attempt]
        if self._alike and not _like(attempt, self._alike[0]):
            self._alike = []
        self._alike.append(attempt)
        patience = 2 if self._accepted and attempt.status is Status.REJECTED else 1
        if not self._threshold or len(self._alike) < self._threshold * patience:
            return [attempt]
        self.tripped_by = attempt
        return [_reopened(other) for other in self._alike]


def _like(one: Attempt, other: Attempt) -> bool:
    return one.status is other.status and _code(one) == _code(other)


def _code(attempt: Attempt) -> str:
    return attempt.outcome.code if attempt.outcome is not None else ""


def _reopened(attempt: Attempt) -> Attempt:
    return replace(attempt, status=Status.NOT_SENT) if attempt.status is Status.REJECTED else attempt
