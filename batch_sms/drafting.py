"""What a call will send, before it changes anything: the run it goes on with, and the rows that are left for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList
from batch_sms.checking.report import Report
from batch_sms.ledger import Ledger, Run
from batch_sms.model import Checked, Record, Status

ALREADY_SENT = "skip.ALREADY_SENT"


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

    @property
    def numbers(self) -> dict[str, object]:
        """Its numbers for a log: no phone and no text is among them."""
        report = self.report
        return {
            "rows": report.rows,
            "to_send": self.to_send,
            "invalid": report.invalid,
            "skipped": report.skipped.total(),
            "segments": report.segments,
            "countries": {country: line.messages for country, line in report.countries.items()},
            "resumed": self.resumed,
        }


def name_of(campaign: Campaign, ledger: Ledger, base_name: str) -> str:
    """Go on with the run of this name; with ``--again`` begin a new one.

    But not where the latest one begun so is unfinished, nor where its rejected or doubtful rows are what is to be sent: these
    are gone on with. A test is a new one each time.
    """
    if not campaign.again:
        return base_name
    if campaign.test_to:
        return ledger.latest_of(base_name)[1]
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
    tried = ledger.tried(run, campaign.reopened) if run is not None else frozenset()
    elsewhere: frozenset[bytes] = frozenset()
    if not campaign.again:
        elsewhere = ledger.sent_elsewhere((row.identity for row in checked if row.sendable), name, now)
    rows = HeldBack(checked, elsewhere, tried)
    to_send = rows.count()
    plan = Plan(campaign, checked, name, min(to_send, campaign.limit or to_send), resumed=run is not None)
    return Draft(plan, run, rows)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The rows of a list, those that another run has sent lately held back; what was tried in this run is known."""

    checked: CheckedList
    elsewhere: frozenset[bytes]
    tried: frozenset[tuple[bytes, int]]

    def __iter__(self) -> Iterator[Checked]:
        for row in self.checked:
            yield replace(row, skip=ALREADY_SENT) if self._is_held(row) else row

    def _is_held(self, row: Checked) -> bool:
        return row.sendable and row.identity in self.elsewhere and (row.identity, row.occurrence) not in self.tried

    def count(self) -> int:
        """How many of them are left to send; the report is told of those that are not."""
        report, done = self.checked.report, 0
        if self.elsewhere or self.tried:
            for row in self.checked:
                if self._is_held(row):
                    report.hold_back(row, ALREADY_SENT)
                elif row.sendable and (row.identity, row.occurrence) in self.tried:
                    done += 1
        return report.sendable - done


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
