"""What is said of a step that goes on, in the room that there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tqdm.utils import disp_len

from batch_sms import words
from batch_sms.cli.progress_line import Standing, bar_line, duration, log_line

COUNTS = {"accepted": 430_000, "rejected": 9_980, "in_doubt": 20}
SENDING = Standing("sending", 650.0, 440_000, 1_000_000, 0.44, 1990.4, 3728.4, COUNTS)
CHECKING = Standing("checking", 5.0, 14_999, None, 0.149, 59.26, 14.2)
READING = Standing("reading", 5.0)
STEPS = ("reading", "checking", "comparing", "entering", "sending", "writing")


@pytest.mark.parametrize(
    ("standing", "columns", "line"),
    [
        (SENDING, 80, "sending 44% 1990/s, 1:02:08 left, accepted 430000, rejected 9980, in_doubt 20"),
        (SENDING, 60, "sending 44% 1:02:08 left, accepted 430000, rejected 9980"),
        (SENDING, 25, "sending 44% 1:02:08 left"),
        (SENDING, 10, "sending"),
        (SENDING, 5, "send"),
        (CHECKING, 80, "checking 15% ████▍                          14999, 59.3/s, 0:14 left"),
        (CHECKING, 40, "checking 15% 14999, 59.3/s, 0:14 left"),
        (READING, 80, "reading 0:05"),
    ],
)
def test_what_matters_most_stands_in_the_line(standing, columns, line):
    assert bar_line(standing, columns, "en") == line


def test_a_wide_terminal_has_all_of_it_and_a_bar():
    line = bar_line(SENDING, 120, "zh")
    assert line.endswith("440000 / 1000000, 1990/s, 剩余 1:02:08, accepted 430000, rejected 9980, in_doubt 20")
    assert line.startswith("发送 44% ████")


def test_a_terminal_without_such_characters_gets_a_plain_bar():
    assert bar_line(CHECKING, 80, "en", ascii_bar=True).startswith("checking 15% ####")


@pytest.mark.parametrize(
    ("standing", "lang", "line"),
    [
        (READING, "en", "reading: 0:05"),
        (CHECKING, "zh", "检查：15%, 14999, 59.3/s, 剩余 0:14"),
        (
            *(SENDING, "en"),
            "sending: 44%, 440000 of 1000000, 1990/s, 1:02:08 left, accepted 430000, rejected 9980, in_doubt 20",
        ),
    ],
)
def test_a_log_has_all_of_it(standing, lang, line):
    assert log_line(standing, lang) == line


@given(
    st.builds(
        Standing,
        st.sampled_from(STEPS),
        st.floats(0, 1e6),
        st.integers(0, 10**9),
        st.none() | st.integers(0, 10**9),
        st.none() | st.floats(0, 1),
        st.none() | st.floats(0, 1e6),
        st.none() | st.floats(0, 1e7),
        st.fixed_dictionaries({name: st.integers(0, 10**9) for name in COUNTS}),
    ),
    st.integers(1, 200),
    st.sampled_from(words.LANGUAGES),
)
def test_it_is_never_as_wide_as_the_terminal(standing, columns, lang):
    assert disp_len(bar_line(standing, columns, lang)) <= max(0, columns - 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3599, "59:59"), (3600, "1:00:00"), (1e5, "27:46:40")],
)
def test_time_is_said_in_hours_minutes_and_seconds(seconds, text):
    assert duration(seconds) == text
