"""``batch-sms runs`` and ``batch-sms result``: what was sent when, and its result sheet again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from batch_sms import words

_PATH = click.Path(path_type=Path)


def ledger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that only reads the ledger."""
    for option in (
        click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
                     help="Language of what it says."),
        click.option("--sandbox", is_flag=True, help="Look into the sandbox's ledger."),
        click.option("--ledger", type=_PATH, metavar="FILE",
                     help="The ledger (default: $BATCH_SMS_LEDGER, else your data folder)."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(short_help="Show what was sent when.")
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON, one object a line.")
@ledger_options
def runs(*, as_json: bool, ledger: Path | None, sandbox: bool, lang: str) -> int:
    """Show every run in the ledger: when it was begun, its list, and how many rows have each status."""
    from batch_sms import history  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import find_ledger  # noqa: PLC0415

    for run in history.runs(find_ledger(ledger, sandbox=sandbox)):
        begun = run.begun_at.isoformat(timespec="seconds")
        if as_json:
            statuses = {status.value: count for status, count in run.statuses.items()}
            facts = {
                "run": run.name,
                "list": run.list_name,
                "begun_at": begun,
                "output": run.output,
                "status": statuses,
            }
            click.echo(json.dumps(facts, ensure_ascii=False))
            continue
        counts = ", ".join(f"{count} {status.value}" for status, count in run.statuses.items() if count)
        click.echo(words.say("runs.line", lang, run=run.name, list=run.list_name, begun=begun, counts=counts))
    return 0


@click.command(short_help="Write a run's result sheet again.")
@click.argument("run")
@click.option("-o", "--output", type=_PATH, metavar="FILE", help="Where to (default: where it was).")
@ledger_options
def result(*, run: str, output: Path | None, ledger: Path | None, sandbox: bool, lang: str) -> int:
    """Write the result sheet of RUN again, from the ledger alone: the list is not needed any more."""
    from batch_sms import history  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import check_output, find_ledger  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415

    if output is not None:
        check_output(output)
    path, rows = history.result(find_ledger(ledger, sandbox=sandbox), run, output, lang)
    click.echo("\n".join(show.where(path, rows, lang)))
    return 0
