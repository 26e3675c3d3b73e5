"""Which column is the phone's, where its header does not say so for certain: no number is sent to that was not meant.

And what is likely wrong where it has no valid phone at all: the column, or the country.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

from batch_sms import atlas
from batch_sms.campaign import Campaign
from batch_sms.characters import tidy
from batch_sms.checking.countries import regions_of
from batch_sms.checking.phones import Phone, Rules, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Columns, Note, Role, Row
from batch_sms.sheets.columns import HEADERS, free_columns, map_columns, says_phone, vague_phone
from batch_sms.sheets.phone_looks import may_be_phone
from batch_sms.sheets.reading import Table

T = TypeVar("T")
_FIRST_ROWS = 20
"""So many rows are looked at before the list is checked."""
_MOST_REGIONS = 20
"""Phones that are valid in more countries than these tell nothing of which was meant."""


def columns_of(table: Table, campaign: Campaign) -> Columns:
    """The columns of a list matched to roles, as ``map_columns`` does.

    Raises ListError, SettingsError; where no header is known for a phone's, it names those that likely are.
    """
    try:
        return map_columns(table.headers, campaign.columns, params=not campaign.params)
    except ListError as error:
        likely = _likely_phones(table, campaign) if error.key == "no_phone_column" else []
        if not likely:
            raise
        facts = {**error.facts, "likely": ", ".join(likely), "options": _options(likely)}
        raise ListError("phone_column_likely", **facts) from error


def phone_column_notes(table: Table, columns: Columns, campaign: Campaign) -> tuple[Note, ...]:
    """Say which column was taken for the phone, where a vague name found it.

    Raises ListError where another column speaks of phones, or holds them in most of the first rows.
    """
    taken = vague_phone(columns, campaign.columns)
    if taken is None:
        return ()
    others = _other_phones(table, columns, campaign)
    if others:
        raise ListError(
            "phone_column_unsure", first=taken, second=", ".join(others), options=_options([taken, *others])
        )
    return (Note("phone_column", {"column": taken}),)


def likely_cure(table: Table, columns: Columns, campaign: Campaign) -> Note:
    """What to change, likely, where no row has a valid phone: by another column that has some, or a country that they are of."""
    phone = columns.header(Role.PHONE)
    if others := _holding_phones(table, columns, campaign):
        return Note("other_column", {"phone": phone, "columns": ", ".join(others), "options": _options(others)})
    cells = _first_cells(table, columns.roles[Role.PHONE])
    regions = [region for region in atlas.regions() if cells and all(_is_of(region, cell, campaign) for cell in cells)]
    if not 0 < len(regions) <= _MOST_REGIONS:
        return Note("wrong_column", {})
    facts = {"regions": ", ".join(regions), "phone": phone}
    of_column = Role.COUNTRY in columns.roles and any(_first_cells(table, columns.roles[Role.COUNTRY]))
    if of_column:
        return Note("other_country_in_column", {**facts, "column": columns.header(Role.COUNTRY)})
    return Note("other_country", {**facts, "country": campaign.country})


def _is_of(region: str, cell: str, campaign: Campaign) -> bool:
    found = read_phone(cell, (region,), _rules(campaign), ())
    return isinstance(found, Phone) and found.country == region


def _rules(campaign: Campaign) -> Rules:
    return Rules(landlines=campaign.landlines == "allow", possible=campaign.accept_possible)


def _options(headers: Sequence[str]) -> str:
    return " / ".join(f'--column phone="{header}"' for header in headers)


def _likely_phones(table: Table, campaign: Campaign) -> list[str]:
    """The headers of columns that are likely the phone's, of a list in which no header is known for it."""
    a_known_one = HEADERS[Role.PHONE][0]
    columns = map_columns((*table.headers, a_known_one), campaign.columns, params=False)
    return (
        _other_phones(table, columns, campaign)
        or _below_title(table)
        or [
            header for index, header in free_columns(columns).items() if _most(_first_cells(table, index), may_be_phone)
        ]
    )


def _below_title(table: Table) -> list[str]:
    """The headers that speak of phones in a line below, where what was taken for the header is a single cell: a title."""
    if sum(bool(header.strip()) for header in table.headers) != 1:
        return []
    found = ([tidy(cell) for cell in row.cells if says_phone(cell)] for row in islice(table.rows(), _FIRST_ROWS))
    return next(filter(None, found), [])


def _first_cells(table: Table, index: int) -> list[str]:
    cells = (row.cells[index] for row in islice(table.rows(), _FIRST_ROWS))
    return [cell for cell in cells if cell.strip()]


def _most(filled: Sequence[T], holds: Callable[[T], bool]) -> bool:
    return 0 < len(filled) < 2 * sum(map(holds, filled))


def _other_phones(table: Table, columns: Columns, campaign: Campaign) -> list[str]:
    """The headers of further columns that may be the phone's: by what they are called, or by what they hold."""
    holding = _holding_phones(table, columns, campaign)
    return [header for header in free_columns(columns).values() if says_phone(header) or header in holding]


def _holding_phones(table: Table, columns: Columns, campaign: Campaign) -> list[str]:
    """The headers of further columns with phones in most of the first rows."""
    rows = list(islice(table.rows(), _FIRST_ROWS))
    fallback = regions_of(campaign.country) if campaign.country else ()
    rules = _rules(campaign)

    def holds_phones(index: int) -> bool:
        filled = [row for row in rows if row.cells[index].strip()]
        return _most(filled, lambda row: _is_phone(row, index, columns, rules, fallback))

    return [header for index, header in free_columns(columns).items() if holds_phones(index)]


def _is_phone(row: Row, index: int, columns: Columns, rules: Rules, fallback: tuple[str, ...]) -> bool:
    regions = regions_of(columns.cell(row, Role.COUNTRY))
    return isinstance(read_phone(row.cells[index], regions, rules, fallback), Phone)
