"""How many SMS segments a text takes (3GPP TS 23.038; Alibaba's billing rules in reference aliyun.md, section 6)."""

from __future__ import annotations

import re
from typing import NamedTuple

_GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENSION = frozenset("|^€{}[]~\\\f")
_BASIC = re.compile(f"[{re.escape(''.join(sorted(_GSM7_BASIC)))}]*")
_OUTSIDE = re.compile(f"[^{re.escape(''.join(sorted(_GSM7_BASIC | _GSM7_EXTENSION)))}]")
_DOUBLE = re.compile(f"[{re.escape(''.join(sorted(_GSM7_EXTENSION)))}]")
_GSM7, _UCS2 = "GSM-7", "UCS-2"
_GSM7_ONE, _GSM7_MANY = 160, 153
_UCS2_ONE, _UCS2_MANY = 70, 67

_FEW = 4
"""A text of which not even one in so many characters is outside the alphabet is a text of this alphabet."""

_PLAIN_FOR = {
    "'": "‘’‚‛′`´ʼ＇｀",
    '"': "“”„‟″«»",
    "-": "‐‑‒–—―−•",
    "...": "…",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff",
    "x": "×",
}
"""What a word processor or an input method puts for a character of the plain alphabet; nobody would miss it."""
_PLAIN = {ord(char): plain for plain, chars in _PLAIN_FOR.items() for char in chars}
_PLAIN |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code not in _PLAIN}  # full-width forms


class Size(NamedTuple):
    """A text's alphabet (``GSM-7`` or ``UCS-2``), its length in units of it, and its segments."""

    alphabet: str
    units: int
    segments: int


def size_of(text: str) -> Size:
    """The size of a text as it goes on air: GSM-7 extension characters and UTF-16 surrogates count two units."""
    if _BASIC.fullmatch(text):  # nearly every text of this alphabet: the length is that in characters
        return Size(_GSM7, len(text), _segments(len(text), _GSM7_ONE, _GSM7_MANY))
    if _OUTSIDE.search(text):
        units = len(text.encode("utf-16-le", "surrogatepass")) // 2
        return Size(_UCS2, units, _segments(units, _UCS2_ONE, _UCS2_MANY))
    units = len(text) + len(_DOUBLE.findall(text))
    return Size(_GSM7, units, _segments(units, _GSM7_ONE, _GSM7_MANY))


def _segments(units: int, one: int, many: int) -> int:
    return 1 if units <= one else -(-units // many)


def with_sign(sign: str, text: str) -> str:
    """The text with its signature before it, in the brackets that the operator adds: ``【】`` for Chinese, else ``[]``."""
    return f"[{sign}]{text}" if sign.isascii() else f"【{sign}】{text}"


def costly_characters(text: str, size: Size) -> tuple[str, Size]:
    """The characters that alone make a text of this size UCS-2, and the size that it has with plain ones in their place.

    They are few, and either all have a plain form that nobody would miss, or they cost segments. No characters where the text is
    GSM-7 anyway, or is written in another alphabet.
    """
    if size.alphabet == _GSM7:
        return "", size
    odd = _OUTSIDE.findall(text)
    if _PLAIN.keys() >= set(map(ord, odd)):
        return "".join(dict.fromkeys(odd)), size_of(text.translate(_PLAIN))
    if size.segments == 1 or len(odd) * _FEW > len(text):
        return "", size
    plain = size_of(_OUTSIDE.sub("?", text.translate(_PLAIN)))
    return ("".join(dict.fromkeys(odd)), plain) if size.segments > plain.segments else ("", size)
