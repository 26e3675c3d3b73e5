"""What office software puts into cells beside the text that a person sees there, and how it is taken out.

Only for cells that are read by the program (phones, countries, headers): the text of a message is never touched.
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
"""Soft hyphen, joiners, direction marks and the like: invisible, and often copied along with a number."""

_DROP_ZERO_WIDTH = dict.fromkeys(map(ord, ZERO_WIDTH))
_POINT_ZERO = re.compile(r"([^.]*\d)\.0|(\+?[1-9]\d*)\.0+", re.ASCII)
_BETWEEN_WORDS = re.compile(r"[\s\-_‐‑‒–—―−]+")


def tidy(text: str) -> str:
    """The text as a person reads it: full-width forms made plain (NFKC), invisible characters gone, white space single."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", text.translate(_DROP_ZERO_WIDTH)).split())


def shortened(text: str, most: int) -> str:
    """A text with as many characters as there is room for."""
    return text if len(text) <= most else f"{text[:most]}…"


def ascii_digits(text: str) -> str:
    """Decimal digits of any script (Arabic-Indic, Devanagari, …) as ASCII ones."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def without_point_zero(text: str) -> str:
    """The text without the ``.0`` of a number that was kept as a decimal; several points are a person's grouping.

    More zeros are decimals behind bare digits alone: behind groups of digits they may be the last group.
    """
    match = _POINT_ZERO.fullmatch(text)
    return (match[1] or match[2]) if match else text


def key(text: str) -> str:
    """What headers and names are compared by: no regard to case, width, spaces, dashes, underscores."""
    return _BETWEEN_WORDS.sub("", tidy(text)).casefold()
