"""``--processes``: what several senders do together, and what becomes of a run when one, all, or whoever began them is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox, Said, read_result

from batch_sms.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells who the children are")

Start = Callable[..., subprocess.Popen[str]]
List = Callable[[int], Path]
Gateways = Callable[..., OtherSandbox]
Run = Callable[..., Said]
ROWS = 60


def senders_of(process: subprocess.Popen[str], count: int) -> list[int]:
    """The ids of its sender processes, once there are so many."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while len(ids := children.read_text().split()) < count:
        assert process.poll() is None, "it ended early"
        time.sleep(0.01)
    return [int(number) for number in ids]


def phones(gateway: OtherSandbox) -> Counter[str]:
    return Counter(message["PhoneNumbers"] for message in gateway.messages())


def statuses(path: Path) -> Counter[tuple[str, str]]:
    return Counter((row["sms_status"], row["sms_code"]) for row in read_result(path.with_name("list.result.csv")))


def until_gone(number: int) -> None:
    """Wait until a process has ended."""
    given_up = time.monotonic() + PATIENCE
    while Path(f"/proc/{number}").exists() and "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text():
        assert time.monotonic() < given_up, "it lives on"
        time.sleep(0.01)


def test_each_row_goes_out_once_and_the_senders_end_with_the_run(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "50ms")
    process = start_send(path, gateway.url, "--rate", 0, "--workers", 8, "--processes", 3, "--json")
    ids = senders_of(process, 3)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert err == ""
    assert json.loads(out)["status"]["accepted"] == ROWS
    assert sorted(phones(gateway).values()) == [1] * ROWS
    assert not any(Path(f"/proc/{number}").exists() for number in ids), "they end with the run"


def test_each_sender_has_a_core_of_its_own_where_there_are_enough(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    process = start_send(long_list(4), other_sandbox("--latency", "20s").url, "--rate", 0, "--processes", 2)
    ids, given_up = senders_of(process, 2), time.monotonic() + PATIENCE
    while any(len(os.sched_getaffinity(number)) > 1 for number in ids):
        assert time.monotonic() < given_up, "a sender is on all cores"
        time.sleep(0.01)
    kept_to = {core for number in ids for core in os.sched_getaffinity(number)}
    assert len(kept_to) == min(2, len(os.sched_getaffinity(0)))
    process.kill()
    for number in ids:
        until_gone(number)


def test_the_key_is_on_no_command_line(
    other_sandbox: Gateways, start_send: Start, long_list: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "S3CRET-of-the-test"
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret)
    gateway = other_sandbox("--latency", "20s")
    process = start_send(long_list(4), gateway.url, "--rate", 0, "--processes", 2)
    for number in (process.pid, *senders_of(process, 2)):
        assert secret.encode() not in Path(f"/proc/{number}/cmdline").read_bytes()


def test_a_sender_that_is_killed_leaves_what_it_had_in_doubt_and_the_run_goes_on(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "100ms")
    options = ("--rate", 0, "--workers", 8, "--processes", 2, "--breaker", 1)
    process = start_send(path, gateway.url, *options, quiet=False)
    ids = senders_of(process, 2)
    gateway.until(12, process)
    os.kill(ids[0], signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    (told,) = [line for line in err.splitlines() if "a sender process has ended" in line]
    assert "(SIGKILL)" in told
    assert "sender processes left: 1" in told
    result = statuses(path)
    in_doubt = result.pop(("in_doubt", "run.CRASHED"))
    assert f"{in_doubt} are in doubt" in told
    assert 1 <= in_doubt <= 4, "as many as it has threads"
    assert result == {("accepted", "OK"): ROWS - in_doubt}
    assert max(phones(gateway).values()) == 1
    assert len(phones(gateway)) >= ROWS - in_doubt


@pytest.mark.long
def test_a_sender_that_stands_still_leaves_what_it_had_in_doubt_and_the_run_goes_on(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "100ms")
    process = start_send(path, gateway.url, "--rate", 0, "--workers", 8, "--processes", 2, quiet=False)
    ids = senders_of(process, 2)
    gateway.until(12, process)
    os.kill(ids[0], signal.SIGSTOP)
    _, err = process.communicate(timeout=3 * PATIENCE)
    assert process.returncode == 1, err
    assert "said nothing for 60 seconds" in err
    assert "a sender process has ended (SIGKILL)" in err
    result = statuses(path)
    in_doubt = result.pop(("in_doubt", "run.CRASHED"))
    assert 1 <= in_doubt <= 4, "as many as it has threads"
    assert result == {("accepted", "OK"): ROWS - in_doubt}
    assert max(phones(gateway).values()) == 1


def test_without_any_sender_the_run_stops_and_the_same_command_goes_on(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "100ms")
    options = ("--rate", 0, "--workers", 8, "--processes", 2)
    process = start_send(path, gateway.url, *options)
    ids = senders_of(process, 2)
    gateway.until(12, process)
    for number in ids:
        os.kill(number, signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert "All sender processes have ended" in out
    assert "Traceback" not in err
    result = statuses(path)
    in_doubt = result[("in_doubt", "run.CRASHED")]
    assert 1 <= in_doubt <= 8
    assert set(result) == {("accepted", "OK"), ("in_doubt", "run.CRASHED"), ("not_sent", "run.STOPPED")}
    process = start_send(path, gateway.url, *options)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert statuses(path) == {("accepted", "OK"): ROWS - in_doubt, ("in_doubt", "run.CRASHED"): in_doubt}
    assert max(phones(gateway).values()) == 1


def test_senders_end_when_whoever_began_them_is_killed(
    other_sandbox: Gateways, start_send: Start, long_list: List
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "200ms")
    process = start_send(path, gateway.url, "--rate", 0, "--workers", 8, "--processes", 2)
    ids = senders_of(process, 2)
    gateway.until(8, process)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    for number in ids:
        until_gone(number)
    there = len(gateway.messages())
    process = start_send(path, gateway.url, "--rate", 0, "--workers", 8, "--processes", 2)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    result = statuses(path)
    assert set(result) == {("accepted", "OK"), ("in_doubt", "run.CRASHED")}
    assert there <= 16
    assert result[("in_doubt", "run.CRASHED")] <= 8
    assert max(phones(gateway).values()) == 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_all_of_them_as_a_terminal_sends_it_stops_the_run_cleanly(
    other_sandbox: Gateways, start_send: Start, long_list: List, name: str
) -> None:
    path, gateway = long_list(ROWS), other_sandbox("--latency", "300ms")
    process = start_send(path, gateway.url, "--rate", "40/s", "--processes", 2)
    gateway.until(1, process)
    os.killpg(process.pid, getattr(signal, name))
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, err
    assert name in out
    assert err == ""
    there = len(gateway.messages())
    assert statuses(path) == {("accepted", "OK"): there, ("not_sent", "run.STOPPED"): ROWS - there}


SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--quiet", "--processes", 2)


def test_they_keep_one_rate_together(batch_sms: Run, long_list: List, gateway: Sandbox) -> None:
    said = batch_sms("send", long_list(151), *SETTINGS, "--endpoint", gateway.url, "--rate", "100/s")
    assert said.code == 0, said.err
    moments = sorted(datetime.fromisoformat(sent["At"]) for sent in gateway.accepted)
    assert len(moments) == 151
    assert moments[-1] - moments[0] > timedelta(seconds=1.35), "150 intervals of 10 ms; each at its own rate takes half"


def test_a_clock_that_is_off_is_corrected_for_all_of_them(batch_sms: Run, long_list: List, key: None) -> None:
    with Sandbox(clock=lambda: datetime.now(UTC) + timedelta(hours=9)) as gateway:
        options = ("--endpoint", gateway.url, "--rate", 0, "--workers", 2)
        said = batch_sms("send", long_list(20), *SETTINGS, *options)
        assert said.code == 0, said.err
        assert gateway.requests["OK"] == 20
        assert gateway.requests["InvalidTimeStamp.Expired"] <= 2, "each finds it out at most once"
    assert "clock is 9:00:00 behind" in said.out
