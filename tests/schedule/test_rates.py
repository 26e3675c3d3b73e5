"""Rates: what is spaced, what is a cap, and what can't be read."""

from __future__ import annotations

import math

import pytest

from batch_sms.errors import SettingsError
from batch_sms.model import Cap
from batch_sms.schedule.rates import Rates, read_per_recipient, read_rates


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        (["20"], Rates(20)),
        (["20/s"], Rates(20)),
        (["0.5/s"], Rates(0.5)),
        (["1200/m"], Rates(20)),
        (["50/s", "2000/m"], Rates(2000 / 60)),
        (["0"], Rates(math.inf)),
        (["0", "30/s"], Rates(30)),
        ([" 20 / S "], Rates(20)),
        (["２０/s"], Rates(20)),
        ([], Rates(20)),
        (["5000/d"], Rates(20, (Cap(5000, 86400),))),
        (["200/h", "5000/d", "2/s"], Rates(2, (Cap(200, 3600), Cap(5000, 86400)))),
        (["0", "5000/d"], Rates(math.inf, (Cap(5000, 86400),))),
        (["0/d"], Rates(20)),
    ],
)
def test_rates_are_read(rates, expected):
    assert read_rates(rates) == expected


@pytest.mark.parametrize(
    "rate",
    [
        "",
        " ",
        "fast",
        "-1",
        "+5",
        "-1/s",
        "20/w",
        "20/",
        "/s",
        "1e3",
        "20/sec",
        "20s",
        "1,000",
        ".5",
        "5.",
        "20/s/s",
        "inf",
    ],
)
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(SettingsError) as refused:
        read_rates([rate])
    assert refused.value.key == "rate_unreadable"
    assert refused.value.facts["rate"] == rate


@pytest.mark.parametrize("rate", ["0.5/h", "1.5/d"])
def test_a_cap_is_a_whole_number(rate):
    with pytest.raises(SettingsError) as refused:
        read_rates([rate])
    assert refused.value.key == "rate_not_whole"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("2/7d", Cap(2, 7 * 86400)),
        ("1/d", Cap(1, 86400)),
        (" 3 / 12H ", Cap(3, 43200)),
        ("1/1h30m", Cap(1, 5400)),
    ],
)
def test_a_cap_for_each_phone_is_read(text, expected):
    assert read_per_recipient(text) == expected


@pytest.mark.parametrize("text", ["2", "0/7d", "2/7", "2/0d", "x/7d", "2/", "2/7w", "/d"])
def test_a_cap_for_each_phone_that_is_none_is_refused(text):
    with pytest.raises(SettingsError):
        read_per_recipient(text)
