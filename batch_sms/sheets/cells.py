"""A workbook's cells as the text that a person sees there, as far as that is certain, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

from batch_sms.model import Flaw

NO_VALUE = "check.FORMULA"
MERGED = "check.MERGED"
_FIELDS = "check.CELLS"
_ERROR = "check.CELL_ERROR"
_ROUNDED = "check.NUMBER_ROUNDED"
_LONG = "check.NUMBER_LONG"
_SHOWN = "check.NUMBER_SHOWN"
_FORMAT = "check.NUMBER_FORMAT"
_OTHERWISE = "warn.NUMBER_SHOWN"
_IN_PART = "warn.DATE_SHOWN"
_TIME = "warn.TIME_SHOWN"
_DATE = "check.PHONE_DATE"

SURE_DIGITS = 1e15
"""A spreadsheet keeps 15 digits of a number; beyond that the last ones are made up."""
EXACT, MOST_DECIMALS = Context(prec=60), 30
"""Enough for every number that is sure, with as many decimals as any format shows."""
SHORT_NUMBER = 10_000
"""A number of fewer digits is no phone."""
LONG_NUMBER = 10_000_000
_LONGEST_NUMBER = 1e20
"""No card, order or id has so many digits: a greater number is told by its power of ten."""
_ROUND_NUMBER = 100_000
"""A number of eight digits or more that ends in five zeros or more looks rounded."""

CURRENCY = re.compile(r"(?:(?<![A-Za-z])[A-Z]{1,3})?[$¢-¥֏؋฿₠-⃏﷼＄￠￡￥￦]")
"""A currency's sign, with the letters before it: ``HK$``."""
_WIDEST_GENERAL = 11
"""Characters of a number without a format, in a cell that is wide enough; LibreOffice shows more."""

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


def cell_text(cell: Any) -> str:
    """A value as text: no ``.0`` on whole numbers, 15 digits of others without powers of ten, ISO dates."""
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < SURE_DIGITS:
            return str(int(cell))
        text = f"{cell:.15g}"
        return f"{Decimal(text):f}" if "e-" in text else text
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


def may_be_shortened(number: float) -> bool:
    """Whether a number that is shown in powers of ten may have come so: what was written with fewer digits ends in 0."""
    return not float(number).is_integer() or number % 10 == 0


def rounded(index: int, text: str) -> Flaw:
    """The flaw of a number whose digits may be lost: a problem where it is a phone."""
    return Flaw(_ROUNDED, index, {"cell": text})


def is_too_long(number: float) -> bool:
    """Whether a number has more digits than a spreadsheet keeps: the last ones are made up."""
    return abs(number) >= SURE_DIGITS


def long_text(number: float) -> str:
    """A number that is too long, with a 0 for each digit that is made up; with a power of ten where it is longer than any code."""
    text = f"{number:.15g}"
    return f"{Decimal(text):f}" if abs(number) < _LONGEST_NUMBER else text


def too_long(index: int, text: str) -> Flaw:
    """The flaw of a number that is too long, wherever it is used."""
    return Flaw(_LONG, index, {"cell": text})


def shown_otherwise(index: int, number: float, shown: str) -> Flaw:
    """The flaw of a number that a person sees as another one: a problem where it is a phone."""
    return Flaw(_SHOWN, index, {"cell": cell_text(float(number)), "shown": shown})


def shown_as_money(index: int, number: float, sent: str, shown: str) -> tuple[Flaw, ...]:
    """The same of a number that is shown with a currency, which is not ``sent``: an amount, though a phone has such digits."""
    signs = {char for char in shown if char.isalpha() or unicodedata.category(char) == "Sc"}
    return (shown_otherwise(index, number, shown),) if number >= SHORT_NUMBER and signs - set(sent) else ()


def not_as_shown(index: int, value: float | str, shown: str) -> Flaw:
    """The flaw of a cell whose format shows something else than its value, wherever it is used.

    ``shown`` is what a person sees there, or the format where that can't be told.
    """
    return Flaw(_FORMAT, index, {"cell": value if isinstance(value, str) else cell_text(float(value)), "shown": shown})


def sent_otherwise(index: int, sent: str, shown: str) -> Flaw:
    """What is no fault, but to be seen before sending: a number looks otherwise in its cell, by more than its decimal sign."""
    return Flaw(_OTHERWISE, index, {"cell": sent, "shown": shown})


def shown_in_part(index: int, sent: str, shown: str) -> Flaw:
    """The same of a date of which the cell shows a part alone, as each machine writes it in its own language."""
    return Flaw(_IN_PART, index, {"cell": sent, "shown": shown})


def time_otherwise(index: int, sent: str, shown: str) -> Flaw:
    """The same of a time that looks otherwise than ``18:30``, by more than halves of the day."""
    return Flaw(_TIME, index, {"cell": sent, "shown": shown})


def as_seen(index: int, text: str, iso: str) -> tuple[Flaw, ...]:
    """The flaw of a date that goes out as it is seen: a problem where it is a phone, which ``20260301`` might pass for."""
    return () if text == iso else (Flaw(_DATE, index, {"cell": text}),)


def shown_without_format(number: float, text: str) -> str:
    """A number as a cell without a format shows it where ``text``, all of its digits, has no room there; else nothing."""
    if len(text.lstrip("-")) <= _WIDEST_GENERAL or is_too_long(number):
        return ""
    whole, _, decimals = text.lstrip("-").partition(".")
    if "e" in text or not decimals or len(whole) >= _WIDEST_GENERAL - 1:
        return f"{number:.5E}" if len(whole) > _WIDEST_GENERAL or "e" in text else f"{number:.0f}"
    return f"{number:.{_WIDEST_GENERAL - 1 - len(whole)}f}".rstrip("0")


def moment_text(value: datetime | time | timedelta, parts: str) -> str:
    """A date, a time or a span in ISO order, with the parts that its cell shows (``parts_shown``)."""
    seconds = "s" in parts
    if isinstance(value, timedelta):
        whole = round(value.total_seconds())
        hours, minutes, rest = abs(whole) // 3600, abs(whole) // 60 % 60, abs(whole) % 60
        return f"{'-' * (whole < 0)}{hours:02}:{minutes:02}{f':{rest:02}' if seconds else ''}"
    if isinstance(value, time):
        return value.isoformat("seconds" if seconds else "minutes")
    if not parts.strip("d"):
        return value.date().isoformat()
    text = value.isoformat(" ", "seconds" if seconds else "minutes")
    return text if "d" in parts else text.partition(" ")[2]


def hides_digits(number: float, shown: str) -> bool:
    """Whether a text shows fewer digits behind the point than the number has."""
    if not abs(number) < SURE_DIGITS or float(number).is_integer():
        return False
    try:
        return float(shown) != number
    except ValueError:  # a percent sign, or text between the digits
        decimals = shown.rstrip("%").rpartition(".")[2] if "." in shown else ""
        exact = Decimal(repr(float(number))) * (100 if shown.endswith("%") else 1)
        return exact != exact.quantize(Decimal(1).scaleb(-min(len(decimals), MOST_DECIMALS)), context=EXACT)


def number_flaws(index: int, number: float, text: str) -> tuple[Flaw, ...]:
    """What is wrong with a number by itself, without regard to its format."""
    if is_too_long(number):
        return (too_long(index, text),)
    return (rounded(index, text),) if looks_rounded(number) else ()


def other_length(fields: int, headers: int, line: int) -> Flaw:
    """The flaw of a row with other fields than the header has: from the cell at this index on nothing was written."""
    return Flaw(_FIELDS, fields, {"fields": str(fields), "count": str(headers), "line": str(line)})


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
    return f"{letters_of(column)}{row}"


def letters_of(column: int) -> str:
    """A column's name as spreadsheets write it: index 0 is ``A``, 26 is ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
