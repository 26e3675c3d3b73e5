"""A result that a workbook's sheet has no room for: every command that writes one says so, and so does reading it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from harness import Said

from batch_sms.sandbox import Sandbox
from batch_sms.sheets import results

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "name")
ROWS = [(f"+8529123456{number}", "Chan") for number in range(5)]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--rate", "0")


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MOST_ROWS", 3)


def statuses(path: Path) -> dict[str, list[object]]:
    book = openpyxl.load_workbook(path)
    return {sheet.title: [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book}


def test_a_result_goes_on_in_another_sheet(batch_sms: Run, csv_list: Write, gateway: Sandbox, tmp_path: Path) -> None:
    path, output = csv_list(HEADER, *ROWS), tmp_path / "out.xlsx"
    said = batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", "r", "-o", output)
    note = "It has 3 sheets ('result' to 'result 3'), because a sheet holds no more than 3 rows."
    assert said.out.splitlines()[-2:] == [f"Result: {output}", note]
    accepted = {"result": ["accepted"] * 2, "result 2": ["accepted"] * 2, "result 3": ["accepted"]}
    assert statuses(output) == accepted
    output.unlink()
    assert batch_sms("result", "r").out.splitlines() == [f"Result: {output}", note]
    assert statuses(output) == accepted


def test_a_checked_list_does_so_too(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    output = tmp_path / "out.xlsx"
    said = batch_sms("check", csv_list(HEADER, *ROWS), "-o", output, "--lang", "zh")
    assert said.out.splitlines()[-1] == "结果分为 3 个工作表（“result”至“result 3”），因为一个工作表最多 3 行。"
    assert list(statuses(output)) == ["result", "result 2", "result 3"]


def test_such_a_result_as_a_list_says_what_was_not_read(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    output = tmp_path / "out.xlsx"
    batch_sms("check", csv_list(HEADER, *ROWS), "-o", output)
    said = batch_sms("check", output)
    assert "(sheet result), rows: 2" in said.out
    assert "This sheet alone was read, and not 'result 2', 'result 3'." in said.out
    assert "rows: 1" in batch_sms("check", output, "--sheet", "result 3").out
