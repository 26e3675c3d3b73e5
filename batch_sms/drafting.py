"""What a call will send, before it changes anything: the run it goes on with, and the rows that are left for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList
from batch_sms.checking.report import Report
from batch_sms.ledger import PER_RECIPIENT, Ledger, Run
from batch_sms.model import Cap, Checked, Problem, Record, Status
from batch_sms.schedule.agenda import Agenda
from batch_sms.schedule.forecast import Forecast, Queue, Spent, forecast
from batch_sms.watching import Watcher, moving, step

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
    forecast: Forecast

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
            **self.forecast.as_dict(),
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


@dataclass(frozen=True, slots=True)
class Outlook:
    """From where a call looks ahead: its settings, the moment it began, and what it may do from then on."""

    campaign: Campaign
    began: datetime
    agenda: Agenda

    def forecast(self, queue: Queue, to_send: int, spent: Spent = ()) -> Forecast:
        """When so many messages of a queue will go; which of it they are, where they are not all of it, is not looked at."""
        share = to_send / max(1, sum(queue.values()))
        part = {place: count * share for place, count in queue.items()}
        return forecast(self.agenda, part, self.campaign.speed, self.began.timestamp(), spent)

    def is_over(self, now: datetime) -> bool:
        """Whether nothing may be sent any more in this call."""
        at = now.timestamp()
        return at >= self.agenda.window.closes or self.agenda.late(at) is not None


def drafted(checked: CheckedList, ledger: Ledger, name: str, outlook: Outlook, watch: Watcher) -> Draft:
    """What this call will send: what waits in the run, or what the list holds that was sent neither in it nor elsewhere."""
    campaign, now = outlook.campaign, outlook.began
    run, limit, caps = ledger.run(name), campaign.limit, campaign.limits.caps
    spent = ledger.spent(caps, now) if caps else []
    if run is not None and run.fingerprint == checked.entry:
        waiting = ledger.count_waiting(run, limit, [Status.NOT_SENT, *campaign.reopened])
        told = outlook.forecast(ledger.waiting_by_country(run, limit), waiting, spent)
        return Draft(Plan(campaign, checked, name, waiting, resumed=True, forecast=told), run, None)
    rows = HeldBack(checked, ledger, name, run, campaign, now)
    with step(watch, "comparing", checked.report.rows):
        queue = rows.counted(watch)
    total = queue.total()
    to_send = min(total, limit or total)
    told = outlook.forecast(queue, to_send, spent)
    return Draft(Plan(campaign, checked, name, to_send, resumed=run is not None, forecast=told), run, rows)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The rows of a list: held back are those that another run has sent lately, or whose phone has got what it may get.

    They are looked up in the ledger by the page, so that a long list needs no room.
    """

    checked: CheckedList
    ledger: Ledger
    name: str
    run: Run | None
    campaign: Campaign
    now: datetime

    def __iter__(self) -> Iterator[Checked]:
        for row, skip, _ in self._looked_up():
            yield row._replace(skip=skip) if skip else row

    def _looked_up(self) -> Iterator[tuple[Checked, str, bool]]:
        """Each row, the reason to hold it back (``""`` for none), and whether it was tried in this run."""
        rows, cap, again = iter(self.checked), self.campaign.limits.per_recipient, self.campaign.again
        more: Counter[int] = Counter()
        while page := list(islice(rows, _PAGE)):
            identities = [row.identity for row in page if row.sendable]
            tried = self._tried(page)
            elsewhere = frozenset() if again else self.ledger.sent_elsewhere(identities, self.name, self.now)
            otherwise = self._otherwise(page)
            got = self._got(page, cap) if cap is not None else {}
            for row in page:
                done, skip = row.sendable and (row.identity, row.occurrence) in tried, ""
                if row.message is not None and row.sendable and not done:
                    if row.identity in elsewhere or (row.identity, row.occurrence) in otherwise:
                        skip = ALREADY_SENT
                    elif cap is not None:
                        more[phone := int(row.message.phone)] += 1
                        skip = PER_RECIPIENT if more[phone] + got.get(row.message.phone, 0) > cap.count else ""
                yield row, skip, done

    def _tried(self, page: Sequence[Checked]) -> frozenset[tuple[bytes, int]]:
        if self.run is None:
            return frozenset()
        became = self.ledger.became(self.run, page, self.campaign.api)
        return frozenset(key for key, status in became.items() if status not in self.campaign.reopened)

    def _otherwise(self, page: Sequence[Checked]) -> frozenset[tuple[bytes, int]]:
        now = None if self.campaign.again else self.now
        return self.ledger.sent_otherwise(page, self.run, self.checked.table.name, self.campaign.api, now)

    def _got(self, page: Sequence[Checked], cap: Cap) -> dict[str, int]:
        phones = [row.message.phone for row in page if row.message is not None and row.sendable]
        return self.ledger.sent_to(phones, cap, self.now)

    def counted(self, watch: Watcher) -> Counter[tuple[str, tuple[str, ...]]]:
        """What is left to send, by country and zones; the report is told of what is not."""
        report = self.checked.report
        left = Counter(report.places)
        for row, skip, done in moving(self._looked_up(), watch):
            if skip:
                report.hold_back(row, skip)
            if row.message is not None and (skip or done):
                left[row.message.country, row.zones] -= 1
        return +left


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
        problems = checked.problems
        if message is not None and not checked.skip:
            problems = (*checked.warnings, Problem("warn.SEGMENTS", "", {"segments": str(checked.segments)}))
        yield Record(checked.row, status, reason, problems, phone=phone, country=country)
