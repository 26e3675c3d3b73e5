"""What calamine does not tell of an ``.xlsx``: which rows are hidden, which formulas have no value, how numbers are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from batch_sms.sheets.marks import Marks
from batch_sms.sheets.number_formats import BUILT_IN_FORMATS, changes
from batch_sms.sheets.packages import BrokenPackageError, Package
from batch_sms.sheets.sheet_xml import SheetScan

_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)(?:\s[^>]*)?>")


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
    styles = styles_part(package)
    formats = _formats(package.tree(styles)) if styles is not None else None
    return SheetScan(formats, uncomputed=_is_uncomputed(book)).of(package.blocks(part))


def styles_part(package: Package) -> str | None:
    """The part that holds the formats of an ``.xlsx`` or an ``.xlsb``."""
    targets = package.targets(main_part(package)).values()
    return next((name for kind, name in targets if kind == "styles" and package.has(name)), None)


def is_filled(package: Package, sheet: str) -> bool:
    """Whether the first block of a sheet has a value."""
    main = main_part(package)
    book, targets = package.tree(main), package.targets(main)
    kind, part = next((targets[rel] for name, rel in _sheets(book) if name == sheet and rel in targets), ("", ""))
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
    """Style number → number format, for those that may change what a person sees of a number."""
    codes = dict(BUILT_IN_FORMATS)
    for element in styles.iter():
        if _local(element) == "numFmt" and element.get("numFmtId", "").isdecimal():
            codes[int(element.get("numFmtId", ""))] = element.get("formatCode", "")
    found = {}
    for cell_formats in (element for element in styles if _local(element) == "cellXfs"):
        for number, element in enumerate(child for child in cell_formats if _local(child) == "xf"):
            code = codes.get(int(element.get("numFmtId", "0")) if element.get("numFmtId", "0").isdecimal() else 0, "")
            if changes(code):
                found[str(number).encode()] = code
    return found


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
