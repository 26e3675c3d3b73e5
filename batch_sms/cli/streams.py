"""Standard output and standard error whose reader may go away: a closed terminal or pipe must not cost a run its result."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class Unbreakable:
    """A text stream that drops what nobody can read any more. All else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or drop."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError):  # ValueError: the stream was closed on our side
            self._give_up()
            return len(text)

    def flush(self) -> None:
        """Flush, or drop."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def _give_up(self) -> None:
        self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (stays until the process ends)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def unbreakable() -> Iterator[None]:
    """Make both streams so, for as long as a command runs."""
    streams: Any = sys
    streams.stdout, streams.stderr = sys.stdout or _nowhere(1), sys.stderr or _nowhere(2)
    before = sys.stdout, sys.stderr
    streams.stdout, streams.stderr = Unbreakable(sys.stdout), Unbreakable(sys.stderr)
    try:
        yield
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        sys.stdout, sys.stderr = before


def _nowhere(number: int) -> TextIO:
    """A stream for nobody under this number, which some schedulers leave closed.

    Else the next file has it, and what a library prints goes into that file.
    """
    with suppress(OSError):
        os.fstat(number)
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 (it is taken)
    handle = os.open(os.devnull, os.O_WRONLY)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    return open(number, "w", encoding="utf-8", closefd=False)
