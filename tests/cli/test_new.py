"""The starter list: what Excel would find in it, and that it can be sent as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from harness import Said

from batch_sms.checking.countries import names_for_people, regions_of
from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]


@pytest.fixture
def starter(batch_sms: Run, tmp_path: Path) -> Path:
    said = batch_sms("new", tmp_path / "start.xlsx")
    assert said.code == 0, said.err
    return tmp_path / "start.xlsx"


def test_phone_cells_are_text_so_that_excel_keeps_zeros(starter: Path) -> None:
    sheet = openpyxl.load_workbook(starter).active
    assert [cell.value for cell in sheet[1]] == ["phone", "country", "name", "out id"]
    assert {sheet.cell(row, 1).number_format for row in (2, 3, 1000, 2001)} == {"@"}


def test_countries_are_chosen_from_names_that_are_understood(starter: Path) -> None:
    book = openpyxl.load_workbook(starter)
    (choice,) = book["messages"].data_validations.dataValidation
    offered = [row[0] for row in book["countries"].iter_rows(values_only=True)]
    assert choice.formula1 == f"=countries!$A$1:$A${len(offered)}"
    assert book["countries"].sheet_state == "hidden"
    assert offered == names_for_people()
    assert [name for name in offered if len(regions_of(name)) != 1] == []


def test_the_notes_are_in_english_and_chinese(starter: Path) -> None:
    notes = openpyxl.load_workbook(starter).worksheets[1]
    text = "\n".join(str(row[0]) for row in notes.iter_rows(values_only=True))
    assert "How to fill in this list" in text
    assert "如何填写本名单" in text


def test_it_can_be_sent_as_it_is(batch_sms: Run, starter: Path, gateway: Sandbox) -> None:
    said = batch_sms("send", starter, "--sign", "A", "--template", "SMS_1", "--endpoint", gateway.url, "--yes")
    assert said.code == 0, said.err
    assert [sent["TemplateParam"] for sent in gateway.accepted] == ['{"name":"Chan"}']


def test_a_file_that_is_there_is_not_written_over(batch_sms: Run, starter: Path) -> None:
    before = starter.read_bytes()
    said = batch_sms("new", starter)
    assert said.code == 2
    assert "not written over" in said.err
    assert starter.read_bytes() == before
    assert batch_sms("new", starter.with_suffix(".csv")).code == 2
