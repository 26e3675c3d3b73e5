"""The spare: room for outcomes that the ledger can't take, because the disk is full or the database broken.

Its room is taken on the disk before the first message goes out, so that a full disk can't refuse it: the outcomes of what
was on its way when the ledger failed are written into it, and entered into the ledger when the run goes on.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from batch_sms.errors import LedgerError
from batch_sms.model import Settled, Status

_BYTES_PER_OUTCOME = 4096
"""An outcome has three ids of up to 200 characters and a message of up to 300, each of up to 4 bytes."""
_LEAST_BYTES = 64 * 1024


class Spare:
    """The spare of one run, beside its lock: made when a run is held, gone when it ends well."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def kept(self) -> Iterator[Settled]:
        """The outcomes of an earlier call that stand in it."""
        try:
            lines = self._path.read_bytes().rstrip(b"\0").splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                fields = json.loads(line)
                yield Settled(**{**fields, "status": Status(fields["status"])})
            except (ValueError, KeyError, TypeError):  # the call died over this line: its row stays in doubt
                return

    def make_room(self, attempts: int) -> None:
        """Take the room for so many outcomes, forgetting what stood in it. Raises LedgerError."""
        size = max(_LEAST_BYTES, attempts * _BYTES_PER_OUTCOME)
        try:
            file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            try:
                os.write(file, bytes(size))
                os.fsync(file)
                if os.fstat(file).st_size < size:
                    raise OSError(0, "no room")
            finally:
                os.close(file)
        except OSError as error:
            raise LedgerError("ledger_not_written", path=self._path, reason=error.strerror or error) from error

    def keep(self, attempts: Iterable[Settled]) -> None:
        """Write outcomes into the room that was taken, those of accepted messages first. Raises OSError if it is refused."""
        first = sorted(attempts, key=lambda attempt: attempt.status is not Status.ACCEPTED)
        lines = (json.dumps(asdict(attempt), ensure_ascii=False).encode() + b"\n" for attempt in first)
        file = os.open(self._path, os.O_WRONLY)
        try:
            for line in lines:
                if os.write(file, line) < len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file)
        finally:
            os.close(file)

    def remove(self) -> None:
        """Give the room back."""
        self._path.unlink(missing_ok=True)
