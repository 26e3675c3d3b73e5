"""Workbooks without their formats of elapsed time (``[h]:mm``): calamine breaks off at a number too large to be a span of time.

Such a workbook is read a second time, with a plain format in the place of each of these; all else in it stays as it is.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO

from batch_sms.sheets import xls, xlsb, xlsx
from batch_sms.sheets.packages import Package

_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_ASIDE = re.compile(r'"[^"]*"|\\.')
_XML_FORMAT = re.compile(
    rb"\bformatCode\s*=\s*(?:\"[^\"]*\[(?:h+|m+|s+)\][^\"]*\"|'[^']*\[(?:h+|m+|s+)\][^']*')", re.IGNORECASE
)
_XML_BUILT_IN = re.compile(rb"\bnumFmtId\s*=\s*[\"']46[\"']")
_BUILT_IN = struct.pack("<H", 46)
"""``[h]:mm:ss``, which files name by this number (ECMA-376, 18.8.30)."""
_RECORDED = re.compile(rb"\[\0?(?:(?:h\0?)+|(?:m\0?)+|(?:s\0?)+)\]", re.IGNORECASE)
_ZEROS = bytes.maketrans(b"[]hHmMsS", b"0" * 8)
_XLS, _XLSB = {xls.FORMAT, xls.STYLE}, {xlsb.FORMAT, xlsb.STYLE}
_HEAD = struct.Struct("<HH")
_BEFORE_CODE = {".xls": 5, ".xlsb": 6}
"""Bytes of a format's record before its letters: its number, their count, and in an ``.xls`` how they are kept."""


@lru_cache(1024)
def is_elapsed(code: str) -> bool:
    """Whether a number format counts hours, minutes or seconds beyond their usual end."""
    return _ELAPSED.search(_ASIDE.sub("", code)) is not None


def without(data: bytes, ending: str) -> bytes:
    """The whole workbook anew, its formats of elapsed time made plain ones. Raises what its readers raise."""
    if ending == ".xls":
        found = xls.records(xls.workbook_stream(data), 0)
        records = (
            (_HEAD.pack(kind, len(record)), kind == xls.FORMAT, record) for kind, record in found if kind in _XLS
        )
        return _exchanged(data, records, ending)
    package = Package.of(data)
    styles = xlsx.styles_part(package)
    if styles is None:
        return data
    part = package.part(styles)
    if ending == ".xlsx":
        part = _XML_BUILT_IN.sub(b'numFmtId="0"', _XML_FORMAT.sub(b'formatCode="General"', part))
    else:
        found = xlsb.records(package, styles)
        part = _exchanged(part, ((b"", kind == xlsb.FORMAT, record) for kind, record in found if kind in _XLSB), ending)
    return _with_part(package, styles, part)


def _exchanged(data: bytes, records: Iterable[tuple[bytes, bool, bytes]], ending: str) -> bytes:
    """The data with the records of such formats (head, a format's or else a style's, content) in others of the same length."""
    for head, is_format, record in set(records):
        if is_format and _RECORDED.search(record):
            start = _BEFORE_CODE[ending]
            data = data.replace(head + record, head + record[:start] + record[start:].translate(_ZEROS))
        elif not is_format and record[2:4] == _BUILT_IN:
            data = data.replace(head + record, head + record[:2] + b"\0\0" + record[4:])
    return data


def _with_part(package: Package, name: str, content: bytes) -> bytes:
    anew = BytesIO()
    with zipfile.ZipFile(anew, "w") as file:
        for other in package.parts:
            file.writestr(other, content if other == name else b"".join(package.blocks(other)))
    return anew.getvalue()
