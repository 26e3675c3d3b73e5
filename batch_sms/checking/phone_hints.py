"""What is probably wrong with digits that are no number: old forms and prefixes that people still write. Never a guess at one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from phonenumbers import PhoneMetadata

from batch_sms.checking.numbering import DIAL_CODES, UNKNOWN, Number, dial_of, kind_in, parsed, region_of, regions_in
from batch_sms.checking.phone_cells import Dialled

PLUS_ZERO = "plus_zero"
_ABROAD = "dialled_abroad"
_LENGTHENED = {"225": (8, "old_ivorian"), "229": (8, "old_beninese")}
"""Dial codes of plans whose numbers got longer (2021, 2024): the old length."""
_MEXICO, _NORTH_AMERICA = "52", "1"
_OLD_MEXICAN = re.compile(r"(?:1|01|044|045)(\d{10})", re.ASCII)
"""What stood before the ten digits until 2019 and 2020, abroad and at home."""
OTHER_LANDS_PREFIX = "011"
"""How North America dials abroad: what follows is no national number, of whichever length."""
_EVERYWHERE = "00"
_PREFIX_SIZES = range(2, 10)


def prefix_abroad(dialled: Dialled, regions: tuple[str, ...], found: str) -> dict[str, str]:
    """The hint at digits that begin with what a country dials before a number abroad (by the library's metadata), with its facts.

    Only where a valid number follows, of another country than the one ``found`` in the digits. ``00`` is read everywhere.
    """
    digits = "".join(filter(str.isdecimal, dialled.cell))
    for size in () if "+" in dialled.cell else _PREFIX_SIZES:
        prefix, number = digits[:size], parsed(digits[size:])
        own = region_of(number) if number is not None and regions_in(number) else None
        if own is None or own == found or prefix == _EVERYWHERE:
            continue
        region = next((region for region in regions or (own,) if _dials_abroad(region).fullmatch(prefix)), None)
        if region is not None:
            return {"hint": "prefix_abroad", "prefix": prefix, "there": region}
        if not prefix.strip("0"):
            return {"hint": "many_zeros"}
    return {}


@cache
def _dials_abroad(region: str) -> re.Pattern[str]:
    data = PhoneMetadata.metadata_for_region(region)
    return re.compile((data.international_prefix if data is not None else None) or "(?!)")


def hint_at(dialled: Dialled, regions: tuple[str, ...]) -> str:
    """The key of a sentence (table ``hint`` of ``words``) about digits that are no valid number; ``""`` for none."""
    for dial, national in _readings(dialled, regions):
        if dial == _NORTH_AMERICA and national.startswith(OTHER_LANDS_PREFIX):
            number = parsed(national.removeprefix(OTHER_LANDS_PREFIX))
            return _ABROAD if number is not None else ""
        old = _OLD_MEXICAN.fullmatch(national) if dial == _MEXICO else None
        if old and kind_in(Number(dial, old[1]), "MX") != UNKNOWN:
            return "old_mexican"
        length, key = _LENGTHENED.get(dial, (0, ""))
        if len(national) == length:
            return key
    return ""


def _readings(dialled: Dialled, regions: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The digits as dial code and national number."""
    digits = dialled.digits
    if dialled.international:
        yield from ((digits[:size], digits[size:]) for size in (1, 2, 3) if digits[:size] in DIAL_CODES)
    elif regions:
        dial = dial_of(regions[0])
        yield dial, digits
        if digits.startswith(dial):
            yield dial, digits.removeprefix(dial)
