"""How many messages may go in which time (``--rate``, ``--per-recipient``): the pace, and the caps.

So many a second or a minute are spaced evenly. So many an hour or a day are a cap: they may go at the pace, and then
none until the first of them is an hour, or a day, ago.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from batch_sms.characters import tidy
from batch_sms.durations import duration_of
from batch_sms.errors import SettingsError
from batch_sms.model import Cap

DEFAULT_RATE = "20/s"
_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|m|h|d))?")
_PACED = {"s": 1, "m": 60}
_CAPPED = {"h": 3600, "d": 86400}
_PER_RECIPIENT = re.compile(r"(\d+)/([0-9.]*)(\D.*)")


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a second, infinite without a limit; and the caps that hold beside it."""

    per_second: float
    caps: tuple[Cap, ...] = ()


def read_rates(rates: Iterable[str]) -> Rates:
    """Several ``--rate`` that hold together: ``20``, ``20/s``, ``2000/m``, ``5000/d``; 0 is no limit. Raises SettingsError.

    Where only caps are given, messages are spaced as they are without any.
    """
    paces, caps = [], []
    for rate in rates:
        match = _RATE.fullmatch(tidy(rate).replace(" ", "").lower())
        if match is None:
            raise SettingsError("rate_unreadable", rate=rate)
        count, unit = float(match[1]), match[2] or "s"
        if unit in _PACED:
            paces.append(count / _PACED[unit] if count else math.inf)
        elif not count.is_integer():
            raise SettingsError("rate_not_whole", rate=rate)
        elif count:
            caps.append(Cap(int(count), _CAPPED[unit]))
    return Rates(min(paces) if paces else read_rates([DEFAULT_RATE]).per_second, tuple(caps))


def cap_text(cap: Cap) -> str:
    """A cap on everything that is sent, as it is written: ``5000/d``."""
    unit = next(unit for unit, seconds in _CAPPED.items() if seconds == cap.seconds)
    return f"{cap.count}/{unit}"


def read_per_recipient(text: str) -> Cap | None:
    """``2/7d`` as two in seven days, ``1/d`` as one a day; None for an empty text. Raises SettingsError."""
    if not text:
        return None
    match = _PER_RECIPIENT.fullmatch(tidy(text).replace(" ", "").lower())
    if match is None or not int(match[1]):
        raise SettingsError("per_recipient_unreadable", value=text)
    seconds = duration_of(f"{match[2] or 1}{match[3]}", "per-recipient").total_seconds()
    if seconds < 1:
        raise SettingsError("per_recipient_unreadable", value=text)
    return Cap(int(match[1]), int(seconds))
