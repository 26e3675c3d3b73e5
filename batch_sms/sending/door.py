"""The door: the last thing that a message passes before its first byte is written. It keeps the rate there, too.

The gate lets messages out evenly. But a thread that has one may be kept from running, by the other threads or by the machine;
when many that were kept go on at once, they have to queue up here. The door is a little faster than the gate: were it not, a queue
would never end, and every later message had to wait in it, with a thread and two changes of threads for each.
"""

from __future__ import annotations

import math
import threading

from batch_sms.clock import Clock
from batch_sms.sending.pacer import catch_up

FASTER, MADE_UP = 1.003, 0.8
"""How much faster than the gate, and how much of what that may make up for: a second has hardly more than the gate lets out."""


class Door:
    """Lets through ``rate`` messages a second, and hardly more in any second. All threads pass it."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self.rate, self._clock = rate, clock
        self._next = -math.inf
        self._taken = threading.Lock()

    def wait(self) -> None:
        """Wait until one more may go, which is at once unless others have gone in quick succession."""
        rate = self.rate
        if rate == math.inf:
            return
        with self._taken:
            now = self._clock.monotonic()
            at = max(self._next, now - MADE_UP * catch_up(rate))
            self._next = at + 1 / (FASTER * rate)
            if at > now:  # the others wait behind it: they would all go at once if this process stood still meanwhile
                self._clock.sleep(at - now)
