"""The result sheet: the list's own columns untouched, then what became of each row (design, section 3.3).

Written to a temporary file and renamed, readable by its owner alone: there is a whole sheet or none.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batch_sms.characters import tidy
from batch_sms.errors import ResultError
from batch_sms.model import Further, Record

FORMATS = {".csv", ".xlsx"}
COLUMNS = (
    *("sms_row", "sms_status", "sms_code", "sms_biz_id", "sms_message", "sms_advice", "sms_request_id", "sms_attempts"),
    *("sms_sent_at", "sms_out_id", "sms_phone"),
)
Cell = Callable[[Record], str | int]
FURTHER: Mapping[Further, Mapping[str, Cell]] = {
    Further.DELIVERY: {
        "sms_delivery": lambda record: record.delivery.value if record.delivery else "",
        "sms_delivery_code": lambda record: record.delivery_code,
        "sms_delivered_at": lambda record: (
            record.delivered_at.isoformat(timespec="seconds") if record.delivered_at else ""
        ),
    },
    Further.SEGMENTS: {"sms_segments": lambda record: record.segments or ""},
}
"""Columns behind the others, in this order, for runs that know what stands in them."""
if TYPE_CHECKING:
    import pandas as pd

_WIDTHS = {"sms_status": 12, "sms_code": 30, "sms_biz_id": 24, "sms_message": 60, "sms_advice": 60, "sms_row": 9}
_WIDTH = 18
SHEET = "result"
_FAULT = "F8CBAD"
_MOST_NAMES = 1000
_LONGEST_CELL = 32767
"""Excel's limit for the text of a cell."""
MOST_ROWS = 1_048_576
"""Excel's limit for the rows of a sheet, the header among them: what is more goes on in another sheet."""

_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook writes as ``_xHHHH_``: what XML can't hold or changes (carriage returns), and what looks like that."""
_NOWHERE = re.compile("[\ufffe\uffff]")
"""What not even that can hold."""
_NOT_AS_IT_IS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x)|^[=#]", re.MULTILINE)
"""What may be in a row, its cells joined by line ends, of which any cell has to be made with care."""

Explain = Callable[[Record], tuple[str, str]]
"""Gives the sentence of ``sms_message`` and the one of ``sms_advice`` for a row."""


def check_writable(path: Path) -> None:
    """Find out, before anything is sent, whether a result can be written there. Raises ResultError."""
    if path.is_dir():
        raise ResultError("output_is_folder", path=path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ResultError("output_not_writable", path=path, reason=error.strerror or error) from error
    os.close(handle)
    Path(name).unlink()


def sheets_of(path: Path, rows: int) -> int:
    """How many sheets a result of so many rows takes."""
    return max(1, -(-rows // (MOST_ROWS - 1))) if _is_workbook(path) else 1


def write(
    path: Path,
    headers: Sequence[str],
    records: Iterable[Record],
    explain: Explain,
    further: Collection[Further] = (),
) -> Path:
    """Write the sheet and return where it is: beside ``path`` under a new name where that can't be replaced."""
    columns, behind = _columns(headers, further)
    lines = _lines(headers, records, explain, behind)
    with _temporary(path) as temporary:
        if _is_workbook(path):
            _write_workbook(temporary, columns, lines)
        else:
            _write_csv(temporary, columns, lines)
        return _put(temporary, path)


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() == ".xlsx"


def to_frame(
    headers: Sequence[str], records: Iterable[Record], explain: Explain, further: Collection[Further] = ()
) -> pd.DataFrame:
    """The same sheet as a pandas frame, all of it text."""
    import pandas as pd  # noqa: PLC0415 (only who asks for a frame waits for pandas)

    columns, behind = _columns(headers, further)
    lines = [[str(cell) for cell in line.cells] for line in _lines(headers, records, explain, behind)]
    return pd.DataFrame(lines, columns=columns, dtype=str)


def _columns(headers: Sequence[str], further: Collection[Further]) -> tuple[list[str], list[Cell]]:
    """The header of the whole sheet, and what stands in the columns behind those of every run."""
    behind = {name: cell for known, columns in FURTHER.items() if known in further for name, cell in columns.items()}
    return [*headers, *COLUMNS, *behind], list(behind.values())


class Line(NamedTuple):
    """One line of the sheet, and the indexes of the cells that are at fault."""

    cells: list[str | int]
    faults: Sequence[int]


def _lines(
    headers: Sequence[str], records: Iterable[Record], explain: Explain, behind: Sequence[Cell]
) -> Iterator[Line]:
    width, names = len(headers), [tidy(header) for header in headers]
    for record in records:
        message, advice = explain(record)
        sent_at = record.sent_at.isoformat(timespec="seconds") if record.sent_at else ""
        cells = [
            *record.row.cells[:width],
            *(record.row.number, record.status.value, record.code, record.biz_id, message, advice, record.request_id),
            *(record.attempts, sent_at, record.out_id, record.phone),
            *(cell(record) for cell in behind),
        ]
        named = {problem.column for problem in record.problems}
        yield Line(cells, [index for index, name in enumerate(names) if name and name in named] if named else ())


def _write_csv(path: Path, columns: Sequence[str], lines: Iterator[Line]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(line.cells for line in lines)
        file.flush()
        os.fsync(file.fileno())


def _write_workbook(path: Path, columns: Sequence[str], lines: Iterator[Line]) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 (a CSV run starts without it)

    book = Workbook(write_only=True)
    try:
        sheet = _new_sheet(book, columns)
        for count, line in enumerate(lines):
            if count and count % (MOST_ROWS - 1) == 0:
                sheet = _new_sheet(book, columns)
            sheet.append(_cells(sheet, line))
    except BaseException:
        for sheet in book.worksheets:
            with suppress(Exception):
                sheet.close()  # else openpyxl prints a traceback of its own when the sheet is collected
        raise
    book.save(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _new_sheet(book: Any, columns: Sequence[str]) -> Any:
    """The next sheet of a workbook (``result``, ``result 2`` and so on), with its header."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 (as above)

    number = len(book.worksheets) + 1
    sheet = book.create_sheet(SHEET if number == 1 else f"{SHEET} {number}")
    sheet.freeze_panes = "A2"
    for index, header in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(header, _WIDTH)
    sheet.append([_cell(sheet, header) for header in columns])
    return sheet


def _cells(sheet: Any, line: Line) -> list[Any]:
    """A line as openpyxl takes it; an empty cell is none at all."""
    text = "\n".join(map(str, line.cells))
    if not line.faults and len(text) <= _LONGEST_CELL and not _NOT_AS_IT_IS.search(text):
        return [None if value == "" else value for value in line.cells]
    cells = [_cell(sheet, value) for value in line.cells]
    for index in line.faults:
        cells[index] = _coloured(sheet, cells[index])
    return cells


def _coloured(sheet: Any, value: Any) -> Any:
    """A cell at fault, in red, whatever was to stand in it."""
    from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415 (as above)
    from openpyxl.styles import PatternFill  # noqa: PLC0415 (as above)

    cell = WriteOnlyCell(sheet, value) if isinstance(value, str | int) else value
    cell.fill = PatternFill("solid", fgColor=_FAULT)
    return cell


def _cell(sheet: Any, value: str | int) -> Any:
    """Text as text: openpyxl takes ``=…`` for a formula and ``#N/A`` for an error, and refuses control characters."""
    from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415 (as above)

    if isinstance(value, int):
        return value
    text = _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", _NOWHERE.sub("\ufffd", value[:_LONGEST_CELL]))
    if not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A new file beside the target (mode 0600), gone again unless it was renamed."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    except OSError as error:
        raise ResultError("output_not_writable", path=path, reason=error.strerror or error) from error
    os.close(handle)
    try:
        yield Path(name)
    except OSError as error:
        raise ResultError("output_not_writable", path=path, reason=error.strerror or error) from error
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> Path:
    """Rename into place; where the target is held open (Excel on Windows) or is a folder, under the next free name."""
    for number in range(1, _MOST_NAMES):
        target = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        try:
            if number == 1 or not target.exists():
                temporary.replace(target)
                return target
        except OSError:
            continue
    raise ResultError("output_not_writable", path=path, reason="-")
