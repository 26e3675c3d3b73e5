"""One workbook, its XML spelt in all the ways that the standard allows: hidden and merged cells are seen in each."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from batch_sms.sheets.reading import open_list


@pytest.mark.parametrize(
    "spelt",
    [
        lambda xml: xml,
        lambda xml: re.sub(r'<row r="\d+"', "<row", xml),
        lambda xml: xml.replace('hidden="1"', "hidden='1'"),
        lambda xml: xml.replace('hidden="1"', 'hidden = "1"'),
        lambda xml: xml.replace('hidden="1"', "hidden= 'true'"),
        lambda xml: xml.replace('ref="A4:B4"', "ref = 'A4:B4'"),
    ],
    ids=["plain", "rows without numbers", "single quotes", "spaces", "both", "merge with both"],
)
def test_hidden_rows_and_merged_cells_are_seen(tmp_path: Path, spelt: Callable[[str], str]) -> None:
    book = openpyxl.Workbook()
    for row in (["phone", "name"], *([f"+8529123456{n}", "a"] for n in range(4))):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.merge_cells("A4:B4")
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(tmp_path / "list.xlsx", "w") as other:
        for part in plain.namelist():
            content = plain.read(part)
            other.writestr(part, spelt(content.decode()) if part == "xl/worksheets/sheet1.xml" else content)
    rows = list(open_list(tmp_path / "list.xlsx").rows())
    assert [row.number for row in rows] == [2, 4, 5]
    assert [{flaw.code for flaw in row.flaws} for row in rows] == [set(), {"check.MERGED"}, set()]
