"""The folder itself: what waits in it, what is in work, and where it goes when it is over.

A list is moved, never copied: it is in one place at any time, whatever dies. ``work`` holds at most one list of a name, with a
note of when it was taken beside it, so that a crash changes nothing about the run that it belongs to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count
from pathlib import Path

from batch_sms.errors import SettingsError
from batch_sms.hot_folder.arrivals import Look, is_list, looks_at
from batch_sms.ledger.lock import hold_file

CAMPAIGN = "campaign.toml"
_NOTE = ".claim"


class Place(StrEnum):
    """The folders inside the folder."""

    WORK = "work"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Claim:
    """A list in work: when it was taken, how it looked, and the name under which it leaves, once that is decided."""

    path: Path
    taken_at: datetime
    look: Look
    leaves_as: str = ""

    @property
    def result(self) -> Path:
        """Where its result sheet is written."""
        return self.path.with_name(_result_name(self.path.name))

    @property
    def text(self) -> Path:
        """Where it is said what became of it."""
        return self.path.with_name(f"{self.path.name}.txt")


class Folder:
    """A hot folder. Raises SettingsError where it is none."""

    def __init__(self, path: Path) -> None:
        if not path.is_dir():
            raise SettingsError("no_such_folder", path=path, name=CAMPAIGN)
        self.path = path
        self.campaign = path / CAMPAIGN
        if not self.campaign.is_file():
            raise SettingsError("no_campaign_in_folder", path=path, name=CAMPAIGN)
        try:
            for place in Place:
                (path / place).mkdir(exist_ok=True)
        except OSError as error:
            raise SettingsError("folder_not_writable", path=path, reason=error.strerror or error) from error

    def held(self, now: datetime) -> AbstractContextManager[Path]:
        """Hold the folder, so that no second watcher works in it. Raises RunHeldError."""
        return hold_file(self.path / Place.WORK / ".lock", "folder_held", {"path": self.path}, now)

    def waiting(self, but: frozenset[Path]) -> dict[Path, Look]:
        """The lists that were dropped in, without files that serve the campaign and names that are in work."""
        in_work = {claim.path.name for claim in self.claims()}
        return looks_at(
            path
            for path in self.path.iterdir()
            if is_list(path) and path.is_file() and path.name not in in_work and path.resolve() not in but
        )

    def claims(self) -> Iterator[Claim]:
        """What is in work, the longest first."""
        notes = sorted(((self.path / Place.WORK).glob(f"*{_NOTE}")), key=lambda note: note.stat().st_mtime_ns)
        for note in notes:
            if (claim := _read(note)) is not None:
                yield claim

    def claim(self, path: Path, look: Look, now: datetime) -> Claim | None:
        """Take a list into work; None if it went away, or somebody holds it open, meanwhile."""
        claim = Claim(self.path / Place.WORK / path.name, now, look)
        _write(claim)
        try:
            path.rename(claim.path)
        except OSError:  # renamed, taken back, or open in a program that keeps it (Windows)
            _note(claim).unlink()
            return None
        return claim

    def seen_anew(self, claim: Claim, look: Look) -> Claim:
        """The claim of a list that was still written to after it was taken."""
        changed = Claim(claim.path, claim.taken_at, look, claim.leaves_as)
        _write(changed)
        return changed

    def named(self, claim: Claim) -> Claim:
        """The claim with the name under which it leaves, noted, so that a crash between two moves does not lead to two names."""
        if claim.leaves_as:
            return claim
        named = Claim(claim.path, claim.taken_at, claim.look, self._free_name(claim.path.name))
        _write(named)
        return named

    def list_in(self, place: Place, claim: Claim) -> Path:
        """Where the list of a claim that has its name will be."""
        return self.path / place / claim.leaves_as

    def result_in(self, place: Place, claim: Claim) -> Path:
        """Where the result of a claim that has its name will be."""
        return self.path / place / _result_name(claim.leaves_as)

    def leave(self, claim: Claim, place: Place, text: str) -> Path:
        """Move a list that is over, with its result and a text that says why, to one of the places; returns where the list is."""
        claim.text.write_text(text, encoding="utf-8")
        leaving = self.named(claim)
        name, there = leaving.leaves_as, self.path / place
        for of, called in ((claim.text, f"{name}.txt"), (claim.result, _result_name(name)), (claim.path, name)):
            if of.exists():
                of.replace(there / called)
        _note(leaving).unlink()
        return there / name

    def _free_name(self, name: str) -> str:
        """The list's name, or with a number behind it, as it is free in both places."""
        stem, ending = os.path.splitext(name)  # noqa: PTH122 (two parts of a name, not a path)
        names = (name if number == 1 else f"{stem}-{number}{ending}" for number in count(1))
        return next(
            free for free in names if not any(self._is_taken(place, free) for place in (Place.DONE, Place.FAILED))
        )

    def _is_taken(self, place: Place, name: str) -> bool:
        return any((self.path / place / other).exists() for other in (name, f"{name}.txt", _result_name(name)))


def _result_name(name: str) -> str:
    path = Path(name)
    ending = ".csv" if path.suffix.lower() in {".csv", ".tsv"} else ".xlsx"
    return f"{path.stem}.result{ending}"


def _note(claim: Claim) -> Path:
    return claim.path.with_name(f".{claim.path.name}{_NOTE}")


def _write(claim: Claim) -> None:
    facts = {"taken_at": claim.taken_at.isoformat(), "look": asdict(claim.look), "leaves_as": claim.leaves_as}
    half = _note(claim).with_suffix(".half")
    half.write_text(json.dumps(facts), encoding="utf-8")
    half.replace(_note(claim))


def _read(note: Path) -> Claim | None:
    """A claim by its note; None, and no note any more, where its list is gone: it had left, or had never come."""
    path = note.with_name(note.name.removeprefix(".").removesuffix(_NOTE))
    if not path.exists():
        note.unlink(missing_ok=True)
        return None
    facts = json.loads(note.read_text(encoding="utf-8"))
    return Claim(path, datetime.fromisoformat(facts["taken_at"]), Look(**facts["look"]), facts["leaves_as"])
