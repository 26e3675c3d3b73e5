"""Values whose formats show something else, in each kind of workbook: what is sent is what a person sees, or it is refused."""

from __future__ import annotations

import re
import struct
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from batch_sms.errors import ListError
from batch_sms.sheets.reading import open_list


def first_row(path):
    row = next(open_list(path).rows())
    return row.cells, {flaw.index: flaw.code.removeprefix("check.") for flaw in row.flaws if flaw.is_fault}


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
        *(
            (98765432, code, "98765432", "NUMBER_SHOWN")
            for code in ('"$"#,##0', "#,##0 [$€-1]", "[$CHF] 0", '0 "€"', "[$₽-419]0")
        ),
        *((98765432, code, "98765432", "") for code in ("[$-407]0", "[Red]0")),
        (9876, '"$"#,##0', "9876", ""),
        (98765432.5, "#,##0", "98765433", "NUMBER_SHOWN"),
        (98765430, "0.00E+00", "98765430", "NUMBER_ROUNDED"),
        (8613800138000, "0.00E+00", "8613800138000", "NUMBER_ROUNDED"),
        (8613800138002, "0.00E+00", "8613800138002", ""),
        (8613800138002.5, "0.00E+00", "8613800138002.5", "NUMBER_ROUNDED"),
        (1234.5678, "#,##0.00", "1234.57", ""),
        (-5, "0;0", "-5", "NUMBER_FORMAT"),
        (-5, "0", "-5", ""),
        ("+85291234567", ";;;", "+85291234567", "NUMBER_FORMAT"),
        ("91234567", '"+852 "@', "91234567", "NUMBER_FORMAT"),
        ("91234567", "0;-0;;", "91234567", "NUMBER_FORMAT"),
        ("+85291234567", "0;-0;;@", "+85291234567", ""),
        ("+85291234567", "0;;", "+85291234567", ""),
        ("+85291234567", "0,", "+85291234567", ""),
        ("+85291234567", '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', "+85291234567", ""),
        (0, "yyyy-mm-dd", "00:00:00", "NUMBER_FORMAT"),
        (-5, "d mmm yy", "00:00:00", "NUMBER_FORMAT"),
        (0.5, "[White]yyyy-mm-dd", "12:00:00", "NUMBER_FORMAT"),
        (0.5, "h:mm", "12:00", ""),
        (0.5, 'h"时"mm"分"', "12:00", ""),
        (1.25, "[h]:mm", "30:00", ""),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01", ""),
    ],
)
def test_a_value_in_an_xlsx_is_taken_as_it_is_seen_or_refused(tmp_path, value, code, text, flaw):
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


def without_styles(path, *, told):
    """The same workbook with its styles taken out; ``told``: it still says that it has some."""
    damaged = path.with_name(f"damaged{path.suffix}")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(damaged, "w") as other:
        for part in whole.namelist():
            content = whole.read(part)
            if part.startswith("xl/styles"):
                continue
            if part.endswith(("workbook.xml.rels", "workbook.bin.rels")):
                content = content if told else re.sub(rb"<Relationship [^>]*/styles\"[^>]*>", b"", content)
            other.writestr(part, content)
    return damaged


@pytest.mark.parametrize("told", [True, False])
def test_an_xlsx_whose_styles_are_missing_is_refused_where_its_cells_have_any(tmp_path, told):
    book = openpyxl.Workbook()
    book.active.append(("phone",))
    book.active.append((98765432,))
    book.save(tmp_path / "plain.xlsx")
    assert first_row(without_styles(tmp_path / "plain.xlsx", told=told)) == (("98765432",), {})
    book.active["A2"].number_format = "yyyy-mm-dd"
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(ListError, match="styles are missing"):
        open_list(without_styles(tmp_path / "list.xlsx", told=told))


@pytest.mark.parametrize("told", [True, False])
def test_an_xlsb_whose_styles_are_missing_is_refused_where_its_cells_have_any(tmp_path, told):
    path = tmp_path / "list.xlsb"
    path.write_bytes((Path(__file__).parent / "corpus" / "by-hand.xlsb").read_bytes())
    with pytest.raises(ListError, match="styles are missing"):
        open_list(without_styles(path, told=told))


def test_an_xls_with_a_style_too_few_is_refused(tmp_path):
    data = bytearray((Path(__file__).parent / "corpus" / "libreoffice.xls").read_bytes())
    style = data.index(struct.pack("<HH", 0xE0, 20))
    struct.pack_into("<H", data, style, 0x0FFF)
    path = tmp_path / "list.xls"
    path.write_bytes(data)
    with pytest.raises(ListError) as error:
        open_list(path)
    assert error.value.key == "not_a_workbook"
