"""A signal to a campaign that waits, or that has more lists to send."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox

from batch_sms.ledger.lock import hold

CAMPAIGN = """
[list]
file = "*.csv"
[message]
sign = "ACME"
template = "SMS_1"
[sending]
endpoint = "URL"
rate = "20/s"
[schedule]
wait_lock = "10m"
[result]
run = "{list}"
report_file = "{list}.json"
log_format = "json"
"""


@pytest.fixture
def start_run(tmp_path: Path, other_sandbox: Callable[..., OtherSandbox]) -> Callable[[], subprocess.Popen[str]]:
    """Start a campaign of two lists of 40 rows each."""
    for number, name in enumerate("ab"):
        phones = (f"+8529{n}\n" for n in range(1_000_000 + 40 * number, 1_000_040 + 40 * number))
        (tmp_path / f"{name}.csv").write_text("phone\n" + "".join(phones))
    (tmp_path / "spring.toml").write_text(CAMPAIGN.replace("URL", other_sandbox().url))
    command = [sys.executable, "-m", "batch_sms", "run", str(tmp_path / "spring.toml")]
    return lambda: subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def events_until(process: subprocess.Popen[str], event: str) -> list[dict[str, object]]:
    """What it says up to this event, or to its end."""
    said: list[dict[str, object]] = []
    assert process.stderr is not None
    while not said or said[-1]["event"] != event:
        line = process.stderr.readline()
        if not line:
            break
        said.append(json.loads(line))
    return said


def end_of(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, object]]]:
    assert process.stderr is not None
    with closing(process.stderr):
        said = events_until(process, "")
        return process.wait(PATIENCE), said


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_who_waits_for_another_one_can_be_stopped_and_nothing_was_sent(
    start_run: Callable[[], subprocess.Popen[str]], tmp_path: Path, nobody_at_home: Path, name: str
) -> None:
    with hold(nobody_at_home / "ledger.db", "a", datetime.now().astimezone()):
        process = start_run()
        assert events_until(process, "waiting")[-1]["why"] == "lock"
        process.send_signal(getattr(signal, name))
        code, said = end_of(process)
    assert (code, [(line["event"], line["list"]) for line in said]) == (3, [("failed", "a"), ("failed", "b")])
    assert said[1]["error"] == "not_begun"
    assert name in str(said[0]["message"])
    assert json.loads((tmp_path / "a.json").read_text())["exit_code"] == 3
    assert not (tmp_path / "b.json").exists()


def test_a_signal_ends_the_round_and_the_next_start_goes_on_with_it(
    start_run: Callable[[], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = start_run()
    events_until(process, "sending")
    process.send_signal(signal.SIGTERM)
    code, said = end_of(process)
    assert (code, [line["event"] for line in said]) == (3, ["writing", "stopped", "failed"])
    assert (said[2]["list"], said[2]["error"]) == ("b", "not_begun")
    assert not (tmp_path / "b.json").exists(), "the second list was not begun"
    process = start_run()
    assert end_of(process)[0] == 0
    sent = [json.loads((tmp_path / f"{name}.json").read_text())["status"]["accepted"] for name in "ab"]
    assert sent == [40, 40]
