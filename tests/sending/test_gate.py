"""The gate and the door: what goes, and when, whatever stands still in between. Time is told; nothing here waits for real."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.model import Message, Pending
from batch_sms.sending.door import FASTER, MADE_UP, Door
from batch_sms.sending.gate import Gate
from batch_sms.sending.pacer import catch_up

RATES = st.floats(0.5, 2000)
TINY = 1e-6
PATIENCE = 30
GAPS = st.one_of(st.just(0.0), st.floats(0, 0.02), st.floats(0, 1.5), st.floats(1, 1e4))
"""Seconds between one look and the next: at once, jitter, small delays, stalls."""


class ToldClock:
    """Shows what it is told, and notes how long it was slept."""

    def __init__(self):
        self.seconds, self.slept = 1000.0, 0.0

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        assert seconds >= 0
        self.slept += seconds


def rows(count):
    return [Pending(n, n + 1, 0, Message("+1", "1", "US", "s", "t", "{}", str(n))) for n in range(count)]


def gate_of(rate, clock, count=0, idle=0):
    """A gate without its keeper: the test is the keeper."""
    gone = []
    gate = Gate(rate, clock, gone.extend)
    gate.freed(idle)
    gate.put(rows(count))
    return gate, gone


def most_in_a_second(moments):
    return max(bisect_left(moments, moment + 1) - first for first, moment in enumerate(moments))


@given(RATES, st.lists(GAPS, min_size=2, max_size=100))
def test_whatever_stood_still_no_second_has_more_than_the_rate(rate, gaps):
    clock = ToldClock()
    gate, gone = gate_of(rate, clock, 5000, 5000)
    for gap in gaps:
        clock.seconds += gap
        gone += gate.let_out()
    moments = [at for _, at in gone]
    assert most_in_a_second(moments) <= rate * (1 + catch_up(rate)) + 1 + TINY
    assert [pending.id for pending, _ in gone] == list(range(len(gone))), "in their order"


@given(st.floats(1, 2000), st.floats(0, 1e5))
def test_after_a_stall_there_is_no_burst(rate, stall):
    clock = ToldClock()
    gate, gone = gate_of(rate, clock, 1000, 1000)
    assert len(gone) == 1
    clock.seconds += stall
    assert len(gate.let_out()) <= rate * catch_up(rate) + 1 + TINY


def test_a_message_waits_for_an_idle_carrier_and_its_slot_is_lost_meanwhile():
    clock = ToldClock()
    gate, gone = gate_of(150.0, clock, 50)
    clock.seconds += 10
    assert gate.let_out() == []
    assert gate.wanting == 50
    gate.freed(20)
    assert len(gate.let_out()) == 2, "one is due, and one may be made up for"
    assert gate.wanting == 50 - 20
    assert gone == []


def test_without_a_rate_all_go_that_have_a_carrier():
    gate, gone = gate_of(float("inf"), ToldClock(), 10, 7)
    assert len(gone) == 7
    gate.freed(2)
    assert len(gate.let_out()) == 2


def test_nothing_goes_before_the_end_of_a_hold():
    clock = ToldClock()
    gate, gone = gate_of(100.0, clock, 0, 50)
    gate.hold(clock.seconds + 3)
    gate.put(rows(10))
    clock.seconds += 2.9
    assert gate.let_out() == gone == []
    clock.seconds += 0.1
    assert len(gate.let_out()) == 1


def test_what_did_not_go_can_be_called_back():
    gate, gone = gate_of(100.0, ToldClock(), 10, 50)
    assert [pending.id for pending in gate.call_back()] == list(range(1, 10))
    assert (len(gone), gate.call_back(), gate.let_out()) == (1, [], [])


@pytest.mark.parametrize(("lead", "due"), [(0.0, 1), (0.095, 10), (1.0, 20)])
def test_as_many_are_due_as_have_a_slot_soon_without_those_that_wait_already(lead, due):
    clock = ToldClock()
    gate, _ = gate_of(100.0, clock)
    assert gate.due(lead, 20) == due
    gate.put(rows(3))
    assert gate.due(lead, 20 - 3) == max(0, due - 3)
    assert gate.next_slot() == pytest.approx(clock.seconds + 3 / 100)


def test_the_rate_that_was_reached_is_that_of_what_went():
    clock = ToldClock()
    gate, gone = gate_of(10.0, clock, 21, 21)
    assert gate.rate_reached() == 0
    for _ in range(20):
        clock.seconds += 0.1
        gone += gate.let_out()
    assert len(gone) == 21
    assert gate.rate_reached() == pytest.approx(10.0)


def through(rate, gaps):
    """When messages that come to a door one after another go through."""
    clock = ToldClock()
    door, moments = Door(rate, clock), []
    for gap in gaps:
        clock.seconds += gap
        clock.slept = 0.0
        door.wait()
        moments.append(clock.seconds + clock.slept)
    return moments


@given(RATES, st.lists(GAPS, min_size=2, max_size=300))
def test_the_door_lets_no_second_have_more_than_the_rate_and_a_little(rate, gaps):
    moments = through(rate, gaps)
    assert moments == sorted(moments)
    assert most_in_a_second(moments) <= rate * (FASTER + MADE_UP * catch_up(rate)) + 1 + TINY


@given(RATES, st.lists(st.floats(0, 0.99), min_size=2, max_size=100))
def test_the_door_holds_up_nobody_who_comes_at_his_slot_or_a_moment_after_it(rate, delays):
    moments = [n / rate + delay * MADE_UP * catch_up(rate) for n, delay in enumerate(delays)]
    came = sorted(moments)
    gaps = [came[0], *(after - before for before, after in pairwise(came))]
    assert through(rate, gaps) == pytest.approx([1000.0 + moment for moment in came], abs=1e-6)


def test_a_queue_at_the_door_comes_to_an_end_while_more_keep_coming_at_the_rate():
    gaps = [0.1, *[0.0] * 99, *[0.001] * 50_000]  # what a stall kept back for a tenth of a second, and what follows it
    came = [1000.0 + moment for moment in accumulate(gaps)]
    held_up = [gone - at for gone, at in zip(through(1000.0, gaps), came, strict=True)]
    assert max(held_up) > 0.05
    assert max(held_up[-1000:]) < TINY


def test_who_waits_at_the_door_while_the_process_stands_still_does_not_burst_out_of_it():
    count, clock, stalls = 8, ToldClock(), iter([5.0])
    door, there = Door(10.0, clock), threading.Barrier(count)

    def sleep(seconds):
        until = clock.seconds + seconds
        time.sleep(0.001)  # lets the other threads come to the door
        clock.seconds = max(clock.seconds, until + next(stalls, 0.0))

    def pass_through():
        there.wait(PATIENCE)
        door.wait()

    clock.sleep = sleep
    threads = [threading.Thread(target=pass_through) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    # one goes before, one as it stands still no more, one with the slot that may be made up for, the others at theirs
    made_up, interval = MADE_UP * catch_up(10.0), 1 / (FASTER * 10)
    assert clock.seconds == pytest.approx(1000 + interval - made_up + 5 - made_up + (count - 3) * interval)


def test_without_a_rate_the_door_is_open():
    assert through(float("inf"), [0.0] * 5) == [1000.0] * 5
