"""Who must not get a message: an opt-out list made into comparable digits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from batch_sms.characters import tidy
from batch_sms.errors import ListError
from batch_sms.model import Row

_FEWEST_DIGITS = 5
_E_NOTATION = re.compile(r"\d[.,]?\d*[eE][+-]?\d+")
_POINT_ZERO = re.compile(r"\.0+$")


def opted_out_digits(rows: Iterable[Row], column: int, name: str) -> frozenset[str]:
    """The digits of each opted-out phone, without ``+``, ``00`` or leading zeros.

    A phone matches in its E.164 or its national form, so holding back is wide. Raises ListError for a line that is no
    phone: an opt-out that can't be read must not be passed over.
    """
    found = set()
    for row in rows:
        cell = _POINT_ZERO.sub("", tidy(row.cells[column]))
        if not cell:
            continue
        digits = re.sub(r"\D", "", cell)
        if len(digits) < _FEWEST_DIGITS or any(char.isalpha() for char in cell) or _E_NOTATION.fullmatch(cell):
            raise ListError("opt_out_line", path=name, row=row.number, cell=cell)
        found.add(digits.lstrip("0"))
    return frozenset(found)
