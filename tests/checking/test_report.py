from __future__ import annotations

from decimal import Decimal

import pytest

from batch_sms.checking.prices import Price
from batch_sms.checking.report import CountryLine, Report
from batch_sms.model import Checked, Message, Note, Problem, Row


def good(number=2, skip="", country="CN", segments=1):
    message = Message("+8613800138000", "13800138000", country, "Acme", "SMS_1", '{"name":"Li"}', "")
    return Checked(Row(number, ()), message, skip=skip, segments=segments)


def bad(number, *codes):
    return Checked(Row(number, ()), None, tuple(Problem(code) for code in codes))


def report_of(*rows):
    report = Report()
    for row in rows:
        report.add(row)
    return report


def test_an_empty_report_is_all_zeros():
    report = Report()
    assert (report.rows, report.sendable, report.invalid, report.segments) == (0, 0, 0, 0)


def test_each_row_is_counted_once():
    report = report_of(good(2), good(3, "skip.DUPLICATE"), bad(4, "check.CELLS"), good(5, "skip.OPTED_OUT"))
    assert (report.rows, report.sendable, report.invalid) == (4, 1, 1)
    assert dict(report.skipped) == {"skip.DUPLICATE": 1, "skip.OPTED_OUT": 1}


def test_messages_and_segments_are_summed_by_country():
    report = report_of(good(2), good(3), good(4, country="HK", segments=2))
    assert dict(report.countries) == {"CN": CountryLine(2, 2), "HK": CountryLine(1, 2)}
    assert report.segments == 4


def test_a_held_back_row_is_in_no_country():
    assert dict(report_of(good(2, "skip.DUPLICATE")).countries) == {}


def test_a_problem_counts_rows_and_not_cells():
    report = report_of(bad(2, "check.PARAM_EMPTY", "check.PARAM_EMPTY"), bad(3, "check.PARAM_EMPTY", "check.CELLS"))
    assert {code: line.rows for code, line in report.problems.items()} == {"check.PARAM_EMPTY": 2, "check.CELLS": 1}


def test_the_first_three_rows_of_a_problem_are_kept():
    report = report_of(*(bad(number, "check.CELLS") for number in range(2, 9)))
    assert [number for number, _ in report.problems["check.CELLS"].first] == [2, 3, 4]


@pytest.mark.parametrize("code", ["warn.NUMBER_SHOWN", "warn.DATE_SHOWN"])
def test_what_a_whole_column_shares_is_kept_once_for_each_column(code):
    both = (Problem(code, "amount"), Problem(code, "price"))
    rows = [good(number)._replace(warnings=both if number > 3 else both[:1]) for number in range(2, 9)]
    line = report_of(*rows).warnings[code]
    assert [(number, problem.column) for number, problem in line.first] == [(2, "amount"), (4, "price")]
    assert dict(line.columns) == {"amount": 7, "price": 5}


def test_the_first_three_messages_are_samples():
    report = report_of(bad(2, "check.CELLS"), good(3, "skip.DUPLICATE"), *(good(number) for number in range(4, 9)))
    assert [checked.row.number for checked in report.samples] == [4, 5, 6]


def test_warnings_are_counted_for_rows_that_are_sent():
    warned = good(2)._replace(
        warnings=(Problem("warn.LINK", "a"), Problem("warn.LINK", "b"), Problem("warn.LONG", "a"))
    )
    report = report_of(
        warned, good(3, "skip.DUPLICATE")._replace(warnings=warned.warnings), warned._replace(row=Row(4, ()))
    )
    assert {code: line.rows for code, line in report.warnings.items()} == {"warn.LINK": 2, "warn.LONG": 2}
    assert [number for number, _ in report.warnings["warn.LINK"].first] == [2, 2, 4]


def test_the_cost_follows_the_segments():
    report = Report(prices={"CN": Price(Decimal("0.05"), "USD"), "HK": Price(Decimal("0.4"), "CNY")})
    for row in (good(2), good(3), good(4, country="HK"), good(5, country="SG")):
        report.add(row)
    assert report.cost_of("CN") == Price(Decimal("0.10"), "USD")
    assert report.costs == {"USD": Decimal("0.10"), "CNY": Decimal("0.4")}
    assert (report.cost_of("SG"), report.unpriced) == (None, ["SG"])
    report.hold_back(good(3), "skip.ALREADY_SENT")
    assert report.costs["USD"] == Decimal("0.05")


def test_without_prices_nothing_costs_and_nothing_is_missing():
    report = report_of(good(2))
    assert (report.costs, report.unpriced, report.cost_of("CN")) == ({}, [], None)


def test_holding_a_row_back_takes_it_out_of_the_sums():
    report = report_of(good(2), good(3))
    report.hold_back(good(3), "skip.ALREADY_SENT")
    assert (report.rows, report.sendable, report.countries["CN"]) == (2, 1, CountryLine(1, 1))
    assert report.skipped["skip.ALREADY_SENT"] == 1


def test_holding_back_the_last_row_of_a_country_takes_the_country_out():
    report = report_of(good(2))
    report.hold_back(good(2), "skip.ALREADY_SENT")
    assert "CN" not in report.countries


@pytest.mark.parametrize(
    ("rows", "keys"),
    [
        ([bad(2, "check.COUNTRY_MISSING")], []),
        ([bad(2, "check.COUNTRY_MISSING"), bad(3, "check.COUNTRY_MISSING")], ["no_country"]),
        ([bad(2, "check.COUNTRY_UNKNOWN"), bad(3, "check.COUNTRY_UNKNOWN")], ["wrong_country"]),
        ([bad(2, "check.PHONE_INVALID"), bad(3, "check.PHONE_LETTERS")], ["wrong_column"]),
        ([bad(2, "check.CELLS", "check.PHONE_DATE"), bad(3, "check.CELLS")], ["other_length"]),
        ([bad(2, "check.COUNTRY_UNKNOWN"), good(3)], []),
        ([bad(2, "check.COUNTRY_UNKNOWN"), good(3, "skip.OPTED_OUT")], []),
    ],
)
def test_a_mistake_that_hits_every_row_is_told_once(rows, keys):
    assert [mistake.key for mistake in report_of(*rows).mistakes()] == keys


def test_columns_that_are_empty_in_every_row_are_named():
    def row(number, *columns):
        return Checked(Row(number, ()), None, tuple(Problem("check.PARAM_EMPTY", column) for column in columns))

    report = report_of(row(2, "note", "tag"), row(3, "note"), row(4, "tag", "note"))
    assert report.mistakes() == [Note("empty_column", {"column": "note"})]
