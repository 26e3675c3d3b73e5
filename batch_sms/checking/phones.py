"""A phone cell and its country made into one E.164 number, or into the reason why not. Nothing is guessed.

Digits without ``+`` can mean a national number or one that has its country code already; a country code can be doubled, a
first zero lost. In dozens of countries the wrong reading is a valid number too. So every reading is formed, and the one that
is a number of a kind that is wanted is taken only if no other is (reference field.md, section 1.10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, NumberParseException, PhoneNumberType

from batch_sms.checking.numbering import UNKNOWN, Number, dial_of, is_whole, kind_in, parsed, plan_of, region_of
from batch_sms.checking.phone_cells import DASH, SHORT_START, Dialled, NoPhone, read_cell
from batch_sms.checking.phone_groups import Groups, groups_of
from batch_sms.checking.phone_hints import OTHER_LANDS_PREFIX, PLUS_ZERO, hint_at, prefix_abroad

ZERO_FIRST = frozenset({"BJ", "CG", "CI", "GA"})
"""Where mobile numbers begin with a 0 that is a part of them: a spreadsheet that takes it off breaks the number.

Not where only some of them do (BF, TJ): there a number without its zero looks like one that lacks another digit.
"""

_MOBILES = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_LONGEST_SHORT = 6
_MAY_BE_DIALLED_ABROAD = frozenset({"check.PHONE_INVALID", "check.PHONE_COUNTRY_MISMATCH", "check.PHONE_SERVICE"})
"""What a number looks like that has a country's own prefix for abroad before it."""
_ZEROS = re.compile(r"^\D*00+")
_FEWEST_DIGITS_APART = 7
"""Groups of so many digits each, with a space between them, are two numbers and not one."""
_MOST_GROUPS = 12
_GAP = re.compile(rf"\s+(?:[{DASH}]\s+)?")
_MORE_FITTING = frozenset({"check.PHONE_NOT_MOBILE", "check.COUNTRY_MISSING"})
"""What is said of an odd grouping's whole rather than of the grouping."""
_DIALLED = re.compile(r"[(\[]*(?:\+|0[1-9]\d|00[1-9])")
"""How a number begins whose later groups are no landlines of their own: ``+49``, ``0151``. A list's number does not."""
_LISTED = re.compile(r"\D*[1-9]\d?\D+(?=\d)", re.ASCII)
"""What may be a list's number before an odd grouping."""
_FEWEST_DIGITS_BY_SLASH = 5
"""Two parts of so many digits each, with a slash between them, may be two numbers without their area code."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What numbers are taken: landlines too; numbers of a possible length that the numbering plans do not know (yet)."""

    landlines: bool = False
    possible: bool = False

    @property
    def kinds(self) -> frozenset[int]:
        """The kinds of number that are taken."""
        return _MOBILES | {PhoneNumberType.FIXED_LINE} if self.landlines else _MOBILES


MOBILES = Rules()


class Phone(NamedTuple):
    """A number that can be sent to: E.164, its national significant number, and the alpha-2 code of its country."""

    e164: str
    national: str
    country: str


def read_phone(
    cell: str, regions: tuple[str, ...], rules: Rules = MOBILES, fallback: tuple[str, ...] = ()
) -> Phone | NoPhone:
    """Read a phone cell; ``regions`` are the alpha-2 codes its country cell can mean (empty: no country given).

    ``fallback`` holds where no country is given, neither by a cell nor by the number itself.
    """
    dialled = read_cell(cell)
    if isinstance(dialled, NoPhone):
        groups = groups_of(dialled)
        return _regrouped(groups, dialled, regions, rules, fallback) if groups else dialled
    if dialled.plus_zero:
        return NoPhone(
            "check.PHONE_INVALID", {"cell": dialled.cell, "country": _said(regions, None), "hint": PLUS_ZERO}
        )
    if not regions and not dialled.international:
        if not fallback:
            return NoPhone("check.COUNTRY_MISSING", {"cell": dialled.cell})
        regions = fallback
    found = _choose(_readings(dialled, regions), dialled, regions, rules)
    if isinstance(found, Phone):
        return _unless_another(found, dialled, regions, rules) if dialled.alone else found
    if found.code == "check.PHONE_INVALID":
        if _holds_two(dialled, regions):
            return NoPhone("check.PHONE_SEVERAL", {"cell": dialled.cell})
        if hint := hint_at(dialled, regions):
            return NoPhone(found.code, {**found.facts, "hint": hint})
    if found.code not in _MAY_BE_DIALLED_ABROAD:
        return found
    return NoPhone(found.code, found.facts | prefix_abroad(dialled, regions, found.facts.get("found", "")))


def _regrouped(
    groups: Groups, flaw: NoPhone, regions: tuple[str, ...], rules: Rules, fallback: tuple[str, ...]
) -> Phone | NoPhone:
    """The mobile that an oddly grouped cell is as a whole, if no part of it is another number; else why it is refused."""
    found = read_phone(groups.whole, regions, fallback=fallback)
    country = (found.country,) if isinstance(found, Phone) else regions or fallback
    if _holds_another(groups, found, country, rules):
        return NoPhone("check.PHONE_SEVERAL", flaw.facts) if groups.by_slash else flaw
    if isinstance(found, Phone):
        return flaw if groups.by_slash and _may_be_two(groups, found) else found
    if found.code in _MORE_FITTING and flaw.code != "check.PHONE_SEVERAL":
        return NoPhone(found.code, {**found.facts, "cell": flaw.facts["cell"]})
    return flaw


def _may_be_two(groups: Groups, found: Phone) -> bool:
    """Whether two parts are long enough for numbers without their area code; the country code does not count."""
    first, *others = ("".join(filter(str.isdecimal, part)) for part in groups.parts)
    lengths = map(len, (first.lstrip("0").removeprefix(dial_of(found.country)), *others))
    return sum(length >= _FEWEST_DIGITS_BY_SLASH for length in lengths) > 1


def _holds_another(groups: Groups, found: Phone | NoPhone, regions: tuple[str, ...], rules: Rules) -> bool:
    """Whether parts that follow each other are a number of their own, and another than all of them."""
    own = found.e164 if isinstance(found, Phone) else ""
    count = len(groups.parts)
    runs = [(start, end) for start in range(count) for end in range(start + 1, count + 1) if end - start < count]
    dialled = bool(_DIALLED.match(groups.parts[0]))
    apart = _LISTED.match(groups.whole)
    if apart and any(
        e164 != own for e164 in _numbers_in(groups.whole[apart.end() :], regions, rules, mobiles_only=True)
    ):
        return True
    for start, end in runs:
        run = " ".join(groups.parts[start:end])
        behind = start > 0 and dialled and not _DIALLED.match(run)
        if any(e164 != own for e164 in _numbers_in(run, regions, rules, mobiles_only=behind)):
            return True
    return False


def _numbers_in(text: str, regions: tuple[str, ...], rules: Rules, *, mobiles_only: bool) -> Iterator[str]:
    """The numbers, in E.164, that a part of a cell can be, also without a list's number before it."""
    dialled = read_cell(text)
    if isinstance(dialled, NoPhone):
        dialled = Dialled("".join(filter(str.isdecimal, text)), text.startswith("+"), text)
    if not regions and not dialled.international:
        return
    alone = [Dialled(dialled.alone, dialled.international, text)] if dialled.alone else []
    for form in (dialled, *alone):
        readings = _readings(form, regions) + ([] if mobiles_only else [form.digits])
        yield from (number.e164 for number, kind, _ in _valid(readings) if kind in _MOBILES or not mobiles_only)
        possible = rules.possible and not mobiles_only
        if possible and isinstance(phone := _choose(readings, form, regions, rules), Phone):
            yield phone.e164


def _holds_two(dialled: Dialled, regions: tuple[str, ...]) -> bool:
    """Whether the digits are two numbers with a gap between them: both are valid, or both long enough."""
    groups = _GAP.split(dialled.cell)
    if not 1 < len(groups) <= _MOST_GROUPS:
        return False
    lengths = [sum(map(str.isdecimal, _ZEROS.sub("", group))) for group in groups]
    if min(lengths) >= _FEWEST_DIGITS_APART:
        return True
    return any(
        all(_is_valid(" ".join(part), regions) for part in (groups[:end], groups[end:]))
        for end in range(1, len(groups))
    )


def _is_valid(cell: str, regions: tuple[str, ...]) -> bool:
    """Whether a cell is a valid number of any kind; without a country, digits without a plus are one in any."""
    dialled = read_cell(cell)
    if isinstance(dialled, NoPhone):
        return False
    if regions or dialled.international:
        return any(_valid(_readings(dialled, regions)))
    return len(dialled.digits) >= _FEWEST_DIGITS_APART


def _unless_another(found: Phone, dialled: Dialled, regions: tuple[str, ...], rules: Rules) -> Phone | NoPhone:
    """The number, unless it is another one too without the digits that stand apart."""
    alone = Dialled(dialled.alone, dialled.international, dialled.cell)
    other = _choose(_readings(alone, regions), alone, regions, rules)
    if isinstance(other, NoPhone):
        return other if other.code == "check.PHONE_AMBIGUOUS" else found
    return found if other == found else _ambiguous(dialled, found.e164, other.e164)


def _ambiguous(dialled: Dialled, first: str, second: str) -> NoPhone:
    return NoPhone("check.PHONE_AMBIGUOUS", {"cell": dialled.cell, "first": first, "second": second})


def _readings(dialled: Dialled, regions: tuple[str, ...]) -> list[str]:
    """Everything that the digits can mean, as digits with a country code; the plain meanings first."""
    digits = dialled.digits
    if dialled.international:
        number = parsed(digits) if _repeats_its_start(digits) else None
        dial = number.dial if number else ""
        readings = [digits, digits[len(dial) :]] if dial and digits.startswith(dial * 2) else [digits]
        return [*readings, dialled.otherwise] if dialled.otherwise else readings
    dial = dial_of(regions[0])
    forms = (digits, dialled.otherwise) if dialled.otherwise else (digits,)
    readings = [dial + form for form in forms] + [form for form in forms if form.startswith(dial)]
    if digits.startswith(dial * 2):
        readings.append(digits[len(dial) :])
    if not ZERO_FIRST.isdisjoint(regions):
        readings.append(f"{dial}0{digits}")
    return readings


def _repeats_its_start(digits: str) -> bool:
    """Whether a dial code, of one to three digits, may stand there twice: nearly all numbers need no closer look."""
    return digits[:1] == digits[1:2] or digits[:2] == digits[2:4] or digits[:3] == digits[3:6]


def _choose(readings: list[str], dialled: Dialled, regions: tuple[str, ...], rules: Rules) -> Phone | NoPhone:
    valid, here, found, wanted = list(_valid(readings)), [], [], rules.kinds
    for number, kind, own in valid:
        if region := _country(number, own, regions):
            here.append((kind, region))
            if kind in wanted:
                found.append(Phone(number.e164, number.national, region))
    if not valid and rules.possible:
        found = _possible(dialled, regions, rules)
    if len(found) > 1 and len(found := list(dict.fromkeys(found))) > 1:
        # with a trunk prefix like the dial code (+1), two readings are one number
        return _ambiguous(dialled, found[0].e164, found[1].e164)
    abroad = next((other for other, *_ in valid if other.dial != valid[0][0].dial), None) if len(valid) > 1 else None
    if found and abroad:
        return _ambiguous(dialled, valid[0][0].e164, abroad.e164)  # 0011: no country column is surer than the digits
    if found:
        return found[0]
    facts = {"cell": dialled.cell}
    if here:
        landline = any(kind == PhoneNumberType.FIXED_LINE for kind, _ in here)
        code = "check.PHONE_NOT_MOBILE" if landline else "check.PHONE_SERVICE"
        return NoPhone(code, {**facts, "country": here[0][1]})
    return _invalid(dialled, regions, valid[0][2] if valid else "")


def _valid(readings: list[str]) -> Iterator[tuple[Number, int, str]]:
    """Those readings that are valid numbers, with their kind and the region that they belong to."""
    for reading in readings:
        number = parsed(reading)
        region = region_of(number) if number and is_whole(reading, number) else None
        if number and region and (kind := kind_in(number, region)) != UNKNOWN:
            yield number, kind, region


def _country(number: Number, own: str, regions: tuple[str, ...]) -> str:
    """The country that the message goes to: the one given where the number is valid there, else the number's own."""
    if not regions or own in regions:
        return own if own in SUPPORTED_REGIONS else ""  # no country of the gateway's has satellites' numbers (+870)
    given = regions[0]
    if len(regions) == 1 and dial_of(given) == number.dial and kind_in(number, given) != UNKNOWN:
        return given
    return ""


def _possible(dialled: Dialled, regions: tuple[str, ...], rules: Rules) -> list[Phone]:
    """Numbers of a length that the wanted kinds have, where the country is certain and no digit has to be mended.

    A valid number of another country, though written without its plus, stands beside them: the digits may well be that one.
    """
    digits, otherwise = dialled.digits, [dialled.otherwise] if dialled.otherwise else []
    if dialled.international:
        return list(_of_possible_length([digits, *otherwise], regions, rules))
    dial = dial_of(regions[0])
    if not _is_sure(dialled, dial):
        return []
    trunk = phonenumbers.ndd_prefix_for_region(regions[0], strip_non_digits=True) or "0"
    dialled_home = (digits.removeprefix(start) for start in {"0", trunk} if digits.startswith(start + dial))
    readings = [
        *(dial + reading for reading in (digits, *otherwise)),
        *[digits] * digits.startswith(dial),
        *dialled_home,
    ]
    found = list(_of_possible_length(readings, regions, rules))
    abroad = [Phone(number.e164, number.national, region) for number, _, region in _valid([digits])]
    return found + abroad if found else []


def _is_sure(dialled: Dialled, dial: str) -> bool:
    """Whether all digits of a cell without a plus are the number's: none of a list's number before it, or a prefix."""
    apart = SHORT_START.match(dialled.cell)
    return (not apart or apart[1] == dial) and not (dialled.alone or dialled.digits.startswith(OTHER_LANDS_PREFIX))


def _of_possible_length(readings: list[str], regions: tuple[str, ...], rules: Rules) -> Iterator[Phone]:
    for reading in readings:
        number = parsed(reading)
        if number is None or not is_whole(reading, number):
            continue
        countries = COUNTRY_CODE_TO_REGION_CODE[int(number.dial)]
        country = [region for region in regions or countries if region in countries and region in SUPPORTED_REGIONS]
        if len(country) != 1:
            continue
        plan = plan_of(number.dial, country[0])
        lengths = plan.mobile[0] | plan.fixed[0] if rules.landlines or plan.one_pattern else plan.mobile[0]
        if len(number.national) in lengths and not _begins_as_dialled(number, country[0]):
            yield Phone(number.e164, number.national, country[0])


def _begins_as_dialled(number: Number, region: str) -> bool:
    """Whether a number still begins with what is dialled before one, or with a zero where no mobile does: a digit is too many."""
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True)
    return region not in ZERO_FIRST and number.national.startswith(("0", prefix) if prefix else "0")


def _invalid(dialled: Dialled, regions: tuple[str, ...], own: str) -> NoPhone:
    """Why no reading of the digits is a number of the country."""
    number = parsed(dialled.digits) if dialled.international else None
    facts = {"cell": dialled.cell, "country": _said(regions, number)}
    if own and not regions:
        return NoPhone("check.PHONE_SERVICE", {**facts, "country": f"+{number.dial}" if number else own})
    if own or (number and regions and number.dial != dial_of(regions[0])):
        countries = COUNTRY_CODE_TO_REGION_CODE[int(number.dial)] if number else ()
        found = own or (countries[0] if len(countries) == 1 else "")
        if found not in SUPPORTED_REGIONS:
            found = f"+{number.dial}" if number else own
        return NoPhone("check.PHONE_COUNTRY_MISMATCH", {**facts, "found": found})
    if not dialled.international and _is_short(dialled.digits, regions):
        return NoPhone("check.PHONE_SERVICE", facts)
    return NoPhone("check.PHONE_INVALID", facts)


def _said(regions: tuple[str, ...], number: Number | None) -> str:
    """The countries given, or else the number's, in one word: the dial code where they are several; ``""`` for none at all."""
    of_number = COUNTRY_CODE_TO_REGION_CODE[int(number.dial)] if number else ()
    said = regions or tuple(region for region in of_number if region in SUPPORTED_REGIONS)
    return said[0] if len(said) == 1 else f"+{dial_of(said[0])}" if said else ""


def _is_short(digits: str, regions: tuple[str, ...]) -> bool:
    """Whether this is a short number, such as a hotline, of a country given."""
    if len(digits) > _LONGEST_SHORT:
        return False
    try:
        number = phonenumbers.parse(digits, regions[0])
    except NumberParseException:
        return False
    return any(phonenumbers.is_valid_short_number_for_region(number, region) for region in regions)
