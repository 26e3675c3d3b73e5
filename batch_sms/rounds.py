"""The sending of an entered run, round by round: a round lasts as long as the same rows may go, and between rounds it sleeps.

What may go when is the agenda's word (a pure function); what is counted over all runs is the ledger's. After a fault of the
account the first round is a single row: a probe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from batch_sms.campaign import Campaign
from batch_sms.clock import Bell, Clock
from batch_sms.errors import BatchSmsError
from batch_sms.ledger import Ledger, Run
from batch_sms.ledger.spare import Spare
from batch_sms.model import Action, Attempt, Cap, Fault, Outcome, Pending, Settled, Status
from batch_sms.schedule.agenda import Agenda, Send, Sleep, Stop, Why, Zones
from batch_sms.schedule.forecast import moment_here
from batch_sms.schedule.rates import cap_text
from batch_sms.sending.pool import Book, BrokenError, Ending, Pool
from batch_sms.signals import Stopper
from batch_sms.watching import Watcher
from batch_sms.words import say

STOPPED = "run.STOPPED"
WINDOW = "run.WINDOW"
LATE = "run.LATE"
_CODES = {Why.CLOSED: WINDOW, Why.LATE: LATE, Why.HOURS: WINDOW}

_WORTH_TELLING = 60.0
"""Seconds; a cap that was reached a while ago lets a few messages go now and then."""

PoolOf = Callable[[Book, float, int], Pool]
"""Makes the pool of a round: what keeps its intents and outcomes, until when it may send, its most threads."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What the sending of an entered run works with."""

    campaign: Campaign
    agenda: Agenda
    ledger: Ledger
    run: Run
    spare: Spare
    watch: Watcher
    clock: Clock
    signals: Stopper

    def stopped(self, why: str, code: str = STOPPED) -> Outcome:
        """Why the run stops, where that is no word of the gateway's."""
        return Outcome(Action.STOP, code, self.clock.now(), why)


class Rounds:
    """The rounds of one call. Keeps its intents and outcomes: it is the book of its pools."""

    def __init__(self, there: Sending, pool_of: PoolOf) -> None:
        self._there, self._pool_of = there, pool_of
        self._ledger, self._run, self._clock = there.ledger, there.run, there.clock
        self._limits, self._limit = there.campaign.limits, there.campaign.limit
        self._bell = Bell()
        self._pool: Pool | None = None
        self._stopped_by: Outcome | None = None
        self._total = Ending(None)
        self._fault: Fault | None = None
        self._begun = self._full = self._ran_dry = False
        self._done: set[Zones] = set()
        self._probed: list[Status] = []

    def stop(self, reason: Outcome) -> None:
        """Take no new message, and sleep no longer. May be called by a signal handler, and by any thread."""
        self._stopped_by = self._stopped_by or reason
        if self._pool is not None:
            self._pool.stop(reason)
        self._bell.ring()

    def run(self) -> Ending:
        """Send what waits. Raises BrokenError where a pool or the ledger failed, or a second signal came."""
        try:
            self._fault = self._ledger.fault()
            while self._stopped_by is None and (waiting := self._waiting()):
                self._follow(self._next(waiting))
        except (BatchSmsError, KeyboardInterrupt) as error:  # between two rounds: nothing was on its way
            raise BrokenError(self._total, []) from error
        return replace(self._total, stopped_by=self._stopped_by)

    def _waiting(self) -> set[Zones]:
        """The zones of the rows that are left for this call; one of no zones stands for all of them where hours do not matter."""
        if self._there.agenda.hours is not None:
            return self._ledger.zones_waiting(self._run, self._limit) - self._done
        waits = not self._done and any(True for _ in self._ledger.pending(self._run, self._limit))
        return {()} if waits else set()

    def _next(self, waiting: set[Zones]) -> Send | Sleep | Stop:
        agenda, now = self._there.agenda, self._clock.now()
        if not self._begun and now.timestamp() >= agenda.window.opens:
            self._begun = True
            if late := agenda.late(now.timestamp()):
                return late
        free_at = self._ledger.free_at(self._limits.caps, now) if self._limits.caps else -math.inf
        return agenda.next(now.timestamp(), waiting, free_at)

    def _follow(self, step: Send | Sleep | Stop) -> None:
        if isinstance(step, Send):
            self._send(step)
        elif isinstance(step, Stop):
            said = why_it_stops(replace(step, cap=self._full_cap(step)), self._there.campaign.lang)
            self._stopped_by = self._there.stopped(said, _CODES[step.why])
        else:
            self._sleep(step)

    def _full_cap(self, step: Stop) -> Cap | None:
        """The cap that a run would have to wait for beyond the closing of its window."""
        if step.instead is None or step.instead.why is not Why.CAP:
            return None
        now = self._clock.now()
        return max(self._limits.caps, key=lambda cap: self._ledger.free_at((cap,), now))

    def _sleep(self, step: Sleep) -> None:
        watch, seconds = self._there.watch, step.until - self._clock.now().timestamp()
        tells = step.why is not Why.CAP or seconds >= _WORTH_TELLING
        if tells:
            watch.told("waiting", why=step.why.value, until=moment_here(step.until))
        self._clock.sleep_until(step.until, self._bell)
        if tells and step.why is not Why.NOT_YET and self._stopped_by is None:
            watch.told("going_on")

    def _send(self, step: Send) -> None:
        """One round."""
        self._full = self._ran_dry = False
        self._probed, threads, rows = [], self._there.campaign.most_threads, self._rows(step)
        if self._fault is not None:
            self._there.watch.told("probing", code=self._fault.code)
            threads, rows = 1, islice(rows, 1)
        pool = self._pool = self._pool_of(self, step.until, threads)
        if self._stopped_by is not None:  # it came while there was no pool to tell
            return
        try:
            ending = pool.run(rows)
        except BrokenError as error:
            error.ending = _joined(self._total, error.ending)
            raise
        self._total = _joined(self._total, ending)
        self._stopped_by = self._stopped_by or ending.stopped_by
        if self._fault is not None:
            self._judge_probe(self._fault)
        elif self._ran_dry and not self._full and not self._is_past(step.until):
            self._done |= step.zones or {()}  # a row that waits still was given up in this call

    def _rows(self, step: Send) -> Iterator[Pending]:
        """The rows that may go, as far as the caps let them and as long as the round lasts."""
        if step.zones is None:
            rows = self._ledger.pending(self._run, self._limit)
        else:
            rows = self._ledger.pending_in(self._run, self._limit, step.zones)
        room = self._ledger.room(self._limits.caps, self._clock.now())
        for pending in rows:
            self._full = self._full or room < 1
            if self._full or self._is_past(step.until):
                return
            room -= 1
            yield pending
        self._ran_dry = True

    def _is_past(self, moment: float) -> bool:
        """Whether this moment has come; asked for every row, so the clock is left alone where there is none."""
        return moment < math.inf and self._clock.now().timestamp() >= moment

    def record(self, begun: Sequence[Pending], ended: Sequence[Attempt]) -> frozenset[int]:
        """Keep intents and outcomes, as the pool needs it."""
        if self._fault is not None:
            self._probed += [attempt.status for attempt in ended if attempt.outcome is not None]
        settled = [Settled.of(attempt) for attempt in ended]
        now = self._clock.now()
        held = self._ledger.record(self._run, begun, settled, now, self._limits)
        if held and self._limits.caps:  # another run may have used up what a cap lets go
            self._full = self._full or self._ledger.room(self._limits.caps, now) < 1
        return held

    def _judge_probe(self, fault: Fault) -> None:
        """A clear answer to the row that went alone lets all others follow; anything else but having to wait stops the run."""
        if {Status.ACCEPTED, Status.REJECTED} & set(self._probed):
            self._ledger.note_fault(None)
            self._fault = None
        elif self._probed and self._stopped_by is None:
            said = say("summary.probe", self._there.campaign.lang, code=fault.code)
            self._stopped_by = self._there.stopped(said)


def why_it_stops(stop: Stop, lang: str) -> str:
    """Why nothing may go any more, in words; where the window closes before a sleep is over, what it would have waited for."""
    if stop.instead is None:
        return say(f"summary.{stop.why}", lang, moment=moment_here(stop.at) if stop.at < math.inf else "")
    cap = cap_text(stop.cap) if stop.cap is not None else ""
    facts = {"again": moment_here(stop.instead.until), "moment": moment_here(stop.at), "cap": cap}
    return say(f"summary.{stop.why}_before_{stop.instead.why}", lang, **facts)


def _joined(one: Ending, other: Ending) -> Ending:
    """Two endings as one: the time in between, in which it slept, does not count."""
    seconds = one.seconds + other.seconds
    rate = (one.rate * one.seconds + other.rate * other.seconds) / seconds if seconds else 0.0
    return Ending(other.stopped_by, one.settled + other.settled, seconds, rate)
