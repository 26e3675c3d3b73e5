"""The recipes of the README for schedulers hold as far as that can be seen without a scheduler."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from harness import Said  # noqa: TC002 (a type in a test needs no block of its own)

from batch_sms.words import sentences

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SAMPLE = (ROOT / "samples" / "spring-offer.toml").read_text("utf-8")
VERIFY = shutil.which("systemd-analyze") or ""
COMMAND = "/opt/batch-sms/bin/batch-sms"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_sample_campaign_is_the_one_that_the_readme_shows() -> None:
    (shown,) = (block for block in blocks("toml") if "spring-offer.xlsx" in block)
    assert SAMPLE.endswith(shown)


def test_the_sample_campaign_runs_once_a_day(
    batch_sms: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    (command,) = (block for block in blocks("sh") if "spring-offer.toml" in block)
    words = shlex.split(command)[1:]
    said = batch_sms(*words)
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    assert said.code == 1, said.err
    assert f"Run spring-offer-{today}: spring-offer.xlsx, rows: 14\n  accepted          8\n" in said.out
    assert "finished; 8 accepted, 5 invalid, 1 skipped; exit code 1" in said.err
    assert "All of it was sent before" in batch_sms(*words).out


@pytest.mark.skipif(not VERIFY, reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    units = []
    for block in blocks("ini"):
        name, _, content = block.partition("\n")
        units.append(tmp_path / name.removeprefix("# "))
        content = content.replace(COMMAND, sys.executable).replace("/srv/sms", str(tmp_path)).replace("User=sms\n", "")
        units[-1].write_text(content)
    assert [unit.suffix for unit in units] == [".service", ".timer"]
    answer = subprocess.run([VERIFY, "verify", *units], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert [line for line in answer.stderr.splitlines() if "batch-sms" in line] == []


def test_cron_gets_one_line_without_a_percent_sign() -> None:
    (line,) = blocks("crontab")[0].splitlines()
    assert re.fullmatch(r"(\S+ ){5} cd \S+ && set -a && \. \S+ && \S+ run \S+ >>\S+ 2>&1", line)
    assert "%" not in line, "cron would read it as the end of the line"


def test_the_dag_is_python_and_starts_the_command() -> None:
    (dag,) = (block for block in blocks("python") if "airflow" in block)
    texts = [node.value for node in ast.walk(ast.parse(dag)) if isinstance(node, ast.Constant)]
    assert f"{COMMAND} run spring.toml --date {{{{ ds }}}}" in texts


@pytest.mark.parametrize("recipe", [blocks("crontab")[0], *blocks("ini")[:1], *blocks("bat"), *blocks("python")[:1]])
def test_each_recipe_takes_options_that_there_are(recipe: str, batch_sms: Callable[..., Said]) -> None:
    options = set(re.findall(r" (--[a-z-]+)", recipe))
    assert options <= set(re.findall(r"--[a-z-]+", batch_sms("run", "--help").out))


@pytest.mark.parametrize("event", sorted({key.partition(".")[2] for key in sentences("en") if key.startswith("log.")}))
def test_each_line_of_the_log_is_described(event: str) -> None:
    named = re.sub("^(waiting|stopped)_.*", r"\1", event)
    assert f"`{named}`" in README


def test_the_line_of_json_in_the_readme_is_json() -> None:
    (shown,) = (
        block for block in re.findall(r"^```\n(\{.*?)^```", README, re.MULTILINE | re.DOTALL) if "event" in block
    )
    assert json.loads(shown.replace(", …", ""))["event"] == "checked"
