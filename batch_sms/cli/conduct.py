"""Runs at the command line, each from its question to its last word, for ``send`` and for ``run``."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn, Self

import click

from batch_sms import run, signals
from batch_sms.campaign import Campaign
from batch_sms.cli import show
from batch_sms.cli.progress import Progress
from batch_sms.cli.reporting import Reporter
from batch_sms.drafting import Plan
from batch_sms.errors import (
    BatchSmsError,
    CredentialsError,
    InterruptedBeforeError,
    LedgerError,
    NotBegunError,
    NotConfirmedError,
    UnexpectedError,
)
from batch_sms.options import MANNERS
from batch_sms.sheets.reading import STANDARD_INPUT
from batch_sms.signals import Stopper
from batch_sms.summary import failure_as_dict

_STOPPED = 3
_WORST = (_STOPPED, 2, 4, 1, 0)
"""The exit code of several runs: what is left to be sent comes first, then what a person must mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the command behaves: whether it asks, and what it says in which form.

    ``from_file``: a campaign file is the yes where nobody can be asked, and the report with its phones goes into no log.
    """

    yes: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: str = "text"
    from_file: bool = False

    @classmethod
    def taken_from(cls, settings: dict[str, Any]) -> Self:
        """Take these out of the settings; what is left there are fields of Campaign."""
        return cls(**{name: settings.pop(name) for name in MANNERS if name in settings})

    def progress(self, campaign: Campaign) -> Progress:
        """Who looks on."""
        name = campaign.list_name
        return Progress(campaign.lang, name, quiet=self.quiet, verbose=self.verbose, log_format=self.log_format)


@dataclass(frozen=True, slots=True)
class Ended:
    """How one run ended; ``over`` says that none is to be begun after it."""

    exit_code: int
    over: bool


def conduct(runs: Iterable[tuple[Campaign, Manner]]) -> int:
    """One run after the other, each whatever became of those before it; gives the worst exit code.

    But none after what would befall all of them: a fault of the account, a ledger that fails, a signal. It is said which these are.
    """
    codes, waiting = [0], deque(runs)
    with signals.stopper() as taken:
        try:
            while waiting:
                ended = _conducted(*waiting.popleft(), taken)
                codes.append(ended.exit_code)
                if ended.over:
                    break
        finally:
            signals.ignore()
    for campaign, manner in waiting:
        _say_failed(campaign, manner, manner.progress(campaign), NotBegunError("not_begun"))
    return min(codes, key=_WORST.index)


def _conducted(campaign: Campaign, manner: Manner, taken: Stopper) -> Ended:
    """Check, ask, send, and say what came of it: the summary on standard output, all else on standard error."""
    progress = manner.progress(campaign)
    reporter = Reporter.of(campaign, progress.unheard)
    name = _name_of(campaign)
    try:
        with progress, taken.step(_interrupt):
            reporter.check()
            summary = run.send(campaign, confirm=partial(_confirmed, campaign, manner, progress), watch=progress)
    except BatchSmsError as error:
        _say_failed(campaign, manner, progress, error)
        reporter.tell_failure(error, name, campaign.run)
        return Ended(error.exit_code, over=isinstance(error, CredentialsError | LedgerError))
    except (KeyboardInterrupt, click.Abort):
        if not (manner.from_file and taken.first):
            unconfirmed = NotConfirmedError("not_confirmed")
            _print_failed(campaign, manner, unconfirmed)
            reporter.tell_failure(unconfirmed, name, campaign.run)
            raise
        interrupted = InterruptedBeforeError("interrupted_before", signal=taken.first)
        _say_failed(campaign, manner, progress, interrupted)
        reporter.tell_failure(interrupted, name, campaign.run)
        return Ended(_STOPPED, over=True)
    except Exception as error:
        unexpected = UnexpectedError("unexpected", reason=type(error).__name__)
        _print_failed(campaign, manner, unexpected)
        reporter.tell_failure(unexpected, name, campaign.run)
        raise
    progress.ended(summary)
    facts = summary.as_dict(campaign.lang)
    reporter.tell(facts)
    text = json.dumps(facts, ensure_ascii=False) if manner.json else show.summary(summary, campaign)
    click.echo(text)
    return Ended(summary.exit_code, over=summary.stopped_by is not None)


def _say_failed(campaign: Campaign, manner: Manner, progress: Progress, error: BatchSmsError) -> None:
    """Say that a list came to nothing, by its name where it may be one of several; to a program as JSON, too."""
    progress.failed(error, named=manner.from_file)
    _print_failed(campaign, manner, error)


def _print_failed(campaign: Campaign, manner: Manner, error: BatchSmsError) -> None:
    """Print to a program what a list came to; a person reads it elsewhere."""
    if manner.json:
        facts = failure_as_dict(error, _name_of(campaign), campaign.run, campaign.lang)
        click.echo(json.dumps(facts, ensure_ascii=False))


def _name_of(campaign: Campaign) -> str:
    """What a summary calls the list."""
    path = campaign.list_path
    return campaign.list_name if path is None or path == STANDARD_INPUT else path.name


def _interrupt(_: str) -> NoReturn:
    raise KeyboardInterrupt


def _confirmed(campaign: Campaign, manner: Manner, progress: Progress, plan: Plan) -> bool:
    """Show the plan, and ask where somebody is there to be asked. Raises NotConfirmedError where nobody is."""
    somebody = sys.stdin.isatty()
    if not manner.quiet and manner.log_format == "text" and (somebody or not manner.from_file):
        click.echo(show.plan(plan), err=True)
    else:
        for line in show.never_quiet(plan):
            progress.noted(line)
    if manner.yes or campaign.sandbox or campaign.dry_run:
        return True
    if not somebody:
        if manner.from_file:
            return True
        raise NotConfirmedError("no_terminal")
    return click.confirm(show.question(plan), err=True)
