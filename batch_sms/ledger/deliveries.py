"""What operators said of messages, in the ledger: receipts as they came, the rows that they fit, and rows that wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from batch_sms.ledger import tally
from batch_sms.ledger.book import Ledger
from batch_sms.ledger.runs import Run
from batch_sms.ledger.statements import key_of
from batch_sms.ledger.values import stamp_of, time_of
from batch_sms.model import Delivery, Receipt, Settled, Status

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """A row to ask about: its id and number, and by what the gateway knows its message; the last attempt's moment and API.

    ``other_attempts``: there may be earlier ones by an API of the other kind.
    """

    id: int
    row: int
    phone: str
    biz_id: str
    out_id: str
    sent_at: datetime
    country: str
    api: str
    other_attempts: bool


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of the delivery of a row (by its id) now."""

    id: int
    delivery: Delivery
    code: str = ""
    received_at: datetime | None = None


class Deliveries(Ledger):
    """The ledger as receipts and reconciliation need it."""

    def keep(self, receipts: Iterable[Receipt]) -> int:
        """Make receipts durable; returns how many of them are new. The same one twice is once."""
        new = 0
        waiting = iter(receipts)
        while some := list(islice(waiting, _PAGE)):
            with self._transaction() as db:
                new += sum(db.execute(_KEEP, _receipt_values(receipt)).rowcount for receipt in some)
        return new

    def join(self) -> int:
        """Find the rows that receipts fit which fitted none so far, and tell them; returns how many receipts did.

        By BizId and phone, else by OutId and phone. A row in doubt, or one found not sent, of which there is a receipt was sent.
        """
        joined, after = 0, 0
        while page := self._query(f"{_UNMATCHED} AND receipt.id > ? ORDER BY receipt.id LIMIT ?", (after, _PAGE)):
            with self._transaction() as db:
                for receipt_id, biz_id, phone, out_id, delivery, code, received_at in page:
                    facts = {"biz_id": biz_id, "phone": f"+{phone}", "mainland": f"+86{phone}", "out_id": out_id}
                    found = db.execute(_ROW_OF, facts).fetchone()
                    if found is None:
                        continue
                    row_id, state, sent_at = found
                    if state == "pending":  # its attempt had been taken back
                        tally.count(db, 1, sent_at)
                    facts = {
                        "id": row_id,
                        "receipt": receipt_id,
                        "biz_id": biz_id,
                        "delivery": delivery,
                        "code": code,
                    }
                    db.execute(_FOUND, facts)
                    db.execute(_TELL, {**facts, "received_at": received_at})
                    db.execute("UPDATE receipt SET row_id = :id WHERE id = :receipt", facts)
                    joined += 1
            after = page[-1][0]
        return joined

    def count_unmatched(self) -> int:
        """How many receipts fit no row."""
        ((count,),) = self._query("SELECT count(*) FROM receipt WHERE row_id IS NULL")
        return int(count)

    def unmatched(self, receipts: Iterable[Receipt]) -> list[Receipt]:
        """Those of these receipts that fit no row, each once."""
        return [one for one in dict.fromkeys(receipts) if self._query(_IS_UNMATCHED, _receipt_values(one))]

    def awaited(self, run: Run, since: datetime) -> Iterator[Sent]:
        """The accepted rows of a run, sent after this moment, whose delivery is not final."""
        return self._sent(run, _AWAITED, since)

    def count_awaited(self, run: Run, since: datetime) -> tuple[int, int]:
        """How many rows these are, and how many there are besides that were sent before."""
        ((after, before),) = self._query(
            f"SELECT count(*) FILTER (WHERE sent_at > ?), count(*) FILTER (WHERE sent_at <= ?) FROM row"
            f" WHERE list_id = ? AND {_AWAITED}",
            (stamp_of(since), stamp_of(since), run.list_id),
        )
        return after, before

    def in_doubt(self, run: Run) -> Iterator[Sent]:
        """The rows of a run that are in doubt."""
        return self._sent(run, "state = 'in_doubt'")

    def count_in_doubt(self, run: Run) -> int:
        """How many these are."""
        return self.count_waiting(run, None, [Status.IN_DOUBT])

    def _sent(self, run: Run, where: str, since: datetime | None = None) -> Iterator[Sent]:
        after, moment = 0, _stamp(since)
        while page := self._query(
            f"SELECT {_SENT_COLUMNS} FROM row WHERE list_id = ? AND {where}"
            " AND sent_at > ? AND id > ? ORDER BY id LIMIT ?",
            (run.list_id, moment, after, _PAGE),
        ):
            yield from map(_sent, page)
            after = page[-1][0]

    def tell(self, words: Sequence[Word]) -> None:
        """Note what is known of deliveries. A final word is not taken back by one that is not; of two, the later one holds."""
        with self._transaction() as db:
            db.executemany(_TELL, (_word_values(word) for word in words))

    def namesakes(self, sent: Sent) -> tuple[int, int]:
        """How many rows with this phone and OutId the gateway took for certain, and how many are in doubt.

        A list may give one OutId to several messages of a phone. Equal rows in a run's earlier lists count once.
        """
        ((taken, in_doubt),) = self._query(
            "SELECT count(DISTINCT CASE WHEN state = 'accepted' THEN biz_id END),"
            f" count(DISTINCT CASE WHEN state IN ('in_doubt', 'sending') THEN {key_of('row')} END)"
            " FROM row WHERE phone = ? AND out_id = ? AND sent_at IS NOT NULL",
            (sent.phone, sent.out_id),
        )
        return taken, in_doubt

    def apis(self, run: Run) -> list[str]:
        """The APIs that messages of its list went by, its own first; another where they were carried over from an earlier list."""
        found = self._query(
            "SELECT DISTINCT api FROM row WHERE list_id = ? AND api NOT IN ('', ?)", (run.list_id, run.api)
        )
        return [run.api, *(api for (api,) in found)]

    def witnesses(self, run: Run, until: datetime, but: str) -> dict[str, Sent]:
        """The latest row of each country (alpha-2) that was accepted, sent not later than this, and not ``but`` by this API."""
        found = self._query(
            f"SELECT {_SENT_COLUMNS}, max(sent_at) FROM row WHERE list_id = ? AND state = 'accepted' AND biz_id <> ''"
            f" AND sent_at <= ? AND {_SENT_BY} <> ? GROUP BY country",
            (run.list_id, stamp_of(until), but),
        )
        return {sent.country: sent for sent in (_sent(values[:-1]) for values in found)}

    def found(self, sent: Sent, biz_id: str, word: Word) -> None:
        """A row in doubt was sent: the gateway has its message."""
        with self._transaction() as db:
            db.execute(_FOUND, {"id": sent.id, "biz_id": biz_id})
            db.execute(_TELL, _word_values(word))

    def not_found(self, sent: Sent) -> None:
        """A row in doubt was certainly not sent: the next call that sends takes it, and no cap counts its attempt."""
        with self._transaction() as db:
            if not db.execute("SELECT 1 FROM row WHERE id = ? AND state = 'in_doubt'", (sent.id,)).fetchone():
                return
            tally.give_back(db, [Settled(sent.id, Status.NOT_SENT)])
            db.execute("UPDATE row SET state = 'pending', code = '', message = '' WHERE id = ?", (sent.id,))
            db.execute("UPDATE list SET finished = 0 WHERE id = (SELECT list_id FROM row WHERE id = ?)", (sent.id,))

    def deliveries(self, run: Run) -> dict[tuple[str, str], int]:
        """How many accepted rows of a run have each delivery and code; ``""`` where nobody asked yet."""
        found = self._query(
            "SELECT delivery, delivery_code, count(*) FROM row WHERE list_id = ? AND state = ? GROUP BY 1, 2 ORDER BY 3 DESC",
            (run.list_id, Status.ACCEPTED.value),
        )
        return {(delivery, code): count for delivery, code, count in found}


_SENT_BY = "CASE row.api WHEN '' THEN (SELECT list.api FROM list WHERE list.id = list_id) ELSE row.api END"
_OTHER_ATTEMPTS = "row.origin <> '' AND row.api = '' AND attempts > 1"
_SENT_COLUMNS = f"id, number, phone, biz_id, out_id, sent_at, country, {_SENT_BY}, {_OTHER_ATTEMPTS}"
_FINAL = "'delivered', 'failed'"
_AWAITED = f"state = 'accepted' AND delivery NOT IN ({_FINAL})"
_KEEP = (
    "INSERT OR IGNORE INTO receipt (biz_id, phone, out_id, delivery, code, received_at)"
    " VALUES (:biz_id, :phone, :out_id, :delivery, :code, :received_at)"
)
_UNMATCHED = "SELECT receipt.id, biz_id, phone, out_id, delivery, code, received_at FROM receipt WHERE row_id IS NULL"
_IS_UNMATCHED = """
SELECT 1 FROM receipt WHERE row_id IS NULL AND biz_id = :biz_id AND phone = :phone AND out_id = :out_id
  AND delivery = :delivery AND code = :code AND received_at = :received_at
"""
_ROW_OF = """
SELECT id, state, sent_at FROM row
WHERE phone IN (:phone, :mainland) AND sent_at IS NOT NULL
  AND (state IN ('accepted', 'in_doubt') OR state = 'pending' AND attempts > 0)
  AND (biz_id = :biz_id AND biz_id <> '' OR out_id = :out_id AND :out_id <> '' AND (biz_id = '' OR :biz_id = ''))
ORDER BY biz_id = :biz_id DESC, id DESC LIMIT 1
"""
_FOUND = """
UPDATE row SET state = 'accepted', code = 'OK', message = '', biz_id = CASE biz_id WHEN '' THEN :biz_id ELSE biz_id END
WHERE id = :id AND state IN ('in_doubt', 'pending')
"""
_TELL = f"""
UPDATE row SET delivery = :delivery, delivery_code = :code, delivered_at = nullif(:received_at, 0)
WHERE id = :id AND (delivery NOT IN ({_FINAL})
  OR :delivery IN ({_FINAL}) AND :received_at >= coalesce(delivered_at, 0))
"""


def _sent(values: tuple[Any, ...]) -> Sent:
    row_id, number, phone, biz_id, out_id, sent_at, country, api, others = values
    return Sent(row_id, number, phone, biz_id, out_id or "", time_of(sent_at or 0), country, api, bool(others))


def _receipt_values(receipt: Receipt) -> dict[str, object]:
    return {
        "biz_id": receipt.biz_id,
        "phone": receipt.phone,
        "out_id": receipt.out_id,
        "delivery": receipt.delivery.value,
        "code": receipt.code,
        "received_at": _stamp(receipt.received_at),
    }


def _word_values(word: Word) -> dict[str, object]:
    return {"id": word.id, "delivery": word.delivery.value, "code": word.code, "received_at": _stamp(word.received_at)}


def _stamp(moment: datetime | None) -> float:
    return stamp_of(moment) if moment is not None else 0.0
