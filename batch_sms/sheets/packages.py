"""The files that workbooks are: what a file is by its content, and zip packages opened without trusting them.

A workbook comes from outside. Nothing of a package is unpacked beyond the size that it states, and no more than a list needs;
XML with entities of its own is refused before a parser sees it.
"""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from batch_sms.errors import ListError

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
"""Excel's own limits."""
MOST_CELLS = 20_000_000
"""From the first cell to the last, empty ones too: what is kept in memory for them stays below a gigabyte."""
LARGEST_FILE = 512 << 20
LARGEST_PACKAGE = 3 << 30
"""What a package may unpack to."""
LARGEST_PART = 64 << 20
"""The parts that are read at once: names of sheets, formats."""
_MOST_PARTS = 20_000
_SUSPICIOUS_RATIO = 200
"""Sheets shrink ten- to sixtyfold; bombs a thousandfold."""
_SUSPICIOUS_SIZE = 100 << 20

_BLOCK, _PIECE = 1 << 20, 1 << 16
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|table|meta|style|div|\?xml|!--)", re.IGNORECASE)
_NO_LISTS = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF-": "PDF",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a": "RAR",
    b"SQLite format 3\0": "SQLite",
    b"PAR1": "Parquet",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
}
"""How files begin that are sometimes given for a list. Letters alone begin texts, too, which have no control characters."""
_LOCAL_HEADER = struct.Struct("<4s22xHH")


DAMAGED = "damaged"
"""What is said of a file that breaks off, or contradicts itself: where is of no use to who has to save it anew."""


class BrokenPackageError(Exception):
    """A package that is not what it says it is; caught by the reader of workbooks."""


class LockedPackageError(Exception):
    """A package under a password; caught by the reader of workbooks."""


class HugePackageError(Exception):
    """A package that is larger than any list; caught by the reader of workbooks."""


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes: ``zip``, ``ole``, ``page`` (HTML or XML) or ``text``."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if data.startswith(_OLE):
        return "ole"
    start = data[:400].removeprefix(b"\xef\xbb\xbf")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\0", b"")
    return "page" if _PAGE.match(start) else "text"


def named_kind(data: bytes) -> str:
    """The name of a kind of file that is no list, by its first bytes; nothing where it is not known."""
    for mark, name in _NO_LISTS.items():
        if data.startswith(mark) and (not mark.isalnum() or _CONTROL.search(data)):
            return name
    return ""


def read_whole(path: Path) -> bytes:
    """A file that is no larger than a list can be. Raises ListError, OSError."""
    with path.open("rb") as file:
        return read_stream(file, path)


def read_stream(file: BinaryIO, path: Path) -> bytes:
    """What comes out of an open file; read in blocks, because one read of the most there may be makes room for all of it."""
    blocks: list[bytes] = []
    size = 0
    while block := file.read(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > LARGEST_FILE:
            raise ListError("too_large", path=path, size=f"{LARGEST_FILE >> 20} MB")
    return b"".join(blocks)


@dataclass(frozen=True, slots=True)
class Package:
    """A zip package in memory. Raises BrokenPackageError, LockedPackageError and HugePackageError."""

    data: bytes
    parts: dict[str, zipfile.ZipInfo]

    @classmethod
    def of(cls, data: bytes) -> Package:
        """The package, once its directory and the sizes in it are believable."""
        try:
            infos = zipfile.ZipFile(BytesIO(data)).infolist()
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, RuntimeError) as error:
            raise BrokenPackageError(DAMAGED) from error
        if any(info.flag_bits & 1 for info in infos):
            raise LockedPackageError
        total = sum(info.file_size for info in infos)
        bombs = (
            info for info in infos if info.file_size > max(_SUSPICIOUS_SIZE, _SUSPICIOUS_RATIO * info.compress_size)
        )
        if total > LARGEST_PACKAGE or len(infos) > _MOST_PARTS or any(bombs):
            raise HugePackageError(f"{total >> 20} MB")
        return cls(data, {info.filename.replace("\\", "/").lstrip("/"): info for info in infos})

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name in self.parts

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part in blocks, unpacked no further than it states; its size and checksum are true at the end."""
        info = self.parts.get(name)
        if info is None:
            raise BrokenPackageError(f"no {name}")
        yield from _unpacked(self._packed(info), info)

    def part(self, name: str) -> bytes:
        """A small part as a whole."""
        if name in self.parts and self.parts[name].file_size > LARGEST_PART:
            raise HugePackageError(f"{self.parts[name].file_size >> 20} MB")
        return b"".join(self.blocks(name))

    def prove(self, name: str) -> None:
        """Unpack a part to find out whether its size is true."""
        for _ in self.blocks(name):
            pass

    def tree(self, name: str) -> ET.Element:
        """A small XML part, parsed; without entities of its own, which can grow without end."""
        text = self.part(name)
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
            raise BrokenPackageError(f"{name}: entities")
        try:
            return ET.fromstring(text)  # noqa: S314 (no entities, see above)
        except (ET.ParseError, ValueError, LookupError) as error:
            raise BrokenPackageError(f"{name}: {error}") from error

    def targets(self, name: str) -> dict[str, tuple[str, str]]:
        """The relationships of a part: id → (type's last word, name of the other part)."""
        folder = PurePosixPath(name).parent
        relations = folder / "_rels" / f"{PurePosixPath(name).name}.rels"
        found = {}
        for element in self.tree(str(relations)):
            target = element.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else _joined(folder, target)
            found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], path)
        return found

    def _packed(self, info: zipfile.ZipInfo) -> memoryview:
        try:
            mark, name_size, extra_size = _LOCAL_HEADER.unpack_from(self.data, info.header_offset)
        except struct.error as error:
            raise BrokenPackageError(DAMAGED) from error
        start = info.header_offset + _LOCAL_HEADER.size + name_size + extra_size
        if mark != b"PK\x03\x04" or start + info.compress_size > len(self.data):
            raise BrokenPackageError(f"{info.filename} is cut")
        return memoryview(self.data)[start : start + info.compress_size]


def _unpacked(packed: memoryview, info: zipfile.ZipInfo) -> Iterator[bytes]:
    size = checksum = 0
    for block in _inflated(packed, info.compress_type):
        size += len(block)
        if size > info.file_size:
            raise HugePackageError(f"{info.filename}: more than it states")
        checksum = zlib.crc32(block, checksum)
        yield block
    if size != info.file_size or checksum != info.CRC:
        raise BrokenPackageError(f"{info.filename} is damaged")


def _inflated(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from (bytes(packed[start : start + _BLOCK]) for start in range(0, len(packed), _BLOCK))
        return
    if method != zipfile.ZIP_DEFLATED:
        raise BrokenPackageError(f"packed by method {method}")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(packed), _PIECE):
            yield inflate.decompress(packed[start : start + _PIECE], _BLOCK)
            while inflate.unconsumed_tail:
                yield inflate.decompress(inflate.unconsumed_tail, _BLOCK)
        yield inflate.flush()
    except zlib.error as error:
        raise BrokenPackageError(DAMAGED) from error


def _joined(folder: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (folder / target).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)
