"""Carriers: what takes a message to the gateway and brings back what came of it. Here as threads of this process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from queue import SimpleQueue
from typing import Protocol

from batch_sms.clock import Clock
from batch_sms.model import Message, Outcome, Pending

_STACK = 512 * 1024
"""Bytes of stack a carrying thread gets: there may be a thousand of them."""


class Gateway(Protocol):
    """What takes one message to the other side. Never raises for anything that a network can do."""

    offset: timedelta
    """How far the gateway's clock was found to be ahead of ours."""

    closes: float
    """The moment (seconds since 1970) from which no message is written any more."""

    def open(self) -> bool:
        """Open a connection ahead of the first message, and say whether there is one now."""

    def send(self, message: Message) -> Outcome | None:
        """Send it once, and say what came of it; None where it had become too late before it was written."""


Going = tuple[Pending, float]
"""A message that goes out, and the moment at which it does."""
Came = tuple[Pending, float, Outcome | BaseException | None]
"""The same with what came of it: an outcome, a fault of ours that kept one from coming, or None if it was called off."""


class CarrierLostError(Exception):
    """A carrier was lost with a message: nobody knows what came of it. No fault of ours, and not the gateway's word."""


class Taker(Protocol):
    """Whom threads serve. Called in any thread."""

    def bring(self, came: Sequence[Came]) -> None:
        """Take what came of messages: each carrier that brings something is idle from then on."""

    def ready(self, count: int) -> None:
        """Hear of carriers that are ready, or that there is nothing to wait for any more (0)."""


class Dispatcher(Taker, Protocol):
    """Whom carriers serve, those too that can be lost."""

    def lost(self, count: int) -> None:
        """Hear that so many that were ready are gone; what they had is brought after this."""

    def fail(self, error: BaseException) -> None:
        """Hear that nothing can be carried any more."""


class Carriers(Protocol):
    """Each of them carries one message at a time; with a connection opened ahead, it can go the moment it is let out."""

    setup: float
    """Seconds that one takes at best from its start to an open connection; 0 while none had one."""

    @property
    def opening(self) -> int:
        """How many were wanted and are not ready yet."""

    @property
    def offset(self) -> timedelta:
        """How far the gateway's clock was found to be ahead of ours."""

    def begin(self, taker: Dispatcher, closes: float) -> int:
        """Serve this one from now on; how many there are that are ready from before.

        From the moment ``closes`` (seconds since 1970) on nothing is written any more.
        """

    def add(self, count: int) -> int:
        """Have so many more, as far as they can be had; how many were begun. Raises what says that there can't be any."""

    def carry(self, going: Sequence[Going]) -> None:
        """Take messages out now, each with its moment; there is an idle carrier for each."""

    def end(self) -> None:
        """No message will follow."""


class Threads:
    """Carriers that are threads of this process, which share a gateway."""

    def __init__(self, gateway: Gateway, most: int, clock: Clock) -> None:
        self._gateway, self._most, self._clock = gateway, most, clock
        self._todo: SimpleQueue[Going | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._counted = threading.Lock()
        self.opening = 0
        self.setup = 0.0

    @property
    def offset(self) -> timedelta:
        """How far the gateway's clock was found to be ahead of ours."""
        return self._gateway.offset

    def begin(self, taker: Taker, closes: float) -> int:
        """Serve this one from now on."""
        self._gateway.closes = closes
        with self._counted:
            self._taker = taker
            return len(self._threads) - self.opening

    def add(self, count: int) -> int:
        """Start so many more threads, within their limit. Raises RuntimeError if the machine gives none at all."""
        there = len(self._threads)
        before = threading.stack_size(_STACK)
        try:
            for _ in range(min(count, self._most - there)):
                self._start()
        except RuntimeError:  # the machine gives no more threads: those there are will do
            self.opening -= 1
            if not self._threads:
                raise
            self._most = len(self._threads)
        finally:
            threading.stack_size(before)
        return len(self._threads) - there

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, args=(self._clock.monotonic(),), daemon=True)
        with self._counted:
            self.opening += 1
        thread.start()
        self._threads.append(thread)

    def carry(self, going: Sequence[Going]) -> None:
        """Hand each to an idle thread."""
        for task in going:
            self._todo.put(task)

    def end(self) -> None:
        """Let the threads end when they are idle."""
        for _ in self._threads:
            self._todo.put(None)

    def _work(self, started: float) -> None:
        opened = self._gateway.open()
        took = self._clock.monotonic() - started
        with self._counted:
            self.opening -= 1
            self.setup = min(took, self.setup or took) if opened else self.setup
            taker = self._taker
        taker.ready(1)
        while (task := self._todo.get()) is not None:
            pending, at = task
            try:
                outcome: Outcome | BaseException | None = self._gateway.send(pending.message)
            except BaseException as error:  # noqa: BLE001 (a fault of ours must reach the dispatcher, not end a thread)
                outcome = error
            self._taker.bring(((pending, at, outcome),))
