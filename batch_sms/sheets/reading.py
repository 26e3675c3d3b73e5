"""The door of this room: a list, whatever it is kept in, opened as a table of rows.

A file is what its content says, not what its name says: exports often have the ending of another format.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from batch_sms.characters import tidy
from batch_sms.errors import ListError, Sentence, SettingsError
from batch_sms.model import Note, Row
from batch_sms.sheets.cells import cell_text, error_flaws, frame_text
from batch_sms.sheets.columns import says_phone
from batch_sms.sheets.csv_files import open_csv
from batch_sms.sheets.encodings import Open
from batch_sms.sheets.packages import kind_of, named_kind, read_stream, read_whole
from batch_sms.sheets.phone_looks import may_be_phone
from batch_sms.sheets.table import Source, Table, Wish, table_of
from batch_sms.sheets.workbooks import ENDINGS as WORKBOOKS
from batch_sms.sheets.workbooks import open_workbook, sheets_in

__all__ = [
    "STANDARD_INPUT",
    "WORKBOOKS",
    "Note",
    "Table",
    "all_sheets",
    "beside",
    "cell_text",
    "open_frame",
    "open_list",
    "visible_sheets",
]

STANDARD_INPUT = Path("-")
"""The name of a list that comes through a pipe."""
_FIRST_LINES = 20
_ENCODING_FAULTS = frozenset({"encoding_unsure", "utf8_damaged", "not_in_encoding", "not_text"})
_MOST_SHEETS = 20
"""So many others are looked at: the list is one of the first."""


def open_list(
    path: Path,
    sheet: str | None = None,
    encoding: str | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    hidden: str = "skip",
    header_only: bool = False,
    titles: bool = True,
    stored: bool = False,
) -> Table:
    """Open a list and find its header. Raises ListError, SettingsError.

    ``columns`` are the headers chosen by a person (role → header); ``hidden`` is ``skip`` or ``send``. A list without rows is
    refused, unless ``header_only`` says that it may be so; without ``titles`` the first line is the header, whatever it says.
    ``stored`` takes a workbook's numbers as they are in it, which its formats may show rounded.
    """
    wish = Wish(sheet, encoding, columns, hidden, titles, stored)
    try:
        source = _source(path, wish)
        table = _table_of(source, wish, by_itself=header_only)
    except OSError as error:
        raise ListError("list_not_readable", path=path, reason=error.strerror or error) from error
    if not header_only and next(table.rows(), None) is None:
        if count := next((note.facts["count"] for note in table.notes if note.key == "hidden_left_out"), None):
            raise ListError("all_hidden", path=path, count=count)
        raise _elsewhere(source, wish, "header_without_rows") if source.beside else ListError("header_only", path=path)
    return table


def _table_of(source: Source, wish: Wish, *, by_itself: bool) -> Table:
    """The table of a source. Raises ListError, which names the other sheets where this one is no list."""
    try:
        table = table_of(source, wish)
    except ListError as error:
        if by_itself or not source.beside or error.key != "list_empty":
            raise
        raise _elsewhere(source, wish, "sheet_is_empty") from error
    is_list = wish.is_header(table.headers) or any(map(may_be_phone, table.headers)) or wish.names_phone
    if by_itself or not source.beside or is_list:
        return table
    if any(map(says_phone, table.headers)) and not _with_phones(source, wish):
        return table
    raise _elsewhere(
        source, wish, "sheet_without_phones", headers=tuple(f"'{tidy(header)}'" for header in table.headers)
    )


def _elsewhere(source: Source, wish: Wish, why: str, **facts: object) -> ListError:
    """What to say of a sheet that is no list, where there are others: a cover page stands before the list, for instance."""
    reason = Sentence(f"error.{why}", facts)
    with_phones = _with_phones(source, wish)
    if len(with_phones) == 1:
        return ListError("list_on_sheet", path=source.path, sheet=source.sheet, reason=reason, found=with_phones[0])
    sheets = tuple(f"'{name}'" for name in source.beside)
    return ListError("list_on_other_sheet", path=source.path, sheet=source.sheet, reason=reason, sheets=sheets)


def _with_phones(source: Source, wish: Wish) -> list[str]:
    return [name for name in source.beside[:_MOST_SHEETS] if _has_phones(source, wish, name)]


def _has_phones(source: Source, wish: Wish, name: str) -> bool:
    """Whether another sheet has the header of a phone column."""
    try:
        lines = _source(source.path, replace(wish, sheet=name)).lines()
        return any(wish.is_header(cells) for _, cells, _ in islice(lines, _FIRST_LINES))
    except ListError:  # a chart, or a sheet of an absurd size
        return False


def visible_sheets(path: Path) -> tuple[str, ...]:
    """The names of the sheets of a workbook that a person sees; none for a text, or where there is no file. Raises ListError."""
    return tuple(name for name, visible in all_sheets(path).items() if visible)


def all_sheets(path: Path) -> dict[str, bool]:
    """The names of all sheets of a workbook, and whether a person sees them; else as above. Raises ListError."""
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(512))
        return {} if kind in {"page", "text"} else sheets_in(path, read_whole(path), kind)
    except OSError:
        return {}  # whoever opens it says why


@contextmanager
def beside(path: Path, option: str) -> Iterator[None]:
    """Read a file beside the list, which ``option`` names: --encoding, which is the list's, is no cure for it. Raises ListError."""
    try:
        yield
    except ListError as error:
        if error.key in _ENCODING_FAULTS:
            raise ListError("not_utf8", path=path) from error
        if error.key == "no_such_list":
            raise ListError("no_such_file", path=path, option=option) from error
        raise


def open_frame(frame: Any, name: str) -> Table:
    """A pandas frame as a list: its columns are the header, its first row is row 2."""
    headers = tuple(cell_text(label) for label in frame.columns)

    def rows() -> Generator[Row]:
        for number, values in enumerate(frame.itertuples(index=False, name=None), start=2):
            cells = tuple(frame_text(value) for value in values)
            yield Row(number, cells, error_flaws(cells))

    return Table(name, "frame", 1, headers, rows, size=len(frame) + 1)


def _source(path: Path, wish: Wish) -> Source:
    if path == STANDARD_INPUT:
        return _standard_input(path, wish)
    if not path.exists():
        raise ListError("no_such_list", path=path)
    if not path.is_file():
        raise ListError("list_is_folder" if path.is_dir() else "list_is_pipe", path=path)
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        raise ListError("list_empty", path=path)
    if name := named_kind(start):
        raise ListError("not_a_list", path=path, kind=name)
    kind = kind_of(start)
    if kind == "page":
        raise ListError("web_page", path=path)
    if kind != "text":
        if wish.encoding is not None:
            raise SettingsError("encoding_of_workbook", path=path)
        return open_workbook(path, read_whole(path), kind, wish)
    if path.suffix.lower() in WORKBOOKS:
        return _open_text_named_as_workbook(path, wish)
    return _open_text(path, _file(path), wish)


def _file(path: Path) -> Open:
    return lambda: path.open("rb")


def _standard_input(path: Path, wish: Wish) -> Source:
    if sys.stdin is None:  # it was closed
        raise ListError("input_not_csv")
    data = read_stream(sys.stdin.buffer, path)
    if kind_of(data) != "text":
        raise ListError("input_not_csv")
    return _open_text(path, lambda: io.BytesIO(data), wish)


def _open_text(path: Path, opened: Open, wish: Wish) -> Source:
    if wish.sheet is not None:
        raise SettingsError("sheet_of_csv", path=path)
    return open_csv(path, opened, wish)


def _open_text_named_as_workbook(path: Path, wish: Wish) -> Source:
    """CSV is often named ``.xls`` so that Excel opens it. It is certain where it has a phone, or the header of a phone column."""
    opened = _file(path)
    in_latin = replace(wish, encoding="latin-1")  # in which every file can be read, so that its own fault is told
    if not any(_is_list(path, opened, one) for one in (wish, in_latin)):
        raise ListError("text_named_workbook", path=path)
    source = _open_text(path, opened, wish)
    return replace(source, notes=(*source.notes, Note("other_ending", {"kind": "CSV"})))


def _is_list(path: Path, opened: Open, wish: Wish) -> bool:
    try:
        lines = open_csv(path, opened, wish).lines()
        return any(
            wish.is_header(cells) or any(map(may_be_phone, cells)) for _, cells, _ in islice(lines, _FIRST_LINES)
        )
    except ListError:
        return False
