"""What calamine does not tell of an ``.xlsx``: which rows are hidden, which formulas have no value, how numbers are shown.

The XML of a sheet is looked through with patterns, block by block, and not parsed: that would take longer than all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from batch_sms.model import Flaw
from batch_sms.sheets.cells import BUILT_IN_FORMATS, NO_VALUE, is_scientific, shape_of
from batch_sms.sheets.marks import Marks
from batch_sms.sheets.packages import LARGEST_PART, BrokenPackageError, HugePackageError, Package

_TRUE = (b"1", b"true")
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)(?:\s[^>]*)?>")
_LETTERS = 26


def main_part(package: Package) -> str:
    """The part that names the sheets, which the package's own relationships tell."""
    for kind, name in package.targets("").values():
        if kind == "officeDocument" and package.has(name):
            return name
    raise BrokenPackageError("no workbook in it")


def scan(package: Package, sheet: str) -> Marks:
    """Look through one sheet of an ``.xlsx``, named as in the workbook."""
    main = main_part(package)
    book, targets = package.tree(main), package.targets(main)
    part = next((targets[rel][1] for name, rel in _sheets(book) if name == sheet and rel in targets), None)
    if part is None:
        raise BrokenPackageError(f"no part for sheet {sheet}")
    for kind, name in targets.values():
        if kind == "sharedStrings" and package.has(name):
            package.prove(name)
    styles = next((name for kind, name in targets.values() if kind == "styles" and package.has(name)), None)
    formats = _formats(package.tree(styles)) if styles is not None else {}
    return _Scan(formats, uncomputed=_is_uncomputed(book)).of(package.blocks(part))


def filled_beside(package: Package, sheet: str) -> list[str]:
    """The other sheets of an ``.xlsx`` that a person sees and that have something in them."""
    main = main_part(package)
    book, targets = package.tree(main), package.targets(main)
    hidden = {element.get("name") for element in book.iter() if element.get("state", "visible") != "visible"}
    return [
        name
        for name, rel in _sheets(book)
        if name != sheet and name not in hidden and rel in targets and _is_filled(package, *targets[rel])
    ]


def _is_filled(package: Package, kind: str, part: str) -> bool:
    """Whether the first block of a sheet has a value."""
    if kind != "worksheet" or not package.has(part):
        return False
    return _VALUE.search(next(package.blocks(part), b"")) is not None


def _sheets(book: Element) -> Iterator[tuple[str, str]]:
    for element in book.iter():
        if _local(element) == "sheet":
            rel = next((value for key, value in element.items() if key.endswith("}id")), "")
            yield element.get("name", ""), rel


def _is_uncomputed(book: Element) -> bool:
    """Whether the program that wrote the file left its formulas to be computed when a spreadsheet opens it."""
    return any(_local(element) == "calcPr" and element.get("fullCalcOnLoad") in {"1", "true"} for element in book)


def _formats(styles: Element) -> dict[bytes, str]:
    """Style number → number format, for those that change what a person sees of a number."""
    codes = dict(BUILT_IN_FORMATS)
    for element in styles.iter():
        if _local(element) == "numFmt" and element.get("numFmtId", "").isdecimal():
            codes[int(element.get("numFmtId", ""))] = element.get("formatCode", "")
    found = {}
    for cell_formats in (element for element in styles if _local(element) == "cellXfs"):
        for number, element in enumerate(child for child in cell_formats if _local(child) == "xf"):
            code = codes.get(int(element.get("numFmtId", "0")) if element.get("numFmtId", "0").isdecimal() else 0, "")
            if is_scientific(code) or shape_of(code) is not None:
                found[str(number).encode()] = code
    return found


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


class _Scan:
    """One look through the XML of one sheet, with the patterns for its namespace prefix."""

    def __init__(self, formats: dict[bytes, str], *, uncomputed: bool) -> None:
        self._codes = formats
        self._uncomputed = uncomputed
        self._marks = Marks()
        self._row = self._column = 0
        self._counts = False

    def of(self, blocks: Iterator[bytes]) -> Marks:
        """The sheet's marks."""
        last = b""
        for chunk in self._chunks(blocks):
            self._look(chunk)
            last = chunk
        for left, top, right, bottom in self._merges.findall(
            _SINGLE_QUOTED.sub(rb'="\1"', _SPACED.sub(rb"=\1", last))
        ):  # they stand behind all rows
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
        first = re.search(rb"<" + prefix + rb"c(\s[^>]*|/?)>", head)
        self._counts = first is not None and not re.search(rb"\sr=", first[1])
        tag = {name: b"<" + prefix + name for name in (b"row", b"c", b"f", b"v", b"mergeCell")}
        end = b"</" + prefix
        self._formula = tag[b"f"]
        self._rows = re.compile(tag[b"row"] + rb"(\s[^>]*)>")
        self._cells = re.compile(tag[b"c"] + rb"(?=[\s/>])")
        self._tags = re.compile(b"(" + tag[b"row"] + b"|" + tag[b"c"] + rb")(?=[\s/>])([^>]*)")
        self._filled = re.compile(tag[b"c"] + rb"\s[^>]*?r=[\"']([A-Za-z]{1,4})(\d{1,10})(?![^>]*/>)[^>]*>(?!\s*</)")
        self._merges = re.compile(tag[b"mergeCell"] + rb"\s[^>]*?ref=\"([A-Z]+)(\d+):([A-Z]+)(\d+)\"")
        value = b"(?:" + tag[b"v"] + rb"[^>]*/>|" + tag[b"v"] + rb"(?:\s[^>]*)?>([^<]*)" + end + b"v>)?"
        formula = tag[b"f"] + rb"(?:\s[^>]*)?(?:/>|>[^<]*" + end + b"f>)"
        self._formulas = re.compile(tag[b"c"] + rb"(\s[^>]*)>\s*" + formula + rb"\s*" + value)
        self._errors = re.compile(
            tag[b"c"] + rb"(\s[^>]*\bt=\"e\"[^>]*)>(?:\s*" + formula + rb")?\s*" + value,
        )
        self._styled = None
        if self._codes:
            styles = b"|".join(self._codes)
            self._styled = re.compile(tag[b"c"] + rb"(\s[^>]*\bs=\"(" + styles + rb")\"[^>]*)>")
        return head

    def _look(self, chunk: bytes) -> None:
        if b"='" in chunk or b" =" in chunk or b"= " in chunk:
            chunk = _SINGLE_QUOTED.sub(rb'="\1"', _SPACED.sub(rb"=\1", chunk))
        if self._counts:
            chunk = self._tags.sub(self._placed, chunk)
        self._measure(chunk)
        if _HIDDEN.search(chunk):
            self._look_at_rows(chunk)
        if self._formula in chunk:
            self._look_at_formulas(chunk)
        if b't="e"' in chunk:
            for attributes, value in self._errors.findall(chunk):
                row, column = _place(attributes)
                self._marks.errors[row][column] = value.decode("utf-8", "replace") or "#N/A"
        if self._styled is not None:
            for attributes, style in self._styled.findall(chunk):
                row, column = _place(attributes)
                self._marks.formats[row][column] = self._codes[style]

    def _measure(self, chunk: bytes) -> None:
        """Take the size of what is filled. Where all columns are A to Z and all rows below a million, nothing has to be counted."""
        if not _FAR.search(chunk):
            return
        filled = self._filled.findall(chunk)
        columns = max(map(_column, {column for column, _ in filled}), default=0)
        rows = max(map(int, {row for _, row in filled}), default=0)
        self._marks.grow(rows, columns)

    def _look_at_rows(self, chunk: bytes) -> None:
        for match in self._rows.finditer(chunk):
            if _attribute(match[1], b"hidden") in _TRUE:
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

    def _placed(self, match: re.Match[bytes]) -> bytes:
        """A tag with the place that it leaves to be counted."""
        name, attributes = match[1], match[2]
        if name == self._row_start:
            given = _attribute(attributes, b"r")
            self._row = int(given) if given is not None and given.isdigit() else self._row + 1
            self._column = 0
            return match[0] if given is not None else b'%b r="%d"%b' % (name, self._row, attributes)
        given = _attribute(attributes, b"r")
        if given is not None:
            self._column = _place(attributes)[1] + 1
            return match[0]
        self._column += 1
        return b'%b r="%b%d"%b' % (name, _letters(self._column), self._row, attributes)


_FAR = re.compile(rb"r=[\"'][A-Za-z](?:[A-Za-z]|\d{7})")
_SPACED = re.compile(rb"\s*=\s*([\"'])")
_SINGLE_QUOTED = re.compile(rb"='([^'<>\"]*)'")
_HIDDEN = re.compile(rb'hidden="[1t]')
_PLACE = re.compile(rb'\sr="([A-Za-z]{1,3})(\d{1,7})"')


def _attribute(attributes: bytes, name: bytes) -> bytes | None:
    match = re.search(rb"\s" + name + rb'="([^"]*)"', attributes)
    return match[1] if match else None


def _place(attributes: bytes) -> tuple[int, int]:
    match = _PLACE.search(attributes)
    return (int(match[2]), _column(match[1])) if match else (0, 0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _letters(number: int) -> bytes:
    letters = b""
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        letters = bytes([rest + ord("A")]) + letters
    return letters
