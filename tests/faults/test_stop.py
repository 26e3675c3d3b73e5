"""Ctrl-C and its kin: a clean stop, a result, exit 3, and the same command goes on."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import OtherSandbox, Said, read_result

PATIENCE = 30.0
ROWS = 200


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_lets_what_is_on_its_way_finish(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    name: str,
) -> None:
    path = long_list(ROWS)
    gateway = other_sandbox("--latency", "300ms")
    process = start_send(path, gateway.url, "--rate", "40/s")
    gateway.until(1, process)
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert "The same command goes on" in out
    assert name in out
    messages = gateway.messages()
    statuses = Counter(row["sms_status"] for row in read_result(path.with_name("list.result.csv")))
    assert statuses == {"accepted": len(messages), "not_sent": ROWS - len(messages)}, "nothing is in doubt"
    process = start_send(path, gateway.url, "--rate", 0)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert Counter(Counter(message["PhoneNumbers"] for message in gateway.messages()).values()) == {1: ROWS}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_second_signal_stops_at_once(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    processes: int,
) -> None:
    path = long_list(ROWS)
    gateway = other_sandbox("--latency", "20s")
    options = ("--rate", "40/s", "--read-timeout", 60, "--processes", processes, "-v")
    process = start_send(path, gateway.url, *options, stderr=subprocess.STDOUT)
    gateway.until(1, process)
    process.send_signal(signal.SIGINT)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, out
    result = read_result(path.with_name("list.result.csv"))
    in_doubt = [row for row in result if row["sms_status"] == "in_doubt"]
    assert {row["sms_code"] for row in in_doubt} == {"run.CRASHED"}
    assert "No answer had come when it stopped: what was on its way is in_doubt." in out
    assert {row["phone"][4:] for row in in_doubt} >= {message["PhoneNumbers"] for message in gateway.messages()}
    assert Counter(row["sms_status"] for row in result)["not_sent"] == ROWS - len(in_doubt)


@pytest.mark.parametrize("processes", [1, 2])
def test_another_shell_stops_it(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    batch_sms: Callable[..., Said],
    processes: int,
) -> None:
    path = long_list(ROWS)
    gateway = other_sandbox("--latency", "300ms")
    process = start_send(path, gateway.url, "--rate", "40/s", "--run", "spring", "--processes", processes)
    gateway.until(1, process)
    said = batch_sms("stop", "spring")
    assert said.code == 0
    assert said.out.startswith("The run spring has ended. The command that began it goes on with what is left;")
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert "it was stopped by batch-sms stop" in out
    statuses = Counter(row["sms_status"] for row in read_result(path.with_name("list.result.csv")))
    assert statuses == {"accepted": len(gateway.messages()), "not_sent": ROWS - len(gateway.messages())}
    assert batch_sms("stop", "spring").code == 2, "nobody sends it now"
    assert batch_sms("stop", "summer").code == 2, "there is no such run"
    process = start_send(path, gateway.url, "--rate", 0, "--run", "spring")
    assert (process.communicate(timeout=PATIENCE), process.returncode)[1] == 0, "the request is not heeded twice"


def test_who_asks_does_not_wait_longer_than_told(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    batch_sms: Callable[..., Said],
) -> None:
    path = long_list(1)
    gateway = other_sandbox("--latency", "20s")
    process = start_send(path, gateway.url, "--run", "spring", "--read-timeout", 60)
    gateway.until(1, process)
    said = batch_sms("stop", "spring", "--wait", "0")
    assert (said.code, "was asked to stop" in said.out) == (3, True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_wait(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    name: str,
) -> None:
    path = long_list(3)
    process = start_send(path, other_sandbox().url, "--not-before", "2999-01-01T00:00Z", quiet=False)
    assert process.stderr is not None
    assert any("waiting until 2999-01-01" in line for line in process.stderr)
    process.send_signal(getattr(signal, name))
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, out
    assert name in out
    assert {row["sms_code"] for row in read_result(path.with_name("list.result.csv"))} == {"run.STOPPED"}
