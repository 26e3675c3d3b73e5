"""What an outcome means: the whole table, and the laws it keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.model import Action, Outcome, Retry, Status
from batch_sms.sending.policy import CLOCK_TRIES, CONNECT_TRIES, THROTTLED_TRIES, Step, Verdict, decide

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
WAITS = Status.NOT_SENT


def outcome(action, retry=None, retry_after=None):
    return Outcome(action, "code", AT, retry=retry, retry_after=retry_after)


@pytest.mark.parametrize(
    ("said", "attempt", "faults", "jitter", "expected"),
    [
        (outcome(Action.OK), 1, 0, 0.5, Verdict(Status.ACCEPTED, Step.GO_ON, 0.0)),
        (outcome(Action.OK), 99, 99, 0.5, Verdict(Status.ACCEPTED, Step.GO_ON, 0.0)),
        (outcome(Action.ROW), 1, 0, 0.5, Verdict(Status.REJECTED, Step.GO_ON, 0.0)),
        (outcome(Action.IN_DOUBT), 1, 0, 0.5, Verdict(Status.IN_DOUBT, Step.GO_ON, 0.0)),
        (outcome(Action.STOP), 1, 0, 0.5, Verdict(WAITS, Step.STOP, 0.0)),
        (outcome(Action.RETRY, Retry.CLOCK), 1, 0, 0.5, Verdict(WAITS, Step.RETRY, 0.0)),
        (outcome(Action.RETRY, Retry.CLOCK), 2, 0, 0.5, Verdict(WAITS, Step.RETRY, 0.0)),
        (outcome(Action.RETRY, Retry.CLOCK), 3, 0, 0.5, Verdict(WAITS, Step.STOP, 0.0)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 1, 0.0, Verdict(WAITS, Step.HOLD, 0.25)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 1, 1.0, Verdict(WAITS, Step.HOLD, 0.5)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 2, 1.0, Verdict(WAITS, Step.HOLD, 1.0)),
        (outcome(Action.RETRY, Retry.CONNECT), 50, 5, 1.0, Verdict(WAITS, Step.HOLD, 8.0)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 6, 1.0, Verdict(WAITS, Step.HOLD, 10.0)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 7, 1.0, Verdict(WAITS, Step.STOP, 0.0)),
        (outcome(Action.RETRY, Retry.CONNECT), 1, 8, 1.0, Verdict(WAITS, Step.STOP, 0.0)),
        (outcome(Action.RETRY, Retry.SLOW), 1, 0, 0.0, Verdict(WAITS, Step.SLOW_DOWN, 0.25)),
        (outcome(Action.RETRY, Retry.SLOW), 1, 0, 1.0, Verdict(WAITS, Step.SLOW_DOWN, 0.5)),
        (outcome(Action.RETRY, Retry.SLOW), 3, 9, 1.0, Verdict(WAITS, Step.SLOW_DOWN, 2.0)),
        (outcome(Action.RETRY, Retry.SLOW), 6, 0, 1.0, Verdict(WAITS, Step.SLOW_DOWN, 10.0)),
        (outcome(Action.RETRY, Retry.SLOW), 19, 0, 1.0, Verdict(WAITS, Step.SLOW_DOWN, 10.0)),
        (outcome(Action.RETRY, Retry.SLOW), 20, 0, 1.0, Verdict(WAITS, Step.GO_ON, 0.0)),
        (outcome(Action.RETRY, Retry.SLOW, 30.0), 1, 0, 0.0, Verdict(WAITS, Step.SLOW_DOWN, 30.0)),
        (outcome(Action.RETRY, Retry.SLOW, 30.0), 1, 0, 1.0, Verdict(WAITS, Step.SLOW_DOWN, 33.0)),
        (outcome(Action.RETRY, Retry.SLOW, 0.3), 20, 0, 1.0, Verdict(WAITS, Step.GO_ON, 0.0)),
    ],
)
def test_the_table(said, attempt, faults, jitter, expected):
    assert decide(said, attempt, faults, jitter) == expected


def test_the_limits_of_the_table():
    assert (CLOCK_TRIES, CONNECT_TRIES, THROTTLED_TRIES) == (3, 7, 20)


ATTEMPTS = st.integers(1, 60)
FAULTS = st.integers(0, 60)
JITTER = st.floats(0, 1)
OUTCOMES = st.builds(
    outcome,
    st.sampled_from(Action),
    st.one_of(st.none(), st.sampled_from(Retry)),
    st.one_of(st.none(), st.floats(0, 1e4)),
)


@given(OUTCOMES, ATTEMPTS, FAULTS, JITTER)
def test_a_row_stays_unsent_only_where_the_attempt_certainly_was_not_sent(said, attempt, faults, jitter):
    verdict = decide(said, attempt, faults, jitter)
    assert (verdict.status is Status.NOT_SENT) == (said.action in (Action.RETRY, Action.STOP))
    if verdict.step not in (Step.GO_ON, Step.STOP):
        assert said.action is Action.RETRY
        assert verdict.status is Status.NOT_SENT


@given(OUTCOMES, ATTEMPTS, FAULTS, JITTER)
def test_what_is_in_doubt_is_never_tried_again(said, attempt, faults, jitter):
    doubtful = Outcome(Action.IN_DOUBT, said.code, AT, retry=said.retry, retry_after=said.retry_after)
    assert decide(doubtful, attempt, faults, jitter) == Verdict(Status.IN_DOUBT, Step.GO_ON)


@given(ATTEMPTS, FAULTS, JITTER, st.sampled_from([Retry.SLOW, Retry.CONNECT]))
def test_waits_grow_and_are_bounded(attempt, faults, jitter, retry):
    said = outcome(Action.RETRY, retry)
    verdict, later = decide(said, attempt, faults, jitter), decide(said, attempt + 1, faults + 1, jitter)
    assert 0 <= verdict.wait <= 10.0
    assert later.wait >= verdict.wait or later.step in (Step.GO_ON, Step.STOP)


@given(st.integers(1, 19), st.floats(0, 1e4), JITTER)
def test_a_wait_that_the_gateway_asks_for_is_kept(attempt, retry_after, jitter):
    verdict = decide(outcome(Action.RETRY, Retry.SLOW, retry_after), attempt, 0, jitter)
    assert retry_after <= verdict.wait <= retry_after * 1.1 + 1e-9
