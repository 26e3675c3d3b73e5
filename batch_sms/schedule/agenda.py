"""The agenda: what a run does at a moment. A pure function of the time, of the rows that wait, and of what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from batch_sms.model import Cap
from batch_sms.schedule.hours import Hours
from batch_sms.schedule.window import Window

MARGIN = 1.0
"""Seconds before a closing in which nothing goes out any more: a message has a way to go, and clocks differ a little."""

_ALWAYS = Window()
Zones = tuple[str, ...]
"""The zones that a phone may be in."""


class Why(StrEnum):
    """Why nothing may go now."""

    NOT_YET = "not_yet"
    """The window is not open yet."""
    HOURS = "hours"
    """Nobody who is left may be written to at this hour."""
    CAP = "cap"
    """As many have gone as an hour or a day may have."""
    CLOSED = "closed"
    """The window is closed, or closes before anything may go again."""
    LATE = "late"
    """It is too late to begin."""


@dataclass(frozen=True, slots=True)
class Send:
    """Rows with these zones may go now, and this holds until a moment. ``zones`` is None where hours do not matter."""

    until: float
    zones: frozenset[Zones] | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Nothing may go before a moment."""

    until: float
    why: Why


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing may go any more in this call. ``at`` is the moment that was missed.

    ``instead`` is the sleep that would last longer than the window is open; ``cap`` is what it would wait for, where known.
    """

    why: Why
    at: float
    instead: Sleep | None = None
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """What ``--not-before``, ``--not-after``, ``--max-age``, ``--hours`` and ``--days`` come to."""

    window: Window = _ALWAYS
    hours: Hours | None = None

    def late(self, now: float) -> Stop | None:
        """Whether it is too late to begin."""
        latest = self.window.latest_start
        return Stop(Why.LATE, latest) if now > latest else None

    def next(self, now: float, waiting: Collection[Zones], free_at: float = -math.inf) -> Send | Sleep | Stop:
        """What to do now. ``waiting`` are the zones of the rows that are left; before ``free_at`` the caps let nothing go."""
        closes = self.window.closes - MARGIN
        if now >= closes:
            return Stop(Why.CLOSED, self.window.closes)
        step = self._regardless_of_closing(now, waiting, free_at)
        if isinstance(step, Sleep) and step.until == math.inf:
            return Stop(step.why, math.inf)
        if isinstance(step, Sleep) and step.until >= closes:
            return Stop(Why.CLOSED, self.window.closes, step)
        return step

    def _regardless_of_closing(self, now: float, waiting: Collection[Zones], free_at: float) -> Send | Sleep:
        opens, closes = self.window.opens, self.window.closes - MARGIN
        if now < opens:
            return Sleep(opens, Why.NOT_YET)
        if self.hours is None:
            return Sleep(free_at, Why.CAP) if now < free_at else Send(closes)
        spans = {zones: self._span(zones, now) for zones in waiting}
        open_now = {zones for zones, (begin, _) in spans.items() if begin <= now}
        opening = min((begin for zones, (begin, _) in spans.items() if zones not in open_now), default=math.inf)
        if not open_now:
            return Sleep(opening, Why.HOURS)
        if now < free_at:
            return Sleep(free_at, Why.CAP)
        return Send(min(closes, opening, *(spans[zones][1] for zones in open_now)), frozenset(open_now))

    def _span(self, zones: Zones, now: float) -> tuple[float, float]:
        """The open span in which it is now, or the next one; what is left of one that is about to close is none."""
        assert self.hours is not None
        at = now
        while (span := self.hours.opening(zones, at)) is not None:
            begin, end = span
            if now < end - MARGIN:
                return begin, end - MARGIN
            at = end
        return math.inf, math.inf
