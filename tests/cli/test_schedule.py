"""When messages may go, at the command line: what is shown before, what is refused, and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import Said, read_result

Run = Callable[..., Said]
SEND = ("--sign", "ACME", "--template", "SMS_1", "--sandbox", "--run", "r")


@pytest.fixture
def path(csv_list: Callable[..., Path]) -> Path:
    return csv_list(("phone", "name"), ("+85291234567", "x"), ("+12125550123", "x"), ("+79161234567", "x"))


def test_check_shows_when_each_country_would_get_its_messages(batch_sms: Run, path: Path) -> None:
    said = batch_sms("check", path, "--hours", "09:00-20:00", "--json")
    schedule = json.loads(said.out)["schedule"]
    for country, zone in (("HK", 8), ("RU", 3)):
        first = datetime.fromisoformat(schedule[country]["first"])
        assert 9 <= (first.astimezone(UTC) + timedelta(hours=zone)).hour < 20
    said = batch_sms("check", path, "--hours", "09:00-20:00")
    assert "When they go" in said.out


def test_check_says_who_can_never_get_one(batch_sms: Run, path: Path, tmp_path: Path) -> None:
    said = batch_sms("check", path, "--hours", "09:00-10:00", "-o", tmp_path / "out.csv")
    assert "Held back (1): No hour" in said.out
    row = read_result(tmp_path / "out.csv")[2]
    assert (row["sms_status"], row["sms_code"]) == ("skipped", "skip.HOURS")
    assert "Europe/Moscow" in row["sms_message"]


def test_without_a_schedule_nothing_is_said_of_it(batch_sms: Run, path: Path) -> None:
    assert "When they go" not in batch_sms("check", path).out
    assert "schedule" not in json.loads(batch_sms("check", path, "--json").out)


def test_a_window_that_closes_too_early_is_shown(batch_sms: Run, path: Path) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    said = batch_sms("send", path, *SEND, "--rate", "1/m", "--not-after", end, "--dry-run")
    assert "Not sent before the time is over: 2" in said.err


def test_a_cap_that_lets_nothing_go_within_the_window_is_named_before_and_after(batch_sms: Run, path: Path) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=5)).isoformat(timespec="seconds")
    said = batch_sms("send", path, *SEND, "--rate", "2/h", "--not-after", end, "--log-format", "json")
    stopped = next(line for line in map(json.loads, said.err.splitlines()) if line["event"] == "stopped")
    assert "the cap 2/h is free again at" in stopped["message"]
    said = batch_sms("send", path, *SEND, "--rate", "2/h", "--not-after", end)
    assert "Not sent before the time is over: 1, as the cap 2/h is free again at" in said.err
    assert "Rate 2/h; none of them can go before the time is over. Run: r" in said.err
    assert "Stopped before the end: the cap 2/h is free again at" in said.out
    assert said.code == 3


def test_a_call_after_the_window_asks_nothing_and_sends_nothing(batch_sms: Run, path: Path) -> None:
    said = batch_sms("send", path, *SEND, "--not-after", "2020-01-01T00:00Z")
    assert said.code == 3
    assert "the time to send is over (it ended at 2020-01-01" in said.out
    assert {row["sms_code"] for row in read_result(path.with_name("list.result.csv"))} == {"run.WINDOW"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--not-before", "2026-07-01T09:00"), "For the time of this machine write 2026-07-01T09:00"),
        (("--not-before", "soon"), "write a time of day (09:00)"),
        (("--max-age", "2h"), "counted from --not-before"),
        (("--not-before", "09:00", "--max-age", "soon"), "--max-age"),
        (("--hours", "9-20"), "such as 09:00-20:00"),
        (("--days", "workdays"), "mon-fri"),
        (("--per-recipient", "2"), "such as 2/7d"),
        (("--rate", "0.5/h"), "whole number"),
        (("--not-before", "2026-07-01T09:00Z", "--not-after", "2026-07-01T08:00Z"), "closes before it opens"),
        (("--not-before", "15:00", "--not-after", "15:00"), "opens and closes at the same time of day"),
    ],
)
def test_what_can_not_hold_is_refused(batch_sms: Run, path: Path, options: tuple[str, ...], says: str) -> None:
    said = batch_sms("send", path, *SEND, *options)
    assert said.code == 2
    assert says in said.err


def test_the_pace_before_the_question_knows_caps(batch_sms: Run, path: Path) -> None:
    said = batch_sms("send", path, *SEND, "--rate", "2/h", "--dry-run")
    assert "Rate 2/h; this will take about 1:00:" in said.err
