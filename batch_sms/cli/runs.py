"""``batch-sms runs``, ``result`` and ``stop``: what was sent when, its result sheet again, and the end of what is being sent."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batch_sms import words

if TYPE_CHECKING:
    from batch_sms.history import Look, PastRun

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
@click.option("--watch", "watching", is_flag=True, help="Look again each second, until Ctrl-C.")
@ledger_options
def runs(*, as_json: bool, watching: bool, ledger: Path | None, sandbox: bool, lang: str) -> int:
    """Show every run in the ledger: when it was begun, its list, how many rows have each status, and whether it is being sent.

    With --watch, a terminal shows it anew each second; elsewhere a line is printed for each run that has changed.
    """
    from batch_sms import history  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import find_ledger  # noqa: PLC0415

    path = find_ledger(ledger, sandbox=sandbox)
    spoken = _as_json if as_json else partial(_line, lang=lang)
    if not watching:
        for run in history.runs(path):
            click.echo(spoken(run))
        return 0
    with suppress(KeyboardInterrupt):
        _show(history.watch(path), spoken, frames=sys.stdout.isatty() and not as_json)
    return 0


def _show(looks: Iterable[Look], spoken: Callable[[PastRun, float], str], *, frames: bool) -> None:
    """Each look as a frame on the terminal, as far as it has room; else the runs that have changed since the last."""
    said: dict[str, str] = {}
    for look in looks:
        lines = {run.name: spoken(run, look.rates.get(run.name, 0.0)) for run in look.runs}
        if frames:
            room = shutil.get_terminal_size().lines - 2
            click.echo("\x1b[H\x1b[J" + "\n".join(list(lines.values())[-room:]))
        else:
            for name, line in lines.items():
                if said.get(name) != line:
                    click.echo(line)
            sys.stdout.flush()
        said = lines


def _as_json(run: PastRun, rate: float = 0.0) -> str:
    facts = {
        "run": run.name,
        "list": run.list_name,
        "begun_at": run.begun_at.isoformat(timespec="seconds"),
        "output": run.output,
        "status": {status.value: count for status, count in run.statuses.items()},
        "sending": run.sending,
        "rate": round(rate, 1),
    }
    return json.dumps(facts, ensure_ascii=False)


def _line(run: PastRun, rate: float = 0.0, lang: str = words.DEFAULT) -> str:
    counts = ", ".join(f"{count} {status.value}" for status, count in run.statuses.items() if count)
    begun = run.begun_at.isoformat(timespec="seconds")
    line = words.say("runs.line", lang, run=run.name, list=run.list_name, begun=begun, counts=counts)
    if not run.sending:
        return line
    now = words.say("runs.rate", lang, rate=f"{rate:.1f}") if rate else ""
    return line + words.say("runs.sending", lang, rate=now)


@click.command(short_help="Write a run's result sheet again.")
@click.argument("run")
@click.option("-o", "--output", type=_PATH, metavar="FILE", help="Where to (default: where it was).")
@ledger_options
def result(*, run: str, output: Path | None, ledger: Path | None, sandbox: bool, lang: str) -> int:
    """Write the result sheet of RUN again, from the ledger alone: the list is not needed any more."""
    from batch_sms import history  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import check_output, find_ledger  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415
    from batch_sms.cli.progress import Progress  # noqa: PLC0415

    if output is not None:
        check_output(output)
    path, rows = history.result(find_ledger(ledger, sandbox=sandbox), run, output, lang, partial(Progress, lang))
    click.echo("\n".join(show.where(path, rows, lang)))
    return 0


@click.command(short_help="Stop a run that is being sent.")
@click.argument("run")
@click.option(
    "--wait",
    "patience",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait for its end.",
)
@ledger_options
def stop(*, run: str, patience: float, ledger: Path | None, sandbox: bool, lang: str) -> int:
    """Have the process that sends RUN stop it cleanly: what is on its way is still waited for, and the result is written.

    Exits with 0 when it has ended, 3 when it was asked but has not ended yet, 2 when nobody sends it.
    """  # fmt: skip
    from batch_sms import history  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import find_ledger  # noqa: PLC0415

    ended = history.stop(find_ledger(ledger, sandbox=sandbox), run, patience)
    click.echo(words.say(f"stop.{ended.name.lower()}", lang, run=run))
    return {history.Stop.STOPPED: 0, history.Stop.STOPPING: 3, history.Stop.NOT_RUNNING: 2}[ended]
