"""What the machine is asked for: room for open connections, turns short enough for many threads, one core for all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_FILES_BESIDE = 200
_CORE = 36
"""Where Linux says on which core a thread is, counted from behind its name (proc(5), /proc/pid/stat, field 39)."""
_TURN = 0.001
"""Seconds that a thread may go on while others wait; Python's own 0.005 makes a message late when many are on their way."""


def make_room_for(connections: int) -> None:
    """Raise this process's own limit of open files, as far as it may, so that every thread can have its connection.

    Twice as many, because the sandbox's ends of them may be in this process too.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (there is none on Windows)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + _FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


@contextmanager
def short_turns(*, wanted: bool) -> Iterator[None]:
    """Let the threads of this process take turns quickly: where each message has its moment, or other processes wait for them."""
    before = sys.getswitchinterval()
    if not wanted:
        yield
        return
    sys.setswitchinterval(min(before, _TURN))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def cores() -> list[int]:
    """The cores that this process may use, from the one on that this thread is on; none where the system can't tell."""
    if sys.platform != "linux":
        return []
    there = sorted(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        here = there.index(
            int(Path("/proc/thread-self/stat").read_text("ascii", "replace").rpartition(")")[2].split()[_CORE])
        )
        return there[here:] + there[:here]
    return there


@contextmanager
def kept_to(core: int | None) -> Iterator[None]:
    """Keep this thread, and all that it starts meanwhile, to one core; None for wherever they like.

    Of the threads of a process only one goes on at a time (Python's interpreter lock). On one core the next of them follows at
    once; from core to core each change has to wake one up, which costs more than what a message needs.
    """
    if core is None or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    with suppress(OSError):  # it may have been taken from us meanwhile
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, before)
