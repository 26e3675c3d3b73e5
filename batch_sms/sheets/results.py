"""The result sheet: the list's own columns untouched, then what became of each row (design, section 3.3).

Written to a temporary file and renamed, readable by its owner alone: there is a whole sheet or none.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from batch_sms.characters import tidy
from batch_sms.errors import ResultError
from batch_sms.model import Further, Record
from batch_sms.sheets.earlier_results import holds_calls, may_be_replaced
from batch_sms.sheets.result_workbook import Line, write_workbook

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
_EARLIER = frozenset((*COLUMNS, *(name for columns in FURTHER.values() for name in columns)))
"""The columns of an earlier result, which comes back as a list: the new ones stand for them."""
if TYPE_CHECKING:
    import pandas as pd

_WRAPPED = {"sms_message": 60, "sms_advice": 60}
"""Sentences, and so many characters of them in a line."""
_MOST_NAMES = 1000
MOST_ROWS = 1_048_576
"""Excel's limit for the rows of a sheet, the header among them: what is more goes on in another sheet."""

Explain = Callable[[Record], tuple[str, str]]
"""Gives the sentence of ``sms_message`` and the one of ``sms_advice`` for a row."""


def check_writable(path: Path, *, unsent: bool = False) -> None:
    """Find out, before anything is sent, whether a result can be written there, and costs nothing. Raises ResultError.

    One of which nothing is sent (``unsent``) must not take the place of one that says what was.
    """
    if path.is_dir():
        raise ResultError("output_is_folder", path=path)
    _refuse_other(path, unsent=unsent)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ResultError("output_not_writable", path=path, reason=error.strerror or error) from error
    os.close(handle)
    Path(name).unlink()


def _gives_way(path: Path, *, unsent: bool) -> bool:
    return may_be_replaced(path) and not (unsent and holds_calls(path))


def _refuse_other(path: Path, *, unsent: bool) -> None:
    try:
        if not may_be_replaced(path):
            raise ResultError("output_is_other", path=path)
        if unsent and holds_calls(path):
            raise ResultError("output_of_send", path=path)
    except OSError as error:
        raise ResultError("output_not_writable", path=path, reason=error.strerror or error) from error


def sheets_of(path: Path, rows: int) -> int:
    """How many sheets a result of so many rows takes."""
    return max(1, -(-rows // (MOST_ROWS - 1))) if _is_workbook(path) else 1


def write(
    path: Path,
    headers: Sequence[str],
    records: Iterable[Record],
    explain: Explain,
    further: Collection[Further] = (),
    *,
    unsent: bool = False,
) -> Path:
    """Write the sheet and return where it is: beside ``path`` under a new name where that can't be replaced.

    Nor is it by a sheet of which nothing is sent (``unsent``), where it says what was.
    """
    columns, behind = _columns(headers, further)
    lines = _lines(headers, records, explain, behind)
    with _temporary(path) as temporary:
        if _is_workbook(path):
            write_workbook(temporary, columns, lines, wrapped=_WRAPPED, most_rows=MOST_ROWS)
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _write_csv(temporary, columns, lines)
        return _put(temporary, path, unsent=unsent)


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
    return [*(headers[index] for index in _own(headers)), *COLUMNS, *behind], list(behind.values())


def _own(headers: Sequence[str]) -> list[int]:
    """The indexes of the list's own columns."""
    return [index for index, header in enumerate(headers) if tidy(header).casefold() not in _EARLIER]


def _lines(
    headers: Sequence[str], records: Iterable[Record], explain: Explain, behind: Sequence[Cell]
) -> Iterator[Line]:
    own, width = _own(headers), len(headers)
    untouched, names = len(own) == width, [tidy(headers[index]) for index in own]
    for record in records:
        message, advice = explain(record)
        sent_at = record.sent_at.isoformat(timespec="seconds") if record.sent_at else ""
        row = record.row.cells
        cells = [
            *(row[:width] if untouched else [row[index] for index in own]),
            *(record.row.number, record.status.value, record.code, record.biz_id, message, advice, record.request_id),
            *(record.attempts, sent_at, record.out_id, record.phone),
            *(cell(record) for cell in behind),
        ]
        named = {problem.column for problem in record.problems}
        faults = [index for index, name in enumerate(names) if name and name in named] if named else ()
        yield Line(cells, faults, row[width:])


def _write_csv(path: Path, columns: Sequence[str], lines: Iterator[Line]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(line.cells for line in lines)
        file.flush()
        os.fsync(file.fileno())


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


def _put(temporary: Path, path: Path, *, unsent: bool) -> Path:
    """Rename into place; where the target is held open (Excel on Windows) or is to be kept, under the next free name."""
    for number in range(1, _MOST_NAMES):
        target = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        try:
            if _gives_way(target, unsent=unsent) if number == 1 else not target.exists():
                temporary.replace(target)
                return target
        except OSError:
            continue
    raise ResultError("output_not_writable", path=path, reason="-")
