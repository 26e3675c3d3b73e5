"""Whether a text looks like a phone at a glance, before it is known which column holds them."""

from __future__ import annotations

import re

from batch_sms.characters import ascii_digits, tidy

_NUMBER = re.compile(r"\+?[\d\s().-]+")
_DATE = re.compile(r"(19|20)\d\d[-./ ]?[01]?\d[-./ ]?[0-3]?\d|[0-3]?\d[-./ ][0-3]?\d[-./ ](19|20)\d\d")
_FEWEST_DIGITS, _MOST_DIGITS = 8, 15


def may_be_phone(cell: str) -> bool:
    """Whether a text looks like a phone, and like nothing else."""
    text = ascii_digits(tidy(cell))
    digits = sum(char.isdecimal() for char in text)
    return _FEWEST_DIGITS <= digits <= _MOST_DIGITS and bool(_NUMBER.fullmatch(text)) and not _DATE.fullmatch(text)
