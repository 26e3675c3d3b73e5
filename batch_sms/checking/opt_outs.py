"""Who must not get a message: an opt-out list made into comparable digits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batch_sms.characters import ascii_digits, tidy, without_point_zero
from batch_sms.checking.phones import Phone, holds_several, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Row

_FEWEST_DIGITS, _MOST_DIGITS = 5, 15
_E_NOTATION = re.compile(r"\d[.,]?\d*[eE][+-]?\d+")


def opted_out_digits(rows: Iterable[Row], column: int, name: str) -> frozenset[str]:
    """The digits of each opted-out phone, without ``+``, ``00`` or leading zeros.

    A phone matches in its E.164 or its national form, with or without the trunk prefix, so holding back is wide.
    Raises ListError for a line that is no phone: an opt-out that can't be read must not be passed over.
    """
    found = set()
    for row in rows:
        cell = without_point_zero(ascii_digits(tidy(row.cells[column])))
        if not cell:
            continue
        digits = re.sub(r"\D", "", cell).lstrip("0")
        unread = any(char.isalpha() for char in cell) or _E_NOTATION.fullmatch(cell) or holds_several(row.cells[column])
        if unread or not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
            raise ListError("opt_out_line", path=name, row=row.number, cell=cell)
        found.add(digits)
        phone = read_phone(cell, ())
        if isinstance(phone, Phone):
            found.add(phone.e164.removeprefix("+"))
    return frozenset(found)
