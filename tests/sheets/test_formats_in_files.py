"""Numbers whose formats show something else, in each kind of workbook: what is sent is what a person sees, or it is refused."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from batch_sms.sheets.reading import open_list


def first_row(path):
    row = next(open_list(path).rows())
    return row.cells, {flaw.index: flaw.code.removeprefix("check.") for flaw in row.flaws}


@pytest.mark.parametrize(
    ("value", "code", "text", "flaw"),
    [
        (98765432, "0,", "98765432", "NUMBER_FORMAT"),
        (98765432, ";;;", "98765432", "NUMBER_FORMAT"),
        (98765432, "# ?/?", "98765432", "NUMBER_FORMAT"),
        (98765432, "yyyy-mm-dd", "98765432", "NUMBER_FORMAT"),
        (98765432, '[<1]"x";"+1"0', "+198765432", ""),
        (98765432, '"+852 "0', "+852 98765432", ""),
        (98765432, "#,##0", "98765432", ""),
        (98765432.5, "#,##0", "98765433", "NUMBER_SHOWN"),
        (98765432, "0.00E+00", "98765432", "NUMBER_ROUNDED"),
        (1234.5678, "#,##0.00", "1234.57", ""),
        (-5, "0;0", "-5", "NUMBER_FORMAT"),
        (-5, "0", "-5", ""),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01", ""),
    ],
)
def test_a_number_in_an_xlsx_is_taken_as_it_is_seen_or_refused(tmp_path, value, code, text, flaw):
    book = openpyxl.Workbook()
    book.active.append(("phone",))
    book.active.append((value,))
    book.active["A2"].number_format = code
    book.save(tmp_path / "list.xlsx")
    assert first_row(tmp_path / "list.xlsx") == ((text,), {0: flaw} if flaw else {})


@pytest.mark.parametrize("number", [12, 13, 14, 22, 45, 57])
def test_a_format_that_is_known_by_its_number_alone_may_show_something_else(tmp_path, number):
    book = openpyxl.Workbook()
    book.active.append(("phone",))
    book.active.append((98765432,))
    book.active["A2"].style = "Normal"
    book.active["A2"]._style.numFmtId = number
    book.save(tmp_path / "list.xlsx")
    assert first_row(tmp_path / "list.xlsx") == (("98765432",), {0: "NUMBER_FORMAT"})
