from __future__ import annotations

import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.checking import rows
from batch_sms.checking.phones import Rules
from batch_sms.checking.rows import Checker, identity_of
from batch_sms.explain import Explainer
from batch_sms.model import Flaw, Message, Problem, Row
from batch_sms.sheets import cells as read_cells
from batch_sms.sheets.columns import map_columns

HEADERS = ("phone", "country", "sign", "template", "name", "out id")
GOOD = ("13800138000", "CN", "Acme", "SMS_1", "Li", "a-1")


def checker(headers=HEADERS, **settings):
    return Checker(map_columns(headers, {}), **settings)


def cells(**changed):
    values = dict(zip(("phone", "country", "sign", "template", "name", "out_id"), GOOD, strict=True))
    return tuple((values | changed).values())


def codes(checked):
    return [problem.code for problem in checked.problems]


def test_a_good_row_is_the_message_that_the_gateway_gets():
    checked = checker().check(Row(2, GOOD))
    assert checked.message == Message("+8613800138000", "13800138000", "CN", "Acme", "SMS_1", '{"name":"Li"}', "a-1")
    assert (checked.sendable, checked.occurrence, checked.problems, checked.skip) == (True, 1, (), "")


@pytest.mark.parametrize(
    ("changed", "code", "column"),
    [
        ({"phone": ""}, "check.PHONE_MISSING", "phone"),
        ({"phone": "12"}, "check.PHONE_INVALID", "phone"),
        ({"country": ""}, "check.COUNTRY_MISSING", "country"),
        ({"country": "Atlantis"}, "check.COUNTRY_UNKNOWN", "country"),
        ({"sign": " "}, "check.SIGN_MISSING", "sign"),
        ({"template": ""}, "check.TEMPLATE_MISSING", "template"),
        ({"name": ""}, "check.PARAM_EMPTY", "name"),
    ],
)
def test_a_bad_cell_is_a_problem_of_its_column(changed, code, column):
    checked = checker().check(Row(2, cells(**changed)))
    assert checked.message is None
    assert [(problem.code, problem.column) for problem in checked.problems] == [(code, column)]


def test_all_problems_of_a_row_are_told_at_once():
    row = Row(2, (*cells(phone="12", sign="", template="", name=""), "more"))
    assert codes(checker().check(row)) == [
        "check.CELLS",
        "check.PHONE_INVALID",
        "check.SIGN_MISSING",
        "check.TEMPLATE_MISSING",
        "check.PARAM_EMPTY",
    ]


def test_a_cell_goes_before_the_default():
    checked = checker(sign="Other", template="SMS_2", country="US").check(Row(2, GOOD))
    assert (checked.message.sign, checked.message.template, checked.message.country) == ("Acme", "SMS_1", "CN")


def test_a_default_fills_an_empty_cell():
    checked = checker(sign="Other", template="SMS_2", country="CN").check(
        Row(2, cells(sign=" ", template="", country="")),
    )
    assert (checked.message.sign, checked.message.template, checked.message.country) == ("Other", "SMS_2", "CN")


def test_a_number_with_its_country_code_needs_no_country_cell():
    assert checker().check(Row(2, cells(phone="+85291234567", country=""))).message.country == "HK"


@pytest.mark.parametrize(
    "changed", [{"phone": "+86 138-0013-8000"}, {"country": "中国"}, {"out_id": "another"}, {"sign": " Acme "}]
)
def test_what_is_sent_equal_has_the_same_identity(changed):
    assert checker().check(Row(2, GOOD)).identity == checker().check(Row(9, cells(**changed))).identity


@pytest.mark.parametrize(
    "changed", [{"phone": "13800138001"}, {"sign": "Acme2"}, {"template": "SMS_2"}, {"name": "Li "}, {"name": "li"}]
)
def test_what_is_sent_different_has_another_identity(changed):
    assert checker().check(Row(2, GOOD)).identity != checker().check(Row(2, cells(**changed))).identity


PIECES = st.text(alphabet="ab\0+1", max_size=3).map(lambda text: text.replace("\0", " "))


@settings(max_examples=200)
@given(st.tuples(*[PIECES] * 4), st.tuples(*[PIECES] * 4))
def test_two_messages_have_one_identity_only_if_their_content_is_one(first, second):
    def message(parts):
        phone, sign, template, params = parts
        return Message(phone, "", "", sign, template, params, "")

    assert (identity_of(message(first)) == identity_of(message(second))) == (first == second)


def test_an_identity_has_sixteen_bytes():
    assert len(checker().check(Row(2, GOOD)).identity) == 16


@pytest.mark.parametrize(("send", "skips"), [(False, ["", "skip.DUPLICATE", "skip.DUPLICATE"]), (True, ["", "", ""])])
def test_equal_messages_are_counted_and_held_back_unless_wanted(send, skips):
    check = checker(send_duplicates=send).check
    rows = [check(Row(number, GOOD)) for number in (2, 3, 4)]
    assert [row.skip for row in rows] == skips
    assert [row.occurrence for row in rows] == [1, 2, 3]


def test_a_duplicate_names_the_row_that_it_repeats():
    check = checker().check
    rows = [check(Row(number, values)) for number, values in ((2, GOOD), (5, cells(name="Wei")), (7, GOOD), (9, GOOD))]
    assert [row.problems for row in rows] == [(), (), *[(Problem("skip.DUPLICATE", "", {"row": "2"}),)] * 2]
    again = check(Row(11, cells(name="Wei")))
    assert (again.skip, again.occurrence, again.problems[0].facts) == ("skip.DUPLICATE", 2, {"row": "5"})


def test_another_text_to_the_same_phone_is_no_duplicate_but_is_said():
    check = checker().check
    first, second = check(Row(2, GOOD)), check(Row(3, cells(name="Wei")))
    assert (first.skip, second.skip, first.warnings) == ("", "", ())
    assert second.warnings == (Problem("warn.SAME_PHONE", "phone", {"phone": "+8613800138000", "row": "2"}),)


def test_a_row_that_is_held_back_has_no_warnings():
    check = checker(opted_out=frozenset({"13900139000"})).check
    long = cells(name="’" * 300)
    assert [bool(check(Row(n, long)).warnings) for n in (2, 3)] == [True, False]
    assert check(Row(4, cells(phone="13900139000", name="’" * 300))).warnings == ()


def test_a_phone_that_looks_rounded_is_said():
    assert [w.code for w in checker().check(Row(2, cells(phone="13800100000"))).warnings] == ["warn.ROUNDED"]
    assert checker().check(Row(2, cells(phone="13800110000"))).warnings == ()


def test_a_row_with_other_parameter_names_than_the_first_of_its_template_is_said():
    check = checker((*HEADERS, "params")).check
    given = ['{"code":"1"}', '{"code":"2"}', '{"cod":"3"}', ""]
    found = [check(Row(n, (*cells(phone=f"1380013800{n}"), cell))) for n, cell in enumerate(given, start=2)]
    assert [[w.code for w in row.warnings] for row in found] == [[], [], ["warn.PARAM_NAMES"], ["warn.PARAM_NAMES"]]
    assert found[2].warnings[0].facts == {"names": "cod, name", "row": "2", "others": "code, name"}
    assert check(Row(9, (*cells(template="SMS_2"), "{}"))).warnings == ()


@pytest.mark.parametrize(
    ("phone", "country", "rules", "e164"),
    [
        ("010-12345678", "CN", Rules(landlines=True), "+861012345678"),
        ("20012345678", "CN", Rules(possible=True), "+8620012345678"),
    ],
)
def test_the_rules_for_phones_are_kept(phone, country, rules, e164):
    row = Row(2, cells(phone=phone, country=country))
    assert checker().check(row).message is None
    assert checker(rules=rules).check(row).message.phone == e164


@pytest.mark.parametrize(("column", "value"), [("sign", "Ac\x07me"), ("template", "SMS\x00_1"), ("out_id", "\ud800")])
def test_a_control_character_in_any_cell_that_is_sent_is_a_problem(column, value):
    checked = checker().check(Row(2, cells(**{column: value})))
    header = column.replace("_", " ")
    assert [(problem.code, problem.column) for problem in checked.problems] == [("check.PARAM_CONTROL", header)]


def test_an_invalid_row_counts_for_no_occurrence():
    check = checker().check
    check(Row(2, cells(name="")))
    assert check(Row(3, GOOD)).occurrence == 1


@pytest.mark.parametrize("opted_out", ["8613800138000", "13800138000"])
def test_who_opted_out_is_held_back(opted_out):
    checked = checker(opted_out=frozenset({opted_out})).check(Row(2, GOOD))
    assert (checked.skip, checked.sendable) == ("skip.OPTED_OUT", False)


@pytest.mark.parametrize(
    ("phone", "country", "opted_out"),
    [
        ("89161234567", "RU", "89161234567"),
        ("+36201234567", "HU", "6201234567"),
        ("0701234567", "CI", "701234567"),
        ("+5491123456789", "AR", "111523456789"),
    ],
)
def test_an_opt_out_in_a_national_spelling_is_held_back_too(phone, country, opted_out):
    row = Row(2, cells(phone=phone, country=country))
    assert checker(opted_out=frozenset({opted_out})).check(row).skip == "skip.OPTED_OUT"


def test_an_opt_out_goes_before_a_duplicate_and_before_sending_duplicates():
    check = checker(opted_out=frozenset({"13800138000"}), send_duplicates=True).check
    assert [check(Row(2, GOOD)).skip, check(Row(3, GOOD)).skip] == ["skip.OPTED_OUT"] * 2


def test_who_did_not_opt_out_is_not_held_back():
    assert checker(opted_out=frozenset({"13800138001"})).check(Row(2, GOOD)).skip == ""


def test_equal_cells_are_read_once_however_many_rows_have_them(monkeypatch):
    read = Counter()

    def counted(name):
        module, _, function = name.rpartition(".")
        real = getattr(sys.modules[module], function)
        monkeypatch.setattr(name, lambda value: (read.update([function]), real(value))[1])

    rows._read_country.cache_clear()
    for name in ("rows.regions_of", "texts.size_of"):
        counted(f"batch_sms.checking.{name}")
    check = checker(("phone", "country", "sign", "name"), template="SMS_1").check
    for number in range(2, 102):
        country, sign = (("中国大陆", "Once"), ("CHN", "Only"))[number % 2]
        checked = check(Row(number, (f"+86138001{number:05d}", country, sign, "Li")))
        assert (checked.message.country, checked.segments) == ("CN", 1)
    assert read == {"regions_of": 2, "size_of": 2}


@pytest.mark.parametrize(
    ("changed", "flawed", "expected"),
    [
        ({"phone": "#N/A"}, {"phone": "check.CELL_ERROR"}, ["check.CELL_ERROR"]),
        ({"phone": ""}, {"phone": "check.MERGED"}, ["check.MERGED"]),
        ({"phone": "", "name": ""}, {"phone": "check.FORMULA"}, ["check.FORMULA", "check.PARAM_EMPTY"]),
        ({"country": "#N/A"}, {"country": "check.CELL_ERROR"}, ["check.CELL_ERROR"]),
        (
            {"country": "#REF!", "phone": "abc"},
            {"country": "check.CELL_ERROR"},
            ["check.CELL_ERROR", "check.PHONE_LETTERS"],
        ),
        ({"country": "", "sign": ""}, {"country": "check.MERGED", "sign": "check.MERGED"}, ["check.MERGED"] * 2),
        ({"name": ""}, {"name": "check.FORMULA"}, ["check.FORMULA"]),
        ({"phone": "13800100001"}, {"phone": "check.NUMBER_ROUNDED"}, ["check.NUMBER_ROUNDED"]),
        ({"phone": "1380010000"}, {"phone": "check.NUMBER_ROUNDED"}, ["check.NUMBER_ROUNDED"]),
    ],
)
def test_of_a_cell_that_the_spreadsheet_spoilt_only_the_cause_is_told(changed, flawed, expected):
    places = {"phone": 0, "country": 1, "sign": 2, "name": 4}
    flaws = tuple(Flaw(code, places[column], {"cell": "#", "range": "A1:A2"}) for column, code in flawed.items())
    assert codes(checker().check(Row(2, cells(**changed), flaws))) == expected


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        *(({"phone": text}, "total") for text in ("Total 2", "合计", "Sub-total", "總計：2", "GRAND TOTAL")),
        *(({"phone": "2", "name": text}, "total") for text in ("Total", "小计", "Sum: 2")),
        *(({"phone": "9123456O", "name": text}, "letters") for text in ("Total", "Li", "Summer")),
    ],
)
def test_a_line_of_totals_below_the_list_is_named_as_such(changed, hint):
    problem = next(
        problem for problem in checker().check(Row(9, cells(**changed))).problems if problem.column == "phone"
    )
    assert problem.facts["hint"] == hint


def test_a_phone_is_looked_at_beside_an_unknown_country():
    row = Row(2, cells(phone="abc", country="Atlantis"))
    assert codes(checker().check(row)) == ["check.COUNTRY_UNKNOWN", "check.PHONE_LETTERS"]
    assert codes(checker().check(Row(2, cells(country="Atlantis")))) == ["check.COUNTRY_UNKNOWN"]
    checked = checker().check(Row(2, cells(phone="+85291234567", country="Kowloon")))
    assert (checked.message, checked.problems[0].facts["hint"], checked.problems[0].facts["found"]) == (
        *(None, "own_country", "HK"),
    )


def test_a_row_without_any_parameters_is_a_problem_where_its_template_has_some():
    check = checker((*HEADERS[:4], "params")).check
    given = ['{"code":"1"}', "", "{}", '{"cod":"2"}']
    found = [check(Row(n, ("+8613800138000", "", "Acme", "SMS_1", cell))) for n, cell in enumerate(given, start=2)]
    assert [codes(row) for row in found] == [[], ["check.PARAM_EMPTY"], ["check.PARAM_EMPTY"], []]
    assert check(Row(9, ("+8613800138000", "", "Acme", "SMS_2", ""))).problems == ()
    [warning] = check(Row(10, ("+8613800138001", "", "Acme", "SMS_2", '{"code":"1"}'))).warnings
    assert "Row 9 with the same template has: no parameters" in Explainer().problem(warning)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"phone": "+6581234567", "country": ""}, "+6581234567"),
        ({"phone": "006581234567", "country": " "}, "+6581234567"),
        ({"phone": "91234567", "country": ""}, "+85291234567"),
        ({"phone": "81234567", "country": "SG"}, "+6581234567"),
        ({"phone": "6581234567", "country": ""}, ["check.PHONE_INVALID"]),
        ({"phone": "+6581234567", "country": "HK"}, ["check.PHONE_COUNTRY_MISMATCH"]),
        ({"phone": "91234567", "country": "Atlantis"}, ["check.COUNTRY_UNKNOWN"]),
    ],
)
def test_the_default_country_is_for_rows_that_have_none_neither_by_a_cell_nor_by_a_plus(changed, expected):
    checked = checker(country="HK").check(Row(2, cells(**changed)))
    assert (checked.message.phone if checked.message else codes(checked)) == expected


def test_an_amount_that_looks_otherwise_in_its_cell_is_said_but_sent_and_a_phone_is_not():
    flaws = tuple(Flaw("warn.NUMBER_SHOWN", index, {"cell": "1", "shown": "1.0"}) for index in (0, 4, 5))
    checked = checker().check(Row(2, GOOD, flaws))
    assert checked.sendable
    assert [(warning.code, warning.column) for warning in checked.warnings] == [
        ("warn.NUMBER_SHOWN", "name"),
        ("warn.NUMBER_SHOWN", "out id"),
    ]


@pytest.mark.parametrize(
    ("status", "warned"), [("accepted", True), ("in_doubt", True), ("rejected", False), ("invalid", False), ("", False)]
)
def test_a_result_that_comes_back_is_warned_of_what_may_have_gone(status, warned):
    headers = (*HEADERS, "SMS_Status")
    checked = checker(headers).check(Row(2, (*GOOD, status)))
    expected = (Problem("warn.SENT_BEFORE", "SMS_Status", {"status": status}),) if warned else ()
    assert (checked.sendable, checked.warnings) == (True, expected)


@pytest.mark.parametrize(
    ("code", "held"),
    [
        *((code, True) for code in ("check.CELLS", "check.MERGED", "check.NUMBER_SHOWN", "check.NOT_MENDED")),
        *((code, False) for code in ("check.PHONE_INVALID", "OK", "isv.BUSINESS_LIMIT_CONTROL", "", "CELLS")),
    ],
)
def test_a_result_that_comes_back_is_refused_where_its_texts_cannot_show_what_was_wrong(code, held):
    checked = checker((*HEADERS, "SMS_Code")).check(Row(2, (*GOOD, code)))
    expected = (Problem("check.NOT_MENDED", "SMS_Code", {"code": code}),) if held else ()
    assert (checked.sendable, checked.problems) == (not held, expected)


def test_whatever_a_reader_finds_wrong_with_a_cell_stays_refused_when_it_comes_back():
    found = {text for text in vars(read_cells).values() if isinstance(text, str) and text.startswith("check.")}
    assert found == rows._OF_THE_FILE - {rows.NOT_MENDED}
