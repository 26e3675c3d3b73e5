"""The machine's clock: its zone with its summer times, and sleeps that can be ended."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from batch_sms.clock import MACHINE_ZONE, Bell, RealClock
from batch_sms.schedule.spans import moment_of, steady

FAR = 10_000.0


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if sys.platform == "win32":
        pytest.skip("the zone of a process can't be set there")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "shows", "offset"),
    [
        ("2026-01-10T12:00", "2026-01-10T13:00", 1),
        ("2026-07-10T12:00", "2026-07-10T14:00", 2),
        ("2026-10-25T00:30", "2026-10-25T02:30", 2),
        ("2026-10-25T01:30", "2026-10-25T02:30", 1),
        ("2026-03-29T00:59", "2026-03-29T01:59", 1),
        ("2026-03-29T01:00", "2026-03-29T03:00", 2),
    ],
)
def test_the_zone_of_the_machine_knows_its_summer_times(in_berlin, moment, shows, offset):
    here = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(MACHINE_ZONE)
    assert here.replace(tzinfo=None, fold=0) == datetime.fromisoformat(shows)
    assert here.utcoffset() == timedelta(hours=offset)
    assert here.timestamp() == datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()


def test_moments_are_found_in_it(in_berlin):
    def moment(shows: str) -> str:
        found = moment_of(datetime.fromisoformat(shows), MACHINE_ZONE)
        return datetime.fromtimestamp(found, UTC).strftime("%H:%M")

    assert moment("2026-10-25T02:30") == "00:30", "the first of two"
    assert moment("2026-03-29T02:30") == "01:00", "there is none: the clock jumps over it"
    begin = int(datetime(2026, 3, 28, tzinfo=UTC).timestamp())
    assert [ahead for *_, ahead in steady(MACHINE_ZONE, begin, begin + 3 * 86400)] == [3600, 7200]


def test_a_bell_ends_a_sleep_and_stays_rung():
    bell, began = Bell(), time.monotonic()
    threading.Timer(0.01, bell.ring).start()
    RealClock().sleep_until(time.time() + FAR, bell)
    RealClock().sleep_until(time.time() + FAR, bell)
    assert time.monotonic() - began < FAR


def test_a_moment_that_is_gone_is_not_waited_for():
    RealClock().sleep_until(time.time() - 1, Bell())


def test_a_sleep_looks_at_the_time_of_day_again(monkeypatch: pytest.MonkeyPatch):
    """The machine may sleep, or its clock be set: then the moment is there although the seconds are not over."""
    monkeypatch.setattr("batch_sms.clock._LOOK", 0.001)
    begin = time.time()
    moments = iter([begin, begin, begin + FAR + 1])
    monkeypatch.setattr("batch_sms.clock.time.time", lambda: next(moments))
    RealClock().sleep_until(begin + FAR, Bell())
