"""The starter list: a workbook to fill in, in which Excel keeps zeros and plus signs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from batch_sms.errors import ResultError
from batch_sms.sheets.result_workbook import FONT, HEAD, LINE_HEIGHT, lines_of

ROWS = 2000
"""Rows that are formatted as text beforehand; below them a person has to do it."""
_HEADERS = ("phone", "country", "name", "out id")
_EXAMPLE = ("+12125550123", "United States", "Chan", "")
"""A number that is valid and nobody's, for a row that is left in: North America keeps 555-0100 to 555-0199 for fiction."""
_WIDTHS = (22, 26, 22, 16)
_NOTES_WIDTH = 120
_TEXT = "@"


def write_starter(path: Path, countries: Sequence[str], notes: Sequence[str]) -> None:
    """Write it: a sheet for the messages, one of notes, a hidden one with the countries. Raises ResultError.

    An existing file is never written over.
    """
    from openpyxl import Workbook  # noqa: PLC0415 (help answers without it)

    book = Workbook()
    messages: Any = book.active
    messages.title = "messages"
    _fill_messages(messages, len(countries))
    _fill_notes(book.create_sheet("notes 说明"), notes)
    hidden = book.create_sheet("countries")
    hidden.sheet_state = "hidden"
    for country in countries:
        hidden.append([country])
    try:
        with path.open("xb") as file:
            book.save(file)
    except FileExistsError as error:
        raise ResultError("starter_exists", path=path) from error
    except OSError as error:
        raise ResultError("starter_not_writable", path=path, reason=error.strerror or error) from error


def _fill_messages(sheet: Any, countries: int) -> None:
    from openpyxl.styles import Font, PatternFill  # noqa: PLC0415 (as above)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 (as above)
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415 (as above)

    sheet.append(_HEADERS)
    sheet.append(_EXAMPLE)
    sheet.freeze_panes = "A2"
    for index, width in enumerate(_WIDTHS, start=1):
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width, column.number_format = width, _TEXT
        head = sheet.cell(1, index)
        head.font, head.fill = Font(name=FONT, size=11, bold=True), PatternFill("solid", fgColor=HEAD)
    for row in sheet.iter_rows(min_row=2, max_row=ROWS + 1, max_col=len(_HEADERS)):
        for cell in row:
            cell.number_format = _TEXT
    choice = DataValidation(
        "list", formula1=f"=countries!$A$1:$A${countries}", allow_blank=True, showErrorMessage=False
    )
    choice.add(f"B2:B{ROWS + 1}")
    sheet.add_data_validation(choice)


def _fill_notes(sheet: Any, notes: Sequence[str]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 (as above)

    sheet.column_dimensions["A"].width = _NOTES_WIDTH
    for row, note in enumerate(notes, start=1):
        cell = sheet.cell(row, 1, note)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if row == 1 or not notes[row - 2]:  # the first line of each language
            cell.font = Font(name=FONT, size=11, bold=True)
        sheet.row_dimensions[row].height = LINE_HEIGHT * lines_of(note, _NOTES_WIDTH)
