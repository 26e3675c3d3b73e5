"""What was sent when: a look into the ledger, and a run's result sheet written again from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from batch_sms import words
from batch_sms.campaign import find_ledger
from batch_sms.errors import LedgerError, SettingsError
from batch_sms.explain import Explainer
from batch_sms.ledger import Ledger, Run
from batch_sms.model import Status
from batch_sms.run import write_result
from batch_sms.sheets.results import to_frame

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


def runs(ledger: Path) -> list[PastRun]:
    """All runs of a ledger, the oldest first. Raises LedgerError."""
    with _opened(ledger) as book:
        past = []
        for run in book.runs():
            statuses = dict.fromkeys(Status, 0)
            for (status, _, _), count in book.counts(run).items():
                statuses[status] += count
            past.append(PastRun(run.name, run.list_name, run.created_at, statuses, run.output))
        return past


def result(ledger: Path, name: str, output: Path | None, lang: str) -> tuple[Path, int]:
    """Write the result sheet of a run, where it was or to ``output``; says where, and its rows. The list is not needed.

    Raises SettingsError for an unknown run, ResultError where it can't be written.
    """
    with _opened(ledger) as book:
        run = found_run(book, name)
        if output is None and not run.output:
            raise SettingsError("no_output", run=name)
        return write_result(book, run, output or Path(run.output), lang), book.counts(run).total()


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


def _opened(path: Path) -> Ledger:
    """An existing ledger: looking must not make one."""
    if not path.is_file():
        raise LedgerError("no_ledger", path=path)
    return Ledger(path)
