"""What a result may be written over: an earlier result, and nothing else that somebody may want to keep."""

from __future__ import annotations

import zipfile
from pathlib import Path

MARK = "sms_status"
"""A column that every result has, and that stands near the beginning of its file."""
_HEAD = 1 << 18
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_TEXTS = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")


def may_be_replaced(path: Path) -> bool:
    """Whether nothing is there, or an empty file, or a result sheet, saved anew by a spreadsheet or not. Raises OSError."""
    if not path.exists():
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return not head or any(MARK.encode(encoding) in text for text in (head, *_texts(path)) for encoding in _ENCODINGS)


def _texts(path: Path) -> list[bytes]:
    """The beginnings of what a workbook keeps its texts in."""
    try:
        with zipfile.ZipFile(path) as package:
            found = []
            for name in set(_TEXTS) & set(package.namelist()):
                with package.open(name) as file:
                    found.append(file.read(_HEAD))
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):  # no package, or one that can't be read
        return []
