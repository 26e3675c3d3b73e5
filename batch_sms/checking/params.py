"""Template parameters: from the columns of a list, from its JSON cells, or from ``--param`` texts, made into one JSON text.

The gateway takes a JSON object whose values are all strings (API document, ``isv.INVALID_JSON_PARAM``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch_sms.characters import key, tidy
from batch_sms.errors import SettingsError
from batch_sms.model import Columns, Problem, Role, Row

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Text:
    """A ``--param`` text, taken apart: literal pieces (str) and columns to fill in (index into the row)."""

    pieces: tuple[str | int, ...]

    def filled(self, row: Row) -> str:
        """The text with the row's cells in place of the braces."""
        return "".join(row.cells[piece] if isinstance(piece, int) else piece for piece in self.pieces)

    def columns(self) -> tuple[int, ...]:
        """The columns it takes cells from."""
        return tuple(piece for piece in self.pieces if isinstance(piece, int))


def compile_text(name: str, text: str, headers: tuple[str, ...]) -> Text:
    """Take a ``--param`` text apart; ``{{`` and ``}}`` stand for braces. Raises SettingsError for an unknown header."""
    exact = {header: index for index, header in reversed(tuple(enumerate(headers))) if header}
    loose = {key(header): index for header, index in exact.items()}
    pieces: list[str | int] = []
    end = 0
    for match in _BRACES.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        if match[1] is None:
            if len(match[0]) == 1:
                raise SettingsError("param_brace", param=name, text=text)
            pieces.append(match[0][0])
            continue
        header = tidy(match[1])
        index = exact.get(header, loose.get(key(header)))
        if index is None:
            spoken = ", ".join(header for header in headers if header)
            raise SettingsError("param_header", param=name, header=match[1], headers=spoken)
        pieces.append(index)
    pieces.append(text[end:])
    return Text(tuple(piece for piece in pieces if piece != ""))


@dataclass(frozen=True, slots=True)
class ParamPlan:
    """How each row's template parameters are made. Where ``texts`` are given, only they are sent."""

    columns: Columns
    texts: tuple[tuple[str, Text], ...]

    @classmethod
    def of(cls, columns: Columns, params: Mapping[str, str]) -> ParamPlan:
        """The plan for these columns and ``--param`` texts. Raises SettingsError."""
        texts = ((name, compile_text(name, text, columns.headers)) for name, text in params.items())
        return cls(columns, tuple(texts))

    def used_columns(self) -> set[int]:
        """The columns that parameters are made from."""
        if self.texts:
            return {index for _, text in self.texts for index in text.columns()}
        return {index for _, index in self.columns.params}

    def make(self, row: Row) -> tuple[str, list[Problem]]:
        """The row's parameters as JSON text (``""`` where it has none), and what is wrong with them."""
        if self.texts:
            values, problems = self._from_texts(row)
        else:
            values, problems = self._from_columns(row)
        return (json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else ""), problems

    def _from_texts(self, row: Row) -> tuple[dict[str, str], list[Problem]]:
        values = {name: text.filled(row) for name, text in self.texts}
        used = {index: name for name, text in reversed(self.texts) for index in text.columns()}
        headers = self.columns.headers
        empty = [Problem("check.PARAM_EMPTY", headers[i]) for i in sorted(used) if not row.cells[i].strip()]
        return values, empty

    def _from_columns(self, row: Row) -> tuple[dict[str, str], list[Problem]]:
        values = {name: row.cells[index] for name, index in self.columns.params}
        problems: list[Problem] = []
        cell = self.columns.cell(row, Role.TEMPLATE_PARAM)
        if cell.strip():
            given, problems = read_json(cell, self.columns.header(Role.TEMPLATE_PARAM))
            values.update(given)
        problems += [Problem("check.PARAM_EMPTY", name) for name, value in values.items() if not value.strip()]
        return values, problems


def read_json(cell: str, header: str) -> tuple[dict[str, str], list[Problem]]:
    """A JSON cell as parameters: numbers and truth values become the text they are written as, anything deeper is a problem."""
    try:
        given: Any = json.loads(cell, parse_int=str, parse_float=str, parse_constant=str, strict=False)
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        return {}, [Problem("check.PARAM_JSON", header, {"cell": cell})]
    nested = [name for name, value in given.items() if isinstance(value, dict | list) or value is None]
    if nested:
        return {}, [Problem("check.PARAM_NESTED", header, {"param": name}) for name in nested]
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}, []
