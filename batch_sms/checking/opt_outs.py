"""Who must not get a message: an opt-out list made into comparable digits."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers

from batch_sms.characters import ascii_digits, tidy
from batch_sms.checking.numbering import DIAL_CODES
from batch_sms.checking.phone_cells import SHORT_START, Dialled, NoPhone, read_cell
from batch_sms.checking.phones import Phone, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Message, Row

_FEWEST_DIGITS, _MOST_DIGITS = 5, 15
_FEWEST_OF_A_PHONE = 7
_TAIL = 7
"""The last digits of a number are the same in all of its forms."""


def opted_out_digits(rows: Iterable[Row], column: int, name: str) -> frozenset[str]:
    """The digits of each opted-out phone, without ``+``, ``00`` or leading zeros.

    A phone matches in its E.164 or its national form, with or without the trunk prefix, so holding back is wide.
    Raises ListError for a line that is no phone: an opt-out that can't be read must not be passed over.
    """
    found: set[str] = set()
    for row in rows:
        if any(flaw.index == column for flaw in row.flaws):  # an error, a formula without a value, lost digits
            raise _unread(row, column, name)
        found.update(_beside(row, column))
        dialled = read_cell(row.cells[column])
        if isinstance(dialled, NoPhone):
            if dialled.code == "check.PHONE_MISSING" and not tidy(row.cells[column]):
                continue
            raise _unread(row, column, name)
        digits, *others = _forms(dialled)
        phone = read_phone(row.cells[column], ())
        if isinstance(phone, Phone):
            found.add(phone.e164.removeprefix("+"))
        doubled = [digits[size:] for size in (1, 2, 3) if digits[:size] == digits[size : 2 * size] in DIAL_CODES]
        if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS + (3 if doubled else 0):
            raise _unread(row, column, name)
        found.update((digits, *doubled, *(other for other in others if len(other) >= _FEWEST_DIGITS)))
    return frozenset(found)


def _forms(dialled: Dialled) -> tuple[str, ...]:
    """What the digits of a cell may be, the plain form first: also without those that stand apart, as a list's number does."""
    start = SHORT_START.match(dialled.cell)
    shorter = (dialled.otherwise, dialled.alone, dialled.cell[start.end() :] if start else "")
    forms = ("".join(filter(str.isdecimal, form)).lstrip("0") for form in shorter if form)
    return (dialled.digits.lstrip("0"), *forms)


def _beside(row: Row, column: int) -> set[str]:
    """The digits of other cells of the line that look like phones: two on one line are two people who opted out."""
    cells = (cell for index, cell in enumerate(row.cells) if index != column and cell)
    found = {
        form
        for cell in cells
        if any(char.isdecimal() for char in cell) and isinstance(dialled := read_cell(cell), Dialled)
        for form in _forms(dialled)
    }
    return {digits for digits in found if _FEWEST_OF_A_PHONE <= len(digits) <= _MOST_DIGITS}


def _unread(row: Row, column: int, name: str) -> ListError:
    return ListError("opt_out_line", path=name, row=row.number, cell=ascii_digits(tidy(row.cells[column])))


class OptOuts:
    """Whether a message goes to a phone that has opted out."""

    def __init__(self, digits: frozenset[str]) -> None:
        self._digits = digits
        self._tails = {form[-_TAIL:] for form in digits}

    def __contains__(self, message: Message) -> bool:
        if not self._digits:
            return False
        if message.phone[1:] in self._digits or message.national.lstrip("0") in self._digits:
            return True
        if len(message.national) > _TAIL and message.national[-_TAIL:] not in self._tails:
            return False  # to ask for the form with a trunk prefix takes longer than all the rest of the check
        number = phonenumbers.parse(message.phone)
        dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        prefix = phonenumbers.ndd_prefix_for_region(message.country, strip_non_digits=True) or ""
        forms = ("".join(filter(str.isdecimal, dialled)), prefix + message.national)
        return any(form.lstrip("0") in self._digits for form in forms)
