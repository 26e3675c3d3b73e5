"""``batch-sms receipts`` and ``batch-sms reconcile``: the word back, on what was accepted and on what is in doubt."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from batch_sms.cli.options import PATH, put_on
from batch_sms.cli.runs import ledger_options
from batch_sms.options import CALLING

_RATE = "20/s"
_IN_PATHS = re.compile("[A-Za-z0-9._~-]+")


def _asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both commands."""
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="No progress."),
        click.option("--json", "as_json", is_flag=True, help="Print what came of it as one JSON object."),
        click.option("-o", "--output", type=PATH, metavar="FILE", help="Result sheet (default: where it was)."),
        click.option(
            "--rate", default=_RATE, show_default=True, metavar="N[/s|/m]", help="Most questions a second or minute."
        ),
    ):
        command = option(command)
    return ledger_options(put_on(CALLING)(command))


@click.command(short_help="Ask what became of a run's messages.")
@click.argument("run", default="")
@click.option(
    "--wait",
    "patience",
    default="0s",
    show_default=True,
    metavar="TIME",
    help="Ask again, for so long, until most messages have their final word.",
)
@click.option(
    "--import",
    "pushed",
    type=PATH,
    metavar="FILE",
    help="Take receipts from FILE instead (SmsReport or GlobeSmsReport: a JSON array, or an object a line).",
)
@click.option(
    "--listen", "address", metavar="HOST:PORT", help="Take receipts that the provider pushes here, until Ctrl-C."
)
@click.option(
    "--token", metavar="TEXT", help="What must stand in the path of what is pushed (default: made anew and shown)."
)
@_asking
def receipts(
    *, run: str, patience: str, pushed: Path | None, address: str | None, token: str | None, **asking: Any
) -> int:
    """Ask the gateway for the delivery of each accepted message of RUN that has no final word yet, and write the result again.

    It can be broken off and repeated at any time. With --import or --listen receipts come another way, for all runs of the
    ledger; RUN's result sheet is written then if RUN is given.

    Exit codes: 0 every accepted message has its final word; 1 some wait for it; 2 wrong usage; 3 stopped before the end.
    """  # fmt: skip
    from batch_sms.cli.word_back import WordBack  # noqa: PLC0415 (help answers without it)
    from batch_sms.durations import duration_of  # noqa: PLC0415

    if pushed is not None and address is not None:
        raise click.UsageError("--import and --listen are two ways to take receipts. Give one of them.")
    back = WordBack.of(**asking)
    if address is not None:
        host, port = _address(address)
        return back.listen(host, port, secrets.token_urlsafe(16) if token is None else _token(token), run)
    if pushed is not None:
        return back.take(pushed, run)
    if not run:
        raise click.UsageError("Name the RUN to ask about; 'batch-sms runs' lists them.")
    return back.ask(run, duration_of(patience, "wait"))


@click.command(short_help="Settle a run's rows in doubt.")
@click.argument("run")
@click.option(
    "--settle",
    default="10m",
    show_default=True,
    metavar="TIME",
    help="How long after an attempt the gateway surely lists what it took.",
)
@_asking
def reconcile(*, run: str, settle: str, **asking: Any) -> int:
    """Ask the gateway about each row of RUN that is in doubt. Sends nothing.

    What the gateway has becomes accepted. What it certainly has not, becomes not_sent: the same send command takes it then. All
    else stays in doubt, and it is said why.

    Exit codes: 0 no row is in doubt any more; 1 some are; 2 wrong usage; 3 stopped before the end; 4 the run is being sent.
    """  # fmt: skip
    from batch_sms.cli.word_back import WordBack  # noqa: PLC0415 (help answers without it)
    from batch_sms.durations import duration_of  # noqa: PLC0415

    return WordBack.of(**asking).reconcile(run, duration_of(settle, "settle"))


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise click.BadParameter(f"'{text}' is no address; write one such as 127.0.0.1:8080.", param_hint="--listen")
    return host.strip("[]"), int(port)


def _token(text: str) -> str:
    if not _IN_PATHS.fullmatch(text):
        words = "it stands in an address: use letters without accents, digits and - . _ ~ only."
        raise click.BadParameter(words, param_hint="--token")
    return text
