"""Durations as people write them: ``90s``, ``10m``, ``2h``, ``7d``, ``1h30m``. One parser for options, files and words."""

from __future__ import annotations

import re
from datetime import timedelta

from batch_sms.errors import SettingsError

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_FORM = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+(?:\.[0-9]+)?){unit})?" for unit in _UNITS))


def duration_of(text: str, option: str) -> timedelta:
    """What a text such as ``10m`` or ``1h30m`` stands for; larger units first, each once, none left out.

    ``option`` is the option's name without dashes, for the sentence. Raises SettingsError.
    """
    match = _FORM.fullmatch(text.strip().lower().replace(" ", ""))
    parts = {unit: number for unit, number in match.groupdict().items() if number} if match else {}
    if not parts:
        raise SettingsError("duration_unreadable", option=option, value=text)
    try:
        return sum((_UNITS[unit] * float(number) for unit, number in parts.items()), timedelta())
    except OverflowError:
        raise SettingsError("duration_unreadable", option=option, value=text) from None


def short_form(duration: timedelta) -> str:
    """The shortest text that stands for it, to the millisecond: ``1h30m``, ``0s``. It is never negative."""
    left = timedelta(milliseconds=round(duration / _UNITS["ms"]))
    parts = []
    for unit, one in _UNITS.items():
        count, left = divmod(left, one)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
