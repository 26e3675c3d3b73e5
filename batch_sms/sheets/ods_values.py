"""The values of an ``.ods`` as the text that a person sees there: the file has both, and both are looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from batch_sms.characters import ascii_digits
from batch_sms.model import PHONE_NUMBERS, Flaw
from batch_sms.sheets.cells import (
    CURRENCY,
    ERRORS,
    EXACT,
    MOST_DECIMALS,
    NO_VALUE,
    SHORT_NUMBER,
    SURE_DIGITS,
    as_seen,
    cell_text,
    error,
    hides_digits,
    is_too_long,
    long_text,
    may_be_shortened,
    moment_text,
    not_as_shown,
    number_flaws,
    rounded,
    sent_otherwise,
    shown_as_money,
    shown_in_part,
    shown_otherwise,
    shown_without_format,
    time_otherwise,
)

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = f"{_OASIS}office:1.0 "
_VALUE_TYPE, _FORMULA = f"{_OFFICE}value-type", f"{_OASIS}table:1.0 formula"
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_NUMBERS = {"float", "percentage", "currency"}
_DURATION = re.compile(r"(-?)PT(\d{1,9})H(\d{1,2})M(\d{1,2}(?:[.,]\d{1,9})?)S")
_HALF_A_SECOND = timedelta(seconds=0.5)
_HALF_OF_DAY = re.compile(r"(?:[ap]\.?m?\.?|上午|下午|午前|午後|分|秒)?", re.IGNORECASE)
_NO_DATE = date(1899, 12, 30)
_PLAIN_NUMBER = re.compile(r"[+(]?[\d() -]*(?:\d(?:\.\d+)?|\.\d+)%?")
_POWER = re.compile(r"\dE[+-]?\d", re.IGNORECASE)
_NO_SIGNS = re.compile(r"[^-−+()%]+")
_MINUS = re.compile(r"[-−(]")
_NO_DIGITS = re.compile(r"\D+")
_WORD = re.compile(r"[^\W\d_年月日년월일]")
"""A letter of a month's or a weekday's name."""
_YEAR_MONTH_DAY = frozenset("年月日")
_ALL_IN_ONE = 100_000
"""So much or more are several parts without anything between them: ``20260301``, ``260301``, ``202603``."""

Flaws = tuple[Flaw, ...]


def value_of(
    attributes: Mapping[str, str], paragraphs: Sequence[str], index: int, *, stored: bool = False
) -> tuple[str, Flaws]:
    """A cell's text as the other readers would give it, so that a list saved in another format is the same list."""
    kind, text = attributes.get(_VALUE_TYPE), "\n".join(paragraphs)
    formula = _FORMULA in attributes
    if attributes.get(_CALC_TYPE) == "error" or (formula and _is_error(text)):
        return text or "#N/A", (error(index, text),)
    if formula and not paragraphs and kind is None:  # an empty paragraph is the empty text that a formula gave
        return "", (Flaw(NO_VALUE, index),)
    if kind in _NUMBERS:
        written = attributes.get(f"{_OFFICE}value", "")
        return _number(written, text if paragraphs and not stored else None, index, currency=kind == "currency")
    if kind == "date":
        return _date(attributes.get(f"{_OFFICE}date-value", ""), text, index)
    if kind == "time":
        return _time(attributes.get(f"{_OFFICE}time-value", ""), text, index)
    if kind == "boolean":
        return attributes.get(f"{_OFFICE}boolean-value", text).upper(), ()
    text = attributes.get(f"{_OFFICE}string-value") or text
    return text, (error(index, text),) if text in ERRORS else ()


def _is_error(text: str) -> bool:
    return text.startswith(("#", "Err:"))


def _number(written: str, text: str | None, index: int, *, currency: bool) -> tuple[str, Flaws]:
    """A number as it is shown, without separators of thousands and currencies; its digits where the file has no text for it."""
    try:
        value = float(written)
    except ValueError:
        return text or "", ()
    plain = long_text(value) if is_too_long(value) else cell_text(value)
    flaws = number_flaws(index, value, plain)
    if text is None:
        return plain, flaws[:1]
    text = text.strip()
    if not any(char.isdecimal() for char in text):
        sent, flaw = _without_digits(value, text, plain, index)
    elif _POWER.search(text):
        sent, flaw = plain, rounded(index, plain) if may_be_shortened(value) and not flaws else None
    elif flaws:
        sent, flaw = text if _PLAIN_NUMBER.fullmatch(text) and _shows(text, value) else plain, None
    elif not _PLAIN_NUMBER.fullmatch(text):
        sent, flaw = _among_text(value, text, plain, index, currency=currency)
    elif not _shows(text, value):
        sent, flaw = plain, not_as_shown(index, value, text)
    else:
        hidden = value >= SHORT_NUMBER and hides_digits(value, text)
        sent, flaw = text, shown_otherwise(index, value, text) if hidden else None
    flaws = (*flaws[:1], *([flaw] if flaw is not None else ()))
    full = text if text != sent else shown_without_format(value, plain) if text == plain else ""
    if flaw is None and full and not _POWER.search(text):
        flaws += shown_as_money(index, value, sent, full)
    refused = {flaw.code for flaw in flaws} - PHONE_NUMBERS
    return sent, (*flaws, sent_otherwise(index, sent, full)) if full and not refused else flaws


def _without_digits(value: float, text: str, plain: str, index: int) -> tuple[str, Flaw | None]:
    """A number of which no digit is seen: a word (``TRUE``), a dash for nothing, or really nothing."""
    if value == 0:
        return plain if text and not CURRENCY.sub("", text).strip("-– ") else text, None
    if not text or text.startswith("#"):  # LibreOffice's #FMT: the format can't show such a number
        return plain, not_as_shown(index, value, text)
    return text, None


def _among_text(value: float, text: str, plain: str, index: int, *, currency: bool) -> tuple[str, Flaw | None]:
    """A number among texts, or with separators: as it is shown, but without these and without currencies."""
    percent = "%" in text
    exact = Decimal(repr(abs(value))) * (100 if percent else 1)
    first = re.search(r"\d", text)
    last = re.search(r"\d\D*$", text)
    digits = ascii_digits(_NO_DIGITS.sub("", text))
    seen = digits.lstrip("0")
    tried = (
        exact.quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP, EXACT)
        for count in range(min(len(text), MOST_DECIMALS))
    )
    number = next((number for number in tried if _NO_DIGITS.sub("", f"{number:f}").lstrip("0") == seen), None)
    if number is None or first is None or last is None:
        return plain, not_as_shown(index, value, text)
    left, right = text[: first.start()], text[last.start() + 1 :]
    figures = f"{number:f}"
    if re.search(r"(?<!\w)[.,]$", left) and not figures.partition(".")[0].strip("0"):
        left, figures = left[:-1], figures.lstrip("0")
    figures = figures.rjust(len(digits) + figures.count("."), "0")
    right = re.sub(r"^[.,](?!\S)", "", right)
    negative = value < 0
    if negative and not _MINUS.search(left + right):
        return plain, not_as_shown(index, value, text)
    dropped = _NO_SIGNS if currency else CURRENCY
    left, right = dropped.sub("", left), dropped.sub("", right)
    if negative:
        left, right = f"-{left.strip(' -−(')}", right.replace(")", "", 1).rstrip(" -−")
    shown = f"{left}{figures}{right}".strip()
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


def _date(written: str, text: str, index: int) -> tuple[str, Flaws]:
    """A date in ISO order, with the parts that are seen of it; a date before the first of all is one of nothing."""
    try:
        moment = (datetime.fromisoformat(written) + _HALF_A_SECOND).replace(microsecond=0, tzinfo=None)
    except (ValueError, OverflowError):
        return text, ()
    hours = next(_hours_in(text, moment.hour % 24, moment.minute), None)
    rest = f"{text[: hours.start()]} {text[hours.end() :]}" if hours else text
    parts = ("d" if not hours or re.search(r"\d", rest) else "") + (_parts(hours) if hours else "")
    if moment.date() == _NO_DATE and "h" not in parts:
        return "00:00:00", (not_as_shown(index, "0", text),)
    sent = moment_text(moment, parts)
    if "d" not in parts:
        return sent, _unless_usual(index, sent, text, rest)
    if _lacks_parts(moment, rest) and (hours or _WORD.search(rest) or not _is_of(moment, rest)):
        return sent, (shown_in_part(index, sent, text),)
    if (
        not _numbers_in(rest)
        or _WORD.search(text)
        or not _is_of(moment, rest)
        or (hours and text[hours.end() :].strip())
    ):
        return sent, ()
    shown = f"{text[: hours.start()].strip()} {moment_text(moment, _parts(hours))}" if hours else text.strip()
    return shown, as_seen(index, shown, sent)


def _lacks_parts(moment: datetime, text: str) -> bool:
    """Whether what is seen of a date is something, but not its year, its month (a number or a name) and its day."""
    numbers = _numbers_in(text)
    if len(numbers) > 2 or set(text) >= _YEAR_MONTH_DAY or any(map(_all_in_one(moment), numbers)):  # noqa: PLR2004
        return False
    if not numbers:
        return bool(_WORD.search(text))
    years = {moment.year, moment.year % 100}
    return not (len(numbers) > 1 and _WORD.search(text) and moment.day in numbers and not years.isdisjoint(numbers))


def _all_in_one(moment: datetime) -> Callable[[int], bool]:
    """Whether a number is year, month and day without anything between them."""
    return lambda number: number >= _ALL_IN_ONE and number != moment.year * 100 + moment.month


def _is_of(moment: datetime, text: str) -> bool:
    """Whether the numbers that are seen are parts of this date: another calendar has other ones."""
    parts = {moment.year, moment.year % 100, moment.month, moment.day, moment.year * 100 + moment.month}
    together = {int(f"{moment:{form}}") for form in ("%Y%m%d", "%y%m%d", "%d%m%Y", "%m%d%Y")}
    return (parts | together).issuperset(_numbers_in(text))


def _numbers_in(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d{1,9}", text)]


def _time(written: str, text: str, index: int) -> tuple[str, Flaws]:
    match = _DURATION.fullmatch(written)
    if not match:
        return text, ()
    span = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=round(float(match[4].replace(",", "."))))
    numbers = {int(one) for one in re.findall(r"\d{1,15}", text)}
    if not numbers & {span // timedelta(hours=1), span // timedelta(minutes=1), span // timedelta(seconds=1)}:
        span %= timedelta(days=1)  # a time of some day, of which the file counts the hours from the first of all
    whole = round(span.total_seconds())
    hours = next(_hours_in(text, whole // 3600, whole // 60 % 60), None)
    parts = _parts(hours) if hours else "hs" if _shows_seconds(whole, text) else "h"
    sent = f"{match[1]}{moment_text(span, parts)}"
    return sent, _unless_usual(index, sent, text, f"{text[: hours.start()]} {text[hours.end() :]}" if hours else text)


def _shows_seconds(whole: int, text: str) -> bool:
    """Whether a time without its hours has seconds: all of them counted, or behind the minutes."""
    alone = text == f"{whole % 60:02}" and int(text) != whole // 3600 % 24
    return (
        alone
        or text == str(whole)
        or bool(re.search(rf"(?<!\d)0?{whole // 60 % 60}\D{{1,2}}{whole % 60:02}(?!\d)", text))
    )


def _unless_usual(index: int, sent: str, text: str, rest: str) -> Flaws:
    """The flaw of a time that has more to it than hours, minutes and seconds as everybody reads them."""
    return () if _HALF_OF_DAY.fullmatch(rest.strip().lstrip("-")) else (time_otherwise(index, sent, text),)


def _hours_in(text: str, hour: int, minute: int) -> Iterator[re.Match[str]]:
    """Where hours and minutes stand in what is seen, by 24 or by 12 of them."""
    for one in dict.fromkeys((hour, hour % 12 or 12)):
        if match := re.search(rf"(?<!\d)0?{one}\s?[:时時h点]\s?{minute:02}(\s?[:分m]\s?\d\d)?(?!\d)", text):
            yield match


def _parts(hours: re.Match[str]) -> str:
    return "hs" if hours[1] else "h"
