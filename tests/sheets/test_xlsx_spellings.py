"""One workbook, its XML spelt in all the ways that the standard allows: hidden and merged cells are seen in each."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from batch_sms.model import Row
from batch_sms.sheets.reading import open_list


def rows_of(path: Path, spelt: Callable[[str], str]) -> list[Row]:
    """A workbook's rows, once the XML of its sheet is spelt another way."""
    with zipfile.ZipFile(path) as plain, zipfile.ZipFile(path.with_name("list.xlsx"), "w") as other:
        for part in plain.namelist():
            content = plain.read(part)
            other.writestr(part, spelt(content.decode()) if part == "xl/worksheets/sheet1.xml" else content)
    return list(open_list(path.with_name("list.xlsx")).rows())


@pytest.mark.parametrize(
    "spelt",
    [
        lambda xml: xml,
        lambda xml: re.sub(r'<row r="\d+"', "<row", xml),
        lambda xml: xml.replace('hidden="1"', "hidden='1'"),
        lambda xml: xml.replace('hidden="1"', 'hidden = "1"'),
        lambda xml: xml.replace('hidden="1"', "hidden= 'true'"),
        lambda xml: xml.replace('ref="A4:B4"', "ref = 'A4:B4'"),
        lambda xml: xml.replace('hidden="1"', 'ht="0" customHeight="1"'),
        lambda xml: xml.replace('hidden="1"', 'customHeight="true" ht="0.0"'),
        lambda xml: xml.replace('hidden="1"', 'ht="0"'),
        lambda xml: xml.replace('hidden="1"', 'ht="0" customHeight="0"'),
        lambda xml: xml.replace('hidden="1"', 'ht="0.1" customHeight="1"'),
    ],
    ids=[
        *("plain", "rows without numbers", "single quotes", "spaces", "both", "merge with both"),
        *("no height", "no height in decimals", "no height by itself", "no height of its own", "no pixel"),
    ],
)
def test_hidden_rows_and_merged_cells_are_seen(tmp_path: Path, spelt: Callable[[str], str]) -> None:
    book = openpyxl.Workbook()
    for row in (["phone", "name"], *([f"+8529123456{n}", "a"] for n in range(4))):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.merge_cells("A4:B4")
    book.save(tmp_path / "plain.xlsx")
    rows = rows_of(tmp_path / "plain.xlsx", spelt)
    assert [row.number for row in rows] == [2, 4, 5]
    assert [{flaw.code for flaw in row.flaws} for row in rows] == [set(), {"check.MERGED"}, set()]


@pytest.mark.parametrize(
    ("found", "spelt"),
    [
        ('<row r="3"', '<row customHeight="1" ht="0.5" r="3"'),
        ('<row r="3"', '<row ht="?" r="3"'),
        ('<row r="3"', '<row hidden="0" r="3"'),
        ("<sheetFormatPr", '<sheetFormatPr zeroHeight="1"'),
    ],
)
def test_rows_that_excel_or_libreoffice_shows_are_sent(tmp_path: Path, found: str, spelt: str) -> None:
    book = openpyxl.Workbook()
    for row in ("phone", "+85291234560", "+85291234561"):
        book.active.append([row])
    book.save(tmp_path / "plain.xlsx")
    rows = rows_of(tmp_path / "plain.xlsx", lambda xml: xml.replace(found, spelt))
    assert [row.number for row in rows] == [2, 3]


@pytest.mark.parametrize(
    "spelt",
    [
        lambda xml: xml,
        lambda xml: re.sub(r'(r="[A-Z]+\d+") (s="\d+") (t="n")', r"\3 \2 \1", xml),
        lambda xml: re.sub(r' r="[A-Z]+\d+"', "", xml),
        lambda xml: xml.replace('"', "'"),
        lambda xml: xml.replace("<v>20120304.4</v>", "<f>1+1</f><v>20120304.4</v>"),
    ],
    ids=["plain", "attributes in another order", "no places", "single quotes", "formula"],
)
def test_formats_of_numbers_are_seen(tmp_path: Path, spelt: Callable[[str], str]) -> None:
    book = openpyxl.Workbook()
    for row in (("phone", "code"), (20120304.4, 7), (20120305, 8), ("x", 9)):
        book.active.append(row)
    for row in (2, 3, 4):
        book.active.cell(row, 1).number_format = "0"
        book.active.cell(row, 2).number_format = "000"
    book.save(tmp_path / "plain.xlsx")
    rows = rows_of(tmp_path / "plain.xlsx", spelt)
    assert [row.cells for row in rows] == [("20120304", "007"), ("20120305", "008"), ("x", "009")]
    assert [[flaw.code for flaw in row.flaws] for row in rows] == [["check.NUMBER_SHOWN"], [], []]
