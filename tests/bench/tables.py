"""Reading a workbook and writing one, beside the libraries alone."""

from __future__ import annotations

import os
from collections.abc import Iterator

from figures import Figure, Goal, compared
from programs import module, ran
from setting import Setting, say

PART = "tables"
_SHORT_TURNS = 3
"""Turns of reading in a round: each takes a second, in which a machine can be twice as fast as in the next."""


def figures(setting: Setting) -> Iterator[Figure]:
    """Each of the four loops in a process of its own, in turn."""
    rows = setting.of(100_000, 5_000)
    read, written = setting.folder / "list.xlsx", setting.folder / "written.xlsx"
    ran(module("table_loops", "make", read, rows), os.environ, setting.folder)
    seconds: dict[str, list[float]] = {"read": [], "calamine": [], "write": [], "openpyxl": []}
    loops = (*("read", "calamine") * _SHORT_TURNS, "write", "openpyxl")
    for turn in range(setting.rounds):
        for loop in loops:
            file = read if loop in {"read", "calamine"} else written
            seconds[loop].append(float(ran(module("table_loops", loop, file, rows), os.environ, setting.folder).out))
        said = ", ".join(f"{loop} {taken[-1]:.2f} s" for loop, taken in seconds.items())
        say(f"{PART}, round {turn + 1} of {setting.rounds}: {said}")
    yield compared(
        *(PART, f"read {rows:,} x 8 of .xlsx", "s", seconds["read"], "calamine alone", seconds["calamine"]),
        Goal(most=1.5, of_ratio=True),
    )
    yield compared(
        *(PART, f"write {rows:,} x 19 of .xlsx", "s", seconds["write"], "openpyxl alone", seconds["openpyxl"]),
        Goal(most=1.3, of_ratio=True),
    )
