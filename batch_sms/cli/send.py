"""``batch-sms send``: its options, and how they become a campaign."""

from __future__ import annotations

import sys
from json import dumps as to_json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batch_sms.cli.options import PATH, put_on
from batch_sms.errors import NotConfirmedError
from batch_sms.options import ALL

if TYPE_CHECKING:
    from batch_sms.drafting import Plan

_EXIT_CODES = """\b
Exit codes:
  0  every sendable row was accepted, and none was invalid
  1  finished, but some rows are invalid, rejected or in doubt
  2  wrong usage, wrong settings or an unreadable list: nothing was sent
  3  stopped before the end: the same command goes on
  4  another process is sending this run
"""


@click.command(short_help="Check a list, send it, and write the result sheet.", epilog=_EXIT_CODES)
@click.argument("list_file", metavar="LIST", type=PATH)
@put_on(ALL)
def send(*, list_file: Path, yes: bool, json: bool, quiet: bool, verbose: bool, **settings: Any) -> int:
    """Check LIST (CSV or a workbook; - reads CSV from standard input), ask, send its messages, and write the result sheet.

    The same command again goes on where it stopped; what was sent is not sent again. Access keys are taken from
    ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, the credentials file or the CLI's config.
    """
    from batch_sms import run, signals  # noqa: PLC0415 (help answers without them)
    from batch_sms.campaign import Campaign  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415
    from batch_sms.cli.progress import Progress  # noqa: PLC0415

    campaign = Campaign(list=list_file, **settings)

    def confirm(plan: Plan) -> bool:
        for line in show.never_quiet(plan) if quiet else [show.plan(plan)]:
            click.echo(line, err=True)
        if yes or campaign.sandbox or campaign.dry_run:
            return True
        if not sys.stdin.isatty():
            raise NotConfirmedError("no_terminal")
        return click.confirm(show.question(plan), err=True)

    with Progress(campaign.lang, quiet=quiet, verbose=verbose) as progress:
        summary = run.send(campaign, confirm=confirm, watch=progress)
        signals.ignore()
    text = to_json(summary.as_dict(), ensure_ascii=False) if json else show.summary(summary, campaign)
    click.echo(text)
    return summary.exit_code
