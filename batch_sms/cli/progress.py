"""Progress: a bar on a terminal, a log line now and then without one. Always on standard error."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import click
from tqdm import tqdm

from batch_sms.model import Status
from batch_sms.words import say

if TYPE_CHECKING:
    from batch_sms.model import Attempt

_SECONDS_TO_BAR = 2.0
"""A step shorter than this shows no bar."""
_SECONDS_BETWEEN_LINES = 30.0
_ROWS_BETWEEN_LOOKS = 256
"""How often, in rows, the checking of a list looks at the clock."""


class Progress:
    """Looks on at a run (a ``Watcher``) and shows it to a person or to a log."""

    def __init__(self, lang: str, *, quiet: bool = False, verbose: bool = False) -> None:
        self._lang, self._quiet, self._verbose = lang, quiet, verbose
        self._terminal = sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None
        self._step, self._done, self._next_line = "", 0, 0.0
        self._total: int | None = None
        self._statuses: Counter[Status] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, step: str, total: int | None) -> None:
        """Start over for a new step."""
        self._step, self._total, self._done = step, total, 0
        self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
        self._statuses.clear()
        if self._terminal and not self._quiet:
            label = say(f"progress.{step}", self._lang)
            self._bar = tqdm(total=total, desc=label, unit="", delay=_SECONDS_TO_BAR, file=sys.stderr, leave=False)

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
            row, code = attempt.pending.row, attempt.outcome.code
            line = say("progress.attempt", self._lang, row=row, status=attempt.status.value, code=code)
            tqdm.write(line, file=sys.stderr)
        if attempt.status is Status.NOT_SENT:
            return
        self._done += 1
        self._statuses[attempt.status] += 1
        if self._bar is not None:
            self._bar.set_postfix({status.value: count for status, count in self._statuses.items()}, refresh=False)
            self._bar.update()

    def _log_line(self) -> None:
        if self._terminal or self._quiet or time.monotonic() < self._next_line:
            return
        self._next_line = time.monotonic() + _SECONDS_BETWEEN_LINES
        step = say(f"progress.{self._step}", self._lang)
        key = "progress.line_open" if self._total is None else "progress.line"
        click.echo(say(key, self._lang, step=step, done=self._done, total=self._total), err=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
