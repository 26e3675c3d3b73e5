"""What a result may be written over: an earlier result, and nothing else that somebody may want to keep.

What a check or a dry run says is written over an earlier one of these only: the result of a send holds what came back.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from batch_sms.errors import BatchSmsError
from batch_sms.model import Role, Status
from batch_sms.sheets.reading import Table, open_list, visible_sheets

MARK = "sms_status"
"""A column that every result has, and that stands near the beginning of its file."""
_HEAD = 1 << 18
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_TEXTS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
_SHEETS = "xl/worksheets/"
_CALLED = frozenset((Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT))
"""What becomes of a message that the gateway was called for."""
_MAY_BE_CALLED = re.compile("|".join(_CALLED).encode())
_LONGEST_MATCH = 32
_NOT_READ = (zipfile.BadZipFile, RuntimeError, EOFError, zlib.error)


def may_be_replaced(path: Path) -> bool:
    """Whether nothing is there, or an empty file, or a result sheet, saved anew by a spreadsheet or not. Raises OSError."""
    if not path.exists():
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return not head or any(MARK.encode(encoding) in text for text in (head, *_texts(path)) for encoding in _ENCODINGS)


def holds_calls(path: Path) -> bool:
    """Whether a result has any row that the gateway was called for: what a check or a dry run never does. Raises OSError."""
    try:
        return path.is_file() and _may_hold_calls(path) and any(map(_says_called, _tables(path)))
    except (*_NOT_READ, BatchSmsError):
        return True  # nobody can tell what would be lost


def _tables(path: Path) -> Iterator[Table]:
    for sheet in visible_sheets(path) or (None,):
        yield open_list(path, sheet, columns={Role.PHONE: MARK}, hidden="send", header_only=True)


def _says_called(table: Table) -> bool:
    if MARK not in table.headers:
        return False
    status = table.headers.index(MARK)
    return any(row.cells[status] in _CALLED for row in table.rows())


def _may_hold_calls(path: Path) -> bool:
    """Whether any text of a file may be such a status: quickly told, so that most sheets need not be read."""
    with ExitStack() as stack:
        if not zipfile.is_zipfile(path):
            return _has_calls(stack.enter_context(path.open("rb")))
        package = stack.enter_context(zipfile.ZipFile(path))
        names = (name for name in package.namelist() if name == _TEXTS[0] or name.startswith(_SHEETS))
        return any(_has_calls(stack.enter_context(package.open(name))) for name in names)


def _has_calls(file: IO[bytes]) -> bool:
    return any(_MAY_BE_CALLED.search(text) for text in _overlapping(file))


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces, each with the end of the one before it; NUL bytes are left out, so that UTF-16 reads like UTF-8."""
    end = b""
    while piece := file.read(_HEAD):
        text = end + piece.replace(b"\0", b"")
        yield text
        end = text[-_LONGEST_MATCH:]


def _texts(path: Path) -> list[bytes]:
    """The beginnings of what a workbook keeps its texts in."""
    try:
        with zipfile.ZipFile(path) as package:
            found = []
            for name in set(_TEXTS) & set(package.namelist()):
                with package.open(name) as file:
                    found.append(file.read(_HEAD))
            return found
    except _NOT_READ:  # no package, or one that can't be read
        return []
