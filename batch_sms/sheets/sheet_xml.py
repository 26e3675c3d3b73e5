"""The XML of one sheet of an ``.xlsx``: hidden rows, merged cells, errors, formulas without a value, formats of numbers.

It is looked through with patterns, block by block, and not parsed: that would take longer than all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from batch_sms.model import Flaw
from batch_sms.sheets.cells import NO_VALUE
from batch_sms.sheets.marks import LEAST_HEIGHT, Marks
from batch_sms.sheets.number_formats import shows_texts_plainly, shows_whole_numbers_plainly
from batch_sms.sheets.packages import LARGEST_PART, BrokenPackageError, HugePackageError

_TRUE = (b"1", b"true")
_LETTERS = 26
_LONGEST_NUMBER = 12
"""No sheet has rows with longer numbers, and Python refuses to read very long ones."""
_ENOUGH = 4_000
"""So many bytes show how a program writes its attributes: none changes its ways between two rows."""


class SheetScan:
    """One look through the XML of one sheet, with the patterns for its namespace prefix.

    ``formats`` are the styles (by number, as written) whose formats change what is seen of a number, None where the file has no
    styles; ``uncomputed`` is whether the formulas wait to be computed when the file is opened.
    """

    def __init__(self, formats: dict[bytes, str] | None, *, uncomputed: bool) -> None:
        self._codes = formats or {}
        self._has_styles = formats is not None
        self._uncomputed = uncomputed
        self._marks = Marks()
        self._row = self._column = 0

    def of(self, blocks: Iterator[bytes]) -> Marks:
        """The sheet's marks. Raises BrokenPackageError, HugePackageError."""
        last = b""
        for chunk in self._chunks(blocks):
            self._look(chunk)
            last = chunk
        for left, top, right, bottom in self._merges.findall(_plain(last)):  # they stand behind all rows
            self._marks.merged.append((int(top), _column(left), int(bottom), _column(right)))
        return self._marks

    def _chunks(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The XML in pieces that end where a row begins."""
        kept, start = b"", b""
        for block in blocks:
            kept += block
            if not start:
                if b"<sheetData" not in kept and b":sheetData" not in kept and len(kept) < LARGEST_PART:
                    continue
                start = self._prepared(kept)
            cut = kept.rfind(self._row_start)
            if cut > 0:
                yield kept[:cut]
                kept = kept[cut:]
            elif len(kept) > LARGEST_PART:
                raise HugePackageError("one row")
        if not start:
            self._prepared(kept)
        yield kept

    def _prepared(self, head: bytes) -> bytes:
        """Make the patterns, by the way this file is written: namespace prefix, cells that name their place."""
        if b"<!DOCTYPE" in head or b"\0" in head[:_LETTERS]:
            raise BrokenPackageError("entities")
        root = re.search(rb"<(?:(\w+):)?worksheet[\s>]", head)
        prefix = root[1] + b":" if root and root[1] else b""
        self._row_start = b"<" + prefix + b"row"
        tag = {name: b"<" + prefix + name for name in (b"row", b"c", b"f", b"v", b"mergeCell")}
        end = b"</" + prefix
        self._formula = tag[b"f"]
        self._rows = re.compile(tag[b"row"] + rb"(\s[^>]*)>")
        self._tags = re.compile(b"(" + tag[b"row"] + b"|" + tag[b"c"] + rb")(?=[\s/>])([^>]*)")
        self._other_place = re.compile(tag[b"c"] + rb"(?! r=\"[A-Z]\d{1,6}\")(?=[\s/>])")
        self._any_style = re.compile(tag[b"c"] + rb"\s(?:[^>]*\s)?s=\"0*[1-9]")
        self._without_place = re.compile(tag[b"c"] + rb"(?=[\s/>])(?![^>]*\sr=)")
        attribute = rb"(?:\s+[\w:]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*"
        self._empty = re.compile(tag[b"c"] + attribute + rb"\s*(?:/>|>\s*" + end + rb"c\s*>)")
        self._merges = re.compile(tag[b"mergeCell"] + rb"\s[^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
        value = b"(?:" + tag[b"v"] + rb"[^>]*/>|" + tag[b"v"] + rb"(?:\s[^>]*)?>([^<]*)" + end + b"v>)?"
        formula = tag[b"f"] + rb"(?:\s[^>]*)?(?:/>|>[^<]*" + end + b"f>)"
        self._formulas = re.compile(tag[b"c"] + rb"(\s[^>]*)>\s*" + formula + rb"\s*" + value)
        self._errors = re.compile(
            tag[b"c"] + rb"(\s[^>]*\bt=\"e\"[^>]*)>(?:\s*" + formula + rb")?\s*" + value,
        )
        fraction = rb"\s*(?:" + formula + rb"\s*)?" + tag[b"v"] + rb"[^>]*>[^<]*[.eE]"
        plain = {style for style, code in self._codes.items() if shows_whole_numbers_plainly(code)}
        chosen = ((self._codes.keys() - plain, b""), (plain, fraction))
        numbers = (_Styled(tag[b"c"], styles, _NUMBER, value) for styles, value in chosen if styles)
        odd = {style for style, code in self._codes.items() if not shows_texts_plainly(code)}
        self._styled = (*numbers, *([_Styled(tag[b"c"], odd, _TEXT, b"")] if odd else []))
        return head

    def _look(self, chunk: bytes) -> None:
        if _ODD.search(chunk, 0, _ENOUGH):
            chunk = _plain(chunk)
        if self._other_place.search(chunk) or _SECOND_PLACE in chunk:
            chunk = self._placed_and_measured(chunk)
        if self._formula in chunk:
            self._look_at_formulas(chunk)
        if _ERROR in chunk:
            self._look_at_errors(chunk)
        if not self._has_styles and self._any_style.search(chunk):
            raise BrokenPackageError("its styles are missing")
        self._row = self._last_row(chunk)
        if _HIDDEN.search(chunk) or b'ht="0' in chunk:
            self._look_at_rows(chunk)
        for styled in self._styled:
            for letters, number, style in styled.numbers_in(chunk):
                self._marks.put_format(int(number), _column(letters), self._codes[style])

    def _placed_and_measured(self, chunk: bytes) -> bytes:
        """Look at cells that are not all in columns A to Z and above row a million, or leave their places to be counted.

        Gives the piece with those places.
        """
        if self._without_place.search(chunk):
            chunk = self._tags.sub(self._placed, chunk)
        if _FAR.search(chunk):
            self._measure(chunk)
        return chunk

    def _measure(self, chunk: bytes) -> None:
        """Take the size of what is filled, before calamine makes room for it."""
        places = _ANY_PLACE.findall(self._empty.sub(b"", chunk))
        columns = max(map(_column, {letters for letters, _ in places}), default=0)
        rows = max((int(number[:_LONGEST_NUMBER]) for number in {number for _, number in places}), default=0)
        self._marks.grow(rows, columns)

    def _last_row(self, chunk: bytes) -> int:
        """The number of the last row in a piece: it is counted on from there where the next ones have none."""
        last = self._rows.match(chunk, chunk.rfind(self._row_start))
        number = _attribute(last[1], b"r") if last else None
        return int(number[:_LONGEST_NUMBER]) if number is not None and number.isdigit() else self._row

    def _look_at_rows(self, chunk: bytes) -> None:
        for match in self._rows.finditer(chunk):
            if _is_hidden(match[1]):
                number = _attribute(match[1], b"r")
                first = _PLACE.search(chunk, match.end())  # a row may leave its number to its cells
                if number is not None and number.isdigit():
                    self._marks.hidden.add(int(number))
                elif number is None and first is not None:
                    self._marks.hidden.add(int(first[2]))

    def _look_at_formulas(self, chunk: bytes) -> None:
        """A formula that gives an empty text has a value; one that nobody computed has none, or a zero as a stopgap."""
        for match in self._formulas.finditer(chunk):
            value = (match[2] or b"").strip()
            is_text = _attribute(match[1], b"t") in {b"str", b"s"}
            if (not value and not is_text) or (self._uncomputed and value == b"0"):
                row, column = _place(match[1])
                self._marks.flaws[row].append(Flaw(NO_VALUE, column))

    def _look_at_errors(self, chunk: bytes) -> None:
        for attributes, value in self._errors.findall(chunk):
            row, column = _place(attributes)
            self._marks.errors[row][column] = value.decode("utf-8", "replace") or "#N/A"

    def _placed(self, match: re.Match[bytes]) -> bytes:
        """A tag with the place that it leaves to be counted."""
        name, attributes = match[1], match[2]
        if name == self._row_start:
            given = _attribute(attributes, b"r")
            self._row = int(given[:_LONGEST_NUMBER]) if given is not None and given.isdigit() else self._row + 1
            self._column = 0
            return match[0] if given is not None else b'%b r="%d"%b' % (name, self._row, attributes)
        given = _attribute(attributes, b"r")
        if given is not None:
            self._column = _place(attributes)[1] + 1
            return match[0]
        self._column += 1
        return b'%b r="%b%d"%b' % (name, _letters(self._column), self._row, attributes)


_NUMBER, _TEXT = rb"(?!{0}t=\"[^n])", rb"(?={0}t=\"(?:s|str|inlineStr)\")"
"""What cells of numbers and of texts have, or have not, behind what stands for the braces."""


class _Styled:
    """The numbers, or the texts, of some styles (``kind``).

    ``value`` is a pattern for what must be in them: a fraction, where all else is shown as it is.
    """

    def __init__(self, cell: bytes, styles: Iterable[bytes], kind: bytes, value: bytes) -> None:
        style = rb"s=\"(" + b"|".join(sorted(styles)) + rb")\""
        number = kind.replace(b"{0}", b" ") + rb"[^>]*>" + value
        self._any = re.compile(b" " + style + number)
        self._in_order = re.compile(cell + rb" r=\"([A-Z]{1,3})(\d{1,7})\" " + style + number)
        self._anyhow = re.compile(
            cell
            + rb"(?=\s[^>]*?\br=\"([A-Za-z]{1,3})(\d{1,7})\")(?=\s[^>]*?\b"
            + style
            + rb")"
            + kind.replace(b"{0}", rb"\s(?:[^>]*\s)?")
            + rb"[^>]*>"
            + value
        )

    def numbers_in(self, chunk: bytes) -> list[tuple[bytes, bytes, bytes]]:
        """Column, row and style of each. Nearly all programs write these attributes in one order, which is quicker to find."""
        if not self._any.search(chunk):
            return []
        return self._in_order.findall(chunk) or self._anyhow.findall(chunk)


_ERROR = b't="e"'
_SECOND_PLACE = b'" r="'
"""Two places of one cell, of which calamine takes the second; or attributes in another order."""
_FAR = re.compile(rb"r\s*=\s*[\"'][A-Za-z](?:[A-Za-z]|\d{7})")
_ANY_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)(\d+)")
_ODD = re.compile(rb"<[^<>]*(?:='|\s=|=\s)")
_SPACED = re.compile(rb"\s*=\s*([\"'])")
_SINGLE_QUOTED = re.compile(rb"='([^'<>\"]*)'")
_HIDDEN = re.compile(rb'hidden="[1t]')
_PLACE = re.compile(rb'\sr="([A-Za-z]{1,3})(\d{1,7})"')


def _plain(chunk: bytes) -> bytes:
    """The XML with its attributes written as nearly everybody writes them: ``name="value"``."""
    return _SINGLE_QUOTED.sub(rb'="\1"', _SPACED.sub(rb"=\1", chunk))


def _attribute(attributes: bytes, name: bytes) -> bytes | None:
    match = re.search(rb"\s" + name + rb'="([^"]*)"', attributes)
    return match[1] if match else None


def _is_hidden(row: bytes) -> bool:
    """Whether a row is hidden, or so low that nothing of it is seen.

    Some programs compute a height anew where nobody set it; others show the row as it is written, and then nobody sees it. Rows
    are never hidden by ``zeroHeight``: in Excel and in LibreOffice it is for those alone that the file leaves out.
    """
    if _attribute(row, b"hidden") in _TRUE:
        return True
    height = _attribute(row, b"ht")
    try:
        return height is not None and 0 <= float(height) < LEAST_HEIGHT
    except ValueError:
        return False


def _place(attributes: bytes) -> tuple[int, int]:
    match = _PLACE.search(attributes)
    return (int(match[2]), _column(match[1])) if match else (0, 0)


@lru_cache(maxsize=20_000)
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters[:_LONGEST_NUMBER].upper():
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _letters(number: int) -> bytes:
    letters = b""
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = bytes([rest + ord("A")]) + letters
    return letters
