"""Who is told how a run ended, and of what."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from harness import Hook, Said

from batch_sms.ledger.lock import hold
from batch_sms.sandbox import Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "name")
CHAN = ("+85291234567", "Chan")


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def told(batch_sms: Run, gateway: Sandbox, hook: Hook, tmp_path: Path) -> Callable[..., tuple[Said, Any]]:
    """Send with both reports, which must say the same; gives what was said and reported."""

    def send(*arguments: object) -> tuple[Said, Any]:
        file = tmp_path / "report.json"
        reports = ("--report", hook.url, "--report-file", file)
        said = batch_sms(*arguments, "--sign", "A", "--template", "S", "--endpoint", gateway.url, *reports)
        report = json.loads(file.read_text("utf-8")) if file.exists() else None
        assert hook.got == ([report] if report else [])
        assert "S3CRET" not in said.err + said.out
        return said, report

    return send


def test_a_run_is_reported_as_its_summary(told: Any, csv_list: Write) -> None:
    said, report = told("send", csv_list(HEADER, CHAN, ("12", "Li")), "--yes", "--json", "--run", "spring")
    assert report == json.loads(said.out)
    assert (report["run"], report["status"]["accepted"], report["error"]) == ("spring", 1, None)
    assert report["exit_code"] == said.code == 1


@pytest.mark.parametrize(
    ("rows", "flags", "code"),
    [
        ((), (), "header_only"),
        ((CHAN,), (), "no_terminal"),
        ((CHAN,), ("--rate", "fast"), "rate_unreadable"),
        ((CHAN,), ("--yes", "-o", "gone/x.csv"), "output_not_writable"),
    ],
)
def test_a_run_that_fails_early_is_reported_too(told: Any, csv_list: Write, rows: Any, flags: Any, code: str) -> None:
    said, report = told("send", csv_list(HEADER, *rows), *flags, "--json")
    assert (said.code, report["exit_code"], report["list"], report["error"]["code"]) == (2, 2, "list.csv", code)
    assert json.loads(said.out) == report
    assert report["error"]["message"] in said.err


def test_nothing_of_the_list_is_told(told: Any, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("+85291234567,x\nphone,name\n+85291234568,y\n")
    said, report = told("send", tmp_path / "list.csv", "--yes")
    assert "91234567" in said.err, "the person who looks is"
    assert "91234567" not in json.dumps(report)


def test_who_comes_second_reports_nothing(told: Any, csv_list: Write, nobody_at_home: Path) -> None:
    with hold(nobody_at_home / "ledger.db", "spring", datetime.now().astimezone()):
        said, report = told("send", csv_list(HEADER, CHAN), "--yes", "--run", "spring")
    assert (said.code, report) == (4, None)


def test_a_dry_run_reports_nothing(told: Any, csv_list: Write) -> None:
    said, report = told("send", csv_list(HEADER, CHAN), "--dry-run")
    assert (said.code, report) == (0, None)
    said, report = told("send", csv_list(HEADER, CHAN), "--dry-run", "--rate", "fast")
    assert (said.code, report) == (2, None)


def test_a_hook_that_fails_is_said_and_changes_nothing(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, tmp_path: Path
) -> None:
    broken = Hook(500)
    command = ("send", csv_list(HEADER, CHAN), "--sign", "A", "--template", "S", "--endpoint", gateway.url, "--yes")
    said = batch_sms(*command, "--report", broken.url, "--quiet")
    assert said.code == 0
    assert "could not be posted to http://127.0.0.1" in said.err
    assert "HTTP 500" in said.err
    said = batch_sms(*command, "--report", broken.url, "--log-format", "json")
    assert json.loads(said.err.splitlines()[-1])["event"] == "report_failed"
    assert "S3CRET" not in said.err
    broken.close()


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--report", "http://example.com/S3CRET"), "plain http"),
        (("--report", "x"), "no address"),
        (("--report-file", "list.csv"), "is no report"),
        (("--report-file", "list.result.csv"), "is no report"),
        (("--report-file", "."), "is a folder"),
        (("--report-file", "gone/x.json"), "can't be written"),
    ],
)
def test_a_report_that_can_not_be_is_refused_before_anything_is_sent(
    *, batch_sms: Run, csv_list: Write, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, flags: Any, says: str
) -> None:
    path = csv_list(HEADER, CHAN)
    content = path.read_bytes()
    monkeypatch.chdir(path.parent)
    said = batch_sms("send", "list.csv", "--sign", "A", "--template", "S", "--endpoint", gateway.url, "--yes", *flags)
    assert said.code == 2
    assert said.err.count(says) == 1, "once"
    assert "S3CRET" not in said.err
    assert not gateway.requests
    assert path.read_bytes() == content


def test_a_campaign_reports_by_its_file_as_far_as_that_can_be_read(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "S3CRET")
    csv_list(HEADER, CHAN)
    path = tmp_path / "spring.toml"
    url = hook.url.replace("S3CRET", "${HOOK_TOKEN}")
    text = f"""
[list]
file = "LIST"
[message]
sign = "A"
template = "S"
[sending]
endpoint = "{gateway.url}"
[result]
report = "{url}"
report_file = "reports/{{list}}.json"
"""
    for name, code in (("list.csv", 0), ("*.txt", 2), ("{day}", 2)):
        path.write_text(text.replace("LIST", name))
        said = batch_sms("run", path)
        assert said.code == code, said.err
        assert hook.got[-1]["exit_code"] == code
    assert json.loads((tmp_path / "reports" / "list.json").read_text())["status"]["accepted"] == 1
    assert json.loads((tmp_path / "reports" / "spring.json").read_text())["error"]["code"] == "campaign_placeholder"
    printed = batch_sms("run", path, "--print", "--report-file", tmp_path / "x.json").err
    path.write_text(text.replace("LIST", "list.csv"))
    printed += batch_sms("run", path, "--print").out
    assert "S3CRET" not in printed
    assert len(hook.got) == 3, "to look is no run"
