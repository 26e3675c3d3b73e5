"""The same list through each of the three send APIs, and what is said where an account does not have one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]

HEADER = ("phone", "country", "message", "out id")
ROWS = (("91234567", "HK", "Hi 小明", "a"), ("+447400123456", "", "x" * 161, "b"))
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--rate", "0", "--workers", "1")
BY_CODE = {
    "send-inter-sms": [("91234567", "HK"), ("7400123456", "GB")],
    "send-sms": [("85291234567", None), ("447400123456", None)],
}


@pytest.fixture
def without_inter_sms(key: None) -> Iterator[Sandbox]:
    """An account that may not use SendInterSms."""
    with Sandbox(closed=["SendInterSms"]) as sandbox:
        yield sandbox


@pytest.mark.parametrize("api", BY_CODE)
def test_through_an_api_with_templates(batch_sms: Run, csv_list: Write, gateway: Sandbox, api: str) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--api", api)
    assert said.code == 0, said.err
    got = [(sent["PhoneNumbers"], sent.get("CountryCode")) for sent in gateway.accepted]
    assert got == BY_CODE[api]
    assert [json.loads(sent["TemplateParam"])["message"] for sent in gateway.accepted] == [row[2] for row in ROWS]
    result = read_result(path.with_name("list.result.csv"))
    assert [row["sms_biz_id"] for row in result] == [sent["BizId"] for sent in gateway.accepted]
    assert "sms_segments" not in result[0]


def test_through_send_message_to_globe(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, *ROWS)
    to_globe = ("--endpoint", gateway.url, "--api", "send-message-to-globe")
    said = batch_sms("send", path, "--sign", "ACME", "--yes", "--rate", "0", "--workers", "1", *to_globe)
    assert said.code == 0, said.err
    names = ("To", "From", "Message", "Type", "TaskId")
    assert [tuple(sent[name] for name in names) for sent in gateway.accepted] == [
        ("85291234567", "ACME", "Hi 小明", "NOTIFY", "a"),
        ("447400123456", "ACME", "x" * 161, "NOTIFY", "b"),
    ]
    result = read_result(path.with_name("list.result.csv"))
    assert [row["sms_biz_id"] for row in result] == [sent["MessageId"] for sent in gateway.accepted]
    assert [row["sms_segments"] for row in result] == ["1", "2"]
    assert list(result[0])[-1] == "sms_segments"
    run = json.loads(batch_sms("runs", "--json").out)["run"]
    batch_sms("result", run, "-o", path.with_name("again.csv"))
    assert read_result(path.with_name("again.csv")) == result


@pytest.mark.parametrize(
    ("asked", "sent"),
    [((), "NOTIFY"), (("--message-type", "otp"), "OTP"), (("--message-type", "otp", "--processes", "2"), "OTP")],
)
def test_the_type_of_the_messages(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, asked: tuple[str, ...], sent: str
) -> None:
    path = csv_list(HEADER, *ROWS)
    batch_sms("send", path, "--api", "send-message-to-globe", "--endpoint", gateway.url, "--yes", *asked)
    assert [message["Type"] for message in gateway.accepted] == [sent, sent]


def test_a_report_shows_the_text_and_its_sender(batch_sms: Run, csv_list: Write, tmp_path: Path) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("check", path, "--api", "send-message-to-globe", "--sign", "ACME")
    assert "row 2: +85291234567 HK, from ACME: Hi 小明\n" in said.out
    assert "no sender id: Hi" in batch_sms("check", path, "--api", "send-message-to-globe").out
    refused = batch_sms(
        "check", csv_list(("phone", "a", "b"), ("+85291234567", "1", "2")), "--api", "send-message-to-globe"
    )
    assert (refused.code, refused.err.count("--param message=")) == (2, 1)


def test_what_an_account_does_not_have_stops_the_run_and_names_the_other_two(
    batch_sms: Run, csv_list: Write, without_inter_sms: Sandbox
) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", without_inter_sms.url)
    assert said.code == 3
    (way_on,) = (line for line in said.out.splitlines() if line.startswith("Rows left: 2."))
    assert "goes on with them by --api send-sms or --api send-message-to-globe," in way_on
    assert "batch-sms doctor" in said.out
    assert [row["sms_status"] for row in read_result(path.with_name("list.result.csv"))] == ["not_sent"] * 2
    assert without_inter_sms.requests == {"InvalidAction.NotFound": 1}


@pytest.mark.parametrize("api", ["send-sms", "send-message-to-globe"])
def test_what_one_api_left_goes_by_another_in_the_same_run(
    batch_sms: Run, csv_list: Write, without_inter_sms: Sandbox, api: str
) -> None:
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", without_inter_sms.url)
    named = re.search(r"in this run with (--run) (\S+)\.", said.out)
    assert named
    said = batch_sms("send", path, *SETTINGS, "--endpoint", without_inter_sms.url, "--api", api, *named.groups())
    assert said.code == 0, said.out
    assert [row["sms_status"] for row in read_result(path.with_name("list.result.csv"))] == ["accepted"] * 2
    assert json.loads(batch_sms("runs", "--json").out)["run"] == named[2]


def test_a_message_that_went_out_through_one_api_does_not_go_out_through_another(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    path = csv_list(HEADER, *ROWS)
    for api in ("send-inter-sms", "send-sms"):
        batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--api", api)
    assert [sent["Action"] for sent in gateway.accepted] == ["SendInterSms", "SendInterSms"]
    assert [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))] == ["skip.ALREADY_SENT"] * 2


GLOBE = ("--api", "send-message-to-globe", "--yes", "--rate", "0", "--workers", "1")
BY_TEMPLATE = (*SETTINGS, "--param", "code={message}", "--param", "id={out id}")
SAME_TEXT = (*SETTINGS, "--param", "intlmsg={message}")
IN_RUN = ("--run", "r")


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        pytest.param(SETTINGS, GLOBE, ["skip.ALREADY_SENT", "OK"], id="the parameter that is the text, among others"),
        pytest.param(SAME_TEXT, GLOBE, ["skip.ALREADY_SENT", "OK"], id="the only parameter is the text"),
        pytest.param(BY_TEMPLATE, GLOBE, ["skip.ALREADY_SENT", "OK"], id="the template has the text, the same row"),
        pytest.param(BY_TEMPLATE, (*GLOBE, *IN_RUN), ["skip.ALREADY_SENT", "OK"], id="in a run of another name"),
        pytest.param(SAME_TEXT, (*GLOBE, "--again"), ["OK", "OK"], id="--again"),
        pytest.param((*GLOBE, "--sign", "ACME"), SAME_TEXT, ["skip.ALREADY_SENT", "OK"], id="the other way round"),
    ],
)
def test_what_went_out_with_a_template_does_not_go_out_without_one(
    batch_sms: Run,
    csv_list: Write,
    gateway: Sandbox,
    first: tuple[str, ...],
    second: tuple[str, ...],
    codes: list[str],
) -> None:
    path = csv_list(HEADER, *ROWS)
    batch_sms("send", path, *first, "--endpoint", gateway.url, "--limit", "1")
    held = codes.count("skip.ALREADY_SENT")
    said = batch_sms("send", path, *second, "--endpoint", gateway.url, "--dry-run")
    assert f"To send: {2 - held}" in said.err
    said = batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))] == codes, said
    assert len(gateway.accepted) == 3 - held
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert len(gateway.accepted) == 3 - held + 2 * (not held)


def test_another_message_to_the_phone_goes_out_without_a_template(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    batch_sms("send", csv_list(HEADER, *ROWS), *SETTINGS, "--endpoint", gateway.url)
    path = csv_list(HEADER, ("91234567", "HK", "Bye", "a"), ROWS[1])
    batch_sms("send", path, *GLOBE, "--endpoint", gateway.url)
    codes = [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))]
    assert codes == ["OK", "skip.ALREADY_SENT"]


ENDS = ("phone", "+12025550100", "+12025550126", "+12025550111", "+12025550199")
"""Accepted, in doubt, rejected; the last is not sent at first."""
SHORT = ("--read-timeout", "1", "--workers", "4")
WENT = ["OK", "net.READ_TIMEOUT", "MOBILE_NUMBER_ILLEGAL"]
KINDS = {"to a text": (SAME_TEXT, GLOBE), "to a template": (GLOBE, SAME_TEXT)}


@pytest.fixture(params=KINDS)
def switched(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The settings of a run at first, and under an API of the other kind."""
    first, second = KINDS[request.param]
    return (*first, *IN_RUN, *SHORT), (*second, *IN_RUN, *SHORT)


def rows_of(path: Path) -> list[dict[str, str]]:
    return read_result(path.with_name("list.result.csv"))


def codes_of(path: Path) -> list[str]:
    """Without what the two kinds of API write before a code."""
    return [row["sms_code"].removeprefix("isv.") for row in rows_of(path)]


def test_a_run_that_goes_on_by_an_api_of_the_other_kind_keeps_what_became_of_its_rows(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, switched: tuple[tuple[str, ...], ...]
) -> None:
    first, second = switched
    path = csv_list(("phone", "message"), *((phone, "Hi") for phone in ENDS[1:]))
    batch_sms("send", path, *first, "--endpoint", gateway.url, "--limit", "3")
    before = rows_of(path)
    assert codes_of(path)[:3] == WENT
    dry = batch_sms("send", path, *second, "--endpoint", gateway.url, "--dry-run")
    assert "to send 1," in dry.err
    said = batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert said.code == 1, said.err
    assert codes_of(path) == [*WENT, "OK"]
    assert rows_of(path)[0]["sms_biz_id"] == before[0]["sms_biz_id"] != ""
    assert len(gateway.accepted) == 2
    assert batch_sms("send", path, *second, "--endpoint", gateway.url).code == 1
    assert batch_sms("send", path, *first, "--endpoint", gateway.url).code == 1
    assert codes_of(path) == [*WENT, "OK"]
    assert len(gateway.accepted) == 2


def test_the_other_api_takes_what_is_reopened(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, switched: tuple[tuple[str, ...], ...]
) -> None:
    first, second = switched
    path = csv_list(("phone", "message"), *((phone, "Hi") for phone in ENDS[1:]))
    batch_sms("send", path, *first, "--endpoint", gateway.url, "--limit", "3")
    reopened = (*second, "--endpoint", gateway.url, "--resend-in-doubt", "--retry-rejected")
    assert "to send 3," in batch_sms("send", path, *reopened, "--dry-run").err
    batch_sms("send", path, *reopened)
    assert [row["sms_attempts"] for row in rows_of(path)] == ["1", "2", "2", "1"]
    assert codes_of(path)[1] == "net.READ_TIMEOUT"


def test_a_column_that_came_in_for_the_other_api_makes_no_other_row(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, switched: tuple[tuple[str, ...], ...]
) -> None:
    first, second = switched
    path = csv_list(("phone", "message"), *((phone, "Hi") for phone in ENDS[1:4]))
    batch_sms("send", path, *first, "--endpoint", gateway.url)
    csv_list(("phone", "message", "note"), *((phone, "Hi", "x") for phone in ENDS[1:]))
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert codes_of(path) == [*WENT, "OK"]


def test_another_row_of_a_phone_that_got_something_of_the_run_is_held_back(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, switched: tuple[tuple[str, ...], ...]
) -> None:
    first, second = switched
    batch_sms("send", csv_list(("phone", "message"), (ENDS[1], "Hi")), *first, "--endpoint", gateway.url)
    path = csv_list(("phone", "message"), (ENDS[4], "Hi"), (ENDS[1], "Ho"), (ENDS[1], "Hi"))
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert codes_of(path) == ["OK", "skip.ALREADY_SENT", "OK"]
    assert len(gateway.accepted) == 2
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert len(gateway.accepted) == 2


def test_receipts_and_reconciliation_ask_by_the_api_that_a_message_went_by(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, switched: tuple[tuple[str, ...], ...]
) -> None:
    first, second = switched
    taken_in_doubt = "+12025550125"
    path = csv_list(("phone", "message"), *((phone, "Hi") for phone in (taken_in_doubt, *ENDS[1:])))
    batch_sms("send", path, *first, "--endpoint", gateway.url, "--limit", "4")
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert batch_sms("receipts", "r", "--endpoint", gateway.url).code == 0
    assert [row["sms_delivery"] for row in rows_of(path)] == ["", "delivered", "", "", "delivered"]
    said = json.loads(batch_sms("reconcile", "r", "--endpoint", gateway.url, "--settle", "0s", "--json").out)
    asked = first[: len(SAME_TEXT)] == SAME_TEXT
    found = {name: count for name, count in said["findings"].items() if count}
    assert found == ({"found": 1, "not_found": 1} if asked else {"no_query": 2})
    batch_sms("send", path, *second, "--endpoint", gateway.url)
    assert [row["sms_attempts"] for row in rows_of(path)] == ["1", "1", "2" if asked else "1", "1", "1"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_both_kinds_tried_is_not_settled_by_what_one_of_them_lists(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, kind: str
) -> None:
    path = csv_list(("phone", "message"), (ENDS[1], "Hi"), (ENDS[2], "Hi"))
    for settings in KINDS[kind]:
        batch_sms("send", path, *settings, *IN_RUN, *SHORT, "--endpoint", gateway.url, "--resend-in-doubt")
    assert [row["sms_attempts"] for row in rows_of(path)] == ["1", "2"]
    said = batch_sms("reconcile", "r", "--endpoint", gateway.url, "--settle", "0s", "--json")
    assert (said.code, json.loads(said.out)["findings"]["no_query"]) == (1, 1)
