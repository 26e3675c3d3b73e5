"""What is being sent, as another process sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from batch_sms import history
from batch_sms.ledger import Ledger
from batch_sms.ledger.lock import hold
from batch_sms.model import Checked, Message, Row, Settled, Status

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Two seconds a look."""

    def __init__(self):
        self.passed = 0.0

    def now(self):
        return NOW

    def monotonic(self):
        return self.passed

    def sleep(self, seconds):
        self.passed += 2 * seconds


def entered(ledger, rows):
    phones = [f"+8529123456{number}" for number in range(rows)]
    checked = [
        Checked(
            Row(number, (phone,)),
            Message(phone, phone[4:], "HK", "ACME", "SMS_1", "", ""),
            identity=phone.encode(),
            occurrence=1,
        )
        for number, phone in enumerate(phones, 2)
    ]
    return ledger.enter("spring", "list.csv", "f", ("phone",), checked, now=NOW)


def test_a_run_that_is_being_sent_is_seen_to_move(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        run = entered(ledger, 5)
        looks = history.watch(path, Clock())
        with hold(path, "spring", NOW):
            pending = list(ledger.pending(run))
            ledger.record(run, pending[:3], [], NOW)
            (first,) = next(looks).runs
            assert first.sending
            assert (first.statuses[Status.NOT_SENT], first.statuses[Status.IN_DOUBT]) == (5, 0), "on their way"
            ledger.record(run, [], [Settled(one.id, Status.ACCEPTED, "OK", "b") for one in pending[:2]], NOW)
            look = next(looks)
            assert look.runs[0].statuses[Status.ACCEPTED] == 2
            assert look.rates == {"spring": 1.0}
        last = next(looks).runs[0]
        assert not last.sending
        assert (last.statuses[Status.ACCEPTED], last.statuses[Status.IN_DOUBT]) == (2, 1), "the process died over it"
        looks.close()


def test_what_nobody_sends_is_counted_once(tmp_path, monkeypatch):
    counted = []
    count = Ledger.counts
    monkeypatch.setattr(Ledger, "counts", lambda *args, **how: counted.append(args) or count(*args, **how))
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        entered(ledger, 2)
    looks = history.watch(path, Clock())
    for before, after in pairwise([next(looks).runs for _ in range(3)]):
        assert before == after
    assert len(counted) == 1
    looks.close()
