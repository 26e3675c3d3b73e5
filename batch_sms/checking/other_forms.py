"""The other forms in which people keep a number: as it is dialled at home, from abroad, and as it was before its plan changed.

Read from the number to its forms, never the other way: each is certain, and what it is for is only to hold a message back.
"""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers

from batch_sms.checking.numbering import dial_of
from batch_sms.model import Message

_ABROAD = ("11", "810", "10", "119")
"""What is dialled before a country code, without zeros before it: North America, Russia and around, Japan, Cuba; not ``00``,
which is read as a plus, nor what is a digit behind that, for ``00 1`` is a country code as well."""
_CARRIERS = range(10, 100)
"""Brazil's two digits between the zero and the area code."""
_NOW = ("32 33 34 35 36 37 38 39", "70 79 77 76 78", "83 84 85 81 82", "56 58 59")
_UNTIL_2018 = ("162 163 164 165 166 167 168 169", "120 121 122 126 128", "123 124 125 127 129", "186 188 199")
_VIETNAMESE = dict(zip(" ".join(_NOW).split(), " ".join(_UNTIL_2018).split(), strict=True))
"""How Vietnamese mobiles began, by how they begin now."""
_LENGTHENED = frozenset({"CI", "BJ"})
"""Where two digits were put before every number (2021, 2024)."""


def other_forms(message: Message) -> Iterator[str]:
    """The digits, without leading zeros, that a message's phone may have in a list besides E.164 and its national number."""
    number = phonenumbers.parse(message.phone)
    national, dial = message.national, dial_of(message.country)
    yield _digits(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    yield (phonenumbers.ndd_prefix_for_region(message.country, strip_non_digits=True) or "") + national
    yield from (prefix + message.phone[1:] for prefix in _ABROAD)
    for old in _old_forms(national, message.country):
        yield from (old, dial + old)


def _old_forms(national: str, country: str) -> Iterator[str]:
    """The national number as it was, or as it is dialled with digits that are no part of it."""
    if country in _LENGTHENED:
        yield national[2:]
    elif country == "MX":
        yield from (prefix + national for prefix in ("1", "44", "45"))  # mobiles, until 2019
    elif country == "AR":
        yield national[1:] if national.startswith("9") else f"9{national}"  # a mobile's 9, which only abroad dials
    elif country == "BR":
        yield from (f"{carrier}{national}" for carrier in _CARRIERS)
    elif country == "VN" and national[:2] in _VIETNAMESE:
        yield _VIETNAMESE[national[:2]] + national[2:]


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))
