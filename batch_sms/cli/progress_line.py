"""What is said of a step that goes on: in one line of a terminal, however narrow, or in one line of a log. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tqdm import tqdm
from tqdm.utils import disp_len, disp_trim

from batch_sms.words import say

_LONGEST_BAR, _SHORTEST_BAR = 30, 8
_ALL_DIGITS_FROM = 100
"""A rate of so many a second is said without decimals."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a step stands: rows done (of ``rows``, if that is known), its share from 0 to 1, rows a second, seconds.

    ``left`` are the seconds that it will take still, ``counts`` the rows by what became of them.
    """

    step: str
    seconds: float
    done: int = 0
    rows: int | None = None
    share: float | None = None
    rate: float | None = None
    left: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def log_line(standing: Standing, lang: str) -> str:
    """The standing in a line of a log: all of it."""
    texts = [text for _, text in sorted(_pieces(standing, lang), key=lambda piece: _ORDER.index(piece[0]))]
    return say("progress.line", lang, step=texts[0], standing=", ".join(texts[1:]))


def bar_line(standing: Standing, columns: int, lang: str, *, ascii_bar: bool = False) -> str:
    """The standing in a line of a terminal of so many columns; what matters less goes first where there is no room.

    A bar takes what room is left, drawn with what the terminal's encoding has.
    """
    texts: dict[str, str] = {}
    for name, text in _pieces(standing, lang):
        if not texts or disp_len(_joined({**texts, name: text})) < columns:
            texts[name] = text
    line = _joined(texts)
    room = min(columns - disp_len(line) - 2, _LONGEST_BAR)
    if standing.share is not None and room >= _SHORTEST_BAR:
        line = _joined(texts, tqdm.format_meter(standing.share, 1, 0, room, ascii=ascii_bar, bar_format="{bar}"))
    return str(disp_trim(line, columns - 1))


_ORDER = ("step", "percent", "done", "rate", "left", "accepted", "rejected", "in_doubt")


def _joined(texts: Mapping[str, str], bar: str = "") -> str:
    """The pieces in the order in which they are read."""
    first = [texts[name] for name in _ORDER[:2] if name in texts]
    rest = ", ".join(texts[name] for name in _ORDER[2:] if name in texts)
    return " ".join(part for part in (*first, bar, rest) if part)


def _pieces(standing: Standing, lang: str) -> list[tuple[str, str]]:
    """What there is to say, what matters most first."""
    there = [("step", say(f"progress.{standing.step}", lang))]
    if standing.share is not None:
        there.append(("percent", f"{standing.share:3.0%}"))
    if standing.left is not None:
        there.append(("left", say("progress.left", lang, time=duration(standing.left))))
    there += [(name, f"{name} {count}") for name, count in standing.counts.items() if count]
    if standing.rate:
        there.append(("rate", f"{standing.rate:.{0 if standing.rate >= _ALL_DIGITS_FROM else 1}f}/s"))
    if standing.rows is not None:
        there.append(("done", say("progress.of", lang, done=standing.done, rows=standing.rows)))
    elif standing.done:
        there.append(("done", str(standing.done)))
    if standing.left is None:
        there.append(("left", duration(standing.seconds)))
    return there


def duration(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
