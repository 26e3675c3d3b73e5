"""The story of a run, top to bottom: check the list, ask, enter it into the ledger, send, write the result."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList, check_list
from batch_sms.checking.report import Report
from batch_sms.clock import Clock, RealClock
from batch_sms.connecting import credentials_of, gateway_of
from batch_sms.errors import NotConfirmedError, ResultError
from batch_sms.explain import Explainer
from batch_sms.gateway.credentials import Credentials
from batch_sms.ledger import Ledger, Run
from batch_sms.ledger.lock import hold
from batch_sms.model import Action, Attempt, Checked, Outcome, Pending, Record, Status
from batch_sms.sending.pool import Ending, Pool
from batch_sms.sheets import results
from batch_sms.signals import stopping
from batch_sms.summary import Summary
from batch_sms.watching import Unwatched, Watcher

ALREADY_SENT = "skip.ALREADY_SENT"
STOPPED = "run.STOPPED"
LIMIT = "run.LIMIT"
STRICT = "run.STRICT"
DRY_RUN = "run.DRY_RUN"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be sent, for a person to confirm: the check's report, and how much of it is left to send."""

    campaign: Campaign
    checked: CheckedList
    run_name: str
    to_send: int
    resumed: bool

    @property
    def report(self) -> Report:
        """The numbers of the whole list."""
        return self.checked.report


def check(campaign: Campaign, watch: Watcher | None = None) -> Report:
    """Read and check the whole list, and report on it. Sends nothing, needs no credentials. Raises BatchSmsError."""
    with _checked(campaign, watch or Unwatched()) as checked:
        return checked.report


def send(
    campaign: Campaign,
    *,
    confirm: Callable[[Plan], bool] = lambda _: True,
    watch: Watcher | None = None,
    clock: Clock | None = None,
) -> Summary:
    """Send a campaign's list, or go on with it where it was begun, and write the result sheet. Raises BatchSmsError.

    ``confirm`` sees the numbers of the whole checked list before the first message goes out.
    """
    watch, clock = watch or Unwatched(), clock or RealClock()
    credentials = credentials_of(campaign)
    if campaign.output_path is not None:
        results.check_writable(campaign.output_path)
    with _checked(campaign, watch) as checked:
        name = campaign.run or f"{campaign.list_name}-{checked.fingerprint[:10]}"
        if campaign.dry_run or (campaign.strict and checked.report.invalid):
            return _unsent(campaign, checked, name, confirm)
        with Ledger(campaign.ledger_path) as ledger, hold(campaign.ledger_path, name, clock.now()):
            run = _entered(campaign, checked, ledger, name, confirm=confirm, clock=clock)
            ending = _send_pending(campaign, ledger, run, credentials, watch=watch, clock=clock)
            _note_what_is_left(campaign, ledger, run, ending)
            return _finish(campaign, ledger, run, ending, watch)


@contextmanager
def _checked(campaign: Campaign, watch: Watcher) -> Iterator[CheckedList]:
    watch.begin("checking", None)
    try:
        checked = check_list(campaign, watch.moved)
    finally:
        watch.end()
    with checked:
        yield checked


def _entered(
    campaign: Campaign,
    checked: CheckedList,
    ledger: Ledger,
    base_name: str,
    *,
    confirm: Callable[[Plan], bool],
    clock: Clock,
) -> Run:
    """The run in the ledger, with this list in it, after a person agreed to what it will send."""
    name, run = _which_run(campaign, ledger, base_name)
    reopened = [Status.REJECTED] * campaign.retry_rejected + [Status.IN_DOUBT] * campaign.resend_in_doubt
    if run is not None:
        ledger.recover(run)
    if run is None or run.fingerprint != checked.fingerprint:
        tried = ledger.tried(run, reopened) if run is not None else frozenset()
        entries, to_send = _held_back(campaign, checked, ledger, name, tried=tried, now=clock.now())
        _ask(confirm, Plan(campaign, checked, name, to_send, run is not None))
        run = ledger.enter(
            name,
            checked.table.name,
            checked.fingerprint,
            checked.table.headers,
            entries(),
            now=clock.now(),
            again=campaign.again,
        )
    else:
        waiting = ledger.count_waiting(run, campaign.limit, [Status.NOT_SENT, *reopened])
        _ask(confirm, Plan(campaign, checked, name, waiting, resumed=True))
    for status in reopened:
        ledger.reopen(run, status)
    return run


def _which_run(campaign: Campaign, ledger: Ledger, base_name: str) -> tuple[str, Run | None]:
    """Go on with the run of this name; with ``--again`` begin a new one, unless one begun so is unfinished itself."""
    if not campaign.again:
        return base_name, ledger.run(base_name)
    latest, next_name = ledger.latest_of(base_name)
    if latest is not None and latest.again and ledger.count_waiting(latest, None, [Status.NOT_SENT]):
        return latest.name, latest
    return next_name, None


def _held_back(
    campaign: Campaign,
    checked: CheckedList,
    ledger: Ledger,
    name: str,
    *,
    tried: frozenset[tuple[bytes, int]],
    now: datetime,
) -> tuple[Callable[[], Iterator[Checked]], int]:
    """The rows to enter, those that another run has sent lately held back; and how many are left to send."""
    elsewhere: frozenset[bytes] = frozenset()
    if not campaign.again:
        identities = (row.identity for row in checked if row.sendable)
        elsewhere = ledger.sent_elsewhere(identities, name, now)

    def is_held(row: Checked) -> bool:
        return row.sendable and row.identity in elsewhere and (row.identity, row.occurrence) not in tried

    def entries() -> Iterator[Checked]:
        for row in checked:
            yield replace(row, skip=ALREADY_SENT) if is_held(row) else row

    done = 0
    if elsewhere or tried:
        for row in checked:
            if is_held(row):
                checked.report.hold_back(row, ALREADY_SENT)
            elif row.sendable and (row.identity, row.occurrence) in tried:
                done += 1
    to_send = checked.report.sendable - done
    return entries, to_send if campaign.limit is None else min(to_send, campaign.limit)


def _ask(confirm: Callable[[Plan], bool], plan: Plan) -> None:
    if plan.to_send and not confirm(plan):
        raise NotConfirmedError("not_confirmed")


def _send_pending(
    campaign: Campaign, ledger: Ledger, run: Run, credentials: Credentials, *, watch: Watcher, clock: Clock
) -> Ending:
    """Send what waits in the ledger, until it is all done or the run is stopped."""
    total = ledger.count_waiting(run, campaign.limit, [Status.NOT_SENT])
    if not total:
        return Ending(None)
    with gateway_of(campaign, credentials, clock) as gateway:
        pool = Pool(
            gateway,
            _RunBook(ledger, run, clock),
            rate=campaign.messages_per_second,
            most_threads=campaign.most_threads,
            clock=clock,
            random=random.Random(),  # noqa: S311 (keeps waits apart, guards nothing)
            tell=watch.moved,
        )
        watch.begin("sending", total)
        try:
            with stopping(lambda name: pool.stop(Outcome(Action.STOP, STOPPED, clock.now(), name))):
                return pool.run(ledger.pending(run, campaign.limit))
        except KeyboardInterrupt:
            ledger.recover(run)  # what was on its way can't be waited for any more
            return Ending(Outcome(Action.STOP, STOPPED, clock.now(), "SIGINT"))
        finally:
            watch.end()


@dataclass(frozen=True, slots=True)
class _RunBook:
    """The ledger as the pool needs it: one run's intents and outcomes."""

    ledger: Ledger
    run: Run
    clock: Clock

    def record(self, begun: Sequence[Pending], ended: Sequence[Attempt]) -> frozenset[int]:
        return self.ledger.record(self.run, begun, ended, self.clock.now())


def _note_what_is_left(campaign: Campaign, ledger: Ledger, run: Run, ending: Ending) -> None:
    """Why rows are left, for their lines in the result sheet."""
    if ending.stopped_by is not None:
        outcome = ending.stopped_by
        ledger.leave(run, STOPPED, outcome.message if outcome.code == STOPPED else f"{outcome.code} {outcome.message}")
    elif campaign.limit is not None:
        ledger.leave(run, LIMIT, "")


def _finish(campaign: Campaign, ledger: Ledger, run: Run, ending: Ending, watch: Watcher) -> Summary:
    """Write the result sheet from the ledger, and sum up."""
    output = _write(campaign, run.headers, lambda: ledger.records(run), ledger.path.parent, watch)
    return Summary(
        run=run.name,
        list_name=run.list_name,
        output=output,
        output_wanted=campaign.output_path,
        counts=ledger.counts(run),
        handed=ending.handed,
        seconds=ending.seconds,
        rate=ending.rate,
        stopped_by=ending.stopped_by,
    )


def _unsent(campaign: Campaign, checked: CheckedList, name: str, confirm: Callable[[Plan], bool]) -> Summary:
    """A dry run, or ``--strict`` with invalid rows: nothing is sent and nothing entered; the sheet says why."""
    code = DRY_RUN if campaign.dry_run else STRICT
    if campaign.dry_run:
        confirm(Plan(campaign, checked, name, checked.report.sendable, resumed=False))
    wanted = campaign.output if campaign.dry_run else campaign.output_path
    if wanted is not None:
        wanted = results.write(wanted, checked.table.headers, checked.unsent(code), Explainer(campaign.lang))
    counts = Counter((record.status, record.code, record.country) for record in checked.unsent(code))
    return Summary(name, checked.table.name, wanted, wanted, counts, refused=not campaign.dry_run)


def _write(
    campaign: Campaign, headers: Sequence[str], records: Callable[[], Iterable[Record]], elsewhere: Path, watch: Watcher
) -> Path | None:
    """The result sheet where it was asked for, else in the ledger's folder: the outcome of a run is never without one."""
    if campaign.output_path is None:
        return None
    watch.begin("writing", None)
    try:
        return results.write(campaign.output_path, headers, records(), Explainer(campaign.lang))
    except ResultError:
        return results.write(elsewhere / campaign.output_path.name, headers, records(), Explainer(campaign.lang))
    finally:
        watch.end()
