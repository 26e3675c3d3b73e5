"""``batch-sms watch`` as a command: what its campaign file may say, and what it does with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Hook, Said

from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
GOOD, BAD = "+85291234567", "12"


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def folder(tmp_path: Path, gateway: Sandbox) -> Callable[..., Path]:
    """A hot folder with lists, whose campaign has these lines under ``[result]``, and further tables."""

    def make(result: str, more: str = "", **lists: str) -> Path:
        folder = tmp_path / "drop"
        folder.mkdir()
        settings = f'message = {{ sign = "ACME", template = "SMS_1" }}\n[result]\n{result}\n[sending]\nrate = "0"\n'
        (folder / "campaign.toml").write_text(f'{settings}endpoint = "{gateway.url}"\n{more}\n')
        for name, phone in lists.items():
            (folder / f"{name}.csv").write_text(f"phone\n{phone}\n")
        return folder

    return make


def watch_once(batch_sms: Run, folder: Path, *options: str) -> Said:
    return batch_sms("watch", folder, "--once", "--settle", "10ms", *options)


def test_each_list_is_reported_to_its_own_file_and_to_the_hook(
    batch_sms: Run, folder: Callable[..., Path], hook: Hook
) -> None:
    there = folder(f'report = "{hook.url}"\nreport_file = "../reports/{{date:%Y}}.json"', good=GOOD, bad=BAD)
    said = watch_once(batch_sms, there)
    assert said.code == 1, said.err
    reports = {
        path.stem.rpartition("-")[2]: json.loads(path.read_text()) for path in (there.parent / "reports").iterdir()
    }
    assert {name: report["exit_code"] for name, report in reports.items()} == {"good": 0, "bad": 1}
    assert reports["good"]["output"] == str(there / "done" / "good.result.csv")
    assert sorted(report["list"] for report in hook.got) == ["bad.csv", "good.csv"]


def test_a_report_that_can_not_be_written_keeps_the_list_in_work(batch_sms: Run, folder: Callable[..., Path]) -> None:
    there = folder('report_file = "reports/{list}"', good=GOOD)
    (there / "reports" / "good").mkdir(parents=True)
    said = watch_once(batch_sms, there)
    assert said.code == 3
    assert "good.csv: stays in work" in said.err
    assert (there / "work" / "good.csv").exists()


def test_a_hook_that_does_not_listen_costs_nothing_but_a_line(
    batch_sms: Run, folder: Callable[..., Path], hook: Hook
) -> None:
    hook.close()
    there = folder(f'report = "{hook.url}"', good=GOOD)
    said = watch_once(batch_sms, there)
    assert said.code == 0
    assert "good.csv: the report could not be delivered." in said.err
    assert "S3CRET" not in said.err


@pytest.mark.parametrize(
    ("key", "result", "more"),
    [
        ("json", "json = true", ""),
        ("output", 'output = "a.csv"', ""),
        ("yes", "", "yes = true"),
        ("dry_run", "", "dry_run = true"),
        ("test_to", "", f'test_to = "{GOOD}"'),
        ("file", "", '[list]\nfile = "x.csv"'),
    ],
)
def test_keys_that_say_nothing_of_a_folder_are_refused(
    batch_sms: Run, folder: Callable[..., Path], key: str, result: str, more: str
) -> None:
    there = folder(result, more, good=GOOD)
    said = watch_once(batch_sms, there)
    assert said.code == 2
    assert f"a hot folder has no use for '{key}'" in said.err
    assert (there / "good.csv").exists()


@pytest.mark.parametrize("flags", [(), ("--log-format", "text")])
def test_how_it_speaks_may_stand_in_the_file_and_flags_override_it(
    batch_sms: Run, folder: Callable[..., Path], flags: tuple[str, ...]
) -> None:
    there = folder('lang = "zh"\nlog_format = "json"\nverbose = true', good=GOOD)
    lines = watch_once(batch_sms, there, *flags).err.splitlines()
    assert any("attempt" in line or "第 2 行" in line for line in lines)
    assert [line.startswith("{") for line in lines] == [not flags] * len(lines)


def events(said: Said) -> dict[str, dict[str, object]]:
    """The lines of a log by their event."""
    return {line["event"]: line for line in map(json.loads, said.err.splitlines())}


def test_why_a_list_stays_is_told_and_that_the_next_start_tries_it_again(
    batch_sms: Run, folder: Callable[..., Path]
) -> None:
    there = folder("", '[schedule]\nnot_after = "2020-01-01T00:00Z"', good=GOOD)
    stays = events(watch_once(batch_sms, there, "--log-format", "json"))["stays"]
    assert (stays["exit_code"], stays["again"], stays["code"]) == (3, False, "run.WINDOW")
    assert "the time to send is over" in str(stays["message"])
    said = watch_once(batch_sms, there)
    assert "good.csv: stays in work, and is tried again at the next start; exit code 3: the time to send" in said.err
    assert "the watcher goes on with them" in (there / "work" / "good.csv.txt").read_text()


def test_a_log_of_a_folder_has_the_counts_of_each_list(batch_sms: Run, folder: Callable[..., Path]) -> None:
    lines = events(watch_once(batch_sms, folder("", good=GOOD), "--log-format", "json"))
    assert [event for event in lines if event in ("taken", "finished", "done")] == ["taken", "finished", "done"]
    assert {name: lines["finished"][name] for name in ("list", "exit_code", "sent_now", "accepted", "rejected")} == {
        "list": "good.csv", "exit_code": 0, "sent_now": 1, "accepted": 1, "rejected": 0,
    }  # fmt: skip


def test_a_text_names_the_keys_of_the_options_that_it_advises(batch_sms: Run, folder: Callable[..., Path]) -> None:
    there = folder("")
    (there / "bad.csv").write_text("name\nChan\n")
    said = watch_once(batch_sms, there, "--log-format", "json")
    text = (there / "failed" / "bad.csv.txt").read_text()
    assert "--column phone=HEADER" in text
    assert 'In campaign.toml: --column NAME=VALUE is NAME = "VALUE" in [list.columns].' in text
    assert (events(said)["failed"]["error"], said.code) == ("no_phone_column", 2)


def test_no_text_of_a_summary_leads_to_a_key_that_sends_every_list_again(
    batch_sms: Run, folder: Callable[..., Path]
) -> None:
    there = folder('run = "{list}"', good=GOOD, same=GOOD)
    watch_once(batch_sms, there)
    text = "".join(path.read_text() for path in (there / "done").glob("*.txt"))
    assert "skip.ALREADY_SENT" in text
    assert "campaign.toml" not in text
