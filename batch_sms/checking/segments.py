"""How many SMS segments a text takes (3GPP TS 23.038; Alibaba's billing rules in reference aliyun.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

_GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENSION = frozenset("|^€{}[]~\\\f")
_GSM7_ALL = _GSM7_BASIC | _GSM7_EXTENSION
_GSM7_ONE, _GSM7_MANY = 160, 153
_UCS2_ONE, _UCS2_MANY = 70, 67


@dataclass(frozen=True, slots=True)
class Size:
    """A text's alphabet (``GSM-7`` or ``UCS-2``), its length in units of it, and its segments."""

    alphabet: str
    units: int
    segments: int


def size_of(text: str) -> Size:
    """The size of a text as it goes on air: GSM-7 extension characters and UTF-16 surrogates count two units."""
    if _GSM7_ALL.issuperset(text):
        units = len(text) + sum(char in _GSM7_EXTENSION for char in text)
        return Size("GSM-7", units, _segments(units, _GSM7_ONE, _GSM7_MANY))
    units = len(text.encode("utf-16-le")) // 2
    return Size("UCS-2", units, _segments(units, _UCS2_ONE, _UCS2_MANY))


def _segments(units: int, one: int, many: int) -> int:
    return 1 if units <= one else -(-units // many)


def with_sign(sign: str, text: str) -> str:
    """The text with its signature before it, in the brackets that the operator adds: ``【】`` for Chinese, else ``[]``."""
    return f"[{sign}]{text}" if sign.isascii() else f"【{sign}】{text}"
