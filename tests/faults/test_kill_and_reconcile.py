"""kill -9 at any moment over a network that cuts connections, then reconcile and send in turn: every row once at the gateway."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox, read_result

SETTLE = "1s"
"""Longer than the gateway takes to an answer: what it took is listed by then."""
MOST_TURNS = 60


def start_reconcile(url: str) -> subprocess.Popen[str]:
    settings = ("--settle", SETTLE, "--rate", "1000/s", "--quiet", "--endpoint", url)
    command = [sys.executable, "-m", "batch_sms", "reconcile", "r", *settings]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_within(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill it after so long, if it has not ended by then; says whether it had to be."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return True
    return False


@pytest.mark.parametrize(
    ("rows", "kills"), [pytest.param(200, 2, id="short"), pytest.param(10_000, 60, id="long", marks=pytest.mark.long)]
)
def test_every_row_is_accepted_exactly_once(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    rows: int,
    kills: int,
) -> None:
    path, seed = long_list(rows), random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    gateway = other_sandbox("--latency", "20ms", "--jitter", "40ms", "--cuts", "5%")

    def send() -> subprocess.Popen[str]:
        return start_send(path, gateway.url, "--run", "r", "--rate", 0, "--workers", 8)

    process = send()
    gateway.until(1, process)  # until then there may be no run to speak of
    killed = kill_within(process, chance.uniform(0, 0.5))
    kill_within(start_reconcile(gateway.url), chance.uniform(0.5, 3))
    for _ in range(kills - 1):
        killed += kill_within(send(), chance.uniform(0.5, 2))
        kill_within(start_reconcile(gateway.url), chance.uniform(0.5, 3))
    for _ in range(MOST_TURNS):
        reconcile = start_reconcile(gateway.url)
        said, err = reconcile.communicate(timeout=PATIENCE)
        assert reconcile.returncode in {0, 1}, (said, err, f"seed {seed}")
        if reconcile.returncode == 0 and not kill_within(process := send(), PATIENCE) and process.returncode == 0:
            break
    assert killed, "it was over before the first kill"
    sent = Counter(message["PhoneNumbers"] for message in gateway.messages())
    assert set(sent.values()) == {1}, f"sent twice, seed {seed}"
    assert len(sent) == rows, f"lost, seed {seed}"
    result = read_result(path.with_name("list.result.csv"))
    assert [row["sms_status"] for row in result] == ["accepted"] * rows, f"seed {seed}"
