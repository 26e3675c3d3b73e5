"""An ``.ods`` as lines of text. Read here and not by calamine, which tells nothing of hidden rows, errors and merged cells.

The XML is parsed as it is unpacked, and nothing is kept but the text of the one sheet that is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.parsers import expat

from batch_sms.model import Flaw
from batch_sms.sheets.marks import LEAST_HEIGHT, Marks
from batch_sms.sheets.ods_values import value_of
from batch_sms.sheets.packages import DAMAGED, BrokenPackageError, LockedPackageError, Package
from batch_sms.sheets.table import Line

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE = (f"{_OASIS}{name}:1.0 " for name in ("table", "office", "text", "style"))
_ROW, _CELL, _COVERED = f"{_TABLE}table-row", f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"
_PARAGRAPH, _SHEET, _GROUP = f"{_TEXT}p", f"{_TABLE}table", f"{_TABLE}table-row-group"
_NOT_TEXT = {f"{_OFFICE}annotation", f"{_TEXT}note", f"{_TEXT}ruby-text", f"{_TABLE}shapes"}
_COLUMNS_REPEATED, _ROWS_REPEATED = f"{_TABLE}number-columns-repeated", f"{_TABLE}number-rows-repeated"
_ACROSS, _DOWN, _VISIBILITY = (
    *(f"{_TABLE}number-columns-spanned", f"{_TABLE}number-rows-spanned"),
    f"{_TABLE}visibility",
)
_HIDDEN = {"collapse", "filter"}
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)(in|cm|mm|pt)", re.ASCII)
_POINTS = {"in": 72.0, "cm": 28.35, "mm": 2.835, "pt": 1.0}
_WHITE = re.compile(r"[ \t\r\n]+")
_MOST_SPACES = 1000
_LONGEST_NUMBER = 9


@dataclass(slots=True)
class Sheet:
    """One sheet as lines, with what is known beside its cells' text (hidden rows, merged cells, its size)."""

    name: str
    lines: list[Line] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)


@dataclass(slots=True)
class Book:
    """The sheets that were found: all names, and the one that was asked for, once by its name and once by its number.

    A number counts the tabs that a person sees; a hidden sheet is to be asked for by its name.
    """

    names: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    """Those with any text, of the sheets that are not read."""
    tabs: int = 0
    by_name: Sheet | None = None
    by_number: Sheet | None = None

    @property
    def sheet(self) -> Sheet | None:
        """The sheet that was asked for; a name goes before a number."""
        return self.by_name or self.by_number


def read(package: Package, asked: str | None, *, stored: bool = False) -> Book:
    """Read the sheet asked for, else the first that is not hidden. Raises BrokenPackageError and its like.

    ``stored``: numbers as they are, whatever their formats show.
    """
    if package.has("META-INF/manifest.xml") and b"encryption-data" in package.part("META-INF/manifest.xml"):
        raise LockedPackageError
    reader = _Reader(asked, stored=stored)
    try:
        for block in package.blocks("content.xml"):
            reader.parser.Parse(block, False)
        reader.parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BrokenPackageError(DAMAGED) from error
    return reader.book


class _Reader:
    """Follows the parser through the document. Repeated rows and cells are written out where they hold text."""

    def __init__(self, asked: str | None, *, stored: bool) -> None:
        self.book = Book()
        self._asked = asked
        self._stored = stored
        self._hidden_styles: set[str] = set()
        self._low_rows: set[str] = set()
        self._style = ""
        self._sheet: Sheet | None = None
        self._depth = self._silent = self._hidden_groups = 0
        self._row, self._column = 1, 0
        self._cells: list[str] = []
        self._flaws: list[Flaw] = []
        self._cell: Mapping[str, str] = {}
        self._paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._in_paragraph = 0
        self._row_attributes: Mapping[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_: Any) -> None:
        raise BrokenPackageError("entities")

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == _SHEET:
            self._depth += 1
            if self._depth == 1:
                self._begin_sheet(attributes)
        elif self._sheet is None and self._depth:
            if tag == _PARAGRAPH:
                self.book.filled.add(self.book.names[-1])
        elif self._sheet is None:
            self._look_at_style(tag, attributes)
        elif self._silent or tag in _NOT_TEXT:
            self._silent += 1
        elif self._in_paragraph:
            self._start_in_paragraph(tag, attributes)
        else:
            self._start_in_sheet(tag, attributes)

    def _start_in_sheet(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in {_CELL, _COVERED}:
            self._cell, self._paragraphs = attributes, []
        elif tag == _ROW:
            self._row_attributes, self._column, self._cells, self._flaws = attributes, 0, [], []
        elif tag == _PARAGRAPH:
            self._in_paragraph, self._pieces = 1, []
        elif tag == _GROUP:
            self._hidden_groups += attributes.get(f"{_TABLE}display") == "false" or self._hidden_groups > 0

    def _start_in_paragraph(self, tag: str, attributes: Mapping[str, str]) -> None:
        """White space that is kept is marked until the other is made single."""
        if tag == _PARAGRAPH:
            self._in_paragraph += 1
        elif tag == f"{_TEXT}s":
            self._pieces.append("\0" * min(_count(attributes, f"{_TEXT}c"), _MOST_SPACES))
        elif tag in {f"{_TEXT}tab", f"{_TEXT}line-break"}:
            self._pieces.append("\1" if tag.endswith("tab") else "\2")

    def _end(self, tag: str) -> None:
        if tag == _SHEET:
            self._depth -= 1
            if self._depth == 0:
                self._sheet = None
        elif self._sheet is None:
            return
        elif self._silent:
            self._silent -= 1
        elif tag == _PARAGRAPH:
            self._in_paragraph -= 1
            text = _WHITE.sub(" ", "".join(self._pieces)).strip(" ")
            self._paragraphs.append(text.replace("\0", " ").replace("\1", "\t").replace("\2", "\n"))
        elif tag in {_CELL, _COVERED}:
            self._end_cell(self._sheet, covered=tag == _COVERED)
        elif tag == _ROW:
            self._end_row(self._sheet)
        elif tag == _GROUP and self._hidden_groups:
            self._hidden_groups -= 1

    def _text(self, text: str) -> None:
        if self._in_paragraph and not self._silent:
            self._pieces.append(text)

    def _look_at_style(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Find the styles of sheets that are hidden, and of rows too low to be seen."""
        if tag == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif tag == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == f"{_STYLE}table-row-properties" and _is_too_low(attributes):
            self._low_rows.add(self._style)

    def _begin_sheet(self, attributes: Mapping[str, str]) -> None:
        book, name = self.book, attributes.get(f"{_TABLE}name", "")
        book.names.append(name)
        hidden = attributes.get(f"{_TABLE}style-name") in self._hidden_styles
        book.tabs += not hidden
        if hidden:
            book.hidden.add(name)
        wanted = not hidden if self._asked is None else self._asked == name
        if wanted and book.by_name is None:
            self._sheet = book.by_name = Sheet(name)
        elif not hidden and self._asked is not None and self._asked.isdecimal() and int(self._asked) == book.tabs:
            self._sheet = book.by_number = Sheet(name)
        self._row = 1
        self._hidden_groups = 0

    def _end_cell(self, sheet: Sheet, *, covered: bool) -> None:
        attributes, column = self._cell, self._column
        text, flaws = ("", ()) if covered else value_of(attributes, self._paragraphs, column, stored=self._stored)
        repeated = _count(attributes, _COLUMNS_REPEATED)
        self._column += repeated
        if text or flaws:
            sheet.marks.grow(self._row, column + repeated - 1)
            self._cells += [""] * (column - len(self._cells))
            self._cells += [text] * repeated
            self._flaws += [replace(flaw, index=column + more) for more in range(repeated) for flaw in flaws]
        if _ACROSS in attributes or _DOWN in attributes:
            across, down = _count(attributes, _ACROSS), _count(attributes, _DOWN)
            if across > 1 or down > 1:
                sheet.marks.merged.append((self._row, column, self._row + down - 1, column + across - 1))

    def _end_row(self, sheet: Sheet) -> None:
        repeated = _count(self._row_attributes, _ROWS_REPEATED)
        if self._cells:
            sheet.marks.grow(self._row + repeated - 1, len(self._cells) - 1)
            numbers = range(self._row, self._row + repeated)
            flaws = tuple(self._flaws)
            sheet.lines += [(number, self._cells, flaws) for number in numbers]
            low = self._row_attributes.get(f"{_TABLE}style-name") in self._low_rows
            if low or self._hidden_groups or self._row_attributes.get(_VISIBILITY) in _HIDDEN:
                sheet.marks.hidden.update(numbers)
        self._row += repeated


def _is_too_low(row: Mapping[str, str]) -> bool:
    """Whether rows of a style are seen by nobody. A height of nothing stands for the usual one."""
    match = _LENGTH.fullmatch(row.get(f"{_STYLE}row-height", ""))
    if match is None or row.get(f"{_STYLE}use-optimal-row-height") == "true":
        return False
    return 0 < float(match[1]) * _POINTS[match[2]] < LEAST_HEIGHT


def _count(attributes: Mapping[str, str], name: str) -> int:
    text = attributes.get(name)
    if text is None or not (text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER):
        return 1
    return max(1, int(text))


def lines_of(sheet: Sheet) -> Iterator[Line]:
    """The lines of the sheet, all as wide as the widest, with the merged cells among their flaws."""
    width = sheet.marks.last_column + 1
    covered = sheet.marks.covered(width)
    for number, cells, flaws in sheet.lines:
        yield number, cells, (*flaws, *covered(number))
