"""When messages may go: the laws that every sequence of slots keeps."""

from __future__ import annotations

import itertools
import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.sending.pacer import Pace, catch_up

RATES = st.floats(0.05, 2000)
TINY = 1e-6
"""What floating point may be off, in seconds or in messages."""

GAPS = st.one_of(st.just(0.0), st.floats(0, 0.02), st.floats(0, 1.5), st.floats(1, 1e5))
"""Seconds between one asking and the next: at once, jitter, small delays, stalls."""


def reserve(pace, now):
    """The pace after one more message, and its slot."""
    return pace.taken(now, 1), pace.first_slot(now)


def asked(rate, gaps, start=0.0):
    """The moments of asking, and the slots given, for messages asked for one after another."""
    pace, now = Pace.start(rate, start), start
    moments, slots = [], []
    for gap in gaps:
        now += gap
        pace, slot = reserve(pace, now)
        moments.append(now)
        slots.append(slot)
    return moments, slots


@given(RATES, st.lists(GAPS, min_size=2, max_size=200), st.floats(0, 1e5))
def test_slots_are_one_interval_apart_and_never_longer_ago_than_the_catch_up(rate, gaps, start):
    moments, slots = asked(rate, gaps, start)
    assert all(after - before >= 1 / rate - TINY for before, after in pairwise(slots))
    assert all(slot >= moment - catch_up(rate) - TINY for moment, slot in zip(moments, slots, strict=True))


@given(st.floats(0.5, 120), st.lists(GAPS, min_size=2, max_size=300))
def test_no_second_has_more_than_the_rate(rate, gaps):
    """A message goes at its slot or, where that is past, when it is asked for: at most ``catch_up`` after its slot.

    So what goes within one second has its slots within 1 + catch_up seconds, and these are 1/rate apart.
    """
    went = [max(slot, moment) for moment, slot in zip(*asked(rate, gaps), strict=True)]
    assert went == sorted(went)
    most = rate * (1 + catch_up(rate)) + 1 + TINY
    first = 0
    for last, moment in enumerate(went):
        while moment - went[first] >= 1:
            first += 1
        assert last - first + 1 <= most


@given(st.floats(1, 2000))
def test_what_is_made_up_for_is_an_eightieth_of_the_rate_or_less_than_one_message(rate):
    assert rate * catch_up(rate) <= max(rate / 80, 0.5) + TINY


@given(RATES, st.floats(0, 1e6))
def test_neither_the_start_nor_a_stall_is_followed_by_a_burst(rate, stall):
    pace, _ = reserve(Pace.start(rate, 0.0), 0.0)
    at_once = 0
    while (reserved := reserve(pace, stall))[1] <= stall:
        pace = reserved[0]
        at_once += 1
    assert at_once <= rate * catch_up(rate) + 1 + TINY

    pace, at_start = Pace.start(rate, stall), 0
    while (reserved := reserve(pace, stall))[1] <= stall:
        pace = reserved[0]
        at_start += 1
    assert at_start == 1


@given(RATES, st.lists(st.floats(0, 0.99), min_size=100, max_size=300))
def test_small_delays_do_not_lower_the_mean_rate(rate, delays):
    pace, now = Pace.start(rate, 0.0), 0.0
    slots = []
    for delay in delays:
        now = max(now, pace.next_at + delay * catch_up(rate))
        pace, slot = reserve(pace, now)
        slots.append(slot)
    assert (len(slots) - 1) / (slots[-1] - slots[0]) == pytest.approx(rate, rel=0.01)


@given(RATES, st.floats(-2, 2), st.floats(0, 100), st.floats(0, 0.2), st.integers(0, 50))
def test_as_many_are_due_as_slots_fall_before_the_moment(rate, next_at, now, lead, most):
    pace = Pace(rate, rate, now + next_at)
    until = now + lead
    slots = []
    after = pace
    for _ in range(most):
        after, slot = reserve(after, now)
        slots.append(slot)
    due = pace.due(until, now, most)
    assert sum(slot <= until - TINY for slot in slots) <= due <= sum(slot <= until + TINY for slot in slots)


@pytest.mark.parametrize(("next_at", "due"), [(9.0, 7), (10.0, 7), (10.05, 7), (10.5, 0)])
def test_without_a_limit_all_are_due_unless_held(next_at, due):
    pace = Pace(math.inf, math.inf, next_at)
    assert pace.due(10.1, 10.0, 7) == due
    slots = []
    for _ in range(7):
        pace, slot = reserve(pace, 10.0)
        slots.append(slot)
    assert sum(slot <= 10.1 for slot in slots) == due


@given(RATES, st.floats(0, 1e4), st.floats(0, 1e4))
def test_nothing_is_due_before_the_end_of_a_hold(rate, now, wait):
    pace = Pace.start(rate, now).held(now + wait)
    assert reserve(pace, now)[1] >= now + wait
    assert pace.held(now).next_at == pace.next_at
    if wait > 1:
        assert pace.due(now + wait / 2, now, 10) == 0


def told(pace, answers, *, at, measured=math.inf):
    """The pace after so many answers (a letter each: a taken, t throttled), all a moment after ``at``."""
    for letter in answers:
        pace = pace.heard(at, [(at, letter == "t")], measured)
    return pace


@pytest.mark.parametrize(
    ("answers", "rate"),
    [
        ("aaaa", 30.0),
        ("aaat", 30.0 * (1 - 0.25 / 3)),
        ("aatt", 30.0 * (1 - 0.5 / 3)),
        ("attt", 15.0),
        ("tttt", 15.0),
        ("ttt", 30.0),
    ],
)
def test_the_share_of_a_window_decides(answers, rate):
    assert told(Pace.start(30.0, 0.0), answers, at=1.5).rate == pytest.approx(rate)


def test_a_window_is_heard_out_before_it_is_judged():
    pace = told(Pace.start(30.0, 0.0), "ttatat", at=0.9)
    assert pace.rate == 30.0
    assert told(pace, "t", at=1.0).rate == 15.0


def test_a_storm_is_judged_at_once():
    assert told(Pace.start(1000.0, 0.0), "t" * 9, at=0.1).rate == 1000.0
    assert told(Pace.start(1000.0, 0.0), "t" * 10, at=0.1).rate == 500.0


@given(st.lists(st.tuples(st.floats(0.0, 1.2), st.booleans()), max_size=60), st.floats(0.0, 2.0))
def test_answers_heard_together_are_answers_heard_one_by_one(answers, now):
    together = one_by_one = Pace.start(1000.0, 0.0)
    for answer in answers:
        one_by_one = one_by_one.heard(now, [answer], 900.0)
    assert together.heard(now, answers, 900.0) == one_by_one


def test_what_was_on_its_way_says_nothing_of_the_new_rate():
    pace = told(Pace.start(30.0, 0.0), "tttt", at=1.5)
    later = pace
    for _ in range(50):
        later = later.heard(5.0, [(1.4, True)], math.inf)
    assert later is pace


def test_the_rate_that_was_reached_is_what_is_slowed():
    assert told(Pace.start(1000.0, 0.0), "tttt", at=1.5, measured=80.0).rate == 40.0


def test_slowing_makes_the_next_one_wait():
    pace = told(Pace.start(30.0, 0.0), "tttt", at=1.5)
    assert reserve(pace, 1.5)[1] == pytest.approx(1.5 + 1 / 15)


def test_it_comes_back_to_the_limit_and_not_beyond():
    pace = told(Pace.start(20.0, 0.0), "tttt", at=1.0)
    assert pace.recovered(1.0).rate == pytest.approx(11.0)
    assert pace.recovered(9.9).rate < 20.0
    assert pace.recovered(1e9).rate == 20.0
    full = Pace.start(20.0, 0.0)
    assert full.recovered(5.0) is full


def test_an_unlimited_rate_gets_a_finite_one_by_throttling_and_grows_back():
    pace = told(Pace.start(math.inf, 0.0), "tttt", at=1.0, measured=300.0)
    assert pace.rate == 150.0
    assert pace.recovered(10.0).rate == pytest.approx(300.0)


@given(
    st.sampled_from([5.0, 50.0, 1000.0, math.inf]),
    st.lists(st.tuples(st.floats(0.0, 3.0), st.booleans(), st.floats(1.0, 2000.0)), max_size=200),
)
def test_the_rate_stays_above_nothing_and_within_its_limit(limit, answers):
    pace, now = Pace.start(limit, 0.0), 0.0
    for seconds, throttled, measured in answers:
        now += seconds
        pace = pace.recovered(seconds).heard(now, [(now, throttled)], measured)
        assert 0 < pace.rate <= limit


def taken_by(gateway, limit, seconds=40.0):
    """Simulate a sending: messages taken and throttled in a second, by a gateway that is told the time of each."""
    pace, now, before, on_their_way, counts = Pace.start(limit, 0.0), 0.0, 0.0, [], [0, 0]
    while now < seconds:
        pace, slot = reserve(pace, now)
        now = max(now, slot)
        while on_their_way and on_their_way[0][0] <= now:
            came, sent, throttled = on_their_way.pop(0)
            pace = pace.heard(came, [(sent, throttled)], pace.rate)
        pace, before = pace.recovered(now - before), now
        throttled = gateway(now)
        counts[throttled] += 1
        on_their_way.append((now + 0.05, now, throttled))
    return counts[0] / seconds, counts[1] / seconds


def window_of(most):
    """A gateway that takes so many in any second."""
    took = []

    def throttles(now):
        took[:] = [moment for moment in took if moment > now - 1]
        if len(took) >= most:
            return True
        took.append(now)
        return False

    return throttles


@pytest.mark.parametrize("limit", [50.0, 300.0, 1000.0])
def test_a_gateway_with_a_limit_is_used_to_the_full_and_not_hammered(limit):
    taken, throttled = taken_by(window_of(20), limit)
    assert taken > 0.95 * 20
    assert throttled < 0.7 * 20


@pytest.mark.parametrize("every", [10, 20])
def test_a_gateway_that_refuses_some_whatever_the_rate_is_not_slowed_for_it(every):
    numbers = itertools.count()
    taken, _ = taken_by(lambda _: next(numbers) % every == 0, 300.0)
    assert taken > 0.85 * 300
