"""A workbook's cells as the text that a person sees there, as far as that is certain, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from batch_sms.model import Flaw

NO_VALUE = "check.FORMULA"
MERGED = "check.MERGED"
_ERROR = "check.CELL_ERROR"
_ROUNDED = "check.NUMBER_ROUNDED"
_LONG = "check.NUMBER_LONG"
_SHOWN = "check.NUMBER_SHOWN"

SURE_DIGITS = 1e15
"""A spreadsheet keeps 15 digits of a number; beyond that the last ones are made up."""
SHORT_NUMBER = 10_000
"""A number of fewer digits is no phone."""
LONG_NUMBER = 10_000_000
_ROUND_NUMBER = 100_000
"""A number of eight digits or more that ends in five zeros or more looks rounded."""

_ENGLISH = (
    *("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"),
    *("#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA"),
)
_OTHERS = ("#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#VALEUR!", "#NOM?", "#NOMBRE!", "#¡VALOR!", "#¡REF!", "#¿NOMBRE?")
_LIBREOFFICE = tuple(f"Err:{number}" for number in range(501, 541))
_TOO_NARROW = tuple("#" * count for count in range(3, 65))
ERRORS = frozenset((*_ENGLISH, *_OTHERS, *_LIBREOFFICE, *_TOO_NARROW))
"""Whole cells that are a spreadsheet's error, or what a column too narrow for its numbers leaves in an export."""

_ERROR_NUMBERS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
BUILT_IN_FORMATS = {1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 48: "##0.0E+0"}
"""The number formats that files name by number alone, as far as they change what a person sees (ECMA-376, 18.8.30)."""

Shape = Callable[[float], str]
"""How a number format shows a number."""


def cell_text(cell: Any) -> str:
    """A value as text: no ``.0`` on whole numbers, 15 digits of others, ISO dates."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < SURE_DIGITS else f"{cell:.15g}"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    return str(cell)


def frame_text(value: Any) -> str:
    """A value of a pandas frame as text, a missing one as nothing."""
    try:
        missing = value is None or bool(value != value)  # noqa: PLR0124 (NaN and NaT are what does not equal itself)
    except TypeError:  # NA is neither equal nor unequal
        missing = True
    return "" if missing else cell_text(value)


def looks_rounded(number: float) -> bool:
    """Whether a number is as long as a phone number and ends as one that lost its digits."""
    return abs(number) >= LONG_NUMBER and number % _ROUND_NUMBER == 0


def rounded(index: int, text: str) -> Flaw:
    """The flaw of a number whose digits may be lost: a problem where it is a phone."""
    return Flaw(_ROUNDED, index, {"cell": text})


def is_too_long(number: float) -> bool:
    """Whether a number has more digits than a spreadsheet keeps: the last ones are made up."""
    return abs(number) >= SURE_DIGITS


def too_long(index: int, text: str) -> Flaw:
    """The flaw of a number that is too long, wherever it is used."""
    return Flaw(_LONG, index, {"cell": text})


def shown_otherwise(index: int, number: float, shown: str) -> Flaw:
    """The flaw of a number that a person sees as another one: a problem where it is a phone."""
    return Flaw(_SHOWN, index, {"cell": cell_text(float(number)), "shown": shown})


def hides_digits(number: float, shown: str) -> bool:
    """Whether a text shows fewer digits behind the point than the number has."""
    if not abs(number) < SURE_DIGITS or float(number).is_integer():
        return False
    try:
        return float(shown) != number
    except ValueError:  # a percent sign, or text between the digits
        decimals = shown.rstrip("%").rpartition(".")[2] if "." in shown else ""
        exact = Decimal(repr(float(number))) * (100 if shown.endswith("%") else 1)
        return bool(exact % Decimal(1).scaleb(-len(decimals)))


def number_flaws(index: int, number: float, text: str) -> tuple[Flaw, ...]:
    """What is wrong with a number by itself, without regard to its format."""
    if is_too_long(number):
        return (too_long(index, text),)
    return (rounded(index, text),) if looks_rounded(number) else ()


def error(index: int, text: str) -> Flaw:
    """The flaw of a cell that holds an error."""
    return Flaw(_ERROR, index, {"cell": text or "#"})


def error_text(number: int) -> str:
    """The error that a binary workbook names by its number."""
    return _ERROR_NUMBERS.get(number, "#N/A")


def error_flaws(cells: Sequence[str]) -> tuple[Flaw, ...]:
    """The flaws of cells whose text is a spreadsheet's error."""
    if ERRORS.isdisjoint(cells):
        return ()
    return tuple(error(index, cell) for index, cell in enumerate(cells) if cell in ERRORS)


def place(row: int, column: int) -> str:
    """A cell's name as spreadsheets write it: row 2 and column index 0 are ``A2``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


_WHOLE = re.compile(r"[0#]+")
_LITERAL = re.compile(r'\\(.)|"([^"]*)"|_.|([-+() /])')
_SPACE = re.compile(r"_.")
_DECIMAL = re.compile(r"#*(0*)(?:\.(0+))?(%?)")


@cache
def is_scientific(code: str) -> bool:
    """Whether a number format shows powers of ten, which hides digits."""
    return bool(re.search(r"[0#?]E[+-]", _first_section(code), re.IGNORECASE))


@cache
def shape_of(code: str) -> Shape | None:
    """How a number format shows a number that is not negative, where any program shows it so; else nothing.

    Known are zeros in front (``00000000``), text between and around the digits (``+0``, ``000-0000-0000``), fixed decimals and
    percents. Separators of thousands and currencies are not: they look different on other machines.
    """
    section = _first_section(code)
    match = _DECIMAL.fullmatch(_SPACE.sub("", section).strip())
    if match and (match[1] or match[2]):
        return _decimal_shape(match[1], match[2] or "", match[3])
    return _digit_shape(section)


def shows_whole_numbers_plainly(code: str) -> bool:
    """Whether a number format changes nothing of a whole number that is not negative."""
    shape = shape_of(code)
    return shape is not None and all(shape(number) == str(number) for number in (0, 7, 10**14))


def shown(value: float, code: str) -> str:
    """A number as its format shows it, where that is certain; else as it is."""
    shape = shape_of(code)
    return shape(value) if shape is not None and 0 <= value < SURE_DIGITS else cell_text(float(value))


def _first_section(code: str) -> str:
    return re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code, maxsplit=1)[0]


def _decimal_shape(whole: str, decimals: str, percent: str) -> Shape:
    width, count, step = len(whole), len(decimals), Decimal(1).scaleb(-len(decimals))

    def show(value: float) -> str:
        left, _, right = repr(float(value)).removesuffix(".0").partition(".")
        if percent or len(right) > count or "e" in left + right:
            number = Decimal(repr(float(value))) * (100 if percent else 1)
            left, _, right = f"{number.quantize(step, ROUND_HALF_UP):f}".partition(".")
        left = left.rjust(width, "0") if left != "0" or width else ""
        return f"{left}.{right.ljust(count, '0')}{percent}" if count else f"{left}{percent}"

    return show


def _digit_shape(section: str) -> Shape | None:
    """A format of digits and literal text alone, filled from its right end as spreadsheets do."""
    pieces: list[tuple[str, bool]] = []
    position = 0
    while position < len(section):
        if match := _WHOLE.match(section, position):
            pieces += [(char, True) for char in match[0]]
        elif match := _LITERAL.match(section, position):
            pieces.append((match[1] or match[2] or match[3] or "", False))
        else:
            return None
        position = match.end()
    if not any(is_digit for _, is_digit in pieces):
        return None

    def show(value: float) -> str:
        digits = str(int(Decimal(repr(float(value))).quantize(Decimal(1), ROUND_HALF_UP)))
        left, made = list(digits if digits != "0" else ""), []
        first = next(index for index, piece in enumerate(pieces) if piece[1])
        for index in range(len(pieces) - 1, -1, -1):
            char, is_digit = pieces[index]
            if not is_digit:
                made.append(char[::-1])
            elif index == first:
                made.append("".join(reversed(left)) or "0" * (char == "0"))
            else:
                made.append(left.pop() if left else "0" * (char == "0"))
        return "".join(made)[::-1].strip()

    return show
