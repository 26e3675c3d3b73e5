from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.durations import duration_of, short_form
from batch_sms.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("2h", 7200),
        ("7d", 604800),
        ("1h30m", 5400),
        ("1d 2h 3m 4s", 93784),
        (" 10M ", 600),
        ("10 m", 600),
        ("1.5h", 5400),
        ("200ms", 0.2),
        ("1s500ms", 1.5),
        ("0s", 0),
    ],
)
def test_a_duration_is_read(text, seconds):
    assert duration_of(text, "wait-lock") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "10", "0", "s", "10x", "-10m", "+10m", "10 minutes", "30m1h", "1h1h", "1,5h", "1e3s", "10m."),
        *("١٠m", "１０m", "inf", "nan", "99999999999d", "10m\n5", "2/7d"),
    ],
)
def test_what_is_no_duration_is_refused_by_its_option(text):
    with pytest.raises(SettingsError) as error:
        duration_of(text, "wait-lock")
    assert (error.value.key, error.value.facts) == ("duration_unreadable", {"option": "wait-lock", "value": text})


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59, "59s"), (60, "1m"), (5400, "1h30m"), (604800, "7d"), (0.25, "250ms"), (59.9996, "1m")],
)
def test_a_duration_has_a_short_form(seconds, text):
    assert short_form(timedelta(seconds=seconds)) == text


@given(st.integers(0, 10**12))
def test_the_short_form_is_read_as_the_same_duration(milliseconds):
    duration = timedelta(milliseconds=milliseconds)
    assert duration_of(short_form(duration), "x") == duration
