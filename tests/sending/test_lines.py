"""What the two sides of a pipe say to each other: it comes through as it was said, one line each."""

from __future__ import annotations

import io
import math
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.model import Message, Outcome
from batch_sms.sending.lines import (
    endless,
    finite,
    from_message,
    from_outcome,
    line_of,
    parts_of,
    to_message,
    to_outcome,
    whole_lines,
)

MESSAGES = st.from_type(Message)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=OFFSETS)
OUTCOMES = st.builds(Outcome, sent_at=MOMENTS, retry_after=st.none() | st.floats(0, 300))


def through(*parts):
    line = line_of(*parts)
    assert (line[-1:], line.count(b"\n")) == (b"\n", 1)
    return parts_of(line)


@given(MESSAGES)
def test_a_message_comes_through(message):
    (said,) = through(from_message(message))
    assert to_message(said) == message


@given(OUTCOMES)
def test_an_outcome_comes_through(outcome):
    (said,) = through(from_outcome(outcome))
    there = to_outcome(said)
    assert there == outcome
    assert (type(there.action), type(there.retry)) == (type(outcome.action), type(outcome.retry))
    assert there.sent_at.utcoffset() == outcome.sent_at.utcoffset()


@pytest.mark.parametrize("number", [0.0, 12.5, 1.8e9, math.inf])
def test_a_number_comes_through_whether_it_ends_or_not(number):
    (said,) = through(finite(number))
    assert endless(said) == number


@pytest.mark.parametrize(
    ("came", "lines"), [(b"", []), (b"[1]\n[2]\n", [b"[1]\n", b"[2]\n"]), (b"[1]\n[2", [b"[1]\n"]), (b"[", [])]
)
def test_half_a_line_says_nothing(came, lines):
    assert list(whole_lines(io.BytesIO(came))) == lines
