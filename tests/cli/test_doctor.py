"""``batch-sms doctor`` at the command line, beside a sandbox."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Said

import batch_sms
from batch_sms import words
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox

Run = Callable[..., Said]
MAKERS = {"ok", "warning", "fault"}


def findings(said: Said) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in json.loads(said.out)["findings"]:
        found.setdefault(finding["topic"], []).append(finding["health"])
    return found


def test_all_is_well(batch_sms: Run, gateway: Sandbox) -> None:
    said = batch_sms("doctor", "--endpoint", gateway.url)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line.split()[:2] for line in lines[:8]] == [
        ["ok", "versions"],
        ["ok", "key"],
        ["ok", "endpoint"],
        ["ok", "clock"],
        *[["ok", "api"]] * 3,
        ["ok", "ledger"],
    ]
    assert lines[8].endswith(":")
    assert all(line.startswith("  ") for line in lines[9:])
    assert gateway.accepted == []
    assert SANDBOX_KEY_SECRET not in said.out
    assert SANDBOX_KEY_ID not in said.out


def test_in_chinese_and_as_json(batch_sms: Run, gateway: Sandbox) -> None:
    said = batch_sms("doctor", "--endpoint", gateway.url, "--lang", "zh")
    assert said.out.startswith("正常")
    facts = json.loads(batch_sms("doctor", "--endpoint", gateway.url, "--json").out)
    assert facts["exit_code"] == 0
    assert len(facts["unsettled"]) == len(words.say("doctor.unsettled", "zh").strip().splitlines()) == 5
    assert {finding["health"] for finding in facts["findings"]} == {"ok"}


def test_an_account_without_the_default_api_is_told_which_to_use(batch_sms: Run, key: None) -> None:
    with Sandbox(closed=["SendInterSms", "SendSms"]) as sandbox:
        said = batch_sms("doctor", "--endpoint", sandbox.url)
    assert said.code == 0
    assert "Add --api send-message-to-globe" in said.out


def test_a_wrong_secret(batch_sms: Run, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "wrong")
    said = batch_sms("doctor", "--endpoint", gateway.url, "--json")
    assert said.code == 1
    assert findings(said) == {
        "versions": ["ok"],
        "key": ["ok", "fault"],
        "endpoint": ["ok"],
        "clock": ["ok"],
        "ledger": ["ok"],
    }


def test_without_a_key_the_network_is_looked_at_all_the_same(batch_sms: Run) -> None:
    with Sandbox() as sandbox:
        said = batch_sms("doctor", "--endpoint", sandbox.url, "--json")
        assert sandbox.requests == {"InvalidAccessKeyId.NotFound": 3}
    assert said.code == 1
    assert findings(said) == {
        "versions": ["ok"],
        "key": ["fault"],
        "endpoint": ["ok"],
        "clock": ["ok"],
        "ledger": ["ok"],
    }


def test_nobody_at_the_endpoint(batch_sms: Run, key: None) -> None:
    said = batch_sms("doctor", "--endpoint", "http://127.0.0.1:9", "--json")
    assert said.code == 1
    assert findings(said)["endpoint"] == ["fault"]


def test_an_endpoint_that_is_none_is_a_fault_and_the_ledger_is_looked_at(batch_sms: Run, key: None) -> None:
    said = batch_sms("doctor", "--endpoint", "http://gateway.example", "--json")
    assert said.code == 1
    assert findings(said) == {"versions": ["ok"], "key": ["ok"], "endpoint": ["fault"], "ledger": ["ok"]}


def keys_of_findings() -> Iterator[str]:
    for path in sorted((Path(batch_sms.__file__).parent / "doctor").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if named and node.value.startswith(("api_", "key_", "endpoint_", "clock_", "ledger_", "lock_")):
                yield node.value


@pytest.mark.parametrize("key", sorted(set(keys_of_findings()) - {"key_id"}))
def test_every_finding_has_its_sentence(key: str) -> None:
    assert f"doctor.{key}" in words.sentences("en")
