"""How number formats show dates and times (ECMA-376, 18.8.31): which parts of them, and dates as they are seen."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

_MOST_REMEMBERED = 4096
_ASIDE = re.compile(r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
"""What is no part of a date in its format."""
_TIME = re.compile(
    r"\[?h+\]?(?:\s*[:.时時]?\s*m+)?(?:\s*[:.分]\s*s+(?:\.0+)?)?|m+\s*:\s*s+(?:\.0+)?|\[[ms]+\]|s+|am/pm|a/p"
)
"""The time of day in a format, without what is aside."""
_CLOCK = re.compile(r"(?<=[^\s\\])\\?\s+(hh?:mm(?::ss)?)$", re.IGNORECASE)
"""A time of 24 hours behind a date, at the end of a format."""
_DAY = re.compile(r"(?<!d)dd?(?!d)")
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<space>[_*].)|\[(?P<bracket>[^\]]*)\]|(?P<part>y+|m+|d+)|(?P<other>.)',
    re.IGNORECASE | re.DOTALL,
)
_LANGUAGE = re.compile(r"\$-0*(?:[48]09|[48]0c|[48]07|[48]04|c04|411|412)", re.IGNORECASE)
"""Languages in brackets whose dates are Gregorian ones in ASCII digits; names of months and days are another matter."""
_STANDING = frozenset(" /-.,年月日")
"""Characters that stand for themselves among the parts of a date."""
_NAMES = {"mmm": "%b", "mmmm": "%B", "ddd": "%a", "dddd": "%A"}
_NUMBERS = {"y": "%y", "yy": "%y", "yyy": "%Y", "yyyy": "%Y", "mm": "%m", "dd": "%d"}
_PARTS = _NUMBERS | _NAMES


_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]|[_*].", re.IGNORECASE)
_MARKED = re.compile(r'"([^"]*)"|\\(.)')
_H_OF_HOURS = re.compile(r'(?:"h"|\\h)(?=m)', re.IGNORECASE)
_HALF_OF_DAY = r"am/pm|a/p|上午/下午"
_USUAL = re.compile(rf"(?:(?:{_HALF_OF_DAY})\s*)?\[?hh?\]?[:时時点](?:mm?)(?:[:分]ss秒?|分)?(?:\s*(?:{_HALF_OF_DAY}))?")
"""Times that mean the same as ``18:30`` to everybody."""
_TIME_PART = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<aside>[_*].|\[(?!(?:h+|m+|s+)\])[^\]]*\])|\[(?P<all>h+|m+|s+)\]'
    r"|(?P<half>am/pm)|(?P<part>h+|m+|s+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_SECONDS_IN = {"h": 3600, "m": 60, "s": 1}
_NOON = 12


class SeenDate(NamedTuple):
    """A date as its cell shows it: ``certain`` if it looks so on every machine, ``whole`` if its year, month and day are there."""

    text: str
    certain: bool
    whole: bool


@lru_cache(_MOST_REMEMBERED)
def parts_shown(code: str) -> str:
    """What a format shows of a date and a time: ``d``, ``h`` and ``s`` for a date, hours and seconds, as far as they are there."""
    letters = _bare(code)
    of_date, hours, seconds = (any(char in letters for char in chars) for chars in ("ydeg年月日", "h时時", "s秒"))
    return "d" * of_date + "h" * hours + "s" * seconds


def date_as_seen(moment: datetime, code: str) -> SeenDate | None:
    """A date, with its time (in ISO order) where the format has one of 24 hours behind it; None for one that shows no date.

    Names of months and days are in English, since each machine has its own; where the rest can't be told it is the format itself.
    """
    whole = _is_whole(code)
    if whole is None:
        return None
    pieces, certain = _pieces(code)
    text = "".join(_shown(moment, part) if is_part else part for is_part, part in pieces).strip()
    return SeenDate(text or code, certain and bool(text), whole)


def time_as_seen(value: time | timedelta, code: str) -> str:
    """A time of day or a span as its cell shows it, where that is more than another way to write what is sent; else nothing.

    The format itself where it can't be told.
    """
    if _USUAL.fullmatch(_plain(code)):
        return ""
    span = (
        value
        if isinstance(value, timedelta)
        else timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    )
    return _span_in(round(span.total_seconds()), code.partition(";")[0]) or code


def _plain(code: str) -> str:
    """A format without colours and languages, its texts without the signs that mark them."""
    section = _BRACKETS.sub("", code.partition(";")[0])
    section = _H_OF_HOURS.sub("点", section)
    return _MARKED.sub(lambda match: match[1] or match[2] or "", section).strip().casefold()


def _span_in(seconds: int, section: str) -> str:
    """So many seconds in a format's parts; nothing where one of them is not known, or a half of the day is not ASCII."""
    pieces, behind_hours = [], False
    parts = list(_TIME_PART.finditer(section))
    by_halves = any(part["half"] for part in parts)
    for index, part in enumerate(parts):
        name = (part["part"] or "").casefold()
        following = next((other["part"] for other in parts[index + 1 :] if other["part"]), "") or ""
        if part["half"]:
            pieces.append("AM" if seconds // 3600 % 24 < _NOON else "PM")
        elif part["all"]:
            pieces.append(f"{seconds // _SECONDS_IN[part['all'][0].casefold()]:0{len(part['all'])}}")
        elif name.startswith("h"):
            hours = seconds // 3600 % 24
            pieces.append(f"{(hours % _NOON or _NOON) if by_halves else hours:0{len(name)}}")
        elif name.startswith("m") and not behind_hours and not following.casefold().startswith("s"):
            return ""  # a month
        elif name:
            pieces.append(f"{(seconds // 60 if name.startswith('m') else seconds) % 60:0{len(name)}}")
        elif part["other"] and part["other"] not in ":./- ,年月日时時分秒~":
            return ""
        elif not part["aside"]:
            pieces.append(part["quoted"] or part["escaped"] or part["other"] or "")
        behind_hours = (part["all"] or name or " ")[0].casefold() == "h" or (behind_hours and not name)
    return "".join(pieces).strip()


def _bare(code: str) -> str:
    return _ASIDE.sub(" ", code.partition(";")[0]).casefold()


@lru_cache(_MOST_REMEMBERED)
def _is_whole(code: str) -> bool | None:
    """Whether a format shows a date's year, its month and its day; None where it shows none of a date."""
    letters = _TIME.sub("", _bare(code))
    parts = ("y" in letters or "e" in letters, "m" in letters, bool(_DAY.search(letters)))
    return all(parts) if any(parts) or "d" in letters else None


@lru_cache(_MOST_REMEMBERED)
def _pieces(code: str) -> tuple[tuple[tuple[bool, str], ...], bool]:
    """The pieces of a format, each with whether it is a part of a date or a text; and whether these look so on every machine.

    No pieces where one is not known.
    """
    pieces, certain = [], True
    section = code.partition(";")[0]
    clock = _CLOCK.search(section)
    for token in _TOKEN.finditer(section[: clock.start()] if clock else section):
        text = token["quoted"] if token["quoted"] is not None else token["escaped"]
        part, bracket, other = (token["part"] or "").casefold(), token["bracket"], token["other"]
        if part in _PARTS or part in {"m", "d"}:
            pieces.append((True, part))
            certain = certain and part not in _NAMES
        elif text is not None or (other and other in _STANDING):
            pieces.append((False, text if text is not None else other))
        elif bracket is not None:
            certain = certain and bool(_LANGUAGE.fullmatch(bracket))
        elif token["space"] is None:
            return (), False
    if clock and pieces:
        pieces += [(False, " "), (True, clock[1].casefold())]
    return tuple(pieces), certain


def _shown(moment: datetime, part: str) -> str:
    if part.startswith("h"):
        return moment.time().isoformat("seconds" if part.endswith("s") else "minutes")
    return str(moment.month if part == "m" else moment.day) if part in {"m", "d"} else moment.strftime(_PARTS[part])
