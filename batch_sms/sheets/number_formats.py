"""How number formats show numbers (ECMA-376, 18.8.31), as far as every program shows them so."""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, partial
from typing import NamedTuple

from batch_sms.sheets.cells import CURRENCY, EXACT, MOST_DECIMALS, SURE_DIGITS, cell_text

_IN_ORDER = "0|0.00|#,##0|#,##0.00|$#,##0;($#,##0)|$#,##0;($#,##0)|$#,##0.00;($#,##0.00)|$#,##0.00;($#,##0.00)|0%|0.00%"
_BEHIND_THESE = "0.00E+00|# ?/?|# ??/??"
_OF_ACCOUNTS = "#,##0;(#,##0)|#,##0;(#,##0)|#,##0.00;(#,##0.00)|#,##0.00;(#,##0.00)"
_WITH_DASHES = '#,##0;(#,##0);"-"|$#,##0;($#,##0);"-"|#,##0.00;(#,##0.00);"-"|$#,##0.00;($#,##0.00);"-"'
_NUMBERS = (
    *enumerate(f"{_IN_ORDER}|{_BEHIND_THESE}".split("|"), start=1),
    *enumerate(f"{_OF_ACCOUNTS}|{_WITH_DASHES}".split("|"), start=37),
    (48, "##0.0E+0"),
)
_DATES = (14, 15, 30, 31)
_YEARS_AND_MONTHS, _MONTHS_AND_DAYS = (27, 36, 50, 52, 57), (28, 29, 51, 53, 54, 58)
"""What these show in China; in Taiwan and Japan most of them are whole dates."""
_MINUTES, _SECONDS = (18, 20, 32), (19, 21, 33)
_BOTH = (22, 34, 35, 55, 56)  # all but the first are times in China and dates in Japan
BUILT_IN_FORMATS = (
    dict(_NUMBERS)
    | dict.fromkeys(_DATES, "yyyy-mm-dd")
    | {16: "d-mmm", 17: "mmm-yy"}
    | dict.fromkeys(_YEARS_AND_MONTHS, '[$-?]yyyy"年"m"月"')
    | dict.fromkeys(_MONTHS_AND_DAYS, '[$-?]m"月"d"日"')
    | dict.fromkeys(_MINUTES, "h:mm")
    | dict.fromkeys(_SECONDS, "h:mm:ss")
    | {45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss"}
    | dict.fromkeys(_BOTH, "yyyy-mm-dd h:mm")
)
"""The number formats that files name by number alone, as far as they change what a person sees (ECMA-376, 18.8.30)."""

_MOST_REMEMBERED = 4096
_MOST_SECTIONS = 4
_POSITIVE, _NEGATIVE, _ZERO = range(3)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<space>[_*].)|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)'
    r"|(?P<digit>[0#?])|(?P<power>E[+-])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)", re.ASCII)
_COLOUR = re.compile(r"black|blue|cyan|green|magenta|red|white|yellow|color ?\d+", re.IGNORECASE)
_BRACKETED = re.compile(r"\(\s*([^()]*?)\s*\)(.*)", re.DOTALL)
_LONELY_MINUS = re.compile(r"^-\s+(?=\d)")
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)", re.ASCII)
_LITERALS = " -+():&'~{}<>=^"
"""Characters that stand for themselves without quotation marks; currencies and all beyond ASCII do so, too."""
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}


class _Piece(NamedTuple):
    """A part of a section. ``kind``: ``0`` for a digit, ``t`` for text, ``$`` for a currency, ``G``, ``E``, or the sign itself."""

    kind: str
    text: str


Shape = Callable[[Decimal], str]
"""How a section shows a number that is not below zero."""


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a format, and the condition under which it holds. Without shapes, what it shows can't be told.

    ``kinds`` are those of its pieces, one letter each; ``shape`` is without separators of thousands and currencies, ``full`` with
    them; ``signed``: there is a minus or a bracket among its texts.
    """

    kinds: str
    condition: Callable[[float], bool] | None
    shape: Shape | None
    full: Shape | None
    signed: bool


@dataclass(frozen=True, slots=True)
class _Format:
    """The sections for numbers, and whether any of them has a condition of its own."""

    sections: tuple[_Section, ...]
    conditional: bool


def changes(code: str) -> bool:
    """Whether a number format may change what a person sees of a number."""
    return code.strip().casefold() not in {"", "@", "general", "g/通用格式"}


@lru_cache(_MOST_REMEMBERED)
def is_scientific(code: str) -> bool:
    """Whether a number format shows powers of ten, which hides digits."""
    return any("E" in section.kinds for section in _format(code).sections[:1])


@lru_cache(_MOST_REMEMBERED)
def has_other_section(code: str, *, zero: bool) -> bool:
    """Whether a positive number, or else zero, may be shown by another section of a format than its first."""
    found = _format(code)
    return found.conditional or (zero and len(found.sections) > _ZERO)


@lru_cache(_MOST_REMEMBERED)
def shows_whole_numbers_plainly(code: str) -> bool:
    """Whether a number format changes nothing of a whole number."""
    if is_scientific(code) or _format(code).conditional:
        return False
    return all(seen(number, code) == (str(number), "") for number in (0, 7, 10**14, -7, -(10**14)))


@lru_cache(_MOST_REMEMBERED)
def shows_texts_plainly(code: str) -> bool:
    """Whether a format changes nothing of a text: its fourth section, or the last one with ``@``, is for them."""
    found = _raw_sections(code)
    kinds = found[-1].kinds if len(found) >= _MOST_SECTIONS or "@" in found[-1].kinds else "@"
    return kinds in {"@", "G"}


class Seen(NamedTuple):
    """A number as it is sent, None where that can't be told; and as its cell shows it, where that is known to be otherwise."""

    sent: str | None
    shown: str = ""


def seen(value: float, code: str) -> Seen:
    """A number as its format shows it; not sent where what a person sees is another number, nothing, or can't be told.

    Separators of thousands and currencies are left out, because they look different on other machines; brackets around what is
    below zero become a minus, and powers of ten are written out.
    """
    if not changes(code) or not abs(value) < SURE_DIGITS:
        return Seen(cell_text(float(value)))
    section, signed = _section_for(value, _format(code))
    if section is None:
        return Seen(None)
    if "E" in section.kinds:
        return _other(cell_text(float(value)), f"{float(value):.{_decimals(section.kinds)}E}")
    if section.shape is None or section.full is None:
        return Seen(None)
    number = Decimal(repr(abs(float(value))))
    text = section.shape(number)
    full = text if section.full is section.shape else section.full(number)
    if value > 0:
        return _other(text, full) if text else Seen(None)
    if value == 0:
        return _other(
            text if text.strip("-– ") else "0" if text else "", full
        )  # a dash for nothing is a custom of accounts
    if text == section.shape(Decimal(0)):
        return Seen(None)  # whether a minus stands before what is rounded to zero depends on the program
    if signed:
        return _other(f"-{text}", f"-{full}")
    return _other(_minus(text), full) if section.signed else Seen(None)  # else it is seen as another number


def shown(value: float, code: str) -> str | None:
    """A number as its format shows it and as it is sent."""
    return seen(value, code).sent


def _other(sent: str, full: str) -> Seen:
    return Seen(sent, full if full != sent else "")


def _minus(text: str) -> str:
    """What a section for numbers below zero shows, with a minus for its brackets, and that beside the digits."""
    if bracketed := _BRACKETED.fullmatch(text):
        text = f"-{bracketed[1]}{bracketed[2]}"
    return text if "-" in text or "(" in text else f"-{text}"


def _decimals(kinds: str) -> int:
    return kinds.partition("E")[0].partition(".")[2].count("0")


def _section_for(value: float, code: _Format) -> tuple[_Section | None, bool]:
    """The section that holds for a number; and whether a minus is put before what it shows of one below zero."""
    sections = code.sections
    if code.conditional:
        return _section_by_condition(value, sections), False
    place = _ZERO if value == 0 else _NEGATIVE if value < 0 else _POSITIVE
    if place < len(sections):
        return sections[place], False
    return (sections[_POSITIVE], True) if sections else (None, False)


def _section_by_condition(value: float, sections: tuple[_Section, ...]) -> _Section | None:
    """The first whose condition holds, else the last where it has none. What others without one mean is not the same everywhere."""
    if value < 0:
        return None
    for index, section in enumerate(sections):
        if section.condition is None:
            return section if index == len(sections) - 1 else None
        if section.condition(value):
            return section
    return None


def _raw_sections(code: str) -> tuple[_Section, ...]:
    found: list[list[re.Match[str]]] = [[]]
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            found.append([])
        else:
            found[-1].append(match)
    return tuple(map(_section, found))


@lru_cache(_MOST_REMEMBERED)
def _format(code: str) -> _Format:
    found = _raw_sections(code)
    sections = found if len(found) <= _MOST_SECTIONS else ()
    if len(sections) > 1 and (len(sections) == _MOST_SECTIONS or "@" in sections[-1].kinds):
        sections = sections[:-1]  # for texts
    return _Format(sections, any(section.condition for section in sections))


def _section(tokens: list[re.Match[str]]) -> _Section:
    pieces: list[_Piece] = []
    condition: Callable[[float], bool] | None = None
    known = True
    for token in tokens:
        bracket = token["bracket"]
        if bracket is not None and (match := _CONDITION.fullmatch(bracket.strip())):
            condition = _condition(match)
        elif piece := _piece(token):
            pieces.append(piece)
        elif token["space"] is None and not (bracket is not None and _changes_nothing(bracket)):
            known = False
    kinds = "".join(piece.kind for piece in pieces)
    shape = _shape(tuple(pieces), kinds, full=False) if known and "@" not in kinds else None
    has_more = not {",", "$"}.isdisjoint(kinds) or any(CURRENCY.search(piece.text) for piece in pieces)
    full = _shape(tuple(pieces), kinds, full=True) if shape and has_more else shape
    return _Section(kinds, condition, shape, full, any(char in piece.text for piece in pieces for char in "-("))


def _piece(token: re.Match[str]) -> _Piece | None:
    """What a token shows; None for one that shows nothing, or that is not known."""
    text = token["quoted"] if token["quoted"] is not None else token["escaped"]
    if text is not None:
        return _Piece("t", text)
    if token["digit"]:
        return _Piece("0", token["digit"])
    if token["general"] or token["power"]:
        return _Piece("G" if token["general"] else "E", "")
    if bracket := token["bracket"]:
        symbol = bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
        return _Piece("$", symbol) if symbol else None
    other = token["other"]
    if other and other in ".,%@":
        return _Piece(other, other)
    return _Piece("t", other) if other and _stands_for_itself(other) else None


def _stands_for_itself(char: str) -> bool:
    return (
        char in _LITERALS or unicodedata.category(char) == "Sc" or (not char.isascii() and char not in "年月日时分秒")
    )


def _changes_nothing(bracket: str) -> bool:
    """Whether what stands in brackets is a colour, or a language alone."""
    return bool(_COLOUR.fullmatch(bracket.strip())) or bracket.startswith("$")


def _condition(match: re.Match[str]) -> Callable[[float], bool]:
    holds, bound = _TESTS[match[1]], float(match[2])
    return lambda value: holds(value, bound)


def _shape(pieces: tuple[_Piece, ...], kinds: str, *, full: bool) -> Shape | None:
    """How pieces show a number, with or without separators and currencies; None where that can't be told."""
    if "0" not in kinds:
        return None if set(kinds) & set(".,%") else partial(_without_digits, pieces, full=full)
    point = kinds.find(".")
    end = point if point >= 0 else len(kinds)
    behind = [piece.text for piece in pieces[end + 1 :] if piece.kind == "0"]
    torn = "0" in kinds[end + 1 :].lstrip("0")  # text between the decimals
    if "G" in kinds or kinds.count(".") > 1 or kinds.count("%") > 1 or torn or len(behind) > MOST_DECIMALS:
        return None
    if "," in kinds and not _groups_only(kinds, end):
        return None
    show = _in_places(pieces, end, behind, full=full)
    factor, step = 100 if "%" in kinds else 1, Decimal(1).scaleb(-len(behind))
    return lambda number: show((number * factor).quantize(step, ROUND_HALF_UP, EXACT)).strip()


def _without_digits(pieces: tuple[_Piece, ...], number: Decimal, *, full: bool) -> str:
    """What a section without digits shows: its text, or the number as it is."""
    plain = cell_text(float(number))
    return "".join(plain if piece.kind == "G" else _said(piece, full=full) for piece in pieces).strip()


def _in_places(pieces: tuple[_Piece, ...], end: int, behind: list[str], *, full: bool) -> Shape:
    """The number's digits in the places that the format has for them, ``behind`` those behind the point."""
    least = max((place for place, digit in enumerate(behind, start=1) if digit == "0"), default=0)
    whole_places = [index for index, piece in enumerate(pieces[:end]) if piece.kind == "0"]
    first, last = (whole_places[0], whole_places[-1] + 1) if whole_places else (end, end)
    head, gap, tail = (
        "".join(_said(piece, full=full) for piece in part)
        for part in (pieces[:first], pieces[last:end], pieces[end + 1 + len(behind) :])
    )
    places = tuple(
        piece if piece.kind == "0" else _Piece("t", _said(piece, full=full))
        for piece in pieces[first:last]
        if piece.kind != ","
    )
    grouped = full and any(piece.kind == "," for piece in pieces)

    def show(number: Decimal) -> str:
        whole, _, fraction = f"{number:f}".partition(".")
        kept = fraction[:least] + fraction[least:].rstrip("0")
        digits = "".join(_filled_digits(places, whole)) or whole.lstrip("0")
        digits = _THOUSANDS.sub(",", digits) if grouped else digits
        text = "".join((head, digits, gap, "." if kept else "", kept, tail)).strip()
        return text if full else _LONELY_MINUS.sub("-", text)

    return show


def _said(piece: _Piece, *, full: bool) -> str:
    """What a piece that is no digit shows."""
    if piece.kind == ",":
        return ""
    if full:
        return piece.text
    return "" if piece.kind == "$" else CURRENCY.sub("", piece.text)


def _groups_only(kinds: str, end: int) -> bool:
    """Whether each comma stands between digits of the whole part: behind them it would divide by a thousand."""
    first, last = kinds.find("0"), kinds.rfind("0", 0, end)
    inside = kinds[first : last + 1]
    return kinds.count(",") == inside.count(",") and set(inside) <= {"0", ","}


def _filled_digits(pieces: tuple[_Piece, ...], digits: str) -> Iterator[str]:
    """Digits among text, filled from the right end as spreadsheets do."""
    left, made = list(digits if digits != "0" else ""), []
    first = next((index for index, piece in enumerate(pieces) if piece.kind == "0"), -1)
    for index in range(len(pieces) - 1, -1, -1):
        kind, text = pieces[index]
        if kind != "0":
            made.append(text)
        elif index == first:
            made.append("".join(left) or "0" * (text == "0"))
        else:
            made.append(left.pop() if left else "0" * (text == "0"))
    return reversed(made)
