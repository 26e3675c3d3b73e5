"""The gate: where messages whose intent is durable wait for their slot. Its keeper, a thread, lets them out.

The slot is taken at the moment a message goes, not when its intent is written. So a stall of whatever kind, of the disk,
of the machine, of the gateway, only makes slots pass by unused, and what waited for them goes out evenly spaced after it.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from batch_sms.clock import Clock
from batch_sms.model import Pending
from batch_sms.sending.carriers import Going
from batch_sms.sending.pacer import Answered, Pace

_BEAT, _NAP = 0.004, 0.05
"""The shortest and the longest that the keeper sleeps, in seconds: not to wake for each of many slots, and to see a change."""
_RECENT = 100


class Gate:
    """Lets a message out when its slot has come and a carrier is idle. All threads may call it."""

    def __init__(
        self, rate: float, clock: Clock, carry: Callable[[Sequence[Going]], None], until: float = math.inf
    ) -> None:
        """``rate`` in messages a second; from the moment ``until`` (seconds since 1970) on nothing is let out."""
        self._clock, self._carry, self._until = clock, carry, until
        self._pace = Pace.start(rate, clock.monotonic())
        self._recovered_at = clock.monotonic()
        self._waiting: deque[Pending] = deque()
        self._idle: deque[None] = deque()
        self._lost = 0
        self._over = False
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._first, self._gone = 0.0, 0

    def open(self) -> None:
        """Have its keeper. Raises RuntimeError if the machine gives no thread."""
        self._keeper.start()

    def close(self) -> None:
        """Let out nothing any more."""
        with self._lock:
            self._over = True
            self._changed.notify()

    def due(self, lead: float, room: int) -> int:
        """How many more messages (``room`` at most) have a slot within the next ``lead`` seconds."""
        with self._lock:
            now = self._clock.monotonic()
            self._pace = self._pace.recovered(now - self._recovered_at)
            self._recovered_at = now
            return max(0, self._pace.due(now + lead, now, room + len(self._waiting)) - len(self._waiting))

    def next_slot(self) -> float:
        """The moment of the first slot that nobody waits for."""
        with self._lock:
            return self._pace.first_slot(self._clock.monotonic()) + len(self._waiting) / self._pace.rate

    @property
    def rate(self) -> float:
        """Messages a second, as of now."""
        return self._pace.rate

    @property
    def wanting(self) -> int:
        """How many more wait here than there are idle carriers; less than none if there are some to spare."""
        return len(self._waiting) - self._free

    def put(self, batch: Iterable[Pending]) -> None:
        """Have these let out, after those that wait."""
        with self._lock:
            self._waiting.extend(batch)
            going = self._let_out()
            if self._waiting:
                self._changed.notify()
        if going:
            self._carry(going)

    def call_back(self) -> list[Pending]:
        """Take back all that were not let out."""
        with self._lock:
            back = list(self._waiting)
            self._waiting.clear()
            return back

    def freed(self, count: int) -> None:
        """So many carriers are idle that were not. Takes the lock only where a message waits: carriers are many."""
        self._idle.extend([None] * count)
        if self._waiting:
            with self._lock:
                self._changed.notify()

    def lost(self, count: int) -> None:
        """So many carriers are gone, those among them that are not idle included: what they had is freed after this."""
        with self._lock:
            self._lost += count

    @property
    def _free(self) -> int:
        return len(self._idle) - self._lost

    def heard(self, answers: Sequence[Answered]) -> None:
        """Set the pace by answers."""
        with self._lock:
            now = self._clock.monotonic()
            self._pace = self._pace.heard(now, answers, self._measured(now))

    def hold(self, until: float) -> None:
        """Let nothing out before this moment."""
        with self._lock:
            self._pace = self._pace.held(until)

    def _measured(self, now: float) -> float:
        """Messages a second over the last hundred."""
        seconds = now - self._recent[0] if self._recent else 0.0
        return len(self._recent) / seconds if seconds > 0 else math.inf

    def rate_reached(self) -> float:
        """Messages a second between the first and the last that went out; 0 for fewer than two."""
        seconds = self._recent[-1] - self._first if self._recent else 0.0
        return (self._gone - 1) / seconds if seconds > 0 else 0.0

    def _keep(self) -> None:
        while True:
            with self._lock:
                while not (self._over or (self._waiting and self._free > 0)):
                    self._changed.wait()
                if self._over:
                    return
                wait = self._pace.next_at - self._clock.monotonic()
                going = self._let_out()
            if going:
                self._carry(going)
            else:
                self._clock.sleep(min(max(wait, _BEAT), _NAP))

    def let_out(self) -> list[Going]:
        """Take those that may go now."""
        with self._lock:
            return self._let_out()

    def _let_out(self) -> list[Going]:
        if self._until < math.inf and self._clock.now().timestamp() >= self._until:
            return []
        now = self._clock.monotonic()
        count = self._pace.due(now, now, min(len(self._waiting), max(0, self._free)))
        if not count:
            return []
        self._pace = self._pace.taken(now, count)
        self._first = self._first if self._gone else now
        self._gone += count
        self._recent.extend([now] * count)
        for _ in range(count):
            self._idle.pop()
        return [(self._waiting.popleft(), now) for _ in range(count)]
