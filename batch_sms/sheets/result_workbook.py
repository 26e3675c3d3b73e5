"""A result sheet as a workbook: a bold header with a filter, widths by what is in it, long texts wrapped, faults in red.

Written row by row, by openpyxl's write-only mode, which gets most rows as they are: a cell is made with care where it has to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

SHEET = "result"
_TEXT = "@"
_SAMPLED = 500
"""So many lines tell how wide the columns are to be."""
_NARROWEST, _WIDEST = 9, 40
_ROOM = 3
"""Characters beside the text: its margin, and the filter's arrow in the header."""
LINE_HEIGHT = 15
_MOST_LINES = 25
"""Excel's limit for the height of a row is 409 points."""
FONT, HEAD = "Calibri", "DDE8F5"
"""The font that openpyxl gives all other cells, and the colour of a header."""
_FAULT = "F8CBAD"
_WIDE = "\u1100"
"""From here on most characters (Chinese, Japanese, Korean) are as wide as two others."""
_LONGEST_CELL = 32767
"""Excel's limit for the text of a cell."""

_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook writes as ``_xHHHH_``: what XML can't hold or changes (carriage returns), and what looks like that."""
_NOWHERE = re.compile("[\ufffe\uffff]")
"""What not even that can hold."""
_NOT_AS_IT_IS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x)|^[=#]", re.MULTILINE)
"""What may be in a row, its cells joined by line ends, of which any cell has to be made with care."""


class Line(NamedTuple):
    """One line of the sheet, the indexes of the cells that are at fault, and the cells that no header stands above."""

    cells: list[str | int]
    faults: Sequence[int] = ()
    surplus: Sequence[str] = ()


def write_workbook(
    path: Path, headers: Sequence[str], lines: Iterable[Line], *, wrapped: Mapping[str, int], most_rows: int
) -> None:
    """Write the lines; in a further sheet (``result 2`` and so on) from where ``most_rows`` are full, the header among them.

    ``wrapped`` are the headers of columns in which a text is wrapped that is longer than so many characters.
    """
    from openpyxl import Workbook  # noqa: PLC0415 (a CSV run starts without it)

    book: Any = Workbook(write_only=True)
    _make_texts_of_all(book)
    lines = iter(lines)
    try:
        first = list(islice(lines, _SAMPLED))
        form = _Form(tuple(headers), _widths(headers, first, wrapped), {headers.index(name) for name in wrapped})
        sheet = _Sheet(book, form)
        for line in chain(first, lines):
            if sheet.rows == most_rows:
                sheet.finish()
                sheet = _Sheet(book, form)
            sheet.append(line)
        sheet.finish()
    except BaseException:
        for unfinished in book.worksheets:
            with suppress(Exception):
                unfinished.close()  # else openpyxl prints a traceback of its own when the sheet is collected
        raise
    book.save(path)


@dataclass(frozen=True, slots=True)
class _Form:
    """What all sheets of a result have in common: headers, widths in characters, the columns whose long texts are wrapped."""

    headers: tuple[str, ...]
    widths: tuple[int, ...]
    wrapped: AbstractSet[int]


class _Sheet:
    """One sheet, written row by row. Cells with a style are made once for each column, and used again in each row."""

    def __init__(self, book: Any, form: _Form) -> None:
        from openpyxl.utils import get_column_letter  # noqa: PLC0415 (as above)

        number = len(book.worksheets) + 1
        self._sheet = book.create_sheet(SHEET if number == 1 else f"{SHEET} {number}")
        self._form = form
        self._styled: dict[tuple[int, _Look], Any] = {}
        self._last = get_column_letter(len(form.headers))
        self._sheet.freeze_panes = "A2"
        for index, width in enumerate(form.widths, start=1):
            self._sheet.column_dimensions[get_column_letter(index)].width = width
        self.rows = 0
        self._append(form.headers, head=True)

    def append(self, line: Line) -> None:
        """Add a row; an empty cell is none at all."""
        form, cells = self._form, line.cells
        text = "\n".join(map(str, cells))
        if (
            line.faults
            or line.surplus
            or len(text) > _LONGEST_CELL
            or text.count("\n") >= len(cells)
            or _NOT_AS_IT_IS.search(text)
            or any(len(str(cells[index])) > form.widths[index] for index in form.wrapped)
        ):
            self._append((*cells, *line.surplus), {*line.faults, *range(len(cells), len(cells) + len(line.surplus))})
        else:
            self.rows += 1
            self._sheet.append([None if cell == "" else cell for cell in cells])

    def finish(self) -> None:
        """Put a filter on all of it."""
        self._sheet.auto_filter.ref = f"A1:{self._last}{self.rows}"

    def _append(
        self, cells: Sequence[str | int], faults: AbstractSet[int] = frozenset(), *, head: bool = False
    ) -> None:
        """Add a row of which some cells are to be made with care."""
        self.rows += 1
        lines = [self._lines_in(index, cell, head=head) for index, cell in enumerate(cells)]
        most = min(max(lines), _MOST_LINES)
        if most > 1:
            self._sheet.row_dimensions[self.rows] = {"ht": str(most * LINE_HEIGHT), "customHeight": "1"}
        looks = (_Look(head, index in faults, most > 1, count > 1) for index, count in enumerate(lines))
        self._sheet.append([self._cell(*item) for item in zip(range(len(cells)), cells, looks, strict=True)])
        self._sheet.row_dimensions.pop(self.rows, None)  # it is written, and a long sheet has many

    def _lines_in(self, index: int, cell: str | int, *, head: bool) -> int:
        """How many lines a cell takes up: its own, each as often as the column's width breaks it."""
        if isinstance(cell, int) or index >= len(self._form.widths):
            return 1
        width = self._form.widths[index]
        if "\n" not in cell and not ((head or index in self._form.wrapped) and len(cell) > width):
            return 1
        return lines_of(cell, width)

    def _cell(self, index: int, value: str | int, look: _Look) -> Any:
        """A cell as openpyxl takes it: it makes formulas of ``=…`` and errors of ``#N/A``, and refuses control characters."""
        text = _escaped(value) if isinstance(value, str) else value
        if look == _PLAIN and not str(text).startswith(("=", "#")):
            return None if text == "" else text
        if (index, look) not in self._styled:
            self._styled[index, look] = look.cell(self._sheet)
        cell = self._styled[index, look]
        cell.value = None if text == "" else text
        if isinstance(text, str) and text:
            cell.data_type = "s"
        return cell


class _Look(NamedTuple):
    """How a cell looks: bold, red, at the top of a row of several lines, with its text wrapped."""

    head: bool = False
    fault: bool = False
    top: bool = False
    wrap: bool = False

    def cell(self, sheet: Any) -> Any:
        """A cell that looks so."""
        from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415 (as above)
        from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 (as above)

        cell: Any = WriteOnlyCell(sheet)
        if self.head:
            cell.font = Font(name=FONT, size=11, bold=True)
        if self.head or self.fault:
            cell.fill = PatternFill("solid", fgColor=HEAD if self.head else _FAULT)
        cell.number_format = _TEXT
        if self.top:
            cell.alignment = Alignment(wrap_text=self.wrap, vertical="top")
        return cell


_PLAIN = _Look()


def _make_texts_of_all(book: Any) -> None:
    """Let cells be texts, whatever is typed into them: a phone typed in anew keeps its zero.

    It is the format of all cells without a style of their own, the empty ones too; to give each cell one takes half as long again.
    """
    from openpyxl.styles.cell_style import StyleArray  # noqa: PLC0415 (as above)
    from openpyxl.styles.numbers import BUILTIN_FORMATS_REVERSE  # noqa: PLC0415 (as above)

    style = StyleArray()
    style.numFmtId = BUILTIN_FORMATS_REVERSE[_TEXT]
    book._cell_styles[0] = style  # noqa: SLF001 (openpyxl has no other way to a workbook's first style)


def _widths(headers: Sequence[str], lines: Sequence[Line], wrapped: Mapping[str, int]) -> tuple[int, ...]:
    """How wide each column is to be for what its first cells hold."""
    widths = []
    for index, header in enumerate(headers):
        texts = (text for line in lines for text in str(line.cells[index]).split("\n"))
        longest = max(map(_length, chain(header.split("\n"), texts)))
        widths.append(max(_NARROWEST, min(longest + _ROOM, wrapped.get(header, _WIDEST))))
    return tuple(widths)


def lines_of(text: str, width: int) -> int:
    """How many lines a text takes up where it is wrapped at so many characters: there is room for one more in each."""
    return sum(max(1, -(-_length(line) // (width - 1))) for line in text.split("\n"))


def _length(text: str) -> int:
    """The width of a text in characters."""
    return len(text) if text.isascii() else len(text) + sum(char >= _WIDE for char in text)


def _escaped(text: str) -> str:
    """A text with what XML can't hold written as Excel does."""
    return _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", _NOWHERE.sub("\ufffd", text[:_LONGEST_CELL]))
