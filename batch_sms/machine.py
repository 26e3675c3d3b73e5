"""What the operating system is asked for: room for open connections."""

from __future__ import annotations

import sys

_FILES_BESIDE = 200


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
