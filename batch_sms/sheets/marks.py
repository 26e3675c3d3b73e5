"""What a workbook says of a sheet beside its cells' values, which calamine does not tell: hidden rows, formulas, formats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from batch_sms.model import Flaw
from batch_sms.sheets.cells import MERGED, place
from batch_sms.sheets.number_formats import shows_texts_plainly
from batch_sms.sheets.packages import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, HugePackageError

Block = tuple[int, int, int, int]
"""A rectangle of cells: first row, first column, last row, last column; rows from 1, columns from 0."""

LEAST_HEIGHT = 0.375
"""A row of fewer points is drawn with no pixel at all: as good as hidden."""
TWIPS = 20
"""To a point: binary workbooks count heights in them."""

FormatAt = Callable[[int], str | None]
"""The number format of a column at a row, where it changes what a person sees."""


@dataclass(slots=True)
class Run:
    """Cells of one column, one below the other, whose numbers have the same format."""

    first: int
    last: int
    code: str


@dataclass(slots=True)
class Marks:
    """What is known of one sheet. Rows are counted from 1 as a person does, columns are indexes from 0.

    ``formats`` are number formats by column, where they change what a person sees.
    """

    hidden: set[int] = field(default_factory=set)
    flaws: dict[int, list[Flaw]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    formats: dict[int, list[Run]] = field(default_factory=lambda: defaultdict(list))
    merged: list[Block] = field(default_factory=list)
    last_row: int = 0
    last_column: int = 0

    def grow(self, row: int, column: int) -> None:
        """Take a cell into the sheet's size. Raises HugePackageError before a reader makes room for it."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)
        cells = self.last_row * (self.last_column + 1)
        if self.last_row > MOST_ROWS or self.last_column >= MOST_COLUMNS or cells > MOST_CELLS:
            raise HugePackageError(f"{self.last_row} × {self.last_column + 1}")

    def put_format(self, row: int, column: int, code: str) -> None:
        """Keep the number format of a cell: most columns have one from their first row to their last."""
        runs = self.formats[column]
        if runs and runs[-1].last == row - 1 and runs[-1].code == code:
            runs[-1].last = row
        else:
            runs.append(Run(row, row, code))

    def formats_of(self, column: int) -> FormatAt | None:
        """Gives the format of a column's cells, to be asked for rows in their order; None where there are none."""
        if column not in self.formats:
            return None
        runs = iter(sorted(self.formats[column], key=lambda run: run.first))
        run = next(runs, None)

        def at(row: int) -> str | None:
            nonlocal run
            while run is not None and run.last < row:
                run = next(runs, None)
            return run.code if run is not None and run.first <= row else None

        return at

    def changes_texts(self, column: int) -> bool:
        """Whether a column has formats that change texts too."""
        return any(not shows_texts_plainly(run.code) for run in self.formats.get(column, ()))

    def covered(self, width: int) -> Callable[[int], Iterator[Flaw]]:
        """Gives the merged cells of a row, besides the one that holds the value; to be asked for rows in their order."""
        waiting = sorted(self.merged, reverse=True)
        active: list[Block] = []

        def of_row(row: int) -> Iterator[Flaw]:
            while waiting and waiting[-1][0] <= row:
                active.append(waiting.pop())
            active[:] = [block for block in active if block[2] >= row]
            if len(active) > MOST_COLUMNS:
                raise HugePackageError(f"{len(active)} merged cells in one row")
            for top, left, bottom, right in active:
                for column in range(left, min(right + 1, width)):
                    if (row, column) != (top, left):
                        yield Flaw(MERGED, column, {"range": f"{place(top, left)}:{place(bottom, right)}"})

        return of_row
