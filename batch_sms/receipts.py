"""The story of receipts: ask the gateway what became of a run's accepted messages, note it, and write the result again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from batch_sms.clock import Clock
from batch_sms.gateway.apis import SEND_MESSAGE_TO_GLOBE
from batch_sms.gateway.asking import Caller, ask
from batch_sms.gateway.queries import Query, Refusal, SendDetail, day_in_china, message_state, send_details
from batch_sms.inquiry import Inquiry
from batch_sms.ledger import Run
from batch_sms.ledger.deliveries import Deliveries, Sent, Word
from batch_sms.model import Delivery
from batch_sms.signals import Stopper

NOT_ASKABLE = timedelta(days=30)
"""How long the gateway keeps what it knows of a message (reference aliyun.md, section 5.1)."""
MOST = 0.95
"""So many of the messages are most of them: some phones stay off for days."""
_BETWEEN_ROUNDS = 15.0
_BATCH = 200
"""Words that are noted in one commit."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the asking came to: accepted rows by delivery and code, rows that are too old, refusals by their code."""

    run: str
    deliveries: Mapping[tuple[str, str], int]
    asked: int = 0
    too_old: int = 0
    refusals: Mapping[str, int] = field(default_factory=dict)
    stopped_by: Refusal | None = None
    called_off: bool = False

    @property
    def waiting(self) -> int:
        """Accepted rows without a final word."""
        final = {Delivery.DELIVERED.value, Delivery.FAILED.value}
        return sum(count for (delivery, _), count in self.deliveries.items() if delivery not in final)

    @property
    def is_whole(self) -> bool:
        """Nothing stopped it before the last row."""
        return self.stopped_by is None and not self.called_off

    @property
    def exit_code(self) -> int:
        """0 every accepted row has its final word, 1 some wait for it, 3 stopped before the end."""
        if not self.is_whole:
            return 3
        return 1 if self.waiting else 0


@dataclass(frozen=True, slots=True)
class Receipts:
    """Asks for the receipts of a run. ``rate`` in questions a second; ``tell`` hears of each answer."""

    ledger: Deliveries
    callers: Mapping[str, Caller]
    """By the API whose messages are asked about."""
    clock: Clock
    signals: Stopper
    rate: float
    step: Callable[[int], AbstractContextManager[Callable[[], None]]]
    """Begins a round of so many questions; what it gives is called after each."""

    def ask(self, run: Run, patience: timedelta) -> Asked:
        """Ask about every row that has no final word; again until most have one, within ``patience``."""
        self.ledger.join()
        until = self.clock.monotonic() + patience.total_seconds()
        asked = self._round(run)
        while asked.is_whole and self._is_worth_it(asked, until):
            self._nap(min(_BETWEEN_ROUNDS, until - self.clock.monotonic()))
            if self.signals.first:
                break
            asked = self._round(run)
        return asked

    def _is_worth_it(self, asked: Asked, until: float) -> bool:
        rows = sum(asked.deliveries.values())
        return asked.waiting - asked.too_old > rows * (1 - MOST) and self.clock.monotonic() < until

    def _nap(self, seconds: float) -> None:
        until = self.clock.monotonic() + seconds
        while not self.signals.first and (left := until - self.clock.monotonic()) > 0:
            self.clock.sleep(min(left, 0.2))

    def _round(self, run: Run) -> Asked:
        oldest = self.clock.now() - NOT_ASKABLE
        askable, too_old = self.ledger.count_awaited(run, oldest)
        inquiry = Inquiry(self.rate, self.clock, self._is_called_off)
        refusals: Counter[str] = Counter()
        with self.step(askable) as moved:
            answers = inquiry.all(self.ledger.awaited(run, oldest), self._of)
            while some := list(islice(answers, _BATCH)):
                self.ledger.tell([said for _, said in some if isinstance(said, Word)])
                refusals.update(said.code for _, said in some if isinstance(said, Refusal))
                for _ in some:
                    moved()
        return Asked(
            run.name,
            self.ledger.deliveries(run),
            askable,
            too_old,
            refusals,
            inquiry.stopped_by,
            bool(self.signals.first),
        )

    def _of(self, sent: Sent) -> Word | Refusal:
        return self._of_globe(sent) if sent.api == SEND_MESSAGE_TO_GLOBE.name else self._of_details(sent)

    def _of_details(self, sent: Sent) -> Word | Refusal:
        """By ``QuerySendDetails``, narrowed to the message by its BizId."""
        said = self._ask(sent, send_details(sent.phone, day_in_china(sent.sent_at), 1, sent.biz_id))
        if isinstance(said, Refusal):
            return said
        detail = _of_message(said.details, sent)
        if detail is None:
            return Word(sent.id, Delivery.WAITING)
        return Word(sent.id, detail.delivery, detail.code, detail.received_at)

    def _of_globe(self, sent: Sent) -> Word | Refusal:
        """By ``QueryMessage``."""
        said = self._ask(sent, message_state(sent.biz_id))
        if isinstance(said, Refusal):
            return Word(sent.id, Delivery.WAITING) if said.code == "DATA_NOT_EXIST" else said
        return Word(sent.id, said.delivery, said.code or said.status, said.received_at)

    def _ask(self, sent: Sent, query: Query[T]) -> T | Refusal:
        return ask(self.callers[sent.api], query, self.clock, called_off=self._is_called_off)

    def _is_called_off(self) -> bool:
        return bool(self.signals.first)


def _of_message(details: tuple[SendDetail, ...], sent: Sent) -> SendDetail | None:
    """The one that is this row's: by OutId where the gateway tells it, else the only one there is."""
    named = [detail for detail in details if detail.out_id == sent.out_id]
    if named:
        return named[0]
    return details[0] if len(details) == 1 and not details[0].out_id else None
