"""Asking the gateway about many messages: several at a time, at a rate of its own, and no further once nobody answers.

Asking changes nothing on the other side, so whatever failed may be asked again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from batch_sms.clock import Clock
from batch_sms.gateway.codes import find
from batch_sms.gateway.queries import Refusal
from batch_sms.model import Action

THREADS = 16
NO_CONNECTION = "net.CONNECT_FAILED"

Item = TypeVar("Item")
Said = TypeVar("Said")


class Inquiry:
    """Asks at most ``rate`` questions a second. ``called_off`` tells that no more is to be asked."""

    def __init__(self, rate: float, clock: Clock, called_off: Callable[[], bool]) -> None:
        self._clock, self._called_off = clock, called_off
        self._interval, self._next_at = 1 / rate, clock.monotonic()
        self._pacing = threading.Lock()
        self.stopped_by: Refusal | None = None
        """The refusal that would befall every question: the account's fault, or no connection."""

    def all(
        self, items: Iterable[Item], ask: Callable[[Item], Said | Refusal]
    ) -> Iterator[tuple[Item, Said | Refusal]]:
        """Each item with what was said about it, in their order; none after the one that stopped it."""
        running: deque[tuple[Item, Future[Said | Refusal]]] = deque()
        waiting = iter(items)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="asking") as threads:
            while True:
                while len(running) < THREADS and not self._is_over:
                    item = next(waiting, None)
                    if item is None:
                        break
                    running.append((item, threads.submit(self._in_turn, ask, item)))
                if not running:
                    return
                item, future = running.popleft()
                said = future.result()
                if isinstance(said, Refusal) and _befalls_all(said):
                    self.stopped_by = self.stopped_by or said
                yield item, said

    @property
    def _is_over(self) -> bool:
        return self.stopped_by is not None or self._called_off()

    def _in_turn(self, ask: Callable[[Item], Said | Refusal], item: Item) -> Said | Refusal:
        with self._pacing:
            now = self._clock.monotonic()
            slot = max(self._next_at, now)
            self._next_at = slot + self._interval
        self._clock.sleep(max(0.0, slot - now))
        return ask(item)


def _befalls_all(refusal: Refusal) -> bool:
    known = find(refusal.code)
    return refusal.code == NO_CONNECTION or (known is not None and known.action is Action.STOP)
