"""One line at the bottom of a terminal that is drawn over again and again, and leaves nothing behind."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TextIO

from tqdm.utils import disp_len

_COLUMNS = 80


class BottomLine:
    """The line; other lines are written above it. tqdm's own leaves pieces of itself where a window is made narrower."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""

    @property
    def columns(self) -> int:
        """How wide the terminal is now."""
        with suppress(OSError, ValueError):
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS
        return _COLUMNS

    @property
    def is_ascii(self) -> bool:
        """Whether the terminal's encoding has no characters to draw with."""
        return "utf" not in str(self._stream.encoding).lower().replace("cp65001", "utf")

    def draw(self, text: str) -> None:
        """Put this text, which is shorter than the terminal is wide, in place of what is there."""
        self._put(f"{self._start()}{text}{self._blank(text)}")
        self._text = text

    def clear(self) -> None:
        """Take it away."""
        if self._text:
            self._put(f"{self._start()}{self._blank('')}\r")
            self._text = ""

    def write_above(self, line: str) -> None:
        """Write a line that stays."""
        text = self._text
        self.clear()
        self._put(f"{line}\n{text}")
        self._text = text

    def _start(self) -> str:
        """To where the text begins: further up if the window was made narrower, and one line has become several."""
        wrapped = (disp_len(self._text) - 1) // self.columns
        return "\r" + f"\x1b[{wrapped}A\x1b[J" if self._text and wrapped else "\r"

    def _blank(self, text: str) -> str:
        return " " * (min(disp_len(self._text), self.columns - 1) - disp_len(text))

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
