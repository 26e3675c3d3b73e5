"""The forecast: first and last moment of each country."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batch_sms.schedule.agenda import MARGIN, Agenda
from batch_sms.schedule.forecast import forecast
from batch_sms.schedule.hours import read_hours
from batch_sms.schedule.rates import read_rates
from batch_sms.schedule.window import Window

HK, NY = ("HK", ("Asia/Hong_Kong",)), ("US", ("America/New_York",))
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC).timestamp()
HOUR = 3600


def hours_after_noon(told):
    return {country: tuple(round((at - NOON) / HOUR, 2) for at in ends) for country, ends in told.countries.items()}


def test_without_a_schedule_all_share_the_pace():
    told = forecast(Agenda(), {HK: 36_000, NY: 36_000}, read_rates(["20/s"]), NOON)
    assert hours_after_noon(told) == {"HK": (0, 1), "US": (0, 1)}
    assert (told.ends - told.begins, told.left, told.sleeps) == (HOUR, 0, False)


def test_no_limit_takes_no_time():
    told = forecast(Agenda(), {HK: 36_000}, read_rates(["0"]), NOON)
    assert (told.ends, told.left) == (NOON, 0)


def test_each_country_goes_in_its_own_hours():
    told = forecast(Agenda(hours=read_hours(["09:00-20:00"], [])), {HK: 72_000, NY: 72_000}, read_rates(["20/s"]), NOON)
    assert hours_after_noon(told) == {"US": (2, 3), "HK": (13, 14)}
    assert told.sleeps


def test_a_cap_spreads_them_over_days():
    told = forecast(Agenda(), {HK: 12_000}, read_rates(["5000/d", "0"]), NOON)
    assert hours_after_noon(told) == {"HK": (0, 48)}


def test_what_was_sent_before_counts_for_the_cap():
    told = forecast(Agenda(), {HK: 10}, read_rates(["100/h", "0"]), NOON, [(NOON - HOUR / 2, 100)])
    assert hours_after_noon(told) == {"HK": (0.5, 0.5)}


@pytest.mark.parametrize(("closes", "left"), [(2, 0), (0.5, 36_000 + 20 * MARGIN), (-1, 72_000)])
def test_a_window_that_closes_leaves_some(closes, left):
    told = forecast(Agenda(Window(closes=NOON + closes * HOUR)), {HK: 72_000}, read_rates(["20/s"]), NOON)
    assert told.left == left


def test_a_run_that_takes_for_ever_is_not_told_to_its_end():
    told = forecast(Agenda(), {HK: 1_000_000}, read_rates(["1/d"]), NOON)
    assert told.left > 0
