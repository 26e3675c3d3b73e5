"""Workbooks as lines of text: values by calamine (``.ods`` by a reader of our own), and what calamine does not tell."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from batch_sms.errors import ListError, Sentence
from batch_sms.model import Note
from batch_sms.sheets import elapsed_formats, ods, xls, xlsb, xlsx
from batch_sms.sheets.marks import Marks
from batch_sms.sheets.packages import DAMAGED, BrokenPackageError, HugePackageError, LockedPackageError, Package
from batch_sms.sheets.table import SHEET, Line, Source, Wish
from batch_sms.sheets.values import lines_of

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}


def open_workbook(path: Path, data: bytes, kind: str, wish: Wish) -> Source:
    """A workbook, a zip package or an OLE file, with one of its sheets chosen. Raises ListError."""
    with _complaints(path):
        if kind == "ole":
            # before calamine, which does not always tell that it is locked, and reads all sheets at once
            sheets = dict(enumerate(xls.scan(xls.workbook_stream(data))))
            filled = {index for index, marks in sheets.items() if marks.last_row}
            old = _Kind(".xls", lambda _, index: sheets.get(index, Marks()), lambda _, index: index in filled)
            return _open_with_calamine(path, data, old, wish)
        package = Package.of(data)
        if package.has("content.xml"):
            return _open_ods(path, package, wish)
        ending, reader = (".xlsb", xlsb) if xlsx.main_part(package).endswith(".bin") else (".xlsx", xlsx)
        new = _Kind(ending, lambda name, _: reader.scan(package, name), lambda name, _: reader.is_filled(package, name))
        return _open_with_calamine(path, data, new, wish)


def sheets_in(path: Path, data: bytes, kind: str) -> dict[str, bool]:
    """The names of a workbook's sheets that are no charts, and whether a person sees them. Raises ListError."""
    with _complaints(path):
        package = Package.of(data) if kind != "ole" else None
        if package is not None and package.has("content.xml"):
            book = ods.read(package, None)
            return {name: name not in book.hidden for name in book.names}
        if package is None:
            deque(xls.scan(xls.workbook_stream(data)), 0)  # before calamine: see above
        return _sheets(_load(path, data))


def _sheets(book: CalamineWorkbook) -> dict[str, bool]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 (help starts without it)

    sheets = (sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet)
    return {sheet.name: sheet.visible == SheetVisibleEnum.Visible for sheet in sheets}


@contextmanager
def _complaints(path: Path) -> Iterator[None]:
    """What is wrong with a package, as our own errors."""
    try:
        yield
    except LockedPackageError as error:
        raise ListError("password", path=path) from error
    except HugePackageError as error:
        raise ListError("too_large", path=path, size=error) from error
    except BrokenPackageError as error:
        raise ListError("not_a_workbook", path=path, reason=error) from error


def _not_read(beside: Iterable[str], wish: Wish) -> tuple[Note, ...]:
    """Which sheets there are beside the one that was read: a long result goes on in another, for instance."""
    names = ", ".join(f"'{name}'" for name in beside) if wish.sheet is None else ""
    return (Note("other_sheets", {"sheets": names}),) if names else ()


def _open_ods(path: Path, package: Package, wish: Wish) -> Source:
    book = ods.read(package, wish.sheet, stored=wish.stored)
    sheet = book.sheet
    if sheet is None:
        raise _no_such_sheet(path, wish.sheet, book.names, book.hidden)
    lines = sheet.lines
    beside = tuple(name for name in book.names if name != sheet.name and name not in book.hidden)
    notes = (*_notes(path, ".ods"), *_not_read((name for name in beside if name in book.filled), wish))
    return Source(
        *(path, f"{SHEET}{sheet.name}", lambda: ods.lines_of(sheet), notes, sheet.marks.hidden),
        size=lines[-1][0] if lines else None,
        beside=beside,
    )


class _Kind(NamedTuple):
    """A kind of workbook: its ending, and what is known of a sheet by its name and its place among all."""

    ending: str
    scan: Callable[[str, int], Marks]
    is_filled: Callable[[str, int], bool]


def _open_with_calamine(path: Path, data: bytes, kind: _Kind, wish: Wish) -> Source:
    """The sheet is looked through before calamine makes room for it: that is where absurd sizes are refused."""
    book = _load(path, data)
    name, index = _sheet_name(book, wish.sheet, path)
    marks = kind.scan(name, index)
    sheet = _load_sheet(path, book, name)

    def without_elapsed() -> CalamineSheet:
        return _load_sheet(path, _load(path, elapsed_formats.without(data, kind.ending)), name)

    def lines() -> Iterator[Line]:
        try:
            with _complaints(path):
                yield from lines_of(sheet, marks, without_elapsed, stored=wish.stored)
        except OverflowError as error:  # without these formats too
            raise ListError("not_a_workbook", path=path, reason=DAMAGED) from error

    beside = tuple(one for one in _tabs(book) if one != name)
    places = {one.name: place for place, one in enumerate(book.sheets_metadata)}
    notes = (*_notes(path, kind.ending), *_not_read((one for one in beside if kind.is_filled(one, places[one])), wish))
    return Source(
        *(path, f"{SHEET}{name}", lines, notes, marks.hidden),
        size=sheet.end[0] + 1 if sheet.end else None,
        beside=beside,
    )


def _no_such_sheet(path: Path, asked: str | None, sheets: Sequence[str], hidden: AbstractSet[str]) -> ListError:
    """What to say where the sheet asked for is not there, or no sheet can be seen: all that there are, the hidden ones marked."""
    spoken = tuple(Sentence("error.hidden_sheet", {"sheet": name}) if name in hidden else name for name in sheets)
    if asked is None:
        return ListError("no_sheet", path=path, sheets=spoken)
    return ListError("sheet_not_there", path=path, sheet=asked if asked.strip() else f"'{asked}'", sheets=spoken)


def _notes(path: Path, ending: str) -> tuple[Note, ...]:
    known = path.suffix.lower()
    if known == ending or (known, ending) == (".xlsm", ".xlsx"):
        return ()
    return (Note("other_ending", {"kind": ending}),)


def _load(path: Path, data: bytes) -> CalamineWorkbook:
    from python_calamine import load_workbook  # noqa: PLC0415 (help starts without it)

    with _calamine(path):
        return load_workbook(BytesIO(data))


def _load_sheet(path: Path, book: CalamineWorkbook, name: str) -> CalamineSheet:
    with _calamine(path):
        return book.get_sheet_by_name(name)


@contextmanager
def _calamine(path: Path) -> Iterator[None]:
    """Calamine's complaints as our own. A damaged file can make it panic, which it tells standard error first: not a person."""
    from python_calamine import CalamineError, PasswordError  # noqa: PLC0415 (as above)

    try:
        with _hushed():
            yield
    except PasswordError as error:
        raise ListError("password", path=path) from error
    except (CalamineError, ValueError, OSError, OverflowError, MemoryError) as error:
        raise ListError("not_a_workbook", path=path, reason=DAMAGED) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no Exception, and nowhere to be imported from
            raise
        raise ListError("not_a_workbook", path=path, reason=DAMAGED) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing is written to standard error meanwhile, by any library."""
    kept = -1
    with suppress(OSError):  # no standard error at all, as under some schedulers
        kept = os.dup(2)
    if kept < 0:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _tabs(book: CalamineWorkbook) -> list[str]:
    """The names of the sheets that a person sees, charts too."""
    from python_calamine import SheetVisibleEnum  # noqa: PLC0415 (help starts without it)

    return [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]


def _sheet_name(book: CalamineWorkbook, asked: str | None, path: Path) -> tuple[str, int]:
    """The name of the sheet that was asked for, and its index among all sheets, charts too.

    A number counts the tabs that a person sees; a hidden sheet is to be asked for by its name.
    """
    from python_calamine import SheetTypeEnum  # noqa: PLC0415 (help starts without it)

    everything = list(enumerate(book.sheets_metadata))
    sheets = {sheet.name: index for index, sheet in reversed(everything) if sheet.typ == SheetTypeEnum.WorkSheet}
    tabs = _tabs(book)
    if asked is None:
        visible = [name for name in tabs if name in sheets]
        if not visible:
            raise _no_such_sheet(path, None, list(reversed(sheets)), sheets.keys())
        return visible[0], sheets[visible[0]]
    name = asked
    if asked not in sheets and asked.isdecimal() and 1 <= int(asked) <= len(tabs):
        name = tabs[int(asked) - 1]
    if name not in sheets:
        raise _no_such_sheet(path, asked, list(reversed(sheets)), sheets.keys() - set(tabs))
    return name, sheets[name]
