"""What was sent when: a look into the ledger, a run's result sheet written again from it, and a word to a run that goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from batch_sms import words
from batch_sms.campaign import find_ledger
from batch_sms.clock import Clock, RealClock
from batch_sms.errors import LedgerError, SettingsError
from batch_sms.explain import Explainer
from batch_sms.ledger import Ledger, Run, stop_request
from batch_sms.ledger.lock import holder
from batch_sms.model import Status
from batch_sms.run import write_result
from batch_sms.sheets.results import to_frame
from batch_sms.watching import Watcher

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run in one line: its name and list, when it was begun, and how many rows have each status."""

    name: str
    list_name: str
    begun_at: datetime
    statuses: dict[Status, int]
    output: str
    sending: bool = False
    """A process holds it at this moment."""

    @property
    def settled(self) -> int:
        """Its rows that were tried and are done with."""
        return sum(self.statuses[status] for status in (Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT))


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a ledger: its runs, the oldest first, and how many rows a second were settled in each since the last look."""

    runs: tuple[PastRun, ...]
    rates: Mapping[str, float]


def runs(ledger: Path) -> list[PastRun]:
    """All runs of a ledger, the oldest first. Raises LedgerError."""
    with _opened(ledger) as book:
        return [_past(book, run) for run in book.runs()]


def watch(ledger: Path, clock: Clock | None = None) -> Iterator[Look]:
    """A look at the ledger's runs about each second, without end. Rows are counted anew only where something is sent.

    Raises LedgerError.
    """
    clock = clock or RealClock()
    known: dict[str, PastRun] = {}
    looked_at = clock.monotonic()
    with _opened(ledger) as book:
        while True:
            began = clock.monotonic()
            before, known = known, {run.name: _seen_again(book, run, known.get(run.name)) for run in book.runs()}
            seconds = began - looked_at
            yield Look(
                tuple(known.values()),
                {name: (run.settled - before[name].settled) / seconds for name, run in known.items() if name in before},
            )
            looked_at = began
            clock.sleep(max(_BETWEEN_LOOKS, clock.monotonic() - began))


def _seen_again(book: Ledger, run: Run, before: PastRun | None) -> PastRun:
    """A run as it is now; one that nobody sends, now or before, has not changed."""
    if before is not None and not before.sending and not holder(book.path, run.name):
        return before
    return _past(book, run)


def _past(book: Ledger, run: Run) -> PastRun:
    sending = bool(holder(book.path, run.name))  # asked first: what is counted then is the last, if nobody holds it
    statuses = dict.fromkeys(Status, 0)
    for (status, _, _), count in book.counts(run, held=sending).items():
        statuses[status] += count
    return PastRun(run.name, run.list_name, run.created_at, statuses, run.output, sending)


def result(
    ledger: Path,
    name: str,
    output: Path | None,
    lang: str,
    looking_on: Callable[[str], AbstractContextManager[Watcher]],
) -> tuple[Path, int]:
    """Write the result sheet of a run, where it was or to ``output``; says where, and its rows. The list is not needed.

    ``looking_on`` gives who looks on at a list of this name.
    Raises SettingsError for an unknown run, ResultError where it can't be written.
    """
    with _opened(ledger) as book:
        run = found_run(book, name)
        if output is None and not run.output:
            raise SettingsError("no_output", run=name)
        rows = book.counts(run).total()
        with looking_on(run.list_name) as watch:
            return write_result(book, run, output or Path(run.output), lang, rows=rows, watch=watch), rows


class Stop(Enum):
    """What came of asking a run to stop."""

    NOT_RUNNING = auto()
    STOPPED = auto()
    STOPPING = auto()
    """It was asked, but still waits for the answers to what is on its way."""


def stop(ledger: Path, name: str, patience: float, clock: Clock | None = None) -> Stop:
    """Have the process that sends a run stop it cleanly, and wait so many seconds for its end.

    Raises SettingsError for an unknown run.
    """
    with _opened(ledger) as book:
        found_run(book, name)
    if not stop_request.ask(ledger, name):
        return Stop.NOT_RUNNING
    ended = stop_request.ended_within(patience, ledger, name, clock or RealClock())
    return Stop.STOPPED if ended else Stop.STOPPING


def result_frame(
    run: str, ledger: Path | None = None, *, sandbox: bool = False, lang: str = words.DEFAULT
) -> pd.DataFrame:
    """The result sheet of a run as a pandas frame. Raises SettingsError for an unknown run."""
    path = find_ledger(ledger, sandbox=sandbox)
    with _opened(path) as book:
        found = found_run(book, run)
        return to_frame(found.headers, book.records(found), Explainer(lang), book.further(found))


def found_run(book: Ledger, name: str) -> Run:
    """The run of this name. Raises SettingsError, which names the latest, for an unknown one."""
    run = book.run(name)
    if run is None:
        known = ", ".join(run.name for run in book.runs()[-_MOST_NAMED:])
        raise SettingsError("no_such_run", run=name, ledger=book.path, runs=known or "-")
    return run


_MOST_NAMED = 8
_BETWEEN_LOOKS = 1.0


def _opened(path: Path) -> Ledger:
    """An existing ledger: looking must not make one."""
    if not path.is_file():
        raise LedgerError("no_ledger", path=path)
    return Ledger(path)
