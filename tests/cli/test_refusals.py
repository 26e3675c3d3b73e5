"""Bad input: one plain sentence, exit 2, and nothing sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import openpyxl
import pytest
from harness import Said  # noqa: TC002 (a type in a test needs no block of its own)

from batch_sms.sandbox import Sandbox

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
GOOD = b"phone,country\n91234567,HK\n"


def workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["phone", "country"])
    book.active.append(["91234567", "HK"])
    book.save(path)


FILES: dict[str, bytes] = {
    "good.csv": GOOD,
    "empty.csv": b"",
    "blank.csv": b"\n\n,,\n",
    "header.csv": b"phone,country\n",
    "nophone.csv": b"name,country\nChan,HK\n",
    "twophones.csv": b"phone,mobile,country\n1,2,HK\n",
    "nul.csv": b"phone,country\n9123\x004567,HK\n",
    "quote.csv": b'phone,country\n"91234567,HK\n',
    "notabook.xlsx": b"this is no zip",
    "locked.xlsx": OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
    "headerless.csv": b"Chan,+85291234567\nTan,+6581234567\n",
    "long.csv": b"phone,text\n+85291234567," + b"a" * 131_073 + b"\n",
    "utf-32.csv": "phone\n+85291234567\n".encode("utf-32"),
    "optouts.txt": b"91234567\nMrs Chan\n",
}

REFUSED = [
    (("missing.csv",), "no list at", "whole path"),
    ((".",), "not a file", ""),
    (("empty.csv",), "is empty", ""),
    (("blank.csv",), "is empty", ""),
    (("header.csv",), "no rows", "Add a row"),
    (("nophone.csv",), "name, country", "--column phone=HEADER"),
    (("headerless.csv",), "no header: '+85291234567'", "Add a line above it"),
    (("long.csv",), "line 2: a cell has more than 131072 characters", "Shorten it"),
    (("utf-32.csv",), "UTF-32", "CSV UTF-8"),
    (("/dev/stdin",), "no file", "write -"),
    (("a" * 5000 + ".csv",), "longer than a file may be called", "shorter"),
    (("good.csv", "-o", "a" * 300 + ".csv"), "longer than a file may be called", "shorter"),
    (("good.csv", "-o", "-"), "does not go to standard output", "--json"),
    (("book.xlsx", "--sheet", ""), "no sheet ''", "Sheet"),
    (("good.csv", "--encoding", "utf-7"), "no list is written in that", "utf-8"),
    (("good.csv", "--encoding", "punycode"), "no list is written in that", "utf-8"),
    (("twophones.csv",), "phone and mobile", "--column phone=HEADER"),
    (("nul.csv",), "line 2", "--encoding"),
    (("quote.csv",), "line", "quotation mark"),
    (("notabook.xlsx",), "can't be read as a workbook", ""),
    (("locked.xlsx",), "password", "Save it without one"),
    (("book.xlsx", "--sheet", "Nope"), "no sheet Nope", "Sheet"),
    (("good.csv", "--sheet", "1"), "has no sheets", "Leave --sheet out"),
    (("good.csv", "--encoding", "utf-99"), "no encoding named utf-99", ""),
    (("good.csv", "--sign", ""), "no signature", "--sign"),
    (("good.csv", "--template", ""), "no template", "--template"),
    (("good.csv", "--column", "phone=Handy"), "no such column", "phone, country"),
    (("good.csv", "--column", "fone=phone"), "fone", "roles are"),
    (("good.csv", "--param", "x={Nope}"), "no column Nope", "phone, country"),
    (("good.csv", "--param", "x=}"), "brace without a header", "}}"),
    (("good.csv", "--param", "noequals"), "NAME=TEXT", ""),
    (("good.csv", "--country", "Atlantis"), "Atlantis", "two letters"),
    (("good.csv", "--rate", "fast"), "--rate fast", "20/s"),
    (("good.csv", "--endpoint", "http://example.com"), "plain http", "https://example.com"),
    (("good.csv", "--endpoint", "ftp://127.0.0.1"), "--endpoint", "https://"),
    (("good.csv", "--endpoint", "https://127.0.0.1/path"), "--endpoint", "https://"),
    (("good.csv", "--sandbox"), "--sandbox and --endpoint", ""),
    (("good.csv", "--output", "result.doc"), ".csv or .xlsx", ""),
    (("good.csv", "--output", "gone/result.csv"), "can't be written", "-o"),
    (("good.csv", "--output", "folder.csv"), "is a folder", "-o"),
    (("good.csv", "--output", "good.csv"), "overwrite the list", "-o"),
    (("good.csv", "--opt-outs", "optouts.txt"), "row 2", "Mrs Chan"),
    (("good.csv", "--opt-outs", "missing.txt"), "no file at", ""),
    (("good.csv", "--limit", "0"), "--limit", ""),
    (("good.csv", "--read-timeout", "0"), "read-timeout", "above zero"),
    (("good.csv", "--ledger", "notadb.csv/ledger.db"), "ledger", "--ledger"),
    (("good.csv", "--ledger", "empty-folder"), "ledger", "--ledger"),
    (("good.csv", "--nonsense"), "--nonsense", ""),
    ((), "LIST", ""),
]


@pytest.mark.parametrize(("arguments", "says", "and_what_to_do"), REFUSED, ids=lambda value: str(value)[:60])
def test_bad_input_is_refused(
    *,
    batch_sms: Callable[..., Said],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    gateway: Sandbox,
    arguments: tuple[str, ...],
    says: str,
    and_what_to_do: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    Path("notadb.csv").write_bytes(b"")
    Path("folder.csv").mkdir()
    Path("empty-folder").mkdir()
    workbook(Path("book.xlsx"))
    settings = ("--sign", "ACME", "--template", "SMS_1", "--endpoint", gateway.url, "--yes")
    said = batch_sms("send", *settings, *arguments)
    assert said.code == 2, said
    assert says in said.err
    assert and_what_to_do in said.err
    assert "Traceback" not in said.err
    assert not said.out
    assert not gateway.requests
    assert not list(tmp_path.glob("*.result.*"))


def test_without_credentials_nothing_is_read_or_sent(
    batch_sms: Callable[..., Said], csv_list: Callable[..., Path]
) -> None:
    said = batch_sms("send", csv_list(("phone",), ("+85291234567",)), "--sign", "A", "--template", "SMS_1", "--yes")
    assert said.code == 2
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in said.err
    assert "--sandbox" in said.err


def test_a_refusal_is_said_in_the_language_asked_for(batch_sms: Callable[..., Said]) -> None:
    said = batch_sms("send", "missing.csv", "--lang", "zh", "--sandbox", "--sign", "A", "--template", "SMS_1")
    assert "找不到名单 missing.csv" in said.err


def test_an_unknown_code_is_said_to_be_unknown(batch_sms: Callable[..., Said]) -> None:
    said = batch_sms("codes", "isv.NOPE")
    assert (said.code, said.out) == (2, "")
    assert "isv.NOPE" in said.err


def test_a_code_is_explained(batch_sms: Callable[..., Said]) -> None:
    said = batch_sms("codes", "isv.AMOUNT_NOT_ENOUGH")
    assert said.code == 0
    assert "Top up" in said.out
    assert "充值" in batch_sms("codes", "isv.AMOUNT_NOT_ENOUGH", "--lang", "zh").out


def test_all_codes_are_listed(batch_sms: Callable[..., Said]) -> None:
    said = batch_sms("codes")
    assert {"OK", "isv.OUT_OF_SERVICE", "Throttling.User", "net.READ_TIMEOUT"} <= {
        line.split()[0] for line in said.out.splitlines()
    }


def test_an_unexpected_fault_is_no_exit_code_of_the_contract(
    batch_sms: Callable[..., Said], csv_list: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_sms.run.check_list", lambda *_: json.loads("{"))
    said = batch_sms("send", csv_list(("phone",), ("+85291234567",)), "--sandbox", "--sign", "A", "--template", "SMS_1")
    assert said.code == 70
    assert "Traceback" not in said.err


def test_a_send_that_ends_by_a_fault_or_by_hand_is_json_too(
    batch_sms: Callable[..., Said], csv_list: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, options = (
        csv_list(("phone",), ("+85291234567",)),
        ("--sandbox", "--sign", "A", "--template", "SMS_1", "--json"),
    )
    for error, code in ((ValueError("x"), "unexpected"), (KeyboardInterrupt(), "not_confirmed")):
        monkeypatch.setattr("batch_sms.run.check_list", Mock(side_effect=error))
        said = batch_sms("send", path, *options)
        facts = json.loads(said.out)
        assert (facts["error"]["code"], facts["exit_code"], facts["list"]) == (code, said.code, path.name)
