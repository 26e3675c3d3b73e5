"""A watcher that is killed, and a second one on its folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox, read_result

ROWS = 120


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start watchers of one folder as processes; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "batch_sms", "watch", str(folder), "--settle", "100ms", *options]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENCE)


def write_campaign(folder: Path, gateway: OtherSandbox, rate: str) -> None:
    """The folder's campaign; its rate is no part of what a run is."""
    (folder / "campaign.toml").write_text(
        f'message = {{ sign = "ACME", template = "SMS_1" }}\nsending = {{ endpoint = "{gateway.url}", rate = "{rate}" }}\n'
    )


def test_a_watcher_that_is_killed_loses_nothing_and_sends_nothing_twice(
    other_sandbox: Callable[..., OtherSandbox],
    watch: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    tmp_path: Path,
) -> None:
    gateway, folder = other_sandbox("--latency", "100ms"), tmp_path / "drop"
    folder.mkdir()
    write_campaign(folder, gateway, "10/s")
    long_list(ROWS).rename(folder / "list.csv")
    first = watch(folder)
    gateway.until(5, first)
    second = watch(folder)
    assert (second.wait(PATIENCE), first.poll()) == (4, None), "one watcher a folder"
    first.send_signal(signal.SIGKILL)
    first.wait(PATIENCE)
    assert (folder / "work" / "list.csv").exists()
    write_campaign(folder, gateway, "0")
    third = watch(folder, "--once")
    assert third.wait(PATIENCE) in {0, 1}, third.communicate()
    sent = Counter(message["PhoneNumbers"] for message in gateway.messages())
    assert set(sent.values()) == {1}
    result = read_result(folder / "done" / "list.result.csv")
    statuses = Counter(row["sms_status"] for row in result)
    assert len(result) == ROWS
    assert set(statuses) <= {"accepted", "in_doubt"}
    unsent = {row["phone"][4:] for row in result} - sent.keys()
    assert unsent <= {row["phone"][4:] for row in result if row["sms_status"] == "in_doubt"}
