"""``batch-sms send``: its options, and how they become a campaign."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batch_sms import words
from batch_sms.errors import NotConfirmedError
from batch_sms.model import Role

if TYPE_CHECKING:
    from batch_sms.drafting import Plan

_PATH = click.Path(path_type=Path)


_EXIT_CODES = """\b
Exit codes:
  0  every sendable row was accepted, and none was invalid
  1  finished, but some rows are invalid, rejected or in doubt
  2  wrong usage, wrong settings or an unreadable list: nothing was sent
  3  stopped before the end: the same command goes on
  4  another process is sending this run
"""


def _pairs(_: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``NAME=TEXT``, split at the first equals sign."""
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{value}' has no name and equals sign; write {param.metavar}.")
        if name.strip() in pairs:
            raise click.BadParameter(f"'{name.strip()}' is given twice.")
        pairs[name.strip()] = text
    return pairs


def _roles(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``ROLE=HEADER``, with a role that is known."""
    pairs = {role.lower().replace("-", "_"): header for role, header in _pairs(context, param, values).items()}
    for role in pairs:
        if role not in tuple(Role):
            raise click.BadParameter(f"'{role}' is no role; the roles are {', '.join(Role)}.")
    return pairs


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def put_on(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return put_on


LIST_OPTIONS = _options(
    click.option("--sheet", metavar="NAME|N", help="Sheet of a workbook, by name or number (default: first visible)."),
    click.option("--encoding", metavar="NAME", help="Encoding of a CSV file (default: found out and shown)."),
    click.option("--hidden", type=click.Choice(["skip", "send"]), default="skip", show_default=True,
                 help="What to do with rows that are hidden or filtered out in the workbook."),
    click.option("--column", "columns", callback=_roles, multiple=True, metavar="ROLE=HEADER",
                 help="The column that holds a role: phone, country, sign, template, template_param, out_id."),
    click.option("--country", default="", metavar="XX", help="Country for rows without one: HK, HKG, 852 or a name."),
    click.option("--duplicates", type=click.Choice(["skip", "send"]), default="skip", show_default=True,
                 help="What to do with a message that stands in the list already."),
    click.option("--opt-outs", type=_PATH, metavar="FILE", help="Phones that must get nothing, one a line."),
    click.option("--landlines", type=click.Choice(["refuse", "allow"]), default="refuse", show_default=True,
                 help="Whether landline numbers are sent to; few of them take SMS."),
    click.option("--accept-possible", is_flag=True,
                 help="Take numbers that are long enough for a mobile, though no numbering plan known here has them."),
    click.option("--prices", type=_PATH, metavar="FILE",
                 help="Price per segment by country (columns country, price, currency): shows the cost first."),
)  # fmt: skip
MESSAGE_OPTIONS = _options(
    click.option("--sign", default="", metavar="NAME", help="Signature, where the list has no column for it."),
    click.option("--template", default="", metavar="CODE", help="Template code, where the list has no column for it."),
    click.option("--param", "params", callback=_pairs, multiple=True, metavar="NAME=TEXT",
                 help="A template parameter; {header} in TEXT is filled from the row. Then only these are sent."),
)  # fmt: skip
SENDING_OPTIONS = _options(
    click.option("--rate", multiple=True, metavar="N[/s|/m|/h|/d]", default=["20/s"], show_default=True,
                 help="Most messages a second, minute, hour or day; several hold together; 0 is no limit."),
    click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Most threads (default: as many as needed)."),
    click.option("--breaker", type=click.IntRange(min=0), default=50, show_default=True, metavar="N",
                 help="Stop when N rows in a row fail alike; 0 never does."),
    click.option("--connect-timeout", type=float, default=10.0, show_default=True, metavar="S",
                 help="Seconds to wait for a connection."),
    click.option("--read-timeout", type=float, default=10.0, show_default=True, metavar="S",
                 help="Seconds to wait for an answer."),
    click.option("--endpoint", metavar="URL", default="https://dysmsapi.aliyuncs.com", show_default=True,
                 help="The gateway."),
    click.option("--region", metavar="ID", default="cn-hangzhou", show_default=True, help="The gateway's region."),
    click.option("--api", type=click.Choice(["send-inter-sms"]), default="send-inter-sms", show_default=True,
                 help="The call that sends."),
    click.option("--signature", type=click.Choice(["v3", "v1"]), default="v3", show_default=True,
                 help="How requests are signed: v3 is ACS3-HMAC-SHA256, v1 is HMAC-SHA1."),
    click.option("--sandbox", is_flag=True, help="Send to a gateway inside this program: nothing real is sent."),
)  # fmt: skip
RUN_OPTIONS = _options(
    click.option("-o", "--output", type=_PATH, metavar="FILE", help="Result sheet, .csv or .xlsx (default: beside LIST)."),
    click.option("-y", "--yes", is_flag=True, help="Send without asking."),
    click.option("--dry-run", is_flag=True, help="Check and show only; send nothing."),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N sendable rows."),
    click.option("--strict", is_flag=True, help="Send nothing if any row is invalid."),
    click.option("--run", default="", metavar="NAME", help="Name of the run (default: made from the list)."),
    click.option("--again", is_flag=True, help="Start a new run of a list that was sent before."),
    click.option("--retry-rejected", is_flag=True, help="Send the rejected rows of this run again."),
    click.option("--resend-in-doubt", is_flag=True, help="Send the rows in doubt again; some may arrive twice."),
    click.option("--ledger", type=_PATH, metavar="FILE",
                 help="Database that remembers what was sent (default: $BATCH_SMS_LEDGER, else your data folder)."),
)  # fmt: skip
OUTPUT_OPTIONS = _options(
    click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
                 help="Language of reports and result sheets."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object."),
    click.option("-q", "--quiet", is_flag=True, help="No report and no progress before the summary."),
    click.option("-v", "--verbose", is_flag=True, help="A line for every attempt (without phone numbers)."),
)  # fmt: skip


@click.command(short_help="Check a list, send it, and write the result sheet.", epilog=_EXIT_CODES)
@click.argument("list_file", metavar="LIST", type=_PATH)
@LIST_OPTIONS
@MESSAGE_OPTIONS
@SENDING_OPTIONS
@RUN_OPTIONS
@OUTPUT_OPTIONS
def send(
    *, list_file: Path, rate: tuple[str, ...], yes: bool, as_json: bool, quiet: bool, verbose: bool, **settings: Any
) -> int:
    """Check LIST (CSV or a workbook; - reads CSV from standard input), ask, send its messages, and write the result sheet.

    The same command again goes on where it stopped; what was sent is not sent again. Access keys are taken from
    ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, the credentials file or the CLI's config.
    """
    from batch_sms import run, signals  # noqa: PLC0415 (help answers without them)
    from batch_sms.campaign import Campaign  # noqa: PLC0415
    from batch_sms.cli import show  # noqa: PLC0415
    from batch_sms.cli.progress import Progress  # noqa: PLC0415

    campaign = Campaign(list=list_file, rate=rate, **settings)

    def confirm(plan: Plan) -> bool:
        if not quiet:
            click.echo(show.plan(plan), err=True)
        if yes or campaign.sandbox or campaign.dry_run:
            return True
        if not sys.stdin.isatty():
            raise NotConfirmedError("no_terminal")
        return click.confirm(words.say("report.question", campaign.lang, count=plan.to_send), err=True)

    with Progress(campaign.lang, quiet=quiet, verbose=verbose) as progress:
        summary = run.send(campaign, confirm=confirm, watch=progress)
        signals.ignore()
    text = json.dumps(summary.as_dict(), ensure_ascii=False) if as_json else show.summary(summary, campaign)
    click.echo(text)
    return summary.exit_code
