"""Time, as it is passed in: one real clock, replaced by a made one in tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from queue import Empty, SimpleQueue
from typing import Protocol

_LOOK = 0.5
"""Seconds after which a long sleep looks at the time again: the machine may have slept too, or its clock been set."""


class Bell:
    """Wakes who sleeps. May be rung by any thread, and by a signal handler in the middle of anything."""

    def __init__(self) -> None:
        self._rung: SimpleQueue[None] = SimpleQueue()

    def ring(self) -> None:
        """Wake the sleeper now, or as soon as he falls asleep."""
        self._rung.put(None)

    def heard(self, seconds: float) -> bool:
        """Wait so long for it; whether it was rung."""
        try:
            self._rung.get(timeout=max(seconds, 0))
        except Empty:
            return False
        self._rung.put(None)
        return True


class Clock(Protocol):
    """What the program may ask of time."""

    def now(self) -> datetime:
        """The time of day, with the local offset."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def sleep_until(self, moment: float, bell: Bell) -> None:
        """Wait until the time of day (seconds since 1970) is there, or the bell is rung."""

    @property
    def zone(self) -> tzinfo:
        """The machine's own time zone."""


class _MachineZone(tzinfo):
    """The machine's time zone with its summer times, which ``datetime`` knows but gives no name to."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return _wall(at).astimezone().utcoffset() if at else None

    def dst(self, _: datetime | None) -> timedelta | None:
        return None

    def tzname(self, at: datetime | None) -> str | None:
        return _wall(at).astimezone().tzname() if at else None

    def fromutc(self, at: datetime) -> datetime:
        here = at.replace(tzinfo=UTC).astimezone()
        wall = _wall(here)
        second = wall.replace(fold=0).astimezone().utcoffset() != here.utcoffset()
        return wall.replace(tzinfo=self, fold=second)


def _wall(at: datetime) -> datetime:
    """What the clock on the wall shows."""
    return at.replace(tzinfo=None)


MACHINE_ZONE = _MachineZone()


class RealClock:
    """The machine's clock."""

    zone = MACHINE_ZONE

    def now(self) -> datetime:
        """The time of day, with the local offset."""
        return datetime.now().astimezone()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def sleep_until(self, moment: float, bell: Bell) -> None:
        """Wait until the time of day (seconds since 1970) is there, or the bell is rung."""
        while (left := moment - time.time()) > 0 and not bell.heard(min(left, _LOOK)):
            pass
