"""The main job at the command line, over real HTTP to the sandbox."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from harness import Said, read_result

from batch_sms.sandbox import SANDBOX_KEY_SECRET, TEST_NUMBERS, Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]

HEADER = ("phone", "country", "name", "note")
ROWS = (
    ("091234567".removeprefix("0"), "HK", "Chan", "001"),
    ("07400 123456", "GB", "Amélie", "=1+1"),
    ("００９７１５０１２３４５６７", "UAE", "فاطمة", "+86"),
    ("13800138000", "中国", "王芳 😀", '"quoted", comma'),
)
EXPECTED = (
    ("91234567", "HK", {"name": "Chan", "note": "001"}),
    ("7400123456", "GB", {"name": "Amélie", "note": "=1+1"}),
    ("501234567", "AE", {"name": "فاطمة", "note": "+86"}),
    ("13800138000", "CN", {"name": "王芳 😀", "note": '"quoted", comma'}),
)


def sending(gateway: Sandbox, *more: object) -> tuple[object, ...]:
    return ("--endpoint", gateway.url, "--sign", "云通信", "--template", "SMS_0000002", "--rate", "0", "--yes", *more)


@pytest.mark.parametrize("signature", ["v3", "v1"])
def test_each_good_row_is_one_request_with_its_parameters(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, signature: str
) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *sending(gateway, "--signature", signature, "--workers", 1))
    assert said.code == 0, said.err
    got = [(sent["PhoneNumbers"], sent["CountryCode"], json.loads(sent["TemplateParam"])) for sent in gateway.accepted]
    assert got == list(EXPECTED)
    assert {(sent["SignName"], sent["TemplateCode"]) for sent in gateway.accepted} == {("云通信", "SMS_0000002")}
    assert {sent["SignatureVersion"].lower() for sent in gateway.accepted} == {signature}
    assert "王芳 😀" in gateway.accepted[3]["TemplateParam"], "Chinese is not escaped"
    assert sum(gateway.requests.values()) == len(ROWS)


def test_the_result_holds_every_original_cell_and_the_receipt_of_each_row(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    path = csv_list(HEADER, *ROWS)
    batch_sms("send", path, *sending(gateway))
    result = read_result(path.with_name("list.result.csv"))
    assert [tuple(row[name] for name in HEADER) for row in result] == list(ROWS)
    receipts = {sent["OutId"]: (sent["BizId"], sent["RequestId"]) for sent in gateway.accepted}
    assert [(row["sms_biz_id"], row["sms_request_id"]) for row in result] == [
        receipts[row["sms_out_id"]] for row in result
    ]
    assert [row["sms_row"] for row in result] == ["2", "3", "4", "5"]
    assert {(row["sms_status"], row["sms_code"], row["sms_attempts"]) for row in result} == {("accepted", "OK", "1")}


def test_a_workbook_gives_a_workbook_with_text_as_text(batch_sms: Run, tmp_path: Path, gateway: Sandbox) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for row in ROWS:
        book.active.append(row)
    book.active.append([91234568, "HK", "Lam", "007"])
    for cells in book.active.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    book.save(tmp_path / "list.xlsx")
    said = batch_sms("send", tmp_path / "list.xlsx", *sending(gateway))
    assert said.code == 0, said.err
    sheet = openpyxl.load_workbook(tmp_path / "list.result.xlsx").active
    lines = list(sheet.iter_rows(values_only=True))
    assert [line[:4] for line in lines[1:]] == [*ROWS, ("91234568", "HK", "Lam", "007")]
    assert all(cell.data_type == "s" for cell in sheet["D"])


def test_the_same_command_again_sends_nothing_and_says_so(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    command = ("send", path, *sending(gateway))
    batch_sms(*command)
    first = path.with_name("list.result.csv").read_bytes()
    path.with_name("list.result.csv").unlink()
    said = batch_sms(*command)
    assert said.code == 0
    assert "sent before" in said.out
    assert len(gateway.accepted) == len(ROWS)
    assert path.with_name("list.result.csv").read_bytes() == first, "the result is written again from the ledger"


def test_what_an_earlier_call_left_in_doubt_is_told_apart(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(("phone", "name"), ("+12025550110", "x"), ("+85291234567", "x"))
    command = ("send", path, *sending(gateway), "--run", "r")
    earlier = "Nothing was sent now. In doubt since an earlier call: 1; 'batch-sms reconcile r'"
    assert "Sent now: 1 " in batch_sms(*command, "--limit", 1).out
    said = batch_sms(*command, "--not-after", "2020-01-01T00:00Z")
    assert (said.code, earlier in said.out) == (3, True)
    assert "on its way" not in said.out
    batch_sms(*command)
    said = batch_sms(*command)
    assert (said.code, earlier in said.out) == (1, True)
    assert "sent before" not in said.out


def test_a_limited_run_is_gone_on_with(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *sending(gateway, "--limit", 1))
    assert said.code == 0
    assert [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))] == ["OK"] + ["run.LIMIT"] * 3
    said = batch_sms("send", path, *sending(gateway))
    assert said.code == 0
    assert sorted(sent["PhoneNumbers"] for sent in gateway.accepted) == sorted(number for number, _, _ in EXPECTED)


BY_TEST_NUMBER = [
    ("2025550100", "accepted", "OK"),
    ("2025550107", "rejected", "isv.SMS_TEMPLATE_ILLEGAL"),
    ("2025550111", "rejected", "isv.MOBILE_NUMBER_ILLEGAL"),
    ("2025550114", "rejected", "isv.BUSINESS_LIMIT_CONTROL"),
    ("2025550110", "in_doubt", "isp.SYSTEM_ERROR"),
    ("2025550120", "accepted", "OK"),
    ("2025550121", "accepted", "OK"),
    ("2025550123", "in_doubt", "ServiceUnavailable"),
    ("2025550124", "in_doubt", "net.HTTP_502"),
    ("2025550125", "in_doubt", "net.READ_TIMEOUT"),
    ("2025550127", "in_doubt", "net.CONNECTION_LOST"),
    ("2025550129", "in_doubt", "net.CONNECTION_LOST"),
    ("2025550130", "in_doubt", "net.BAD_ANSWER"),
    ("2025550131", "in_doubt", "net.NO_BIZ_ID"),
    ("2025550133", "in_doubt", "SignatureNonceUsed"),
    ("2025550138", "rejected", "isv.SOMETHING_NEW"),
    ("2025550140", "in_doubt", "net.HTTP_302"),
]


def test_every_kind_of_answer_ends_in_its_status(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_sms.sending.policy._FIRST_WAIT", 0.01)
    path = csv_list(("phone", "country"), *((number, "US") for number, _, _ in BY_TEST_NUMBER))
    said = batch_sms("send", path, *sending(gateway, "--read-timeout", 0.4))
    assert said.code == 1
    result = read_result(path.with_name("list.result.csv"))
    got = [(row["phone"], row["sms_status"], row["sms_code"]) for row in result]
    assert got == BY_TEST_NUMBER
    assert all(row["sms_advice"] for row in result if row["sms_status"] != "accepted")
    tries = {row["phone"]: row["sms_attempts"] for row in result}
    assert (tries["2025550120"], tries["2025550121"], tries["2025550124"], tries["2025550125"]) == ("3", "2", "1", "1")


def test_an_account_fault_stops_the_run_and_the_same_command_goes_on(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    broke = next(number for number, test in TEST_NUMBERS.items() if test.code == "isv.AMOUNT_NOT_ENOUGH")
    numbers = ["2025550100", broke, *(f"6505550{n}" for n in range(100, 130))]
    path = csv_list(("phone", "country"), *((number, "US") for number in numbers))
    command = ("send", path, *sending(gateway, "--workers", 1))
    said = batch_sms(*command)
    result = read_result(path.with_name("list.result.csv"))
    assert said.code == 3
    assert "isv.AMOUNT_NOT_ENOUGH" in said.out
    assert [row["sms_status"] for row in result] == ["accepted"] + ["not_sent"] * 31
    assert [row["sms_code"] for row in result[1:3]] == ["isv.AMOUNT_NOT_ENOUGH", "run.STOPPED"]
    monkeypatch.setitem(TEST_NUMBERS, broke, TEST_NUMBERS["2025550100"])
    assert batch_sms(*command).code == 0
    assert sorted(sent["PhoneNumbers"] for sent in gateway.accepted) == sorted(numbers)


def test_json_is_all_that_standard_output_holds(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS, ("12", "HK", "x", "y"))
    said = batch_sms("send", path, *sending(gateway, "--json"))
    summary: dict[str, Any] = json.loads(said.out)
    assert summary["status"] == {
        "accepted": 4, "rejected": 0, "in_doubt": 0, "invalid": 1, "skipped": 0, "not_sent": 0,
    }  # fmt: skip
    assert (summary["rows"], summary["sent_now"], summary["exit_code"], said.code) == (5, 4, 1, 1)


def test_without_a_terminal_and_without_yes_nothing_is_sent(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *(word for word in sending(gateway) if word != "--yes"))
    assert said.code == 2
    assert "--yes" in said.err
    assert not gateway.requests
    assert not path.with_name("list.result.csv").exists()


def test_strict_sends_nothing_if_a_row_is_invalid(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS, ("12", "HK", "x", "y"))
    said = batch_sms("send", path, *sending(gateway, "--strict"))
    result = read_result(path.with_name("list.result.csv"))
    assert said.code == 2
    assert not gateway.requests
    assert [row["sms_code"] for row in result] == ["run.STRICT"] * 4 + ["check.PHONE_INVALID"]


def test_strict_keeps_the_result_of_what_was_sent_from_an_earlier_state_of_the_list(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    path = csv_list(HEADER, *ROWS)
    batch_sms("send", path, *sending(gateway))
    before = path.with_name("list.result.csv").read_bytes()
    csv_list(HEADER, *ROWS, ("12", "HK", "x", "y"))
    said = batch_sms("send", path, *sending(gateway, "--strict"))
    assert (said.code, path.with_name("list.result.csv").read_bytes()) == (2, before)
    assert "list.result (2).csv" in said.out
    assert len(read_result(path.with_name("list.result (2).csv"))) == 5


def test_a_dry_run_needs_no_key_and_leaves_no_trace(batch_sms: Run, csv_list: Write, nobody_at_home: Path) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, "--sign", "A", "--template", "SMS_1", "--dry-run")
    assert "+85291234567" in said.err
    assert "dry run" in said.out
    assert sorted(path.parent.iterdir()) == [path]
    assert not list(nobody_at_home.iterdir())


def test_duplicates_are_held_back_or_sent(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    rows = (ROWS[0], ROWS[0], (*ROWS[0][:2], "Wong", "001"))
    path = csv_list(HEADER, *rows)
    batch_sms("send", path, *sending(gateway))
    result = read_result(path.with_name("list.result.csv"))
    assert [row["sms_code"] for row in result] == ["OK", "skip.DUPLICATE", "OK"]
    other = csv_list(HEADER, ROWS[1], ROWS[1], name="other.csv")
    batch_sms("send", other, *sending(gateway, "--duplicates", "send"))
    assert [row["sms_code"] for row in read_result(other.with_name("other.result.csv"))] == ["OK", "OK"]


def test_who_opted_out_gets_nothing(batch_sms: Run, csv_list: Write, tmp_path: Path, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    (tmp_path / "stop.txt").write_text("+852 9123 4567\n07400123456\n")
    batch_sms("send", path, *sending(gateway, "--opt-outs", tmp_path / "stop.txt"))
    result = read_result(path.with_name("list.result.csv"))
    assert [row["sms_code"] for row in result] == ["skip.OPTED_OUT", "skip.OPTED_OUT", "OK", "OK"]


def test_a_message_sent_in_another_run_lately_is_held_back_unless_again(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    batch_sms("send", csv_list(HEADER, *ROWS), *sending(gateway))
    longer = csv_list(HEADER, *ROWS, ("98765432", "HK", "Lam", "2"), name="longer.csv")
    batch_sms("send", longer, *sending(gateway))
    codes = [row["sms_code"] for row in read_result(longer.with_name("longer.result.csv"))]
    assert codes == ["skip.ALREADY_SENT"] * 4 + ["OK"]
    batch_sms("send", longer, *sending(gateway, "--again"))
    assert len(gateway.accepted) == 4 + 1 + 5


def test_param_texts_are_filled_and_sent_alone(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, ROWS[0])
    batch_sms("send", path, *sending(gateway, "--param", "intlmsg=Hi {Name}, {{code}} {note}=1"))
    assert gateway.accepted[0]["TemplateParam"] == '{"intlmsg":"Hi Chan, {code} 001=1"}'


def test_columns_of_any_name_and_a_country_for_all(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(("Handy", "Firma", "签名", "模版CODE", "流水号"), ("91234567", "X", "甲", "SMS_9", "id-1"))
    said = batch_sms(
        *("send", path, "--endpoint", gateway.url, "--yes", "--column", "phone=handy", "--country", "Hong Kong")
    )
    assert said.code == 0, said.err
    sent = gateway.accepted[0]
    assert (sent["PhoneNumbers"], sent["SignName"], sent["TemplateCode"], sent["OutId"]) == (
        "91234567",
        "甲",
        "SMS_9",
        "id-1",
    )
    assert sent["TemplateParam"] == '{"Firma":"X"}'


def test_a_result_sheet_is_a_valid_list(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    batch_sms("send", path, *sending(gateway))
    said = batch_sms("send", path.with_name("list.result.csv"), *sending(gateway, "--again"))
    assert said.code == 0, said.err
    params = [sent["TemplateParam"] for sent in gateway.accepted]
    assert sorted(params[4:]) == sorted(params[:4])


def test_the_secret_is_nowhere(batch_sms: Run, csv_list: Write, gateway: Sandbox, nobody_at_home: Path) -> None:
    number = next(number for number, test in TEST_NUMBERS.items() if test.code == "SignatureDoesNotMatch")
    path = csv_list(HEADER, ROWS[0], (number, "US", "n", "n"))
    said = batch_sms("send", path, *sending(gateway, "-v", "--json"))
    written = [
        file.read_bytes() for folder in (path.parent, nobody_at_home) for file in folder.rglob("*") if file.is_file()
    ]
    everything = b"\n".join([*written, said.out.encode(), said.err.encode()])
    assert SANDBOX_KEY_SECRET.encode() not in everything
    assert b"string to sign" not in everything
    assert len(written) > 2


def test_attempts_are_logged_without_phone_numbers(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *sending(gateway, "-v", "-q"))
    assert "row 2: accepted OK" in said.err
    assert "1234567" not in said.err


def test_chinese_throughout(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS, ("12", "HK", "x", "y"))
    said = batch_sms("send", path, *sending(gateway, "--lang", "zh"))
    row = read_result(path.with_name("list.result.csv"))[-1]
    assert "不是 HK 的有效号码" in row["sms_message"]
    assert "结果:" in said.out.replace("：", ":")


def test_a_header_that_stands_twice_matters_only_where_it_is_used(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    path = csv_list(("phone", "name", "notes", "notes"), ("+85291234567", "Chan", "a", "b"))
    assert batch_sms("send", path, *sending(gateway)).code == 2
    assert batch_sms("send", path, *sending(gateway, "--param", "m=Hi {notes}")).code == 2
    assert batch_sms("send", path, *sending(gateway, "--param", "m=Hi {name}")).code == 0
    assert [sent["TemplateParam"] for sent in gateway.accepted] == ['{"m":"Hi Chan"}']


def test_an_opt_out_list_with_two_phone_columns_is_not_half_read(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "stop.csv").write_text("name,phone,mobile\nChan,,91234567\n")
    rows = (("+85291234567", "", "Chan", "1"), ("+6581234567", "", "Tan", "2"))
    said = batch_sms("send", csv_list(HEADER, *rows), *sending(gateway, "--opt-outs", tmp_path / "stop.csv"))
    assert said.code == 0
    assert [sent["PhoneNumbers"] for sent in gateway.accepted] == ["81234567"]


def test_no_signal_breaks_into_the_last_words_of_a_call_that_was_called_off(
    batch_sms: Run, csv_list: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = []

    def called_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def spoken() -> str:
        handlers.append(signal.getsignal(signal.SIGINT))
        return "en"

    monkeypatch.setattr("batch_sms.run.send", called_off)
    monkeypatch.setattr("batch_sms.cli._language", spoken)
    assert batch_sms("send", csv_list(("phone",), ("+85291234567",)), "--sandbox").code == 2
    assert handlers == [signal.SIG_IGN]
