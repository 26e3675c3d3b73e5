"""One run at the command line, from its question to its last word, for ``send`` and for ``run``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any, Self

import click

from batch_sms import run, signals, words
from batch_sms.campaign import Campaign
from batch_sms.cli import show
from batch_sms.cli.progress import Progress
from batch_sms.drafting import Plan
from batch_sms.errors import NotConfirmedError
from batch_sms.options import MANNERS
from batch_sms.summary import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the command behaves: whether it asks, and what it says in which form."""

    yes: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: str = "text"

    @classmethod
    def taken_from(cls, settings: dict[str, Any]) -> Self:
        """Take these out of the settings; what is left there are fields of Campaign."""
        return cls(**{name: settings.pop(name) for name in MANNERS if name in settings})


def conduct(campaign: Campaign, manner: Manner) -> Summary:
    """Check, ask, send, and say what came of it: the summary on standard output, all else on standard error."""
    lang = campaign.lang

    def confirm(plan: Plan) -> bool:
        if not manner.quiet and manner.log_format == "text":
            click.echo(show.plan(plan), err=True)
        if manner.yes or campaign.sandbox or campaign.dry_run:
            return True
        if not sys.stdin.isatty():
            raise NotConfirmedError("no_terminal")
        return click.confirm(words.say("report.question", lang, count=plan.to_send), err=True)

    progress = Progress(
        lang, campaign.list_name, quiet=manner.quiet, verbose=manner.verbose, log_format=manner.log_format
    )
    with progress:
        summary = run.send(campaign, confirm=confirm, watch=progress)
        signals.ignore()
        progress.ended(summary)
    text = json.dumps(summary.as_dict(), ensure_ascii=False) if manner.json else show.summary(summary, campaign)
    click.echo(text)
    return summary
