"""``batch-sms run``: a campaign from its file, for schedulers."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from batch_sms.cli.options import PATH, put_on
from batch_sms.cli.send import EXIT_CODES
from batch_sms.errors import BatchSmsError
from batch_sms.options import ALL

_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command(short_help="Run a campaign from its file; for schedulers.", epilog=EXIT_CODES)
@click.argument("campaign_file", metavar="CAMPAIGN.toml", type=PATH)
@click.option("--print", "print_only", is_flag=True, help="Show the settings as they will hold; send nothing.")
@click.option("--date", "day", type=_DAY, metavar="DATE",
              help="The date that is filled into names (default: now), such as 2026-12-01 or 2026-12-01T09:00.")  # fmt: skip
@put_on(ALL)
@click.pass_context
def run(
    context: click.Context, /, *, campaign_file: Path, print_only: bool, day: datetime | None, **settings: Any
) -> int:
    """Send the list of CAMPAIGN.toml as it says there. The options of `send` may be given too, and override it.

    It asks only at a terminal. The same command again goes on where it stopped. A pattern as the list sends each list that
    matches in a run of its own.
    """
    from batch_sms.campaign_files.settings import Moment, read_campaign  # noqa: PLC0415 (help answers without them)
    from batch_sms.cli.conduct import Manner, conduct  # noqa: PLC0415
    from batch_sms.cli.reporting import make_folders_for, refuse  # noqa: PLC0415
    from batch_sms.cli.settings import Settings  # noqa: PLC0415
    from batch_sms.clock import RealClock  # noqa: PLC0415

    flags = {name: value for name, value in settings.items() if _is_given(context, name)}
    known: dict[str, Any] = flags
    try:
        moment = Moment((day or RealClock().now()).astimezone(), os.environ)
        file = read_campaign(campaign_file).overridden(flags)
        known = {name: file.alone(name, moment) for name in file.given}
        lists = [file.resolved(path, moment) for path in file.lists(moment)]
        runs = [(resolved.campaign, Manner(**resolved.manners, from_file=True)) for resolved in lists]
    except BatchSmsError as error:
        return refuse(error, campaign_file.name, {**known, "dry_run": print_only or known.get("dry_run")})
    if print_only:
        click.echo("\n".join(Settings(file, lists, runs[0][0].lang).lines()))
        return 0
    for campaign, _ in runs:
        if not campaign.dry_run:
            make_folders_for(campaign.output, campaign.report_file)
    return conduct(runs)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
