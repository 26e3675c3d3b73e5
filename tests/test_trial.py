"""A test run: the first message of the list to your own number, as often as you like, and nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.sandbox import TEST_NUMBERS, Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "name", "out id")
ROWS = (("12", "Wu", "0"), ("+85291234567", "Chan", "id-1"), ("+447400123456", "Bo", "id-2"))
MINE = "+6581234567"


@pytest.fixture
def command(csv_list: Write, gateway: Sandbox) -> tuple[object, ...]:
    return ("send", csv_list(HEADER, *ROWS), "--sign", "A", "--template", "S", "--endpoint", gateway.url, "--yes")


def sent(gateway: Sandbox) -> list[tuple[str, str]]:
    return [(one["PhoneNumbers"], json.loads(one["TemplateParam"])["name"]) for one in gateway.accepted]


def test_the_first_message_that_can_be_sent_goes_to_me_alone(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox, tmp_path: Path
) -> None:
    said = batch_sms(*command, "--test-to", MINE, "--run", "spring")
    assert said.code == 0, said.err
    assert sent(gateway) == [("81234567", "Chan")]
    assert gateway.accepted[0]["OutId"] != "id-1", "its receipt must not be taken for the row's"
    assert "spring-test" in said.out
    assert not list(tmp_path.glob("*.result.*"))


def test_it_can_be_repeated_and_the_list_is_sent_whole_after_it(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox, tmp_path: Path
) -> None:
    for _ in range(3):
        assert batch_sms(*command, "--test-to", MINE).code == 0
    assert batch_sms(*command).code == 1
    assert sent(gateway) == [("81234567", "Chan")] * 3 + [("91234567", "Chan"), ("7400123456", "Bo")]
    assert [row["sms_status"] for row in read_result(tmp_path / "list.result.csv")] == [
        "invalid",
        "accepted",
        "accepted",
    ]
    assert batch_sms(*command, "--test-to", MINE).code == 0
    assert len(gateway.accepted) == 6, "a test may come after the list, too"


def test_it_goes_now_whatever_the_schedule_says_and_says_so(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox
) -> None:
    schedule = ("--not-after", "2020-01-01T00:00Z", "--hours", "00:00-00:01", "--per-recipient", "1/d")
    for _ in range(2):
        said = batch_sms(*command, "--test-to", MINE, *schedule)
        assert (
            "and now, whatever --not-before, --not-after, --max-age, --hours, --days and --per-recipient say"
            in said.err
        )
    assert sent(gateway) == [("81234567", "Chan")] * 2


def test_my_own_row_of_the_list_is_not_held_back_by_a_test(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox
) -> None:
    batch_sms(*command, "--test-to", "+852 9123 4567")
    batch_sms(*command)
    assert sent(gateway) == [("91234567", "Chan")] * 2 + [("7400123456", "Bo")]


def test_a_test_is_no_message_that_a_cap_counts_nor_one_that_waits_for_its_hour(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox
) -> None:
    limits = ("--per-recipient", "1/7d")
    for _ in range(2):
        assert batch_sms(*command, *limits, "--test-to", "+85291234567", "--not-after", "2020-01-01T00:00Z").code == 0
    batch_sms(*command, *limits)
    assert sent(gateway) == [("91234567", "Chan")] * 3 + [("7400123456", "Bo")]


def test_a_test_that_stopped_leaves_the_next_one_to_begin_anew(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox
) -> None:
    broke = next(number for number, test in TEST_NUMBERS.items() if test.code == "isv.AMOUNT_NOT_ENOUGH")
    assert batch_sms(*command, "--test-to", f"+1{broke}").code == 3
    assert batch_sms(*command, "--test-to", MINE).code == 0
    assert sent(gateway) == [("81234567", "Chan")]


def test_what_says_which_rows_go_out_says_nothing_about_a_test(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox, tmp_path: Path
) -> None:
    said = batch_sms(
        *command, "--test-to", MINE, "--strict", "--limit", 1, "--again", "--report-file", tmp_path / "r.json"
    )
    assert (said.code, len(gateway.accepted)) == (0, 1)
    assert not (tmp_path / "r.json").exists()


def test_a_dry_run_of_a_test_shows_it_and_sends_nothing(
    batch_sms: Run, command: tuple[object, ...], gateway: Sandbox
) -> None:
    said = batch_sms(*command, "--test-to", MINE, "--dry-run")
    assert said.code == 0
    assert f"goes out, to {MINE}" in said.err
    assert f"row 3: {MINE} SG" in said.err
    assert not gateway.requests


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--test-to", "12345"), "no country"),
        (("--test-to", "+8521234567890123"), "--test-to: "),
        (("--test-to", "+442079460018"), "landline"),
        (("--test-to", MINE, "--opt-outs", "stop.txt"), "stands in stop.txt"),
    ],
)
def test_my_number_is_checked_as_any_phone(
    *,
    batch_sms: Run,
    command: tuple[object, ...],
    gateway: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stop.txt").write_text(f"{MINE}\n")
    for more in ((), ("--lang", "zh")):
        said = batch_sms(*command, *flags, *more)
        assert said.code == 2
    assert says in batch_sms(*command, *flags).err
    assert not gateway.requests


def test_my_number_stands_in_no_log(batch_sms: Run, command: tuple[object, ...]) -> None:
    said = batch_sms(*command, "--test-to", "+442079460018", "--log-format", "json")
    assert json.loads(said.err)["message"].startswith("--test-to: '…' is a landline")


def test_a_list_without_a_message_has_nothing_to_test_with(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(HEADER, ROWS[0])
    flags = ("--sign", "A", "--template", "S", "--endpoint", gateway.url, "--yes", "--test-to", MINE)
    said = batch_sms("send", path, *flags)
    assert said.code == 2
    assert "nothing to test with" in said.err
