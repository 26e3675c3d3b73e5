"""The window of a run: what a time of day and an instant mean at a moment."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from batch_sms.errors import SettingsError
from batch_sms.schedule.window import Window, check_window, window_of

BERLIN = ZoneInfo("Europe/Berlin")


def window(not_before: str, not_after: str, now: str) -> tuple[str | float, str | float]:
    found = window_of(not_before, not_after, None, datetime.fromisoformat(now).replace(tzinfo=BERLIN), BERLIN)
    return tuple(
        end if math.isinf(end) else datetime.fromtimestamp(end, BERLIN).isoformat("T", "minutes")
        for end in (found.opens, found.closes)
    )


@pytest.mark.parametrize(
    ("not_before", "not_after", "now", "opens", "closes"),
    [
        ("", "", "2026-01-10T12:00", -math.inf, math.inf),
        ("09:00", "18:00", "2026-01-10T08:00", "2026-01-10T09:00+01:00", "2026-01-10T18:00+01:00"),
        ("09:00", "18:00", "2026-01-10T19:00", "2026-01-10T09:00+01:00", "2026-01-10T18:00+01:00"),
        ("09:00", "", "2026-01-10T19:00", "2026-01-10T09:00+01:00", math.inf),
        ("", "24:00", "2026-01-10T19:00", -math.inf, "2026-01-11T00:00+01:00"),
        # a window over midnight: in the night it is the one that opened yesterday, by day the next one
        ("20:00", "02:00", "2026-01-10T19:00", "2026-01-10T20:00+01:00", "2026-01-11T02:00+01:00"),
        ("20:00", "02:00", "2026-01-10T23:00", "2026-01-10T20:00+01:00", "2026-01-11T02:00+01:00"),
        ("20:00", "02:00", "2026-01-11T01:59", "2026-01-10T20:00+01:00", "2026-01-11T02:00+01:00"),
        ("20:00", "02:00", "2026-01-11T02:00", "2026-01-11T20:00+01:00", "2026-01-12T02:00+01:00"),
        # instants mean the same moment everywhere, and hold on any day
        ("2026-02-01T09:00+08:00", "2026-02-01T18:00+08:00", "2026-01-10T12:00", "2026-02-01T02:00+01:00",
         "2026-02-01T11:00+01:00"),
        ("2026-02-01T09:00Z", "18:00", "2026-01-10T12:00", "2026-02-01T10:00+01:00", "2026-02-01T18:00+01:00"),
        ("2026-02-01T19:00Z", "18:00", "2026-01-10T12:00", "2026-02-01T20:00+01:00", "2026-02-02T18:00+01:00"),
        ("09:00", "2026-01-12T18:00+01:00", "2026-01-10T12:00", "2026-01-10T09:00+01:00", "2026-01-12T18:00+01:00"),
        # a day without 02:30, a night with two
        ("02:30", "04:00", "2026-03-29T01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"),
        ("01:00", "02:30", "2026-03-29T01:00", "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"),
        ("02:30", "04:00", "2026-10-25T01:00", "2026-10-25T02:30+02:00", "2026-10-25T04:00+01:00"),
    ],
)  # fmt: skip
def test_a_window_is_read_at_a_moment(not_before, not_after, now, opens, closes):
    assert window(not_before, not_after, now) == (opens, closes)


def test_the_latest_start_is_counted_from_the_planned_one():
    now = datetime(2026, 1, 10, 12, tzinfo=BERLIN)
    assert window_of("09:00", "", timedelta(hours=2), now, BERLIN) == Window(
        opens=datetime(2026, 1, 10, 9, tzinfo=BERLIN).timestamp(),
        latest_start=datetime(2026, 1, 10, 11, tzinfo=BERLIN).timestamp(),
    )


@pytest.mark.parametrize(
    ("not_before", "not_after", "key"),
    [
        ("09:00", "2026-01-01T00:00Z", "window_empty"),
        ("2026-02-01T09:00Z", "2026-02-01T09:00Z", "window_empty"),
        ("nine", "", "instant_unreadable"),
        ("", "tomorrow", "instant_unreadable"),
        ("2026-02-01", "", "instant_without_zone"),
        ("", "2026-02-01T09:00", "instant_without_zone"),
    ],
)
def test_what_is_no_window_is_refused(not_before, not_after, key):
    with pytest.raises(SettingsError) as refused:
        window(not_before, not_after, "2026-01-10T12:00")
    assert refused.value.key == key
    if key != "window_empty":
        with pytest.raises(SettingsError):
            check_window(not_before, not_after, BERLIN)


@pytest.mark.parametrize(("not_before", "not_after"), [("15:00", "15:00"), ("9:00", "09:00:00")])
def test_one_time_of_day_for_both_ends_is_refused(not_before, not_after):
    with pytest.raises(SettingsError) as refused:
        check_window(not_before, not_after, BERLIN)
    assert refused.value.key == "window_of_a_day"


def test_an_instant_without_a_zone_is_named_with_the_one_of_this_machine():
    with pytest.raises(SettingsError) as refused:
        check_window("2026-07-01T09:00", "", BERLIN)
    assert refused.value.facts["here"] == "2026-07-01T09:00+02:00"
