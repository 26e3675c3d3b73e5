"""A sheet's values, as calamine gives them, made into lines of the text that a person sees there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from batch_sms.model import Flaw
from batch_sms.sheets.cells import (
    ERRORS,
    LONG_NUMBER,
    SHORT_NUMBER,
    as_seen,
    cell_text,
    error,
    hides_digits,
    is_too_long,
    long_text,
    looks_rounded,
    may_be_shortened,
    moment_text,
    not_as_shown,
    number_flaws,
    rounded,
    sent_otherwise,
    shown_as_money,
    shown_in_part,
    shown_otherwise,
    shown_without_format,
    time_otherwise,
    too_long,
)
from batch_sms.sheets.date_formats import date_as_seen, parts_shown, time_as_seen
from batch_sms.sheets.elapsed_formats import is_elapsed
from batch_sms.sheets.marks import FormatAt, Marks
from batch_sms.sheets.number_formats import Seen, has_other_section, is_scientific, seen, shows_texts_plainly
from batch_sms.sheets.table import Line

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_ROWS_AT_ONCE = 512
"""Values are made into texts column by column, so many rows at a time: cells of one column are mostly of one kind."""
_ONLY_TEXT = {str}
_NO_TIME = (time(), timedelta())
_DAYS_SHOWN = 2_958_466
"""Spreadsheets show nothing of so many days or more: they lead beyond the year 9999."""

Flaws = dict[int, list[Flaw]]
"""Row number → what is wrong with its cells."""


Sheet = Callable[[], "CalamineSheet"]


def lines_of(sheet: CalamineSheet, marks: Marks, without_elapsed: Sheet, *, stored: bool = False) -> Iterator[Line]:
    """The sheet's lines that hold anything.

    ``without_elapsed`` gives the same sheet with plain numbers where formats count hours: some are too large for a span of time.
    ``stored``: numbers as they are, whatever their formats show.
    """
    left, width = (sheet.start or (0, 0))[1], sheet.end[1] + 1 if sheet.end else 0
    columns = [
        _Column(index, None, changes_texts=False)
        if stored
        else _Column(index, marks.formats_of(index), marks.changes_texts(index))
        for index in range(left, width)
    ]
    covered = marks.covered(width) if marks.merged else None
    seen = marks.errors.keys() | marks.flaws.keys()
    first = 1
    for block in _blocks(sheet, without_elapsed):
        flaws: Flaws = defaultdict(list)
        blank = [("",) * len(block)] * left
        values = zip(columns, zip(*block, strict=True), strict=True)
        texts = [column.texts(first, cells, flaws) for column, cells in values]
        for number, read in enumerate(zip(*blank, *texts, strict=True), start=first):
            if number not in seen and read.count("") == len(read):
                continue
            cells = _marked(marks, number, read, flaws) if number in seen else read
            if covered is not None:
                flaws[number] += covered(number)
            yield number, cells, tuple(flaws[number]) if number in flaws else ()
        first += len(block)
    # rows of errors alone have no values, and calamine leaves them out where they are the last ones
    for number in sorted(row for row in seen if row >= first):
        flaws = defaultdict(list)
        cells = _marked(marks, number, ("",) * width, flaws)
        yield number, cells, tuple(flaws[number])


def _blocks(sheet: CalamineSheet, without_elapsed: Sheet) -> Iterator[list[list[Any]]]:
    """The rows, many at a time. Raises OverflowError where there is such a number without these formats, too."""
    given, rows, plain = 0, iter(sheet.iter_rows()), False
    while True:
        try:
            block = list(islice(rows, _ROWS_AT_ONCE))
        except OverflowError:
            if plain:
                raise
            rows, plain = islice(without_elapsed().iter_rows(), given, None), True
            continue
        if not block:
            return
        given += len(block)
        yield block


def _marked(marks: Marks, number: int, cells: tuple[str, ...], flaws: Flaws) -> tuple[str, ...]:
    """A row with its errors as they are written."""
    written = marks.errors.get(number, {})
    flaws[number] += (error(column, text) for column, text in written.items())
    flaws[number] += marks.flaws.get(number, ())
    return tuple(written.get(column, cell) for column, cell in enumerate(cells))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column, from its first row to its last."""

    index: int
    format_at: FormatAt | None
    changes_texts: bool

    def texts(self, first: int, values: Sequence[Any], flaws: Flaws) -> Sequence[str]:
        """The cells from row ``first`` on as texts, with what they show to be wrong put into ``flaws``."""
        if self.changes_texts or set(map(type, values)) != _ONLY_TEXT:
            values = [
                value if value.__class__ is str and not self.changes_texts else self._text(row, value, flaws)
                for row, value in enumerate(values, start=first)
            ]
        if not ERRORS.isdisjoint(values):
            for row, text in enumerate(values, start=first):
                if text in ERRORS:
                    flaws[row].append(error(self.index, text))
        return values

    def _text(self, row: int, value: Any, flaws: Flaws) -> str:
        code = self.format_at(row) if self.format_at is not None else None
        if value.__class__ is not float and value.__class__ is not int:
            return self._other_text(row, value, code, flaws)
        if code is not None and is_elapsed(code) and 0 <= value < _DAYS_SHOWN:
            return self._other_text(row, timedelta(days=value), code, flaws)
        if is_too_long(value):
            text = long_text(value)
            flaws[row].append(too_long(self.index, text))
            return text
        return self._number_text(row, value, code, flaws)

    def _number_text(self, row: int, value: float, code: str | None, flaws: Flaws) -> str:
        text, full = _without_format(value) if code is None else seen(value, code)
        if value >= LONG_NUMBER or value <= -LONG_NUMBER:
            flaws[row] += number_flaws(self.index, value, cell_text(value))
        if text is None:
            flaws[row].append(not_as_shown(self.index, value, code or ""))
            return cell_text(value)
        if code is not None and value >= SHORT_NUMBER:
            if is_scientific(code):
                if may_be_shortened(value) and not looks_rounded(value):
                    flaws[row].append(rounded(self.index, text))
            elif hides_digits(value, text):
                flaws[row].append(shown_otherwise(self.index, value, text))
            else:
                flaws[row] += shown_as_money(self.index, value, text, full)
        if full:
            flaws[row].append(sent_otherwise(self.index, text, full))
        return text

    def _other_text(self, row: int, value: Any, code: str | None, flaws: Flaws) -> str:
        """What is no number: a text, a date, a time, TRUE."""
        plain = cell_text(value)
        if code is None:
            return plain
        if value.__class__ is str:
            if plain and not shows_texts_plainly(code):
                flaws[row].append(not_as_shown(self.index, plain, code))
            return plain
        if value.__class__ is date:
            value = datetime.combine(value, time())
        if not isinstance(value, datetime | time | timedelta):
            return plain
        if isinstance(value, timedelta) and value.days >= _DAYS_SHOWN:
            days = value / timedelta(days=1)
            flaws[row].append(not_as_shown(self.index, days, code))
            return cell_text(days)
        parts = parts_shown(code)
        if value.__class__ is time and "h" not in parts and "s" not in parts:
            flaws[row].append(not_as_shown(self.index, plain, code))  # a date before the first of all
            return plain
        return self._moment_text(row, value, code, flaws)

    def _moment_text(self, row: int, value: datetime | time | timedelta, code: str, flaws: Flaws) -> str:
        parts = parts_shown(code)
        text = moment_text(value, parts)
        date_seen = date_as_seen(value, code) if isinstance(value, datetime) else None
        shows_time = not {"h", "s"}.isdisjoint(parts) or is_elapsed(code)
        if has_other_section(code, zero=value in _NO_TIME) or (date_seen is None and not shows_time):
            flaws[row].append(not_as_shown(self.index, text, code))
        elif date_seen is None:
            looks = time_as_seen(value.time() if isinstance(value, datetime) else value, code)
            flaws[row].extend([time_otherwise(self.index, text, looks)] if looks else ())
        elif date_seen.certain:
            flaws[row].extend(as_seen(self.index, date_seen.text, text))
            return date_seen.text
        elif not date_seen.whole:
            flaws[row].append(shown_in_part(self.index, text, date_seen.text))
        return text


def _without_format(value: float) -> Seen:
    text = cell_text(value)
    return Seen(text, shown_without_format(value, text))
