"""The story of a run, top to bottom: check the list, ask, enter it into the ledger, send, write the result."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList, check_list
from batch_sms.checking.report import Report
from batch_sms.clock import Clock, RealClock
from batch_sms.connecting import check_way_out, credentials_of, gateway_of
from batch_sms.drafting import Draft, Plan, drafted, name_of, unsent
from batch_sms.errors import BatchSmsError, LedgerError, NotConfirmedError, ResultError
from batch_sms.explain import Explainer
from batch_sms.gateway.credentials import Credentials
from batch_sms.ledger import Ledger, Run
from batch_sms.ledger.lock import hold
from batch_sms.ledger.spare import Spare
from batch_sms.model import Action, Attempt, Outcome, Pending, Record, Settled, Status
from batch_sms.sending.pool import BrokenError, Ending, Pool
from batch_sms.sheets import results
from batch_sms.signals import Stopper, stopper
from batch_sms.summary import Summary
from batch_sms.watching import Unwatched, Watcher

STOPPED = "run.STOPPED"
LIMIT = "run.LIMIT"
STRICT = "run.STRICT"
DRY_RUN = "run.DRY_RUN"
CHECKED = "run.CHECKED"


def check(campaign: Campaign, watch: Watcher | None = None) -> Report:
    """Read and check the whole list, and report on it; with ``output``, write each row's problems beside it.

    Sends nothing, and needs no key, no signature and no template. Raises BatchSmsError.
    """
    if campaign.output is not None:
        results.check_writable(campaign.output)
    with _checked(campaign, watch or Unwatched(), complete=False) as checked:
        if campaign.output is not None:
            records = unsent(checked, CHECKED)
            results.write(campaign.output, checked.table.headers, records, Explainer(campaign.lang))
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
    check_way_out(campaign)
    credentials = credentials_of(campaign)
    if campaign.output_path is not None:
        results.check_writable(campaign.output_path)
    with _checked(campaign, watch) as checked:
        base_name = campaign.run or f"{campaign.list_name}-{checked.fingerprint[:10]}"
        if campaign.dry_run or (campaign.strict and checked.report.invalid):
            return _unsent(campaign, checked, base_name, confirm, clock)
        with Ledger(campaign.ledger_path) as ledger, _held(campaign, ledger, base_name, clock) as (name, spare):
            if run := ledger.run(name):
                ledger.recover(run, spare.kept())
                ledger.reopen_unsent_elsewhere(run)
            draft = drafted(campaign, checked, ledger, name, clock.now())
            if draft.plan.to_send and not confirm(draft.plan):
                raise NotConfirmedError("not_confirmed")
            run = _entered(draft, ledger, clock)
            with stopper() as signals:
                there = Sending(campaign, ledger, run, spare, watch, clock, signals)
                sent = _send_pending(there, credentials)
                _note_what_is_left(there, sent.ending)
                return _finish(there, sent)


@contextmanager
def _checked(campaign: Campaign, watch: Watcher, *, complete: bool = True) -> Iterator[CheckedList]:
    watch.begin("checking", None)
    try:
        checked = check_list(campaign, watch.moved, complete=complete)
    finally:
        watch.end()
    with checked:
        yield checked


@contextmanager
def _held(campaign: Campaign, ledger: Ledger, base_name: str, clock: Clock) -> Iterator[tuple[str, Spare]]:
    """The run's name, held for this process, and its spare. Raises RunHeldError.

    A repetition (``--again``) is named while the first of its kind is held, so that two can't take the same name.
    """
    with hold(ledger.path, base_name, clock.now()) as lock:
        name = name_of(campaign, ledger, base_name)
        if name == base_name:
            yield name, Spare(lock.with_suffix(".spare"))
            return
        with hold(ledger.path, name, clock.now()) as lock_of_name:
            yield name, Spare(lock_of_name.with_suffix(".spare"))


def _entered(draft: Draft, ledger: Ledger, clock: Clock) -> Run:
    """The run in the ledger, with this list in it: from here on the list is not needed."""
    plan, run = draft.plan, draft.run
    campaign, checked = plan.campaign, plan.checked
    if run is None or draft.rows is not None:
        run = ledger.enter(
            plan.run_name,
            checked.table.name,
            checked.entry,
            checked.table.headers,
            draft.rows or (),
            now=clock.now(),
            again=campaign.again,
            output=str(campaign.output_path.absolute()) if campaign.output_path else "",
            api=campaign.api,
        )
    for status in campaign.reopened:
        ledger.reopen(run, status)
    return run


@dataclass(frozen=True, slots=True)
class Sending:
    """What the sending of an entered run works with."""

    campaign: Campaign
    ledger: Ledger
    run: Run
    spare: Spare
    watch: Watcher
    clock: Clock
    signals: Stopper

    def record(self, begun: Sequence[Pending], ended: Sequence[Attempt]) -> frozenset[int]:
        """The ledger as the pool needs it: this run's intents and outcomes."""
        return self.ledger.record(self.run, begun, [Settled.of(attempt) for attempt in ended], self.clock.now())


@dataclass(frozen=True, slots=True)
class Sent:
    """How the sending ended, and how far the gateway's clock was found to be ahead of this machine's."""

    ending: Ending
    clock_offset: timedelta = timedelta(0)


def _send_pending(there: Sending, credentials: Credentials) -> Sent:
    """Send what waits in the ledger, until it is all done or the run is stopped."""
    campaign, clock = there.campaign, there.clock
    total = there.ledger.count_waiting(there.run, campaign.limit, [Status.NOT_SENT])
    if not total:
        return Sent(Ending(None))
    with gateway_of(campaign, credentials, clock) as gateway:
        pool = Pool(
            gateway,
            there,
            rate=campaign.messages_per_second,
            most_threads=campaign.most_threads,
            clock=clock,
            random=random.Random(),  # noqa: S311 (keeps waits apart, guards nothing)
            breaker=campaign.breaker,
            tell=there.watch.moved,
        )
        there.spare.make_room(min(campaign.most_threads, total))
        there.watch.begin("sending", total)
        try:
            with there.signals.step(lambda name: pool.stop(_stopped(name, clock))):
                ending = pool.run(there.ledger.pending(there.run, campaign.limit))
            there.spare.remove()
        except BrokenError as error:
            ending = _broken_off(there, error)
        except KeyboardInterrupt:  # the second signal came just before the sending began, or just after it ended
            ending = Ending(_stopped(there.signals.first, clock))
        finally:
            there.watch.end()
        return Sent(ending, gateway.offset)


def _broken_off(there: Sending, error: BrokenError) -> Ending:
    """The sending broke off in the middle. What the ledger can't take goes to the spare, until the run goes on.

    A second signal is one way to break off, a ledger that fails is another; a fault of ours is raised on.
    """
    with suppress(OSError):
        there.spare.keep([Settled.of(attempt) for attempt in error.unsaved])
    with suppress(LedgerError):
        there.ledger.recover(there.run, there.spare.kept())
        there.spare.remove()
    cause = error.__cause__
    if isinstance(cause, KeyboardInterrupt):
        return replace(error.ending, stopped_by=_stopped(there.signals.first, there.clock))
    if isinstance(cause, BatchSmsError):
        return replace(error.ending, stopped_by=_stopped(cause.say(there.campaign.lang), there.clock))
    raise error


def _stopped(why: str, clock: Clock) -> Outcome:
    return Outcome(Action.STOP, STOPPED, clock.now(), why)


def _note_what_is_left(there: Sending, ending: Ending) -> None:
    """Why rows are left, for their lines in the result sheet."""
    code, why = LIMIT if there.campaign.limit is not None else STOPPED, ""
    if ending.stopped_by is not None:
        outcome = ending.stopped_by
        code, why = STOPPED, outcome.message if outcome.code == STOPPED else f"{outcome.code} {outcome.message}"
    with suppress(LedgerError):  # it may be the ledger that stopped the run; the summary says why all the same
        there.ledger.leave(there.run, code, why)


def _finish(there: Sending, sent: Sent) -> Summary:
    """Write the result sheet from the ledger, and sum up."""
    campaign, ledger, run = there.campaign, there.ledger, there.run
    output, problem = None, None
    counts: Mapping[tuple[Status, str, str], int] = {}
    kept = {settled.id: settled for settled in there.spare.kept()}
    try:
        counts = ledger.counts(run, kept)
        if campaign.output_path is not None:
            there.watch.begin("writing", None)
            with there.signals.step():
                output = write_result(ledger, run, campaign.output_path, campaign.lang, kept)
    except BatchSmsError as error:
        problem = error
    except KeyboardInterrupt:
        problem = ResultError("interrupted")
    finally:
        there.watch.end()
    summary = Summary(
        run=run.name,
        list_name=run.list_name,
        output=output,
        output_wanted=campaign.output_path,
        output_problem=problem,
        counts=counts,
        sent_now=sent.ending.settled,
        seconds=sent.ending.seconds,
        rate=sent.ending.rate,
        stopped_by=sent.ending.stopped_by,
        clock_offset=sent.clock_offset,
    )
    if problem is None and not summary.by_status()[Status.NOT_SENT]:
        with suppress(LedgerError):
            ledger.finish(run)
    return summary


def write_result(ledger: Ledger, run: Run, path: Path, lang: str, kept: Mapping[int, Settled] | None = None) -> Path:
    """Write a run's result sheet, else put it beside the ledger under the run's name; returns where it is. Raises ResultError."""
    explain, further = Explainer(lang), ledger.further(run, kept)
    try:
        return results.write(path, run.headers, ledger.records(run, kept), explain, further)
    except ResultError:
        name = "".join(char if char.isalnum() or char in "-_." else "_" for char in run.name)
        beside = ledger.path.resolve().parent / f"{name}.result{path.suffix}"
        return results.write(beside, run.headers, ledger.records(run, kept), explain, further)


def _unsent(
    campaign: Campaign, checked: CheckedList, base_name: str, confirm: Callable[[Plan], bool], clock: Clock
) -> Summary:
    """A dry run, or ``--strict`` with invalid rows: nothing is sent and nothing changed; what was sent before is heeded."""
    code = STRICT if campaign.strict and checked.report.invalid else DRY_RUN
    name, rows, run = base_name, iter(checked), None
    wanted = campaign.output if campaign.dry_run else campaign.output_path
    output = None
    counts: Counter[tuple[Status, str, str]] = Counter()
    ledger = Ledger(campaign.ledger_path) if campaign.ledger_path.is_file() else None
    with ledger or nullcontext():
        to_send = checked.report.sendable
        plan = Plan(campaign, checked, name, min(to_send, campaign.limit or to_send), resumed=False)
        if ledger is not None:
            draft = drafted(campaign, checked, ledger, name_of(campaign, ledger, base_name), clock.now())
            plan, run, rows = draft.plan, draft.run, iter(draft.rows or checked)
        confirm(plan)
        records = ledger.records(run) if ledger is not None and run is not None else unsent(rows, code)
        counted = _counted(records, counts)
        if wanted is not None:
            output = results.write(wanted, checked.table.headers, counted, Explainer(campaign.lang))
        else:
            deque(counted, maxlen=0)
    return Summary(plan.run_name, checked.table.name, output, wanted, counts=counts, unsent_by=code)


def _counted(records: Iterator[Record], counts: Counter[tuple[Status, str, str]]) -> Iterator[Record]:
    """The records, counted as they go by."""
    for record in records:
        counts[record.status, record.code, record.country] += 1
        yield record
