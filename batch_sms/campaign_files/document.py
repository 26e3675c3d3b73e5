"""A campaign file as TOML gives it: nested tables, and the line that each key stands on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batch_sms.errors import SettingsError

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_NAMES = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"\s*\[\s*({_NAMES})\s*\]\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_NAMES})\s*=")
_LONG_STRING = re.compile(r'"""|' + "'''")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tables. ``lines`` by the names from the outermost table to the key, as far as they could be found."""

    path: Path
    tables: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]

    def where(self, *names: str) -> str:
        """The file, and the line of a key or of what it stands in, for a sentence: ``spring.toml:7``."""
        for length in range(len(names), 0, -1):
            if line := self.lines.get(names[:length]):
                return f"{self.path}:{line}"
        return str(self.path)


def read_document(path: Path) -> Document:
    """Read a campaign file. Raises SettingsError for what is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise SettingsError("campaign_not_read", path=path, reason=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise SettingsError("campaign_not_utf8", path=path) from error
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = int(found[1] or 0) if (found := _AT_LINE.search(str(error))) else 0
        where = f"{path}:{line or len(text.splitlines())}"
        raise SettingsError("campaign_not_toml", where=where, reason=_AT_LINE.sub("", str(error))) from error
    return Document(path, tables, dict(reversed(list(_lines(text)))))


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """The names of each table and key, and their lines."""
    table: tuple[str, ...] = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not inside:
            if header := _HEADER.match(line):
                table = _split(header[1])
                yield table, number
            elif key := _KEY.match(line):
                names = (*table, *_split(key[1]))
                yield from ((names[:length], number) for length in range(len(table) + 1, len(names) + 1))
        for quotes in _LONG_STRING.findall(line):
            inside = "" if quotes == inside else inside or quotes


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, names))
