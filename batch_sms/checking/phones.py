"""A phone cell and its country made into one E.164 number, or into the reason why not. Nothing is guessed.

Digits without ``+`` can mean a national number or one that has its country code already, and in dozens of countries the
wrong reading is a valid number too. So both readings are formed, and the one that is a valid mobile number is taken
only if the other is not (reference field.md, section 1.10).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from batch_sms.characters import ascii_digits, tidy, without_point_zero

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_E_NOTATION = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_SEVERAL = re.compile(r"[,;/|\n]|\bor\b|或|、")
_FEWEST_DIGITS = 5
_ALLOWED = re.compile(r"\+?[0-9 ().\-‐‑‒–—―−]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be sent to: E.164, its national significant number, and the alpha-2 code of its country."""

    e164: str
    national: str
    country: str


@dataclass(frozen=True, slots=True)
class NoPhone:
    """Why a cell is no number that can be sent to: a ``check.*`` code and what the sentence about it needs."""

    code: str
    facts: dict[str, str]


def read_phone(cell: str, regions: tuple[str, ...]) -> Phone | NoPhone:
    """Read a phone cell; ``regions`` are the alpha-2 codes its country cell can mean (empty: no country given)."""
    # a footnote's ², a list's ①: plain digits once the cell is tidied, and no part of the number
    if any(char.isnumeric() and not char.isdecimal() for char in cell):
        return NoPhone("check.PHONE_CHARACTERS", {"cell": cell.strip()})
    plain = ascii_digits(tidy(cell)).removeprefix("'").strip()
    if not plain:
        return NoPhone("check.PHONE_MISSING", {})
    if _E_NOTATION.fullmatch(plain):
        return NoPhone("check.PHONE_ROUNDED", {"cell": plain})
    if holds_several(cell):
        return NoPhone("check.PHONE_SEVERAL", {"cell": plain})
    plain = without_point_zero(plain)
    if not _ALLOWED.fullmatch(plain):
        return NoPhone("check.PHONE_CHARACTERS", {"cell": plain})
    digits = re.sub(r"[^0-9]", "", plain)
    if plain.startswith("+"):
        return _choose([f"+{digits}"], regions, plain)
    if digits.startswith("00"):
        return _choose([f"+{digits[2:]}"], regions, plain)
    if not regions:
        return NoPhone("check.COUNTRY_MISSING", {"cell": plain})
    return _choose(_both_readings(digits, regions), regions, plain)


def _both_readings(digits: str, regions: tuple[str, ...]) -> list[str]:
    dial_code = str(phonenumbers.country_code_for_region(regions[0]))
    national = f"+{dial_code}{digits}"
    return [national, f"+{digits}"] if digits.startswith(dial_code) else [national]


def _choose(readings: list[str], regions: tuple[str, ...], plain: str) -> Phone | NoPhone:
    numbers = list(_valid(readings))
    here = [(number, region) for number in numbers if (region := _region(number, regions))]
    found = [_phone(number, region) for number, region in here if phonenumbers.number_type(number) in _MOBILE]
    mobiles = list(dict.fromkeys(found))  # with a trunk prefix like the dial code (+1), both readings are one number
    if len(mobiles) == 1:
        return mobiles[0]
    if mobiles:
        facts = {"cell": plain, "first": mobiles[0].e164, "second": mobiles[1].e164}
        return NoPhone("check.PHONE_AMBIGUOUS", facts)
    if here:
        return NoPhone("check.PHONE_NOT_MOBILE", {"cell": plain, "country": here[0][1]})
    if numbers:
        own = phonenumbers.region_code_for_number(numbers[0]) or f"+{numbers[0].country_code}"
        facts = {"cell": plain, "found": own, "country": "/".join(regions[:3])}
        return NoPhone("check.PHONE_COUNTRY_MISMATCH", facts)
    return NoPhone("check.PHONE_INVALID", {"cell": plain, "country": "/".join(regions[:3]) or "-"})


def _valid(readings: list[str]) -> Iterator[PhoneNumber]:
    for reading in readings:
        try:
            number = phonenumbers.parse(reading)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            yield number


def _region(number: PhoneNumber, regions: tuple[str, ...]) -> str | None:
    """The country that the message goes to: the one given where the number is valid there, else the number's own."""
    if len(regions) == 1:
        return regions[0] if phonenumbers.is_valid_number_for_region(number, regions[0]) else None
    found = phonenumbers.region_code_for_number(number)
    return found if not regions or found in regions else None


def _phone(number: PhoneNumber, region: str) -> Phone:
    national = phonenumbers.national_significant_number(number)
    return Phone(f"+{number.country_code}{national}", national, region)


def holds_several(cell: str) -> bool:
    """Whether a cell holds more than one number, each long enough to be a phone."""
    wide = unicodedata.normalize("NFKC", cell)
    parts = [part for part in _SEVERAL.split(wide) if sum(char.isdecimal() for char in part) >= _FEWEST_DIGITS]
    return len(parts) > 1
