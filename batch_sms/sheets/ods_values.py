"""The values of an ``.ods`` as the text that a person sees there: the file has both, and both are looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from batch_sms.characters import ascii_digits
from batch_sms.model import Flaw
from batch_sms.sheets.cells import (
    ERRORS,
    EXACT,
    MOST_DECIMALS,
    NO_VALUE,
    SHORT_NUMBER,
    SURE_DIGITS,
    cell_text,
    error,
    hides_digits,
    not_as_shown,
    number_flaws,
    rounded,
    shown_otherwise,
)

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{_OASIS}office:1.0 "
_VALUE_TYPE, _FORMULA = f"{_OFFICE}value-type", f"{_OASIS}table:1.0 formula"
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_DURATION = re.compile(r"(-?)PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_PLAIN_NUMBER = re.compile(r"[+(]?[\d() -]*\d(\.\d+)?%?")
_MINUS = re.compile(r"[-−(]")
_NO_DIGITS = re.compile(r"\D+")
_CURRENCY = re.compile(r"\b[A-Z]{2,3}\$|\b[A-Z]{3}\b|[$¢-¥֏؋฿₠-⃏﷼＄￠￡￥￦]")


def value_of(attributes: Mapping[str, str], paragraphs: Sequence[str], index: int) -> tuple[str, Flaw | None]:
    """A cell's text as the other readers would give it, so that a list saved in another format is the same list."""
    kind, text = attributes.get(_VALUE_TYPE), "\n".join(paragraphs)
    formula = _FORMULA in attributes
    if attributes.get(_CALC_TYPE) == "error" or (formula and _is_error(text)):
        return text or "#N/A", error(index, text)
    if formula and not text and kind is None:
        return "", Flaw(NO_VALUE, index)
    if kind in {"float", "percentage", "currency"}:
        return _number(attributes.get(f"{_OFFICE}value", ""), text if paragraphs else None, index)
    if kind == "date":
        return _date(attributes.get(f"{_OFFICE}date-value", ""), text), None
    if kind == "time":
        return _time(attributes.get(f"{_OFFICE}time-value", ""), text), None
    if kind == "boolean":
        return attributes.get(f"{_OFFICE}boolean-value", text).upper(), None
    text = attributes.get(f"{_OFFICE}string-value") or text
    return text, error(index, text) if text in ERRORS else None


def _is_error(text: str) -> bool:
    return text.startswith(("#", "Err:"))


def _number(written: str, text: str | None, index: int) -> tuple[str, Flaw | None]:
    """A number as it is shown, without separators of thousands and currencies; its digits where the file has no text for it."""
    try:
        value = float(written)
    except ValueError:
        return text or "", None
    plain = cell_text(value)
    flaws = number_flaws(index, value, plain)
    if text is None:
        return plain, next(iter(flaws), None)
    text = text.strip()
    if not any(char.isdecimal() for char in text):
        return _without_digits(value, text, plain, index)
    if not flaws and "E+" in text.upper():
        flaws = (rounded(index, plain),)
    if flaws:
        return text if _PLAIN_NUMBER.fullmatch(text) and _shows(text, value) else plain, flaws[0]
    if not _PLAIN_NUMBER.fullmatch(text):
        return _among_text(value, text, plain, index)
    if not _shows(text, value):
        return plain, not_as_shown(index, value, text)
    return text, shown_otherwise(index, value, text) if value >= SHORT_NUMBER and hides_digits(value, text) else None


def _without_digits(value: float, text: str, plain: str, index: int) -> tuple[str, Flaw | None]:
    """A number of which no digit is seen: a word (``TRUE``), a dash for nothing, or really nothing."""
    if value == 0:
        return plain if text and not text.strip("-– ") else text, None
    if not text or text.startswith("#"):  # LibreOffice's #FMT: the format can't show such a number
        return plain, not_as_shown(index, value, text)
    return text, None


def _among_text(value: float, text: str, plain: str, index: int) -> tuple[str, Flaw | None]:
    """A number among texts, or with separators: as it is shown, but without these and without currencies."""
    percent = "%" in text
    exact = Decimal(repr(abs(value))) * (100 if percent else 1)
    first = re.search(r"\d", text)
    last = re.search(r"\d\D*$", text)
    seen = ascii_digits(_NO_DIGITS.sub("", text)).lstrip("0")
    tried = (
        exact.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP, EXACT)
        for count in range(min(len(text), MOST_DECIMALS))
    )
    number = next((number for number in tried if _NO_DIGITS.sub("", f"{number:f}").lstrip("0") == seen), None)
    if number is None or first is None or last is None:
        return plain, not_as_shown(index, value, text)
    left, right = (_CURRENCY.sub("", part) for part in (text[: first.start()], text[last.start() + 1 :]))
    if value < 0:
        if not _MINUS.search(left + right):
            return plain, not_as_shown(index, value, text)
        left, right = f"-{left.strip(' -−(')}", right.strip(" -−)")
    shown = f"{left}{cell_text(float(number))}{right}".strip()
    return shown, shown_otherwise(index, value, text) if value >= SHORT_NUMBER and number != exact else None


def _shows(text: str, value: float) -> bool:
    """Whether a text has the digits of the number, rounded to as many as it shows, behind no more than a country code."""
    if abs(value) >= SURE_DIGITS or (value < 0 and not _MINUS.search(text)):
        return False
    decimals = len(text.rstrip("%").rpartition(".")[2]) if "." in text else 0
    if decimals > MOST_DECIMALS:
        return False
    exact = Decimal(repr(value)) * (100 if text.endswith("%") else 1)
    digits = _NO_DIGITS.sub("", f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT):f}").lstrip("0")
    before = _NO_DIGITS.sub("", text).lstrip("0")
    if not before.endswith(digits):
        return False
    before = before.removesuffix(digits)
    return not before or bool(re.match(rf"\+{before}|[(0]*{before}\D", text))


def _date(written: str, text: str) -> str:
    try:
        return cell_text(datetime.fromisoformat(written))
    except ValueError:
        return text


def _time(written: str, text: str) -> str:
    match = _DURATION.fullmatch(written)
    return f"{match[1]}{int(match[2]):02}:{match[3]}:{match[4]}" if match else text
