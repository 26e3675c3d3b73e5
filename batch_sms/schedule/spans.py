"""Spans of time, and how a zone's clock runs against them. All in whole seconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

Span = tuple[int, int]
"""From the first moment up to, but not including, the second."""

_PROBE = 3 * 3600
"""No zone changes its clock twice within so many seconds."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same moments in order, what touches made one."""
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The moments that are in both."""
    return merged((max(a, c), min(b, d)) for a, b in one for c, d in other)


def steady(zone: tzinfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """A span cut where the zone's clock is changed: begin, end, and seconds that the clock is ahead of UTC in between."""
    since, ahead = begin, _ahead(zone, begin)
    for at in range(begin, end, _PROBE):
        later = min(at + _PROBE, end)
        if _ahead(zone, later) != ahead:
            change = _change(zone, at, later)
            yield since, change, ahead
            since, ahead = change, _ahead(zone, later)
    if since < end:
        yield since, end, ahead


def _change(zone: tzinfo, before: int, after: int) -> int:
    """The first second of the new time."""
    old = _ahead(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _ahead(zone, middle) == old else (before, middle)
    return after


def _ahead(zone: tzinfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    return (offset or timedelta(0)) // timedelta(seconds=1)


def moment_of(clock_shows: datetime, zone: tzinfo) -> int:
    """The first moment at which a zone's clock shows this time (naive), or one that was skipped when the clock was set forward."""
    early = int(clock_shows.replace(tzinfo=zone, fold=0).timestamp())
    if datetime.fromtimestamp(early, zone).replace(tzinfo=None, fold=0) == clock_shows:
        return early
    *_, (change, _, _) = steady(zone, early - 2 * 86400, early + 1)
    return change
