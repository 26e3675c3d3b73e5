"""A scheduler that starts a campaign while an earlier start still runs, and kills some: none twice, none missing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox, read_result

DAYS = ("2026-12-01", "2026-12-02")
CAMPAIGN = """
[list]
file = "lists/{date}.csv"
[message]
sign = "ACME"
template = "SMS_1"
[sending]
endpoint = "URL"
rate = "100/s"
[result]
output = "results/{date}.csv"
report_file = "reports/{date}.json"
run = "spring-{date}"
"""


class Scheduler:
    """Starts the command, and keeps what has not ended yet."""

    def __init__(self, campaign: Path) -> None:
        self._command = [sys.executable, "-m", "batch_sms", "run", str(campaign), "--quiet"]
        self.running: list[subprocess.Popen[bytes]] = []
        self.codes: list[int] = []

    def start(self, *flags: str) -> None:
        self.running.append(
            subprocess.Popen([*self._command, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )

    def collect(self) -> None:
        for process in [process for process in self.running if process.poll() is not None]:
            self.running.remove(process)
            self.codes.append(process.returncode)

    def wait(self) -> list[int]:
        """The exit codes of what ran still."""
        running, self.running = self.running, []
        return [process.wait(PATIENCE) for process in running]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Callable[[str], Scheduler]]:
    made: list[Scheduler] = []

    def of(url: str) -> Scheduler:
        (tmp_path / "spring.toml").write_text(CAMPAIGN.replace("URL", url))
        made.append(Scheduler(tmp_path / "spring.toml"))
        return made[-1]

    yield of
    for one in made:
        for process in one.running:
            process.kill()
            process.wait()


def a_list_for(day: str, rows: int, folder: Path) -> set[str]:
    """Write the list of a day; gives its numbers."""
    first = 1_000_000 + 10_000 * DAYS.index(day)
    numbers = {f"9{number}" for number in range(first, first + rows)}
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / f"{day}.csv").write_text("phone\n" + "".join(f"+852{number}\n" for number in sorted(numbers)))
    return numbers


@pytest.mark.parametrize(("rows", "kills"), [(60, 2), pytest.param(600, 20, marks=pytest.mark.long)])
def test_starts_that_overlap_and_are_killed_send_each_row_once_and_miss_none(
    *,
    other_sandbox: Callable[..., OtherSandbox],
    scheduler: Callable[[str], Scheduler],
    tmp_path: Path,
    rows: int,
    kills: int,
) -> None:
    gateway = other_sandbox("--latency", "20ms", "--jitter", "20ms")
    cron, dice = scheduler(gateway.url), random.Random(6)
    wanted: set[str] = set()
    for day in DAYS:
        wanted |= a_list_for(day, rows, tmp_path)
        for _ in range(kills):
            before = len(gateway.messages())
            cron.start("--date", day)
            cron.start("--date", day)
            while len(gateway.messages()) < before + 5 and any(process.poll() is None for process in cron.running):
                pass
            how = dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
            for process in cron.running[:1]:
                process.send_signal(how)
            cron.collect()
        codes = cron.wait()
        cron.start("--date", day)
        last = cron.wait()
        assert {*codes, *cron.codes} <= {0, 1, 3, 4, -signal.SIGKILL, -signal.SIGTERM}
        assert set(last) <= {0, 1}, "what is left after the kills is sent, but for what is in doubt"
    sent = Counter(message["PhoneNumbers"] for message in gateway.messages())
    assert set(sent.values()) == {1}, "none twice"
    status: dict[str, str] = {}
    for day in DAYS:
        status |= {row["sms_phone"][4:]: row["sms_status"] for row in read_result(tmp_path / "results" / f"{day}.csv")}
    assert set(status) == wanted
    assert set(status.values()) <= {"accepted", "in_doubt"}, "none is left"
    missing = wanted - set(sent)
    assert {status[number] for number in missing} <= {"in_doubt"}, "none is missing but what was killed on its way"
