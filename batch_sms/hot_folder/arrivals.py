"""Which of the files that were dropped in have arrived: nobody writes to them any more. Pure but for one look at their ends.

A file system does not tell when a copy is complete; what can be seen is that size and time of change stay as they are. A file
without content, and a workbook whose end has not come yet, get more time: something is on its way there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import is_zipfile

from batch_sms.sheets.reading import WORKBOOKS

ENDINGS = frozenset({".csv", ".tsv", *WORKBOOKS})
"""The names that lists have; a copy on its way often has another one (``.part``, ``.tmp``)."""
UNFINISHED = 6
"""How many times longer a file may stand still that looks unfinished."""
_ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was seen: its size in bytes, its time of change in nanoseconds, its number in the file system."""

    size: int
    changed: int
    number: int

    @classmethod
    def at(cls, path: Path) -> Look | None:
        """The file as it is now; None if it is gone."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that has looked like this since the moment ``since``, in seconds of a monotonic clock."""

    look: Look
    since: float


def is_list(path: Path) -> bool:
    """Whether a file may be a list, by its name: no hidden file, no lock of an office program, no campaign."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$"))


def watched(before: Mapping[Path, Arrival], looks: Mapping[Path, Look], now: float) -> dict[Path, Arrival]:
    """What is known of the files after one more look at the folder; what is gone is forgotten."""
    return {
        path: known if (known := before.get(path)) is not None and known.look == look else Arrival(look, now)
        for path, look in looks.items()
    }


def arrived(known: Mapping[Path, Arrival], settle: float, now: float) -> list[Path]:
    """The files that have stood still for ``settle`` seconds, those that were changed first before the others."""
    still = (path for path, arrival in known.items() if now - arrival.since >= settle * _patience(path, arrival.look))
    return sorted(still, key=lambda path: (known[path].look.changed, path.name))


def looks_at(paths: Iterable[Path]) -> dict[Path, Look]:
    """One look at each file that is still there."""
    return {path: look for path in paths if (look := Look.at(path)) is not None}


def _patience(path: Path, look: Look) -> int:
    return 1 if look.size and _has_its_end(path) else UNFINISHED


def _has_its_end(path: Path) -> bool:
    """Whether a workbook's file is whole, as far as its last bytes tell; a text has no end to look for."""
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP)) != _ZIP or is_zipfile(file)
    except OSError:
        return False
