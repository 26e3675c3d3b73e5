"""A campaign from its file, at the command line, over real HTTP to the sandbox."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.sandbox import SANDBOX_KEY_SECRET, TEST_NUMBERS, Sandbox

Run = Callable[..., Said]
Write = Callable[..., Path]
HEADER = ("phone", "name")
CHAN, LI = ("+85291234567", "Chan"), ("+8613800138000", "Li")
TEMPLATE = """
[list]
file = "{file}"
[message]
sign = "ACME"
template = "SMS_1"
[sending]
endpoint = "{url}"
rate = 0
{more}
"""


@pytest.fixture
def campaign(tmp_path: Path, gateway: Sandbox) -> Callable[..., Path]:
    """Write a campaign file that sends to the sandbox."""

    def write(file: str = "list.csv", more: str = "") -> Path:
        path = tmp_path / "spring.toml"
        path.write_text(TEMPLATE.format(file=file, url=gateway.url, more=more))
        return path

    return write


def numbers(gateway: Sandbox) -> list[str]:
    return sorted(sent["PhoneNumbers"] for sent in gateway.accepted)


def test_a_campaign_is_sent_without_a_question_and_goes_on_on_the_same_day(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox, tmp_path: Path
) -> None:
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    csv_list(HEADER, CHAN, LI, name=f"{today}.csv")
    path = campaign("{date}.csv", '[result]\noutput = "results/{date}.csv"\nrun = "spring-{date}"')
    said = batch_sms("run", path)
    assert said.code == 0, said.err
    assert f"Run spring-{today}" in said.out
    assert len(read_result(tmp_path / "results" / f"{today}.csv")) == 2, "the folder was made"
    said = batch_sms("run", path)
    assert (said.code, len(gateway.accepted)) == (0, 2)
    assert "sent before" in said.out


def test_the_next_day_is_a_new_run(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox
) -> None:
    csv_list(HEADER, CHAN, name="2026-12-01.csv")
    csv_list(HEADER, LI, name="2026-12-02.csv")
    path = campaign("{date}.csv", '[result]\nrun = "spring-{date}"')
    for day in ("2026-12-01", "2026-12-02", "2026-12-02T23:59"):
        assert batch_sms("run", path, "--date", day).code == 0
    assert len(gateway.accepted) == 2
    assert [line.split()[1] for line in batch_sms("runs").out.splitlines()] == [
        "spring-2026-12-01",
        "spring-2026-12-02",
    ]


def test_nothing_of_the_list_is_said_where_nobody_looks_on(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path]
) -> None:
    csv_list(HEADER, CHAN, ("12", "Li"))
    said = batch_sms("run", campaign())
    assert said.code == 1
    steps = [line.split("list: ")[1].split(";")[0] for line in said.err.splitlines()]
    assert steps == ["checking", "checked", "sending 1", "writing the result", "finished"]
    assert "91234567" not in said.err + said.out


def test_flags_override_the_file(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox, tmp_path: Path
) -> None:
    csv_list(HEADER, CHAN)
    flags = ("--sign", "Other", "--param", "x=Hi {name}", "-o", tmp_path / "here.csv", "--json")
    said = batch_sms("run", campaign(more="[message.params]\ny = '1'"), *flags)
    assert json.loads(said.out)["output"] == str(tmp_path / "here.csv")
    assert gateway.accepted[0]["SignName"] == "Other"
    assert json.loads(gateway.accepted[0]["TemplateParam"]) == {"x": "Hi Chan", "y": "1"}


def test_the_settings_are_printed_with_where_they_came_from(
    batch_sms: Run, campaign: Callable[..., Path], gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHO", 'AC"ME')
    more = '[message.params]\n"a b" = "Hi {name}"\n[list.columns]\nphone = "Tel"\n'
    path = campaign("{date}.csv", more)
    path.write_text(path.read_text().replace('"ACME"', '"${WHO}"'))
    said = batch_sms("run", path, "--print", "--date", "2026-12-01", "--workers", 4)
    assert said.code == 0, said.err
    settings = tomllib.loads(said.out)
    assert settings["list"]["file"] == str(tmp_path / "2026-12-01.csv")
    assert settings["message"]["sign"] == 'AC"ME'
    assert (settings["message"]["params"], settings["list"]["columns"]) == ({"a b": "Hi {name}"}, {"phone": "Tel"})
    assert (settings["sending"]["rate"], settings["sending"]["workers"]) == ("0", 4)
    assert settings["result"]["output"] == str(tmp_path / "2026-12-01.result.csv")
    came = dict(re.findall(r"^(\w+) = .*  # (.*)$", said.out, re.MULTILINE))
    assert came["file"] == f'{path}:3 ("{{date}}.csv")'
    assert came["sign"] == f'{path}:5 ("${{WHO}}")'
    assert (came["workers"], came["region"], came["ledger"]) == ("flag", "default", "environment, BATCH_SMS_LEDGER")
    assert "# sheet: not set" in said.out
    assert said.out.splitlines()[-1].startswith("# access key: ALIBABA_CLOUD_ACCESS_KEY_ID"), (
        "where the key is from is said, and nothing of it"
    )
    assert SANDBOX_KEY_SECRET not in said.out
    assert not gateway.requests


def test_what_is_printed_is_a_campaign_file_that_says_the_same(
    batch_sms: Run, campaign: Callable[..., Path], tmp_path: Path
) -> None:
    first = batch_sms("run", campaign(), "--print").out
    again = tmp_path / "again.toml"
    again.write_text(first)
    second = batch_sms("run", again, "--print")
    assert second.code == 0, second.err
    assert tomllib.loads(second.out) == tomllib.loads(first)


def test_each_list_that_matches_is_a_run_of_its_own(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox, tmp_path: Path
) -> None:
    csv_list(HEADER, LI, name="b.csv")
    csv_list(HEADER, CHAN, name="a.csv")
    (tmp_path / "~$a.csv").write_text("lock")
    path = campaign("*.csv", '[result]\nrun = "{list}-{date}"')
    said = batch_sms("run", path, "--json", "--date", "2026-12-01")
    assert said.code == 0, said.err
    assert [json.loads(line)["run"] for line in said.out.splitlines()] == ["a-2026-12-01", "b-2026-12-01"]
    assert [sent["PhoneNumbers"] for sent in gateway.accepted] == ["91234567", "13800138000"]
    assert (tmp_path / "a.result.csv").exists()
    batch_sms("run", path, "--date", "2026-12-01")
    assert len(gateway.accepted) == 2, "the results are no lists"
    printed = batch_sms("run", path, "--print", "--date", "2026-12-01").out
    assert f"#   {tmp_path / 'b.csv'} -> {tmp_path / 'b.result.csv'}  b-2026-12-01" in printed


def test_a_list_that_can_not_be_read_does_not_hinder_the_next_one(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("")
    csv_list(HEADER, CHAN, ("12", "Wu"), name="b.csv")
    csv_list(HEADER, LI, name="c.csv")
    said = batch_sms("run", campaign("*.csv"))
    assert said.code == 2, "what a person must mend is worse than rows that are invalid"
    (failed,) = (line for line in said.err.splitlines() if "a.csv is empty" in line)
    assert re.match(r"\d{4}-\d\d-\d\dT\S+ a: ", failed), "when, and which list"
    assert len(gateway.accepted) == 2
    said = batch_sms("run", campaign("*.csv"), "--json")
    lists = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["list"], one["exit_code"]) for one in lists] == [("a.csv", 2), ("b.csv", 1), ("c.csv", 0)]
    assert lists[0]["error"]["code"] == "list_empty"


def test_a_fault_of_the_account_ends_the_round(
    batch_sms: Run, csv_list: Write, campaign: Callable[..., Path], gateway: Sandbox, tmp_path: Path
) -> None:
    broke = next(number for number, test in TEST_NUMBERS.items() if test.code == "isv.AMOUNT_NOT_ENOUGH")
    (tmp_path / "a.csv").write_text("")
    csv_list(HEADER, (f"+1{broke}", "Chan"), name="b.csv")
    csv_list(HEADER, LI, name="c.csv")
    said = batch_sms("run", campaign("*.csv"), "--json")
    assert said.code == 3, "rows that are left come before all else"
    assert not gateway.accepted
    assert not (tmp_path / "c.result.csv").exists()
    assert re.search(r"^\S+ c: This list was not begun", said.err, re.MULTILINE)
    last = json.loads(said.out.splitlines()[-1])
    assert (last["list"], last["error"]["code"], last["exit_code"]) == ("c.csv", "not_begun", 3)


@pytest.mark.parametrize(
    ("more", "flags", "says"),
    [
        ("[sendng]\nx = 1", (), "sending"),
        ("secret = 'x'", (), "ALIBABA_CLOUD_ACCESS_KEY_ID"),
        ("", ("--rate", "fast"), "--rate fast"),
        ("", ("--date", "tomorrow"), "tomorrow"),
        ("[result]\nrun = '{day}'", (), "{date}"),
    ],
)
def test_a_campaign_that_can_not_hold_is_refused(
    batch_sms: Run,
    csv_list: Write,
    campaign: Callable[..., Path],
    gateway: Sandbox,
    more: str,
    flags: object,
    says: str,
) -> None:
    csv_list(HEADER, CHAN)
    said = batch_sms("run", campaign(more=more), *flags)
    assert said.code == 2
    assert says in said.err
    assert "Traceback" not in said.err
    assert not gateway.requests


def test_a_campaign_file_that_is_not_there_is_refused(batch_sms: Run, tmp_path: Path) -> None:
    said = batch_sms("run", tmp_path / "gone.toml", "--lang", "zh")
    assert said.code == 2
    assert "无法读取活动文件" in said.err


def test_a_refusal_is_a_line_of_json_where_that_was_asked_for(
    batch_sms: Run, campaign: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("+85291234567,x\nphone,name\n+85291234568,y\n")
    said = batch_sms("run", campaign(more='[result]\nlog_format = "json"'))
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert [line["event"] for line in lines] == ["failed"]
    assert (lines[0]["error"], lines[0]["exit_code"], said.code) == ("row_above_header", 2, 2)
    assert "91234567" not in said.err
