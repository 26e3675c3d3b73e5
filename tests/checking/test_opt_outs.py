from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from batch_sms.checking.opt_outs import OptOuts, opt_outs_of
from batch_sms.checking.phones import Phone, Rules, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Flaw, Message, Row

CHINA = "+8613800138000"


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
        *(("1101013800138000", False), ("013900138000", True), ("0 15 11 91234-5678", True)),
    ],
)
def test_an_opt_out_that_is_a_number_nowhere_is_known_as_such(cell, is_number):
    found = read("13800138000", cell)
    assert (found.count, [row for row, _ in found.unknown]) == (2, [] if is_number else [3])
    assert len(found.digits) > 1  # it holds back whoever has its digits all the same


def test_a_phone_whose_cell_shows_separators_is_an_opt_out_all_the_same():
    row = Row(2, ("98765432",), (Flaw("warn.NUMBER_SHOWN", 0, {"cell": "98765432", "shown": "98,765,432"}),))
    assert opt_outs_of([row], 0, "stop.xlsx").count == 1


def message_to(phone):
    return Message(phone.e164, phone.national, phone.country, "", "", "", "")


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(("620812345678", "ID"), ("49015123456789", "DE"), ("610412345678", "AU"), ("4407400123456", "GB")),
        *(("8860912345678", "TW"), ("9710501234567", "AE"), ("0 15 11 91234-5678", "BR"), ("33 0612345678", "FR")),
    ],
)
def test_the_very_text_of_a_lists_phone_holds_it_back(cell, region):
    phone = read_phone(cell, (region,))
    assert OptOuts(digits(cell)).hold(message_to(phone), cell)
    assert message_to(phone) in OptOuts(digits(cell))  # and so it does where the list writes it otherwise


@st.composite
def phone_cells(draw):
    """A mobile number of some country with digits before it that may be its own, another's, or none, and grouped somehow."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assume(example is not None)
    national = phonenumbers.national_significant_number(example)
    end = draw(st.text("0123456789", min_size=3, max_size=3))
    starts = ["", "0", "00", "+", "(", "+(", "0+", "8", "1", "9", "15", "8. ", "(0)", "'"]
    dials = ["", str(example.country_code), f"{example.country_code}0", f"{example.country_code}" * 2, "0", "015"]
    digits = draw(st.sampled_from(dials)) + national[:-3] + end
    for place in sorted(draw(st.lists(st.integers(1, len(digits)), max_size=3)), reverse=True):
        digits = digits[:place] + draw(st.sampled_from([" ", "-", ".", " (0)", ") ", "/"])) + digits[place:]
    return draw(st.sampled_from(starts)) + digits, region


@given(phone_cells(), st.booleans(), st.sampled_from([Rules(), Rules(possible=True), Rules(landlines=True)]))
def test_whatever_is_read_from_a_cell_is_held_back_by_the_same_text(found, names_country, rules):
    cell, region = found
    phone = read_phone(cell, (region,) if names_country else (), rules, (region,))
    assume(isinstance(phone, Phone))
    try:
        opted_out = digits(cell)
    except ListError:  # what can't be read there is refused, and nothing is sent
        return
    assert OptOuts(opted_out).hold(message_to(phone), cell)


@pytest.mark.parametrize(
    ("cell", "e164", "region"),
    [
        ("011 1 202 555 0123", "+12025550123", "US"),
        ("011 44 7400 123456", "+447400123456", "GB"),
        ("8 10 7 916 123-45-67", "+79161234567", "RU"),
        ("010 86 138 0013 8000", CHINA, "CN"),
        ("0445512345678", "+525512345678", "MX"),
        ("5215512345678", "+525512345678", "MX"),
        ("+52 1 55 1234 5678", "+525512345678", "MX"),
        ("07123456", "+2250707123456", "CI"),
        ("+225 07 12 34 56", "+2250707123456", "CI"),
        ("97123456", "+2290197123456", "BJ"),
        ("01689123456", "+84389123456", "VN"),
        ("+84 168 912 3456", "+84389123456", "VN"),
        ("0121 234 5678", "+84792345678", "VN"),
        ("+541123456789", "+5491123456789", "AR"),
        ("+54 9 11 2345-6789", "+541123456789", "AR"),
        ("0 15 11 91234-5678", "+5511912345678", "BR"),
        ("0 41 11 91234-5678", "+5511912345678", "BR"),
    ],
)
def test_an_opt_out_in_a_form_of_old_or_as_it_is_dialled_abroad_holds_the_number_back(cell, e164, region):
    national = e164.removeprefix(f"+{phonenumbers.country_code_for_region(region)}")
    other = national[:-1] + str((int(national[-1]) + 1) % 10)
    assert Message(e164, national, region, "", "", "", "") in OptOuts(digits(cell))
    assert Message(f"{e164[:-1]}{other[-1]}", other, region, "", "", "", "") not in OptOuts(digits(cell))


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(("0176 123456 78", "DE"), ("0151/23456789", "DE"), ("+49 / 151 / 23456789", "DE"), ("0812345678", "ID")),
        *(("620812345678", "ID"), ("49015123456789", "DE"), ("0664/1234567", "AT")),
    ],
)
def test_the_very_text_of_a_lists_phone_holds_it_back_from_another_column_too(cell, region):
    found = opt_outs_of([Row(2, ("", "Mrs Chan", cell))], 0, "stop.csv")
    assert found.count == 1
    assert message_to(read_phone(cell, (region,))) in OptOuts(found.digits)


@pytest.mark.parametrize("cell", ["91234567 1", "91234567-12", "91234567 ext. 3", "call 91234567 / 8"])
def test_a_phone_of_another_column_is_found_before_an_extension(cell):
    assert "91234567" in opt_outs_of([Row(2, ("", cell))], 0, "stop.csv").digits


@pytest.mark.parametrize(
    ("cell", "region"), [("0171/2345678", "DE"), ("0472/123456", "BE"), ("+49171/2345678", ""), ("24/724740000", "AC")]
)
def test_a_phone_with_a_slash_is_one_in_an_opt_out_file_as_it_is_in_a_list(cell, region):
    phone = read_phone(cell, (region,) if region else (), Rules())
    assert OptOuts(digits(cell)).hold(message_to(phone), cell)


def test_a_country_code_behind_a_plus_is_no_number_of_a_list():
    assert "91234567" not in digits("+65 9123 4567")
    assert "91234567" in digits("8. 9123 4567")
