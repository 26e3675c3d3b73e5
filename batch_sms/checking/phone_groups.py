"""A refused cell that may still be one number, oddly grouped: ``0176 123456 78``, ``0151/12345678``. Cut up only, not judged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batch_sms.checking.phone_cells import NoPhone

_LAST_GROUP = re.compile(r"(.*\d{5,}) +(\d{1,2})", re.ASCII)
"""One or two digits behind a blank. Behind a dash they are a range's or an extension's."""
_SLASH = re.compile(r"(?<=[\d)\]]) ?/ ?(?=[\d(\[])", re.ASCII)
_NO_NUMBER = re.compile(
    r"\d{1,2} ?/ ?\d{1,2} ?/ ?\d\d|\d{1,2} ?/ ?(?:19|20)\d\d|(?:19|20)\d\d ?/ ?\d{1,2}|.*\d \d{1,2}/\d{1,2}", re.ASCII
)
"""A short date, a month, and a fraction behind a number, as a spreadsheet shows them."""
_MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class Groups:
    """A cell as one number, and its parts, any of which may be a number of its own instead."""

    whole: str
    """The cell without what its groups are set apart by."""
    parts: tuple[str, ...]
    by_slash: bool


def groups_of(flaw: NoPhone) -> Groups | None:
    """How a cell may be one number although it was refused; ``None`` where nothing can be told but that reason."""
    cell = flaw.facts.get("cell", "")
    if flaw.code == "check.PHONE_EXTENSION":
        last = _LAST_GROUP.fullmatch(cell)
        return Groups(last[1] + last[2], (last[1], last[2]), by_slash=False) if last else None
    if flaw.code not in {"check.PHONE_CHARACTERS", "check.PHONE_SEVERAL"} or _NO_NUMBER.fullmatch(cell):
        return None
    parts = tuple(_SLASH.split(cell))
    return Groups(" ".join(parts), parts, by_slash=True) if 1 < len(parts) <= _MOST_PARTS else None
