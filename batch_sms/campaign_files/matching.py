"""Which lists a pattern means: not the result sheets beside them, nor what other programs leave there."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Collection
from pathlib import Path

from batch_sms.errors import SettingsError

ANYTHING = "\0"
"""Stands in a path for what is filled in differently each time."""
_NOT_OURS = ("~$", ".")
"""How lock files of Office begin, and hidden files: half-written ones among them."""
_NUMBERED = r"(?: \(\d+\))?"
"""What is added to a result that could not be put in its place."""
_RESULT = re.compile(rf".*\.result{_NUMBERED}\.(?:csv|xlsx)", re.IGNORECASE | re.DOTALL)


def is_pattern(path: Path) -> bool:
    """Whether a list's path stands for several: it has ``*``, ``?`` or ``[``, and no file is really called so."""
    return glob.has_magic(str(path)) and not path.exists()


def matching(pattern: Path, others: Collection[Path], outputs: Collection[Path]) -> tuple[Path, ...]:
    """The lists that match, sorted by path. Raises SettingsError if there is none.

    Left out are result sheets and hidden files, ``others`` and what is named like one of ``outputs``.
    """
    known = {_whole(path) for path in others}
    found = [
        path
        for path in map(Path, sorted(glob.glob(str(pattern), recursive=True)))  # noqa: PTH207 (Path.glob needs a root)
        if path.is_file() and not path.name.startswith(_NOT_OURS) and not _RESULT.fullmatch(path.name)
    ]
    lists = tuple(path for path in found if _whole(path) not in known)
    left = tuple(path for path in lists if not any(_like(output).fullmatch(_whole(path)) for output in outputs))
    if lists and not left:
        shown = ", ".join(str(output).replace(ANYTHING, "…") for output in outputs)
        raise SettingsError("campaign_only_results", pattern=pattern, outputs=shown)
    if not left:
        raise SettingsError("campaign_no_match", pattern=pattern)
    return left


def refuse_equal_names(lists: Collection[Path]) -> None:
    """Lists whose results or runs would have one name. Raises SettingsError."""
    seen: dict[str, Path] = {}
    for path in lists:
        if (first := seen.setdefault(path.stem, path)) != path:
            raise SettingsError("campaign_same_names", first=first, second=path)


def _like(output: Path) -> re.Pattern[str]:
    stem, ending = os.path.splitext(_whole(output))  # noqa: PTH122 (pathlib would cut a name that has a dot)
    parts = [re.escape(part).replace(re.escape(ANYTHING), ".*") for part in (stem, ending)]
    return re.compile(f"{parts[0]}(?:-.*)?{_NUMBERED}{parts[1]}", re.DOTALL)


def _whole(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 (a link is a file of its own here, and ``..`` is taken out)
