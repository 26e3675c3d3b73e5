"""What the machine is asked for: room for open connections, and turns short enough for many threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FILES_BESIDE = 200
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
    """Let the threads of this process take turns quickly; not where all that counts is how much gets done."""
    before = sys.getswitchinterval()
    if not wanted:
        yield
        return
    sys.setswitchinterval(min(before, _TURN))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
