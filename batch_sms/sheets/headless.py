"""Columns without a header: what stands in them is not sent, and that is said."""

from __future__ import annotations

from batch_sms.characters import tidy
from batch_sms.model import Note, Row
from batch_sms.sheets.cells import MERGED, letters_of
from batch_sms.sheets.table import Table


class Headless:
    """The columns of a list without a header: what stands there has no name, so it is no parameter."""

    def __init__(self, table: Table) -> None:
        merged = {flaw.index for flaw in table.header_flaws if flaw.code == MERGED}  # these are said already
        self._empty = [index for index, name in enumerate(table.headers) if not tidy(name) and index not in merged]
        self._filled: list[int] = []

    def look_at(self, row: Row) -> None:
        """See which of them have something in this row."""
        if self._empty and (found := [index for index in self._empty if row.cells[index].strip()]):
            self._filled += found
            self._empty = [index for index in self._empty if index not in found]

    def notes(self) -> tuple[Note, ...]:
        """Name those in which something stood in any row."""
        names = ", ".join(f"{index + 1} ({letters_of(index)})" for index in sorted(self._filled))
        return (Note("headless_columns", {"columns": names}),) if names else ()
