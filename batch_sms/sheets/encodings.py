"""Which encoding a text is in: BOM, then strict UTF-8, then GB18030 where it reads like Chinese; else a person has to say.

Detectors misjudge short files (reference field.md, section 5), and any byte above 127 in front of a Latin letter is a GB18030
character too: ``Jürgen`` in cp1252 reads as ``J黵gen``. So GB18030 is taken where what comes out is Chinese, and only there.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from batch_sms.characters import shortened
from batch_sms.errors import ListError, SettingsError
from batch_sms.sheets.common_hanzi import COMMON_HANZI
from batch_sms.sheets.table import LONGEST_SAMPLE

Open = Callable[[], BinaryIO]

GUESSED = "gb18030"
"""The encoding that is taken without any mark of it in the file."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_NO_ENCODINGS_OF_LISTS = frozenset(
    {"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "charmap", "palmos"}
)
"""What Python can decode, but nobody writes lists in: each gives some text out of nearly any bytes."""
_BLOCK = 1 << 20
_NONSENSE = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffe\uffff\U000f0000-\U0010ffff]")
"""Characters that no text has; bytes of another encoding read as GB18030 often give some."""
_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff"
_SIGNS = "“”‘’—…·•€"
"""What stands beside Latin letters in a GB18030 file too."""
_BESIDE_LETTERS = re.compile(
    rf"(?<=[A-Za-z])[{_IDEOGRAPH}](?=[A-Za-z])|(?<![{_IDEOGRAPH}])[{_IDEOGRAPH}](?=[a-z])"
    rf"|(?<=[A-Za-z])[^\x00-\x7f{_IDEOGRAPH}{_SIGNS}]|[^\x00-\x7f{_IDEOGRAPH}{_SIGNS}](?=[A-Za-z])"
)
"""A lone character in a Latin word or at its head, as Chinese texts seldom have it: what a letter with an accent becomes."""
_LEAST_SHARE = 0.6
"""Of common characters: Chinese lists have nine tenths of them, the bytes of others a fourth."""
_GREEK = "\u0370"
"""Below are the letters with accents, which stand in Chinese texts too."""
_FEW = 6
"""Fewer characters may be common ones by chance: all of them have to be."""
_TWO_BYTES = 2
"""Characters of four bytes (emoji, for instance) are found by chance in no other encoding."""
_ACCENTED = re.compile(rb"(?<![\x80-\xff])[\xa1-\xff]{1,2}(?![\x80-\xff])")
_OTHER_RUN = re.compile(rb"[\x80-\x84\x86-\x90\x98-\x9f]|[\x80-\xff]{3,}")
"""What no text in Latin letters has many of, its quotation marks and dashes (0x85, 0x91 to 0x97) apart."""
_CELL = re.compile(rb"[^,;|\t\r\n\"]*[\x80-\xff][^,;|\t\r\n\"]*")
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1253", "cp1251", GUESSED, "big5")
_OTHERS = ("big5", "shift_jis", "cp932", "euc-jp", "cp949", "cp1252", "cp1251", "cp1253", "cp874", GUESSED)
_MOST_CELLS = 100


def encoding_of(path: Path, opened: Open) -> str:
    """The encoding of a file. Raises ListError where it can't be told, with how the file reads in those that it may be in.

    UTF-16 without a BOM is taken where nothing else is possible.
    """
    with opened() as file:
        start = file.read(_BLOCK)
    if start.startswith(_UTF_32):
        raise ListError("utf_32", path=path)
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if b"\0" in start:
        if utf_16 := _utf_16_of(start):
            return utf_16
        raise ListError("not_text", path=path, line=len(start[: start.index(b"\0") + 1].splitlines()))
    if _decodes(opened, "utf-8"):
        return "utf-8"
    if reads_as_chinese(opened):
        return GUESSED
    raise _unsure(path, opened)


def check_encoding(name: str) -> None:
    """Refuse an encoding that is none, or in which no list is written. Raises SettingsError."""
    try:
        "a".encode(name)
        known = codecs.lookup(name).name
    except (LookupError, UnicodeError) as error:
        raise SettingsError("encoding_unknown", encoding=name) from error
    if known in _NO_ENCODINGS_OF_LISTS:
        raise SettingsError("encoding_of_no_list", encoding=name)


def is_utf_8(opened: Open) -> bool:
    """Whether a file has characters beyond ASCII, and all of it is UTF-8: hardly ever by chance."""
    with opened() as file:
        start = file.read(_BLOCK)
        beyond = any(not block.isascii() for block in iter(lambda: file.read(_BLOCK), b"")) or not start.isascii()
    return beyond and b"\0" not in start and _decodes(opened, "utf-8")


def _decodes(opened: Open, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened() as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def not_in(path: Path, opened: Open, encoding: str) -> ListError:
    """What to say of a file that is not in the encoding that was asked for: the first line that can't be read in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with opened() as file:
        try:
            while block := file.read(_BLOCK):
                line += decoder.decode(block).count("\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
        except UnicodeError:  # no mark of the order of its bytes
            line = 1
    return ListError("not_in_encoding", path=path, encoding=encoding, line=line)


def _utf_16_of(start: bytes) -> str | None:
    """Which UTF-16 a start without BOM is: zeros in one place of each pair alone, and line ends that read as such."""
    for name, zeros, line_ends in (
        ("utf-16-le", start[1::2], (b"\n\0", b"\r\0")),
        ("utf-16-be", start[0::2], (b"\0\n", b"\0\r")),
    ):
        others = start[0::2] if name == "utf-16-le" else start[1::2]
        if b"\0" in zeros and b"\0" not in others and any(end in start for end in line_ends):
            return name
    return None


def reads_as_chinese(opened: Open) -> bool:
    """Whether a file, read as GB18030, is text as people write it: mostly common characters, few within Latin words."""
    counts: Counter[str] = Counter()
    odd = 0
    with io.TextIOWrapper(opened(), encoding=GUESSED, newline="") as file:
        try:
            while block := file.read(_BLOCK):
                if _NONSENSE.search(block):
                    return False
                counts.update(block)
                odd += sum(len(char.encode(GUESSED)) == _TWO_BYTES for char in _BESIDE_LETTERS.findall(block))
        except UnicodeError:
            return False
    written = {char: count for char, count in counts.items() if not char.isascii() and _is_letter(char)}
    count = sum(written.values())
    common = sum(count for char, count in written.items() if char in COMMON_HANZI)
    return common >= (count if count < _FEW else _LEAST_SHARE * count) and common - odd >= count / 3


def _is_letter(char: str) -> bool:
    """Whether a character is of a script: of Chinese, or of one that a Chinese list is not written in. Signs tell nothing."""
    return char.isalpha() and not (char < _GREEK or "\uff00" <= char <= "\uffef")


def _unsure(path: Path, opened: Open) -> ListError:
    """What to say of a file whose encoding can't be told: the line that breaks UTF-8, or how a cell reads in what it may be."""
    well = 0
    broken: list[int] = []
    cells: list[tuple[int, bytes]] = []
    lines = b""
    with opened() as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                well += 1
            except UnicodeDecodeError:
                broken.append(number)
            if len(cells) < _MOST_CELLS:
                cells += ((number, cell) for cell in _CELL.findall(line))
                lines += line
    if well > len(broken):
        return ListError("utf8_damaged", path=path, line=broken[0])
    number, cell = cells[0]
    text = b"\n".join(cell for _, cell in cells)
    latin = len(_ACCENTED.findall(text)) > len(_OTHER_RUN.findall(text))
    readings: dict[str, str] = {}
    names = _LATIN if latin else _OTHERS
    for name in [name for name in names if _can_be(lines, name)] or names:
        readings.setdefault(_reading(cell, name), name)
    shown = readings.items() if latin else sorted(readings.items(), key=lambda reading: reading[1] != GUESSED)
    spoken = "; ".join(f"--encoding {name}: '{text}'" for text, name in shown if text)
    if not spoken:
        return ListError("bytes_of_no_text", path=path, line=number)
    return ListError("encoding_unsure", path=path, line=number, readings=spoken)


def _can_be(lines: bytes, encoding: str) -> bool:
    """Whether all lines that were looked at can be in an encoding: what is offered for the first must do for the others."""
    try:
        lines.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _reading(cell: bytes, encoding: str) -> str:
    """A cell as it reads in an encoding; nothing where it can't be that."""
    try:
        text = " ".join(cell.decode(encoding).split())
    except UnicodeDecodeError:
        return ""
    return "" if _NONSENSE.search(text) else shortened(text, LONGEST_SAMPLE)
