from __future__ import annotations

import re
from random import Random

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from batch_sms import words
from batch_sms.checking import numbering, phones
from batch_sms.checking.countries import regions_of
from batch_sms.checking.numbering import Number, kind_in, parsed, region_of
from batch_sms.checking.phone_cells import Dialled, NoPhone
from batch_sms.checking.phones import ZERO_FIRST, Phone, Rules, read_phone
from batch_sms.explain import Explainer
from batch_sms.model import Problem

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
        "(+86)138 0013 8000",
        "(+86) 138-0013-8000",
        "+(86)13800138000",
        "(0086)13800138000",
        "00(86)13800138000",
        "++8613800138000",
        "tel:+8613800138000",
        "tel:+86-138-0013-8000",
        "Tel: 13800138000",
        "sms:+8613800138000",
        "手机：13800138000",
        "电话 138 0013 8000",
        "[138] 0013 8000",
        '="13800138000"',
        '"13800138000"',
        "’13800138000",
        "`13800138000",
        "+86 86 13800138000",
        "+868613800138000",
        "008686 13800138000",
        "86 86 13800138000",
        "0+8613800138000",
        "00+8613800138000",
        "+008613800138000",
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
        # a zero in brackets: dialled at home only, or a part of the number
        ("+39 (0)312 3456789", "IT", "+393123456789"),
        ("+852 (0)91234567", "HK", "+85291234567"),
        ("+225 (0)7 01 23 45 67", "CI", "+2250701234567"),
        ("0044 (0)7400 123456", "GB", "+447400123456"),
        ("49 (0) 1512 3456789", "DE", "+4915123456789"),
        ("(0)7400 123456", "GB", "+447400123456"),
        # a first zero that a spreadsheet took off
        ("712345678", "CI", "+2250712345678"),
        ("701234567", "CI", "+2250701234567"),
        ("195123456", "BJ", "+2290195123456"),
        ("61234567", "CG", "+242061234567"),
        # zeros and pluses that a program put before a number
        ("0+447400123456", "GB", "+447400123456"),
        ("+0044 7400 123456", "GB", "+447400123456"),
        ("+62 62 812345678", "ID", "+62812345678"),
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
        ("13800138000 13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000 & 13900139000", ("CN",), "PHONE_SEVERAL"),
        ("13800138000和13900139000", ("CN",), "PHONE_SEVERAL"),
        ("+8613800138000 +8613900139000", ("CN",), "PHONE_SEVERAL"),
        ("+852 98765432 98765433", (), "PHONE_SEVERAL"),
        ("+852 98765432 98765433", ("HK",), "PHONE_SEVERAL"),
        ("+852 9876 5432 9876 5433", ("HK",), "PHONE_SEVERAL"),
        ("9876 5432 9876 5433", ("HK",), "PHONE_SEVERAL"),
        ("98765432 - 98765433", ("HK",), "PHONE_SEVERAL"),
        ("+852 9876 5432 1", ("HK",), "PHONE_INVALID"),
        ("1 " * 60, ("CN",), "PHONE_INVALID"),
        ("1380013800O", ("CN",), "PHONE_LETTERS"),
        ("+1 800 FLOWERS", ("US",), "PHONE_LETTERS"),
        ("Fax: 13800138000", ("CN",), "PHONE_LETTERS"),
        ("HK 91234567", ("HK",), "PHONE_LETTERS"),
        ("13800138000 ext 5", ("CN",), "PHONE_EXTENSION"),
        ("13800138000 ext. 5", ("CN",), "PHONE_EXTENSION"),
        ("13800138000x12", ("CN",), "PHONE_EXTENSION"),
        ("13800138000#12", ("CN",), "PHONE_EXTENSION"),
        ("13800138000转8001", ("CN",), "PHONE_EXTENSION"),
        ("13800138000 分机 8001", ("CN",), "PHONE_EXTENSION"),
        ("tel:+8613800138000;ext=5", (), "PHONE_EXTENSION"),
        ("+86+13800138000", (), "PHONE_CHARACTERS"),
        ("0(0)447400123456", ("RU",), "PHONE_COUNTRY_MISMATCH"),
        ("-13800137914", ("CN",), "PHONE_CHARACTERS"),
        ("−13800137914", ("CN",), "PHONE_CHARACTERS"),
        ("1512345678.5", ("DE",), "PHONE_CHARACTERS"),
        ("812345.678", ("ID",), "PHONE_CHARACTERS"),
        ("812345.6789", ("ID",), "PHONE_CHARACTERS"),
        ("+62 812345.678", (), "PHONE_CHARACTERS"),
        ("0664 123456.00", ("AT",), "PHONE_CHARACTERS"),
        ("0664 123456.5", ("AT",), "PHONE_CHARACTERS"),
        ("13,800,138,000", ("CN",), "PHONE_CHARACTERS"),
        ("0151/23456789", ("HK",), "PHONE_CHARACTERS"),
        ("=86-13800138000", ("CN",), "PHONE_CHARACTERS"),
        ("******8000", ("CN",), "PHONE_CHARACTERS"),
        ("86+13800138000", ("CN",), "PHONE_CHARACTERS"),
        ("n/a", ("CN",), "PHONE_LETTERS"),
        ("13800138000²", ("CN",), "PHONE_CHARACTERS"),
        ("①13800138000", ("CN",), "PHONE_CHARACTERS"),
        ("+49 1512345678²", ("DE",), "PHONE_CHARACTERS"),
        ("1380013800", ("CN",), "PHONE_INVALID"),
        ("138001380000", ("CN",), "PHONE_INVALID"),
        ("12345", ("CN",), "PHONE_SERVICE"),
        ("10086", ("CN",), "PHONE_SERVICE"),
        ("110", ("CN",), "PHONE_SERVICE"),
        ("911", ("US", "CA"), "PHONE_SERVICE"),
        ("40404", ("US",), "PHONE_SERVICE"),
        ("1999", ("CN",), "PHONE_INVALID"),
        ("7012345", ("BF",), "PHONE_INVALID"),
        ("6031234", ("GA",), "PHONE_AMBIGUOUS"),
        ("--", ("CN",), "PHONE_INVALID"),
        ("00", ("CN",), "PHONE_INVALID"),
        ("+0", ("CN",), "PHONE_INVALID"),
        ("1" * 60, ("CN",), "PHONE_INVALID"),
        ("+49 1512345678.0", ("DE",), "PHONE_INVALID"),
        ("010-12345678", ("CN",), "PHONE_NOT_MOBILE"),
        ("02112345678", ("CN",), "PHONE_NOT_MOBILE"),
        ("+1 800 356 9377", (), "PHONE_SERVICE"),
        ("+1 900 555 0123", (), "PHONE_SERVICE"),
        ("09061234567", ("GB",), "PHONE_SERVICE"),
        ("+870776000000", (), "PHONE_SERVICE"),
        ("+8613800", ("HK",), "PHONE_COUNTRY_MISMATCH"),
        ("+1 380 013 8000", ("CN",), "PHONE_COUNTRY_MISMATCH"),
        ("+07400123456", (), "PHONE_INVALID"),
        ("+013800138000", ("CN",), "PHONE_INVALID"),
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
    ("cell", "regions", "hint"),
    [
        *(
            ("+07400123456", ("GB",), "plus_zero"),
            ("+0 7400 123456", (), "plus_zero"),
            ("+(0)7400 123456", ("GB",), "plus_zero"),
        ),
        *(("+5215512345678", (), "old_mexican"), ("5215512345678", ("MX",), "old_mexican")),
        *(("0445512345678", ("MX",), "old_mexican"), ("+5217712345678901", (), ""), ("+5211212345678", (), "")),
        *(("+22507123456", (), "old_ivorian"), ("07123456", ("CI",), "old_ivorian"), ("+225071234567", (), "")),
        *(("+22997123456", (), "old_beninese"), ("97123456", ("BJ",), "old_beninese"), ("9712345", ("BJ",), "")),
        *(("011447400123456", ("US",), "dialled_abroad"), ("011 852 9876 5432", ("US", "CA"), "dialled_abroad")),
        *(("+1 011 852 98765432", (), "dialled_abroad"), ("0119", ("US",), ""), ("1380013800", ("CN",), "")),
    ],
)
def test_what_is_probably_wrong_with_a_number_is_said_and_nothing_guessed(cell, regions, hint):
    found = read_phone(cell, regions)
    assert isinstance(found, NoPhone)
    assert (found.code, found.facts.get("hint", "")) == ("check.PHONE_INVALID", hint)
    for lang in words.LANGUAGES:
        said = Explainer(lang).problem(Problem(found.code, "phone", found.facts))
        assert said.endswith(words.say(f"hint.{hint}", lang) if hint else (".", "。"))


@pytest.mark.parametrize(
    ("cell", "regions", "code", "hint"),
    [
        ("001 852 91234567", ("HK",), "PHONE_COUNTRY_MISMATCH", "001 may be what HK dials"),
        ("00185291234567", (), "PHONE_INVALID", "001 may be what HK dials"),
        ("010 852 9123 4567", ("JP",), "PHONE_INVALID", "010 may be what JP dials"),
        ("00700 852 9123 4567", ("KR",), "PHONE_COUNTRY_MISMATCH", "00700 may be what KR dials"),
        ("810 852 91234567", ("RU",), "PHONE_SERVICE", "810 may be what RU dials"),
        ("009 852 9123 4567", ("NG",), "PHONE_COUNTRY_MISMATCH", "009 may be what NG dials"),
        ("0000852 91234567", ("HK",), "PHONE_INVALID", "too many zeros"),
        ("0000852 91234567", (), "PHONE_INVALID", "too many zeros"),
        # what follows is a number of nobody, the prefix is another country's, or the digits are a number of the country found
        ("001 852 00000000", ("HK",), "PHONE_COUNTRY_MISMATCH", "the country says HK."),
        ("001 62 812345678", ("ID",), "PHONE_COUNTRY_MISMATCH", "the country says ID."),
        ("0011 852 9123 4567", ("AU",), "PHONE_COUNTRY_MISMATCH", "the country says AU."),
        ("00852 91234567", ("CN",), "PHONE_COUNTRY_MISMATCH", "the country says CN."),
        # several countries are spoken of by their dial code
        ("+1 2345", ("US", "CA"), "PHONE_INVALID", "not a valid number in any country with +1."),
        ("+39 12", (), "PHONE_INVALID", "not a valid number in any country with +39."),
    ],
)
def test_a_prefix_dialled_abroad_is_named_as_what_it_may_be(cell, regions, code, hint):
    found = read_phone(cell, regions)
    assert isinstance(found, NoPhone)
    assert found.code == f"check.{code}"
    assert hint in Explainer().problem(Problem(found.code, "phone", found.facts))
    assert Explainer("zh").problem(Problem(found.code, "phone", found.facts))


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
    dialled = Dialled("138", international=False, cell="138")
    found = phones._choose(["8613800138000", "8613900139000"], dialled, ("CN",), Rules())
    facts = {"cell": "138", "first": "+8613800138000", "second": "+8613900139000"}
    assert found == NoPhone("check.PHONE_AMBIGUOUS", facts)


def test_two_readings_that_are_the_same_number_are_one():
    assert read_phone("14155552671", ("US",)) == Phone("+14155552671", "4155552671", "US")


@pytest.mark.parametrize(
    ("cell", "regions", "country", "found"),
    [
        ("+852 91234567", ("CN",), "CN", "HK"),
        ("+8613800", ("HK",), "HK", "CN"),
        ("+1 242 359 1234", ("US",), "US", "BS"),
        ("+44 7400 123456", ("US", "CA"), "+1", "GB"),
        ("+1 999 999 9999", ("CN",), "CN", "+1"),
    ],
)
def test_a_contradiction_shows_both_countries(cell, regions, country, found):
    assert read_phone(cell, regions).facts == {"cell": cell, "country": country, "found": found}


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        ("010-12345678", ("CN",), "+861012345678"),
        ("+44 20 7946 0018", (), "+442079460018"),
        ("13800138000", ("CN",), "+8613800138000"),
        ("10086", ("CN",), ""),
        ("+1 800 356 9377", (), ""),
        ("+39 (0)312 3456789", ("IT",), ""),
        ("39 (0)312 3456789", ("IT",), ""),
        ("87. 4915148534619", ("DE",), ""),
        # a mobile with its country code, or a landline without: not to be told where both are taken
        ("62812345678", ("ID",), ""),
    ],
)
def test_landlines_are_taken_where_they_are_wanted(cell, regions, e164):
    found = read_phone(cell, regions, Rules(landlines=True))
    assert (found.e164 if isinstance(found, Phone) else "") == e164


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        # of a mobile number's length, but in no plan
        ("+8620012345678", (), "+8620012345678"),
        ("20012345678", ("CN",), "+8620012345678"),
        ("8620012345678", ("CN",), "+8620012345678"),
        ("020012345678", ("CN",), "+8620012345678"),
        ("+19991234567", ("US",), "+19991234567"),
        # which country? which reading? which length?
        ("+19991234567", (), ""),
        ("9991234567", ("US", "CA"), ""),
        ("1380013800", ("CN",), ""),
        ("12345", ("CN",), ""),
        ("+86 86 20012345678", (), ""),
        ("812345678", ("CI",), ""),
        ("01143664123456", ("AT",), ""),
        # digits that are no part of the number: a list's number, a prefix
        ("1. 0812345678", ("ID",), ""),
        ("(1) 0812345678", ("ID",), ""),
        ("1.812345678", ("ID",), ""),
        ("1 0812 345 678", ("ID",), ""),
        ("12 20012345678", ("CN",), ""),
        ("86 20012345678", ("CN",), "+8620012345678"),
        ("+10812345678", ("US",), ""),
        ("11234567890", ("US",), ""),
        ("01234567", ("HK",), ""),
        # a valid number of another country, but for its plus
        ("12025550123", ("BR",), ""),
        # valid, but not what is wanted
        ("010-12345678", ("CN",), ""),
        ("+85291234567", ("CN",), ""),
        ("+85221234567", (), ""),
    ],
)
def test_a_possible_number_is_taken_where_it_is_wanted_and_certain(cell, regions, e164):
    assert isinstance(read_phone(cell, regions), NoPhone)
    found = read_phone(cell, regions, Rules(possible=True))
    assert (found.e164 if isinstance(found, Phone) else "") == e164


@pytest.mark.parametrize(
    ("cell", "country"),
    [
        ("4391672789", "AT"),
        # a zero before the country code: no national number is certain then
        *(("031612345678", "NL"), ("043664123456", "AT"), ("09592123456", "MM"), ("0508551234", "PM")),
    ],
)
def test_a_possible_number_of_two_readings_is_left_to_the_person(cell, country):
    found = read_phone(cell, (country,), Rules(possible=True))
    assert isinstance(found, NoPhone)
    assert found.code == "check.PHONE_AMBIGUOUS"


MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
EXAMPLES = {
    region: phonenumbers.national_significant_number(example)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (example := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)) is not None
}
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
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
        "RFC 3966": phonenumbers.format_number(number, PhoneNumberFormat.RFC3966),
        "bracketed country code": f"(+{number.country_code}) {digits}",
        "bracketed digits": f"({number.country_code}){digits}",
        "doubled after plus": f"+{number.country_code} {e164[1:]}",
        "doubled after 00": f"00{number.country_code}{e164[1:]}",
        "doubled": f"{number.country_code}{e164[1:]}",
        "zero and plus": f"0{e164}",
        "plus and trunk prefix": f"+0{digits}" if phonenumbers.ndd_prefix_for_region(region, True) == "0" else e164,
        "plus and 00": f"+00{e164[1:]}",
        "zeros lost": digits.lstrip("0"),
        "country code and trunk prefix": f"{e164[: -len(digits)]} (0){digits}",
        "label": f"手机：{national}",
        "quoted": f'="{digits}"',
        "Arabic-Indic": national.translate(ARABIC_INDIC),
        "extension": f"{international} ext. 5",
        "a list's number": f"8. {national}",
        "a list's number in brackets": f"(8) {digits}",
        "a short group behind": f"{digits} 123",
        "a short group behind E.164": f"{e164}-123",
        "Australia's prefix": f"0011 {e164[1:]}",
        **grouped_oddly(digits, e164, phonenumbers.ndd_prefix_for_region(region, True) or ""),
    }


def grouped_oddly(digits, e164, trunk):
    area, rest = digits[:3], digits[3:]
    return {
        "one digit set off": f"{digits[:-1]} {digits[-1]}",
        "two digits set off": f"{trunk}{digits[:-2]} {digits[-2:]}",
        "two digits set off in E.164": f"{e164[:-2]} {digits[-2:]}",
        "a list's number and two digits set off": f"8. {digits[:-2]} {digits[-2:]}",
        "a bare list's number and a digit set off": f"8 {digits[:-1]} {digits[-1]}" if len(digits) > 5 else e164,
        "an extension of one digit": f"{digits} 7",
        "an extension of two digits": f"{trunk}{digits} 12",
        "an extension of two digits behind E.164": f"{e164} 79",
        "a slash": f"{trunk}{area}/{rest}",
        "a slash without the trunk prefix": f"{area} / {rest}",
        "slashes in E.164": f"{e164[: -len(digits)]} / {area} / {rest}",
        "a slash and two digits set off": f"{trunk}{area}/{rest[:-2]} {rest[-2:]}",
        "a list's number before a slash": f"8/{digits}",
        "a list's number and slashes": f"8/{area}/{rest}",
        "a list's number, a blank and a slash": f"8 {area}/{rest}",
        "a range by a slash": f"{digits}/8",
        "a range by a slash in groups": f"{trunk}{area}/{rest}/89",
        "a range by a slash behind E.164": f"{e164}/{digits[-2:]}",
        "a fraction behind": f"{digits} 1/2",
        "long marks": f"{trunk}{area}ー{rest}",
        "middle dots": f"{e164[: -len(digits)]}・{area}·{rest}",
    }


@settings(max_examples=250, deadline=None)
@given(mobiles(), st.sampled_from([Rules(), Rules(landlines=True), Rules(possible=True)]))
def test_no_spelling_of_a_number_is_ever_read_as_another_number(mobile, rules):
    region, number = mobile
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    for regions in ((region,), regions_of(str(number.country_code)), ()):
        for spelling, cell in spellings(number, region).items():
            found = read_phone(cell, regions, rules)
            assert isinstance(found, NoPhone) or found.e164 == e164, (spelling, cell, regions, rules)
    # a plus before a number without its country code: with the country at hand nobody else is called
    found = read_phone(f"+{phonenumbers.national_significant_number(number)}", (region,))
    assert isinstance(found, NoPhone) or found.e164 == e164


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
                "SERVICE",
                "EXTENSION",
                "LETTERS",
                "INVALID",
                "AMBIGUOUS",
                "NOT_MOBILE",
                "COUNTRY_MISMATCH",
                "SEVERAL",
                "CHARACTERS",
                "ROUNDED",
                "DATE",
            )
        }


DIALS = sorted(numbering.DIAL_CODES)


@st.composite
def dialled_digits(draw):
    """Digits that may be a number: one of any country, of any kind, with other digits, or any digits at all."""
    dial = draw(st.sampled_from(DIALS))
    regions = [r for r in phonenumbers.region_codes_for_country_code(int(dial)) if r in EXAMPLES] or ["US"]
    start = EXAMPLES[draw(st.sampled_from(regions))][: draw(st.integers(0, 6))]
    prefix = draw(st.sampled_from(["", "", "0", "1", "8", "06", "00", dial]))
    return dial + prefix + start + draw(st.text("0123456789", max_size=13))


@settings(max_examples=500, deadline=None)
@given(st.one_of(dialled_digits(), st.text("0123456789", max_size=20)))
def test_the_plans_say_what_the_library_says(digits):
    number = parsed(digits)
    try:
        known = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        assert number is None
        return
    assert number == Number(str(known.country_code), phonenumbers.national_significant_number(known))
    assert number.e164 == phonenumbers.format_number(known, PhoneNumberFormat.E164)
    own = phonenumbers.region_code_for_number(known)
    assert region_of(number) == own
    assert (kind_in(number, own) if own else PhoneNumberType.UNKNOWN) == phonenumbers.number_type(known)
    for region in phonenumbers.region_codes_for_country_code(known.country_code):
        valid = phonenumbers.is_valid_number_for_region(known, region)
        assert valid == (kind_in(number, region) != PhoneNumberType.UNKNOWN)


@pytest.mark.parametrize("region", sorted(ZERO_FIRST - {"GA"}))  # both are numbers there, and the person is asked
def test_where_a_lost_zero_is_put_back_no_number_of_that_length_goes_without(region):
    dial = numbering.dial_of(region)
    random, length = Random(region), len(EXAMPLES[region])
    for _ in range(20_000):
        national = str(random.randrange(1, 10)) + "".join(random.choices("0123456789", k=length - 1))
        assert kind_in(Number(dial, national), region) not in MOBILE
        assert kind_in(Number(dial, national[1:]), region) not in MOBILE


@pytest.mark.parametrize("region", sorted(EXAMPLES))
def test_the_example_of_every_country_is_read_with_and_without_its_country_code(region):
    digits = EXAMPLES[region]
    e164 = f"+{phonenumbers.country_code_for_region(region)}{digits}"
    assert read_phone(e164, (region,)) == Phone(e164, digits, region)
    found = read_phone(digits, (region,))
    assert found == Phone(e164, digits, region) or found.code == "check.PHONE_AMBIGUOUS"


@pytest.mark.parametrize(
    ("cell", "regions", "code"),
    [
        ("0812345678 (2)", ("ID",), "check.PHONE_EXTENSION"),
        ("0171-1234567-8", ("DE",), "check.PHONE_EXTENSION"),
        ("0812345678 79", ("ID",), "check.PHONE_EXTENSION"),
        ("0812345678–79", ("ID",), "check.PHONE_EXTENSION"),
        ("0812-3456789 - 10", ("ID",), "check.PHONE_EXTENSION"),
        ("0664123456 [1]", ("AT",), "check.PHONE_EXTENSION"),
        ("+62 812 3456789 (1)", ("ID",), "check.PHONE_EXTENSION"),
        ("+62812345678\n9", ("ID",), "check.PHONE_SEVERAL"),
        ("2012-03-04", ("DK",), "check.PHONE_DATE"),
        ("30.12.2023", ("DK",), "check.PHONE_DATE"),
        ("61-12-2023", ("HK",), "check.PHONE_DATE"),
        ("5.1.2023 12", ("HK",), "check.PHONE_DATE"),
    ],
)
def test_digits_that_are_no_part_of_a_number_do_not_make_another_one(cell, regions, code):
    assert read_phone(cell, regions).code == code


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *((f"{code}13800138000", "CN") for code in ("11010", "12012", "17900", "11999", "8617951", "+86 17951 ")),
        *(("1831 412345678", "AU"), ("61 1832 412345678", "AU"), ("1900 83123456", "CR"), ("033101234567", "CO")),
        *(
            ("010 71234567", "BO"),
            ("081 10 1234 5678", "KR"),
            ("90 15 11 91234-5678", "BR"),
            ("180020 07400 123456", "GB"),
        ),
    ],
)
@pytest.mark.parametrize("rules", [Rules(), Rules(possible=True), Rules(landlines=True)])
def test_no_digits_are_dropped_from_before_a_number(cell, region, rules):
    assert isinstance(read_phone(cell, (region,), rules), NoPhone)


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        *(("013800138000", "CN", CHINA), ("+86 0 13800138000", "CN", CHINA), ("06 20 1234567", "HU", "+36201234567")),
        *(("8 029 491 1911", "BY", "+375294911911"), ("029 491 1911", "BY", "+375294911911")),
        *(("8 610 69012", "LT", "+37061069012"), ("0 610 69012", "LT", "+37061069012")),
        *(("0 15 11 91234-5678", "BR", "+5511912345678"), ("+55 0 15 11 91234-5678", "BR", "+5511912345678")),
        *(("011 15-2345-6789", "AR", "+5491123456789"), ("082 10 1234 5678", "KR", "+821012345678")),
    ],
)
def test_what_is_dialled_before_a_number_at_home_is_no_part_of_it(cell, region, e164):
    assert read_phone(cell, (region,)).e164 == e164


@pytest.mark.parametrize("region", ["SI", "LV", "DK", "TN"])
@pytest.mark.parametrize(
    "cell",
    [
        *("31.12.2026", "31.12.2026 ", " 31.12.2026", "31.12.2026\t", "\u00a031.12.2026", "2026-03-01 "),
        *("31. 12. 2026", "31. 12.2026", "31.12. 2026", "31 . 12 . 2026", "31 / 12 / 2026", "31/12/2026"),
        *(
            "2026.03.01.",
            "2026. 03. 01.",
            "20.12.2026.",
            "20.12.2026 .",
            "31.12.2026-",
            "31--12--2026",
            "2026-03-01.0",
            "2026-03-01.",
        ),
        *("(31.12.2026)", "[31.12.2026]", "( 31.12.2026 )", "(31.12.2026).", "'31.12.2026", '="31.12.2026"'),
        *(f"31{dash}12{dash}2026" for dash in "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"),
        *("2026 12-31", "2026-12 31", "31.12 2026", "31 12.2026", "12-31-2026", "2026-31-12", "12 31 2026"),
        *("2026 03 01", "20 12 2026", "31 12 2026", "2026  3  1", "1 3 2026", "2026 03 01 ", "1999 12 31"),
        *("31.12.2026 12", "31. 12. 2026 12:30", "2026-03-01 12:30:00", "2026-03-01T12:30:00", "３１．１２．２０２６"),
    ],
)
def test_a_date_is_no_phone_however_it_is_written(cell, region):
    assert read_phone(cell, (region,)).code == "check.PHONE_DATE"


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        *(("20 26 03 01", "DK", "+4520260301"), ("20260301", "DK", "+4520260301"), ("2026 0301", "DK", "+4520260301")),
        *(
            ("20-26-03-01", "DK", "+4520260301"),
            ("31 12 20 26", "DK", "+4531122026"),
            ("3112 2026", "DK", "+4531122026"),
        ),
        *(("+45 2026 03 01", "DK", "+4520260301"), ("+4520 12 2026", "DK", "+4520122026")),
        *(
            ("45 20 26 03 01", "DK", "+4520260301"),
            ("82-10-2000-0000", "KR", "+821020000000"),
            ("2026 13 32", "DK", "+4520261332"),
            ("20 32 2026", "DK", "+4520322026"),
        ),
        *(
            ("031 122 026", "SI", "+38631122026"),
            ("31 122 026", "SI", "+38631122026"),
        ),
    ],
)
def test_digits_that_are_grouped_otherwise_than_a_date_are_a_phone(cell, region, e164):
    assert read_phone(cell, (region,)).e164 == e164


@pytest.mark.parametrize(
    ("cell", "regions", "first", "second"),
    [
        ("8. 812345678", ("ID",), "+628812345678", "+62812345678"),
        ("08. 812345678", ("ID",), "+628812345678", "+62812345678"),
        ("8) 812-345-678", ("ID",), "+628812345678", "+62812345678"),
        ("(85) 812345678", ("ID",), "+6285812345678", "+62812345678"),
        ("8 812345678", ("ID",), "+628812345678", "+62812345678"),
        ("8 - 812345678", ("ID",), "+628812345678", "+62812345678"),
        ("0812345678 123", ("ID",), "+62812345678123", "+62812345678"),
        ("0812-345-678 12", ("ID",), "+6281234567812", "+62812345678"),
        ("+62 812-345-678 12", (), "+6281234567812", "+62812345678"),
        ("7299-56", ("TK",), "+690729956", "+6907299"),
        ("+62812345678-123", (), "+62812345678123", "+62812345678"),
        ("0062812345678 123", (), "+62812345678123", "+62812345678"),
        ("0011 65 9223 4567", (), "+16592234567", "+6592234567"),
        ("0011 65 9223 4567", ("SG",), "+16592234567", "+6592234567"),
    ],
)
def test_digits_that_stand_apart_may_be_no_part_of_a_number(cell, regions, first, second):
    facts = {"cell": cell, "first": first, "second": second}
    assert read_phone(cell, regions) == NoPhone("check.PHONE_AMBIGUOUS", facts)


@pytest.mark.parametrize(
    ("cell", "region"),
    [
        *(("24.105186", "LV"), ("55.676098", "DK"), ("9123.4567", "HK"), ("912.34567", "HK"), ("91.234567", "HK")),
        *(("0.412345678", "AU"), ("0.31122026", "SI"), ("13.800138001", "CN"), ("138.00138001", "CN")),
        *(
            ("(24.105186)", "LV"),
            ("24.105186 ", "LV"),
            ("'24.105186", "LV"),
            ("86.13800138000", "CN"),
            ("２４.105186", "LV"),
        ),
    ],
)
def test_a_decimal_number_is_no_phone_wherever_its_point_stands(cell, region):
    found = read_phone(cell, (region,))
    assert (found.code, found.facts["characters"]) == ("check.PHONE_CHARACTERS", "'.'")


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        *(("0151.12345678", "DE", "+4915112345678"), ("(415) 555.2671", "US", "+14155552671")),
        *(("415 555.2671", "US", "+14155552671"), ("+1.4155552671", "US", "+14155552671")),
        *(
            ("+1 415.555.2671", "US", "+14155552671"),
            ("415.555.2671", "US", "+14155552671"),
            ("138.0013.8000", "CN", CHINA),
        ),
    ],
)
def test_a_point_stands_in_a_phone_where_something_else_tells_that_it_is_one(cell, region, e164):
    assert read_phone(cell, (region,)).e164 == e164


@pytest.mark.parametrize("cell", ["+62 812345678.1", "0812-345678.1", "812345678.25", "0812345678.1"])
def test_a_number_with_decimals_is_no_phone(cell):
    assert read_phone(cell, ("ID",)).code == "check.PHONE_CHARACTERS"


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        ("(8) 916 123-45-67", ("RU",), "+79161234567"),
        ("8 9161234567", ("RU",), "+79161234567"),
        ("1 4155552671", ("US",), "+14155552671"),
        ("1-415-555-2671", ("US",), "+14155552671"),
        ("(11) 96123-4567", ("BR",), "+5511961234567"),
        ("(21) 2345678", ("NZ",), "+64212345678"),
        ("9 11 2345 6789", ("AR",), "+5491123456789"),
        ("06. 12. 34. 56. 78", ("FR",), "+33612345678"),
        ("0664 6641234", ("AT",), "+436646641234"),
        ("0812 345 678", ("ID",), "+62812345678"),
        ("62 812345678", ("ID",), "+62812345678"),
        ("0011 65 9123 4567", ("SG",), "+6591234567"),
        ("0011 61 412 345 678", (), "+61412345678"),
        ("0011 44 (0)7400 123456", (), "+447400123456"),
        ("001 415 555 2671", (), "+14155552671"),
    ],
)
def test_digits_that_stand_apart_are_a_part_where_no_other_number_is_meant(cell, regions, e164):
    assert read_phone(cell, regions).e164 == e164


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        ("06-12-34-56-78", ("FR",), "+33612345678"),
        ("20 12 03 04", ("DK",), "+4520120304"),
        ("20-12-03-04", ("DK",), "+4520120304"),
        ("070-123 45 67", ("SE",), "+46701234567"),
        ("(202) 555-0100", ("US",), "+12025550100"),
    ],
)
def test_groups_of_two_are_no_extensions(cell, regions, e164):
    assert read_phone(cell, regions).e164 == e164


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        ("0176 123456 78", ("DE",), "+4917612345678"),
        ("0170 12345 67", ("DE",), "+491701234567"),
        ("912345 67", ("HK",), "+85291234567"),
        ("9123456 7", ("HK",), "+85291234567"),
        ("138001380 00", ("CN",), "+8613800138000"),
        ("06123456 78", ("FR",), "+33612345678"),
        ("312 34567 89", ("IT",), "+393123456789"),
        ("812345 67", ("SG",), "+6581234567"),
        ("98765432 10", ("IN",), "+919876543210"),
        ("+33 6123456 78", (), "+33612345678"),
        # the front part is a number: an extension, or a range
        *(("91234567 8", ("HK",), ""), ("13800138000 5", ("CN",), ""), ("+8613800138000 12", (), "")),
        *(("0664 1234567 8", ("AT",), ""), ("8. 81234567 89", ("ID",), ""), ("8 81234567 89", ("ID",), "")),
        # no blank
        *(("0176-123456-78", ("DE",), ""), ("0176 123456 - 78", ("DE",), "")),
        # not a mobile as a whole
        *(("1380013 80", ("CN",), ""), ("010 123456 78", ("CN",), "")),
    ],
)
def test_one_or_two_digits_behind_a_blank_are_a_part_where_no_number_stands_before_them(cell, regions, e164):
    found = read_phone(cell, regions)
    assert (found.e164 if isinstance(found, Phone) else "") == e164


@pytest.mark.parametrize(
    ("cell", "regions", "e164"),
    [
        ("0151/12345678", ("DE",), "+4915112345678"),
        ("0151 / 34567890", ("DE",), "+4915134567890"),
        ("(0151)/12345678", ("DE",), "+4915112345678"),
        ("0151／12345678", ("DE",), "+4915112345678"),
        ("0176/123456 78", ("DE",), "+4917612345678"),
        ("+49 / 151 / 12345678", (), "+4915112345678"),
        ("+49 / 151 / 12345678", ("DE",), "+4915112345678"),
        ("0664/1234567", ("AT",), "+436641234567"),
        ("+43 664 / 123 45 67", ("AT",), "+436641234567"),
        ("079/1234567", ("CH",), "+41791234567"),
        ("079/123 45 67", ("CH",), "+41791234567"),
        ("0470/12.34.56", ("BE",), "+32470123456"),
        ("312/3456789", ("IT",), "+393123456789"),
        ("+39 312/3456789", ("IT",), "+393123456789"),
        ("415/555-2671", ("US", "CA"), "+14155552671"),
    ],
)
@pytest.mark.parametrize("rules", [Rules(), Rules(landlines=True), Rules(possible=True)])
def test_a_slash_stands_between_the_groups_of_one_number(cell, regions, rules, e164):
    found = read_phone(cell, regions, rules, fallback=("FR",))
    assert isinstance(found, Phone)
    assert found.e164 == e164


@pytest.mark.parametrize(
    ("cell", "regions", "code"),
    [
        ("9123 4567/9123 4568", ("HK",), "PHONE_SEVERAL"),
        ("91234567/8", ("HK",), "PHONE_SEVERAL"),
        ("+85291234567/8", (), "PHONE_SEVERAL"),
        ("0664/1234567/8", ("AT",), "PHONE_SEVERAL"),
        ("0664/6641234567", ("AT",), "PHONE_SEVERAL"),
        ("+43 664123/664124", (), "PHONE_SEVERAL"),
        ("8/812345678", ("ID",), "PHONE_SEVERAL"),
        ("8 812/345678", ("ID",), "PHONE_SEVERAL"),
        ("12/05/2026", ("DE",), "PHONE_DATE"),
        ("21/12/26", ("FO",), "PHONE_CHARACTERS"),
        ("12/2026", ("FO",), "PHONE_CHARACTERS"),
        ("20120304 1/2", ("DK",), "PHONE_CHARACTERS"),
        ("0151//12345678", ("DE",), "PHONE_CHARACTERS"),
        ("0151/12345678/", ("DE",), "PHONE_CHARACTERS"),
        ("2/0/1/2/0/3/0/4", ("DK",), "PHONE_CHARACTERS"),
        ("030/12345678", ("DE",), "PHONE_NOT_MOBILE"),
        ("0151/12345678", (), "COUNTRY_MISSING"),
    ],
)
def test_a_slash_is_no_part_of_a_date_nor_of_two_numbers(cell, regions, code):
    found = read_phone(cell, regions)
    assert isinstance(found, NoPhone)
    assert (found.code, found.facts["cell"]) == (f"check.{code}", cell)


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        *((f"090{mark}1234{mark}5678", "JP", "+819012345678") for mark in "ーｰ・･·"),
        ("+81ー90ー1234ー5678", "JP", "+819012345678"),
        ("(090)ー1234 ー 5678", "JP", "+819012345678"),
        ("138·0013·8000", "CN", CHINA),
        # like a hyphen before an extension, and like a decimal point
        *(("0812345678ー79", "ID", ""), ("812345678·1", "ID", ""), ("ー13800138000", "CN", "")),
    ],
)
def test_long_marks_and_middle_dots_stand_between_digits_as_a_hyphen_and_a_point_do(cell, region, e164):
    found = read_phone(cell, (region,))
    assert (found.e164 if isinstance(found, Phone) else "") == e164


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        *((cell, "remark") for cell in ("91234567 (WhatsApp)", "13800138000（微信同号）", "13800138000【微信】")),
        *(("(office) +852 9123 4567", "remark"), ("9123 4567 [Ms Wu].", "remark")),
        *((cell, "letters") for cell in ("1380013800(O)", "(O)7400 123456", "1380013800O", "n/a", "(WhatsApp)")),
    ],
)
def test_a_remark_in_brackets_is_not_taken_for_mistyped_digits(cell, hint):
    found = read_phone(cell, ("HK",))
    assert isinstance(found, NoPhone)
    assert found.code == "check.PHONE_LETTERS"
    for lang in words.LANGUAGES:
        said = Explainer(lang).problem(Problem(found.code, "phone", found.facts))
        assert said.endswith(words.say(f"hint.{hint}", lang))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1" * 1_000_000 + "x", "check.PHONE_SEVERAL"),
        ("1" * 1_000_000, "check.PHONE_INVALID"),
        ("٣" * 1_000_000, "check.PHONE_SEVERAL"),
        ("1 " * 1_000_000 + "x", "check.PHONE_SEVERAL"),
        ("13800138000, " * 100, "check.PHONE_SEVERAL"),
        ("+86 138 0013 8000" + " " * 300 + "1", "check.PHONE_SEVERAL"),
        ("call me " * 100, "check.PHONE_LETTERS"),
    ],
)
def test_a_cell_that_is_far_too_long_is_refused_and_takes_no_time(cell, code):
    assert read_phone(cell, ("CN",)).code == code


def test_blanks_around_a_number_do_not_make_it_too_long():
    assert read_phone("13800138000" + " " * 300, ("CN",)).e164 == CHINA


@pytest.mark.parametrize(
    ("cell", "code", "key", "said"),
    [
        ("13800138000,", "CHARACTERS", "characters", "','"),
        ("<13800138000>", "CHARACTERS", "characters", "'<' '>'"),
        ("+86+13800138000", "CHARACTERS", "characters", "'+'"),
        ("13800138000\ufe0f", "CHARACTERS", "characters", "'\ufe0f'"),
        ("13800138000\x07", "CHARACTERS", "characters", "U+0007"),
        ("13800138000²", "CHARACTERS", "characters", "'²'"),
        ("1512345678.5", "CHARACTERS", "characters", "'.'"),
        ("-13800138000", "CHARACTERS", "characters", "'-'"),
        ("13800138000 (office, Wu)", "LETTERS", "letters", "office, Wu"),
        ("138xxxx8000", "LETTERS", "letters", "xxxx"),
        ("0x13800138000", "LETTERS", "letters", "x"),
        ("+852 13800138000", "INVALID", "country", "HK"),
        ("+1 13800138000", "INVALID", "country", "+1"),
        ("+999 123456", "INVALID", "country", ""),
    ],
)
def test_what_is_wrong_with_a_phone_is_named(cell, code, key, said):
    found = read_phone(cell, () if cell.startswith("+") else ("CN",))
    assert (found.code, found.facts[key]) == (f"check.PHONE_{code}", said)
