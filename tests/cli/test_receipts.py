"""The word back: what was delivered, and what became of rows in doubt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.gateway import codes
from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--rate", "0", "--read-timeout", "1", "--run", "r")
FINE, NO_RECEIPT, NOT_DELIVERED = "+85291234567", "+12025550145", "+12025550146"
TAKEN_UNANSWERED, LOST_UNANSWERED, TAKEN_CUT, LOST_CUT = (f"+120255501{line}" for line in (25, 26, 27, 28))
LISTED_LATE = "+12025550148"


@pytest.fixture
def send(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> Callable[..., list[dict[str, str]]]:
    """Send a list with these phones under the run r, and read its result."""

    def send(*phones: str) -> list[dict[str, str]]:
        path = csv_list(("phone", "name"), *((phone, f"person {number}") for number, phone in enumerate(phones)))
        batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url)
        return read_result(path.with_name("list.result.csv"))

    return send


@pytest.fixture
def result(tmp_path: Path) -> Callable[[], list[dict[str, str]]]:
    """The result as it is now."""
    return lambda: read_result(tmp_path / "list.result.csv")


def test_receipts_are_asked_for_and_stand_behind_the_other_columns(batch_sms, send, result, gateway):
    assert "sms_delivery" not in send(FINE, NOT_DELIVERED, NO_RECEIPT, "12")[0]
    said = batch_sms("receipts", "r", "--endpoint", gateway.url)
    assert said.code == 1, "one waits"
    rows = result()
    assert list(rows[0])[-4:] == ["sms_phone", "sms_delivery", "sms_delivery_code", "sms_delivered_at"]
    assert [(row["sms_delivery"], row["sms_delivery_code"]) for row in rows] == [
        ("delivered", "DELIVERED"),
        ("failed", "MOBILE_NOT_ON_SERVICE"),
        ("waiting", ""),
        ("", ""),
    ]
    assert [bool(row["sms_delivered_at"]) for row in rows] == [True, True, False, False]
    assert "delivered" in said.out


def test_only_what_is_not_final_is_asked_about_again(batch_sms, send, gateway):
    send(FINE, NO_RECEIPT)
    asked = [json.loads(batch_sms("receipts", "r", "--endpoint", gateway.url, "--json").out)["asked"] for _ in range(2)]
    assert asked == [2, 1]


def test_two_messages_to_one_phone_have_a_receipt_each(batch_sms, send, result, gateway):
    send(FINE, FINE)
    assert batch_sms("receipts", "r", "--endpoint", gateway.url).code == 0
    assert [row["sms_delivery"] for row in result()] == ["delivered"] * 2


def test_what_is_throttled_is_asked_again(batch_sms, send, gateway):
    send("+12025550149")
    assert batch_sms("receipts", "r", "--endpoint", gateway.url).code == 0


def test_a_row_in_doubt_is_settled_by_what_the_gateway_has(batch_sms, send, result, gateway):
    rows = send(FINE, TAKEN_CUT, LOST_CUT, TAKEN_UNANSWERED, LOST_UNANSWERED)
    assert [row["sms_status"] for row in rows] == ["accepted", *["in_doubt"] * 4]
    said = batch_sms("reconcile", "r", "--settle", "0s", "--endpoint", gateway.url)
    assert said.code == 0
    assert [row["sms_status"] for row in result()] == ["accepted", "accepted", "not_sent", "accepted", "not_sent"]
    assert len(gateway.accepted) == 3, "nothing was sent"
    assert "2 found" in said.out


def test_what_may_still_be_listed_stays_in_doubt(batch_sms, send, result, gateway):
    send(FINE, LOST_CUT, LISTED_LATE)
    said = batch_sms("reconcile", "r", "--endpoint", gateway.url, "--json")
    assert (said.code, json.loads(said.out)["findings"]["too_early"]) == (1, 2)
    assert [row["sms_status"] for row in result()] == ["accepted", "in_doubt", "in_doubt"]


def test_messages_that_share_phone_and_out_id_are_told_apart_by_their_number(batch_sms, csv_list, result, gateway):
    same = (LOST_CUT, TAKEN_CUT)
    rows = [(phone, f"text {number}", "spring") for phone in same for number in range(2)]
    path = csv_list(("phone", "name", "out id"), *rows)
    batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url)
    batch_sms("reconcile", "r", "--settle", "0s", "--endpoint", gateway.url)
    assert [row["sms_status"] for row in result()] == ["not_sent"] * 2 + ["accepted"] * 2


def test_a_gateway_that_lists_not_even_what_it_took_proves_nothing(batch_sms, send, result, gateway, monkeypatch):
    monkeypatch.setattr("batch_sms.sandbox.archive.Archive._is_listed", lambda *_: False)
    send(FINE, LOST_CUT)
    said = batch_sms("reconcile", "r", "--settle", "0s", "--endpoint", gateway.url, "--json")
    assert (said.code, json.loads(said.out)["findings"]["unproven"]) == (1, 1)
    assert result()[1]["sms_status"] == "in_doubt"


def test_a_network_that_cuts_connections_costs_two_commands_and_no_message(batch_sms, csv_list, result, gateway):
    phones = [
        (LOST_CUT, TAKEN_CUT)[number % 2] if number % 20 < 2 else f"+8529{number:07d}"
        for number in range(1_000_000, 1_000_400)
    ]
    path = csv_list(("phone", "name"), *((phone, f"person {number}") for number, phone in enumerate(phones)))
    command = ("send", path, *SETTINGS, "--endpoint", gateway.url)
    batch_sms(*command)
    assert Counter(row["sms_status"] for row in result()) == {"accepted": 360, "in_doubt": 40}
    assert batch_sms("reconcile", "r", "--settle", "0s", "--endpoint", gateway.url, "--rate", "1000/s").code == 0
    assert Counter(row["sms_status"] for row in result()) == {"accepted": 380, "not_sent": 20}
    batch_sms(*command)
    texts = Counter(message["TemplateParam"] for message in gateway.accepted)
    assert set(texts.values()) == {1}
    assert len(texts) == 380, "the other twenty were cut again"


def reports(rows):
    return [
        {
            "phone_number": row["sms_phone"][1:],
            "report_time": "2025-06-01 12:00:05",
            "success": True,
            "err_code": "DELIVERED",
            "biz_id": row["sms_biz_id"],
            "out_id": row["sms_out_id"],
        }
        for row in rows
    ]


def test_receipts_are_taken_from_a_file(batch_sms, send, result, tmp_path):
    rows = send(FINE, "+85291234568")
    strange = {**reports(rows)[0], "biz_id": "nobody's", "out_id": ""}
    file = tmp_path / "dump.json"
    file.write_text(
        "\n".join(json.dumps(report) for report in [*reports(rows), reports(rows)[0], strange]) + "\njunk\n"
    )
    said = batch_sms("receipts", "r", "--import", file, "--json")
    facts = json.loads(said.out)
    assert [facts[name] for name in ("receipts", "new", "joined", "unmatched", "junk")] == [4, 3, 2, 1, 1]
    assert [row["sms_delivery"] for row in result()] == ["delivered"] * 2
    assert json.loads(batch_sms("receipts", "--import", file, "--json").out)["new"] == 0, "twice the same is once"
    file.write_text(json.dumps(reports(rows)))
    said = batch_sms("receipts", "--import", file, "--json")
    assert (said.code, json.loads(said.out)["unmatched"]) == (0, 0), "what another file brought is not this one's fault"


def test_a_receipt_settles_a_row_in_doubt(batch_sms, send, result, tmp_path):
    (row,) = send(TAKEN_CUT)
    assert row["sms_status"] == "in_doubt"
    file = tmp_path / "dump.json"
    file.write_text(json.dumps([{**reports([row])[0], "biz_id": "b-1"}]))
    assert batch_sms("receipts", "r", "--import", file).code == 0
    (row,) = result()
    assert (row["sms_status"], row["sms_code"], row["sms_biz_id"], row["sms_delivery"]) == (
        "accepted",
        "OK",
        "b-1",
        "delivered",
    )


def test_a_receipt_that_came_before_its_run_finds_it(batch_sms, send, result, tmp_path, csv_list, gateway):
    send(FINE)
    late = csv_list(("phone", "name", "out id"), ("+85291234569", "late", "mine-1"), name="late.csv")
    file = tmp_path / "dump.json"
    file.write_text(
        json.dumps({"phone_number": "85291234569", "success": False, "err_code": "EXPIRED", "out_id": "mine-1"})
    )
    assert batch_sms("receipts", "--import", file).code == 1
    batch_sms("send", late, *SETTINGS[:-1], "late", "--endpoint", gateway.url)
    batch_sms("receipts", "late", "--endpoint", gateway.url)
    assert read_result(tmp_path / "late.result.csv")[0]["sms_delivery_code"] in {"EXPIRED", "DELIVERED"}


def test_a_second_signal_ends_the_asking_and_the_same_command_goes_on(batch_sms, send, gateway, monkeypatch):
    def broken_off(*_):
        raise KeyboardInterrupt

    send(FINE)
    with monkeypatch.context() as broken:
        broken.setattr("batch_sms.receipts.Receipts.ask", broken_off)
        said = batch_sms("receipts", "r", "--endpoint", gateway.url)
    assert (said.code, "the same command goes on" in said.err) == (3, True)
    assert batch_sms("receipts", "r", "--endpoint", gateway.url).code == 0


@pytest.mark.parametrize(
    ("content", "says"), [("junk", "holds no receipts"), ("", "holds no receipts"), ("{}", "holds no receipts")]
)
def test_a_file_without_receipts_is_refused(batch_sms, send, tmp_path, content, says):
    send(FINE)
    (tmp_path / "dump.json").write_text(content)
    said = batch_sms("receipts", "--import", tmp_path / "dump.json")
    assert (said.code, says in said.err) == (2, True)


def test_what_can_not_be_asked_is_refused(batch_sms, send, gateway, nobody_at_home):
    assert batch_sms("receipts", "r").code == 2, "there is no ledger yet"
    send(FINE)
    assert batch_sms("receipts").code == 2
    assert "batch-sms runs" in batch_sms("receipts", "nobody", "--endpoint", gateway.url).err
    assert batch_sms("receipts", "r", "--rate", "0", "--endpoint", gateway.url).code == 2
    assert batch_sms("reconcile", "r", "--settle", "soon", "--endpoint", gateway.url).code == 2
    assert batch_sms("receipts", "--listen", "here").code == 2
    for token in ("", "a b", "a/b", "ü"):
        assert "it stands in an address" in batch_sms("receipts", "--listen", "127.0.0.1:0", "--token", token).err


@pytest.mark.parametrize("command", [("receipts", "r"), ("reconcile", "r", "--settle", "0s")])
def test_an_account_without_the_query_is_told_what_else_there_is(batch_sms, send, command):
    send(FINE, LOST_UNANSWERED)
    with Sandbox(closed=["QuerySendDetails"]) as closed:
        said = batch_sms(*command, "--endpoint", closed.url)
    assert said.code == 3
    assert "InvalidAction.NotFound" in said.out
    assert "batch-sms receipts --import FILE" in said.out
    assert "batch-sms receipts --listen HOST:PORT" in said.out


def test_without_a_connection_it_is_said_what_to_check(batch_sms, send, monkeypatch):
    send(FINE)
    with Sandbox() as gone:
        pass
    monkeypatch.setattr("batch_sms.gateway.asking.FIRST_WAIT", 0.0)
    said = batch_sms("receipts", "r", "--endpoint", gone.url)
    assert said.code == 3
    assert "proxy settings and --endpoint" in said.out
    assert "not known yet" in said.out


def test_a_key_that_is_unknown_is_told_what_to_do(batch_sms, send, gateway, monkeypatch):
    send(FINE)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "nobody")
    said = batch_sms("receipts", "r", "--endpoint", gateway.url)
    assert said.code == 3
    assert codes.advice("InvalidAccessKeyId.NotFound") in said.out.splitlines()
