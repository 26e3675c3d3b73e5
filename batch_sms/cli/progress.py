"""Progress: a bar on a terminal, a log line now and then without one. Always on standard error.

Who works only counts. A thread of its own looks at the counts a few times a second and says them: so a bar costs the work
nothing, and moves on while a workbook is unpacked or an answer is waited for.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from batch_sms.cli.bottom_line import BottomLine
from batch_sms.cli.progress_line import Standing, bar_line, log_line
from batch_sms.cli.streams import Unbreakable
from batch_sms.model import Status
from batch_sms.words import say

if TYPE_CHECKING:
    from batch_sms.model import Attempt
    from batch_sms.watching import Place

_SECONDS_TO_BAR = 2.0
"""A step shorter than this shows no bar."""
_SECONDS_BETWEEN_BARS = 0.25
_SECONDS_BETWEEN_LINES = 30.0
_LOOKS_OF_A_RATE = 40
"""A rate is that of so many of the last looks."""
_SHOWN = (Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT)


class Progress:
    """Looks on at a run (a ``Watcher``) and shows it to a person or to a log."""

    def __init__(
        self,
        lang: str,
        *,
        quiet: bool = False,
        verbose: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lang, self._quiet, self._verbose, self._monotonic = lang, quiet, verbose, monotonic
        self._terminal = sys.stderr.isatty()
        self._stream = _own_stream()
        self._line = BottomLine(self._stream)
        self._pen = threading.RLock()
        self._step: _Step | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        if self._stream is not sys.stderr:
            with suppress(OSError):
                self._stream.close()

    def begin(self, step: str, total: int | None, place: Place | None = None) -> None:
        """Start over for a new step."""
        self.end()
        self._step = _Step(step, total, place, self._monotonic)
        if not self._quiet:
            threading.Thread(target=self._look_on, args=(self._step,), name="progress", daemon=True).start()

    def moved(self, attempt: Attempt | None = None) -> None:
        """Count a row, or an attempt at one."""
        step = self._step
        if step is None:
            return
        if attempt is None:
            step.done += 1
            return
        if self._verbose and attempt.outcome is not None:
            self._say(attempt.pending.row, attempt.status, attempt.outcome.code)
        if attempt.status is not Status.NOT_SENT:
            step.done += 1
            step.counts[attempt.status] += 1

    def _say(self, row: int, status: Status, code: str) -> None:
        line = say("progress.attempt", self._lang, row=row, status=status.value, code=code)
        with self._pen:
            self._line.write_above(line)

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
                self._line.write_above(log_line(standing, self._lang))

    def end(self) -> None:
        """Take the bar away."""
        step, self._step = self._step, None
        if step is not None:
            step.over.set()
            with self._pen:
                self._line.clear()


class _Step:
    """A step that goes on: what is counted of it, and what follows from the counts."""

    def __init__(self, name: str, total: int | None, place: Place | None, monotonic: Callable[[], float]) -> None:
        self._name, self._total, self._place, self._monotonic = name, total, place, monotonic
        self.done = 0
        self.counts: Counter[Status] = Counter()
        self.over = threading.Event()
        self._began = monotonic()
        self._looks = deque([(self._began, 0, 0)], maxlen=_LOOKS_OF_A_RATE)

    def standing(self) -> Standing:
        """How it stands now; each call is a look, of which the rate is made."""
        now, done = self._monotonic(), self.done
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


def _own_stream() -> Any:
    """Standard error by a handle of its own: it is closed to libraries while they read a workbook, and that is a step too."""
    try:
        handle = os.dup(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):  # no file, as in a test
        return sys.stderr
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    return Unbreakable(open(handle, "w", encoding=encoding, errors="replace"))  # noqa: PTH123 (__exit__ closes it)
