"""Values whose formats show something else, in each kind of workbook: what is sent is what a person sees, or it is refused."""

from __future__ import annotations

import re
import struct
import zipfile
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest

from batch_sms.errors import ListError
from batch_sms.sheets import elapsed_formats, xls
from batch_sms.sheets.packages import BrokenPackageError
from batch_sms.sheets.reading import open_list


def first_row(path):
    row = next(open_list(path).rows())
    return row.cells, {flaw.index: flaw.code.removeprefix("check.") for flaw in row.flaws if flaw.is_fault}


@pytest.mark.parametrize(
    ("value", "code", "text", "flaw"),
    [
        (98765432, "0,", "98765432", "NUMBER_FORMAT"),
        (12345678901234567, "0", "12345678901234600", "NUMBER_LONG"),
        (12345678901234567, "General", "12345678901234600", "NUMBER_LONG"),
        (1e30, "0", "1e+30", "NUMBER_LONG"),
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
        (date(2026, 3, 1), "yyyy-mm-dd;@", "2026-03-01", ""),
        (0.5, "h:mm;@", "12:00", ""),
        (1234.5, "[>=40000]dd.mm.yyyy;0", "1903-05-18", "NUMBER_FORMAT"),
        (46082, "[>=40000]dd.mm.yyyy;0", "2026-03-01", "NUMBER_FORMAT"),
        (46082, "0;dd.mm.yyyy", "46082", ""),
        (0, 'h:mm;-h:mm;"none"', "00:00", "NUMBER_FORMAT"),
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


BEYOND_ALL_TIME = 85291234567.0


@pytest.mark.parametrize("code", ["[h]:mm", "[h]:mm:ss", "[mm]", "[ss]"])
def test_a_number_beyond_all_time_is_refused_at_its_cell_and_no_other_cell_is_lost(tmp_path, code):
    book = openpyxl.Workbook()
    book.active.append(("phone", "hours", "name"))
    for row in (("+85291234566", 1.25, "A"), (BEYOND_ALL_TIME, 0.5, "B"), ("+85291234568", 3e6, "C")):
        book.active.append(row)
    for cell in ("B2", "A3", "B3", "B4"):
        book.active[cell].number_format = code
    book.save(tmp_path / "list.xlsx")
    read = [
        (row.cells[0], row.cells[2], [(flaw.index, flaw.code) for flaw in row.flaws if flaw.is_fault])
        for row in open_list(tmp_path / "list.xlsx").rows()
    ]
    assert read == [
        ("+85291234566", "A", []),
        ("85291234567", "B", [(0, "check.NUMBER_FORMAT")]),
        ("+85291234568", "C", [(1, "check.NUMBER_FORMAT")]),
    ]
    assert [row.cells[1] for row in open_list(tmp_path / "list.xlsx").rows()][:2] == [
        "30:00",
        "12:00",
    ] or code != "[h]:mm"


@pytest.mark.parametrize("error", [None, BrokenPackageError("x")])
def test_a_number_beyond_all_time_whose_format_is_not_found_is_no_workbook(tmp_path, monkeypatch, error):
    book = openpyxl.Workbook()
    for row in (("phone", "hours"), ("+85291234566", BEYOND_ALL_TIME)):
        book.active.append(row)
    book.active["B2"].number_format = "[h]:mm"
    book.save(tmp_path / "list.xlsx")
    monkeypatch.setattr(elapsed_formats, "without", Mock(side_effect=error or (lambda data, _: data)))
    with pytest.raises(ListError) as refused:
        list(open_list(tmp_path / "list.xlsx").rows())
    assert refused.value.key == "not_a_workbook"


@pytest.mark.parametrize(
    "change", [{'"+45 "0': "[hh]:mm"}, {0: 46}], ids=["a format of its own", "a format known by its number"]
)
def test_a_number_beyond_all_time_in_an_xls_is_refused_at_its_cell(tmp_path, change):
    data = (Path(__file__).parent / "corpus" / "libreoffice-fractions.xls").read_bytes()
    stream = xls.workbook_stream(data)
    for old, new in change.items():
        if isinstance(old, str):
            data = data.replace(old.encode("latin-1"), new.encode("latin-1"))
            continue
        style = [record for kind, record in xls.records(stream, 0) if kind == xls.STYLE][0x17]
        data = data.replace(style, style[:2] + struct.pack("<H", new) + style[4:])
    cell = bytes.fromhex("010000001500666666062f307341")
    assert data.count(cell) == 1
    path = tmp_path / "list.xls"
    path.write_bytes(data.replace(cell, cell[:4] + b"\x17\0" + struct.pack("<d", BEYOND_ALL_TIME)))
    assert first_row(path)[0][0] == "85291234567"
    assert first_row(path)[1][0] == "NUMBER_FORMAT"


@pytest.mark.parametrize(("old", "new"), [("0\0" * 4, "[\0h\0h\0]\0"), ("\0\0\xa4", "\0\0\x2e")])
def test_a_number_beyond_all_time_in_an_xlsb_is_refused_at_its_cell(tmp_path, old, new):
    path = tmp_path / "list.xlsb"
    changes = {
        "xl/styles.bin": (old.encode("latin-1"), new.encode("latin-1")),
        "xl/worksheets/sheet1.bin": (bytes.fromhex("0000000000004540"), struct.pack("<d", BEYOND_ALL_TIME)),
    }
    with (
        zipfile.ZipFile(Path(__file__).parent / "corpus" / "by-hand.xlsb") as whole,
        zipfile.ZipFile(path, "w") as other,
    ):
        for part in whole.namelist():
            content = whole.read(part)
            if part in changes:
                assert changes[part][0] in content
                content = content.replace(*changes[part])
            other.writestr(part, content)
    cells, flaws = first_row(path)
    assert (cells[:2], cells[2], flaws) == (("+85291234567", "\u9673\u5927\u6587"), "85291234567", {2: "NUMBER_FORMAT"})
