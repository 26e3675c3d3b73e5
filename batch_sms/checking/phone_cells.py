"""A phone cell made into plain digits, or into the reason why it can't be: what people and programs write around a number.

Only what certainly is no part of the number is taken off. What may be one is refused in its own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from batch_sms.characters import ascii_digits, tidy, without_point_zero


@dataclass(frozen=True, slots=True)
class NoPhone:
    """Why a cell is no number that can be sent to: a ``check.*`` code and what the sentence about it needs."""

    code: str
    facts: dict[str, str]


class Dialled(NamedTuple):
    """The digits of a cell: after ``+`` or ``00`` they begin with a country code (``international``), else they may."""

    digits: str
    international: bool
    cell: str
    """The cell as a person reads it."""
    otherwise: str = ""
    """The digits as they may be meant too: without a ``(0)`` among them, which is dialled at home only in most countries and a
    part of the number in some; or without ``0011``, which is not only ``00`` and ``+1`` twice but Australia's ``00`` as well."""
    alone: str = ""
    """The digits without a few that stand apart from a long group: a list's number before it (``8. 812345678``), a range's or
    an extension's behind it."""
    plus_zero: bool = False
    """A plus stands before digits that begin with 0, which no country code does: put there by a program, or half a number."""


_BARE = re.compile(r"(?:\+|0)?[1-9][0-9]*", re.ASCII)
_PLAIN = re.compile(r"(?:\+|\(?0?)[1-9][0-9 ().\-]*", re.ASCII)
_DROP_GROUPING = dict.fromkeys(map(ord, " ().-"))
_QUOTED = re.compile(r"""=?"([^"]*)"|'([^']*)'|‘([^’]*)’|“([^”]*)”""")
"""Text in quotation marks, and ``="…"``: how exports keep a spreadsheet from making a number of it."""
_APOSTROPHES = "'’‘`´"
_LABEL = re.compile(
    r"(?:tel|telephone|phone|mobile|mob|cell|sms|callto|手机号码?|手机|手機|电话号码|电话|電話|号码)\s*[:.]*\s*(?=[+(\d])",
    re.IGNORECASE,
)
_E_NOTATION = re.compile(r"[+-]?\d+(?:[.,]\d+)? ?[eE] ?[+-]?\d+")
_FRACTION = re.compile(r"[^.]*\.\d{1,3}|[^.]*\d{6,}\.\d+|[(\[]?(?:0|[1-9]\d*)\.\d+[)\]]?", re.ASCII)
"""A number with decimals. A single point stands between an area code and the rest, never before the last three digits, and
only where something else tells a phone: a plus, a first zero (``0151.12345678``), another mark (``(555) 123.4567``)."""
_SEVERAL = re.compile(r"[,;/|\n&]|\b(?:or|and|oder|und)\b|或|和|与|及|、|(?<=\d)\s*\+")
_ADDED = re.compile(r"\d{5,}[ \-‐‑‒–—―−]+\d{1,2}\s*$|\d[ \-]*[(\[]\s*\d+\s*[)\]]\s*$", re.ASCII)
"""One or two digits behind a long group, or a number in brackets at the end: a range, an extension, a footnote."""
DASH = r"\-‐‑‒–—―−"
"""Dashes as people write them, for a set of characters."""
_BEFORE = re.compile(
    rf"(?:[(\[][1-9]\d?[)\]]|\d\d?(?:[)\]]|\.(?= )))[ .{DASH}]*(?=(?:\D*\d){{4}})(?!.*\. )|[1-9][ .{DASH}]+(?=\d{{4,}}$)"
)
"""What may be a list's number and no part of the phone: ``8.``, ``(8)``, or one digit before an unbroken rest."""
_BEHIND = re.compile(rf"(?:\d{{8}}|[{DASH}]\d{{3,}}(?= \d{{1,2}}$)|^\d{{4,}}(?=\D+\d{{1,3}}$))([ .{DASH}]+\d{{1,4}}$)")
"""A short group behind a long one, behind the only other one, or behind a blank where a dash stands between the others."""
SHORT_START = re.compile(r"\D*([1-9]\d?)\D+(?=(?:\d\D*){7})", re.ASCII)
"""One or two digits that stand apart, with enough behind them for a number of its own: a list's number, or an area's."""
_LINES = re.compile(r"\d\D*[\n\r]\D*\d")
_YEAR, _NUMBERED = r"(?:19|20)\d\d", r"\d{1,2}"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_POINTED, _SPACED = rf" *[./{DASH}]+ *", rf"(?: *[./{DASH}]+ *| +)"
_DATE = re.compile(
    rf"[(\[ ]*(?:(?:{_YEAR}(?:{_POINTED}{_NUMBERED}){{2}}|(?:{_NUMBERED}{_POINTED}){{2}}{_YEAR})"
    r"(?:[ T]+\d{1,2}(?::\d\d){0,2})?|"
    rf"{_YEAR}{_SPACED}(?:{_MONTH}{_SPACED}{_DAY}|{_DAY}{_SPACED}{_MONTH})|"
    rf"(?:{_MONTH}{_SPACED}{_DAY}|{_DAY}{_SPACED}{_MONTH}){_SPACED}{_YEAR})"
    rf"[)\] ]*(?:\.0?|[{DASH}])?[)\] ]*",
    re.ASCII,
)
"""A day, a month and a year, maybe with a time, in any order and set apart somehow: ``31. 12. 2026.``, ``2026 03 01``. Where
only blanks stand between them, as they do in a phone, it takes a month and a day."""
_FEWEST_DIGITS = 5
_LONGEST_CELL = 200
"""No number, with all that is written around one, takes so many characters."""
_EXTENSION = re.compile(
    r"\d[\s,;)]*(?:e?xt(?:ensio)?n?|x|#|转|轉|分机|分機|内线)\s*[.:=]*\s*\d{0,7}\D*$", re.IGNORECASE
)
_HOME_ZERO = "(0)"
_NO_DIGITS = re.compile(r"[^0-9]+")
_ALLOWED = re.compile(r"[0-9 ().\[\]\-‐‑‒–—―−]+", re.ASCII)
_PLUS = re.compile(r"(?:00?)?[(\[ ]*(?:00?)?(?:\+[+ ]*)")
"""``+``, maybe in a bracket, maybe behind the zeros that were put before every number: ``(+86)``, ``0+44``."""
_LONG_MARK = re.compile(r"(?<=[\d)\]]) ?ー ?(?=[\d(\[])", re.ASCII)
_MIDDLE_DOT = re.compile(r"(?<=[\d)\]]) ?[・·] ?(?=[\d(\[])", re.ASCII)
"""What Japanese and Chinese keyboards have in the place of a hyphen and of a point."""
_REMARK = re.compile(
    r"[^()\[\]【】]*\d ?[(\[【] ?(?![OIol] ?[)\]】])[^()\[\]【】]*[^\W\d_][^()\[\]【】]*[)\]】][ .]*|"
    r"[(\[【] ?(?![OIol] ?[)\]】])[^()\[\]【】]*[^\W\d_][^()\[\]【】]*[)\]】] ?[+\d][^()\[\]【】]*"
)
"""Words in brackets before or behind a number."""
_LETTERS = re.compile(r"[^\W\d_]+")
_NEGATIVE = re.compile(r"[-‐‑‒–—―−]\s*[\d(]")
"""What a spreadsheet makes of ``+86-138…`` as a formula: other digits altogether."""


def read_cell(cell: str) -> Dialled | NoPhone:
    """The digits of a phone cell, and whether they begin with a country code for certain."""
    if _BARE.fullmatch(cell):  # the most of most lists, without the rest of the way
        return Dialled(cell.lstrip("+"), international=cell.startswith("+"), cell=cell)
    if len(cell) > _LONGEST_CELL and len(cell := cell.strip()) > _LONGEST_CELL:
        start = cell[:_LONGEST_CELL]
        return _refusal(start, ascii_digits(tidy(start))) or NoPhone("check.PHONE_SEVERAL", {"cell": start})
    one_point = cell.count(".") == 1  # it may be a decimal one
    if _PLAIN.fullmatch(cell) and not (one_point or _HOME_ZERO in cell or _ADDED.search(cell) or _DATE.fullmatch(cell)):
        return _plainly_dialled(cell.rstrip())
    if any(char.isnumeric() and not char.isdecimal() for char in cell):
        # a footnote's ², a list's ①: plain digits once the cell is tidied, and no part of the number
        return _odd(cell.strip(), [char for char in cell if char.isnumeric() and not char.isdecimal()])
    plain = _unwrapped(_plain_marks(ascii_digits(tidy(cell))))
    return _refusal(cell, plain) or _dialled(without_point_zero(plain))


def _plainly_dialled(plain: str) -> Dialled:
    """The same for digits, spaces, dashes, points and brackets alone, maybe behind a plus."""
    international = plain.startswith("+")
    rest = plain.removeprefix("+")
    return Dialled(
        rest.translate(_DROP_GROUPING), international, plain, alone=_alone(rest, international=international)
    )


def _plain_marks(plain: str) -> str:
    return plain if plain.isascii() else _MIDDLE_DOT.sub(".", _LONG_MARK.sub("-", plain))


def _unwrapped(plain: str) -> str:
    if quoted := _QUOTED.fullmatch(plain):
        plain = next(filter(None, quoted.groups()), "").strip()
    plain = plain.lstrip(_APOSTROPHES).strip()
    label = _LABEL.match(plain)
    return plain[label.end() :] if label else plain


def _refusal(cell: str, plain: str) -> NoPhone | None:
    """What can be told from the cell's characters alone."""
    facts = {"cell": plain}
    if not plain:
        return NoPhone("check.PHONE_MISSING", {})
    if _E_NOTATION.fullmatch(plain):
        return NoPhone("check.PHONE_ROUNDED", facts)
    if holds_several(cell) or _LINES.search(cell):
        return NoPhone("check.PHONE_SEVERAL", facts)
    if _DATE.fullmatch(plain):
        return NoPhone("check.PHONE_DATE", facts)
    if _EXTENSION.search(plain) or _ADDED.search(plain):
        return NoPhone("check.PHONE_EXTENSION", facts)
    if letters := ", ".join(dict.fromkeys(_LETTERS.findall(plain))):
        hint = "remark" if _REMARK.fullmatch(plain) else "letters"
        return NoPhone("check.PHONE_LETTERS", {**facts, "letters": letters, "hint": hint})
    if _NEGATIVE.match(plain):
        return _odd(plain, plain[0])
    return _odd(plain, ".") if _FRACTION.fullmatch(without_point_zero(plain).rstrip()) else None


def _odd(cell: str, chars: Iterable[str]) -> NoPhone:
    """Characters that can't stand where they do in a phone; those that nobody sees by their numbers."""
    spoken = (f"'{char}'" if char.isprintable() else f"U+{ord(char):04X}" for char in dict.fromkeys(chars))
    return NoPhone("check.PHONE_CHARACTERS", {"cell": cell, "characters": " ".join(spoken)})


def _dialled(plain: str) -> Dialled | NoPhone:
    plus = _PLUS.match(plain)
    rest = plain[plus.end() :] if plus else plain
    if not _ALLOWED.fullmatch(rest):
        return _odd(plain, _ALLOWED.sub("", rest) or plain)
    digits = _NO_DIGITS.sub("", rest)
    before, _, behind = rest.partition(_HOME_ZERO)
    begun = _NO_DIGITS.sub("", before)
    otherwise = begun + _NO_DIGITS.sub("", behind) if behind and begun.strip("0") else ""
    if digits.startswith("00"):
        otherwise = digits[4:] if digits.startswith("0011") else otherwise[2:]
        return Dialled(
            digits[2:], international=True, cell=plain, otherwise=otherwise, alone=_alone(rest, international=True)[2:]
        )
    plus_zero = plus is not None and digits.startswith("0")
    international = plus is not None and not plus_zero
    alone = _alone(rest, international=international)
    return Dialled(digits, international, plain, otherwise, alone, plus_zero)


def _alone(rest: str, *, international: bool) -> str:
    """The digits without the few that stand apart; ``""`` where none do."""
    if behind := _BEHIND.search(rest):
        return _NO_DIGITS.sub("", rest[: behind.start(1)])
    before = None if international else _BEFORE.match(rest)
    return _NO_DIGITS.sub("", rest[before.end() :]) if before else ""


def holds_several(cell: str) -> bool:
    """Whether a cell holds more than one number, each long enough to be a phone."""
    wide = unicodedata.normalize("NFKC", cell)
    parts = [part for part in _SEVERAL.split(wide) if sum(char.isdecimal() for char in part) >= _FEWEST_DIGITS]
    return len(parts) > 1
