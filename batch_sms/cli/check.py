"""``batch-sms check``: read and check a list, and report on it. Needs no key and no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from batch_sms import words
from batch_sms.cli.options import PATH, put_on
from batch_sms.errors import BatchSmsError, NotConfirmedError, UnexpectedError
from batch_sms.options import LIST, MESSAGE, RATE, TIMES


@click.command(short_help="Check a list and report on it; send nothing.")
@click.argument("list_file", metavar="LIST", type=PATH)
@put_on((*LIST, *MESSAGE, RATE, *TIMES))
@click.option("-o", "--output", type=PATH, metavar="FILE",
              help="Write the list with the problems beside each row, .csv or .xlsx.")  # fmt: skip
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of report and sheet.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report, or what stops it, as one JSON object.")
def check(*, list_file: Path, as_json: bool, **settings: Any) -> int:
    """Check LIST (CSV or a workbook; - reads CSV from standard input) and show what is in it and what is wrong.

    Exit codes: 0 no problems; 1 some rows are invalid; 2 the list or the settings can't be read.
    """
    from batch_sms import run  # noqa: PLC0415 (help answers without it)
    from batch_sms.campaign import Campaign  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415
    from batch_sms.cli.progress import Progress  # noqa: PLC0415

    with _stops_as_json(list_file.name, settings["lang"]) if as_json else nullcontext():
        campaign = Campaign(list=list_file, **settings)
        with Progress(campaign.lang, campaign.list_name) as progress:
            report = run.check(campaign, progress)
    if as_json:
        click.echo(json.dumps(show.report_as_dict(report, campaign.lang), ensure_ascii=False))
    else:
        click.echo(show.checked(report, campaign))
        if campaign.output is not None:
            click.echo("\n".join(show.where(campaign.output, report.rows, campaign.lang)))
    return 1 if report.invalid else 0


@contextmanager
def _stops_as_json(list_name: str, lang: str) -> Iterator[None]:
    """Print what stops the command as one JSON object, too: whoever reads that reads no standard error."""
    try:
        yield
    except BatchSmsError as error:
        _print_stop(error, list_name, lang)
        raise
    except (KeyboardInterrupt, click.Abort):
        _print_stop(NotConfirmedError("not_confirmed"), list_name, lang)
        raise
    except Exception as error:
        _print_stop(UnexpectedError("unexpected_unsent", reason=type(error).__name__), list_name, lang)
        raise


def _print_stop(error: BatchSmsError, list_name: str, lang: str) -> None:
    """With what the list holds, as a report has it."""
    said = {"code": error.key, "message": error.say(lang)}
    click.echo(json.dumps({"list": list_name, "error": said, "exit_code": error.exit_code}, ensure_ascii=False))
