"""``batch-sms check``: read and check a list, and report on it. Needs no key and no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from batch_sms import words
from batch_sms.cli.options import PATH, put_on
from batch_sms.options import LIST, MESSAGE


@click.command(short_help="Check a list and report on it; send nothing.")
@click.argument("list_file", metavar="LIST", type=PATH)
@put_on((*LIST, *MESSAGE))
@click.option("-o", "--output", type=PATH, metavar="FILE",
              help="Write the list with the problems beside each row, .csv or .xlsx.")  # fmt: skip
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of report and sheet.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def check(*, list_file: Path, as_json: bool, **settings: Any) -> int:
    """Check LIST (CSV or a workbook; - reads CSV from standard input) and show what is in it and what is wrong.

    Exit codes: 0 no problems; 1 some rows are invalid; 2 the list or the settings can't be read.
    """
    from batch_sms import run  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import Campaign  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415
    from batch_sms.cli.progress import Progress  # noqa: PLC0415

    campaign = Campaign(list=list_file, **settings)
    with Progress(campaign.lang) as progress:
        report = run.check(campaign, progress)
    if as_json:
        click.echo(json.dumps(show.report_as_dict(report, campaign.lang), ensure_ascii=False))
    else:
        click.echo("\n".join(show.report(report, campaign)))
        if campaign.output is not None:
            click.echo("\n".join(show.where(campaign.output, report.rows, campaign.lang)))
    return 1 if report.invalid else 0
