"""An opt-out file, read: all of its sheets, since one that is passed over lets messages go to who wants none."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path

from batch_sms.checking.opt_outs import OptOutList, opt_outs_of
from batch_sms.errors import ListError
from batch_sms.model import Note, Row
from batch_sms.sheets.columns import names_phone
from batch_sms.sheets.phone_looks import may_be_phone
from batch_sms.sheets.reading import Table, beside, open_list, visible_sheets


def read_opt_outs(path: Path) -> OptOutList:
    """The phones of an opt-out file, of all sheets that a person sees in it.

    They are those of its phone columns, or of all columns where there is no header but a phone at once. Raises ListError,
    also for a first line that is neither: nobody must be taken for a header.
    """
    with beside(path):
        sheets = visible_sheets(path)
        if len(sheets) < 2:  # noqa: PLR2004 (one sheet, or a text)
            return _of_the_only_table(path)
        tables = [table for sheet in sheets if (table := _opened(path, sheet)) is not None]
        known = [table for table in tables if _is_known(table)]
        if not known:
            raise _no_header(path, tables[0]) if tables else ListError("opt_outs_empty", path=path)
        passed = [table for table in tables if table not in known]
        for table in passed:
            _refuse_if_it_has_phones(path, table)
        found = reduce(or_, (_phones_of(table, f"{path} ({table.source})") for table in known))
        return replace(found, sheets=tuple(map(_name, known)), passed=tuple(map(_name, passed)))


def opt_out_notes(path: Path, found: OptOutList) -> tuple[Note, ...]:
    """Say how many phones are held back, from which sheets where there are several, and which of them is likely nobody's."""
    notes = [_count_note(path, found)]
    if len(found.sheets) > 1:
        notes.append(Note("opt_outs_sheets", {"path": str(path), "sheets": ", ".join(found.sheets)}))
    if found.passed:
        notes.append(Note("opt_outs_passed", {"path": str(path), "sheets": ", ".join(found.passed)}))
    return tuple(notes)


def _count_note(path: Path, found: OptOutList) -> Note:
    facts = {"path": str(path), "count": str(found.count)}
    if not found.count:
        return Note("opt_outs_none", facts)
    if not found.unknown:
        return Note("opt_outs", facts)
    row, cell = found.unknown[0]
    return Note("opt_outs_unknown", {**facts, "unknown": str(len(found.unknown)), "row": str(row), "cell": cell})


def _of_the_only_table(path: Path) -> OptOutList:
    table = _opened(path, None)
    if table is None:
        raise ListError("opt_outs_empty", path=path)
    if not _is_known(table):
        raise _no_header(path, table)
    return _phones_of(table, str(path))


def _opened(path: Path, sheet: str | None) -> Table | None:
    """The file, or one sheet of it; None where nothing is in it."""
    try:
        return open_list(path, sheet, header_only=True, hidden="send", titles=False)
    except ListError as error:
        if error.key != "list_empty":
            raise
        return None


def _phone_columns(table: Table) -> list[int]:
    return [index for index, header in enumerate(table.headers) if names_phone(header, {})]


def _is_known(table: Table) -> bool:
    """Whether it is told where the phones stand: by a header, or because the first line begins with one."""
    return bool(_phone_columns(table)) or any(char.isdecimal() for char in table.headers[0])


def _phones_of(table: Table, name: str) -> OptOutList:
    """The phones of its phone columns. What stands under no header at all may be one too; under another it is something else."""
    columns = _phone_columns(table)
    if not columns:
        first = Row(table.header_row, table.headers, table.header_flaws)
        return opt_outs_of(chain((first,), table.rows()), 0, name)
    named = {index for index, header in enumerate(table.headers) if header.strip()}
    found = opt_outs_of(table.rows(), columns[0], name, lambda index: index not in named)
    return reduce(or_, (opt_outs_of(table.rows(), column, name, lambda _: False) for column in columns[1:]), found)


def _no_header(path: Path, table: Table) -> ListError:
    return ListError("opt_outs_header", path=path, row=table.header_row, cells=", ".join(table.headers))


def _refuse_if_it_has_phones(path: Path, table: Table) -> None:
    """Raises ListError for a sheet beside the others that holds what looks like phones, under no header that says so."""
    for row in chain((Row(table.header_row, table.headers),), table.rows()):
        cell = next(filter(may_be_phone, row.cells), None)
        if cell is not None:
            raise ListError("opt_outs_sheet", path=path, sheet=_name(table), row=row.number, cell=cell)


def _name(table: Table) -> str:
    """The name of the sheet that a table is."""
    return table.source.removeprefix("sheet ")
