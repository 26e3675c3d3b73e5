"""What a gateway, a clock and a network can do to a run, over real HTTP."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.sandbox import SANDBOX_KEY_ID, Sandbox

Run = Callable[..., Said]
List = Callable[[int], Path]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--quiet")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, a hundredth as long."""
    monkeypatch.setattr("batch_sms.sending.policy._FIRST_WAIT", 0.005)
    monkeypatch.setattr("batch_sms.sending.policy._LONGEST_WAIT", 0.1)


@pytest.fixture
def nobodys_port() -> Iterator[int]:
    """A port at which nobody listens, kept from others by not listening on it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_gateway_that_is_not_there_leaves_every_row_for_the_same_command(
    batch_sms: Run, long_list: List, key: None, nobodys_port: int
) -> None:
    path = long_list(30)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", f"http://127.0.0.1:{nobodys_port}", "--run", "r")
    assert said.code == 3
    assert "net.CONNECT_FAILED" in said.out
    result = read_result(path.with_name("list.result.csv"))
    assert {row["sms_status"] for row in result} == {"not_sent"}
    assert {row["sms_code"] for row in result} <= {"net.CONNECT_FAILED", "run.STOPPED"}
    with Sandbox() as sandbox:
        said = batch_sms("send", path, *SETTINGS, "--endpoint", sandbox.url, "--run", "r", "--rate", 0)
        assert said.code == 0
        assert len(sandbox.accepted) == 30


@pytest.mark.parametrize("processes", [1, 2])
def test_a_gateway_slower_than_the_rate_gets_every_row_once(
    batch_sms: Run, long_list: List, key: None, processes: int
) -> None:
    path = long_list(120)
    with Sandbox(qps=60) as sandbox:
        options = ("--rate", "200/s", "--processes", processes)
        said = batch_sms("send", path, *SETTINGS, "--endpoint", sandbox.url, *options)
        assert said.code == 0, said.out
        assert sandbox.requests["Throttling.User"] > 0, "it was throttled"
        assert Counter(Counter(sent["PhoneNumbers"] for sent in sandbox.accepted).values()) == {1: 120}
        throttled = sandbox.requests["Throttling.User"]
    result = read_result(path.with_name("list.result.csv"))
    assert sum(int(row["sms_attempts"]) for row in result) == 120 + throttled


@pytest.mark.parametrize("hours", [-9, 9])
def test_a_clock_that_is_off_is_corrected_once_and_said(batch_sms: Run, long_list: List, key: None, hours: int) -> None:
    path = long_list(20)
    with Sandbox(clock=lambda: datetime.now(UTC) + timedelta(hours=hours)) as sandbox:
        said = batch_sms("send", path, *SETTINGS, "--endpoint", sandbox.url, "--workers", 1)
        assert said.code == 0
        assert len(sandbox.accepted) == 20
        assert sandbox.requests == {"OK": 20, "InvalidTimeStamp.Expired": 1}
    assert "Sent now: 20" in said.out
    assert f"clock is 9:00:00 {'behind' if hours > 0 else 'ahead'}" in said.out


def test_an_account_fault_stops_at_what_was_on_its_way(
    batch_sms: Run, long_list: List, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", f"not-{SANDBOX_KEY_ID}")
    said = batch_sms("send", long_list(500), *SETTINGS, "--endpoint", gateway.url, "--rate", 0, "--workers", 6)
    assert said.code == 3
    assert "InvalidAccessKeyId.NotFound" in said.out
    assert sum(gateway.requests.values()) <= 6
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", SANDBOX_KEY_ID)


def test_a_template_that_is_not_approved_does_not_burn_the_list(
    batch_sms: Run, csv_list: Callable[..., Path], gateway: Sandbox
) -> None:
    path = csv_list(("phone", "name"), *(("+12025550107", f"n{n}") for n in range(300)))
    command = ("send", path, *SETTINGS, "--endpoint", gateway.url, "--rate", 0, "--workers", 4)
    said = batch_sms(*command, "--breaker", 10)
    assert said.code == 3
    assert sum(gateway.requests.values()) <= 10 + 4
    assert {row["sms_status"] for row in read_result(path.with_name("list.result.csv"))} == {"not_sent"}
    said = batch_sms(*command, "--breaker", 0)
    assert said.code == 1, "with the breaker off, all 300 are asked for and refused"
    assert {row["sms_status"] for row in read_result(path.with_name("list.result.csv"))} == {"rejected"}
