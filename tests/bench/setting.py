"""What all parts of the bench are given."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from certificate import Identity

THREADS = 32


@dataclass(frozen=True)
class Setting:
    """A folder for files, who the servers are, and how long to take: ``quick`` shows that it works, not how fast."""

    folder: Path
    identity: Identity
    quick: bool
    rounds: int

    def of(self, full: int, quick: int) -> int:
        """One of two sizes."""
        return quick if self.quick else full


def say(text: str) -> None:
    """Tell what is going on, on standard error; the table alone stands on standard output."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
