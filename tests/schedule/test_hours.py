"""Hours and days by the recipients' clocks: nights with two 02:30s, days without one, half hours, the date line."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batch_sms.errors import SettingsError
from batch_sms.schedule.hours import Hours, read_clock, read_hours

DAY = read_hours(["09:00-20:00"], [])
ZONES = (
    "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Hong_Kong", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Casablanca", "Asia/Almaty",
)  # fmt: skip


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def opening(hours: Hours, moment: str, *zones: str) -> tuple[str, ...] | None:
    span = hours.opening(zones, at(moment))
    return span and tuple(datetime.fromtimestamp(end, UTC).strftime("%m-%d %H:%M") for end in span)


@pytest.mark.parametrize(
    ("hours", "moment", "zones", "span"),
    [
        ("09:00-20:00", "2026-01-10T00:00Z", ["Asia/Hong_Kong"], ("01-10 01:00", "01-10 12:00")),
        ("09:00-20:00", "2026-01-10T11:59Z", ["Asia/Hong_Kong"], ("01-10 01:00", "01-10 12:00")),
        ("09:00-20:00", "2026-01-10T12:00Z", ["Asia/Hong_Kong"], ("01-11 01:00", "01-11 12:00")),
        ("09:00-20:00", "2026-01-10T00:00Z", ["Asia/Kolkata"], ("01-10 03:30", "01-10 14:30")),
        ("09:00-20:00", "2026-01-10T00:00Z", ["Asia/Kathmandu"], ("01-10 03:15", "01-10 14:15")),
        ("09:00-20:00", "2026-01-10T12:00Z", ["America/New_York", "America/Los_Angeles"], ("01-10 17:00", "01-11 01:00")),
        # summer time begins on 2026-03-29 in Berlin: the same wall, another moment
        ("09:00-20:00", "2026-03-28T22:00Z", ["Europe/Berlin"], ("03-29 07:00", "03-29 18:00")),
        # a day without 02:30: the clock shows 03:00 next
        ("02:30-05:00", "2026-03-29T00:00Z", ["Europe/Berlin"], ("03-29 01:00", "03-29 03:00")),
        ("02:00-02:30", "2026-03-28T12:00Z", ["Europe/Berlin"], ("03-30 00:00", "03-30 00:30")),
        # a night with two 02:30s: both are 02:30 on the wall
        ("02:00-02:30", "2026-10-24T12:00Z", ["Europe/Berlin"], ("10-25 00:00", "10-25 00:30")),
        ("02:00-02:30", "2026-10-25T00:30Z", ["Europe/Berlin"], ("10-25 01:00", "10-25 01:30")),
        ("02:00-04:00", "2026-10-24T12:00Z", ["Europe/Berlin"], ("10-25 00:00", "10-25 03:00")),
        # Lord Howe's summer time is half an hour
        ("09:00-20:00", "2026-04-04T12:00Z", ["Australia/Lord_Howe"], ("04-04 22:30", "04-05 09:30")),
        # over midnight
        ("20:00-02:00", "2026-01-10T20:00Z", ["Europe/London"], ("01-10 20:00", "01-11 02:00")),
        ("20:00-02:00", "2026-01-11T01:00Z", ["Europe/London"], ("01-10 20:00", "01-11 02:00")),
        ("20:00-02:00,09:00-10:00", "2026-01-11T02:00Z", ["Europe/London"], ("01-11 09:00", "01-11 10:00")),
        # both sides of the date line: the same hour on two days
        ("09:00-20:00", "2026-01-10T12:00Z", ["Pacific/Apia", "Pacific/Pago_Pago"], ("01-10 20:00", "01-11 07:00")),
        ("09:00-20:00", "2026-01-10T12:00Z", ["Pacific/Tarawa", "Pacific/Kiritimati"], ("01-10 21:00", "01-11 06:00")),
    ],
)  # fmt: skip
def test_an_opening_is_what_the_clock_on_the_wall_says(hours, moment, zones, span):
    assert opening(read_hours([hours], []), moment, *zones) == span


def test_days_are_those_of_the_recipient():
    weekdays = read_hours(["09:00-20:00"], ["mon-fri"])
    assert opening(weekdays, "2026-01-09T19:30Z", "Pacific/Pago_Pago") == ("01-09 20:00", "01-10 07:00"), "Friday there"
    assert opening(weekdays, "2026-01-09T19:30Z", "Pacific/Apia") == ("01-11 20:00", "01-12 07:00"), "Saturday there"


def test_a_range_over_midnight_belongs_to_the_day_on_which_it_begins():
    nights = read_hours(["20:00-02:00"], ["fri"])
    assert opening(nights, "2026-01-07T00:00Z", "Europe/London") == ("01-09 20:00", "01-10 02:00")


def test_a_day_that_samoa_skipped_has_no_hours():
    fridays = read_hours([], ["fri"])
    assert opening(fridays, "2011-12-24T12:00Z", "Pacific/Apia") == ("01-05 10:00", "01-06 10:00"), (
        "30 December never was"
    )


def test_zones_too_far_apart_have_no_hour_in_common():
    assert DAY.opening(["Europe/Kaliningrad", "Asia/Kamchatka"], at("2026-01-10T00:00Z")) is not None, "one hour"
    assert DAY.opening(["Europe/Berlin", "Pacific/Honolulu"], at("2026-01-10T00:00Z")) is None
    assert DAY.opening([], at("2026-01-10T00:00Z")) is None, "no zone is known: nobody can tell"


def test_all_hours_of_all_days_are_one_span():
    begin, end = read_hours(["00:00-24:00"], []).opening(["Europe/Berlin"], at("2026-03-20T00:00Z"))
    assert end - begin > 14 * 86400


@given(
    moment=st.integers(int(at("2009-01-01T00:00Z")), int(at("2036-01-01T00:00Z"))),
    opens=st.integers(0, 23), closes=st.integers(0, 24), days=st.sets(st.integers(0, 6), min_size=1),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3),
)  # fmt: skip
@example(int(at("2026-10-25T00:40Z")), 2, 3, {6}, ["Europe/Berlin"])
@example(int(at("2011-12-30T10:00Z")), 0, 24, {5}, ["Pacific/Apia"])
def test_it_is_open_exactly_where_each_clock_shows_an_hour_that_is_allowed(moment, opens, closes, days, zones):
    if opens == closes:
        return
    hours = Hours(((opens * 3600, closes * 3600),), frozenset(days))

    def allowed(zone: str) -> bool:
        local = datetime.fromtimestamp(moment, ZoneInfo(zone))
        today, yesterday = local.weekday() in days, (local.weekday() - 1) % 7 in days
        if opens < closes:
            return today and opens <= local.hour < closes
        return (today and local.hour >= opens) or (yesterday and local.hour < closes)

    span = hours.opening(zones, moment)
    assert span is None or span[1] > moment
    assert (span is not None and span[0] <= moment) == all(map(allowed, zones))


@pytest.mark.parametrize(
    ("hours", "days", "expected"),
    [
        ([], [], None),
        (["9:00-20:00"], [], Hours(((32400, 72000),))),
        (["09:00–12:30, 14:00-20:00"], [], Hours(((32400, 45000), (50400, 72000)))),
        (["09:00-12:00", "22:00-24:00"], [], Hours(((32400, 43200), (79200, 86400)))),
        ([], ["Mon-Fri"], Hours(days=frozenset(range(5)))),
        ([], ["fri-mon", "wed"], Hours(days=frozenset({4, 5, 6, 0, 2}))),
        ([], ["monday,sunday"], Hours(days=frozenset({0, 6}))),
        (["09：00-20：00"], ["mon，tue"], Hours(((32400, 72000),), frozenset({0, 1}))),
    ],
)  # fmt: skip
def test_hours_and_days_are_read(hours, days, expected):
    assert read_hours(hours, days) == expected


@pytest.mark.parametrize(
    "text",
    ["9-20", "09:00", "09:00-09:00", "24:00-09:00", "09:60-20:00", "25:00-26:00", "a-b", "09:00-12:00-14:00"],
)
def test_hours_that_mean_nothing_are_refused(text):
    with pytest.raises(SettingsError) as refused:
        read_hours([text], [])
    assert refused.value.key == "hours_unreadable"


@pytest.mark.parametrize("text", ["weekdays", "mon-", "-fri", "mo", "1-5", "mon-fri-sun"])
def test_days_that_are_none_are_refused(text):
    with pytest.raises(SettingsError) as refused:
        read_hours([], [text])
    assert refused.value.key == "days_unreadable"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0:00", 0), ("09:00", 32400), ("18:30:15", 66615), ("24:00", 86400), ("24:01", None), ("12:60", None), ("12", None),
     ("2026-01-01T09:00Z", None), ("", None)],
)  # fmt: skip
def test_a_time_of_day_is_read(text, seconds):
    assert read_clock(text) == seconds
