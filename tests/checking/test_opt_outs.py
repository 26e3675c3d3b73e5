from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from batch_sms.checking.opt_outs import OptOuts, opt_outs_of
from batch_sms.errors import ListError
from batch_sms.model import Flaw, Message, Row


def read(*cells):
    return opt_outs_of([Row(number, (cell,)) for number, cell in enumerate(cells, start=2)], 0, "out.csv")


def digits(*cells):
    return read(*cells).digits


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "8613800138000"),
        ("008613800138000", "8613800138000"),
        ("013800138000", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("'13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("١٣٨٠٠١٣٨٠٠٠", "13800138000"),
        ("(138) 0013 8000", "13800138000"),
        ("06.12.34.56.00", "612345600"),
        ("+44 (0)7400 123456", "447400123456"),
        ("+86 013800138000", "8613800138000"),
        ("tel:+852-9123-4567", "85291234567"),
        ("(+86)13800138000", "8613800138000"),
        ("+86 86 13800138000", "8613800138000"),
        ("868613800138000", "8613800138000"),
        ("0+447400123456", "447400123456"),
        ("+07400123456", "7400123456"),
        ('="013800138000"', "13800138000"),
        ("8. 0812345678", "812345678"),
        ("(12) 0812345678", "812345678"),
        ("12 0812 345 678", "812345678"),
        ("0812345678 123", "812345678"),
        ("0011 61 412 345 678", "61412345678"),
    ],
)
def test_an_opt_out_is_found_by_its_digits(cell, expected):
    assert expected in digits(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Li Wei",
        "1234",
        "1.38E+10",
        "1380013800O",
        "n/a",
        "-",
        "13800138000 ext 2",
        "13800138000/13900139000",
        "13800138000, 13900139000",
        "13800138000 13900139000",
        "00000000",
    ],
)
def test_a_line_that_is_no_phone_is_refused_and_not_passed_over(cell):
    with pytest.raises(ListError) as error:
        digits("13800138000", cell)
    assert (error.value.key, error.value.facts["row"]) == ("opt_out_line", 3)


@pytest.mark.parametrize("cell", ["", "  ", "\ufeff"])
def test_an_empty_line_is_passed_over(cell):
    assert digits(cell, "13800138000") == {"13800138000"}


def test_the_column_asked_for_is_read():
    assert opt_outs_of([Row(2, ("Li", "13800138000"))], 1, "out.csv").digits == {"13800138000"}


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_an_opt_out_as_it_is_dialled_at_home_holds_the_number_back(region):
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None or region == "TK":
        pytest.skip("no mobile numbers there, or some that are too short for an opt-out")
    message = Message(
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.national_significant_number(number),
        *(region, "", "", "", ""),
    )
    for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164):
        assert message in OptOuts(digits(phonenumbers.format_number(number, form)))
    assert message not in OptOuts(digits("+8613800138001"))
    assert message not in OptOuts(frozenset())


def test_two_phones_on_one_line_are_two_people():
    rows = [Row(2, ("91234567", "91234568", "Mrs Chan", "12"))]
    assert opt_outs_of(rows, 0, "stop.csv").digits >= {"91234567", "91234568"}
    assert "12" not in opt_outs_of(rows, 0, "stop.csv").digits


@pytest.mark.parametrize(
    ("cell", "e164", "region"),
    [
        ("1 235 1258", "+6922351258", "MH"),
        ("8 29 491 19 11", "+375294911911", "BY"),
        ("8 029 491-19-11", "+375294911911", "BY"),
    ],
)
def test_an_opt_out_with_the_digit_that_is_dialled_first_holds_the_number_back(cell, e164, region):
    national = e164.removeprefix(f"+{phonenumbers.country_code_for_region(region)}")
    assert Message(e164, national, region, "", "", "", "") in OptOuts(digits(cell))


@pytest.mark.parametrize(
    ("cell", "is_number"),
    [
        *(("+85298765432", True), ("98765432", True), ("07400123456", True), ("+86 86 13800138000", True)),
        *(("020 7946 0018", True), ("+870773111632", True), ("0011 61 412 345 678", True), ("(12) 0812345678", True)),
        *(("+8529876543", False), ("+999123456789", False), ("+1 555 12", False), ("999999999999999", False)),
    ],
)
def test_an_opt_out_that_is_a_number_nowhere_is_known_as_such(cell, is_number):
    found = read("13800138000", cell)
    assert (found.count, [row for row, _ in found.unknown]) == (2, [] if is_number else [3])
    assert len(found.digits) > 1  # it holds back whoever has its digits all the same


def test_a_phone_whose_cell_shows_separators_is_an_opt_out_all_the_same():
    row = Row(2, ("98765432",), (Flaw("warn.NUMBER_SHOWN", 0, {"cell": "98765432", "shown": "98,765,432"}),))
    assert opt_outs_of([row], 0, "stop.xlsx").count == 1
