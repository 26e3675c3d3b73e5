"""The crew and its members: each process is a thread here, behind real pipes, that ends when the test says so."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest

from batch_sms.clock import RealClock
from batch_sms.errors import SendersError
from batch_sms.model import Action, Message, Outcome, Pending
from batch_sms.sending.carriers import CarrierLostError
from batch_sms.sending.crew import MOST_SILENT, Crew, SenderFaultError
from batch_sms.sending.door import Door
from batch_sms.sending.lines import line_of
from batch_sms.sending.member import Member

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
PATIENCE = 30
INFINITE = float("inf")


class Gateway:
    """Answers OK at once, or when ``answers`` is set; ``faults`` are raised."""

    def __init__(self, *, answers=True):
        self.offset, self.closes = timedelta(0), INFINITE
        self.sent, self.faults, self.offsets = SimpleQueue(), {}, {}
        self.answers = threading.Event()
        if answers:
            self.answers.set()

    def open(self):
        return True

    def send(self, message):
        self.offsets[message.out_id] = self.offset
        self.sent.put(message)
        assert self.answers.wait(PATIENCE)
        if message.out_id in self.faults:
            raise self.faults[message.out_id]
        return Outcome(Action.OK, "OK", AT, biz_id=message.out_id)


class Outbox:
    """The writing end of a pipe, whom it does not matter that the test is over."""

    def __init__(self, number):
        self._file = os.fdopen(number, "wb", buffering=0)
        self.fileno, self.flush, self.close = self._file.fileno, lambda: None, self._file.close

    def write(self, line):
        with suppress(ValueError):
            self._file.write(line)


class Process:
    """A sender process that is none: a member in a thread, with a gateway of its own."""

    def __init__(self, gateway, most, *, silent=False):
        self.gateway, self.most, self.door = gateway, most, Door(INFINITE, RealClock())
        (inbox, stdin), (stdout, outbox) = os.pipe(), os.pipe()
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self._inbox, self.outbox = os.fdopen(inbox, "rb"), Outbox(outbox)
        self.code, self._ended = 0, threading.Event()
        self._killed = threading.Event()
        self.member = Member(gateway, self.door, most, RealClock(), (self._inbox, self.outbox))
        self._life = threading.Thread(target=self.member.serve, daemon=True)
        if not silent:
            self._life.start()

    def kill(self):
        """As SIGKILL does it: the pipes end, and nothing else comes up them."""
        if not self._killed.is_set():
            self._killed.set()
            self.code = -signal.SIGKILL
            with Path(os.devnull).open("wb") as nobody:
                os.dup2(nobody.fileno(), self.outbox.fileno())
            self._ended.set()

    def wait(self):
        assert self._ended.wait(PATIENCE)
        return self.code

    def bury(self):
        """Close what is open of it; its end of the pipe from above has ended by now."""
        self.gateway.answers.set()
        if self._life.ident is not None:
            self._life.join(PATIENCE)
        for pipe in (self.stdin, self.stdout, self._inbox, self.outbox):
            pipe.close()


class Dispatcher:
    """Notes what it hears."""

    def __init__(self):
        self.heard = SimpleQueue()
        self.idle = 0

    def bring(self, came):
        for pending, _, outcome in came:
            self.heard.put((pending.id, outcome))

    def ready(self, count):
        for _ in range(count):
            self.heard.put("ready")

    def lost(self, count):
        self.heard.put(("lost", count))

    def fail(self, error):
        self.heard.put(error)

    def next(self, count=1):
        return [self.heard.get(timeout=PATIENCE) for _ in range(count)]


class Stage:
    """A crew of such processes."""

    def __init__(self, *gateways, most=4, rate=INFINITE):
        self.processes, self.told = [], []
        waiting = iter(gateways)

        def start(share):
            self.processes.append(Process(next(waiting), share))
            return self.processes[-1]

        tell = lambda event, **facts: self.told.append((event, facts))  # noqa: E731 (one thing it does)
        self.crew, self.dispatcher = Crew(start, len(gateways), most, rate, tell), Dispatcher()

    def open(self, count):
        assert self.crew.begin(self.dispatcher, INFINITE) == 0
        assert self.crew.add(count) == count
        assert self.dispatcher.next(count) == ["ready"] * count
        assert self.crew.opening == 0

    def carry(self, *numbers):
        self.crew.carry([(Pending(n, n, 0, message(n)), 7.0) for n in numbers])


@pytest.fixture
def stage():
    stages = []

    def make(*gateways, **more):
        stages.append(Stage(*gateways, **more))
        return stages[-1]

    yield make
    for one in stages:
        one.crew.end()
        for process in one.processes:
            process.bury()


def message(number):
    return Message("+1", "1", "US", "s", "t", "{}", str(number))


def test_messages_go_by_turns_and_each_outcome_comes_back_to_its_own(stage):
    first, second = Gateway(), Gateway()
    there = stage(first, second)
    there.open(4)
    there.carry(1, 2, 3, 4)
    came = dict(there.dispatcher.next(4))
    assert {number: outcome.biz_id for number, outcome in came.items()} == {1: "1", 2: "2", 3: "3", 4: "4"}
    assert [sorted(gateway.sent.get().out_id for _ in range(2)) for gateway in (first, second)] == [
        ["1", "3"],
        ["2", "4"],
    ]


@pytest.mark.parametrize(
    ("processes", "most", "shares"), [(2, 5, [3, 2]), (3, 3, [1, 1, 1]), (4, 2, [1, 1]), (1, 7, [7])]
)
def test_the_threads_are_shared_out_and_there_are_never_more(stage, processes, most, shares):
    there = stage(*(Gateway() for _ in range(processes)), most=most)
    assert [process.most for process in there.processes] == shares
    there.crew.begin(there.dispatcher, INFINITE)
    assert there.crew.add(100) == most
    assert there.crew.add(1) == 0
    assert there.dispatcher.next(most) == ["ready"] * most


def test_the_first_thread_comes_with_one_in_each_process(stage):
    there = stage(Gateway(), Gateway(), Gateway(), most=6)
    there.crew.begin(there.dispatcher, INFINITE)
    assert [there.crew.add(count) for count in (-1, 0, 1, 1)] == [0, 0, 3, 1]
    assert there.dispatcher.next(4) == ["ready"] * 4


def test_the_rate_is_shared_out_and_so_is_the_end_of_the_time(stage):
    gateways = [Gateway(), Gateway()]
    there = stage(*gateways, rate=100.0)
    there.crew.begin(there.dispatcher, 1e9)
    there.crew.add(2)
    there.dispatcher.next(2)
    assert [process.door.rate for process in there.processes] == [50.0, 50.0]
    assert [gateway.closes for gateway in gateways] == [1e9, 1e9]


def test_what_a_lost_process_had_is_lost_with_it_and_the_other_goes_on_with_the_whole_rate(stage):
    slow, quick = Gateway(answers=False), Gateway()
    there = stage(slow, quick, rate=100.0)
    there.open(4)
    there.carry(1, 2, 3)
    assert there.dispatcher.next()[0][0] == 2
    there.processes[0].kill()
    assert there.dispatcher.next() == [("lost", 2)]
    lost = dict(there.dispatcher.next(2))
    assert {number: type(outcome) for number, outcome in lost.items()} == {1: CarrierLostError, 3: CarrierLostError}
    assert there.told == [("sender_lost", {"reason": "SIGKILL", "in_doubt": 2, "left": 1})]
    there.carry(4, 5)
    assert sorted(number for number, _ in there.dispatcher.next(2)) == [4, 5]
    assert there.processes[1].door.rate == 100.0
    there.carry(6, 7, 8)
    came = dict(there.dispatcher.next(3))
    assert Counter(outcome is None for outcome in came.values()) == {False: 2, True: 1}, (
        "who finds nobody is called off"
    )
    assert there.crew.add(10) == 0, "the other one has all that it may have"


def test_a_process_that_stands_still_is_ended_and_what_it_had_is_lost(stage):
    there = stage(Gateway(), Gateway())
    there.open(4)
    there.processes[0].outbox.write = lambda _: None
    there.carry(1, 2, 3)
    assert there.dispatcher.next()[0][0] == 2
    for number in range(4, 4 + MOST_SILENT):
        assert there.told == []
        there.carry(number)
        assert there.dispatcher.next()[0][0] == number, "the other one is there"
        there.crew.look()
    assert there.dispatcher.next() == [("lost", 2)]
    assert {number: type(outcome) for number, outcome in there.dispatcher.next(2)} == dict.fromkeys(
        (1, 3), CarrierLostError
    )
    assert there.told == [
        ("sender_silent", {"seconds": 60}),
        ("sender_lost", {"reason": "SIGKILL", "in_doubt": 2, "left": 1}),
    ]


def test_a_process_that_has_nothing_to_say_says_so(monkeypatch):
    monkeypatch.setattr("batch_sms.sending.member._SIGN", 0.001)
    process = Process(Gateway(), 1)
    assert [process.stdout.readline() for _ in range(3)] == [line_of("here")] * 3
    process.stdin.close()
    process.kill()
    process.bury()


def test_a_process_that_has_not_said_a_word_yet_takes_its_time(stage):
    there = stage(Gateway(), most=1)
    for _ in range(2 * MOST_SILENT):
        there.crew.look()
    assert there.told == []


def test_without_any_process_nothing_can_be_carried(stage):
    there = stage(Gateway(), Gateway())
    there.open(2)
    for process in there.processes:
        process.kill()
        assert there.dispatcher.next() == [("lost", 1)]
    assert isinstance(there.dispatcher.next()[0], SendersError)
    assert [facts["left"] for _, facts in there.told] == [1, 0]
    with pytest.raises(SendersError):
        there.crew.add(1)
    there.carry(1)
    assert there.dispatcher.next() == [(1, None)], "it was never handed over"


def test_a_fault_of_ours_comes_back_as_one_and_the_process_goes_on(stage):
    gateway = Gateway()
    gateway.faults["1"] = ZeroDivisionError("a fault")
    there = stage(gateway, most=1)
    there.open(1)
    there.carry(1)
    ((number, fault),) = there.dispatcher.next()
    assert (number, type(fault)) == (1, SenderFaultError)
    assert "ZeroDivisionError: a fault" in str(fault)
    there.carry(2)
    assert there.dispatcher.next()[0][1].biz_id == "2"


def test_a_clock_that_one_process_found_to_be_off_is_off_for_all(stage):
    first, second = Gateway(), Gateway()
    there = stage(first, second)
    there.open(2)
    there.processes[0].gateway.offset = timedelta(seconds=90)
    there.carry(1)
    there.dispatcher.next()
    assert there.crew.offset == timedelta(seconds=90)
    there.carry(2, 3)
    there.dispatcher.next(2)
    assert (first.offsets["3"], second.offsets["2"]) == (timedelta(seconds=90), timedelta(seconds=90))


def test_a_later_round_finds_the_threads_of_the_one_before(stage):
    there = stage(Gateway(), Gateway())
    there.open(3)
    other = Dispatcher()
    assert there.crew.begin(other, INFINITE) == 3
    there.crew.carry([(Pending(1, 1, 0, message(1)), 7.0)])
    assert other.next()[0][0] == 1


def test_a_process_that_talks_nonsense_is_a_fault_and_is_ended(stage):
    there = stage(Gateway(), most=1)
    there.crew.begin(there.dispatcher, INFINITE)
    there.processes[0].outbox.write(line_of("nonsense"))
    heard = there.dispatcher.next(3)
    assert isinstance(heard[0], KeyError)
    assert (heard[1], type(heard[2])) == (("lost", 0), SendersError)


def test_a_process_that_can_not_be_started_ends_those_that_were():
    first = Process(Gateway(), 1, silent=True)
    starts = iter([lambda: first])

    def start(_):
        for begin in starts:
            return begin()
        raise SendersError("senders_not_started", reason="no memory")

    with pytest.raises(SendersError):
        Crew(start, 2, 2, INFINITE)
    assert first.code == -signal.SIGKILL
    first.bury()


def test_a_member_ends_with_its_pipe_though_its_threads_are_at_work():
    process = Process(Gateway(answers=False), 1)
    said = line_of("carry", 0.0, [[1, *vars_of(message(1))]])
    process.stdin.write(line_of("serve", None) + line_of("add", 1) + said + said[:-20])
    process.stdin.flush()
    assert process.gateway.sent.get(timeout=PATIENCE).out_id == "1"
    process.stdin.close()
    process._life.join(PATIENCE)
    assert not process._life.is_alive()
    process.bury()


def vars_of(one):
    return [getattr(one, name) for name in one.__slots__]
