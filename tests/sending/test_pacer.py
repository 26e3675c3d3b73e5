"""When messages may go: the rates that are understood, and the laws that every sequence of slots keeps."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.errors import SettingsError
from batch_sms.sending.pacer import CATCH_UP, Pace, per_second, slowest

RATES = st.floats(0.05, 2000)
TINY = 1e-6
"""What floating point may be off, in seconds or in messages."""

GAPS = st.one_of(st.just(0.0), st.floats(0, 0.02), st.floats(0, 1.5), st.floats(1, 1e5))
"""Seconds between one asking and the next: at once, jitter, small delays, stalls."""


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("20", 20.0),
        ("20/s", 20.0),
        (" 20 / S ", 20.0),
        ("0.5/s", 0.5),
        ("2000/m", 2000 / 60),
        ("7200/h", 2.0),
        ("5000/d", 5000 / 86400),
        ("86400/d", 1.0),
        ("0", math.inf),
        ("0/m", math.inf),
        ("0.0", math.inf),
    ],
)
def test_a_rate_is_messages_a_second(rate, expected):
    assert per_second(rate) == pytest.approx(expected)


@pytest.mark.parametrize(
    "rate",
    ["", " ", "fast", "-1", "+5", "1e3", "20/", "/s", "20/w", "20/sec", "20s", "1,000", ".5", "5.", "20/s/s", "inf"],
)
def test_junk_is_refused_with_what_was_typed(rate):
    with pytest.raises(SettingsError) as refused:
        per_second(rate)
    assert refused.value.key == "rate_unreadable"
    assert refused.value.facts["rate"] == rate


@pytest.mark.parametrize(
    ("rates", "expected"),
    [([], math.inf), (["0"], math.inf), (["20", "600/m"], 10.0), (["20/s", "86400/d", "0"], 1.0), (["5", "5/s"], 5.0)],
)
def test_of_several_limits_the_slowest_holds(rates, expected):
    assert slowest(rates) == pytest.approx(expected)


def asked(rate, gaps, start=0.0):
    """The moments of asking, and the slots given, for messages asked for one after another."""
    pace, now = Pace.start(rate, start), start
    moments, slots = [], []
    for gap in gaps:
        now += gap
        pace, slot = pace.reserve(now)
        moments.append(now)
        slots.append(slot)
    return moments, slots


@given(RATES, st.lists(GAPS, min_size=2, max_size=200), st.floats(0, 1e5))
def test_slots_are_one_interval_apart_and_never_longer_ago_than_the_catch_up(rate, gaps, start):
    moments, slots = asked(rate, gaps, start)
    assert all(after - before >= 1 / rate - TINY for before, after in pairwise(slots))
    assert all(slot >= moment - CATCH_UP for moment, slot in zip(moments, slots, strict=True))


@given(st.floats(0.5, 120), st.lists(GAPS, min_size=2, max_size=300))
def test_no_second_has_more_than_the_rate(rate, gaps):
    """A message goes at its slot or, where that is past, when it is asked for: at most CATCH_UP after its slot.

    So what goes within one second has its slots within 1 + CATCH_UP seconds, and these are 1/rate apart.
    """
    went = [max(slot, moment) for moment, slot in zip(*asked(rate, gaps), strict=True)]
    assert went == sorted(went)
    most = rate * (1 + CATCH_UP) + 1 + TINY
    first = 0
    for last, moment in enumerate(went):
        while moment - went[first] >= 1:
            first += 1
        assert last - first + 1 <= most


@given(RATES, st.floats(0, 1e6))
def test_neither_the_start_nor_a_stall_is_followed_by_a_burst(rate, stall):
    pace, _ = Pace.start(rate, 0.0).reserve(0.0)
    at_once = 0
    while (reserved := pace.reserve(stall))[1] <= stall:
        pace = reserved[0]
        at_once += 1
    assert at_once <= rate * CATCH_UP + 1 + TINY

    pace, at_start = Pace.start(rate, stall), 0
    while (reserved := pace.reserve(stall))[1] <= stall:
        pace = reserved[0]
        at_start += 1
    assert at_start == 1


@given(RATES, st.lists(st.floats(0, CATCH_UP * 0.99), min_size=100, max_size=300))
def test_small_delays_do_not_lower_the_mean_rate(rate, delays):
    pace, now = Pace.start(rate, 0.0), 0.0
    slots = []
    for delay in delays:
        now = max(now, pace.next_at + delay)
        pace, slot = pace.reserve(now)
        slots.append(slot)
    assert (len(slots) - 1) / (slots[-1] - slots[0]) == pytest.approx(rate, rel=0.01)


@given(RATES, st.floats(-2, 2), st.floats(0, 100), st.floats(0, 0.2), st.integers(0, 50))
def test_as_many_are_due_as_slots_fall_before_the_moment(rate, next_at, now, lead, most):
    pace = Pace(rate, rate, now + next_at)
    until = now + lead
    slots = []
    after = pace
    for _ in range(most):
        after, slot = after.reserve(now)
        slots.append(slot)
    due = pace.due(until, now, most)
    assert sum(slot <= until - TINY for slot in slots) <= due <= sum(slot <= until + TINY for slot in slots)


@pytest.mark.parametrize(("next_at", "due"), [(9.0, 7), (10.0, 7), (10.05, 7), (10.5, 0)])
def test_without_a_limit_all_are_due_unless_held(next_at, due):
    pace = Pace(math.inf, math.inf, next_at)
    assert pace.due(10.1, 10.0, 7) == due
    slots = []
    for _ in range(7):
        pace, slot = pace.reserve(10.0)
        slots.append(slot)
    assert sum(slot <= 10.1 for slot in slots) == due


@given(RATES, st.floats(0, 1e4), st.floats(0, 1e4))
def test_nothing_is_due_before_the_end_of_a_hold(rate, now, wait):
    pace = Pace.start(rate, now).held(now + wait)
    assert pace.reserve(now)[1] >= now + wait
    assert pace.held(now).next_at == pace.next_at
    if wait > 1:
        assert pace.due(now + wait / 2, now, 10) == 0


def test_throttling_halves_the_rate_and_makes_the_next_one_wait():
    pace = Pace.start(20.0, 0.0).slowed(now=5.0, sent_at=4.9, measured=math.inf)
    assert (pace.rate, pace.limit) == (10.0, 20.0)
    assert pace.reserve(5.0)[1] == pytest.approx(5.1)


def test_the_rate_that_was_reached_is_what_is_halved():
    assert Pace.start(1000.0, 0.0).slowed(now=5.0, sent_at=4.9, measured=80.0).rate == 40.0


def test_requests_that_were_on_their_way_slow_nothing_further():
    pace = Pace.start(20.0, 0.0).slowed(now=5.0, sent_at=4.9, measured=20.0)
    assert pace.slowed(now=5.1, sent_at=4.95, measured=20.0) is pace
    assert pace.slowed(now=5.2, sent_at=5.0, measured=20.0) is pace
    assert pace.slowed(now=5.3, sent_at=5.1, measured=20.0).rate == 5.0


@given(RATES, st.lists(st.tuples(st.floats(0, 3), st.floats(0.001, 3000)), max_size=60))
def test_the_rate_stays_between_its_floor_and_its_limit(limit, events):
    """Throttling after throttling, with recoveries between them: never faster than the limit, never near a standstill."""
    pace, now = Pace.start(limit, 0.0), 0.0
    for seconds, measured in events:
        before = pace.rate
        pace = pace.recovered(seconds)
        assert before <= pace.rate <= limit
        now += seconds + 0.001
        start = pace.slowed_from if pace.rate < pace.slowed_from else min(pace.rate, measured)
        before = pace.rate
        pace = pace.slowed(now, now, measured)
        assert start * 0.02 * (1 - TINY) <= pace.rate <= before * (1 + TINY)


def test_it_never_comes_to_less_than_a_fiftieth():
    pace = Pace.start(100.0, 0.0)
    for second in range(1, 50):
        pace = pace.slowed(now=second, sent_at=second, measured=pace.rate)
    assert pace.rate == pytest.approx(2.0)


def test_it_comes_back_to_the_limit_within_twenty_seconds_and_not_beyond():
    pace = Pace.start(20.0, 0.0).slowed(now=1.0, sent_at=1.0, measured=20.0)
    assert pace.recovered(1.0).rate == pytest.approx(11.0)
    assert pace.recovered(9.9).rate < 20.0
    assert pace.recovered(10.1).rate == 20.0
    assert pace.recovered(1e9).rate == 20.0
    full = Pace.start(20.0, 0.0)
    assert full.recovered(5.0) is full


def test_an_unlimited_rate_gets_a_finite_one_by_throttling_and_grows_back():
    pace = Pace.start(math.inf, 0.0).slowed(now=5.0, sent_at=4.0, measured=300.0)
    assert pace.rate == 150.0
    grown = pace.recovered(10.0)
    assert grown.rate == pytest.approx(300.0)
    assert grown.recovered(100.0).rate == pytest.approx(1800.0)
    assert grown.due(6.0, 6.0, 1000) < 1000
