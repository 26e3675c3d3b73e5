"""A column that likely holds the countries under a header that is not known: it is not read, which must be said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from batch_sms.campaign import Campaign
from batch_sms.checking.countries import regions_of
from batch_sms.errors import ListError
from batch_sms.model import Columns, Note, Role
from batch_sms.sheets.columns import free_columns, says_country
from batch_sms.sheets.reading import Table

_FIRST_ROWS = 20
"""So many rows are looked at before the list is checked."""


class _Cell(NamedTuple):
    """A cell of such a column, with the alpha-2 codes that it can mean."""

    row: int
    text: str
    regions: tuple[str, ...]


def country_column_notes(table: Table, columns: Columns, campaign: Campaign) -> tuple[Note, ...]:
    """Say which column likely holds the countries, where no header is known for it, with the option to type.

    Raises ListError where such a column names another country than ``--country`` puts in for all rows.
    """
    if Role.COUNTRY in columns.roles:
        return ()
    found = dict(_likely(table, columns))
    if not found:
        return ()
    options = " / ".join(f'--column country="{header}"' for header in found)
    fallback = set(regions_of(campaign.country)) if campaign.country else set()
    for header, cells in found.items():
        other = next((cell for cell in cells if fallback and cell.regions and fallback.isdisjoint(cell.regions)), None)
        if other is not None:
            facts = {"column": header, "row": other.row, "cell": other.text, "country": campaign.country}
            raise ListError("country_column_unsure", **facts, options=options)
    return (Note("country_column", {"columns": ", ".join(f"'{header}'" for header in found), "options": options}),)


def _likely(table: Table, columns: Columns) -> Iterator[tuple[str, list[_Cell]]]:
    """The columns whose header speaks of countries and that hold some in most of the first rows, with their cells there."""
    for index, header in free_columns(columns).items():
        if not says_country(header):
            continue
        rows = islice(table.rows(), _FIRST_ROWS)
        cells = [
            _Cell(row.number, row.cells[index], regions_of(row.cells[index]))
            for row in rows
            if row.cells[index].strip()
        ]
        if 0 < len(cells) < 2 * sum(bool(cell.regions) for cell in cells):
            yield header, cells
