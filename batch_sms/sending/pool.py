"""The pool: takes waiting messages, lets the pacer say when, and has threads carry them to the gateway.

One dispatcher (the caller's thread) decides and writes the ledger; the threads only carry. Each turn of the dispatcher
makes the outcomes that came in and the intents that go out durable in one commit, so all threads share it; a message is
handed to a thread only after its intent is. There are as many threads as messages on the way: another one is started only
when none is idle, so their number follows from rate and latency.
"""

from __future__ import annotations

import heapq
import math
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from batch_sms.clock import Clock
from batch_sms.model import Action, Attempt, Message, Outcome, Pending, Retry, Status
from batch_sms.sending.breaker import Breaker
from batch_sms.sending.pacer import Pace
from batch_sms.sending.policy import Step, Verdict, decide

_STACK = 512 * 1024
"""Bytes of stack a carrying thread gets: there may be a thousand of them."""
_LEAST_LEAD, _MOST_LEAD = 0.002, 0.02
"""How long before its slot an intent is written, in seconds; follows the time that a commit takes."""


class Gateway(Protocol):
    """What carries one message to the other side. Never raises for anything that a network can do."""

    def send(self, message: Message) -> Outcome | None:
        """Send it once, and say what came of it; None where it had become too late before it was written."""


class Book(Protocol):
    """What keeps intents and outcomes."""

    def record(self, begun: Sequence[Pending], ended: Sequence[Attempt]) -> frozenset[int]:
        """Make them durable; the ids returned must not be sent, all others of ``begun`` may be from now on."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the sending ended: ``stopped_by`` is the outcome (or our ``run.*``) that stopped it.

    It is None where nothing was left, or the time was over.
    """

    stopped_by: Outcome | None
    settled: int = 0
    """Messages that were tried and are done with."""
    seconds: float = 0.0
    rate: float = 0.0
    """Messages a second between the first and the last that went out; 0 for fewer than two."""


class BrokenError(Exception):
    """The sending failed by a fault on our side (its ``__cause__``). ``unsaved`` are outcomes that could not be recorded."""

    def __init__(self, ending: Ending, unsaved: Sequence[Attempt]) -> None:
        super().__init__("the sending failed")
        self.ending = ending
        self.unsaved = tuple(unsaved)


class Pool:
    """Sends messages until there are none, until an outcome stops the run, until it is asked to stop, or ``until`` a time of day.

    From that moment (seconds since 1970) on nothing is handed to the gateway; what waits for its slot is called off.
    """

    def __init__(
        self,
        gateway: Gateway,
        book: Book,
        *,
        rate: float,
        most_threads: int,
        clock: Clock,
        random: random.Random,
        breaker: int = 0,
        until: float = math.inf,
        tell: Callable[[Attempt], None] = lambda _: None,
    ) -> None:
        self._gateway, self._book, self._clock, self._random, self._tell = gateway, book, clock, random, tell
        self._most_threads = most_threads
        self._until = until
        self._pace = Pace.start(rate, clock.monotonic())
        self._lead = _LEAST_LEAD
        self._todo: SimpleQueue[tuple[float, Pending] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Pending, float, Outcome | BaseException | None] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._in_flight = 0
        self._handed = self._settled = 0
        self._first_slot, self._last_slot = math.inf, -math.inf
        self._recent: deque[float] = deque(maxlen=100)
        self._again: list[tuple[float, int, Pending]] = []
        self._tries: dict[int, int] = {}
        self._ended: list[Attempt] = []
        self._breaker = Breaker(breaker)
        self._faults, self._held_until, self._recovered_at = 0, -math.inf, clock.monotonic()
        self._stopped_by: Outcome | None = None
        self._broken: BaseException | None = None

    def stop(self, reason: Outcome) -> None:
        """Take no new message; what is on the way is still waited for. Safe to call from a signal handler."""
        self._stopped_by = self._stopped_by or reason
        self._done.put(None)

    def run(self, waiting: Iterable[Pending]) -> Ending:
        """Send them. Raises BrokenError where the book, the source of messages or a thread of ours failed.

        Even then all that was on its way is waited for, and recorded if that is possible; not waited for, but recorded as
        far as it came, where KeyboardInterrupt is what broke it.
        """
        began = self._clock.monotonic()
        try:
            self._send(waiting)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (whatever it is, no outcome must be lost over it)
            self._broken = error
            self._call_off()
            while self._in_flight and not isinstance(error, KeyboardInterrupt):
                self._collect(None)
            self._collect(0)
            self._save_what_came()
        finally:
            for _ in self._threads:
                self._todo.put(None)
        ending = Ending(self._stopped_by, self._settled, self._clock.monotonic() - began, self._rate_reached())
        if self._broken is not None:
            raise BrokenError(ending, self._ended) from self._broken
        return ending

    def _send(self, waiting: Iterable[Pending]) -> None:
        source = _Source(waiting)
        while True:
            batch = self._take(source)
            if batch or self._ended:
                self._commit_and_hand_over(batch)
            elif self._idle(source):
                return
            else:
                self._collect(self._patience(source))
            self._collect(0)

    def _call_off(self) -> None:
        """Take back what no thread has taken yet."""
        with suppress(Empty):
            while (task := self._todo.get_nowait()) is not None:
                self._judge(task[1], task[0], None)

    def _save_what_came(self) -> None:
        with suppress(Exception):  # the first failure is the one to tell of
            self._book.record([], self._ended)
            self._ended = []

    def _idle(self, source: _Source) -> bool:
        return not self._in_flight and (self._halted or not (self._again or source))

    @property
    def _halted(self) -> bool:
        return self._stopped_by is not None or self._broken is not None or self._seconds_left() <= 0

    def _seconds_left(self) -> float:
        """By the time of day: no other clock goes on while a machine sleeps."""
        return self._until - self._clock.now().timestamp() if self._until < math.inf else math.inf

    def _take(self, source: _Source) -> list[Pending]:
        """The messages whose slots come up within the lead, rows to be tried again first."""
        free = self._most_threads - self._in_flight
        if self._halted or free <= 0:
            return []
        now = self._clock.monotonic()
        self._pace = self._pace.recovered(now - self._recovered_at)
        self._recovered_at = now
        batch: list[Pending] = []
        for _ in range(self._pace.due(now + self._lead, now, free)):
            if self._again and self._again[0][0] <= now:
                batch.append(heapq.heappop(self._again)[2])
            elif source:
                batch.append(source.pop())
            else:
                break
        return batch

    def _commit_and_hand_over(self, batch: list[Pending]) -> None:
        before = self._clock.monotonic()
        held = self._book.record(batch, self._ended)
        ended, self._ended = self._ended, []
        now = self._clock.monotonic()
        self._lead = min(_MOST_LEAD, max(_LEAST_LEAD, 0.8 * self._lead, 1.5 * (now - before)))
        for pending in batch:
            if pending.id not in held:
                self._pace, slot = self._pace.reserve(now)
                self._hand_over(slot, pending)
        for attempt in ended:
            self._tell(attempt)

    def _hand_over(self, slot: float, pending: Pending) -> None:
        self._in_flight += 1
        self._handed += 1
        self._recent.append(slot)
        self._first_slot, self._last_slot = min(self._first_slot, slot), slot
        self._todo.put((slot, pending))
        if self._in_flight > len(self._threads):
            self._start_thread()

    def _start_thread(self) -> None:
        before = threading.stack_size(_STACK)
        thread = threading.Thread(target=self._carry, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the machine gives no more threads: those there are will do
            if not self._threads:
                raise
            self._most_threads = len(self._threads)
            return
        finally:
            threading.stack_size(before)
        self._threads.append(thread)

    def _carry(self) -> None:
        while (task := self._todo.get()) is not None:
            slot, pending = task
            wait = slot - self._clock.monotonic()
            if wait > 0:
                self._clock.sleep(wait)
            sent_at = self._clock.monotonic()
            try:
                outcome: Outcome | BaseException | None = None if self._halted else self._gateway.send(pending.message)
            except BaseException as error:  # noqa: BLE001 (a fault of ours must reach the dispatcher, not end a thread)
                outcome = error
            self._done.put((pending, sent_at, outcome))

    def _collect(self, patience: float | None) -> None:
        """Judge every outcome that is there; wait so many seconds for the first one (None: as long as it takes)."""
        try:
            while True:
                came = self._done.get(timeout=patience) if patience != 0 else self._done.get_nowait()
                if came is not None:
                    self._judge(*came)
                patience = 0
        except Empty:
            return

    def _judge(self, pending: Pending, sent_at: float, outcome: Outcome | BaseException | None) -> None:
        self._in_flight -= 1
        if outcome is None:  # it was called off before it was written
            self._handed -= 1
            self._ended.append(Attempt(pending, None, Status.NOT_SENT))
            return
        if isinstance(outcome, BaseException):
            self._broken = self._broken or outcome
            outcome = Outcome(Action.IN_DOUBT, "run.CRASHED", self._clock.now(), type(outcome).__name__)
        if outcome.retry is not Retry.CONNECT:
            self._faults = 0
        elif sent_at >= self._held_until:
            self._faults += 1
        tries = self._tries.pop(pending.id, 0) + 1  # of this call: what an earlier one tried is no reason to stop it
        throttled = outcome.retry is Retry.SLOW
        now = self._clock.monotonic()
        self._pace = self._pace.heard(now, sent_at, self._measured(now), throttled=throttled)
        verdict = decide(outcome, tries, self._faults, self._random.random())
        self._ended += self._breaker.judged(Attempt(pending, outcome, verdict.status))
        if self._breaker.tripped_by is not None:
            self._stopped_by = self._stopped_by or outcome
        self._settled += verdict.status is not Status.NOT_SENT
        if verdict.step not in (Step.GO_ON, Step.STOP):
            self._tries[pending.id] = tries
        self._follow(verdict, pending, sent_at, outcome)

    def _follow(self, verdict: Verdict, pending: Pending, sent_at: float, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        if verdict.step is Step.STOP:
            self._stopped_by = self._stopped_by or outcome
        elif verdict.step is not Step.GO_ON:
            again = Pending(pending.id, pending.row, pending.attempts + 1, pending.message)
            heapq.heappush(self._again, (now + verdict.wait, pending.id, again))
        if verdict.step is Step.SLOW_DOWN and outcome.retry_after is not None:
            self._pace = self._pace.held(now + outcome.retry_after)
        if verdict.step is Step.HOLD and sent_at >= self._held_until:
            self._held_until = now + verdict.wait
            self._pace = self._pace.held(self._held_until)

    def _rate_reached(self) -> float:
        seconds = self._last_slot - self._first_slot
        return (self._handed - 1) / seconds if self._handed > 1 and seconds > 0 else 0.0

    def _measured(self, now: float) -> float:
        """Messages a second over the last hundred."""
        seconds = now - self._recent[0]
        return len(self._recent) / seconds if seconds > 0 else math.inf

    def _patience(self, source: _Source) -> float | None:
        """How long nothing can go out, in seconds; None where only an outcome can change that."""
        if self._halted or self._in_flight >= self._most_threads or not (source or self._again):
            return None
        now = self._clock.monotonic()
        wait = self._pace.next_at - self._lead - now
        if not source:
            wait = max(wait, self._again[0][0] - now)
        return max(min(wait, self._seconds_left()), 0.0005)


class _Source:
    """The waiting messages, with a look at whether there is one more."""

    def __init__(self, waiting: Iterable[Pending]) -> None:
        self._waiting: Iterator[Pending] = iter(waiting)
        self._next = next(self._waiting, None)

    def __bool__(self) -> bool:
        return self._next is not None

    def pop(self) -> Pending:
        """The next one."""
        taken = self._next
        assert taken is not None
        self._next = next(self._waiting, None)
        return taken
