"""What calamine does not tell of an ``.xlsb``: hidden rows, errors, number formats, merged cells (MS-XLSB, section 2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from batch_sms.sheets.cells import error_text
from batch_sms.sheets.marks import LEAST_HEIGHT, TWIPS, Marks
from batch_sms.sheets.number_formats import BUILT_IN_FORMATS, changes
from batch_sms.sheets.packages import DAMAGED, BrokenPackageError, Package
from batch_sms.sheets.xlsx import main_part, styles_part

_ROW, _BLANK, _CELL_ERROR, _LAST_CELL, _FORMULA_ERROR = 0, 1, 3, 11, 11
FORMAT, STYLE, _BUNDLE, _MERGED, _BEGIN_STYLES, _END_STYLES = 44, 47, 156, 176, 617, 618
_ERRORS = {_CELL_ERROR, _FORMULA_ERROR}
_HIDDEN = 0x10
_WORD, _LONG = struct.Struct("<H"), struct.Struct("<I")
_BLOCK = struct.Struct("<4I")

Record = tuple[int, bytes]


def scan(package: Package, sheet: str) -> Marks:
    """Look through one sheet of an ``.xlsb``, named as in the workbook."""
    main = main_part(package)
    targets = package.targets(main)
    for kind, name in targets.values():
        if kind == "sharedStrings" and package.has(name):
            package.prove(name)
    try:
        rel = next((rel for name, rel in _sheets(package, main) if name == sheet and rel in targets), None)
        if rel is None:
            raise BrokenPackageError(f"no part for sheet {sheet}")
        styles = styles_part(package)
        formats = _formats(package, styles) if styles is not None else None
        return _marks(records(package, targets[rel][1]), formats)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BrokenPackageError(DAMAGED) from error


def is_filled(package: Package, sheet: str) -> bool:
    """Whether a sheet has a value: one that is no list may be damaged without harm."""
    main = main_part(package)
    targets = package.targets(main)
    try:
        part = next((targets[rel][1] for name, rel in _sheets(package, main) if name == sheet and rel in targets), "")
        return package.has(part) and any(_BLANK < kind <= _LAST_CELL for kind, _ in records(package, part))
    except (struct.error, IndexError, UnicodeDecodeError, BrokenPackageError):
        return False


def _marks(records: Iterator[Record], formats: list[str] | None) -> Marks:
    """Look at each cell. A style that is not there is an IndexError: the file is damaged."""
    marks = Marks()
    row = 0
    for kind, data in records:
        if kind == _ROW:
            row = _LONG.unpack_from(data)[0] + 1
            if data[11] & _HIDDEN or 0 < _WORD.unpack_from(data, 8)[0] < LEAST_HEIGHT * TWIPS:
                marks.hidden.add(row)
        elif _BLANK < kind <= _LAST_CELL:
            column = _LONG.unpack_from(data)[0]
            if row > marks.last_row or column > marks.last_column:
                marks.grow(row, column)
            if kind in _ERRORS:
                marks.errors[row][column] = error_text(data[8])
            style = int.from_bytes(data[4:7], "little")
            if formats is None and style:
                raise BrokenPackageError("its styles are missing")
            if formats is not None and (code := formats[style]) and kind not in _ERRORS:
                marks.put_format(row, column, code)
        elif kind == _MERGED:
            top, bottom, left, right = _BLOCK.unpack_from(data)
            marks.merged.append((top + 1, left, bottom + 1, right))
    return marks


def _sheets(package: Package, main: str) -> Iterator[tuple[str, str]]:
    for kind, data in records(package, main):
        if kind == _BUNDLE:
            rel, end = _string(data, 8)
            name, _ = _string(data, end)
            yield name, rel


def _formats(package: Package, styles: str) -> list[str]:
    """The number format of each style, ``""`` where it changes nothing of what a person sees."""
    codes, found, inside = dict(BUILT_IN_FORMATS), list[str](), False
    for kind, data in records(package, styles):
        if kind == FORMAT:
            codes[_WORD.unpack_from(data)[0]] = _string(data, 2)[0]
        elif kind in {_BEGIN_STYLES, _END_STYLES}:
            inside = kind == _BEGIN_STYLES
        elif kind == STYLE and inside:
            code = codes.get(_WORD.unpack_from(data, 2)[0], "")
            found.append(code if changes(code) else "")
    return found


def _string(data: bytes, start: int) -> tuple[str, int]:
    end = start + 4 + 2 * _LONG.unpack_from(data, start)[0]
    return data[start + 4 : end].decode("utf-16-le"), end


def records(package: Package, name: str) -> Iterator[Record]:
    """The records of a part: a type and a size of seven bits a byte, then the data."""
    kept = b""
    for block in package.blocks(name):
        kept += block
        position = 0
        while True:
            kind, start = _seven_bits(kept, position, 2)
            size, start = _seven_bits(kept, start, 4)
            if start < 0 or start + size > len(kept):
                break
            yield kind, kept[start : start + size]
            position = start + size
        kept = kept[position:]
    if kept:
        raise BrokenPackageError(f"{name} is cut")


def _seven_bits(data: bytes, position: int, most: int) -> tuple[int, int]:
    """A number of at most so many bytes, and where it ends: -1 where the data end before it."""
    number = 0
    if position < 0:
        return 0, -1
    for index in range(most):
        if position + index >= len(data):
            return 0, -1
        byte = data[position + index]
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:  # noqa: PLR2004 (the eighth bit says that there is more)
            return number, position + index + 1
    return number, position + most
