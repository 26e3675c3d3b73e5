"""What calamine does not tell of an ``.xls``: hidden rows, errors, number formats, merged cells; and whether it is whole.

An ``.xls`` is a small file system (MS-CFB) with a stream of records in it (MS-XLS). Both are read here with care, because a
damaged one can make calamine ask for more memory than there is.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from batch_sms.sheets.cells import error_text
from batch_sms.sheets.marks import LEAST_HEIGHT, TWIPS, Marks
from batch_sms.sheets.number_formats import BUILT_IN_FORMATS, changes
from batch_sms.sheets.packages import (
    DAMAGED,
    MOST_CELLS,
    MOST_ROWS,
    BrokenPackageError,
    HugePackageError,
    LockedPackageError,
)

_ENCRYPTED = "EncryptedPackage"
_END_OF_CHAIN = 0xFFFFFFF8
_HEADER_SIZE, _ENTRY_SIZE, _SMALL_SECTOR = 512, 128, 64
_SECTOR_SIZES = {9: 512, 12: 4096}
_IN_HEADER = 109
_STREAM, _ROOT = 2, 5

_FORMULA, _END, _BEGIN, _BEGIN_OLD, _LOCKED, _SHEET = 0x06, 0x0A, 0x809, 0x409, 0x2F, 0x85
FORMAT, STYLE, _ROW, _ERROR, _NUMBER, _SMALL_NUMBER, _SMALL_NUMBERS = 0x41E, 0xE0, 0x208, 0x205, 0x203, 0x27E, 0xBD
_MERGED, _DIMENSIONS = 0xE5, 0x200
_OLD_DIMENSIONS = 10
_CELLS = {_FORMULA, 0x204, 0xD6, 0xFD, _ERROR, _NUMBER, _SMALL_NUMBER, _SMALL_NUMBERS}
_HIDDEN = 0x20
_NEW_VERSION = 0x600
_CELL = struct.Struct("<HHH")
_WORD, _LONG = struct.Struct("<H"), struct.Struct("<I")


def scan(stream: bytes) -> list[Marks]:
    """Look through all sheets, because calamine makes room for each. Raises BrokenPackageError and its like."""
    try:
        offsets, formats = _globals(stream)
        return [_marks(stream, offset, formats) for offset in offsets]
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BrokenPackageError(DAMAGED) from error


def workbook_stream(data: bytes) -> bytes:
    """The stream of records in the file. An ``.xlsx`` under a password is such a file too, without one."""
    try:
        streams = _Files(data).streams()
        for name in ("workbook", "book"):
            if name in streams:
                return _unlocked(streams[name]())
    except BrokenPackageError as error:
        reason: object = error
    except (struct.error, IndexError):
        reason = DAMAGED
    else:
        reason = "no workbook in it"
    if _ENCRYPTED.encode("utf-16-le") in data:
        raise LockedPackageError
    raise BrokenPackageError(reason)


def _unlocked(stream: bytes) -> bytes:
    """The stream, if it is not under a password: the record that says so stands before the names of the sheets."""
    for kind, _ in records(stream, 0):
        if kind == _LOCKED:
            raise LockedPackageError
        if kind == _SHEET:
            break
    return stream


class _Files:
    """The small file system: sectors in chains, and a directory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = _SECTOR_SIZES.get(_WORD.unpack_from(data, 30)[0], 0)
        if not self._size:
            raise BrokenPackageError("no file system in it")
        self._cutoff = _LONG.unpack_from(data, 56)[0]
        table = self._table_sectors()
        self._next = [
            number for sector in table for number in struct.unpack(f"<{self._size // 4}I", self._sector(sector))
        ]
        small = b"".join(self._chain(_LONG.unpack_from(data, 60)[0]))
        self._next_small = struct.unpack(f"<{len(small) // 4}I", small[: len(small) // 4 * 4])

    def streams(self) -> dict[str, Callable[[], bytes]]:
        """The files in it by their names in small letters."""
        directory = b"".join(self._chain(_LONG.unpack_from(self._data, 48)[0]))
        found: dict[str, Callable[[], bytes]] = {}
        small = b""
        for start in range(0, len(directory) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
            entry = directory[start : start + _ENTRY_SIZE]
            length, kind = _WORD.unpack_from(entry, 64)[0], entry[66]
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower()
            first, size = _LONG.unpack_from(entry, 116)[0], _LONG.unpack_from(entry, 120)[0]
            if kind == _ROOT:
                small = b"".join(self._chain(first))
            elif kind == _STREAM:
                found.setdefault(name, partial(self._stream, first, size, small))
        return found

    def _stream(self, first: int, size: int, small: bytes) -> bytes:
        if size >= self._cutoff:
            return b"".join(self._chain(first))[:size]
        return b"".join(
            small[number * _SMALL_SECTOR : (number + 1) * _SMALL_SECTOR] for number in _links(first, self._next_small)
        )[:size]

    def _table_sectors(self) -> list[int]:
        sectors = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        more, seen = _LONG.unpack_from(self._data, 68)[0], set[int]()
        while more < _END_OF_CHAIN and more not in seen:
            seen.add(more)
            numbers = struct.unpack(f"<{self._size // 4}I", self._sector(more))
            sectors += numbers[:-1]
            more = numbers[-1]
        return [sector for sector in sectors if sector < _END_OF_CHAIN]

    def _chain(self, first: int) -> Iterator[bytes]:
        return (self._sector(number) for number in _links(first, self._next))

    def _sector(self, number: int) -> bytes:
        start = max(_HEADER_SIZE, self._size) + number * self._size
        sector = self._data[start : start + self._size]
        if not sector:
            raise BrokenPackageError("cut short")
        return sector.ljust(self._size, b"\0")  # the last sector of some files is not written to its end


def _links(first: int, following: Sequence[int]) -> Iterator[int]:
    count = 0
    while first < _END_OF_CHAIN:
        yield first
        count += 1
        if count > len(following):
            raise BrokenPackageError("a chain without end")
        first = following[first]


def records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of the stream, up to its end; parts within it (charts) are passed over."""
    depth = 0
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        position += 4
        if kind in {_BEGIN, _BEGIN_OLD}:
            depth += 1
        elif kind == _END:
            depth -= 1
        if depth <= 1:
            yield kind, stream[position : position + size]
        if kind == _END and depth <= 0:
            return
        position += size
    raise BrokenPackageError("cut short")


def _globals(stream: bytes) -> tuple[list[int], list[str]]:
    """Where each sheet begins, and the number format of each style, ``""`` where it changes nothing of what a person sees."""
    codes, styles, offsets, version = dict(BUILT_IN_FORMATS), list[int](), list[int](), 0
    for kind, data in records(stream, 0):
        if kind == _BEGIN:
            version = version or _WORD.unpack_from(data)[0]
        elif kind == _SHEET:
            offsets.append(_LONG.unpack_from(data)[0])
        elif kind == FORMAT:
            codes[_WORD.unpack_from(data)[0]] = _format_code(data, new=version >= _NEW_VERSION)
        elif kind == STYLE:
            styles.append(_WORD.unpack_from(data, 2)[0])
    named = (codes.get(style, "") for style in styles)
    return offsets, [code if changes(code) else "" for code in named]


def _format_code(data: bytes, *, new: bool) -> str:
    if not new:
        return data[3 : 3 + data[2]].decode("latin-1")
    length, wide = _WORD.unpack_from(data, 2)[0], data[4] & 1
    return data[5 : 5 + 2 * length].decode("utf-16-le") if wide else data[5 : 5 + length].decode("latin-1")


def _marks(stream: bytes, offset: int, formats: Sequence[str]) -> Marks:
    marks = Marks()
    for kind, data in records(stream, offset):
        if kind == _ROW:
            height = _WORD.unpack_from(data, 6)[0]  # 0 and what is above 0x8000 stand for the usual height
            if _WORD.unpack_from(data, 12)[0] & _HIDDEN or 0 < height < LEAST_HEIGHT * TWIPS:
                marks.hidden.add(_WORD.unpack_from(data)[0] + 1)
        elif kind == _DIMENSIONS:
            _refuse_absurd(data)
        elif kind == _MERGED:
            for start in range(2, 2 + 8 * _WORD.unpack_from(data)[0], 8):
                top, bottom, left, right = struct.unpack_from("<4H", data, start)
                marks.merged.append((top + 1, left, bottom + 1, right))
        elif kind in _CELLS:
            _look_at_cell(marks, kind, data, formats)
    return marks


def _refuse_absurd(dimensions: bytes) -> None:
    """What a sheet says of its size: calamine makes room for that too. Raises HugePackageError."""
    numbers = struct.unpack_from("<IIHH" if len(dimensions) > _OLD_DIMENSIONS else "<4H", dimensions)
    (top, bottom), (left, right) = numbers[:2], numbers[2:]
    if bottom and right and not (top <= bottom <= MOST_ROWS and left <= right and bottom * right <= MOST_CELLS):
        raise HugePackageError(f"{bottom} × {right}")


def _look_at_cell(marks: Marks, kind: int, data: bytes, formats: Sequence[str]) -> None:
    """Take in one cell, or a row's cells of one record. A style that is not there is an IndexError: the file is damaged."""
    row, column, style = _CELL.unpack_from(data)
    row += 1
    last = _WORD.unpack_from(data, len(data) - 2)[0] if kind == _SMALL_NUMBERS else column
    if row > marks.last_row or last > marks.last_column:
        marks.grow(row, last)
    if kind == _SMALL_NUMBERS:
        for index in range(last - column + 1):
            if code := formats[_WORD.unpack_from(data, 4 + 6 * index)[0]]:
                marks.put_format(row, column + index, code)
    elif kind == _ERROR and data[7]:
        marks.errors[row][column] = error_text(data[6])
    elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:  # noqa: PLR2004 (the kind of value: an error)
        marks.errors[row][column] = error_text(data[8])
    elif formats[style]:
        marks.put_format(row, column, formats[style])
