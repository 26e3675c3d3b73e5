"""``batch-sms send``: check a list, send it, write the result sheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from batch_sms.cli.options import PATH, put_on
from batch_sms.errors import BatchSmsError
from batch_sms.options import ALL

EXIT_CODES = """\b
Exit codes:
  0  every sendable row was accepted, and none was invalid
  1  finished, but some rows are invalid, rejected or in doubt
  2  wrong usage, wrong settings or an unreadable list: nothing was sent
  3  stopped before the end: the same command goes on
  4  another process is sending this run
"""


@click.command(short_help="Check a list, send it, and write the result sheet.", epilog=EXIT_CODES)
@click.argument("list_file", metavar="LIST", type=PATH)
@put_on(ALL)
def send(*, list_file: Path, **settings: Any) -> int:
    """Check LIST (CSV or a workbook; - reads CSV from standard input), ask, send its messages, and write the result sheet.

    The same command again goes on where it stopped; what was sent is not sent again. Access keys are taken from
    ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, the credentials file or the CLI's config.
    """
    from batch_sms.campaign import Campaign  # noqa: PLC0415 (help answers without it)
    from batch_sms.cli.conduct import Manner, conduct  # noqa: PLC0415
    from batch_sms.cli.reporting import refuse  # noqa: PLC0415

    manner = Manner.taken_from(given := dict(settings))
    try:
        campaign = Campaign(list=list_file, **given)
    except BatchSmsError as error:
        return refuse(error, list_file.name, settings)
    return conduct([(campaign, manner)])
