"""The checked rows of a list that may be longer than memory: kept in an unnamed temporary file until they are entered."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from batch_sms.errors import ListError
from batch_sms.model import Checked, Flaw, Message, Problem, Row

_CHUNK = 1000


class Spool:
    """Append once, read as often as needed. The file has no name, so nothing of it outlives the process."""

    def __init__(self) -> None:
        try:
            self._file = tempfile.TemporaryFile(prefix="batch-sms-")  # noqa: SIM115 (it lives as long as this object)
        except OSError as error:
            raise _no_room(error) from error
        self._chunk: list[tuple[Any, ...]] = []

    def append(self, checked: Checked) -> None:
        """Add a row behind the others."""
        self._chunk.append(_packed(checked))
        if len(self._chunk) == _CHUNK:
            self._flush()

    def _flush(self) -> None:
        try:
            self._file.seek(0, os.SEEK_END)
            pickle.dump(self._chunk, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error
        self._chunk = []

    def __iter__(self) -> Iterator[Checked]:
        if self._chunk:
            self._flush()
        end, place = self._file.seek(0, os.SEEK_END), 0
        while place < end:  # readers keep their own place: one that stopped halfway leaves the next one nothing short
            self._file.seek(place)
            chunk = pickle.load(self._file)  # noqa: S301 (our own file, without a name, of this process)
            place = self._file.tell()
            yield from map(_unpacked, chunk)

    def close(self) -> None:
        """Give the room back."""
        with suppress(OSError):  # what could not be written is not needed any more
            self._file.close()


def _packed(checked: Checked) -> tuple[Any, ...]:
    """A row as plain tuples: pickle writes these several times faster than our own classes."""
    row, message = checked.row, checked.message
    return (
        row.number,
        row.cells,
        [(flaw.code, flaw.index, flaw.facts) for flaw in row.flaws] if row.flaws else (),
        message
        and (
            *(message.phone, message.national, message.country, message.sign, message.template),
            *(message.params, message.out_id),
        ),
        [(problem.code, problem.column, problem.facts) for problem in checked.problems] if checked.problems else (),
        checked.skip,
        checked.identity,
        checked.occurrence,
        [(problem.code, problem.column, problem.facts) for problem in checked.warnings] if checked.warnings else (),
        checked.segments,
        checked.zones,
    )


def _unpacked(fields: tuple[Any, ...]) -> Checked:
    number, cells, flaws, message, problems, skip, identity, occurrence, warnings, segments, zones = fields
    return Checked(
        Row(number, cells, tuple(Flaw(*flaw) for flaw in flaws) if flaws else ()),
        Message(*message) if message else None,
        tuple(Problem(*problem) for problem in problems) if problems else (),
        skip,
        identity,
        occurrence,
        tuple(Problem(*problem) for problem in warnings) if warnings else (),
        segments,
        zones,
    )


def _no_room(error: OSError) -> ListError:
    return ListError("temp_full", path=tempfile.gettempdir(), reason=error.strerror or error)
