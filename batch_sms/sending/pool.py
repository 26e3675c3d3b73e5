"""The pool: takes waiting messages, makes their intents durable, and judges what the carriers bring back.

One dispatcher (the caller's thread) decides and writes the ledger; the carriers only carry. It works in turns: each makes
the outcomes that came in and the intents that go out next durable in one commit, so all carriers share it. A message
reaches the gate, which lets it out at its slot, only after its intent is durable.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from batch_sms.clock import Clock
from batch_sms.model import Action, Attempt, Outcome, Pending, Retry, Status
from batch_sms.sending.breaker import Breaker
from batch_sms.sending.carriers import Came, CarrierLostError, Carriers
from batch_sms.sending.gate import Gate
from batch_sms.sending.pacer import Answered
from batch_sms.sending.policy import Step, Verdict, decide

_TURN, _SHORT_TURN = 0.02, 0.002
"""The shortest time from one commit to the next while messages are on their way, in seconds: with a rate, and without."""
_MARGIN = 0.002
_MOST_LEAD = 1.0
_FORGETTING = 5.0
"""Seconds after which a slow commit is thought half as slow."""
_FEW = 16
"""So many connections may be opened at a time beyond those that the rate needs: more would be in each other's way."""
_ANSWERS, _OPENING = 1.25, 5.0
"""Seconds that an answer is thought to take before there was any; and the most that is spent on connections before that."""
_SETTLING = 0.0002
"""Seconds for each of them in which the gateway ends its part too: what came meanwhile it would take in later, all at once."""


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

    From that moment (seconds since 1970) on nothing is written any more; what waits for its slot is called off.
    """

    def __init__(
        self,
        carriers: Carriers,
        book: Book,
        *,
        rate: float,
        most: int,
        clock: Clock,
        random: random.Random,
        breaker: Breaker | None = None,
        until: float = math.inf,
        tell: Callable[[Attempt], None] = lambda _: None,
    ) -> None:
        """``most`` messages are on their way at a time; with a rate, half of those that are begun may still wait for their slot."""
        self._carriers, self._book, self._clock, self._random, self._tell = carriers, book, clock, random, tell
        self._most, self._until = most, until
        self._gate = Gate(rate, clock, carriers.carry, until)
        self._came: SimpleQueue[Came | None] = SimpleQueue()
        self._in_hand = self._settled = 0
        self._slowest, self._timed_at = 0.0, clock.monotonic()
        self._began = clock.monotonic()
        self._again: list[tuple[float, int, Pending]] = []
        self._tries: dict[int, int] = {}
        self._ended: list[Attempt] = []
        self._answers: list[Answered] = []
        self._breaker = breaker or Breaker(0)
        self._faults, self._held_until = 0, -math.inf
        self._stopped_by: Outcome | None = None
        self._broken: BaseException | None = None

    def stop(self, reason: Outcome) -> None:
        """Take no new message; what is on the way is still waited for. Safe to call from a signal handler."""
        self._stopped_by = self._stopped_by or reason
        self._came.put(None)

    def bring(self, came: Sequence[Came]) -> None:
        """Take what came of messages, from carriers that are idle now."""
        for one in came:
            self._came.put(one)
        self._gate.freed(len(came))

    def ready(self, count: int) -> None:
        """Hear of carriers that are ready."""
        self._gate.freed(count)
        self._came.put(None)

    def lost(self, count: int) -> None:
        """Hear of carriers that are no more."""
        self._gate.lost(count)
        self._came.put(None)

    def fail(self, error: BaseException) -> None:
        """Hear that nothing can be carried any more."""
        self._broken = self._broken or error
        self._came.put(None)

    def run(self, waiting: Iterable[Pending]) -> Ending:
        """Send them. Raises BrokenError where the book, the source of messages or a carrier of ours failed.

        Even then all that was on its way is waited for, and recorded if that is possible; not waited for, but recorded as
        far as it came, where KeyboardInterrupt is what broke it.
        """
        try:
            self._send(_Source(waiting))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (whatever it is, no outcome must be lost over it)
            self._broken = error
            self._call_back()
            while self._in_hand and not isinstance(error, KeyboardInterrupt):
                self._collect(None)
            self._collect(0)
            self._save_what_came()
        finally:
            self._gate.close()
        seconds = self._clock.monotonic() - self._began
        ending = Ending(self._stopped_by, self._settled, seconds, self._gate.rate_reached())
        if self._broken is not None:
            raise BrokenError(ending, self._ended) from self._broken
        return ending

    def _send(self, source: _Source) -> None:
        if source:
            self._open()
        while True:
            if self._halted:
                self._call_back()
            batch = self._take(source)
            if batch or self._ended:
                self._commit(batch)
            elif self._idle(source):
                return
            else:
                self._collect(self._patience(source))
            self._collect(0)

    def _open(self) -> None:
        """Have a first connection, and then as many as the rate needs if answers take a second; but wait no longer for them."""
        self._gate.open()
        there = self._carriers.begin(self, self._until)
        self._gate.freed(there)
        self._carriers.add(1 - there)
        self._until_ready(math.inf)
        if not self._halted:
            rate = self._gate.rate
            wanted = self._most if rate == math.inf else min(self._most, math.ceil(rate * _ANSWERS))
            added = self._carriers.add(wanted - max(there, 1))
            self._until_ready(self._clock.monotonic() + _OPENING)
            self._clock.sleep(max(0, added) * _SETTLING)
        self._began = self._clock.monotonic()
        self._gate.hold(self._began)  # no slot has gone by

    def _until_ready(self, moment: float) -> None:
        while self._carriers.opening and not self._halted and (wait := moment - self._clock.monotonic()) > 0:
            self._collect(wait if wait < math.inf else None)

    def _spare(self) -> int:
        """How many carriers are to be ready beyond those at work, to be used while others open their connections."""
        rate = self._gate.rate
        return self._most - self._in_hand if rate == math.inf else math.ceil(1.5 * rate * self._carriers.setup)

    def _call_back(self) -> list[Pending]:
        """Take back what was not let out: it is known not to be sent."""
        back = self._gate.call_back()
        self._in_hand -= len(back)
        self._ended += [Attempt(pending, None, Status.NOT_SENT) for pending in back]
        return back

    def _save_what_came(self) -> None:
        with suppress(Exception):  # the first failure is the one to tell of
            self._book.record([], self._ended)
            self._ended = []

    def _idle(self, source: _Source) -> bool:
        return not self._in_hand and (self._halted or not (self._again or source))

    @property
    def _halted(self) -> bool:
        return self._stopped_by is not None or self._broken is not None or self._seconds_left() <= 0

    def _seconds_left(self) -> float:
        """By the time of day: no other clock goes on while a machine sleeps."""
        return self._until - self._clock.now().timestamp() if self._until < math.inf else math.inf

    @property
    def _room(self) -> int:
        """How many more messages may be begun: all carriers may be at work, and with a rate as many again may wait for slots."""
        return self._most * (1 if self._gate.rate == math.inf else 2) - self._in_hand

    @property
    def _lead(self) -> float:
        """How long before its slot, in seconds, an intent is written: it must be durable when the slot comes."""
        return min(_MOST_LEAD, max(_TURN, self._slowest) + 1.5 * self._slowest + _MARGIN)

    def _take(self, source: _Source) -> list[Pending]:
        """The messages whose slots come up within the lead, rows to be tried again first."""
        if self._halted or self._room <= 0:
            return []
        batch: list[Pending] = []
        now = self._clock.monotonic()
        for _ in range(self._gate.due(self._lead, self._room)):
            if self._again and self._again[0][0] <= now:
                batch.append(heapq.heappop(self._again)[2])
            elif source:
                batch.append(source.pop())
            else:
                break
        return batch

    def _commit(self, batch: list[Pending]) -> None:
        before = self._clock.monotonic()
        held = self._book.record(batch, self._ended)
        now = self._clock.monotonic()
        self._slowest = max(now - before, self._slowest * 0.5 ** ((before - self._timed_at) / _FORGETTING))
        self._timed_at = before
        going = [pending for pending in batch if pending.id not in held]
        self._in_hand += len(going)
        self._gate.put(going)
        spare = self._spare()
        self._carriers.add(min(self._gate.wanting + spare, spare + _FEW) - self._carriers.opening)
        ended, self._ended = self._ended, []
        for attempt in ended:
            self._tell(attempt)
        self._rest(before)

    def _rest(self, began: float) -> None:
        """Let more outcomes come before the next commit; without a rate not too many, for their carriers are idle."""
        turn, enough = (_SHORT_TURN, self._in_hand / 4) if self._gate.rate == math.inf else (_TURN, math.inf)
        until = began + turn
        while self._in_hand and self._came.qsize() < enough and (wait := until - self._clock.monotonic()) > 0:
            self._clock.sleep(wait if enough == math.inf else min(wait, turn / 4))

    def _collect(self, patience: float | None) -> None:
        """Judge every outcome that is there; wait so many seconds for the first one (None: as long as it takes)."""
        with suppress(Empty):
            while True:
                came = self._came.get(timeout=patience) if patience != 0 else self._came.get_nowait()
                if came is not None:
                    self._judge(*came)
                patience = 0
        if self._answers:
            self._gate.heard(self._answers)
            self._answers.clear()

    def _judge(self, pending: Pending, sent_at: float, outcome: Outcome | BaseException | None) -> None:
        self._in_hand -= 1
        if outcome is None:  # it was called off before it was written
            self._ended.append(Attempt(pending, None, Status.NOT_SENT))
            self._put_off(pending, self._clock.monotonic())
            return
        if isinstance(outcome, CarrierLostError):  # it says nothing about the gateway, and nothing to the breaker
            crashed = Outcome(Action.IN_DOUBT, "run.CRASHED", self._clock.now(), str(outcome))
            self._ended.append(Attempt(pending, crashed, Status.IN_DOUBT))
            self._settled += 1
            return
        if isinstance(outcome, BaseException):
            self._broken = self._broken or outcome
            outcome = Outcome(Action.IN_DOUBT, "run.CRASHED", self._clock.now(), type(outcome).__name__)
        if outcome.retry is not Retry.CONNECT:
            self._faults = 0
        elif sent_at >= self._held_until:
            self._faults += 1
        tries = self._tries.pop(pending.id, 0) + 1  # of this call: what an earlier one tried is no reason to stop it
        self._answers.append((sent_at, outcome.retry is Retry.SLOW))
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
            self._put_off(again, now + verdict.wait)
        if verdict.step is Step.SLOW_DOWN and outcome.retry_after is not None:
            self._hold(now + outcome.retry_after)
        if verdict.step is Step.HOLD and sent_at >= self._held_until:
            self._held_until = now + verdict.wait
            self._hold(self._held_until)

    def _put_off(self, pending: Pending, until: float) -> None:
        heapq.heappush(self._again, (until, pending.id, pending))

    def _hold(self, until: float) -> None:
        """Let nothing out before this moment; what is begun already waits as one that is not, for it may be minutes."""
        self._gate.hold(until)
        for pending in self._call_back():
            self._put_off(pending, until)

    def _patience(self, source: _Source) -> float | None:
        """How long nothing can go out, in seconds; None where only an outcome can change that."""
        if self._halted:
            return None
        wait = self._seconds_left()
        if self._room > 0 and (source or self._again):
            now = self._clock.monotonic()
            due = self._gate.next_slot() - self._lead - now
            wait = min(wait, due if source else max(due, self._again[0][0] - now))
        return None if wait == math.inf else max(wait, _MARGIN)


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
