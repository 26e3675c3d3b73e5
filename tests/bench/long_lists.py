"""Sending long lists: whether memory and the time of a row stay the same."""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figure, Goal
from lists import write_csv
from programs import Ran, send
from servers import Server, quickest
from setting import THREADS, Setting, say

PART = "long"


def figures(setting: Setting) -> Iterator[Figure]:
    """A list and one ten times as long, sent without a limit."""
    rows = setting.of(100_000, 1_000)
    with quickest(setting.identity, setting.folder) as server:
        short, long = (_sent(setting, server, rows * times) for times in (1, 10))
    flat = Goal(most=1.2, of_ratio=True) if not setting.quick else None
    name, reference = f"send {10 * rows:,} rows", f"{rows:,} rows"
    yield Figure(
        *(PART, f"{name}, memory", long.peak, "MB", reference, short.peak, long.peak / short.peak, flat),
        note=server.kind,
    )
    yield Figure(PART, f"{name}, memory", long.peak, "MB", goal=Goal(most=600), note=server.kind)
    of_row = [1000 * there.seconds / count for there, count in ((long, 10 * rows), (short, rows))]
    yield Figure(
        *(PART, f"{name}, a row, all in all", of_row[0], "ms", reference, of_row[1], of_row[0] / of_row[1], flat),
        note=server.kind,
    )


def _sent(setting: Setting, server: Server, rows: int) -> Ran:
    messages = write_csv(setting.folder / f"list-{rows}.csv", rows)
    there, summary = send(messages, server.url, server.environment, "--rate", 0, "--workers", THREADS)
    said = f"{summary['seconds']:.0f} s of it sending"
    say(f"{PART}: {rows:,} rows in {there.seconds:.0f} s, {said}, {there.peak:.0f} MB")
    return there
