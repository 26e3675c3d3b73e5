"""The pacer: when the next message may go. Pure: it is told the time and answers with a new pace and a slot.

Messages are spaced evenly, one interval apart. A slot that was missed is caught up only within ``CATCH_UP`` seconds: so
the mean rate holds in spite of small delays, and a stall (or the start) is never followed by a burst. When the gateway
throttles, the rate is halved at once and comes back by a fixed share a second (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from batch_sms.errors import SettingsError

CATCH_UP = 0.01
_FEWEST = 0.02
"""The slowest that throttling makes a run, as a share of the rate it started from."""
_RECOVERY = 0.05
"""How much of that rate comes back each second."""

_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:/\s*(s|m|h|d))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def per_second(rate: str) -> float:
    """A ``--rate`` such as ``20``, ``20/s``, ``2000/m`` as messages a second; 0 means no limit. Raises SettingsError."""
    match = _RATE.fullmatch(rate.strip().lower())
    if match is None:
        raise SettingsError("rate_unreadable", rate=rate)
    count = float(match[1])
    return count / _SECONDS[match[2] or "s"] if count else math.inf


def slowest(rates: Iterable[str]) -> float:
    """Several limits together: evenly spaced messages that keep the slowest one keep them all."""
    return min((per_second(rate) for rate in rates), default=math.inf)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast messages may go. ``limit`` and ``rate`` in messages a second, moments in seconds of one monotonic clock."""

    limit: float
    rate: float
    next_at: float
    slowed_at: float = -math.inf
    slowed_from: float = 0.0

    @classmethod
    def start(cls, limit: float, now: float) -> Pace:
        """A pace that begins now, at its limit."""
        return cls(limit, limit, now)

    def reserve(self, now: float) -> tuple[Pace, float]:
        """The slot of one more message, and the pace after it."""
        slot = max(self.next_at, now - CATCH_UP)
        return replace(self, next_at=slot + 1 / self.rate), slot

    def due(self, until: float, now: float, most: int) -> int:
        """How many messages (``most`` at most) have their slot before the moment ``until``."""
        if self.rate == math.inf:
            return most if self.next_at <= until else 0
        first = max(self.next_at, now - CATCH_UP)
        return max(0, min(most, math.floor((until - first) * self.rate) + 1))

    def slowed(self, now: float, sent_at: float, measured: float) -> Pace:
        """The pace after the gateway throttled a request that went out at ``sent_at``.

        Requests that were on their way when the pace was last slowed say nothing new. ``measured`` is the rate really reached.
        """
        if sent_at <= self.slowed_at:
            return self
        reached = min(self.rate, measured)
        start = self.slowed_from if self.rate < self.slowed_from else reached
        rate = max(reached / 2, start * _FEWEST)
        return replace(self, rate=rate, slowed_at=now, slowed_from=start, next_at=max(self.next_at, now + 1 / rate))

    def recovered(self, seconds: float) -> Pace:
        """The pace after some seconds without throttling."""
        if self.rate >= self.limit:
            return self
        return replace(self, rate=min(self.limit, self.rate + seconds * _RECOVERY * self.slowed_from))

    def held(self, until: float) -> Pace:
        """The pace with nothing going out before this moment."""
        return replace(self, next_at=max(self.next_at, until))
