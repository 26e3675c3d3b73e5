"""What a call will send, before it changes anything: the run it goes on with, and the rows that are left for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList
from batch_sms.checking.report import Report
from batch_sms.ledger import Ledger, Run
from batch_sms.model import Checked, Record, Status

ALREADY_SENT = "skip.ALREADY_SENT"
_PAGE = 500


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


def name_of(campaign: Campaign, ledger: Ledger, base_name: str) -> str:
    """Go on with the run of this name; with ``--again`` begin a new one.

    But not where the latest one begun so is unfinished, nor where its rejected or doubtful rows are what is to be sent.
    """
    if not campaign.again:
        return base_name
    latest, next_name = ledger.latest_of(base_name)
    goes_on = latest is not None and latest.again and not latest.finished
    if latest is not None and (goes_on or campaign.reopened):
        return latest.name
    return next_name


@dataclass(frozen=True, slots=True)
class Draft:
    """A call before it changes anything: its plan, the run it goes on with, the rows to enter if the list is a new one."""

    plan: Plan
    run: Run | None
    rows: Iterable[Checked] | None


def drafted(campaign: Campaign, checked: CheckedList, ledger: Ledger, name: str, now: datetime) -> Draft:
    """What this call will send: what waits in the run, or what the list holds that was sent neither in it nor elsewhere."""
    run = ledger.run(name)
    if run is not None and run.fingerprint == checked.entry:
        waiting = ledger.count_waiting(run, campaign.limit, [Status.NOT_SENT, *campaign.reopened])
        return Draft(Plan(campaign, checked, name, waiting, resumed=True), run, None)
    rows = HeldBack(checked, ledger, name, run, campaign.reopened, None if campaign.again else now)
    to_send = rows.count()
    plan = Plan(campaign, checked, name, min(to_send, campaign.limit or to_send), resumed=run is not None)
    return Draft(plan, run, rows)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The rows of a list, those held back that another run has sent lately and this one has not tried.

    They are looked up in the ledger by the page, so that a long list needs no room. With no ``now``, none is held back.
    """

    checked: CheckedList
    ledger: Ledger
    name: str
    run: Run | None
    reopened: Sequence[Status]
    now: datetime | None

    def __iter__(self) -> Iterator[Checked]:
        for row, held, _ in self._looked_up():
            yield replace(row, skip=ALREADY_SENT) if held else row

    def _looked_up(self) -> Iterator[tuple[Checked, bool, bool]]:
        """Each row, whether it is held back, and whether it was tried in this run."""
        rows = iter(self.checked)
        while page := list(islice(rows, _PAGE)):
            identities = [row.identity for row in page if row.sendable]
            tried = self.ledger.tried(self.run, self.reopened, identities) if self.run is not None else frozenset()
            elsewhere = self.ledger.sent_elsewhere(identities, self.name, self.now) if self.now else frozenset()
            for row in page:
                done = row.sendable and (row.identity, row.occurrence) in tried
                yield row, row.sendable and not done and row.identity in elsewhere, done

    def count(self) -> int:
        """How many of them are left to send; the report is told of those that are not."""
        report, tried = self.checked.report, 0
        for row, held, done in self._looked_up():
            if held:
                report.hold_back(row, ALREADY_SENT)
            tried += done
        return report.sendable - tried


def unsent(rows: Iterable[Checked], code: str) -> Iterator[Record]:
    """Checked rows as a result sheet shows them where nothing is sent, for a ``run.*`` reason."""
    for checked in rows:
        message = checked.message
        status, reason = Status.NOT_SENT, code
        if message is None:
            status, reason = Status.INVALID, checked.problems[0].code
        elif checked.skip:
            status, reason = Status.SKIPPED, checked.skip
        phone, country = (message.phone, message.country) if message else ("", "")
        problems = checked.problems or checked.warnings
        yield Record(checked.row, status, reason, problems, phone=phone, country=country)
