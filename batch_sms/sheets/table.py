"""A list, opened: its header found among the first lines, its rows numbered as a spreadsheet does, and what is to be said."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from batch_sms.characters import shortened, tidy
from batch_sms.errors import ListError
from batch_sms.model import Flaw, Note, Row
from batch_sms.sheets.cells import MERGED, other_length, place
from batch_sms.sheets.columns import names_phone
from batch_sms.sheets.phone_looks import may_be_phone

_FIRST_LINES = 20
"""So far down a header is looked for."""
SHEET = "sheet "
"""What stands before the name of a sheet where it is said what was read."""
LONGEST_SAMPLE = 60
"""Characters of a text that a note shows of it."""

Line = tuple[int, Sequence[str], tuple[Flaw, ...]]
"""One line of a file: its number as a spreadsheet counts (from 1), its cells, what the reader saw of them beside the text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A list, opened: its header as written, where it was found, its rows (read anew at each call of ``rows``), and notes.

    Its ``size`` is the number of its last row, or the bytes of which ``place`` tells how many have been read.
    ``header_flaws`` are the reader's flaws of the header's line, for who takes it for a row.
    """

    name: str
    source: str
    header_row: int
    headers: tuple[str, ...]
    rows: Callable[[], Generator[Row]]
    notes: tuple[Note, ...] = ()
    size: int | None = None
    place: Callable[[], int] | None = None
    header_flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a list beside the file: see ``open_list``. ``titles``: lines may stand above the header.

    ``stored``: a workbook's numbers as they are in it, not as its formats show them.
    """

    sheet: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] | None = None
    hidden: str = "skip"
    titles: bool = True
    stored: bool = False

    @property
    def names_phone(self) -> bool:
        """Whether a person chose the phone column, who has looked at this sheet."""
        return "phone" in (self.columns or {})

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a line has the header of a phone column."""
        return self.phone_column(cells) is not None

    def phone_column(self, cells: Sequence[str]) -> int | None:
        """The index of the header of a phone column in a line."""
        return next((index for index, cell in enumerate(cells) if names_phone(cell, self.columns or {})), None)


@dataclass(frozen=True, slots=True)
class Source:
    """A file made into lines: read anew at each call of ``lines``. ``hidden``: the numbers of lines that nobody sees.

    ``beside`` names the other sheets of a workbook that a person sees; ``size`` and ``place`` are those of the table.
    ``line_of`` tells the line of the file in which a row begins, where rows are lines with as many fields as they say,
    blank ones too.
    """

    path: Path
    what: str
    lines: Callable[[], Iterator[Line]]
    notes: tuple[Note, ...] = ()
    hidden: AbstractSet[int] = frozenset()
    size: int | None = None
    place: Callable[[], int] | None = None
    line_of: Callable[[int], int] | None = None
    beside: tuple[str, ...] = ()

    @property
    def sheet(self) -> str:
        """The name of the sheet, where it is one."""
        return self.what.removeprefix(SHEET)


def table_of(source: Source, wish: Wish) -> Table:
    """Find the header and make the lines below it into rows. Raises ListError."""
    passed, header = _find_header(source, wish)
    if header is None:
        raise ListError("list_empty", path=source.path)
    header_row, cells, header_flaws = header
    named = tuple(_without_blank_end(cells))
    headers = named + ("",) * (_width(source, header_row, cells, len(named)) - len(named))
    notes = (
        *source.notes,
        *_title_notes(source, passed, header_row),
        *_header_notes(header_row, header_flaws, named),
    )
    hidden: AbstractSet[int] = frozenset()
    if source.hidden:
        below = (line for line in source.lines() if line[0] > header_row and line[0] in source.hidden)
        count = sum(_has_text(cells) or _is_flawed(flaws) for _, cells, flaws in below)
        if count:
            notes += (Note("hidden_sent" if wish.hidden == "send" else "hidden_left_out", {"count": str(count)}),)
        if wish.hidden != "send":
            hidden = source.hidden
    width, least, line_of = len(headers), len(named), source.line_of

    def rows() -> Generator[Row]:
        for number, cells, flaws in source.lines():
            if number > header_row and number not in hidden and (_has_text(cells) or _is_flawed(flaws)):
                fitted = tuple(cells) if len(cells) == width else _fitted(cells, width)
                if line_of is None or (len(cells) >= least and len(fitted) <= width):
                    yield Row(number, fitted, flaws)
                else:
                    yield Row(number, fitted, (*flaws, other_length(len(cells), least, line_of(number))))

    return Table(
        source.path.name, source.what, header_row, headers, rows, notes, source.size, source.place, header_flaws
    )


def _width(source: Source, header_row: int, header: Sequence[str], named: int) -> int:
    """How many columns the list has: those with a header, and what stands to the right of them under none.

    A cell of a workbook stands where it was put, and its lines are all as long as the longest. A field of CSV may have been
    shifted by a separator too many: it is in a column of its own only where the header's line has a field for it, though an
    empty one.
    """
    most, width = len(header), named
    if most == named:
        return named
    for number, cells, _ in source.lines():
        if number > header_row and len(cells) > width:
            width = max(width, len(_without_blank_end(cells[:most])))
            if width == most:
                break
    return width


def _find_header(source: Source, wish: Wish) -> tuple[list[Line], Line | None]:
    """The header, and the lines passed over above it.

    It is the first line that names a phone column; where there is none, the first that is not blank.
    """
    first = [line for line in islice(source.lines(), _FIRST_LINES) if _has_text(line[1])]
    if wish.titles:
        for index, line in enumerate(first):
            if wish.is_header(line[1]):
                return first[:index], line
    if first:
        return [], first[0]
    return [], next((line for line in source.lines() if _has_text(line[1])), None)


def _title_notes(source: Source, passed: list[Line], header_row: int) -> tuple[Note, ...]:
    """Say what was passed over. Raises ListError where it may be messages and no title: no row is ever lost."""
    if not passed:
        return ()
    for number, cells, _ in passed:
        for cell in cells:
            if may_be_phone(cell):
                raise ListError("row_above_header", path=source.path, row=number, cell=tidy(cell), header=header_row)
    text = " / ".join(" ".join(tidy(cell) for cell in cells if cell.strip()) for _, cells, _ in passed)
    return (
        Note(
            "title_lines", {"count": str(len(passed)), "text": shortened(text, LONGEST_SAMPLE), "row": str(header_row)}
        ),
    )


def _header_notes(header_row: int, flaws: tuple[Flaw, ...], headers: Sequence[str]) -> tuple[Note, ...]:
    """Say which columns have no header of their own because it is merged with the one beside it."""
    merged = [place(header_row, flaw.index) for flaw in flaws if flaw.code == MERGED and flaw.index <= len(headers)]
    return (Note("merged_header", {"cells": ", ".join(merged)}),) if merged else ()


def _is_flawed(flaws: tuple[Flaw, ...]) -> bool:
    """Whether the reader saw more of a line than there is text."""
    return bool(flaws) and any(flaw.code != MERGED for flaw in flaws)


def _has_text(cells: Sequence[str]) -> bool:
    for cell in cells:  # noqa: SIM110 (any() takes twice as long, and this is asked of every row)
        if cell and not cell.isspace():
            return True
    return False


def _without_blank_end(record: Sequence[str]) -> Sequence[str]:
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return record[:end]


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Exactly as many cells as headers; more only where the row really holds more, which the check then reports."""
    if len(cells) <= width:
        return (*cells, *("",) * (width - len(cells)))
    return (*cells[:width], *_without_blank_end(cells[width:]))
