"""The crew: carriers in sender processes of their own, so that more than one processor is at work.

They only carry: ledger, pacer and every decision stay with the dispatcher. A process that is lost leaves what it had in doubt, and
the others go on; one that stands still and says nothing any more is ended, and so lost too. Moments are measured on this side
only, so no two clocks have to agree.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import cycle
from threading import Event, Lock, Thread
from typing import IO

from batch_sms.errors import SendersError
from batch_sms.model import Outcome
from batch_sms.sending.carriers import Came, CarrierLostError, Dispatcher, Going
from batch_sms.sending.lines import Parts, finite, from_message, line_of, parts_of, to_outcome, whole_lines

_LOOK = 5.0
"""Seconds from one look at who is silent to the next."""
MOST_SILENT = 12
"""So many looks in a row may find a process silent. Looks are counted, not seconds: while the machine sleeps there are none."""


class SenderFaultError(Exception):
    """A fault of ours in a sender process; its text is the traceback there."""


class _Sender:
    """One process, as seen from here."""

    def __init__(self, process: subprocess.Popen[bytes], most: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self.most = process, most
        self.down: IO[bytes] = process.stdin
        self.up: IO[bytes] = process.stdout
        self.wanted = self.ready = 0
        self.there = True
        self.words = self.words_before = self.silent = 0
        """Lines that came up, those of them that the last look knew of, and how many looks in a row found no more."""
        self.has: dict[int, Going] = {}
        self.offset = 0.0
        self._speaking = Lock()

    @property
    def idle(self) -> int:
        return self.ready - len(self.has)

    def put(self, *parts: object) -> None:
        """Say something; who can't hear it is gone, and its other pipe tells that."""
        with self._speaking, suppress(OSError, ValueError):
            self.down.write(line_of(*parts))
            self.down.flush()

    def close(self) -> None:
        """Close our ends of the pipes."""
        for pipe in (self.down, self.up):
            with suppress(OSError):
                pipe.close()


class Crew:
    """Carriers as threads of several processes: ``start`` makes one, given the most threads it may have."""

    def __init__(
        self,
        start: Callable[[int], subprocess.Popen[bytes]],
        processes: int,
        most: int,
        rate: float,
        tell: Callable[..., None] = lambda *_, **__: None,
    ) -> None:
        """``rate`` in messages a second is that of all together, ``most`` threads are too.

        ``tell`` hears ``sender_silent`` when one that stands still is ended; and of each that is gone ``sender_lost``, and in
        words why, how many messages it had, and how many processes are left.
        """
        count = min(processes, most)
        shares = [most // count + (number < most % count) for number in range(count)]
        self._rate, self._tell = rate, tell
        self._counted, self._losing = Lock(), Lock()
        self._ending = Event()
        self._dispatcher: Dispatcher | None = None
        self.setup = 0.0
        self.offset = timedelta(0)
        self._senders: list[_Sender] = []
        self._ears: list[Thread] = []
        try:
            for share in shares:
                self._senders.append(_Sender(start(share), share))
        except BaseException:
            self.end()
            raise
        self._turns = cycle(self._senders)
        self._share_rate()

    @property
    def opening(self) -> int:
        """How many were wanted and are not ready yet."""
        with self._counted:
            return sum(sender.wanted - sender.ready for sender in self._senders if sender.there)

    def begin(self, dispatcher: Dispatcher, closes: float) -> int:
        """Serve this one from now on."""
        with self._counted:
            self._dispatcher = dispatcher
            ready = sum(sender.ready for sender in self._senders)
        for sender in self._senders:
            sender.put("serve", finite(closes))
        if not self._ears:
            self._ears = [Thread(target=self._hear, args=(sender,), daemon=True) for sender in self._senders]
            for thread in (*self._ears, Thread(target=self._watch, daemon=True)):
                thread.start()
        return ready

    def add(self, count: int) -> int:
        """Ask for so many more threads, evenly; how many were asked for. Raises SendersError if no process is left.

        The first time no process is left out: messages go by turns, and each process has its share of the rate.
        """
        more = dict.fromkeys(self._senders, 0)
        with self._counted:
            there = [sender for sender in self._senders if sender.there]
            if not there:
                raise SendersError("senders_gone")
            for _ in range(max(count, sum(not sender.wanted for sender in there)) if count > 0 else 0):
                sender = min(there, key=lambda sender: sender.wanted)
                if sender.wanted >= sender.most:
                    break
                sender.wanted += 1
                more[sender] += 1
        for sender, wanted in more.items():
            if wanted:
                sender.put("add", wanted)
        return sum(more.values())

    def carry(self, going: Sequence[Going]) -> None:
        """Hand each to a process with an idle thread, by turns; what finds none, for one was lost, is called off."""
        handed: dict[_Sender, list[Parts]] = {}
        back: list[Came] = []
        with self._counted:
            for pending, at in going:
                if (sender := self._next_idle()) is None:
                    back.append((pending, at, None))
                    continue
                sender.has[pending.id] = pending, at
                handed.setdefault(sender, []).append((pending.id, *from_message(pending.message)))
        for sender, messages in handed.items():
            sender.put("carry", self.offset.total_seconds(), messages)
        if back:
            self._serving().bring(back)

    def _next_idle(self) -> _Sender | None:
        for _ in self._senders:
            sender = next(self._turns)
            if sender.there and sender.idle > 0:
                return sender
        return None

    def end(self) -> None:
        """End the processes at once: they have nothing to bring to an end but themselves."""
        self._ending.set()
        for sender in self._senders:
            sender.process.kill()
        for sender in self._senders:
            sender.process.wait()
        for ear in self._ears:
            if ear.is_alive():
                ear.join()
        for sender in self._senders:
            sender.close()

    def _watch(self) -> None:
        while not self._ending.wait(_LOOK):
            self.look()

    def look(self) -> None:
        """End who was silent at too many looks: a process that stands still would be waited for without end."""
        for sender in self._senders:
            silent = sender.words and sender.words == sender.words_before  # before its first word it may take its time
            sender.words_before, sender.silent = sender.words, sender.silent + 1 if silent else 0
            if sender.there and sender.silent == MOST_SILENT:
                self._tell("sender_silent", seconds=round(MOST_SILENT * _LOOK))
                sender.process.kill()

    def _hear(self, sender: _Sender) -> None:
        """Hear what a process says until its pipe ends."""
        hears = {"ready": self._ready, "less": self._less, "came": self._came, "here": lambda *_: None}
        try:
            for line in whole_lines(sender.up):
                sender.words += 1
                what, *parts = parts_of(line)
                hears[what](sender, parts)
        except Exception as error:  # noqa: BLE001 (a fault of ours must reach the dispatcher, not end a thread)
            self._serving().fail(error)
        if not self._ending.is_set():
            sender.process.kill()  # whom nobody hears must not go on
            self._lost(sender)

    def _ready(self, sender: _Sender, parts: Parts) -> None:
        count, setup = parts
        with self._counted:
            sender.ready += count
            self.setup = min(setup, self.setup or setup) if setup else self.setup
        self._serving().ready(count)

    def _less(self, sender: _Sender, parts: Parts) -> None:
        with self._counted:
            sender.wanted -= parts[0]
            sender.most = sender.wanted
        self._serving().ready(0)

    def _came(self, sender: _Sender, parts: Parts) -> None:
        seconds, said = parts
        if seconds != sender.offset:
            sender.offset, self.offset = seconds, timedelta(seconds=seconds)
        self._serving().bring([(*sender.has.pop(number), _outcome_of(rest)) for number, *rest in said])

    def _lost(self, sender: _Sender) -> None:
        why = _in_words(sender.process.wait())
        with self._losing:  # of several at once, each is told of before the next is counted
            with self._counted:
                sender.there = False
                lost, has = sender.ready, list(sender.has.values())
                sender.ready = sender.wanted = 0
                sender.has.clear()
                left = sum(other.there for other in self._senders)
            self._share_rate()
            self._tell("sender_lost", reason=why, in_doubt=len(has), left=left)
        dispatcher = self._serving()
        dispatcher.lost(lost)
        dispatcher.bring([(pending, at, CarrierLostError(f"a sender process ended ({why})")) for pending, at in has])
        if not left:
            dispatcher.fail(SendersError("senders_gone"))

    def _share_rate(self) -> None:
        there = [sender for sender in self._senders if sender.there]
        for sender in there:
            sender.put("rate", finite(self._rate / len(there)))

    def _serving(self) -> Dispatcher:
        assert self._dispatcher is not None
        return self._dispatcher


def _outcome_of(said: Parts) -> Outcome | BaseException | None:
    if not said:
        return None
    return SenderFaultError(said[0]) if len(said) == 1 else to_outcome(said)


def _in_words(code: int) -> str:
    """How a process ended, by its return code."""
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
