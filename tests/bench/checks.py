"""Checking a list: seconds and memory, and whether they grow with it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from figures import Figure, Goal
from lists import write_csv
from programs import MESSAGE, Ran, batch_sms, ran
from setting import Setting, say

PART = "check"


def figures(setting: Setting) -> Iterator[Figure]:
    """A list, one ten times as long, and again the short one: of its turns the middle one, for each is over in seconds."""
    rows, full = setting.of(100_000, 5_000), not setting.quick
    turns = [_checked(setting, rows * times) for times in (1, 1, 10, 1)]
    long = turns.pop(2)
    short = sorted(turns, key=lambda turn: turn.seconds)[1]
    yield Figure(PART, f"{rows:,} rows", short.seconds, "s")
    yield Figure(
        *(PART, f"{10 * rows:,} rows", long.seconds, "s", f"{rows:,} rows", short.seconds),
        *(long.seconds / short.seconds, Goal(most=10.5, of_ratio=True) if full else None),
    )
    yield Figure(PART, f"{10 * rows:,} rows", long.seconds, "s", goal=Goal(most=40) if full else None)
    yield Figure(
        *(PART, f"{10 * rows:,} rows, memory", long.peak, "MB", f"{rows:,} rows", short.peak),
        *(long.peak / short.peak, Goal(most=600)),
    )


def _checked(setting: Setting, rows: int) -> Ran:
    messages = write_csv(setting.folder / f"list-{rows}.csv", rows)
    there = ran(batch_sms("check", messages, *MESSAGE[-2:]), os.environ, setting.folder)
    say(f"{PART}: {rows:,} rows in {there.seconds:.1f} s, {there.peak:.0f} MB")
    return there
