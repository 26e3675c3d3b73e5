"""An opt-out file, read: all of its sheets, since one that is passed over lets messages go to who wants none."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from functools import reduce
from itertools import chain, islice
from operator import or_
from pathlib import Path

from batch_sms.characters import tidy
from batch_sms.checking.opt_outs import OptOutList, opt_outs_of
from batch_sms.errors import ListError
from batch_sms.model import Note, Row
from batch_sms.sheets.columns import names_phone, says_phone
from batch_sms.sheets.phone_looks import may_be_phone
from batch_sms.sheets.reading import Table, all_sheets, beside, open_list

_FIRST_ROWS = 20
_NUMBERED = re.compile(r"[ .#(]*\d{1,2}\)?$", re.ASCII)


def read_opt_outs(path: Path) -> OptOutList:
    """The phones of an opt-out file, of all its sheets and rows: who opted out is held back though nobody sees it there.

    They are those of its phone columns, or of all columns where there is no header but a phone at once. Raises ListError,
    also for a first line that is neither: nobody must be taken for a header.
    """
    with beside(path, "--opt-outs"):
        sheets = all_sheets(path)
        if len(sheets) < 2:  # noqa: PLR2004 (one sheet, or a text)
            return _of_the_only_table(path, next(iter(sheets), None))
        tables = [table for sheet in sheets if (table := _opened(path, sheet)) is not None]
        known = [table for table in tables if _is_known(table)]
        if not known:
            raise _no_header(path, tables[0]) if tables else ListError("opt_outs_empty", path=path)
        passed = [table for table in tables if table not in known]
        for table in passed:
            _refuse_if_it_has_phones(path, table)
        found = reduce(or_, (_phones_of(table, f"{path} ({table.source})") for table in known))
        names = tuple(map(_name, known))
        hidden = tuple(name for name in names if not sheets[name])
        return replace(found, sheets=names, hidden=hidden, passed=tuple(map(_name, passed)))


def opt_out_notes(path: Path, found: OptOutList) -> tuple[Note, ...]:
    """Say how many phones are held back, and which of them is likely nobody's; from which sheets and columns, if of several."""
    several = (
        ("opt_outs_sheets", found.sheets, len(found.sheets) > 1),
        ("opt_outs_hidden", found.hidden, True),
        ("opt_outs_passed", found.passed, True),
        ("opt_outs_columns", found.columns, len(found.columns) > 1),
        ("opt_outs_beside", found.beside, True),
    )
    return (
        _count_note(path, found),
        *(
            Note(key, {"path": str(path), "names": ", ".join(names)})
            for key, names, counts in several
            if names and counts
        ),
    )


def _count_note(path: Path, found: OptOutList) -> Note:
    facts = {"path": str(path), "count": str(found.count)}
    if not found.count:
        return Note("opt_outs_none", facts)
    if not found.unknown:
        return Note("opt_outs", facts)
    row, cell = found.unknown[0]
    return Note("opt_outs_unknown", {**facts, "unknown": str(len(found.unknown)), "row": str(row), "cell": cell})


def _of_the_only_table(path: Path, sheet: str | None) -> OptOutList:
    table = _opened(path, sheet)
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
    """The columns by their known headers; where there is none, by those with a number behind it: ``phone 1``, ``phone 2``."""
    headers = list(enumerate(table.headers))
    known = [index for index, header in headers if names_phone(header, {})]
    return known or [index for index, header in headers if names_phone(_NUMBERED.sub("", tidy(header)), {})]


def _is_known(table: Table) -> bool:
    """Whether it is told where the phones stand: by a header, or because the first line begins with one."""
    return bool(_phone_columns(table)) or any(char.isdecimal() for char in table.headers[0])


def _phones_of(table: Table, name: str) -> OptOutList:
    """The phones of its phone columns, and of those that only speak of phones.

    What stands under no header at all may be one too; under another it is something else.
    """
    columns = _phone_columns(table)
    if not columns:
        first = Row(table.header_row, table.headers, table.header_flaws)
        with closing(table.rows()) as rows:
            return opt_outs_of(chain((first,), rows), 0, name)
    named = {index for index, header in enumerate(table.headers) if header.strip()}
    speaking = [index for index in sorted(named) if index not in columns and says_phone(table.headers[index])]
    with closing(table.rows()) as rows:
        found = opt_outs_of(rows, columns[0], name, lambda index: index not in named)
    others = [(column, True) for column in columns[1:]] + [(column, False) for column in speaking]
    for column, phones_only in others:
        with closing(table.rows()) as rows:
            found |= opt_outs_of(rows, column, name, lambda _: False, phones_only=phones_only)
    counting = sorted((*columns, *speaking))
    beside = [index for index in sorted(named) if index not in counting and _seems_to_hold_phones(table, index)]
    headers = [tidy(header) for header in table.headers]
    return replace(found, columns=tuple(headers[i] for i in counting), beside=tuple(headers[i] for i in beside))


def _seems_to_hold_phones(table: Table, index: int) -> bool:
    """Whether most cells of a column look like phones, as far as the first rows tell."""
    cells = [row.cells[index] for row in islice(table.rows(), _FIRST_ROWS) if row.cells[index].strip()]
    return 0 < len(cells) < 2 * sum(map(may_be_phone, cells))


def _no_header(path: Path, table: Table) -> ListError:
    return ListError("opt_outs_header", path=path, row=table.header_row, cells=", ".join(table.headers))


def _refuse_if_it_has_phones(path: Path, table: Table) -> None:
    """Raises ListError for a sheet beside the others that holds what looks like phones, under no header that says so."""
    with closing(table.rows()) as rows:
        for row in chain((Row(table.header_row, table.headers),), rows):
            cell = next(filter(may_be_phone, row.cells), None)
            if cell is not None:
                raise ListError("opt_outs_sheet", path=path, sheet=_name(table), row=row.number, cell=cell)


def _name(table: Table) -> str:
    """The name of the sheet that a table is."""
    return table.source.removeprefix("sheet ")
