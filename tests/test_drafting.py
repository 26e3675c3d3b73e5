"""What a call will send, where the list is longer than what is looked up in the ledger at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Said

from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "name")
ROWS = [(f"+8529123456{number}", "Chan") for number in range(5)]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--rate", "0", "--json")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_sms.drafting._PAGE", 2)


def test_what_another_run_sent_is_held_back(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    settings = (*SETTINGS, "--endpoint", gateway.url)
    batch_sms("send", csv_list(HEADER, *ROWS[1:4]), *settings, "--run", "one")
    path = csv_list(HEADER, *ROWS)
    said = batch_sms("send", path, *settings, "--run", "two", "--dry-run")
    assert json.loads(said.out)["status"] == json.loads(said.out)["status"] | {"skipped": 3, "not_sent": 2}
    status = json.loads(batch_sms("send", path, *settings, "--run", "two").out)["status"]
    assert (status["accepted"], status["skipped"], len(gateway.accepted)) == (2, 3, 5)


def test_a_corrected_list_sends_what_is_new_in_it(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    settings = (*SETTINGS, "--endpoint", gateway.url, "--run", "one")
    batch_sms("send", csv_list(HEADER, *ROWS[:3]), *settings)
    said = json.loads(batch_sms("send", csv_list(HEADER, *reversed(ROWS)), *settings).out)
    assert (said["sent_now"], said["status"]["accepted"], len(gateway.accepted)) == (2, 5, 5)
