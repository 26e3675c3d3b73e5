"""Who looks on at a run: a bar for a person, log lines for a scheduler, or nobody."""

from __future__ import annotations

from typing import Protocol

from batch_sms.model import Attempt


class Watcher(Protocol):
    """Who looks on: progress for a person, log lines for a scheduler. ``step`` is reading, sending or writing."""

    def begin(self, step: str, total: int | None) -> None:
        """A step begins."""

    def moved(self, attempt: Attempt | None = None) -> None:
        """One row further."""

    def end(self) -> None:
        """The step is over."""

    def told(self, event: str, **facts: object) -> None:
        """The state changed, for a log: ``waiting`` and the like, with numbers and names that a machine can use."""


class Unwatched:
    """Nobody looks on."""

    def begin(self, step: str, total: int | None) -> None:
        """Nothing."""

    def moved(self, attempt: Attempt | None = None) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""

    def told(self, event: str, **facts: object) -> None:
        """Nothing."""
