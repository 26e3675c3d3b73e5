"""Numbering plans: what the digits of a phone number are. Says what phonenumbers says, several times faster.

The library finds a number's region anew at every question, and compiles its patterns again and again where a list goes to
many countries. Here each plan is compiled once and asked once. The tests hold both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberDesc,
    PhoneNumberType,
)

Match = Callable[[str], object]

UNKNOWN = PhoneNumberType.UNKNOWN
_REGIONS: dict[str, tuple[str, ...]] = {str(dial): regions for dial, regions in COUNTRY_CODE_TO_REGION_CODE.items()}
DIAL_CODES = frozenset(_REGIONS)
_LONGEST_DIAL_CODE = 3
_SHORTEST, _LONGEST = 2, 17
"""Digits of a national number, as the library bounds them."""
_TRUNK_PREFIXES = frozenset({"0", "8", "80"})
"""With its country's own, whatever is dialled before a national number in Lithuania and Belarus, where there are several."""
_BRAZIL = "55"
_SERVICES = (
    (PhoneNumberType.PREMIUM_RATE, "premium_rate"),
    (PhoneNumberType.TOLL_FREE, "toll_free"),
    (PhoneNumberType.SHARED_COST, "shared_cost"),
    (PhoneNumberType.VOIP, "voip"),
    (PhoneNumberType.PERSONAL_NUMBER, "personal_number"),
    (PhoneNumberType.PAGER, "pager"),
    (PhoneNumberType.UAN, "uan"),
    (PhoneNumberType.VOICEMAIL, "voicemail"),
)
"""Kinds that go before landline and mobile, in the library's order."""


class Number(NamedTuple):
    """A number taken apart: its country's dial code and its national significant number."""

    dial: str
    national: str

    @property
    def e164(self) -> str:
        """The number as it is written for all the world."""
        return f"+{self.dial}{self.national}"


def parsed(digits: str) -> Number | None:
    """The number that ``+`` and these digits are, without a trunk prefix; None where it can be none."""
    for size in range(1, _LONGEST_DIAL_CODE + 1):
        dial = digits[:size]
        if dial in _REGIONS:
            break
    else:
        return None
    national = digits[size:]
    trunk = _trunk_of(dial)
    if trunk.prefix is not None and len(national) >= _SHORTEST and (found := trunk.prefix(national)):
        if trunk.transforms and (not found.groups() or found[found.re.groups] is not None):
            return _parsed_by_library(digits)
        national = trunk.stripped(national, found.end())
    return Number(dial, national) if _SHORTEST <= len(national) <= _LONGEST else None


def is_whole(digits: str, number: Number) -> bool:
    """Whether a number has all the digits that it was ``parsed`` from, but for a trunk prefix.

    The library takes codes of carriers and of text relays off too (``17951``, ``1832``, ``180020``): of digits that begin so it
    is not certain that no other number was meant, or a card's. Brazil's stand behind a zero, before the area code.
    """
    dropped = len(digits) - len(number.dial) - len(number.national)
    if dropped <= 0 or not digits.endswith(number.national):  # else a mobile's 15 was made a 9, within the number
        return True
    prefix = digits[len(number.dial) :][:dropped]
    own = _data(number.dial, _REGIONS[number.dial][0]).national_prefix
    if prefix in {*_TRUNK_PREFIXES, own, f"0{number.dial}"}:
        return True
    return number.dial == _BRAZIL and prefix.startswith("0")


def _parsed_by_library(digits: str) -> Number | None:
    """The same for a number that is dialled in another form than it has: how it is transformed is the library's art."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except NumberParseException:
        return None
    return Number(str(number.country_code), phonenumbers.national_significant_number(number))


def region_of(number: Number) -> str | None:
    """The region that a number belongs to; only certain for a valid one."""
    regions = _REGIONS[number.dial]
    if len(regions) == 1:
        return regions[0]
    for region in regions:
        leads = plan_of(number.dial, region).leads
        if leads(number.national) if leads else kind_in(number, region) != UNKNOWN:
            return region
    return None


def regions_in(number: Number) -> tuple[str, ...]:
    """All regions of its dial code in which it is a valid number: mobiles of Christmas Island are Australian ones too."""
    return tuple(region for region in _REGIONS[number.dial] if kind_in(number, region) != UNKNOWN)


def kind_in(number: Number, region: str) -> int:
    """The kind (``PhoneNumberType``) that a number has in a region of its dial code; UNKNOWN where it is none there."""
    plan, national = plan_of(number.dial, region), number.national
    size = len(national)
    lengths, general = plan.general
    if size not in lengths or not general(national):
        return UNKNOWN
    if plan.any_service[size](national):
        return next(kind for kind, lengths, match in plan.services if size in lengths and match(national))
    lengths, fixed = plan.fixed
    is_fixed = size in lengths and fixed(national)
    if plan.one_pattern:
        return PhoneNumberType.FIXED_LINE_OR_MOBILE if is_fixed else UNKNOWN
    lengths, mobile = plan.mobile
    if size in lengths and mobile(national):
        return PhoneNumberType.FIXED_LINE_OR_MOBILE if is_fixed else PhoneNumberType.MOBILE
    return PhoneNumberType.FIXED_LINE if is_fixed else UNKNOWN


class _AnyService(dict[int, Match]):
    """Whether a national number of a length is one of any service: most numbers are none, and one pattern tells that at once."""

    def __init__(self, descs: Sequence[PhoneNumberDesc]) -> None:
        super().__init__()
        self._descs = descs

    def __missing__(self, size: int) -> Match:
        patterns = [f"(?:{desc.national_number_pattern})" for desc in self._descs if size in _lengths(desc)]
        self[size] = re.compile("|".join(patterns)).fullmatch if patterns else _never
        return self[size]


class Plan(NamedTuple):
    """A region's numbering plan: the lengths and the pattern of each kind of number."""

    general: tuple[frozenset[int], Match]
    services: tuple[tuple[int, frozenset[int], Match], ...]
    any_service: _AnyService
    fixed: tuple[frozenset[int], Match]
    mobile: tuple[frozenset[int], Match]
    one_pattern: bool
    leads: Callable[[str], re.Match[str] | None] | None
    """What the numbers of this region alone begin with, where it shares its dial code."""


@cache
def plan_of(dial: str, region: str) -> Plan:
    """The plan of a region (or of a dial code that belongs to no country), compiled."""
    data = _data(dial, region)
    descs = ((kind, getattr(data, name)) for kind, name in _SERVICES)
    services = [(kind, desc) for kind, desc in descs if desc is not None and desc.national_number_pattern]
    return Plan(
        _matcher(data.general_desc),
        tuple((kind, *_matcher(desc)) for kind, desc in services),
        _AnyService([desc for _, desc in services]),
        _matcher(data.fixed_line),
        _matcher(data.mobile),
        data.same_mobile_and_fixed_line_pattern,
        re.compile(data.leading_digits).match if data.leading_digits is not None else None,
    )


def _matcher(desc: PhoneNumberDesc | None) -> tuple[frozenset[int], Match]:
    if desc is None or not desc.national_number_pattern:
        return frozenset(), _never
    return _lengths(desc), re.compile(desc.national_number_pattern).fullmatch


def _lengths(desc: PhoneNumberDesc) -> frozenset[int]:
    """The lengths of its numbers; without any of its own, the general ones have been asked."""
    return frozenset(desc.possible_length or range(_LONGEST + 1))


def _never(_: str) -> None:
    return None


class _Trunk(NamedTuple):
    """What is dialled before a national number inside its country, as far as the library takes it off."""

    prefix: Callable[[str], re.Match[str] | None] | None
    transforms: bool
    general: Match
    lengths: frozenset[int]
    local_lengths: frozenset[int]

    def stripped(self, national: str, end: int) -> str:
        """The number without what was found at its start, unless that makes it worse."""
        rest = national[end:]
        possible = len(rest) in self.lengths or len(rest) > max(self.lengths)
        if not possible or len(rest) in self.local_lengths:
            return national
        return rest if self.general(rest) or not self.general(national) else national


@cache
def _trunk_of(dial: str) -> _Trunk:
    data = _data(dial, _REGIONS[dial][0])
    prefix = data.national_prefix_for_parsing
    return _Trunk(
        re.compile(prefix).match if prefix else None,
        bool(data.national_prefix_transform_rule),
        re.compile(data.general_desc.national_number_pattern).fullmatch,
        frozenset(data.general_desc.possible_length),
        frozenset(data.general_desc.possible_length_local_only),
    )


def _data(dial: str, region: str) -> Any:
    """The library's metadata, whose fields its stubs all call optional."""
    return PhoneMetadata.metadata_for_region_or_calling_code(int(dial), region)


@cache
def dial_of(region: str) -> str:
    """The dial code of a region."""
    return str(phonenumbers.country_code_for_region(region))
