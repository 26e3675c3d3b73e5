"""The list as rows of text: CSV by the standard library's reader, workbooks by calamine, frames from pandas.

CSV is read record by record and not as a frame: pandas shifts every column, without a word, where all records have one
field too many, and gives up on the first ragged one (reference field.md, section 5). Here each row keeps its own fields.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from batch_sms.errors import ListError, SettingsError
from batch_sms.model import Row

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_BLANK = " ,;\t"
"""A first line of nothing but these has no fields, whichever the delimiter is."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SURE_DIGITS = 1e15
"""A spreadsheet keeps 15 digits of a number; beyond that the last ones are made up."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of how a list was read: the key of a sentence in ``words`` (table ``note``) and its facts."""

    key: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A list, opened: its header as written, where it was found, its rows (read anew at each call of ``rows``), and notes."""

    name: str
    source: str
    header_row: int
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    notes: tuple[Note, ...] = ()


def open_list(path: Path, sheet: str | None = None, encoding: str | None = None, *, header_only: bool = False) -> Table:
    """Open a CSV file or a workbook and find its header. Raises ListError, SettingsError.

    A list without rows is refused, unless ``header_only`` says that it may be so.
    """
    if not path.exists():
        raise ListError("no_such_list", path=path)
    if not path.is_file():
        raise ListError("list_is_folder", path=path)
    try:
        if path.suffix.lower() in WORKBOOKS:
            table = _open_workbook(path, sheet)
        elif sheet is not None:
            raise SettingsError("sheet_of_csv", path=path)
        else:
            table = _open_csv(path, encoding)
    except OSError as error:
        raise ListError("list_not_readable", path=path, reason=error.strerror or error) from error
    if not header_only and next(table.rows(), None) is None:
        raise ListError("header_only", path=path)
    return table


def open_frame(frame: Any, name: str) -> Table:
    """A pandas frame as a list: its columns are the header, its first row is row 2."""
    headers = tuple(cell_text(label) for label in frame.columns)

    def rows() -> Iterator[Row]:
        for number, values in enumerate(frame.itertuples(index=False, name=None), start=2):
            yield Row(number, tuple(_frame_text(value) for value in values))

    return Table(name, "frame", 1, headers, rows)


def _open_csv(path: Path, encoding: str | None) -> Table:
    chosen = encoding or _encoding_of(path)
    try:
        "a".encode(chosen)
    except (LookupError, UnicodeError) as error:
        raise SettingsError("encoding_unknown", encoding=chosen) from error
    delimiter = _delimiter_of(path, chosen)
    return _table(path, f"CSV, {chosen}, {_DELIMITERS[delimiter]}", lambda: _csv_records(path, chosen, delimiter))


def _csv_records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    reader: Any = None
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            for record in reader:
                if any("\0" in field for field in record):
                    raise ListError("not_text", path=path, line=reader.line_num)
                yield record
    except csv.Error as error:
        raise ListError("csv_broken", path=path, line=reader.line_num, reason=error) from error
    except UnicodeError as error:
        raise ListError("not_in_encoding", path=path, encoding=encoding, reason=error) from error


def _encoding_of(path: Path) -> str:
    """BOM, then strict UTF-8, then GB18030: detectors misjudge short files (reference field.md, section 5)."""
    with path.open("rb") as file:
        start = file.read(4)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _delimiter_of(path: Path, encoding: str) -> str:
    """The delimiter that splits the first record into most fields; a comma where none splits it."""
    return max(_DELIMITERS, key=lambda delimiter: _fit(path, encoding, delimiter))


def _fit(path: Path, encoding: str, delimiter: str) -> tuple[bool, int]:
    """How well a delimiter fits: whether quotation marks stand where they belong then, and into how many fields it splits."""
    try:
        records = _csv_records(path, encoding, delimiter)
        record = next((record for record in records if any(field.strip(_BLANK) for field in record)), [])
    except ListError as error:
        if error.key != "csv_broken":
            raise
        return False, 0
    return not any('"' in field for field in record), max(1, len(record))


def _open_workbook(path: Path, sheet: str | None) -> Table:
    from python_calamine import CalamineError, PasswordError, load_workbook  # noqa: PLC0415 (help starts without it)

    if path.suffix.lower() != ".xls" and _is_locked(path):
        raise ListError("password", path=path)
    try:
        book = load_workbook(path)
        name = _sheet_name(book, sheet, path)
        cells: list[list[Any]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except PasswordError as error:
        raise ListError("password", path=path) from error
    except (CalamineError, ValueError, OSError) as error:
        raise ListError("not_a_workbook", path=path, reason=error) from error
    return _table(path, f"sheet {name}", lambda: ([cell_text(cell) for cell in record] for record in cells))


def _is_locked(path: Path) -> bool:
    """Whether this is an encrypted workbook: an OLE container with an ``EncryptedPackage`` stream instead of a zip."""
    with path.open("rb") as file:
        return file.read(8) == _OLE and _ENCRYPTED in file.read()


def _sheet_name(book: CalamineWorkbook, asked: str | None, path: Path) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 (help starts without it)

    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    names = [sheet.name for sheet in sheets]
    if asked is None:
        visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
        if not visible:
            raise ListError("no_sheet", path=path)
        return visible[0]
    if asked in names:
        return asked
    if asked.isdecimal() and 1 <= int(asked) <= len(names):
        return names[int(asked) - 1]
    raise ListError("sheet_not_there", path=path, sheet=asked, sheets=", ".join(names))


def cell_text(cell: Any) -> str:
    """A workbook's cell as the text a person sees: no ``.0`` on whole numbers, 15 digits of others, ISO dates."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _SURE_DIGITS:
        return str(int(cell))
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _frame_text(value: Any) -> str:
    try:
        missing = value is None or bool(value != value)  # noqa: PLR0124 (NaN and NaT are what does not equal itself)
    except TypeError:  # NA is neither equal nor unequal
        missing = True
    return "" if missing else cell_text(value)


def _table(path: Path, source: str, records: Callable[[], Iterable[list[str]]]) -> Table:
    """Find the header (the first line that is not blank) and number the rows as a spreadsheet does."""
    lines = enumerate(records(), start=1)
    header_row, header = next(((n, line) for n, line in lines if any(cell.strip() for cell in line)), (0, []))
    if not header:
        raise ListError("list_empty", path=path)
    headers = tuple(_without_blank_end(header))

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(records(), start=1):
            if number > header_row and any(cell.strip() for cell in cells):
                yield Row(number, _fitted(cells, len(headers)))

    return Table(path.name, source, header_row, headers, rows)


def _without_blank_end(record: list[str]) -> list[str]:
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return record[:end]


def _fitted(cells: list[str], width: int) -> tuple[str, ...]:
    """Exactly as many cells as headers; more only where the row really holds more, which the check then reports."""
    if len(cells) <= width:
        return tuple(cells) + ("",) * (width - len(cells))
    return tuple(cells[:width]) + tuple(_without_blank_end(cells[width:]))
