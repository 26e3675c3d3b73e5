"""The story of reconciliation: ask the gateway about each row in doubt, and settle those of which it is certain. Sends nothing.

A row is found where the gateway has a message with its phone and OutId; it was not sent where the gateway, asked late enough and to
the last page, has none. Everything between these two stays in doubt, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from batch_sms.clock import Clock
from batch_sms.gateway.apis import SEND_MESSAGE_TO_GLOBE
from batch_sms.gateway.asking import Caller, ask
from batch_sms.gateway.queries import Query, Refusal, SendDetail, day_in_china, send_details
from batch_sms.inquiry import Inquiry
from batch_sms.ledger import Run
from batch_sms.ledger.deliveries import Deliveries, Sent, Word
from batch_sms.receipts import NOT_ASKABLE
from batch_sms.signals import Stopper

_NEAR_MIDNIGHT = timedelta(minutes=30)
"""So near to midnight in China, the gateway may have a message under the next day, or under the one before."""
_MOST_PAGES = 200

T = TypeVar("T")


class Finding(StrEnum):
    """What became of a row in doubt."""

    FOUND = "found"
    """The gateway has it: accepted."""
    NOT_FOUND = "not_found"
    """It certainly was not sent: the next call that sends takes it."""
    TOO_EARLY = "too_early"
    """The gateway has none yet, but the attempt is not long ago."""
    AMBIGUOUS = "ambiguous"
    """The gateway has messages to the phone that may be this one's, or another's."""
    INCOMPLETE = "incomplete"
    """The gateway did not show all it has."""
    UNPROVEN = "unproven"
    """The gateway has none, but it does not list a message either that it certainly took."""
    TOO_OLD = "too_old"
    """The gateway has forgotten it by now."""
    NO_QUERY = "no_query"
    """Nothing can be asked about a message of this API without its id; one of the row's attempts went by it."""
    REFUSED = "refused"
    """The gateway did not answer."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The messages that the gateway had for a phone when it was asked, on the days in question, and whether these are all."""

    details: Sequence[SendDetail]
    whole: bool
    asked_at: datetime


def judge(listing: Listing, out_id: str, taken: int, in_doubt: int, *, is_late: bool) -> Finding:
    """What a listing says of a row in doubt.

    ``taken`` rows with its phone and OutId are known to be accepted, ``in_doubt`` are not (itself among them). All of the latter
    are found if there is a message for each; none is if there are no more messages than were taken, it ``is_late`` enough, and
    no message is without a name.
    """
    left = sum(detail.out_id == out_id for detail in listing.details) - taken
    if left >= in_doubt:
        return Finding.FOUND
    if not listing.whole:
        return Finding.INCOMPLETE
    if left > 0 or not all(detail.out_id for detail in listing.details):
        return Finding.AMBIGUOUS
    return Finding.NOT_FOUND if is_late else Finding.TOO_EARLY


def days_to_ask(sent_at: datetime) -> list[date]:
    """The days in China on which the gateway may have a message that was sent at this moment."""
    near = (sent_at, sent_at - _NEAR_MIDNIGHT, sent_at + _NEAR_MIDNIGHT)
    return list(dict.fromkeys(day_in_china(moment) for moment in near))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of the rows that were in doubt: how many by finding, and refusals by their code."""

    run: str
    findings: Mapping[Finding, int]
    refusals: Mapping[str, int]
    stopped_by: Refusal | None = None
    called_off: bool = False

    @property
    def left(self) -> int:
        """Rows that are in doubt still."""
        return sum(self.findings.values()) - self.findings[Finding.FOUND] - self.findings[Finding.NOT_FOUND]

    @property
    def exit_code(self) -> int:
        """0 none is in doubt any more, 1 some are, 3 stopped before the end."""
        if self.stopped_by is not None or self.called_off:
            return 3
        return 1 if self.left else 0


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Settles rows in doubt. ``settle`` is how long after an attempt the gateway surely lists what it took."""

    ledger: Deliveries
    callers: Mapping[str, Caller]
    """By the API whose messages are asked about."""
    clock: Clock
    signals: Stopper
    rate: float
    settle: timedelta
    step: Callable[[int], AbstractContextManager[Callable[[], None]]]
    """Begins the asking about so many rows; what it gives is called after each."""
    _witnesses: dict[str, Sent] = field(default_factory=dict, init=False)
    _is_listed: dict[int, bool] = field(default_factory=dict, init=False)

    def settle_all(self, run: Run) -> Reconciled:
        """Ask about every row of the run that is in doubt."""
        self.ledger.join()
        findings, refusals = Counter(dict.fromkeys(Finding, 0)), Counter[str]()
        inquiry = Inquiry(self.rate, self.clock, self._is_called_off)
        in_doubt = list(self.ledger.in_doubt(run))
        rows = [sent for sent in in_doubt if sent.api != SEND_MESSAGE_TO_GLOBE.name]
        findings[Finding.NO_QUERY] = len(in_doubt) - len(rows)
        if not rows:
            return Reconciled(run.name, findings, refusals)
        until = self.clock.now() - self.settle
        self._witnesses.update(self.ledger.witnesses(run, until, but=SEND_MESSAGE_TO_GLOBE.name))
        with self.step(len(rows)) as moved:
            for sent, said in inquiry.all(rows, self._listing):
                finding = self._settled(sent, said)
                findings[finding] += 1
                if isinstance(said, Refusal):
                    refusals[said.code] += 1
                moved()
        return Reconciled(run.name, findings, refusals, inquiry.stopped_by, bool(self.signals.first))

    def _settled(self, sent: Sent, said: Listing | Refusal) -> Finding:
        now = self.clock.now()
        if isinstance(said, Refusal):
            return Finding.REFUSED
        if now - sent.sent_at > NOT_ASKABLE - timedelta(days=1):
            return Finding.TOO_OLD
        taken, in_doubt = self.ledger.namesakes(sent)
        is_late = said.asked_at - sent.sent_at >= self.settle  # not now: the answer may have been long in coming
        finding = judge(said, sent.out_id, taken, in_doubt, is_late=is_late)
        if finding is Finding.NOT_FOUND and sent.other_attempts:
            return Finding.NO_QUERY
        if finding is Finding.NOT_FOUND and not self._lists_what_it_took(sent):
            return Finding.UNPROVEN
        if finding is Finding.FOUND:
            detail = next(detail for detail in said.details if detail.out_id == sent.out_id)
            self.ledger.found(sent, detail.biz_id, Word(sent.id, detail.delivery, detail.code, detail.received_at))
        elif finding is Finding.NOT_FOUND:
            self.ledger.not_found(sent)
        return finding

    def _lists_what_it_took(self, sent: Sent) -> bool:
        """Whether the gateway lists a message that it took for certain, one to the same country if there is one.

        What is not in the list was not sent only if the list is right; that no document can settle, but such a witness can.
        """
        witness = self._witnesses.get(sent.country) or next(iter(self._witnesses.values()), None)
        if witness is None:
            return True
        if witness.id not in self._is_listed:
            said = self._listing(witness)
            self._is_listed[witness.id] = not isinstance(said, Refusal) and any(
                detail.out_id == witness.out_id for detail in said.details
            )
        return self._is_listed[witness.id]

    def _listing(self, sent: Sent) -> Listing | Refusal:
        """All that the gateway has for the row's phone around its day, to the last page."""
        asked_at, whole = self.clock.now(), True
        details: list[SendDetail] = []
        for day in days_to_ask(sent.sent_at):
            said = self._day(sent, day)
            if isinstance(said, Refusal):
                return said
            found, is_whole = said
            details += found
            whole = whole and is_whole
        return Listing(details, whole, asked_at)

    def _day(self, sent: Sent, day: date) -> tuple[Sequence[SendDetail], bool] | Refusal:
        """What it has for one day, and whether this is all."""
        details: list[SendDetail] = []
        for page in range(1, _MOST_PAGES + 1):
            said = self._ask(sent, send_details(sent.phone, day, page))
            if isinstance(said, Refusal):
                return said
            details += said.details
            if not said.details or len(details) >= said.total:
                return details, len(details) >= said.total
        return details, False

    def _ask(self, sent: Sent, query: Query[T]) -> T | Refusal:
        return ask(self.callers[sent.api], query, self.clock, called_off=self._is_called_off)

    def _is_called_off(self) -> bool:
        return bool(self.signals.first)
