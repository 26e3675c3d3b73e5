"""What is probably wrong with digits that are no number: old forms and prefixes that people still write. Never a guess at one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from batch_sms.checking.numbering import DIAL_CODES, UNKNOWN, Number, dial_of, kind_in, parsed
from batch_sms.checking.phone_cells import Dialled
from batch_sms.model import EXAMPLE_PHONE

PLUS_ZERO = "plus_zero"
_ABROAD = "dialled_abroad"
_LENGTHENED = {"225": (8, "old_ivorian"), "229": (8, "old_beninese")}
"""Dial codes of plans whose numbers got longer (2021, 2024): the old length."""
_MEXICO, _NORTH_AMERICA = "52", "1"
_OLD_MEXICAN = re.compile(r"(?:1|01|044|045)(\d{10})", re.ASCII)
"""What stood before the ten digits until 2019 and 2020, abroad and at home."""
OTHER_LANDS_PREFIX = "011"
"""How North America dials abroad: what follows is no national number, of whichever length."""


def hint_at(dialled: Dialled, regions: tuple[str, ...]) -> str:
    """The key of a sentence (table ``hint`` of ``words``) about digits that are no valid number; ``""`` for none."""
    if dialled.international and dialled.digits == EXAMPLE_PHONE.removeprefix("+"):
        return "example"
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
