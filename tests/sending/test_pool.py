"""The pool against a gateway and a book that are scripted: who is sent, when, how often, and what is written down before.

Where time matters it is made: the dispatcher's waiting moves the clock on, so nothing here waits for real.
"""

from __future__ import annotations

import math
import random
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.clock import RealClock
from batch_sms.errors import SendersError
from batch_sms.model import Action, Message, Outcome, Pending, Retry, Status
from batch_sms.sending.breaker import Breaker
from batch_sms.sending.carriers import CarrierLostError, Threads
from batch_sms.sending.policy import CONNECT_TRIES, THROTTLED_TRIES
from batch_sms.sending.pool import BrokenError, Pool

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
PATIENCE = 30
"""Seconds after which a test that hangs fails; no test takes a thousandth of it."""

OK = Outcome(Action.OK, "OK", AT, biz_id="1")
NO = Outcome(Action.ROW, "isv.MOBILE_NUMBER_ILLEGAL", AT)
DOUBT = Outcome(Action.IN_DOUBT, "net.READ_TIMEOUT", AT)
BROKE = Outcome(Action.STOP, "isv.AMOUNT_NOT_ENOUGH", AT)
SLOW = Outcome(Action.RETRY, "Throttling.User", AT, retry=Retry.SLOW)
SLOW_3S = Outcome(Action.RETRY, "Throttling.User", AT, retry=Retry.SLOW, retry_after=3.0)
UNREACHED = Outcome(Action.RETRY, "net.CONNECT_FAILED", AT, retry=Retry.CONNECT)
CLOCK_OFF = Outcome(Action.RETRY, "IllegalTimestamp", AT, retry=Retry.CLOCK)
CTRL_C = Outcome(Action.STOP, "run.STOPPED", AT, "SIGINT")
FINAL = {Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT}


class MadeClock:
    """Time that passes when somebody waits."""

    def __init__(self):
        self._seconds, self._lock = 1000.0, threading.Lock()

    def now(self):
        return AT + timedelta(seconds=self._seconds)

    def monotonic(self):
        return self._seconds

    def sleep(self, seconds):
        until = self._seconds + seconds + 1e-9
        with self._lock:  # who sleeps at the same time sleeps through the same time
            self._seconds = max(self._seconds, until)


class MadeWaiting:
    """The queue of outcomes, whose waiting in vain moves the made clock on."""

    def __init__(self, pool, clock):
        self._queue, self._pool, self._clock = SimpleQueue(), pool, clock
        self.put, self.get_nowait, self.qsize = self._queue.put, self._queue.get_nowait, self._queue.qsize

    def get(self, timeout):
        if timeout is None or self._pool._in_hand or self._pool._carriers.opening:
            return self._queue.get(timeout=PATIENCE)
        self._clock.sleep(timeout)
        raise Empty


class Book:
    """Keeps intents and outcomes in order; ``before`` is called with what is about to be made durable."""

    def __init__(self, held=(), before=lambda *_: None):
        self.held, self.before = frozenset(held), before
        self.begun, self.ended, self.commits = Counter(), [], []

    def record(self, begun, ended):
        assert len({pending.id for pending in begun}) == len(begun)
        self.before(begun, ended)
        self.ended += ended
        self.commits.append(([pending.id for pending in begun], [attempt.pending.id for attempt in ended]))
        held = self.held & {pending.id for pending in begun}
        self.begun.update(pending.id for pending in begun if pending.id not in held)  # durable from here on
        return held

    def statuses(self):
        """The last status of each row."""
        return {attempt.pending.id: attempt.status for attempt in self.ended}


class Gateway:
    """Says what the script says of each row, then OK; sends nothing that is not in the book."""

    offset = timedelta(0)

    def __init__(self, book, script=None, work=lambda _: None):
        self.book, self.work, self.sent, self.threads = book, work, [], set()
        self.opened, self.opens, self.opening = 0, True, lambda _: None
        self.script = defaultdict(list, {number: list(outcomes) for number, outcomes in (script or {}).items()})
        self._lock = threading.Lock()

    def open(self):
        with self._lock:
            self.opened += 1
            count = self.opened
        self.opening(count)
        return self.opens

    def send(self, message):
        number = int(message.out_id)
        with self._lock:
            self.sent.append(number)
            self.threads.add(threading.current_thread())
            assert self.sent.count(number) <= self.book.begun[number], f"{number} was sent before it was written down"
            outcome = self.script[number].pop(0) if self.script[number] else OK
        self.work(number)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


class Doors:
    """Lets a test hold messages at the gateway, and wait until so many are there."""

    def __init__(self):
        self._arrived = threading.Semaphore(0)
        self._turned = threading.Condition()
        self._open, self._all = set(), False

    def __call__(self, number):
        self._arrived.release()
        with self._turned:
            assert self._turned.wait_for(lambda: self._all or number in self._open, PATIENCE)

    def wait_for(self, count):
        for _ in range(count):
            assert self._arrived.acquire(timeout=PATIENCE)

    def open(self, number):
        with self._turned:
            self._open.add(number)
            self._turned.notify_all()

    def open_all(self):
        with self._turned:
            self._all = True
            self._turned.notify_all()


def rows(count, attempts=0):
    return [Pending(n, n + 1, attempts, Message("+1", "1", "US", "s", "t", "{}", str(n))) for n in range(1, count + 1)]


def pool_of(book, gateway, *, rate=float("inf"), threads=4, clock=None, **more):
    clock = clock or RealClock()
    carriers = Threads(gateway, threads, clock)
    pool = Pool(carriers, book, rate=rate, most=threads, clock=clock, random=random.Random(1), **more)
    if isinstance(clock, MadeClock):
        pool._came = MadeWaiting(pool, clock)
    return pool


def in_background(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def join(*threads):
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def let_go(pool):
    pool._carriers.end()
    join(*pool._carriers._threads)


@pytest.mark.parametrize("threads", [1, 3, 32])
def test_every_message_is_sent_exactly_once_and_each_outcome_is_recorded(threads):
    told = []
    book = Book()
    gateway = Gateway(book)
    ending = pool_of(book, gateway, threads=threads, tell=told.append).run(rows(500))
    assert sorted(gateway.sent) == list(range(1, 501))
    assert book.statuses() == dict.fromkeys(range(1, 501), Status.ACCEPTED)
    assert told == book.ended
    assert (ending.stopped_by, ending.settled) == (None, 500)


def test_nothing_to_send_is_an_ending_without_a_commit():
    book = Book()
    ending = pool_of(book, Gateway(book)).run([])
    assert (ending.stopped_by, ending.settled, book.commits) == (None, 0, [])


def test_messages_go_in_the_order_of_the_list():
    book = Book()
    gateway = Gateway(book)
    pool_of(book, gateway, threads=1).run(rows(50))
    assert gateway.sent == list(range(1, 51))


def test_threads_end_when_they_are_let():
    book = Book()
    pool = pool_of(book, Gateway(book))
    pool.run(rows(20))
    let_go(pool)


def test_carriers_serve_one_pool_after_the_other():
    book = Book()
    gateway = Gateway(book)
    first = pool_of(book, gateway, threads=7)
    first.run(rows(20))
    second = Pool(first._carriers, book, rate=float("inf"), most=7, clock=RealClock(), random=random.Random(1))
    second.run(rows(40)[20:])
    let_go(second)
    assert sorted(gateway.sent) == list(range(1, 41))
    assert gateway.opened == 7, "connections stay open in between"


def test_a_message_is_at_the_gateway_only_after_its_intent_was_durable():
    """The gateway checks it at every sending; here the book dawdles, so that a pool that is early would be caught."""
    dawdle = threading.Event()
    book = Book(before=lambda *_: dawdle.wait(0.002))
    gateway = Gateway(book)
    pool_of(book, gateway, threads=8).run(rows(60))
    assert len(gateway.sent) == 60


def test_what_the_book_holds_back_is_never_sent():
    book = Book(held={2, 3, 40})
    gateway = Gateway(book)
    ending = pool_of(book, gateway).run(rows(40))
    assert sorted(gateway.sent) == [n for n in range(1, 41) if n not in {2, 3, 40}]
    assert ending.settled == 37


def test_where_all_are_held_back_the_pool_ends():
    book = Book(held=range(1, 11))
    gateway = Gateway(book)
    assert pool_of(book, gateway).run(rows(10)).settled == 0
    assert gateway.sent == []


def test_outcomes_and_intents_share_commits():
    doors = Doors()
    book = Book()
    gateway = Gateway(book, work=doors)
    pool = pool_of(book, gateway, threads=10)
    runner = in_background(lambda: pool.run(rows(20)))
    doors.wait_for(10)
    doors.open_all()
    join(runner)
    assert book.commits[0] == (list(range(1, 11)), [])
    assert len(book.ended) == 20
    assert any(begun and ended for begun, ended in book.commits)


def test_an_account_fault_lets_no_new_message_start_and_the_ones_on_the_way_are_recorded():
    doors, stopped = Doors(), threading.Event()

    def before(begun, ended):
        if any(attempt.outcome is BROKE for attempt in ended):
            stopped.set()

    book = Book(before=before)
    gateway = Gateway(book, {2: [BROKE], 3: [DOUBT], 4: [SLOW]}, work=doors)
    pool = pool_of(book, gateway, threads=4)
    endings = []
    runner = in_background(lambda: endings.append(pool.run(rows(100))))
    doors.wait_for(4)
    doors.open(2)
    assert stopped.wait(PATIENCE)
    doors.open_all()
    join(runner)
    assert sorted(gateway.sent) == [1, 2, 3, 4]
    assert book.statuses() == {1: Status.ACCEPTED, 2: Status.NOT_SENT, 3: Status.IN_DOUBT, 4: Status.NOT_SENT}
    assert endings[0].stopped_by is BROKE


def test_stop_from_another_thread_waits_for_what_is_on_the_way():
    doors = Doors()
    book = Book()
    gateway = Gateway(book, {1: [NO]}, work=doors)
    pool = pool_of(book, gateway, threads=5)

    def interrupt():
        doors.wait_for(5)
        pool.stop(CTRL_C)
        doors.open_all()

    helper = in_background(interrupt)
    ending = pool.run(rows(1000))
    join(helper)
    assert sorted(gateway.sent) == [1, 2, 3, 4, 5]
    assert book.statuses() == {1: Status.REJECTED, **dict.fromkeys(range(2, 6), Status.ACCEPTED)}
    assert ending.stopped_by is CTRL_C


def test_stop_ends_a_long_wait_at_once():
    """One message a day: after the first nothing is on its way, and only the clock could end the wait."""
    recorded = threading.Event()

    def before(begun, ended):
        if ended:
            recorded.set()

    book = Book(before=before)
    pool = pool_of(book, Gateway(book), rate=1 / 86400)
    endings = []
    runner = in_background(lambda: endings.append(pool.run(rows(3))))
    assert recorded.wait(PATIENCE)
    pool.stop(CTRL_C)
    join(runner)
    assert [(ending.stopped_by, ending.settled) for ending in endings] == [(CTRL_C, 1)]


def test_the_first_reason_to_stop_is_the_one_that_is_told():
    book = Book()
    pool = pool_of(book, Gateway(book, {1: [BROKE]}))
    pool.stop(CTRL_C)
    pool.stop(BROKE)
    ending = pool.run(rows(5))
    assert (ending.stopped_by, ending.settled, book.ended) == (CTRL_C, 0, [])


def test_throttled_rows_are_sent_again_until_they_are_accepted():
    book = Book()
    gateway = Gateway(book, {2: [SLOW] * 3, 5: [SLOW, SLOW_3S], 6: [SLOW, NO]})
    ending = pool_of(book, gateway, rate=20.0, clock=MadeClock()).run(rows(8))
    assert Counter(gateway.sent) == {1: 1, 2: 4, 3: 1, 4: 1, 5: 3, 6: 2, 7: 1, 8: 1}
    assert book.begun == Counter(gateway.sent)
    assert book.statuses() == {n: Status.REJECTED if n == 6 else Status.ACCEPTED for n in range(1, 9)}
    assert ending.stopped_by is None


def test_each_try_is_recorded_with_its_number():
    book = Book()
    pool_of(book, Gateway(book, {1: [SLOW, SLOW]}), clock=MadeClock()).run(rows(1))
    assert [(end.pending.attempts, end.status) for end in book.ended] == [
        (0, Status.NOT_SENT),
        (1, Status.NOT_SENT),
        (2, Status.ACCEPTED),
    ]


def test_a_row_that_is_throttled_for_ever_is_left_and_the_others_go():
    book = Book()
    gateway = Gateway(book, {1: [SLOW] * 1000})
    ending = pool_of(book, gateway, clock=MadeClock()).run(rows(30))
    assert gateway.sent.count(1) == THROTTLED_TRIES
    assert book.statuses()[1] is Status.NOT_SENT
    assert Counter(book.statuses().values())[Status.ACCEPTED] == 29
    assert ending.stopped_by is None


def test_the_tries_of_an_earlier_call_do_not_shorten_the_patience_of_this_one():
    book = Book()
    gateway = Gateway(book, {1: [SLOW] * 5, 2: [CLOCK_OFF]})
    ending = pool_of(book, gateway, clock=MadeClock()).run(rows(2, attempts=THROTTLED_TRIES))
    assert book.statuses() == {1: Status.ACCEPTED, 2: Status.ACCEPTED}
    assert ending.stopped_by is None


def test_a_wait_that_the_gateway_asks_for_holds_everybody():
    clock = MadeClock()
    book = Book()
    moments = defaultdict(list)
    gateway = Gateway(book, {1: [SLOW_3S]}, work=lambda number: moments[number].append(clock.monotonic()))
    pool_of(book, gateway, rate=10.0, threads=1, clock=clock).run(rows(5))
    said = moments[1][0]
    assert all(moment >= said + 3.0 for number, when in moments.items() for moment in when[number == 1 :])


def until(clock, seconds):
    """A moment so many seconds from now."""
    return clock.now().timestamp() + seconds


def test_from_a_moment_on_nothing_goes_out_and_the_rest_waits():
    clock, moments = MadeClock(), []
    book = Book()
    end = until(clock, 2.05)
    gateway = Gateway(book, work=lambda _: moments.append(clock.now().timestamp()))
    ending = pool_of(book, gateway, rate=10.0, threads=1, clock=clock, until=end).run(rows(100))
    assert 15 <= len(gateway.sent) <= 21
    assert max(moments) < end
    assert (ending.stopped_by, ending.settled) == (None, len(gateway.sent))
    assert all(book.statuses()[number] is Status.ACCEPTED for number in gateway.sent)


def test_a_row_that_waits_to_be_tried_again_does_not_go_out_after_that_moment():
    clock, moments = MadeClock(), []
    book = Book()
    end = until(clock, 1.0)
    gateway = Gateway(book, {1: [SLOW_3S]}, work=lambda _: moments.append(clock.now().timestamp()))
    ending = pool_of(book, gateway, rate=10.0, threads=1, clock=clock, until=end).run(rows(5))
    assert max(moments) < end
    assert ending.stopped_by is None
    assert book.statuses()[1] is Status.NOT_SENT


def test_a_message_that_a_thread_has_already_is_called_off_when_the_machine_sleeps_past_that_moment():
    clock = MadeClock()
    book = Book()
    end = until(clock, 60)

    class Sleepy(MadeClock):
        """Sleeps for hours when it should sleep until a slot."""

        def sleep(self, seconds):
            super().sleep(seconds + 7200)

    pool = pool_of(book, Gateway(book), rate=1.0, threads=2, clock=Sleepy(), until=end)
    pool.run(rows(3))
    assert len(pool._carriers._gateway.sent) <= 1
    assert {book.statuses()[n] for n in book.begun if n not in pool._carriers._gateway.sent} <= {Status.NOT_SENT}


def test_what_was_called_off_before_it_was_written_is_not_sent_and_goes_out_again():
    book = Book()
    gateway = Gateway(book, {2: [None]})
    ending = pool_of(book, gateway, threads=1).run(rows(3))
    assert [attempt.status for attempt in book.ended if attempt.pending.id == 2] == [Status.NOT_SENT, Status.ACCEPTED]
    assert {attempt.pending.attempts for attempt in book.ended} == {0}
    assert ending.settled == 3


def test_what_the_gateway_finds_too_late_is_not_sent_and_not_in_doubt():
    clock, book = MadeClock(), Book()
    gateway = Gateway(book, {2: [None]}, work=lambda number: clock.sleep(60.0 * (number == 2)))
    ending = pool_of(book, gateway, threads=1, clock=clock, until=until(clock, 30)).run(rows(3))
    assert (book.statuses(), gateway.sent) == ({1: Status.ACCEPTED, 2: Status.NOT_SENT}, [1, 2])
    assert ending.settled == 1


class Fleeting:
    """Two carriers; as the message ``last`` goes out, one is lost with it, or both."""

    setup, opening, offset = 0.0, 0, timedelta(0)

    def __init__(self, last, both=False):
        self._last, self._left, self._both = last, 2, both

    def begin(self, dispatcher, closes):
        self._dispatcher = dispatcher
        return 2

    def add(self, count):
        return 0

    def carry(self, going):
        for pending, at in going:
            if pending.id == self._last:
                self._left = 0 if self._both else 1
                self._dispatcher.lost(2 - self._left)
                self._dispatcher.bring([(pending, at, CarrierLostError("killed"))])
                if self._both:
                    self._dispatcher.fail(SendersError("senders_gone"))
            else:
                self._dispatcher.bring([(pending, at, OK if self._left else None)])


def test_what_a_lost_carrier_had_is_in_doubt_and_the_others_go_on():
    book = Book()
    pool = Pool(
        Fleeting(3), book, rate=math.inf, most=2, clock=RealClock(), random=random.Random(1), breaker=Breaker(1)
    )
    ending = pool.run(rows(20))
    assert (ending.stopped_by, ending.settled) == (None, 20)
    assert Counter(book.statuses().values()) == {Status.ACCEPTED: 19, Status.IN_DOUBT: 1}
    (lost,) = [attempt.outcome for attempt in book.ended if attempt.status is Status.IN_DOUBT]
    assert (lost.code, lost.message) == ("run.CRASHED", "killed")
    assert set(book.begun.values()) == {1}


def test_without_carriers_the_run_breaks_off_and_nothing_else_is_in_doubt():
    book = Book()
    pool = Pool(Fleeting(3, both=True), book, rate=math.inf, most=2, clock=RealClock(), random=random.Random(1))
    with pytest.raises(BrokenError) as broken:
        pool.run(rows(20))
    assert isinstance(broken.value.__cause__, SendersError)
    assert broken.value.unsaved == ()
    statuses = book.statuses()
    assert statuses.pop(3) is Status.IN_DOUBT
    assert {number: statuses[number] for number in (1, 2)} == dict.fromkeys((1, 2), Status.ACCEPTED)
    assert {status for number, status in statuses.items() if number > 3} <= {Status.NOT_SENT}
    assert set(book.begun) == set(book.statuses()), "every intent has its end"


def test_a_pool_whose_time_is_over_sends_nothing():
    book = Book()
    pool = pool_of(book, Gateway(book), until=0.0)
    assert pool.run(rows(3)).settled == 0
    assert book.commits == []


def test_a_gateway_that_nobody_can_reach_stops_the_run_with_every_row_unsent():
    book = Book()
    gateway = Gateway(book, {n: [UNREACHED] * 1000 for n in range(1, 41)})
    clock = MadeClock()
    ending = pool_of(book, gateway, rate=5.0, threads=1, clock=clock).run(rows(40))
    assert ending.stopped_by is UNREACHED
    assert len(gateway.sent) == CONNECT_TRIES
    assert set(book.statuses().values()) == {Status.NOT_SENT}
    assert len(book.ended) == len(gateway.sent)


def test_many_failing_connections_at_once_count_as_one_fault():
    doors = Doors()
    book = Book()
    gateway = Gateway(book, {n: [UNREACHED] for n in range(1, 21)}, work=doors)
    clock = MadeClock()
    pool = pool_of(book, gateway, threads=20, clock=clock)
    endings = []
    runner = in_background(lambda: endings.append(pool.run(rows(20))))
    doors.wait_for(20)
    doors.open_all()
    join(runner)
    assert endings[0].stopped_by is None
    assert book.statuses() == dict.fromkeys(range(1, 21), Status.ACCEPTED)


def test_connections_that_come_back_start_the_count_anew():
    book = Book()
    gateway = Gateway(book, {1: [UNREACHED] * (CONNECT_TRIES - 1), 2: [UNREACHED] * (CONNECT_TRIES - 1)})
    ending = pool_of(book, gateway, rate=0.001, threads=1, clock=MadeClock()).run(rows(2))
    assert ending.stopped_by is None
    assert book.statuses() == {1: Status.ACCEPTED, 2: Status.ACCEPTED}


def test_a_clock_that_was_off_is_tried_again_and_stops_the_run_at_the_third_time():
    book = Book()
    gateway = Gateway(book, {1: [CLOCK_OFF] * 2})
    assert pool_of(book, gateway, threads=1, clock=MadeClock()).run(rows(2)).stopped_by is None
    assert book.statuses() == {1: Status.ACCEPTED, 2: Status.ACCEPTED}
    gateway = Gateway(book := Book(), {1: [CLOCK_OFF] * 9})
    assert pool_of(book, gateway, threads=1, clock=MadeClock()).run(rows(1)).stopped_by is CLOCK_OFF
    assert gateway.sent == [1, 1, 1]


def test_a_fault_of_ours_is_in_doubt_and_raised_when_all_else_is_recorded():
    doors, recorded = Doors(), threading.Event()

    def before(begun, ended):
        if ended:
            recorded.set()

    book = Book(before=before)
    gateway = Gateway(book, {1: [ZeroDivisionError("ours")]}, work=doors)
    pool = pool_of(book, gateway, threads=3)
    raised = []

    def work():
        try:
            pool.run(rows(50))
        except BrokenError as error:
            raised.append(error.__cause__)

    runner = in_background(work)
    doors.wait_for(3)
    doors.open(1)
    assert recorded.wait(PATIENCE)
    doors.open_all()
    join(runner)
    assert [str(error) for error in raised] == ["ours"]
    assert sorted(gateway.sent) == [1, 2, 3]
    assert book.statuses() == {1: Status.IN_DOUBT, 2: Status.ACCEPTED, 3: Status.ACCEPTED}
    (crashed,) = [end.outcome for end in book.ended if end.pending.id == 1]
    assert (crashed.code, crashed.message) == ("run.CRASHED", "ZeroDivisionError")


@pytest.mark.parametrize(("rate", "most", "expected"), [(float("inf"), 5, 5), (4.0, 50, 5), (20.0, 5, 5)])
def test_connections_for_more_than_a_second_of_the_rate_are_there_before_the_first_message(rate, most, expected):
    opened = []
    book = Book(before=lambda *_: opened.append(gateway.opened))
    gateway = Gateway(book)
    pool = pool_of(book, gateway, rate=rate, threads=most, clock=MadeClock())
    pool.run(rows(30))
    assert opened[0] == len(pool._carriers._threads) == expected


def test_the_gateway_has_time_to_end_its_part_of_the_connections_before_the_first_message():
    clock, begun = MadeClock(), []
    book = Book(before=lambda *_: begun.append(clock.monotonic()))
    opened_at = clock.monotonic()
    pool_of(book, Gateway(book), rate=float("inf"), threads=101, clock=clock).run(rows(1))
    assert begun[0] - opened_at == pytest.approx(100 * 0.0002), "all but the first are opened together"


def test_a_gateway_that_gets_slow_gets_more_threads():
    doors = Doors()
    book = Book()
    gateway = Gateway(book, work=doors)
    pool = pool_of(book, gateway, rate=100.0, threads=500)
    runner = in_background(lambda: pool.run(rows(250)))
    doors.wait_for(250)
    doors.open_all()
    join(runner)
    assert len(gateway.threads) == 250 <= len(pool._carriers._threads)


def test_a_connection_that_takes_long_holds_up_the_start_for_a_moment_only():
    """Of 21 connections one hangs until the first messages have gone."""
    gone = threading.Event()
    book = Book()
    gateway = Gateway(book, work=lambda number: gone.set() if number == 20 else None)
    gateway.opening = lambda count: gone.wait(PATIENCE) if count == 2 else None
    pool = pool_of(book, gateway, rate=20.0, threads=500)
    assert pool.run(rows(20)).settled == 20
    let_go(pool)


def test_a_connection_that_can_not_be_opened_ahead_is_left_to_the_message():
    book = Book()
    gateway = Gateway(book, {1: [UNREACHED]})
    gateway.opens = False
    ending = pool_of(book, gateway, rate=20.0, clock=MadeClock()).run(rows(5))
    assert (ending.settled, gateway.sent.count(1)) == (5, 2)


def test_a_fast_gateway_is_fed_at_the_rate():
    book = Book()
    gateway = Gateway(book)
    clock = MadeClock()
    began = clock.monotonic()
    ending = pool_of(book, gateway, rate=20.0, threads=500, clock=clock).run(rows(200))
    assert clock.monotonic() - began == pytest.approx(199 / 20, rel=0.01)
    assert ending.seconds == pytest.approx(199 / 20, rel=0.01)
    assert ending.rate == pytest.approx(20.0, rel=0.01)


def test_a_slow_book_does_not_slow_the_rate():
    """Each commit takes 30 ms of made time, longer than the catching up: the lead grows with it."""
    clock = MadeClock()
    book = Book(before=lambda *_: clock.sleep(0.03))
    gateway = Gateway(book)
    began = clock.monotonic()
    pool_of(book, gateway, rate=10.0, clock=clock).run(rows(100))
    assert clock.monotonic() - began == pytest.approx(99 / 10, rel=0.05)


def test_a_machine_that_gives_no_more_threads_sends_with_those_there_are(monkeypatch):
    started = []
    start = threading.Thread.start

    def start_two(thread):
        if len(started) >= 3:  # the gate's keeper is one of them
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    book = Book()
    gateway = Gateway(book)
    pool_of(book, gateway, threads=10).run(rows(40))
    assert sorted(gateway.sent) == list(range(1, 41))
    assert len(started) == 3


def test_a_machine_that_gives_no_thread_at_all_says_so(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    book = Book()
    gateway = Gateway(book)
    with pytest.raises(BrokenError) as broken:
        pool_of(book, gateway).run(rows(3))
    assert str(broken.value.__cause__) == "can't start new thread"
    assert gateway.sent == []
    assert not book.begun


@pytest.mark.parametrize("good", [0, 1, 5])
def test_a_book_that_is_full_ends_the_run_and_nothing_of_that_commit_is_sent(good):
    refused = []

    def before(begun, ended):
        if len(book.commits) == good:
            refused.extend(pending.id for pending in begun)
            raise OSError("no space left")

    book = Book(before=before)
    gateway = Gateway(book)
    pool = pool_of(book, gateway, threads=2)
    with pytest.raises(BrokenError) as broken:
        pool.run(rows(50))
    let_go(pool)
    assert str(broken.value.__cause__) == "no space left"
    assert not set(refused) & set(gateway.sent)
    told = [*book.ended, *broken.value.unsaved]
    assert Counter(gateway.sent) == Counter(end.pending.id for end in told if end.outcome is not None)
    assert Counter(end.pending.id for end in told) == book.begun, "every outcome is recorded or handed back"


def test_a_list_that_breaks_off_ends_the_run_and_what_was_not_begun_is_not_sent():
    def broken():
        yield from rows(10)
        raise OSError("gone")

    book = Book()
    gateway = Gateway(book)
    pool = pool_of(book, gateway, threads=3)
    with pytest.raises(BrokenError) as broke:
        pool.run(broken())
    let_go(pool)
    assert str(broke.value.__cause__) == "gone"
    assert Counter(end.pending.id for end in book.ended) == book.begun
    assert Counter(gateway.sent) == Counter(end.pending.id for end in book.ended if end.outcome is not None)


ANSWERS = st.sampled_from([OK, OK, NO, DOUBT, SLOW, SLOW_3S, UNREACHED, CLOCK_OFF, BROKE])


@given(
    st.lists(st.lists(ANSWERS, max_size=4), max_size=12),
    st.sampled_from([float("inf"), 50.0, 3.0]),
    st.integers(1, 4),
    st.frozensets(st.integers(1, 12), max_size=2),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_said_no_row_is_sent_after_a_final_word_and_none_is_lost(scripts, rate, threads, held):
    book = Book(held=held)
    gateway = Gateway(book, dict(enumerate(scripts, 1)))
    pool = pool_of(book, gateway, rate=rate, threads=threads, clock=MadeClock())
    ending = pool.run(rows(len(scripts)))
    let_go(pool)
    assert book.begun == Counter(end.pending.id for end in book.ended)
    called_off = Counter(end.pending.id for end in book.ended if end.outcome is None)
    assert Counter(gateway.sent) + called_off == book.begun
    assert not held & set(gateway.sent)
    words = defaultdict(list)
    for end in book.ended:
        if end.outcome is not None:
            words[end.pending.id].append(end)
    for ends in words.values():
        assert all(end.outcome.action is Action.RETRY for end in ends[:-1])
        assert all((end.status in FINAL) == (end.outcome.action not in (Action.RETRY, Action.STOP)) for end in ends)
    if ending.stopped_by is None:
        assert set(words) == set(range(1, len(scripts) + 1)) - held
        assert all(ends[-1].status in FINAL for ends in words.values())
