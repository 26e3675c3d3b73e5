"""The options of the check, from the campaign to the report, and what is said of a row that is held back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from batch_sms.campaign import Campaign
from batch_sms.checked_list import check_list
from batch_sms.errors import ListError, SettingsError
from batch_sms.explain import Explainer
from batch_sms.ledger import Ledger
from batch_sms.model import Problem, Record, Row, Status

TEXT = "phone,country,name\n010-12345678,CN,Li\n20012345678,CN,Wei\n13800138000,CN,Wu\n91234567,HK,Ho\n"


@pytest.fixture
def checked_of(tmp_path):
    def check(content=TEXT, **fields):
        path = tmp_path / "list.csv"
        path.write_text(content)
        return check_list(Campaign(list=path, sign="Acme", template="SMS_1", **fields))

    return check


@pytest.mark.parametrize(
    ("fields", "sendable"),
    [
        ({}, [False, False, True, True]),
        ({"landlines": "allow"}, [True, False, True, True]),
        ({"accept_possible": True}, [False, True, True, True]),
        ({"landlines": "allow", "accept_possible": True}, [True, True, True, True]),
    ],
)
def test_what_phones_are_taken_is_chosen(checked_of, fields, sendable):
    with checked_of(**fields) as checked:
        assert [row.sendable for row in checked] == sendable


def test_an_option_that_is_no_choice_is_refused(tmp_path):
    with pytest.raises(SettingsError) as error:
        Campaign(list=tmp_path / "list.csv", landlines="maybe")
    assert error.value.key == "not_a_choice"


def test_prices_give_the_cost_before_sending(checked_of, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text("country,price,currency\nChina,0.005,USD\n")
    with checked_of(prices=prices) as checked:
        assert (checked.report.costs, checked.report.unpriced) == ({"USD": Decimal("0.005")}, ["HK"])


@pytest.mark.parametrize(
    ("content", "key"),
    [("country,price\nCN,1\n", "price_columns"), ("country,price,currency\nCN,cheap,USD\n", "price_line")],
)
def test_prices_that_can_not_be_read_are_refused(checked_of, tmp_path, content, key):
    prices = tmp_path / "prices.csv"
    prices.write_text(content)
    with pytest.raises(ListError) as error:
        checked_of(prices=prices)
    assert error.value.key == key


def test_the_ledger_keeps_which_row_a_duplicate_repeats(checked_of, tmp_path):
    line = "13800138000,CN,Li\n"
    with checked_of(f"phone,country,name\n{line}{line}") as checked, Ledger(tmp_path / "ledger.db") as ledger:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        run = ledger.enter("run", "list.csv", checked.fingerprint, checked.table.headers, checked, now=now)
        record = list(ledger.records(run))[1]
    assert (record.status, record.code) == (Status.SKIPPED, "skip.DUPLICATE")
    message, advice = Explainer()(record)
    assert message == "The same message for the same phone stands in row 2."
    assert "--duplicates send" in advice


def test_a_row_that_was_held_back_once_and_sent_later_is_not_called_a_duplicate():
    problem = Problem("skip.DUPLICATE", "", {"row": "2"})
    assert Explainer()(Record(Row(3, ()), Status.ACCEPTED, "OK", (problem,), message="OK")) == ("OK", "")
