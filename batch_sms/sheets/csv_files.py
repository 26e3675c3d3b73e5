"""CSV as lines of text, by the standard library's reader; its encoding and its delimiter found out, and said.

CSV is read record by record and not as a frame: pandas shifts every column, without a word, where all records have one
field too many, and gives up on the first ragged one (reference field.md, section 5). Here each row keeps its own fields.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from batch_sms.characters import ZERO_WIDTH, shortened, tidy
from batch_sms.errors import ListError
from batch_sms.model import Note
from batch_sms.sheets.cells import ERRORS, error_flaws
from batch_sms.sheets.encodings import GUESSED, Open, check_encoding, encoding_of, is_utf_8, not_in
from batch_sms.sheets.phone_looks import may_be_phone
from batch_sms.sheets.table import LONGEST_SAMPLE, Line, Source, Wish

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_BLANK = " ,;\t|"
"""A first line of nothing but these has no fields, whichever the delimiter is."""
_SEPARATOR = re.compile(r'\ufeff?"?sep=([^\w\s"]|\t)"?\s*', re.IGNORECASE)
"""The first line by which Excel is told the delimiter; Excel does not count it."""
_TOO_LONG = "field larger than field limit"
"""How the reader's complaint of a cell begins that is longer than any message."""
_BROKEN = frozenset({"csv_broken", "cell_too_long"})
"""What reading with another delimiter than the file's may end in."""
_LINE_END = re.compile(r"\r\n|\n|\r")
_FIRST_LINES = 20
_INVISIBLE = dict.fromkeys(map(ord, f"{ZERO_WIDTH}\u00a0\u3000"))
_SAMPLE_LINES = 1000


@dataclass(frozen=True, slots=True)
class _File:
    """A CSV file, and how it is read. ``skip``: the line that names the delimiter is no line of the list.

    ``guessed``: nothing in the file says that it is in this encoding. ``phone``: the index of the phone column, if one is known.
    """

    path: Path
    open: Open
    encoding: str
    delimiter: str = ","
    skip: bool = False
    guessed: bool = False
    phone: int | None = None

    def records(self) -> Iterator[list[str]]:
        """The records, one by one. Raises ListError."""
        return (record for _, record in self._begun_records())

    def _begun_records(self, *, wary: bool = False) -> Iterator[tuple[int, list[str]]]:
        """The records, each with the line of the file in which it begins. Raises ListError.

        Who is ``wary`` gets none that has rows inside quotation marks. A fault is said of the line in which the record
        begins: it is there that a stray quotation mark opened a text.
        """
        begun = 1 + self.skip
        try:
            with io.TextIOWrapper(self.open(), encoding=self.encoding, newline="") as file:
                lines = self._lines(file)
                if self.skip:
                    next(lines)
                reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                for record in reader:
                    end = reader.line_num + self.skip
                    if wary and end > begun:
                        self._look_for_rows_in(record, begun)
                    yield begun, record
                    begun = end + 1
        except csv.Error as error:
            if _TOO_LONG in str(error):
                raise ListError("cell_too_long", path=self.path, line=begun, most=csv.field_size_limit()) from error
            raise ListError("csv_broken", path=self.path, line=begun, reason=error) from error
        except UnicodeError as error:
            raise not_in(self.path, self.open, self.encoding) from error

    def _lines(self, file: TextIO) -> Iterator[str]:
        for number, line in enumerate(file, start=1):
            if "\0" in line:
                raise ListError("not_text", path=self.path, line=number)
            yield line

    def _look_for_rows_in(self, record: list[str], begun: int) -> None:
        """Refuse a text of several lines of which one is a row: a stray quotation mark swallowed it. Raises ListError."""
        number = begun
        for index, field in enumerate(record):
            for count, line in enumerate(_LINE_END.split(field)):
                number += count > 0
                first = index if count == 0 else 0  # the column that the line begins in
                if self._is_row(line, first) and _LINE_END.search(field):
                    text = shortened(tidy(line), LONGEST_SAMPLE)
                    raise ListError("row_in_quotes", path=self.path, line=begun, row=number, text=text)

    def _is_row(self, line: str, first: int) -> bool:
        """Whether a line, cut at the delimiters, has a phone where the list has its phones."""
        pieces = [piece.strip(' "') for piece in line.split(self.delimiter)]
        if len(pieces) == 1:
            return False
        if self.phone is None:
            return any(map(may_be_phone, pieces))
        return 0 <= self.phone - first < len(pieces) and may_be_phone(pieces[self.phone - first])

    def lines(self) -> Iterator[Line]:
        """The records with their numbers."""
        for number, (_, record) in enumerate(self._begun_records(wary=True), start=1):
            yield number, record, () if ERRORS.isdisjoint(record) else error_flaws(record)

    def line_finder(self) -> Callable[[int], int]:
        """Tells the line in which a record begins, by its number. The file is read once more, when that is first asked."""

        @cache
        def jumps() -> tuple[list[int], list[int]]:
            numbers, ahead = [0], [0]
            for number, (line, _) in enumerate(self._begun_records(), start=1):
                if line - number != ahead[-1]:
                    numbers.append(number)
                    ahead.append(line - number)
            return numbers, ahead

        def line_of(number: int) -> int:
            numbers, ahead = jumps()
            return number + ahead[bisect_right(numbers, number) - 1]

        return line_of


def open_csv(path: Path, opened: Open, wish: Wish) -> Source:
    """A CSV file with its encoding and delimiter. Raises ListError, SettingsError, OSError."""
    if wish.encoding:
        check_encoding(wish.encoding)
    encoding = wish.encoding or encoding_of(path, opened)
    guessed = not wish.encoding and encoding == GUESSED
    with opened() as file:
        if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 and codecs.lookup(encoding).name == "utf-8":
            encoding = encoding if wish.encoding is None else "utf-8-sig"
    meter = _Meter(opened)
    file_ = _with_delimiter(_File(path, meter.open, encoding, guessed=guessed), wish)
    delimiter = _DELIMITERS.get(file_.delimiter, f"'{file_.delimiter}'")
    what = f"CSV, {encoding}, {delimiter}"
    line_of = replace(file_, open=opened).line_finder()  # apart from the meter: it asks while the rows are read
    return Source(path, what, file_.lines, _sample_notes(file_), size=meter.size, place=meter.place, line_of=line_of)


class _Meter:
    """Opens a file, and tells how many of its bytes have been read since."""

    def __init__(self, opened: Open) -> None:
        self._opened = opened
        self._file = opened()
        self.size = self._file.seek(0, os.SEEK_END)
        self._file.close()

    def open(self) -> BinaryIO:
        """Open it (again)."""
        self._file = self._opened()
        return self._file

    def place(self) -> int:
        """The bytes that were read since it was opened last; all of them where it is closed."""
        try:
            return self._file.tell()
        except ValueError:
            return self.size


def _with_delimiter(file: _File, wish: Wish) -> _File:
    """The delimiter that the file names, else the one by which a phone header is found, or that gives most fields."""
    lines = replace(file, delimiter="\x1f").records()
    try:
        first = next(lines, [])
    except ListError as error:
        if error.key not in _BROKEN:
            raise
        first = []
    if first and (named := _SEPARATOR.fullmatch(first[0])):
        file = replace(file, delimiter=named[1], skip=True)
        return replace(file, phone=_fit(file, wish).phone)
    fits = {delimiter: _fit(replace(file, delimiter=delimiter), wish) for delimiter in _DELIMITERS}
    best = max(fits, key=lambda delimiter: fits[delimiter][:3])
    return replace(file, delimiter=best, phone=fits[best].phone)


class _Fit(NamedTuple):
    """How well a delimiter fits, the most important first; and the index of the phone column, where its header is found."""

    finds_phone: bool
    quotes_well: bool
    fields: int
    phone: int | None = None


def _fit(file: _File, wish: Wish) -> _Fit:
    first: list[list[str]] = []
    try:
        first.extend(islice(file.records(), _FIRST_LINES))
    except ListError as error:
        if error.key not in _BROKEN:
            raise
    filled = [record for record in first if any(field.strip(_BLANK) for field in record)]
    headers = filled if wish.titles else filled[:1]
    header = next((record for record in headers if wish.is_header(record)), None)
    record = header or next(iter(filled), None)
    if record is None:
        return _Fit(finds_phone=False, quotes_well=False, fields=0)
    quotes_well = not any('"' in field for field in record)
    return _Fit(header is not None, quotes_well, max(1, len(record)), wish.phone_column(record))


def _sample_notes(file: _File) -> tuple[Note, ...]:
    """Show a text by which a person sees whether the encoding is right: from a row, else from the header."""
    records = file.records()
    first = next(records, [])
    rows = records if file.encoding == GUESSED else islice(records, _SAMPLE_LINES)
    try:
        cells = (cell for record in chain(rows, [first]) for cell in record if not cell.isascii())
        sample = next((" ".join(cell.split()) for cell in cells if not cell.translate(_INVISIBLE).isascii()), None)
    except ListError:  # to be raised where the rows are read
        return ()
    if not sample:
        return ()
    key = "encoding_guessed" if file.guessed else "encoding"
    if not _is_unicode(file.encoding) and not file.guessed and is_utf_8(file.open):
        key = "encoding_doubtful"
    return (Note(key, {"encoding": file.encoding, "sample": shortened(sample, LONGEST_SAMPLE)}),)


def _is_unicode(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith("utf")
