"""``check``: what is in a list and what is wrong with it, without a key, a signature or a network."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import openpyxl
import pytest
from harness import Said, read_result

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "country", "name")
GOOD = ("91234567", "HK", "Chan")
ROWS = (
    GOOD,
    ("12", "HK", ""),
    ("13", "Atlantis", "Li"),
    GOOD,
    ("+447400123456", "", "It’s"),
)


def test_the_report_shows_counts_problems_and_the_first_messages(batch_sms: Run, csv_list: Write) -> None:
    said = batch_sms("check", csv_list(HEADER, *ROWS))
    assert said.code == 1
    for part in (
        "rows: 5",
        "To send: 2",
        "Held back (1)",
        "Invalid (2)",
        "1 × check.PHONE_INVALID\n      row 3: phone: '12' is not a valid number in HK.",
        "1 × check.PARAM_EMPTY\n      row 3: name:",
        "1 × check.COUNTRY_UNKNOWN\n      row 4: country: 'Atlantis'",
        "row 2: +85291234567 HK",
    ):
        assert part in said.out


def test_a_clean_list_exits_with_0_and_leaves_no_trace(batch_sms: Run, csv_list: Write, nobody_at_home: Path) -> None:
    path = csv_list(HEADER, GOOD)
    assert batch_sms("check", path).code == 0
    assert sorted(path.parent.iterdir()) == [path]
    assert not list(nobody_at_home.iterdir())


@pytest.mark.parametrize(
    ("lang", "more", "why"), [("en", "in this column: 4.", "with a point"), ("zh", "另有 4 个", "小数点")]
)
def test_what_a_column_shows_otherwise_is_said_once_with_its_count(
    batch_sms: Run, tmp_path: Path, lang: str, more: str, why: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(("phone", "amount", "price"))
    for number in range(5):
        book.active.append((f"+8529123456{number}", 1234.5, 2000))
        for column in (2, 3):
            book.active.cell(number + 2, column).number_format = "#,##0.00"
    book.save(tmp_path / "list.xlsx")
    said = batch_sms("check", tmp_path / "list.xlsx", "--lang", lang)
    assert (said.out.count("1,234.50"), said.out.count("2,000.00"), said.out.count(why)) == (1, 1, 1)
    assert said.out.count(more) == 2


def test_the_report_as_json(batch_sms: Run, csv_list: Write) -> None:
    report = json.loads(batch_sms("check", csv_list(HEADER, *ROWS), "--json").out)
    assert (report["rows"], report["sendable"], report["invalid"], report["exit_code"]) == (5, 2, 2, 1)
    assert report["skipped"] == {"skip.DUPLICATE": 1}
    assert {line["code"]: [first["row"] for first in line["first"]] for line in report["problems"]} == {
        "check.PHONE_INVALID": [3],
        "check.PARAM_EMPTY": [3],
        "check.COUNTRY_UNKNOWN": [4],
    }


def test_the_sheet_has_every_problem_beside_its_row(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    batch_sms("check", csv_list(HEADER, *ROWS), "-o", tmp_path / "out.csv")
    result = read_result(tmp_path / "out.csv")
    assert [row["sms_code"] for row in result] == [
        *("run.CHECKED", "check.PHONE_INVALID", "check.COUNTRY_UNKNOWN", "skip.DUPLICATE", "run.CHECKED")
    ]
    assert result[0]["sms_message"].endswith(" Segments: 1.")
    assert "is not a valid number" in result[1]["sms_message"]
    assert "empty" in result[1]["sms_message"]


def test_bad_cells_are_red_in_a_workbook(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    batch_sms("check", csv_list(HEADER, *ROWS), "-o", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    red = {cell.coordinate for line in sheet for cell in line if cell.fill.fill_type == "solid"}
    assert {"A3", "C3", "B4"} <= red
    assert not {"A2", "B2", "C2", "A4", "B3"} & red


@pytest.mark.parametrize("command", [("check",), ("send", "--dry-run", "--sign", "A", "--template", "SMS_1")])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_sheet_of_which_nothing_is_sent_takes_no_result_of_a_send_away(
    batch_sms: Run, csv_list: Write, tmp_path: Path, command: tuple[str, ...], ending: str
) -> None:
    path, result = csv_list(HEADER, GOOD), tmp_path / f"of-send{ending}"
    sent = batch_sms("send", path, "--sandbox", "--sign", "A", "--template", "SMS_1", "-o", result, "-y")
    assert sent.code == 0
    kept = result.read_bytes()
    said = batch_sms(command[0], path, *command[1:], "-o", result)
    assert (said.code, result.read_bytes()) == (2, kept)
    assert "holds the result of a send: give another name with -o" in said.err
    for _ in range(2):
        assert batch_sms(command[0], path, *command[1:], "-o", tmp_path / f"checked{ending}").code == 0


@pytest.mark.parametrize(
    ("header", "rows", "says"),
    [
        (("phone", "name"), [("91234567", "a"), ("81234567", "b")], "No row has a country"),
        (("phone", "country"), [("A-17", "HK"), ("A-18", "HK")], "No row has a valid phone"),
        (("phone", "country"), [("13800138000", "US"), ("13900138000", "US")], "valid in CN: correct that column"),
        (("phone", "region"), [("91234567", "North"), ("91234568", "South")], "No row has a country that is known"),
        (("phone", "country", "note"), [("91234567", "HK", ""), ("91234568", "HK", "")], "in the column 'note'"),
    ],
)
def test_a_mistake_of_a_whole_column_is_one_sentence_with_its_cure(
    batch_sms: Run, csv_list: Write, header: tuple[str, ...], rows: list[tuple[str, ...]], says: str
) -> None:
    said = batch_sms("check", csv_list(header, *rows))
    assert said.code == 1
    assert says in said.out
    [mistake] = json.loads(batch_sms("check", csv_list(header, *rows), "--json").out)["mistakes"]
    assert says in mistake


def test_a_list_that_cannot_be_read_exits_with_2(batch_sms: Run, tmp_path: Path) -> None:
    assert batch_sms("check", tmp_path / "no.csv").code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("no.csv",), "no_such_list", "There is no list at no.csv"),
        (("list.csv", "--column", "phone=Nope"), "column_not_there", "--column phone=Nope"),
        (("list.csv", "--opt-outs", "no.csv"), "no_such_file", "There is no file at no.csv, which --opt-outs names"),
        (("list.csv", "--prices", "no.csv"), "no_such_file", "There is no file at no.csv, which --prices names"),
        (("list.csv", "--country", "Atlantis", "--lang", "zh"), "country_unknown", "没有这个国家"),
        (("list.csv", "-o", "list.doc"), "output_ending", ".csv or .xlsx"),
    ],
)
def test_what_stops_a_check_is_json_too_where_that_was_asked_for(
    batch_sms: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.csv").write_text("phone,country\n91234567,HK\n")
    said = batch_sms("check", *arguments, "--json")
    facts = json.loads(said.out)
    assert (said.code, facts["exit_code"], facts["list"], facts["error"]["code"]) == (2, 2, arguments[0], code)
    assert says in facts["error"]["message"]
    assert facts["error"]["message"] in said.err


def test_a_check_that_ends_by_a_fault_or_by_hand_is_json_too(
    batch_sms: Run, csv_list: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, code in ((ValueError("x"), "unexpected_unsent"), (KeyboardInterrupt(), "not_confirmed")):
        monkeypatch.setattr("batch_sms.run.check_list", Mock(side_effect=error))
        said = batch_sms("check", csv_list(HEADER, GOOD), "--json")
        facts = json.loads(said.out)
        assert (facts["error"]["code"], facts["exit_code"]) == (code, said.code)


def test_prices_give_the_cost(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("country,price,currency\nHK,0.05,USD\nFR,0.04,EUR\n")
    said = batch_sms("check", csv_list(HEADER, *ROWS), "--prices", tmp_path / "prices.csv")
    assert "0.05 USD" in said.out
    report = json.loads(batch_sms("check", csv_list(HEADER, *ROWS), "--prices", tmp_path / "prices.csv", "--json").out)
    assert (report["cost"], report["unpriced"]) == ({"USD": "0.05"}, ["GB"])
    assert report["countries"]["HK"] == {"messages": 1, "segments": 1, "cost": "0.05", "currency": "USD"}
    assert "No price is given for: GB." in said.out


def test_an_unexpected_fault_of_a_check_names_its_place_and_no_ledger(
    batch_sms: Run, csv_list: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_sms.run.check_list", lambda *_, **__: json.loads("{"))
    said = batch_sms("check", csv_list(HEADER, GOOD))
    assert said.code == 70
    assert "JSONDecodeError, decoder.py:" in said.err
    assert "ledger" not in said.err
    assert "-v" not in said.err


def test_what_is_wrong_with_standard_input_is_said_by_its_name(batch_sms: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    said = batch_sms("check", "-")
    assert said.code == 2
    assert said.err.endswith("batch-sms: standard input is empty: there is no header and no row in it.\n")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"phone\n+85291234567\n")))
    assert batch_sms("check", "-").out.startswith("stdin (CSV")
