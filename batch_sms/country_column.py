"""A column that likely holds the countries under a header that is not known: it is not read, which must be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import islice

from batch_sms.campaign import Campaign
from batch_sms.checking.countries import regions_of
from batch_sms.checking.foreign_country_names import suspected_regions
from batch_sms.checking.phone_cells import NoPhone
from batch_sms.checking.phones import Phone, Rules, read_phone
from batch_sms.errors import ListError
from batch_sms.model import Columns, Note, Role, Row
from batch_sms.sheets.columns import free_columns, says_code, says_country, says_short_words
from batch_sms.sheets.reading import Table

_FIRST_ROWS = 20
"""So many rows are looked at before the list is checked."""
_BARE_NUMBER = re.compile(r"\d+(?:\.0)?")
_SHORT_WORD = re.compile(r"[^\W\d]{1,3}")
_ANSWER = "no"
"""Norway's code, and what stands in a column of yes and no."""


def country_column_notes(table: Table, columns: Columns, campaign: Campaign) -> tuple[Note, ...]:
    """Say which column likely holds the countries, where no header is known for it, with the option to type.

    A column whose header speaks of countries, or else one whose cells make valid phones of the list's. Raises ListError where
    such a column names another country than ``--country`` puts in for all rows.
    """
    if Role.COUNTRY in columns.roles:
        return ()
    with closing(table.rows()) as all_rows:
        rows = list(islice(all_rows, _FIRST_ROWS))
    free = free_columns(columns)
    spoken = {index: header for index, header in free.items() if says_country(header)}
    found = {index: header for index, header in free.items() if _holds_countries(rows, index, header)}
    if not found:
        return ()
    phones = _Phones(columns, campaign)
    if phones.fallback:
        with closing(table.rows()) as all_rows:
            _refuse_others(all_rows, found, spoken, phones)
    named = {
        index: header
        for index, header in found.items()
        if index in spoken or (not phones.fallback and any(phones.lack(row, row.cells[index]) for row in rows))
    }
    if not named:
        return ()
    options = _options(named.values())
    return (
        Note("country_column", {"columns": ", ".join(f"'{header}'" for header in named.values()), "options": options}),
    )


class _Phones:
    """What the list's phones become by a country."""

    def __init__(self, columns: Columns, campaign: Campaign) -> None:
        self.country = campaign.country or ""
        self.fallback = regions_of(campaign.country) if campaign.country else ()
        self._columns = columns
        self._rules = Rules(landlines=campaign.landlines == "allow", possible=campaign.accept_possible)

    def lack(self, row: Row, cell: str) -> bool:
        """Whether a row's phone has no country, and is a valid one with this cell's."""
        phone = self._columns.cell(row, Role.PHONE)
        found = read_phone(phone, (), self._rules)
        return (
            isinstance(found, NoPhone) and found.code == "check.COUNTRY_MISSING" and self._with(phone, cell) is not None
        )

    def are_others(self, row: Row, cell: str) -> bool:
        """Whether a row's phone is one of another country by this cell than by the country for all rows."""
        phone = self._columns.cell(row, Role.PHONE)
        found = self._with(phone, cell)
        if found is None or found.country in self.fallback:
            return False
        return read_phone(phone, (), self._rules, self.fallback) != found

    def _with(self, phone: str, cell: str) -> Phone | None:
        regions = suspected_regions(cell)
        found = read_phone(phone, regions, self._rules) if regions else None
        return found if isinstance(found, Phone) and found.country in regions else None


def _refuse_others(rows: Iterable[Row], found: Mapping[int, str], spoken: Mapping[int, str], phones: _Phones) -> None:
    """Raise ListError at the first cell that names another country, be it of a row far below."""
    for row in rows:
        for index, header in found.items():
            cell = row.cells[index]
            regions = suspected_regions(cell)
            if not regions or not set(phones.fallback).isdisjoint(regions):
                continue
            if index in spoken or phones.are_others(row, cell):
                facts = {"column": header, "row": row.number, "cell": cell, "country": phones.country}
                raise ListError("country_column_unsure", **facts, options=_options(found.values()))


def _options(headers: Iterable[str]) -> str:
    return " / ".join(f'--column country="{header}"' for header in headers)


def _holds_countries(rows: Iterable[Row], index: int, header: str) -> bool:
    """Whether most of the cells that are filled name a country."""
    cells = [row.cells[index].strip() for row in rows if row.cells[index].strip()]
    return 0 < len(cells) < 2 * sum(_names_country(cell, header) for cell in cells)


def _names_country(cell: str, header: str) -> bool:
    """Bare numbers do under headers of codes alone, and short words not under headers of names, languages and the like."""
    if not says_country(header):
        if _BARE_NUMBER.fullmatch(cell) and not says_code(header):
            return False
        if cell.casefold() == _ANSWER and not says_code(header):
            return False
        if _SHORT_WORD.fullmatch(cell) and says_short_words(header):
            return False
    return bool(suspected_regions(cell))
