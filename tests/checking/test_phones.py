from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from batch_sms.checking.countries import regions_of
from batch_sms.checking.phones import NoPhone, Phone, _choose, read_phone

CHINA = "+8613800138000"


@pytest.mark.parametrize(
    "cell",
    [
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "+86-138-0013-8000",
        "+86\u2011138\u20110013\u20118000",
        "+86 138–0013—8000",
        "008613800138000",
        "0086 138 0013 8000",
        "8613800138000",
        "86 138 0013 8000",
        "013800138000",
        "+86 (0) 13800138000",
        "(138) 0013 8000",
        "138.0013.8000",
        "１３８００１３８０００",
        "＋８６１３８００１３８０００",
        "١٣٨٠٠١٣٨٠٠٠",
        "१३८००१३८०००",
        "13800138000.0",
        "+8613800138000.0",
        "+86 13800138000.0",
        "13800138000.00",
        "'13800138000",
        "'+8613800138000",
        " 13800138000 ",
        "13800138000\n",
        "138\u00a00013\u30008000",
        "\u202a+8613800138000\u202c",
        "1380013\u200b8000",
        "\ufeff13800138000",
    ],
)
def test_one_chinese_number_is_read_in_many_spellings(cell):
    assert read_phone(cell, ("CN",)) == Phone(CHINA, "13800138000", "CN")


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        # the national number begins with the digits of its own country code
        ("9198765432", "IN", "+919198765432"),
        ("919198765432", "IN", "+919198765432"),
        ("0841234567", "VN", "+84841234567"),
        ("841234567", "VN", "+84841234567"),
        ("84841234567", "VN", "+84841234567"),
        ("62812345678", "ID", "+62812345678"),
        ("0812345678", "ID", "+62812345678"),
        ("+62812345678", "ID", "+62812345678"),
        ("6281234567890", "ID", "+6281234567890"),
        ("4915123456789", "DE", "+4915123456789"),
        ("015123456789", "DE", "+4915123456789"),
        ("85291234567", "HK", "+85291234567"),
        ("91234567", "HK", "+85291234567"),
        ("6581234567", "SG", "+6581234567"),
        ("81234567", "SG", "+6581234567"),
        ("11961234567", "BR", "+5511961234567"),
        ("5511961234567", "BR", "+5511961234567"),
        # the zero is a part of the number
        ("0701234567", "CI", "+2250701234567"),
        ("2250701234567", "CI", "+2250701234567"),
        ("06031234", "GA", "+24106031234"),
        ("0195123456", "BJ", "+2290195123456"),
        ("061234567", "CG", "+242061234567"),
        # shared dial codes
        ("14155552671", "US", "+14155552671"),
        ("1 (415) 555-2671", "US", "+14155552671"),
        ("4155552671", "US", "+14155552671"),
        ("2423591234", "BS", "+12423591234"),
        ("12423591234", "BS", "+12423591234"),
        ("87012345678", "KZ", "+77012345678"),
        ("89161234567", "RU", "+79161234567"),
        ("79161234567", "RU", "+79161234567"),
        ("07781123456", "GG", "+447781123456"),
        ("07400123456", "GB", "+447400123456"),
        ("+44 (0)7400 123456", "GB", "+447400123456"),
        # trunk prefixes and mobile marks of their own
        ("06201234567", "HU", "+36201234567"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("312 345 6789", "IT", "+393123456789"),
    ],
)
def test_a_number_is_read_in_its_country(cell, region, e164):
    found = read_phone(cell, (region,))
    assert isinstance(found, Phone)
    assert (found.e164, found.country) == (e164, region)


@pytest.mark.parametrize(
    ("cell", "regions", "code"),
    [
        ("", ("CN",), "PHONE_MISSING"),
        ("  \u200b ", ("CN",), "PHONE_MISSING"),
        ("'", ("CN",), "PHONE_MISSING"),
        ("1.38E+10", ("CN",), "PHONE_ROUNDED"),
        ("1,38E+10", ("CN",), "PHONE_ROUNDED"),
        ("1.38e10", ("CN",), "PHONE_ROUNDED"),
        ("8.6138E+12", (), "PHONE_ROUNDED"),
        ("１.３８Ｅ+１０", ("CN",), "PHONE_ROUNDED"),
        ("13800138000/13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000;13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000, 13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000\n13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000、13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000，13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000；13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000 or 13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000 13900139000", ("CN",), "PHONE_INVALID"),
        ("1380013800O", ("CN",), "PHONE_CHARACTERS"),
        ("+1 800 FLOWERS", ("US",), "PHONE_CHARACTERS"),
        ("13800138000 ext 5", ("CN",), "PHONE_CHARACTERS"),
        ("86+13800138000", ("CN",), "PHONE_CHARACTERS"),
        ("n/a", ("CN",), "PHONE_CHARACTERS"),
        ("13800138000²", ("CN",), "PHONE_CHARACTERS"),
        ("①13800138000", ("CN",), "PHONE_CHARACTERS"),
        ("+49 1512345678²", ("DE",), "PHONE_CHARACTERS"),
        ("1380013800", ("CN",), "PHONE_INVALID"),
        ("138001380000", ("CN",), "PHONE_INVALID"),
        ("12345", ("CN",), "PHONE_INVALID"),
        ("--", ("CN",), "PHONE_INVALID"),
        ("00", ("CN",), "PHONE_INVALID"),
        ("+0", ("CN",), "PHONE_INVALID"),
        ("1" * 60, ("CN",), "PHONE_INVALID"),
        ("+49 1512345678.0", ("DE",), "PHONE_INVALID"),
        ("010-12345678", ("CN",), "PHONE_NOT_MOBILE"),
        ("02112345678", ("CN",), "PHONE_NOT_MOBILE"),
        ("+1 800 356 9377", (), "PHONE_NOT_MOBILE"),
        ("+852 91234567", ("CN",), "PHONE_COUNTRY_MISMATCH"),
        ("+8613800138000", ("HK",), "PHONE_COUNTRY_MISMATCH"),
        ("0085291234567", ("CN",), "PHONE_COUNTRY_MISMATCH"),
        ("12423591234", ("US",), "PHONE_COUNTRY_MISMATCH"),
        ("+44 7781 123456", ("GB",), "PHONE_COUNTRY_MISMATCH"),
        ("13800138000", (), "COUNTRY_MISSING"),
        ("8613800138000", (), "COUNTRY_MISSING"),
        ("013800138000", (), "COUNTRY_MISSING"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_with_its_reason(cell, regions, code):
    found = read_phone(cell, regions)
    assert isinstance(found, NoPhone)
    assert found.code == f"check.{code}"


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("+8613800138000", "CN"),
        ("0085291234567", "HK"),
        ("+14155552671", "US"),
        ("+1 242 359 1234", "BS"),
        ("+77012345678", "KZ"),
        ("+79161234567", "RU"),
        ("+447781123456", "GG"),
    ],
)
def test_a_number_with_its_country_code_needs_no_country(cell, country):
    found = read_phone(cell, ())
    assert isinstance(found, Phone)
    assert found.country == country


@pytest.mark.parametrize(
    ("dial", "cell", "country"),
    [
        ("1", "2423591234", "BS"),
        ("1", "14155552671", "US"),
        ("7", "87012345678", "KZ"),
        ("7", "89161234567", "RU"),
        ("44", "07781123456", "GG"),
        ("44", "07400123456", "GB"),
    ],
)
def test_a_shared_dial_code_leaves_the_country_to_the_number(dial, cell, country):
    found = read_phone(cell, regions_of(dial))
    assert isinstance(found, Phone)
    assert found.country == country


def test_the_doubled_country_code_is_never_taken_for_a_number():
    assert read_phone("62812345678", ("ID",)) == Phone("+62812345678", "812345678", "ID")


def test_two_readings_that_are_both_mobile_are_left_to_the_person():
    found = _choose(["+8613800138000", "+8613900139000"], ("CN",), "138")
    facts = {"cell": "138", "first": "+8613800138000", "second": "+8613900139000"}
    assert found == NoPhone("check.PHONE_AMBIGUOUS", facts)


def test_two_readings_that_are_the_same_number_are_one():
    assert _choose(["+114155552671", "+14155552671"], ("US",), "x") == Phone("+14155552671", "4155552671", "US")


MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
EXAMPLES = {
    region: phonenumbers.national_significant_number(example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (example := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)) is not None
}
FULL_WIDTH = str.maketrans("0123456789+- ", "０１２３４５６７８９＋－\u3000")


@st.composite
def mobiles(draw):
    """A valid mobile number of any country: the example with other digits behind, as long as it stays one."""
    region = draw(st.sampled_from(sorted(EXAMPLES)))
    example = EXAMPLES[region]
    kept = draw(st.integers(1, len(example)))
    length = len(example) - kept + draw(st.sampled_from([0, 0, 0, -1, 1]))
    tail = draw(st.text("0123456789", min_size=max(0, length), max_size=max(0, length)))
    number = phonenumbers.PhoneNumber()
    try:
        number = phonenumbers.parse(f"+{phonenumbers.country_code_for_region(region)}{example[:kept]}{tail}")
    except phonenumbers.NumberParseException:
        assume(False)
    assume(phonenumbers.is_valid_number_for_region(number, region) and phonenumbers.number_type(number) in MOBILE)
    # seven digits in Gabon: the old form of an eight-digit number, which the library itself writes with the new zero
    assume(phonenumbers.parse(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region) == number)
    return region, number


def spellings(number, region):
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits = phonenumbers.national_significant_number(number)
    return {
        "E.164": e164,
        "international": international,
        "national": national,
        "00": f"00{e164[1:]}",
        "digits": digits,
        "digits with country code": e164[1:],
        "trunk prefix": (phonenumbers.ndd_prefix_for_region(region, True) or "") + digits,
        "full width": international.translate(FULL_WIDTH),
        "dashes": re.sub(r"\s", "-", international),
        "dots": re.sub(r"\s", ".", international),
        "national full width": national.translate(FULL_WIDTH),
        "decimal": f"{digits}.0",
        "joined decimal": f"+{number.country_code} {digits}.0",
        "called from the US": phonenumbers.format_out_of_country_calling_number(number, "US"),
    }


@settings(max_examples=250, deadline=None)
@given(mobiles())
def test_no_spelling_of_a_number_is_ever_read_as_another_number(mobile):
    region, number = mobile
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    for regions in ((region,), regions_of(str(number.country_code)), ()):
        for spelling, cell in spellings(number, region).items():
            found = read_phone(cell, regions)
            assert isinstance(found, NoPhone) or found.e164 == e164, (spelling, cell, regions)


@settings(max_examples=100, deadline=None)
@given(mobiles(), st.sampled_from(["E.164", "international", "00", "full width", "dashes"]))
def test_a_valid_mobile_number_with_its_country_code_is_always_taken(mobile, spelling):
    region, number = mobile
    found = read_phone(spellings(number, region)[spelling], (region,))
    assert isinstance(found, Phone)
    assert (found.country, found.e164) == (region, phonenumbers.format_number(number, PhoneNumberFormat.E164))


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="0123456789+-. ()'eE,;/２٣²\u200b", max_size=24),
    st.sampled_from([(), ("CN",), ("DE",), ("US", "CA")]),
)
def test_whatever_stands_in_a_cell_it_is_a_valid_mobile_number_or_a_refusal(cell, regions):
    found = read_phone(cell, regions)
    if isinstance(found, Phone):
        number = phonenumbers.parse(found.e164)
        assert phonenumbers.is_valid_number_for_region(number, found.country)
        assert phonenumbers.number_type(number) in MOBILE
    else:
        assert found.code in {"check.COUNTRY_MISSING"} | {
            f"check.PHONE_{kind}"
            for kind in (
                "MISSING",
                "INVALID",
                "AMBIGUOUS",
                "NOT_MOBILE",
                "COUNTRY_MISMATCH",
                "SEVERAL",
                "CHARACTERS",
                "ROUNDED",
            )
        }
