"""``batch-sms countries``, and the warning of check and send that comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Said

from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
ROWS = (("phone", "country"), ("+85291234567", "HK"), ("+8501921234567", "KP"))
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--accept-possible")


def test_the_gateways_list_with_its_names_put_right(batch_sms: Run, gateway: Sandbox) -> None:
    said = batch_sms("countries", "hong kong", "--endpoint", gateway.url)
    assert said.code == 0, said.err
    header, line = said.out.splitlines()
    assert gateway.url in header
    assert line.split() == ["HK", "+852", "Hong", "Kong"]
    facts = json.loads(batch_sms("countries", "--endpoint", gateway.url, "--json", "--lang", "zh").out)
    assert {"country": "HK", "dial_code": "852", "name": "香港"} in facts["countries"]
    assert (facts["source"], len(facts["countries"]) > 200) == ("gateway", True)


def test_offline_shows_what_came_last_else_what_the_libraries_know(batch_sms: Run, gateway: Sandbox) -> None:
    before = json.loads(batch_sms("countries", "KP", "--endpoint", gateway.url, "--offline", "--json").out)
    assert (before["source"], before["taken_at"], len(before["countries"])) == ("libraries", None, 1)
    batch_sms("countries", "--endpoint", gateway.url)
    said = batch_sms("countries", "KP", "--endpoint", gateway.url, "--offline", "--json")
    after = json.loads(said.out)
    assert (after["source"], after["countries"], said.code) == ("cache", [], 1)
    assert after["taken_at"]
    assert gateway.requests == {"QueryInterSmsIsoInfo OK": 1}


@pytest.mark.parametrize(("lang", "words"), [("en", "--offline"), ("zh", "--offline")])
def test_an_account_without_that_call(batch_sms: Run, key: None, lang: str, words: str) -> None:
    with Sandbox(closed=["QueryInterSmsIsoInfo"]) as sandbox:
        said = batch_sms("countries", "--endpoint", sandbox.url, "--lang", lang)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert "InvalidAction.NotFound" in said.err


def test_without_a_key_only_offline_works(batch_sms: Run) -> None:
    assert batch_sms("countries").code == 2
    assert batch_sms("countries", "--offline").code == 0


def test_send_warns_of_a_destination_that_the_list_does_not_have(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    def warned(*more: str) -> bool:
        said = batch_sms("send", csv_list(*ROWS), *SETTINGS, "--dry-run", "--endpoint", gateway.url, *more)
        assert said.code == 0, said.err
        return "warn.DESTINATION" in said.err

    assert not warned()
    batch_sms("countries", "--endpoint", gateway.url)
    asked = gateway.requests
    assert warned()
    assert warned("--api", "send-sms")
    assert gateway.requests == asked, "a check asks nobody"


def test_the_warning_says_which_country_and_of_when_the_list_is(
    batch_sms: Run, csv_list: Write, gateway: Sandbox
) -> None:
    batch_sms("countries", "--endpoint", gateway.url)
    said = batch_sms("send", csv_list(*ROWS), *SETTINGS, "--dry-run", "--endpoint", gateway.url)
    assert "row 3: country: the gateway's list of destinations of 20" in said.err
    assert "does not have KP" in said.err
    assert "1 × warn.DESTINATION" in said.err
