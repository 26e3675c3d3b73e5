"""``batch-sms watch``: a hot folder, whose lists are sent by the folder's campaign."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from batch_sms.cli.options import PATH, put_on
from batch_sms.cli.send import EXIT_CODES
from batch_sms.options import ALL

_OPTIONS = ("sandbox", "ledger", "lang", "quiet", "verbose", "log_format")
"""What may be said about all lists here. All else is the campaign's."""


@click.command(short_help="Send the lists that are dropped into a folder.", epilog=EXIT_CODES)
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--once", is_flag=True, help="Send what has arrived, then end; for cron.")
@click.option("--settle", default="10s", show_default=True, metavar="TIME",
              help="How long a file must stand still before it is taken for whole.")  # fmt: skip
@put_on([option for option in ALL if option.name in _OPTIONS])
@click.pass_context
def watch(context: click.Context, /, *, folder: Path, once: bool, settle: str, **settings: Any) -> int:
    """Watch DIR, a hot folder: each list that is dropped into it is sent by the campaign.toml that stands there.

    A list that has stopped growing is moved to DIR/work and sent; then it goes to DIR/done or DIR/failed, with its result sheet
    and a text that says what became of it. Lists are sent one after the other, the oldest first, and nobody is asked. It looks
    into the folder each second, until Ctrl-C.
    """
    from batch_sms import signals  # noqa: PLC0415 (help answers without them)
    from batch_sms.cli.folder_campaign import FolderCampaign  # noqa: PLC0415
    from batch_sms.clock import RealClock  # noqa: PLC0415
    from batch_sms.durations import duration_of  # noqa: PLC0415
    from batch_sms.hot_folder.folder import Folder  # noqa: PLC0415
    from batch_sms.hot_folder.watch import Watch  # noqa: PLC0415

    seconds = duration_of(settle, "settle").total_seconds()
    there, clock = Folder(folder), RealClock()
    flags = {name: value for name, value in settings.items() if _is_given(context, name)}
    campaign = FolderCampaign(there, flags, clock)
    campaign.file()  # what is wrong with it is said now, not when the first list comes
    with there.held(clock.now()), signals.stopper() as taken:
        watching = Watch(there, campaign, settle=seconds, clock=clock, signals=taken, listener=campaign)
        return watching.once() if once else watching.for_ever()


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
