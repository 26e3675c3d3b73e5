"""The README is part of the product: its commands and its tables are those of the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from batch_sms.cli import cli
from batch_sms.gateway.codes import all_codes
from batch_sms.sandbox import TEST_NUMBERS
from batch_sms.sheets.results import COLUMNS, FURTHER

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
OPTIONS = sorted(
    {
        (name, option)
        for name, command in cli.commands.items()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-")
    }
)


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section '{title}'"
    return found[1]


def first_block(title: str) -> str:
    found = re.search(r"^```\w*\n(.*?)^```", section(title), re.MULTILINE | re.DOTALL)
    assert found, f"the section '{title}' has no code block"
    return found[1].strip()


@pytest.mark.parametrize("title", ["Quick start", "Run the tests"])
def test_the_first_block_is_one_command(title: str) -> None:
    lines = first_block(title).replace("\\\n", " ").splitlines()
    assert len(lines) == 1


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_described(name: str) -> None:
    assert f"batch-sms {name}" in README


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_is_described(name: str, option: str) -> None:
    assert re.search(rf"`{re.escape(option)}[ `]", README), (
        f"batch-sms {name} has {option}, which the README does not tell of"
    )


def test_check_takes_the_options_of_the_tables_that_the_readme_says_it_does() -> None:
    tables = re.findall(r"^\| the (?:list|message): .*?(?=\n\n)", README, re.MULTILINE | re.DOTALL)
    spoken = {option for table in tables for option in re.findall(r"^\| `(--[a-z-]+)", table, re.MULTILINE)}
    assert len(tables) == 2
    assert spoken <= {option for name, option in OPTIONS if name == "check"}
    assert "but `--api`" not in README


def test_no_option_is_described_that_does_not_exist() -> None:
    known = {option for _, option in OPTIONS} | {"--help", "--version", "-h"}
    spoken = set(re.findall(r"`(--[a-z][a-z-]*)", README))
    assert not spoken - known


@pytest.mark.parametrize("column", [*COLUMNS, *(name for columns in FURTHER.values() for name in columns)])
def test_every_result_column_is_described(column: str) -> None:
    assert f"`{column}`" in README


@pytest.mark.parametrize("code", [code.code for code in all_codes() if code.layer in {"check", "skip", "net", "run"}])
def test_every_code_of_ours_is_described(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("number", sorted(TEST_NUMBERS)[:1] + sorted(TEST_NUMBERS)[-1:])
def test_the_test_numbers_are_told_of(number: str) -> None:
    assert f"+1 {number[:3]} {number[3:6]} {number[6:]}" in README


def test_the_help_of_every_command_answers() -> None:
    for name, command in cli.commands.items():
        with click.Context(command, info_name=name) as context:
            assert command.get_help(context)


def test_help_answers_without_the_heavy_libraries() -> None:
    script = (
        "import sys\nfrom batch_sms.cli import cli\n"
        "cli.main(['send', '--help'], standalone_mode=False)\n"
        "print(sorted({'pandas', 'openpyxl', 'requests', 'phonenumbers', 'sqlite3'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("options", "loaded"),
    [
        (("--dry-run",), []),
        (("--dry-run", "--hours", "00:00-24:00"), ["phonenumbers.tzdata"]),
        (("--sandbox",), ["requests"]),
    ],
)
def test_a_call_loads_only_what_it_needs(tmp_path: Path, options: tuple[str, ...], loaded: list[str]) -> None:
    script = (
        "import sys\nfrom batch_sms.cli import cli\n"
        "cli.main(sys.argv[1:], standalone_mode=False)\n"
        "print(sorted({'pandas', 'openpyxl', 'python_calamine', 'requests', 'phonenumbers.tzdata'} & set(sys.modules)))"
    )
    command = ["send", str(ROOT / "samples" / "welcome.csv"), "--sign", "A", "--template", "B", "--rate", "0", *options]
    places = ["-o", str(tmp_path / "result.csv"), "--ledger", str(tmp_path / "ledger.db")]
    answer = subprocess.run(
        [sys.executable, "-c", script, *command, *places], check=True, capture_output=True, text=True
    )
    assert answer.stdout.splitlines()[-1] == str(loaded)


def test_the_quick_start_sends_its_list_and_the_second_time_nothing(tmp_path: Path) -> None:
    words = shlex.split(first_block("Quick start").replace("\\\n", " "))
    job = words[words.index("send") :]
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    command = [sys.executable, "-m", "batch_sms", *job, "-o", str(tmp_path / "result.csv")]
    for said in ("Sent now: 12", "All of it was sent before"):
        answer = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        assert said in answer.stdout
