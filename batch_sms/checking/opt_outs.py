"""Who must not get a message: an opt-out list made into comparable digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from batch_sms.characters import ascii_digits, tidy
from batch_sms.checking.numbering import DIAL_CODES, is_whole, parsed, regions_in
from batch_sms.checking.other_forms import other_forms
from batch_sms.checking.phone_cells import SHORT_START, Dialled, NoPhone, read_cell
from batch_sms.checking.phone_groups import groups_of
from batch_sms.errors import ListError, Sentence
from batch_sms.model import Flaw, Message, Row

_FEWEST_DIGITS, _MOST_DIGITS = 5, 15
_FEWEST_OF_A_PHONE = 7
_FIELDS = "check.CELLS"
_NUMBER = re.compile(r"[+(]*\d[\d ().\-]*", re.ASCII)
_UNBROKEN = re.compile(rf"\d{{{_FEWEST_OF_A_PHONE},}}", re.ASCII)
_TAIL = 7
"""The last digits of a number are the same in all of its forms."""


@dataclass(frozen=True, slots=True)
class OptOutList:
    """An opt-out list, read: the digits of each phone, without ``+``, ``00`` or leading zeros, and how many phones there were.

    ``unknown`` are those that are a valid number nowhere, by row and cell: they hold back whoever has their digits, but
    likely not the person who is meant. Of a workbook with several ``sheets``: those that were read, which of them are
    ``hidden``, and those ``passed`` over. The ``columns`` by their headers: those that count, and those ``beside`` them that
    hold what looks like phones and do not count.
    """

    digits: frozenset[str] = frozenset()
    count: int = 0
    unknown: tuple[tuple[int, str], ...] = ()
    sheets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def __or__(self, other: OptOutList) -> OptOutList:
        unknown = tuple(sorted(self.unknown + other.unknown))
        columns, beside = (
            tuple(dict.fromkeys(mine + its))
            for mine, its in ((self.columns, other.columns), (self.beside, other.beside))
        )
        digits = self.digits | other.digits
        return OptOutList(digits, self.count + other.count, unknown, columns=columns, beside=beside)


def opt_outs_of(
    rows: Iterable[Row],
    column: int,
    name: str,
    counts: Callable[[int], bool] = lambda _: True,
    *,
    phones_only: bool = True,
) -> OptOutList:
    """The opted-out phones of one column, and of the others whose index ``counts``, where they hold any.

    A phone matches in its E.164 or its national form, with or without the trunk prefix, so holding back is wide.
    Raises ListError for a line that is no phone: an opt-out that can't be read must not be passed over. A column that need
    not hold ``phones_only`` may have other things too; of lost digits it is raised there as well.
    """
    found: set[str] = set()
    unknown: list[tuple[int, str]] = []
    count, homes = 0, list(DIAL_CODES)
    for row in rows:
        if flaw := next((flaw for flaw in row.flaws if _spoils(flaw, column)), None):
            raise ListError("opt_out_cell", path=name, row=row.number, problem=_sentence(flaw))
        dialled = read_cell(row.cells[column])
        forms = _all_forms(dialled) if isinstance(dialled, Dialled) else ()
        among = () if forms else _among_others(row, column, name, dialled, phones_only=phones_only)
        for digits in (*_beside(row, column, counts), *among):
            found |= digits
            count += 1
        if isinstance(dialled, NoPhone) or not forms:
            continue
        found.update(forms)
        count += 1
        if _is_nowhere(dialled, forms, homes):
            unknown.append((row.number, dialled.cell))
    return OptOutList(frozenset(found), count, tuple(unknown))


def _among_others(
    row: Row, column: int, name: str, dialled: Dialled | NoPhone, *, phones_only: bool
) -> Iterator[set[str]]:
    """The digits of the phones in a cell that is more or less than one. Raises ListError where it should be one."""
    blank = isinstance(dialled, NoPhone) and not tidy(row.cells[column])
    lost = isinstance(dialled, NoPhone) and dialled.code == "check.PHONE_ROUNDED"
    if phones_only and isinstance(dialled, NoPhone) and (forms := _of_groups(dialled, row.cells[column])):
        yield forms
        return
    if lost or (phones_only and not blank):
        raise ListError("opt_out_line", path=name, row=row.number, cell=ascii_digits(tidy(row.cells[column])))
    if isinstance(dialled, NoPhone):
        yield from _in_text(dialled, row.cells[column])


def _of_groups(why: NoPhone, cell: str) -> set[str]:
    """The digits of a text that a list takes for one phone though its groups may be several: ``0171/2345678``; else nothing."""
    groups = groups_of(why)
    whole = read_cell(groups.whole) if groups is not None else why
    parts = list(_in_text(why, cell)) if isinstance(whole, Dialled) else []
    return parts[0].union(_all_forms(whole)) if isinstance(whole, Dialled) and len(parts) == 1 else set()


def _all_forms(dialled: Dialled) -> tuple[str, ...]:
    """All that the digits of a cell may be, as they are compared; nothing where they are too few or too many for a phone."""
    digits, *others = _forms(dialled)
    doubled = [digits[size:] for size in (1, 2, 3) if digits[:size] == digits[size : 2 * size] in DIAL_CODES]
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS + (3 if doubled else 0):
        return ()
    forms = (digits, *doubled, *(other for other in others if len(other) >= _FEWEST_DIGITS))
    return (*forms, *_known(forms))


def _known(forms: Iterable[str]) -> Iterator[str]:
    """The valid numbers that digits are with their country code, without what is not dialled behind it: ``44 07400 123456``."""
    for form in forms:
        number = parsed(form)
        if number is not None and regions_in(number) and number.e164[1:] != form:
            yield number.e164[1:]


def _is_number(digits: str) -> bool:
    """Whether digits that begin with a country code are a valid number, of whatever kind."""
    number = parsed(digits)
    return number is not None and is_whole(digits, number) and bool(regions_in(number))


def _is_nowhere(dialled: Dialled, forms: tuple[str, ...], homes: list[str]) -> bool:
    """Whether what a cell may be is a valid number in no country."""
    if any(map(_is_number, forms)):
        return False
    return dialled.international or not _has_home(tuple(dict.fromkeys((dialled.digits, *forms))), homes)


def _has_home(forms: Sequence[str], homes: list[str]) -> bool:
    """Whether digits are a valid national number in any country; the dial code of the one found is the first to ask next time."""
    for place, dial in enumerate(homes):
        if any(_is_number(dial + form) for form in forms):
            homes.insert(0, homes.pop(place))
            return True
    return False


def _forms(dialled: Dialled) -> tuple[str, ...]:
    """What the digits of a cell may be, the plain form first: also without those that stand apart, as a list's number does."""
    start = None if dialled.international else SHORT_START.match(dialled.cell)
    shorter = (dialled.otherwise, dialled.alone, dialled.cell[start.end() :] if start else "")
    forms = ("".join(filter(str.isdecimal, form)).lstrip("0") for form in shorter if form)
    return (dialled.digits.lstrip("0"), *forms)


def _beside(row: Row, column: int, counts: Callable[[int], bool]) -> Iterator[set[str]]:
    """The digits of each other cell of the line that looks like a phone: two on one line are two people who opted out."""
    for index, cell in enumerate(row.cells):
        if index == column or not counts(index) or not any(char.isdecimal() for char in cell):
            continue
        dialled = read_cell(cell)
        if isinstance(dialled, NoPhone):
            yield from _in_text(dialled, cell)
        elif digits := _long_forms(dialled):
            yield digits


def _long_forms(dialled: Dialled) -> set[str]:
    forms = {form for form in _forms(dialled) if _FEWEST_OF_A_PHONE <= len(form) <= _MOST_DIGITS}
    return forms | set(_known(forms))


def _in_text(why: NoPhone, cell: str) -> Iterator[set[str]]:
    """The digits of each phone among other text, or beside another: ``91234567 / 91234568``."""
    if why.code == "check.PHONE_DATE":
        return
    parts = [found for part in _NUMBER.findall(ascii_digits(tidy(cell))) if (found := _of_part(part))]
    groups = groups_of(why)
    if groups is not None and len(parts) < 2:  # noqa: PLR2004 (of two parts that may be phones, each is one)
        parts = [digits] if (digits := set().union(*parts, _of_part(groups.whole))) else []
    yield from parts


def _of_part(part: str) -> set[str]:
    """The digits of a part of a cell, with and without the last ones where they are set off: ``0176 123456 78``."""
    dialled = read_cell(part)
    if isinstance(dialled, Dialled):
        return _long_forms(dialled)
    groups = groups_of(dialled)
    texts = (groups.whole, *groups.parts) if groups is not None else _UNBROKEN.findall(part)
    return set().union(*(_long_forms(found) for text in texts if isinstance(found := read_cell(text), Dialled)))


def _spoils(flaw: Flaw, column: int) -> bool:
    """Whether a phone can't be read: an error, a formula without a value, lost digits, a line that ends before it."""
    return flaw.is_fault and (flaw.index == column or (flaw.code == _FIELDS and flaw.index < column))


def _sentence(flaw: Flaw) -> Sentence:
    return Sentence(f"problem.{flaw.code.removeprefix('check.')}", flaw.facts)


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
            return False  # to ask for the other forms takes longer than all the rest of the check
        return any(form.lstrip("0") in self._digits for form in other_forms(message))

    def hold(self, message: Message, cell: str) -> bool:
        """Whether a message is held back: its number has opted out, or the very digits of its phone cell."""
        return bool(self._digits) and (message in self or _digits_of(cell) in self._digits)


def _digits_of(cell: str) -> str:
    dialled = read_cell(cell)
    return dialled.digits.lstrip("0") if isinstance(dialled, Dialled) else ""
