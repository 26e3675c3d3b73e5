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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from batch_sms.characters import tidy
from batch_sms.errors import ListError, SettingsError
from batch_sms.model import Note
from batch_sms.sheets.cells import ERRORS, error_flaws
from batch_sms.sheets.table import Line, Source, Wish, shortened

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_BLANK = " ,;\t"
"""A first line of nothing but these has no fields, whichever the delimiter is."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line by which Excel is told the delimiter; Excel does not count it."""
_NONSENSE = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]")
"""Characters that no text has; bytes of another encoding read as GB18030 often give some."""
_FIRST_LINES = 20
_SAMPLE_LINES = 1000
_BLOCK = 1 << 20
_GUESSED = "gb18030"

Open = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class _File:
    """A CSV file, and how it is read. ``skip``: the line that names the delimiter is no line of the list."""

    path: Path
    open: Open
    encoding: str
    delimiter: str = ","
    skip: bool = False

    def records(self) -> Iterator[list[str]]:
        """The records, one by one. Raises ListError."""
        reader: Any = None
        try:
            with io.TextIOWrapper(self.open(), encoding=self.encoding, newline="") as file:
                lines = self._lines(file)
                if self.skip:
                    next(lines)
                reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                yield from reader
        except csv.Error as error:
            line = reader.line_num + self.skip
            raise ListError("csv_broken", path=self.path, line=line, reason=error) from error
        except UnicodeError as error:
            raise ListError("not_in_encoding", path=self.path, encoding=self.encoding, reason=error) from error

    def _lines(self, file: TextIO) -> Iterator[str]:
        for number, line in enumerate(file, start=1):
            if "\0" in line:
                raise ListError("not_text", path=self.path, line=number)
            yield line

    def lines(self) -> Iterator[Line]:
        """The records with their numbers."""
        for number, record in enumerate(self.records(), start=1):
            yield number, record, () if ERRORS.isdisjoint(record) else error_flaws(record)


def open_csv(path: Path, opened: Open, wish: Wish) -> Source:
    """A CSV file with its encoding and delimiter. Raises ListError, SettingsError, OSError."""
    encoding = wish.encoding or _encoding_of(path, opened)
    try:
        "a".encode(encoding)
    except (LookupError, UnicodeError) as error:
        raise SettingsError("encoding_unknown", encoding=encoding) from error
    with opened() as file:
        if file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8 and codecs.lookup(encoding).name == "utf-8":
            encoding = encoding if wish.encoding is None else "utf-8-sig"
    meter = _Meter(opened)
    file_ = _with_delimiter(_File(path, meter.open, encoding), wish)
    delimiter = _DELIMITERS.get(file_.delimiter, f"'{file_.delimiter}'")
    what = f"CSV, {encoding}, {delimiter}"
    return Source(path, what, file_.lines, _sample_notes(file_), size=meter.size, place=meter.place)


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


def _encoding_of(path: Path, opened: Open) -> str:
    """BOM, then strict UTF-8, then GB18030: detectors misjudge short files (reference field.md, section 5).

    UTF-16 without a BOM is taken where nothing else is possible. Raises ListError for what is no text.
    """
    with opened() as file:
        start = file.read(_BLOCK)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if b"\0" in start:
        return _utf_16_of(start) or "utf-8"  # in which the zeros will be found and refused
    if _decodes(opened, "utf-8"):
        return "utf-8"
    if nonsense := _first_nonsense(opened):
        raise ListError("nonsense", path=path, encoding=_GUESSED, sample=nonsense)
    return _GUESSED


def _decodes(opened: Open, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened() as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _utf_16_of(start: bytes) -> str | None:
    """Which UTF-16 a start without BOM is: zeros in one place of each pair alone, and line ends that read as such."""
    for name, zeros, line_ends in (
        ("utf-16-le", start[1::2], (b"\n\0", b"\r\0")),
        ("utf-16-be", start[0::2], (b"\0\n", b"\0\r")),
    ):
        others = start[0::2] if name == "utf-16-le" else start[1::2]
        if b"\0" in zeros and b"\0" not in others and any(end in start for end in line_ends):
            return name
    return None


def _first_nonsense(opened: Open) -> str:
    """The surroundings of the first character that no text has; nothing where all is well or where it can't be read at all."""
    with io.TextIOWrapper(opened(), encoding=_GUESSED, newline="") as file:
        try:
            while block := file.read(_BLOCK):
                if match := _NONSENSE.search(block):
                    return ascii(block[max(0, match.start() - 5) : match.end() + 5])
        except UnicodeError:
            return ""
    return ""


def _with_delimiter(file: _File, wish: Wish) -> _File:
    """The delimiter that the file names, else the one by which a phone header is found, or that gives most fields."""
    lines = replace(file, delimiter="\x1f").records()
    try:
        first = next(lines, [])
    except ListError as error:
        if error.key != "csv_broken":
            raise
        first = []
    if first and (named := _SEPARATOR.fullmatch(first[0])):
        return replace(file, delimiter=named[1], skip=True)
    fits = {delimiter: _fit(replace(file, delimiter=delimiter), wish) for delimiter in _DELIMITERS}
    return replace(file, delimiter=max(fits, key=lambda delimiter: fits[delimiter]))


def _fit(file: _File, wish: Wish) -> tuple[bool, bool, int]:
    """How well a delimiter fits: a phone header is found; quotation marks stand where they belong; how many fields it gives."""
    first: list[list[str]] = []
    try:
        first.extend(islice(file.records(), _FIRST_LINES))
    except ListError as error:
        if error.key != "csv_broken":
            raise
    filled = [record for record in first if any(field.strip(_BLANK) for field in record)]
    headers = filled if wish.titles else filled[:1]
    header = next((record for record in headers if wish.is_header(record)), None)
    record = header or next(iter(filled), None)
    if record is None:
        return False, False, 0
    return header is not None, not any('"' in field for field in record), max(1, len(record))


def _sample_notes(file: _File) -> tuple[Note, ...]:
    """Show a text by which a person sees whether the encoding is right: from a row, else from the header."""
    records = file.records()
    first = next(records, [])
    rows = records if file.encoding == _GUESSED else islice(records, _SAMPLE_LINES)
    try:
        samples = (tidy(cell) for record in chain(rows, [first]) for cell in record if not cell.isascii())
        sample = next((text for text in samples if not text.isascii()), None)
    except ListError:  # to be raised where the rows are read
        return ()
    return (Note("encoding", {"encoding": file.encoding, "sample": shortened(sample)}),) if sample else ()
