"""Reading and writing a workbook, by the program's own rooms and by the libraries alone. A process of its own for each.

``python table_loops.py NAME FILE ROWS`` prints the seconds, without the loading of modules.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from batch_sms.explain import Explainer
from batch_sms.model import Record, Row, Status
from batch_sms.sheets import results
from batch_sms.sheets.reading import open_list
from lists import HEADERS, rows


def make(path: Path, count: int) -> float:
    """A list as a workbook."""
    return _timed(lambda: _save(path, [HEADERS, *rows(count)]))


def read(path: Path, count: int) -> float:
    """The list as ``check`` reads it: rows of text, with what is hidden, merged or wrong."""
    return _timed(lambda: _counted(open_list(path).rows(), count))


def read_by_calamine(path: Path, count: int) -> float:
    """The same sheet's values, by calamine alone."""
    return _timed(lambda: _counted(CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows(), count + 1))


def write(path: Path, count: int) -> float:
    """A result sheet."""
    records = list(_records(count))
    return _timed(lambda: results.write(path, HEADERS, records, Explainer()))


def write_by_openpyxl(path: Path, count: int) -> float:
    """The same cells, by openpyxl's write-only mode alone."""
    lines = [
        (
            *(
                *record.row.cells,
                record.row.number,
                record.status.value,
                record.code,
                record.biz_id,
                record.message,
                "",
            ),
            *(record.request_id, record.attempts, str(record.sent_at), record.out_id, record.phone),
        )
        for record in _records(count)
    ]
    return _timed(lambda: _save(path, [(*HEADERS, *results.COLUMNS), *lines]))


def _records(count: int) -> Iterable[Record]:
    now = datetime.now(UTC).astimezone()
    for index, cells in enumerate(rows(count)):
        yield Record(
            row=Row(index + 2, cells),
            status=Status.ACCEPTED,
            code="OK",
            biz_id="900619746936498440^0",
            message="OK",
            request_id="F655A8D5-B967-440B-8683-DAD6FF8DE990",
            attempts=1,
            sent_at=now,
            out_id=f"1a2b3c4d-{index}",
            phone=f"+447400{index:06}",
            country="GB",
        )


def _save(path: Path, lines: Iterable[Iterable[object]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("list")
    for line in lines:
        sheet.append(line)
    book.save(path)


def _counted(found: Iterable[object], expected: int) -> None:
    count = sum(1 for _ in found)
    if count != expected:
        raise AssertionError(count)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


LOOPS = {"make": make, "read": read, "calamine": read_by_calamine, "write": write, "openpyxl": write_by_openpyxl}

if __name__ == "__main__":
    _, loop, file, size = sys.argv
    sys.stdout.write(f"{LOOPS[loop](Path(file), int(size))}\n")
