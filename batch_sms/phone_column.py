"""Whether the column that a vague header names is the phone's: no number is sent to because another one stands beside it."""

from __future__ import annotations

from itertools import islice

from batch_sms.campaign import Campaign
from batch_sms.checking.countries import regions_of
from batch_sms.checking.phones import Phone, Rules, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Columns, Note, Role, Row
from batch_sms.sheets.columns import RESULT_PREFIX, says_phone, vague_phone
from batch_sms.sheets.reading import Table

_FIRST_ROWS = 20
"""So many rows are looked at before the list is checked."""


def phone_column_notes(table: Table, columns: Columns, campaign: Campaign) -> tuple[Note, ...]:
    """Say which column was taken for the phone, where a vague name found it.

    Raises ListError where another column speaks of phones, or holds them in most of the first rows.
    """
    taken = vague_phone(columns, campaign.columns)
    if taken is None:
        return ()
    others = _other_phones(table, columns, campaign)
    if others:
        options = " / ".join(f'--column phone="{header}"' for header in (taken, *others))
        raise ListError("phone_column_unsure", first=taken, second=", ".join(others), options=options)
    return (Note("phone_column", {"column": taken}),)


def _other_phones(table: Table, columns: Columns, campaign: Campaign) -> list[str]:
    """The headers of further columns that may be the phone's."""
    free = {
        index: header
        for index, header in enumerate(columns.headers)
        if header and index not in columns.roles.values() and not header.lower().startswith(RESULT_PREFIX)
    }
    rows = list(islice(table.rows(), _FIRST_ROWS))
    fallback = regions_of(campaign.country) if campaign.country else ()
    rules = Rules(landlines=campaign.landlines == "allow", possible=campaign.accept_possible)

    def holds_phones(index: int) -> bool:
        filled = [row for row in rows if row.cells[index].strip()]
        return 0 < len(filled) < 2 * sum(_is_phone(row, index, columns, rules, fallback) for row in filled)

    return [header for index, header in free.items() if says_phone(header) or holds_phones(index)]


def _is_phone(row: Row, index: int, columns: Columns, rules: Rules, fallback: tuple[str, ...]) -> bool:
    regions = regions_of(columns.cell(row, Role.COUNTRY))
    return isinstance(read_phone(row.cells[index], regions, rules, fallback), Phone)
