"""Progress: a bar on a terminal; without one a log line at each change of state and now and then. Always on standard error.

Who works only counts. A thread of its own looks at the counts a few times a second and says them: so a bar costs the work
nothing, and moves on while a workbook is unpacked or an answer is waited for.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TextIO

import click

from batch_sms.cli.bottom_line import BottomLine
from batch_sms.cli.log_lines import LogLines, sentence
from batch_sms.cli.progress_line import Standing, bar_line, log_facts, log_line
from batch_sms.cli.streams import Unbreakable
from batch_sms.clock import Clock, RealClock
from batch_sms.model import Retry, Status
from batch_sms.words import say

if TYPE_CHECKING:
    from batch_sms.errors import BatchSmsError
    from batch_sms.model import Attempt
    from batch_sms.summary import Summary
    from batch_sms.watching import Place

_SECONDS_TO_BAR = 2.0
"""A step shorter than this shows no bar."""
_SECONDS_BETWEEN_BARS = 0.25
_SECONDS_BETWEEN_LINES = 30.0
_LOOKS_OF_A_RATE = 40
"""A rate is that of so many of the last looks."""
_SHOWN = (Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT)
_STATES = frozenset({"checking", "sending", "writing"})
"""The steps whose beginning is a change of state for a log; the others are said only where they last."""
_CALM = 10.0
"""Seconds without a throttled answer or a failed connection, after which all is well again."""
_TROUBLES = {Retry.SLOW: "throttled", Retry.CONNECT: "no_connection"}
_FOR_A_PERSON = {"waiting", "probing", "sender_silent", "sender_lost", *_TROUBLES.values(), "going_on"}
"""The changes of state that a bar does not show."""


class Progress:
    """Looks on at a run (a ``Watcher``) and shows it to a person or to a log; ``log_format`` is ``text`` or ``json``.

    ``stream`` is standard error, if none is given.
    """

    def __init__(
        self,
        lang: str,
        list_name: str = "",
        *,
        quiet: bool = False,
        verbose: bool = False,
        log_format: str = "text",
        clock: Clock | None = None,
        stream: TextIO | None = None,
    ) -> None:
        self._lang, self._list_name, self._quiet, self._verbose = lang, list_name, quiet, verbose
        self._clock = clock or RealClock()
        self._json = log_format == "json"
        self._shared: TextIO = stream or sys.stderr
        self._terminal = self._shared.isatty() and not self._json
        self._line = BottomLine(self._shared)
        self._log = LogLines(log_format, lang, self._clock, list_name, self._write_line)
        self._pen = threading.RLock()
        self._step: _Step | None = None
        self._trouble, self._trouble_at = "", 0.0

    def __enter__(self) -> Self:
        self._line = BottomLine(_own(self._shared))
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        own, self._line = self._line.stream, BottomLine(self._shared)
        if own is not self._shared:
            with suppress(OSError):
                own.close()

    def begin(self, step: str, total: int | None, place: Place | None = None) -> None:
        """Start over for a new step."""
        self.end()
        self._step, self._trouble = _Step(step, total, place, self._clock), ""
        if self._quiet:
            return
        if step in _STATES and not self._terminal:
            self._log_event(step, {} if total is None or place is not None else {"total": total})
        threading.Thread(target=self._look_on, args=(self._step,), name="progress", daemon=True).start()

    def moved(self, attempt: Attempt | None = None) -> None:
        """Count a row, or an attempt at one."""
        step = self._step
        if step is None:
            return
        if attempt is None:
            step.done += 1
            return
        outcome = attempt.outcome
        if self._verbose and outcome is not None:
            self._tell_attempt(attempt.pending.row, attempt.status.value, outcome.code)
        if self._trouble or (outcome is not None and outcome.retry is not None):
            self._tell_trouble(attempt)
        if attempt.status is not Status.NOT_SENT:
            step.done += 1
            step.counts[attempt.status] += 1

    def _tell_attempt(self, row: int, status: str, code: str) -> None:
        if self._json:
            self._log_event("attempt", {"row": row, "status": status, "code": code})
        else:
            with self._pen:
                self._line.write_above(say("progress.attempt", self._lang, row=row, status=status, code=code))

    def _tell_trouble(self, attempt: Attempt) -> None:
        """Throttling and lost connections are states of the whole run: said when they begin, and when they are over."""
        now, outcome = self._clock.monotonic(), attempt.outcome
        trouble = _TROUBLES.get(outcome.retry, "") if outcome is not None and outcome.retry is not None else ""
        if trouble and outcome is not None:
            self._trouble_at = now
            if trouble != self._trouble:
                self._trouble = trouble
                self.told(trouble, code=outcome.code)
        elif self._trouble and now - self._trouble_at >= _CALM:
            self._trouble = ""
            self.told("going_on")

    def _look_on(self, step: _Step) -> None:
        wait = _SECONDS_TO_BAR if self._terminal else _SECONDS_BETWEEN_LINES
        while not step.over.wait(wait):
            self.show()
            wait = _SECONDS_BETWEEN_BARS if self._terminal else _SECONDS_BETWEEN_LINES

    def show(self) -> None:
        """Show how the step stands now."""
        step = self._step
        if step is None or self._quiet:
            return
        standing = step.standing()
        with self._pen:
            if step.over.is_set():
                return
            if self._terminal:
                self._line.draw(bar_line(standing, self._line.columns, self._lang, ascii_bar=self._line.is_ascii))
            else:
                self._log.write("progress", log_facts(standing), log_line(standing, self._lang))

    def end(self) -> None:
        """Take the bar away."""
        step, self._step = self._step, None
        if step is not None:
            step.over.set()
            with self._pen:
                self._line.clear()

    def ended(self, summary: Summary) -> None:
        """Log how the run ended, and how many rows have each status."""
        from batch_sms.rounds import LATE, WINDOW  # noqa: PLC0415 (with the ledger: here they are loaded already)

        self._log.name_run(summary.run)
        counts = {status.value: summary.by_status()[status] for status in Status}
        facts = {"exit_code": summary.exit_code, "sent_now": summary.sent_now, **counts}
        spoken = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        if self._quiet or self._terminal:
            return
        if summary.stopped_by is None:
            words = say("log.finished", self._lang, counts=spoken, exit_code=summary.exit_code)
            self._log_event("finished", facts, words)
        else:
            code = summary.stopped_by.code
            message = summary.stopped_by.message if code in (WINDOW, LATE) else ""  # no words of the gateway's in a log
            told = {"code": code, "left": summary.left, **({"message": message} if message else {})}
            words = say("log.stopped", self._lang, counts=spoken, exit_code=summary.exit_code, code=code)
            self._log_event("stopped", {**facts, **told}, f"{words}: {message}" if message else words)

    def failed(self, error: BatchSmsError, *, named: bool = False) -> None:
        """Say what stopped the command, or (``named``) one list of several. That is said even to who wants it quiet."""
        if self._json:
            facts = {"error": error.key, "message": error.say_to_others(self._lang), "exit_code": error.exit_code}
            self._log_event("failed", facts)
        elif named and not self._terminal:
            self._log_event("failed", {}, error.say_to_others(self._lang))
        elif named:
            click.echo(f"batch-sms: {self._list_name}: {error.say(self._lang)}", err=True)
        else:
            click.echo(f"batch-sms: {error.say(self._lang)}", err=True)

    def unheard(self, error: BatchSmsError) -> None:
        """Say that others could not be told of the run; that is said even to who wants it quiet."""
        if self._json:
            self._log_event("report_failed", {"error": error.key, "message": error.say(self._lang)})
        else:
            click.echo(f"batch-sms: {error.say(self._lang)}", err=True)

    def noted(self, words: str) -> None:
        """Say what nobody must miss."""
        if self._json:
            self._log_event("note", {"message": words})
        else:
            click.echo(words, err=True)

    def told(self, event: str, **facts: object) -> None:
        """Log a change of state; a person at a terminal is told what the bar does not show."""
        if event == "checked":
            self._log.name_run(str(facts["run"]))
        if self._quiet:
            return
        if not self._terminal:
            self._log_event(event, facts)
        elif event in _FOR_A_PERSON:
            with self._pen:
                self._line.write_above(sentence(event, self._lang, facts))

    def _write_line(self, line: str) -> None:
        self._line.write_above(line)

    def _log_event(self, event: str, facts: dict[str, Any], words: str = "") -> None:
        with self._pen:
            self._log.write(event, facts, words)


class _Step:
    """A step that goes on: what is counted of it, and what follows from the counts."""

    def __init__(self, name: str, total: int | None, place: Place | None, clock: Clock) -> None:
        self._name, self._total, self._place, self._clock = name, total, place, clock
        self.done = 0
        self.counts: Counter[Status] = Counter()
        self.over = threading.Event()
        self._began = clock.monotonic()
        self._looks = deque([(self._began, 0, 0)], maxlen=_LOOKS_OF_A_RATE)

    def standing(self) -> Standing:
        """How it stands now; each call is a look, of which the rate is made."""
        now, done = self._clock.monotonic(), self.done
        place = done if self._place is None else self._place()
        then, done_then, place_then = self._looks[0]
        self._looks.append((now, done, place))
        rate = (done - done_then) / (now - then) if now > then else None
        share = left = None
        if self._total:
            share = min(1.0, place / self._total)
            if place > place_then and now > then:
                left = max(0, self._total - place) * (now - then) / (place - place_then)
        return Standing(
            self._name,
            now - self._began,
            done,
            self._total if self._place is None else None,
            share,
            rate,
            left,
            {status.value: self.counts[status] for status in _SHOWN},
        )


def _own(stream: TextIO) -> Any:
    """Standard error by a handle of its own: it is closed to libraries while they read a workbook, and that is a step too."""
    try:
        handle = os.dup(stream.fileno())
    except (OSError, ValueError, AttributeError):  # no file, as in a test
        return stream
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return Unbreakable(open(handle, "w", encoding=encoding, errors="replace"))  # noqa: PTH123 (__exit__ closes it)
