"""Progress: a bar on a terminal; without one a log line at each change of state and now and then. Always on standard error."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import click
from tqdm import tqdm

from batch_sms.cli.log_lines import LogLines, sentence
from batch_sms.clock import Clock, RealClock
from batch_sms.model import Retry, Status
from batch_sms.words import say

if TYPE_CHECKING:
    from batch_sms.errors import BatchSmsError
    from batch_sms.model import Attempt
    from batch_sms.summary import Summary

_SECONDS_TO_BAR = 2.0
"""A step shorter than this shows no bar."""
_SECONDS_BETWEEN_LINES = 30.0
_ROWS_BETWEEN_LOOKS = 256
"""How often, in rows, the checking of a list looks at the clock."""
_CALM = 10.0
"""Seconds without a throttled answer or a failed connection, after which all is well again."""
_TROUBLES = {Retry.SLOW: "throttled", Retry.CONNECT: "no_connection"}
_FOR_A_PERSON = {"waiting", "probing", *_TROUBLES.values(), "going_on"}
"""The changes of state that a bar does not show."""


class Progress:
    """Looks on at a run (a ``Watcher``) and shows it to a person or to a log."""

    def __init__(
        self,
        lang: str,
        list_name: str,
        *,
        quiet: bool = False,
        verbose: bool = False,
        log_format: str = "text",
        clock: Clock | None = None,
    ) -> None:
        self._lang, self._quiet, self._verbose = lang, quiet, verbose
        self._clock = clock or RealClock()
        self._terminal = sys.stderr.isatty() and log_format == "text"
        self._log = LogLines(log_format, lang, self._clock, list_name)
        self._json = log_format == "json"
        self._bar: tqdm[Any] | None = None
        self._step = ""
        self._total: int | None = None
        self._done, self._said, self._said_at = 0, 0, 0.0
        self._trouble, self._trouble_at = "", 0.0
        self._statuses: Counter[Status] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, step: str, total: int | None) -> None:
        """Start over for a new step."""
        self._step, self._total, self._done, self._said = step, total, 0, 0
        self._said_at = self._clock.monotonic()
        self._trouble = ""
        self._statuses.clear()
        if self._quiet:
            return
        if self._terminal:
            label = say(f"progress.{step}", self._lang)
            self._bar = tqdm(total=total, desc=label, unit="", delay=_SECONDS_TO_BAR, file=sys.stderr, leave=False)
        else:
            self._log.write(step, {} if total is None else {"total": total})

    def moved(self, attempt: Attempt | None = None) -> None:
        """Count a row, or an attempt at one."""
        if attempt is not None:
            self._attempted(attempt)
        else:
            self._done += 1
            if self._done % _ROWS_BETWEEN_LOOKS:
                return
            if self._bar is not None:
                self._bar.update(_ROWS_BETWEEN_LOOKS)
        self._log_line()

    def _attempted(self, attempt: Attempt) -> None:
        if self._verbose and attempt.outcome is not None:
            self._tell_attempt(attempt.pending.row, attempt.status.value, attempt.outcome.code)
        self._tell_trouble(attempt)
        if attempt.status is Status.NOT_SENT:
            return
        self._done += 1
        self._statuses[attempt.status] += 1
        if self._bar is not None:
            self._bar.set_postfix({status.value: count for status, count in self._statuses.items()}, refresh=False)
            self._bar.update()

    def _tell_attempt(self, row: int, status: str, code: str) -> None:
        if self._json:
            self._log.write("attempt", {"row": row, "status": status, "code": code})
        else:
            tqdm.write(say("progress.attempt", self._lang, row=row, status=status, code=code), file=sys.stderr)

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

    def _log_line(self) -> None:
        now = self._clock.monotonic()
        seconds = now - self._said_at
        if self._terminal or self._quiet or seconds < _SECONDS_BETWEEN_LINES:
            return
        statuses = {status.value: count for status, count in self._statuses.items()}
        facts: dict[str, Any] = {"step": self._step, "done": self._done, "total": self._total, **statuses}
        facts["rate"] = round((self._done - self._said) / seconds, 1)
        counts = ", ".join(f"{count} {status}" for status, count in statuses.items())
        key = "progress.line_open" if self._total is None else "progress.line"
        step = say(f"progress.{self._step}", self._lang)
        words = say(key, self._lang, **{**facts, "step": step, "counts": counts}).rstrip(" ;；")
        self._said, self._said_at = self._done, now
        self._log.write("progress", facts, words)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def ended(self, summary: Summary) -> None:
        """Log how the run ended, and how many rows have each status."""
        self._log.name_run(summary.run)
        counts = {status.value: summary.by_status()[status] for status in Status}
        facts = {"exit_code": summary.exit_code, "sent_now": summary.sent_now, **counts}
        spoken = ", ".join(f"{count} {status}" for status, count in counts.items() if count)
        if self._quiet or self._terminal:
            return
        if summary.stopped_by is None:
            words = say("log.finished", self._lang, counts=spoken, exit_code=summary.exit_code)
            self._log.write("finished", facts, words)
        else:
            code = summary.stopped_by.code
            words = say("log.stopped", self._lang, counts=spoken, exit_code=summary.exit_code, code=code)
            self._log.write("stopped", {**facts, "code": code, "left": summary.left}, words)

    def failed(self, error: BatchSmsError) -> None:
        """Say what stopped the command. That is said even to who wants it quiet."""
        if self._json:
            facts = {"error": error.key, "message": error.say_to_others(self._lang), "exit_code": error.exit_code}
            self._log.write("failed", facts)
        else:
            click.echo(f"batch-sms: {error.say(self._lang)}", err=True)

    def unheard(self, error: BatchSmsError) -> None:
        """Say that others could not be told of the run; that is said even to who wants it quiet."""
        if self._json:
            self._log.write("report_failed", {"error": error.key, "message": error.say(self._lang)})
        else:
            click.echo(f"batch-sms: {error.say(self._lang)}", err=True)

    def told(self, event: str, **facts: object) -> None:
        """Log a change of state; a person at a terminal is told what the bar does not show."""
        if event == "checked":
            self._log.name_run(str(facts["run"]))
        if self._quiet:
            return
        if not self._terminal:
            self._log.write(event, facts)
        elif event in _FOR_A_PERSON:
            with tqdm.external_write_mode(file=sys.stderr):
                click.echo(sentence(event, self._lang, facts), err=True)
