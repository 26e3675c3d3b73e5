from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from batch_sms.checking.prices import Price, read_prices, totals
from batch_sms.errors import ListError
from batch_sms.model import Row

HEADERS = ("Country", "Price per segment", "Currency")


def prices(*lines, headers=HEADERS):
    return read_prices(headers, [Row(n, tuple(line)) for n, line in enumerate(lines, start=2)], Path("prices.csv"))


@pytest.mark.parametrize(
    ("line", "country", "amount", "currency"),
    [
        (("HK", "0.045", "USD"), "HK", "0.045", "USD"),
        (("中国", "0,05", "usd"), "CN", "0.05", "USD"),
        (("+65", "1", "CNY"), "SG", "1", "CNY"),
        (("Germany", "12,5", "EUR"), "DE", "12.5", "EUR"),
        (("德国", "0.6", "人民币"), "DE", "0.6", "CNY"),
        (("HK", "0", "USD"), "HK", "0", "USD"),
        (("HK", "０.０４５", "USD"), "HK", "0.045", "USD"),
        (("HK", ".045", "USD"), "HK", "0.045", "USD"),
        (("VN", "1000", "VND"), "VN", "1000", "VND"),
        (("VN", "1,234.5", "VND"), "VN", "1234.5", "VND"),
        (("VN", "1.234,5", "VND"), "VN", "1234.5", "VND"),
        (("VN", "1.234.567", "VND"), "VN", "1234567", "VND"),
        (("VN", "1.1250", "USD"), "VN", "1.125", "USD"),
        (("VN", "1234.567", "VND"), "VN", "1234.567", "VND"),
        (("SG", "0.05", "美元"), "SG", "0.05", "USD"),
        (("SG", "0.05", "Singapore Dollar"), "SG", "0.05", "SGD"),
        (("HK", "0.05", "港币"), "HK", "0.05", "HKD"),
    ],
)
def test_a_line_is_a_price(line, country, amount, currency):
    assert prices(line) == {country: Price(Decimal(amount), currency)}


@pytest.mark.parametrize(
    "line",
    [
        ("Atlantis", "0.045", "USD"),
        ("", "0.045", "USD"),
        ("HK", "", "USD"),
        ("HK", "free", "USD"),
        ("HK", "-0.045", "USD"),
        ("HK", "1.", "USD"),
        ("HK", ".", "USD"),
        ("HK", "1 000", "USD"),
        ("HK", "1,23,456", "USD"),
        ("HK", "1.234.56", "USD"),
        ("HK", "4.5e-2", "USD"),
        ("HK", "$0.045", "USD"),
        ("HK", "0.045", ""),
        ("HK", "0.045", "dollars"),
        ("HK", "0.045", "USS"),
        ("HK", "0", "USD", "045"),
        ("", "", "", "HK 0.045 USD"),
    ],
)
def test_a_line_that_is_no_price_is_refused(line):
    with pytest.raises(ListError) as error:
        prices(("SG", "1", "USD"), line)
    assert (error.value.key, error.value.facts["row"]) == ("price_line", 3)


@pytest.mark.parametrize(
    ("others", "amount", "expected"),
    [
        (["0.045"], "1.000", "1"),
        (["0.045", "1000", "2"], "1,000", "1000"),
        (["0,045"], "1.000", "1000"),
        (["0,045", "12,5"], "1,125", "1.125"),
    ],
)
def test_an_amount_with_two_meanings_is_read_as_the_others_of_its_table(others, amount, expected):
    lines = [(country, other, "USD") for country, other in zip(("SG", "DE", "FR"), others, strict=False)]
    assert prices(("HK", amount, "USD"), *lines)["HK"].amount == Decimal(expected)


@pytest.mark.parametrize(
    ("others", "amount", "first", "second"),
    [
        ([], "1.000", "1", "1000"),
        ([], "1,125", "1125", "1.1250"),
        (["1", "2.000"], "1.125", "1.1250", "1125"),
        (["0.045", "0,05"], "12.500", "12.5000", "12500"),
    ],
)
def test_an_amount_that_may_be_a_thousand_times_another_is_refused_with_both(others, amount, first, second):
    lines = [(country, other, "USD") for country, other in zip(("SG", "DE"), others, strict=False)]
    with pytest.raises(ListError) as error:
        prices(("HK", amount, "USD"), *lines)
    facts = error.value.facts
    assert (error.value.key, facts["row"], facts["first"], facts["second"]) == ("price_unsure", 2, first, second)


def test_a_line_for_a_country_goes_before_its_shared_dial_code():
    found = prices(("1", "0.01", "USD"), ("Bahamas", "0.05", "USD"))
    assert (found["US"].amount, found["BS"].amount) == (Decimal("0.01"), Decimal("0.05"))


def test_two_prices_for_a_country_are_refused_and_the_same_twice_is_one():
    assert prices(("HK", "1", "USD"), ("HKG", "1.0", "USD"), ("", "", "")) == {"HK": Price(Decimal(1), "USD")}
    with pytest.raises(ListError) as error:
        prices(("HK", "1", "USD"), ("Hong Kong", "2", "USD"))
    assert error.value.key == "price_twice"


@pytest.mark.parametrize("headers", [("country", "price", "x"), ("country", "price", "cost"), ("a", "b", "c")])
def test_a_table_without_its_columns_is_refused(headers):
    with pytest.raises(ListError) as error:
        prices(headers=headers)
    assert error.value.key == "price_columns"


def test_chinese_headers_are_known():
    assert prices(("香港", "0.3", "CNY"), headers=("国家/地区", "单价", "币种"))["HK"].currency == "CNY"


def test_a_total_is_exact_and_by_currency():
    cent, yuan = Price(Decimal("0.1"), "USD"), Price(Decimal("0.3"), "CNY")
    assert totals([cent.times(3), cent, yuan]) == {"USD": Decimal("0.4"), "CNY": Decimal("0.3")}


@pytest.mark.parametrize(
    ("amount", "segments", "spoken"),
    [
        ("0.045", 100_000, "4,500.00 USD"),
        ("0.045", 1, "0.045 USD"),
        ("1", 1, "1.00 USD"),
        ("0.10", 3, "0.30 USD"),
        ("0", 9, "0.00 USD"),
    ],
)
def test_a_price_is_spoken_with_its_currency_and_two_decimals_or_more(amount, segments, spoken):
    assert str(Price(Decimal(amount), "USD").times(segments)) == spoken
