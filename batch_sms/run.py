"""The story of a run, top to bottom: check the list, ask, enter it into the ledger, send, write the result."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList, check_list
from batch_sms.checking.report import Report
from batch_sms.clock import Clock, RealClock
from batch_sms.connecting import carriers_of, check_way_out, credentials_of
from batch_sms.drafting import Draft, Outlook, Plan, drafted, name_of, unsent
from batch_sms.errors import BatchSmsError, LedgerError, NotConfirmedError, ResultError
from batch_sms.explain import Explainer
from batch_sms.gateway.credentials import Credentials
from batch_sms.holding import held
from batch_sms.ledger import Ledger, Run, stop_request
from batch_sms.model import Action, Fault, Record, Settled, Status
from batch_sms.rounds import LATE, STOPPED, WINDOW, Rounds, Sending
from batch_sms.sending.breaker import Breaker
from batch_sms.sending.pool import Book, BrokenError, Ending, Pool
from batch_sms.sheets import results
from batch_sms.signals import stopper
from batch_sms.summary import Summary
from batch_sms.trial import SUFFIX, as_trial, first_alone
from batch_sms.watching import Unwatched, Watcher, moving, step

LIMIT = "run.LIMIT"
STRICT = "run.STRICT"
DRY_RUN = "run.DRY_RUN"
CHECKED = "run.CHECKED"


def check(campaign: Campaign, watch: Watcher | None = None, clock: Clock | None = None) -> Report:
    """Read and check the whole list, and report on it; with ``output``, write each row's problems beside it.

    Sends nothing, and needs no key, no signature and no template. Raises BatchSmsError.
    """
    watch = watch or Unwatched()
    if campaign.output is not None:
        results.check_writable(campaign.output, unsent=True)
    outlook = _outlook(campaign, clock or RealClock())
    with check_list(campaign, watch, complete=False, keep=campaign.output is not None, now=outlook.began) as checked:
        report = checked.report
        report.forecast = outlook.forecast(report.places, report.sendable)
        if campaign.output is not None:
            with step(watch, "writing", report.rows):
                records = moving(unsent(checked, CHECKED), watch)
                results.write(campaign.output, checked.table.headers, records, Explainer(campaign.lang))
        return report


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
    campaign = as_trial(campaign) if campaign.test_to else campaign
    outlook = _outlook(campaign, clock)
    check_way_out(campaign)
    credentials = credentials_of(campaign)
    wanted = campaign.output if campaign.dry_run else campaign.output_path
    if wanted is not None:
        results.check_writable(wanted, unsent=campaign.dry_run)
    with ExitStack() as stack:
        checked = stack.enter_context(check_list(campaign, watch, now=outlook.began))
        base_name = campaign.run or f"{campaign.list_name}-{checked.fingerprint[:10]}"
        if campaign.test_to:
            checked, base_name = stack.enter_context(first_alone(campaign, checked)), f"{base_name}{SUFFIX}"
        if campaign.dry_run or (campaign.strict and checked.report.invalid):
            return _unsent(outlook, checked, base_name, confirm=confirm, watch=watch)
        with Ledger(campaign.ledger_path) as ledger, held(campaign, ledger, base_name, watch, clock) as hold:
            name, spare = hold.name, hold.spare
            if run := ledger.run(name):
                ledger.recover(run, spare.kept())
                ledger.reopen_unsent_elsewhere(run)
                ledger.limit_recipients(run, campaign.limits.per_recipient, clock.now())
            draft = drafted(checked, ledger, name, outlook, watch)
            watch.told("checked", run=name, **draft.plan.numbers)
            if draft.plan.to_send and not outlook.is_over(clock.now()) and not confirm(draft.plan):
                raise NotConfirmedError("not_confirmed")
            run = _entered(draft, ledger, clock, watch)
            with stopper() as signals, stop_request.heeded(hold.lock, signals.ask):
                there = Sending(campaign, outlook.agenda, ledger, run, spare, watch, clock, signals)
                sent = _send_pending(there, credentials)
                _note_what_is_left(there, sent.ending)
                return _finish(there, sent)


def _outlook(campaign: Campaign, clock: Clock) -> Outlook:
    began = clock.now()
    return Outlook(campaign, began, campaign.agenda(began, clock.zone))


def _entered(draft: Draft, ledger: Ledger, clock: Clock, watch: Watcher) -> Run:
    """The run in the ledger, with this list in it: from here on the list is not needed."""
    plan, run = draft.plan, draft.run
    campaign, checked = plan.campaign, plan.checked
    if run is None or draft.rows is not None:
        with step(watch, "entering", checked.report.rows):
            run = ledger.enter(
                plan.run_name,
                checked.table.name,
                checked.entry,
                checked.table.headers,
                moving(draft.rows or (), watch),
                now=clock.now(),
                again=campaign.again,
                output=str(campaign.output_path.absolute()) if campaign.output_path else "",
                api=campaign.api,
            )
    for status in campaign.reopened:
        ledger.reopen(run, status)
    return run


@dataclass(frozen=True, slots=True)
class Sent:
    """How the sending ended, how many rows were in doubt before, how far ahead of this machine's the gateway's clock is."""

    ending: Ending
    in_doubt_before: int
    clock_offset: timedelta = timedelta(0)


def _send_pending(there: Sending, credentials: Credentials) -> Sent:
    """Send what waits in the ledger, until it is all done or the run is stopped."""
    campaign, clock = there.campaign, there.clock
    total = there.ledger.count_waiting(there.run, campaign.limit, [Status.NOT_SENT])
    in_doubt = there.ledger.count_waiting(there.run, None, [Status.IN_DOUBT])
    if not total:
        return Sent(Ending(None), in_doubt)
    most = min(campaign.most_threads, total)
    breaker = Breaker(campaign.breaker)  # one for all rounds: a cap may make each shorter than what it counts
    with carriers_of(campaign, credentials, clock, most, there.watch.told) as carriers:

        def pool_of(book: Book, until: float, most_threads: int) -> Pool:
            return Pool(
                carriers,
                book,
                rate=campaign.messages_per_second,
                most=min(most, most_threads),
                clock=clock,
                random=random.Random(),  # noqa: S311 (keeps waits apart, guards nothing)
                breaker=breaker,
                until=until,
                tell=there.watch.moved,
            )

        rounds = Rounds(there, pool_of)
        there.spare.make_room(most)
        try:
            with step(there.watch, "sending", total), there.signals.step(lambda name: rounds.stop(there.stopped(name))):
                ending = rounds.run()
            there.spare.remove()
        except BrokenError as error:
            ending = _broken_off(there, error)
        except KeyboardInterrupt:  # the second signal came just before the sending began, or just after it ended
            ending = Ending(there.stopped(there.signals.first))
        return Sent(ending, in_doubt, carriers.offset)


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
        return replace(error.ending, stopped_by=there.stopped(there.signals.first))
    if isinstance(cause, BatchSmsError):
        return replace(error.ending, stopped_by=there.stopped(cause.say(there.campaign.lang)))
    raise error


def _note_what_is_left(there: Sending, ending: Ending) -> None:
    """Why rows are left, for their lines in the result sheet; a fault of the account for the next call, too."""
    code, why = LIMIT if there.campaign.limit is not None else STOPPED, ""
    outcome, fault = ending.stopped_by, None
    if outcome is not None:
        ours = outcome.code in (STOPPED, WINDOW, LATE)
        code = outcome.code if ours else STOPPED
        why = outcome.message if ours else f"{outcome.code} {outcome.message}"
        fault = None if ours or outcome.action is not Action.STOP else Fault(outcome.code, outcome.message)
    with suppress(LedgerError):  # it may be the ledger that stopped the run; the summary says why all the same
        there.ledger.leave(there.run, code, why)
        if fault is not None:
            there.ledger.note_fault(fault)


def _finish(there: Sending, sent: Sent) -> Summary:
    """Write the result sheet from the ledger, and sum up."""
    campaign, ledger, run = there.campaign, there.ledger, there.run
    output, problem = None, None
    counts: Mapping[tuple[Status, str, str], int] = {}
    kept = {settled.id: settled for settled in there.spare.kept()}
    try:
        counts = ledger.counts(run, kept)
        if campaign.output_path is not None:
            with there.signals.step():
                rows = sum(counts.values())
                output = write_result(
                    ledger, run, campaign.output_path, campaign.lang, rows=rows, watch=there.watch, kept=kept
                )
    except BatchSmsError as error:
        problem = error
    except KeyboardInterrupt:
        problem = ResultError("interrupted")
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
        in_doubt_before=sent.in_doubt_before,
    )
    if problem is None and not summary.by_status()[Status.NOT_SENT]:
        with suppress(LedgerError):
            ledger.finish(run)
    return summary


def write_result(
    ledger: Ledger,
    run: Run,
    path: Path,
    lang: str,
    *,
    rows: int,
    watch: Watcher,
    kept: Mapping[int, Settled] | None = None,
) -> Path:
    """Write a run's result sheet (of so many ``rows``), else put it beside the ledger under the run's name; returns where it is.

    Raises ResultError.
    """
    explain, further = Explainer(lang), ledger.further(run, kept)

    def write(to: Path) -> Path:
        with step(watch, "writing", rows):
            return results.write(to, run.headers, moving(ledger.records(run, kept), watch), explain, further)

    try:
        return write(path)
    except ResultError:
        name = "".join(char if char.isalnum() or char in "-_." else "_" for char in run.name)
        return write(ledger.path.resolve().parent / f"{name}.result{path.suffix}")


def _unsent(
    outlook: Outlook, checked: CheckedList, base_name: str, *, confirm: Callable[[Plan], bool], watch: Watcher
) -> Summary:
    """A dry run, or ``--strict`` with invalid rows: nothing is sent and nothing changed; what was sent before is heeded."""
    campaign, report = outlook.campaign, checked.report
    code = STRICT if campaign.strict and report.invalid else DRY_RUN
    name, rows, run = base_name, iter(checked), None
    wanted = campaign.output if campaign.dry_run else campaign.output_path
    output = None
    counts: Counter[tuple[Status, str, str]] = Counter()
    ledger = Ledger(campaign.ledger_path) if campaign.ledger_path.is_file() else None
    with ledger or nullcontext():
        if ledger is not None:
            draft = drafted(checked, ledger, name_of(campaign, ledger, base_name), outlook, watch)
            plan, run, rows = draft.plan, draft.run, iter(draft.rows or checked)
        else:
            to_send = min(report.sendable, campaign.limit or report.sendable)
            told = outlook.forecast(report.places, to_send)
            plan = Plan(campaign, checked, name, to_send, resumed=False, forecast=told)
        watch.told("checked", run=plan.run_name, **plan.numbers)
        confirm(plan)
        records = ledger.records(run) if ledger is not None and run is not None else unsent(rows, code)
        counted = moving(_counted(records, counts), watch)
        with step(watch, "writing", checked.report.rows):
            if wanted is not None:
                explain = Explainer(campaign.lang)
                output = results.write(wanted, checked.table.headers, counted, explain, unsent=run is None)
            else:
                deque(counted, maxlen=0)
    return Summary(plan.run_name, checked.table.name, output, wanted, counts=counts, unsent_by=code)


def _counted(records: Iterator[Record], counts: Counter[tuple[Status, str, str]]) -> Iterator[Record]:
    """The records, counted as they go by."""
    for record in records:
        counts[record.status, record.code, record.country] += 1
        yield record
