"""A sender process from inside: threads that carry what comes down a pipe; what came of it goes up another.

It decides nothing and keeps nothing, and it does not outlive the pipe: when that ends, whoever started it has no more use for it,
or is gone, and nothing may be sent any more.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import BinaryIO

from batch_sms.clock import Clock
from batch_sms.model import Outcome, Pending
from batch_sms.sending.carriers import Came, Gateway, Threads
from batch_sms.sending.door import Door
from batch_sms.sending.lines import Parts, endless, from_outcome, line_of, parts_of, to_message, whole_lines

_SIGN = 2.0
"""Seconds of silence after which a word says that this process is there: who stands still is ended."""
_GATHERING = 0.005
"""Seconds in which more may come before what came is said: fewer lines cost the other side less."""


class Member:
    """Serves the pipes until the one from above ends. All it does of itself is to keep the rate at its door."""

    def __init__(self, gateway: Gateway, door: Door, most: int, clock: Clock, pipes: tuple[BinaryIO, BinaryIO]) -> None:
        """``most`` threads; of the pipes the first is read, the second is written."""
        self._gateway, self._door, self._clock = gateway, door, clock
        self._inbox, self._outbox = pipes
        self._carriers = Threads(gateway, most, clock)
        self._up: SimpleQueue[Came | bytes] = SimpleQueue()
        self._told = timedelta(0)
        """How far the gateway's clock is ahead, as was said from above."""

    def serve(self) -> None:
        """Do as the lines say; returns when there are no more. Raises RuntimeError if the machine gives no thread."""
        self._carriers.begin(self, endless(None))
        Thread(target=self._report, daemon=True).start()
        does = {"serve": self._serve, "rate": self._rate, "add": self._add, "carry": self._carry}
        for line in whole_lines(self._inbox):
            what, *parts = parts_of(line)
            does[what](parts)

    def _serve(self, parts: Parts) -> None:
        self._gateway.closes = endless(parts[0])

    def _rate(self, parts: Parts) -> None:
        self._door.rate = endless(parts[0])

    def _add(self, parts: Parts) -> None:
        wanted = parts[0]
        if (added := self._carriers.add(wanted)) < wanted:
            self._up.put(line_of("less", wanted - added))

    def _carry(self, parts: Parts) -> None:
        seconds, messages = parts
        if (offset := timedelta(seconds=seconds)) != self._told:
            self._told = self._gateway.offset = offset
        self._carriers.carry([(Pending(number, 0, 0, to_message(said)), 0.0) for number, *said in messages])

    def bring(self, came: Sequence[Came]) -> None:
        """Take what came of messages."""
        for one in came:
            self._up.put(one)

    def ready(self, count: int) -> None:
        """Hear of threads that are ready."""
        self._up.put(line_of("ready", count, self._carriers.setup))

    def _report(self) -> None:
        """Say what came, as long as somebody hears it."""
        with suppress(OSError):
            while True:
                came: list[Parts] = []
                self._sort(self._next_up(), came)
                self._clock.sleep(_GATHERING)
                with suppress(Empty):
                    while True:
                        self._sort(self._up.get_nowait(), came)
                if came:
                    self._outbox.write(line_of("came", self._gateway.offset.total_seconds(), came))
                self._outbox.flush()

    def _next_up(self) -> Came | bytes:
        with suppress(Empty):
            return self._up.get(timeout=_SIGN)
        return line_of("here")

    def _sort(self, one: Came | bytes, came: list[Parts]) -> None:
        if isinstance(one, bytes):
            self._outbox.write(one)
        else:
            pending, _, outcome = one
            came.append((pending.id, *_said(outcome)))


def _said(outcome: Outcome | BaseException | None) -> Parts:
    """What came of a message: nothing if it was called off, one text if it was a fault of ours, else the outcome."""
    if outcome is None:
        return ()
    if isinstance(outcome, BaseException):
        return ("".join(traceback.format_exception(outcome)),)
    return from_outcome(outcome)
