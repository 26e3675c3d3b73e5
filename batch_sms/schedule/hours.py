"""The hours and days at which people may be written to, by the clock on their own wall (``--hours``, ``--days``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from batch_sms.characters import tidy
from batch_sms.errors import SettingsError
from batch_sms.schedule.spans import Span, common, merged, steady

_DAY = 86400
_WEEK = 7 * _DAY
_THURSDAY = 3
"""The first of January 1970."""
_WEEKS_AHEAD = 3
"""How far an opening is looked for: a rule that has none until then is taken to have none at all."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """What ``--hours`` and ``--days`` allow: ranges of the day in seconds, and days of the week from 0, Monday.

    A range over midnight (its end is not after its beginning) belongs to the day on which it begins.
    """

    ranges: tuple[tuple[int, int], ...] = ((0, _DAY),)
    days: frozenset[int] = frozenset(range(7))

    def opening(self, zones: Sequence[str], at: float) -> Span | None:
        """The span, open in all of these zones, in which a moment lies; else the next one; None if none comes."""
        spans = _coming(self, tuple(zones), int(at) // _WEEK) if zones else []
        return next((span for span in spans if span[1] > at), None)

    def within(self, zone: str, begin: int, end: int) -> Iterator[Span]:
        """The spans between two moments in which the zone's clock shows a time that is allowed."""
        for since, until, ahead in steady(ZoneInfo(zone), begin, end):
            first, last = (since + ahead) // _DAY - 1, (until + ahead) // _DAY
            for day in range(first, last + 1):
                if (day + _THURSDAY) % 7 in self.days:
                    for opens, closes in self.ranges:
                        length = (closes - opens) % _DAY or _DAY
                        start = day * _DAY + opens - ahead
                        yield max(start, since), min(start + length, until)


@lru_cache(maxsize=10_000)
def _coming(hours: Hours, zones: tuple[str, ...], week: int) -> list[Span]:
    return merged(span for later in range(_WEEKS_AHEAD + 1) for span in _open_in_all(hours, zones, week + later))


@lru_cache(maxsize=10_000)
def _open_in_all(hours: Hours, zones: tuple[str, ...], week: int) -> tuple[Span, ...]:
    spans = _open_in(hours, zones[0], week)
    for zone in zones[1:]:
        spans = common(spans, _open_in(hours, zone, week))
    return tuple(spans)


@lru_cache(maxsize=10_000)
def _open_in(hours: Hours, zone: str, week: int) -> list[Span]:
    return merged(hours.within(zone, week * _WEEK, (week + 1) * _WEEK))


def read_hours(hours: Iterable[str], days: Iterable[str]) -> Hours | None:
    """``09:00-20:00`` and ``mon-fri``, several of each, separated by commas too; None without any. Raises SettingsError."""
    ranges = tuple(_range(part) for part in _parts(hours))
    allowed = frozenset(day for part in _parts(days) for day in _some_days(part))
    if not ranges and not allowed:
        return None
    return Hours(ranges or Hours().ranges, allowed or Hours().days)


def read_clock(text: str) -> int | None:
    """A time of day (``9:00``, ``18:30``, ``24:00``) in seconds; None if it is none."""
    match = _CLOCK.fullmatch(tidy(text))
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    seconds = hour * 3600 + minute * 60 + second
    return seconds if minute < 60 and second < 60 and seconds <= _DAY else None  # noqa: PLR2004 (a clock's)


def _parts(texts: Iterable[str]) -> list[str]:
    return [part for text in texts for part in tidy(text).replace("，", ",").replace(" ", "").split(",") if part]


def _range(text: str) -> tuple[int, int]:
    ends = [read_clock(part) for part in re.split(r"[-–—~]", text)]
    if len(ends) != 2 or None in ends or ends[0] == _DAY or ends[0] == ends[1]:  # noqa: PLR2004 (a beginning and an end)
        raise SettingsError("hours_unreadable", value=text)
    opens, closes = ends
    assert opens is not None
    assert closes is not None
    return opens, closes


def _some_days(text: str) -> list[int]:
    first, dash, last = text.lower().partition("-")
    begin = _day(first, text)
    end = _day(last, text) if dash else begin
    return [(begin + more) % 7 for more in range((end - begin) % 7 + 1)]


def _day(name: str, text: str) -> int:
    for names in (_DAYS, _LONG_DAYS):
        if name in names:
            return names.index(name)
    raise SettingsError("days_unreadable", value=text)
