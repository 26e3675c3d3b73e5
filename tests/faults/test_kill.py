"""kill -9 at any moment, any number of times, then the same command again: nobody twice, nobody lost."""

from __future__ import annotations

import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import OtherSandbox, read_result

THREADS = 8


def kill_and_go_on(start: Callable[[], subprocess.Popen[str]], most_kills: int, chance: random.Random) -> int:
    """Kill the sending at random moments and start it again, until it ends by itself; returns the number of kills."""
    for kills in range(most_kills):
        process = start()
        try:
            process.communicate(timeout=chance.uniform(0.3, 1.6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        else:
            return kills
    process = start()
    _, err = process.communicate(timeout=120)
    assert process.returncode in {0, 1}, err
    return most_kills


@pytest.mark.parametrize(
    ("rows", "most_kills", "processes"),
    [
        pytest.param(700, 8, 1, id="short"),
        pytest.param(500, 4, 2, id="short-two-processes"),
        pytest.param(20_000, 200, 1, id="long", marks=pytest.mark.long),
        pytest.param(20_000, 200, 2, id="long-two-processes", marks=pytest.mark.long),
    ],
)
def test_no_row_is_accepted_twice_and_none_is_lost(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    rows: int,
    most_kills: int,
    processes: int,
) -> None:
    path = long_list(rows)
    gateway = other_sandbox("--latency", "20ms", "--jitter", "40ms")
    seed = random.SystemRandom().randrange(1 << 32)
    options = ("--rate", 0, "--workers", THREADS, "--processes", processes)
    kills = kill_and_go_on(lambda: start_send(path, gateway.url, *options), most_kills, random.Random(seed))
    messages = gateway.messages()
    result = read_result(path.with_name("list.result.csv"))
    by_out_id = {message["OutId"]: message["BizId"] for message in messages}
    twice = [phone for phone, count in Counter(message["PhoneNumbers"] for message in messages).items() if count > 1]
    assert not twice, f"sent twice, seed {seed}"
    assert [row["phone"] for row in result] == [f"+8529{n:07d}" for n in range(1_000_000, 1_000_000 + rows)]
    statuses = Counter(row["sms_status"] for row in result)
    assert set(statuses) <= {"accepted", "in_doubt"}, f"seed {seed}"
    assert statuses["in_doubt"] <= kills * THREADS, f"more in doubt than were on their way, seed {seed}"
    for row in result:
        if row["sms_status"] == "accepted":
            assert by_out_id[row["sms_out_id"]] == row["sms_biz_id"]
        else:
            assert row["sms_code"] == "run.CRASHED"
