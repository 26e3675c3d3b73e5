"""The pacer: when the next message may go. Pure: it is told the time and answers with a new pace and a slot.

Messages are spaced evenly, one interval apart. A slot that was missed is made up for only within a moment (``catch_up``):
so the mean rate holds in spite of small delays, and a stall is never followed by a burst. When the gateway throttles, the
rate falls by a factor and comes back by a fixed share a second (multiplicative decrease, additive increase).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

_LEAST_CATCH_UP, _MOST_CATCH_UP = 0.0125, 0.05
WINDOW = 1.0
"""Seconds over which answers are counted before the rate is judged anew."""
_FEWEST_ANSWERS = 4
_STORM = 10
"""So many refusals, most of the answers, are enough to judge by before a window is over."""
_HALVE_ABOVE = 0.5
_RECOVERY = 0.05
"""How much of the rate from which it was last slowed comes back each second."""
_FEWEST = 0.1
"""The slowest that moderate throttling makes a run, as a share of the rate it started from."""

Answered = tuple[float, bool]
"""When a message went out that was answered, and whether it was throttled."""


def catch_up(rate: float) -> float:
    """How long ago, in seconds, a slot may be to be made up for: half an interval, within bounds.

    So no second has more than an eightieth of the rate beyond it, or one message where that is less.
    """
    return min(_MOST_CATCH_UP, max(_LEAST_CATCH_UP, 0.5 / rate))


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast messages may go. ``limit`` and ``rate`` in messages a second, moments in seconds of one monotonic clock."""

    limit: float
    rate: float
    next_at: float
    judged_at: float = 0.0
    answers: int = 0
    throttled: int = 0
    slowed_from: float = 0.0
    started_from: float = 0.0

    @classmethod
    def start(cls, limit: float, now: float) -> Pace:
        """A pace that begins now, at its limit."""
        return cls(limit, limit, now, judged_at=now)

    def first_slot(self, now: float) -> float:
        """The moment, maybe a little ago, of the next slot that can be taken."""
        return max(self.next_at, now - catch_up(self.rate))

    def taken(self, now: float, count: int) -> Pace:
        """The pace after so many messages took the slots that come next."""
        return replace(self, next_at=self.first_slot(now) + count / self.rate)

    def due(self, until: float, now: float, most: int) -> int:
        """How many messages (``most`` at most) have their slot before the moment ``until``."""
        if self.rate == math.inf:
            return most if self.next_at <= until else 0
        return max(0, min(most, math.floor((until - self.first_slot(now)) * self.rate) + 1))

    def heard(self, now: float, answers: Sequence[Answered], measured: float) -> Pace:
        """The pace after these answers; ``measured`` is the rate really reached.

        Once a window the share of throttled answers decides. More than half of them halves the rate. Less takes a third of
        that share off it, so that with the recovery the rate settles a little above what the gateway takes; and a gateway
        that refuses some requests whatever the rate is not slowed down to nothing. What was on its way when the rate was
        last changed says nothing about it.
        """
        count, refused = self.answers, self.throttled
        for place, (sent_at, throttled) in enumerate(answers, 1):
            if sent_at < self.judged_at:
                continue
            count, refused = count + 1, refused + throttled
            whole = now - self.judged_at >= WINDOW and count >= _FEWEST_ANSWERS
            storm = refused >= _STORM and refused > _HALVE_ABOVE * count
            if whole or storm:
                judged = self._judged(now, refused / count, min(self.rate, measured))
                return judged.heard(now, answers[place:], measured)
        return self if count == self.answers else replace(self, answers=count, throttled=refused)

    def _judged(self, now: float, share: float, reached: float) -> Pace:
        if not share:
            return replace(self, judged_at=now, answers=0, throttled=0)
        start = self.started_from or reached
        slower = reached / 2 if share > _HALVE_ABOVE else max(reached * (1 - share / 3), start * _FEWEST)
        rate = min(self.rate, slower)
        return replace(
            self,
            rate=rate,
            next_at=max(self.next_at, now + 1 / rate),
            judged_at=now,
            answers=0,
            throttled=0,
            slowed_from=reached,
            started_from=start,
        )

    def recovered(self, seconds: float) -> Pace:
        """The pace some seconds later: what was taken off the rate comes back bit by bit."""
        if self.rate >= self.limit:
            return self
        return replace(self, rate=min(self.limit, self.rate + seconds * _RECOVERY * self.slowed_from))

    def held(self, until: float) -> Pace:
        """The pace with nothing going out before this moment."""
        return replace(self, next_at=max(self.next_at, until))
