"""Who looks on at a run: a bar for a person, log lines for a scheduler, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from batch_sms.model import Attempt

Item = TypeVar("Item")
Place = Callable[[], int]
"""How far a step has come, in the unit of its total: bytes of a file, for instance."""


class Watcher(Protocol):
    """Who looks on: progress for a person, log lines for a scheduler.

    A step is ``reading``, ``checking``, ``comparing``, ``entering``, ``sending`` or ``writing``.
    """

    def begin(self, step: str, total: int | None, place: Place | None = None) -> None:
        """A step begins, which ends after ``total`` rows, or where ``place`` has come to it; None where nobody knows."""

    def moved(self, attempt: Attempt | None = None) -> None:
        """One row further."""

    def end(self) -> None:
        """The step is over."""


class Unwatched:
    """Nobody looks on."""

    def begin(self, step: str, total: int | None, place: Place | None = None) -> None:
        """Nothing."""

    def moved(self, attempt: Attempt | None = None) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


@contextmanager
def step(watch: Watcher, name: str, total: int | None = None, place: Place | None = None) -> Iterator[None]:
    """A step from its begin to its end, whichever it is."""
    watch.begin(name, total, place)
    try:
        yield
    finally:
        watch.end()


def told(rows: Iterable[Item], watch: Watcher) -> Iterator[Item]:
    """The rows, each of them told as it goes by."""
    for row in rows:
        watch.moved()
        yield row
