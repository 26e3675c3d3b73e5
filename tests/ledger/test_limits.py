"""Caps over all runs of a ledger, on an hour or a day and on what one phone gets: never exceeded, whoever sends."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.ledger import Ledger
from batch_sms.ledger.deliveries import Deliveries
from batch_sms.ledger.statements import HOLD_ENOUGH, LIMIT_RECIPIENTS
from batch_sms.model import Cap, Checked, Delivery, Fault, Limits, Message, Receipt, Row, Settled, Status

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
HOUR, DAY = Cap(3, 3600), Cap(5, 86400)
TWICE_A_WEEK = Cap(2, 7 * 86400)
SLACK = timedelta(seconds=20)
"""How much longer than a cap says an attempt may count."""


def rows(count, phone=None, first=2):
    return [
        Checked(
            Row(number, (f"{number}",)),
            Message(phone or f"+8526{number:07d}", "6", "HK", "S", "T", "{}", ""),
            identity=f"{number}".encode(),
            occurrence=1,
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def enter(ledger, checked, name="spring", at=AT, **more):
    return ledger.enter(name, "list.csv", name, ["n"], checked, now=at, **more)


def begin(ledger, run, at=AT, caps=(), per_recipient=None):
    """Put on its way all that may go; the rows' numbers, and the rows."""
    waiting = list(ledger.pending(run))
    held = ledger.record(run, waiting, [], at, Limits(tuple(caps), per_recipient))
    return [pending for pending in waiting if pending.id not in held]


def codes(ledger, run):
    return [record.code for record in ledger.records(run)]


class TestCaps:
    def test_as_many_go_as_the_cap_lets_go_and_the_others_wait(self, ledger):
        run = enter(ledger, rows(5))
        assert [pending.row for pending in begin(ledger, run, caps=[HOUR])] == [2, 3, 4]
        assert [pending.row for pending in ledger.pending(run)] == [5, 6]
        assert begin(ledger, run, AT + timedelta(seconds=3599), [HOUR]) == []

    def test_the_next_go_when_the_first_are_old_enough(self, ledger):
        run = enter(ledger, rows(5))
        begin(ledger, run, caps=[HOUR])
        free_at = datetime.fromtimestamp(ledger.free_at([HOUR], AT), UTC)
        assert AT + timedelta(hours=1) <= free_at <= AT + timedelta(hours=1) + SLACK
        assert begin(ledger, run, free_at - timedelta(seconds=1), [HOUR]) == []
        assert len(begin(ledger, run, free_at, [HOUR])) == 2

    def test_several_caps_hold_together(self, ledger):
        run = enter(ledger, rows(9))
        assert len(begin(ledger, run, caps=[HOUR, DAY])) == 3
        assert len(begin(ledger, run, AT + timedelta(hours=1) + SLACK, [HOUR, DAY])) == 2
        assert ledger.free_at([HOUR, DAY], AT + timedelta(hours=2)) >= (AT + timedelta(days=1)).timestamp()

    def test_it_is_free_now_where_there_is_room(self, ledger):
        assert ledger.free_at([HOUR], AT) == AT.timestamp()

    def test_attempts_of_all_runs_and_processes_count(self, ledger):
        spring, summer = enter(ledger, rows(2), "spring"), enter(ledger, rows(9, first=50), "summer")
        begin(ledger, spring)
        with Ledger(ledger.path) as other:
            assert len(begin(other, summer, caps=[HOUR])) == 1

    @pytest.mark.parametrize(
        ("status", "counts"),
        [(Status.ACCEPTED, True), (Status.REJECTED, True), (Status.IN_DOUBT, True), (Status.NOT_SENT, False)],
    )
    def test_what_may_have_reached_the_gateway_counts(self, ledger, status, counts):
        run = enter(ledger, rows(4))
        going = begin(ledger, run, caps=[HOUR])
        ledger.record(run, [], [Settled(pending.id, status, "X") for pending in going], AT + timedelta(seconds=30))
        assert bool(begin(ledger, run, AT + timedelta(seconds=40), [HOUR])) != counts

    def test_a_row_that_is_tried_again_counts_once_for_each_try(self, ledger):
        run = enter(ledger, rows(1))
        for minute in range(3):
            at = AT + timedelta(minutes=minute)
            (pending,) = begin(ledger, run, at)
            ledger.record(run, [], [Settled(pending.id, Status.REJECTED, "X")], at)
            ledger.reopen(run, Status.REJECTED)
        assert begin(ledger, run, AT + timedelta(minutes=4), [HOUR]) == []

    def test_what_was_on_its_way_at_a_crash_counts(self, ledger):
        run = enter(ledger, rows(9))
        begin(ledger, run, caps=[HOUR])
        with Ledger(ledger.path) as next_call:
            next_call.recover(run)
            assert begin(next_call, run, AT + timedelta(minutes=1), [HOUR]) == []

    def test_what_the_spare_kept_as_not_sent_does_not(self, ledger):
        run = enter(ledger, rows(9))
        first, *_ = begin(ledger, run, caps=[HOUR])
        ledger.recover(run, [Settled(first.id, Status.NOT_SENT, "X")])
        ledger.recover(run, [Settled(first.id, Status.NOT_SENT, "X")])
        assert len(begin(ledger, run, AT, [HOUR])) == 1, "and is taken back once"

    def test_a_refusal_that_is_called_back_later_is_taken_back(self, ledger):
        run = enter(ledger, rows(9))
        going = begin(ledger, run, caps=[HOUR])
        ledger.record(run, [], [Settled(pending.id, Status.REJECTED, "X") for pending in going], AT)
        ledger.record(run, [], [Settled(pending.id, Status.NOT_SENT, "X") for pending in going], AT)
        assert len(begin(ledger, run, AT, [HOUR])) == 3

    def test_what_reconciliation_finds_not_sent_does_not_count_unless_a_receipt_comes(self, tmp_path):
        with Deliveries(tmp_path / "ledger.db") as ledger:
            run = enter(ledger, rows(3))
            sent = begin(ledger, run, caps=[HOUR])
            ledger.record(run, [], [Settled(pending.id, Status.IN_DOUBT) for pending in sent], AT)
            assert ledger.room([HOUR], AT) == 0
            for lost in list(ledger.in_doubt(run))[:2]:
                ledger.not_found(lost)
                ledger.not_found(lost)
            assert ledger.room([HOUR], AT) == 2
            ledger.keep([Receipt("9001", lost.phone[1:], lost.out_id, Delivery.DELIVERED)])
            assert ledger.join() == 1
            assert ledger.room([HOUR], AT) == 1

    def test_what_is_spent_is_told(self, ledger):
        run = enter(ledger, rows(3))
        begin(ledger, run)
        ((at, count),) = ledger.spent([HOUR], AT)
        assert count == 3
        assert AT.timestamp() <= at <= (AT + SLACK).timestamp()

    def test_two_processes_together_never_exceed_it(self, ledger):
        cap = Cap(25, 3600)
        enter(ledger, rows(40), "a")
        enter(ledger, rows(40, first=100), "b")
        gone, faults = [], []

        def send(name):
            try:
                with Ledger(ledger.path) as own:
                    run = own.run(name)
                    for pending in list(own.pending(run)):
                        gone.extend({pending.id} - own.record(run, [pending], [], AT, Limits((cap,))))
            except Exception as error:  # noqa: BLE001 (whatever it is, the test must see it)
                faults.append(error)

        threads = [threading.Thread(target=send, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert faults == []
        assert len(gone) == 25

    @given(
        steps=st.lists(st.tuples(st.floats(0, 4000), st.integers(1, 4), st.sampled_from(Status)), max_size=15),
        most=st.integers(1, 4),
    )
    @settings(max_examples=20, deadline=None)
    def test_no_hour_has_more_than_the_cap(self, tmp_path_factory, steps, most):
        cap, at, going = Cap(most, 3600), AT, deque()
        counted = []
        with Ledger(tmp_path_factory.mktemp("cap") / "ledger.db") as ledger:
            run = enter(ledger, rows(120))
            for pause, asked, status in steps:
                at += timedelta(seconds=pause)
                waiting = list(ledger.pending(run))[:asked]
                held = ledger.record(run, waiting, [], at, Limits((cap,)))
                going.extend(pending for pending in waiting if pending.id not in held)
                while going:
                    end = going.popleft()
                    back = status in {Status.NOT_SENT, Status.SKIPPED, Status.INVALID}
                    counted += [] if back else [at]
                    ledger.record(run, [], [Settled(end.id, Status.NOT_SENT if back else status, "X")], at)
        for end in counted:
            assert sum(end - timedelta(hours=1) < moment <= end for moment in counted) <= most

    def test_old_counts_are_dropped(self, ledger):
        run = enter(ledger, rows(3))
        first, second, _ = ledger.pending(run)
        ledger.record(run, [first], [], AT)
        ledger.record(run, [second], [], AT + timedelta(days=3))
        assert ledger._query("SELECT count(*) FROM tally") == [(1,)]


class TestRecipients:
    def test_a_phone_gets_no_more_than_it_may_over_all_runs(self, ledger):
        for name, expected in (("one", 1), ("two", 1), ("three", 0)):
            run = enter(ledger, rows(1, "+85261234567", first=ord(name[0])), name)
            assert len(begin(ledger, run, per_recipient=TWICE_A_WEEK)) == expected, name
        assert codes(ledger, ledger.run("three")) == ["skip.PER_RECIPIENT"]

    def test_nor_within_one_list(self, ledger):
        run = enter(ledger, rows(4, "+85261234567"))
        assert [pending.row for pending in begin(ledger, run, per_recipient=TWICE_A_WEEK)] == [2, 3]
        assert codes(ledger, run)[2:] == ["skip.PER_RECIPIENT"] * 2

    def test_what_was_refused_does_not_count(self, ledger):
        run = enter(ledger, rows(4, "+85261234567"))
        going = begin(ledger, run, per_recipient=TWICE_A_WEEK)
        ledger.record(run, [], [Settled(going[0].id, Status.REJECTED), Settled(going[1].id, Status.IN_DOUBT)], AT)
        ledger.limit_recipients(run, TWICE_A_WEEK, AT)
        assert codes(ledger, run)[2:] == ["run.STOPPED", "skip.PER_RECIPIENT"]
        assert len(begin(ledger, run, per_recipient=TWICE_A_WEEK)) == 1

    def test_the_same_message_in_two_lists_of_a_run_is_one(self, ledger):
        run = enter(ledger, rows(1, "+85261234567"))
        (pending,) = begin(ledger, run)
        ledger.record(run, [], [Settled(pending.id, Status.ACCEPTED)], AT)
        for fingerprint in "bc":
            run = ledger.enter("spring", "list.csv", fingerprint, ["n"], rows(3, "+85261234567"), now=AT)
        assert len(begin(ledger, run, per_recipient=TWICE_A_WEEK)) == 1

    def test_rows_that_are_within_it_later_go_later(self, ledger):
        run = enter(ledger, rows(4, "+85261234567"))
        begin(ledger, run, per_recipient=TWICE_A_WEEK)
        ledger.recover(run)
        later = AT + timedelta(days=7, seconds=1)
        ledger.limit_recipients(run, TWICE_A_WEEK, AT + timedelta(days=6))
        assert list(ledger.pending(run)) == []
        ledger.limit_recipients(run, TWICE_A_WEEK, later)
        assert len(begin(ledger, run, later, per_recipient=TWICE_A_WEEK)) == 2

    def test_without_a_cap_they_all_go(self, ledger):
        run = enter(ledger, rows(4, "+85261234567"))
        begin(ledger, run, per_recipient=TWICE_A_WEEK)
        ledger.limit_recipients(run, None, AT)
        assert len(begin(ledger, run)) == 2

    def test_what_a_list_of_phones_got_is_told(self, ledger):
        for name in ("one", "two"):
            begin(ledger, enter(ledger, rows(2, first=ord(name[0])), name))
        phones = [f"+8526{number:07d}" for number in (ord("o"), ord("o"), ord("t"), 9)]
        assert ledger.sent_to(phones, TWICE_A_WEEK, AT) == {phones[0]: 1, phones[2]: 1}
        assert ledger.sent_to(phones, TWICE_A_WEEK, AT + timedelta(days=8)) == {}

    def test_the_look_up_uses_its_index(self, ledger):
        facts = {"code": "c", "id": 1, "most": 1, "now": 0.0, "within": 60, "list_id": 1, "since": 0.0}
        for statement in (HOLD_ENOUGH, LIMIT_RECIPIENTS):
            plan = [step for *_, step in ledger._query(f"EXPLAIN QUERY PLAN {statement}", facts)]
            assert "SEARCH other USING INDEX row_of_phone (phone=?)" in plan


class TestFaultsOfTheAccount:
    def test_the_last_one_is_remembered_until_it_is_forgotten(self, ledger):
        assert ledger.fault() is None
        ledger.note_fault(Fault("isv.OUT_OF_SERVICE", "a"))
        ledger.note_fault(Fault("isv.AMOUNT_NOT_ENOUGH", "b"))
        with Ledger(ledger.path) as other:
            assert other.fault() == Fault("isv.AMOUNT_NOT_ENOUGH", "b")
            other.note_fault(None)
        assert ledger.fault() is None
