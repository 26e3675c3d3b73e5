"""Template parameters: from the columns of a list, from its JSON cells, or from ``--param`` texts, made into one JSON text.

The gateway takes a JSON object whose values are all strings (API document, ``isv.INVALID_JSON_PARAM``).
"""

from __future__ import annotations

import json
import re
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from batch_sms.characters import ZERO_WIDTH, key, tidy
from batch_sms.checking.plain_texts import text_among
from batch_sms.checking.texts import control_in
from batch_sms.errors import ListError, SettingsError
from batch_sms.model import THE_TEXT, Columns, Problem, Role, Row

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BLANK = f"{string.whitespace}\u00a0\u3000{ZERO_WIDTH}"
"""What nobody sees: a value of nothing else is empty."""
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Text:
    """A ``--param`` text, taken apart: literal pieces (str) and columns to fill in (index into the row)."""

    pieces: tuple[str | int, ...]

    def filled(self, row: Row) -> str:
        """The text with the row's cells in place of the braces."""
        return "".join([row.cells[piece] if isinstance(piece, int) else piece for piece in self.pieces])

    def columns(self) -> tuple[int, ...]:
        """The columns it takes cells from."""
        return tuple(piece for piece in self.pieces if isinstance(piece, int))


def compile_text(name: str, text: str, headers: tuple[str, ...]) -> Text:
    """Take a ``--param`` text apart; ``{{`` and ``}}`` stand for braces. Raises SettingsError for an unknown header."""
    exact = {header: index for index, header in reversed(tuple(enumerate(headers))) if header}
    pieces: list[str | int] = []
    end = 0
    for match in _BRACES.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end()
        if len(match[0]) == 1 or (match[1] is not None and not match[1].strip()):
            raise SettingsError("param_brace", param=name, text=text)
        if match[1] is None:
            pieces.append(match[0][0])
            continue
        header = tidy(match[1])
        alike = [header] if header in exact else [other for other in exact if key(other) == key(header)]
        if not alike:
            spoken = ", ".join(header for header in headers if header)
            raise SettingsError("param_header", param=name, header=match[1], headers=spoken)
        if len(alike) > 1:
            twins = ", ".join(f"'{headers[index]}'" for index in sorted(exact[other] for other in alike))
            raise SettingsError("param_header_unsure", param=name, header=match[1], headers=twins)
        index = exact[alike[0]]
        if headers.count(headers[index]) > 1:
            raise ListError("header_twice", header=headers[index])
        pieces.append(index)
    pieces.append(text[end:])
    return Text(tuple(piece for piece in pieces if piece != ""))


class Params(NamedTuple):
    """A row's template parameters, and what is wrong with them."""

    values: Mapping[str, str]
    problems: list[Problem]
    plain: bool = False
    """There is no template, and the only value is the text."""

    @property
    def text(self) -> str:
        """The values as the JSON that the gateway takes; ``""`` where there are none."""
        if self.plain:
            return "".join(f"{{{_to_json(THE_TEXT)}:{_to_json(text)}}}" for text in self.values.values())
        members = [f"{_to_json(name)}:{_to_json(value)}" for name, value in self.values.items()]
        return f"{{{','.join(members)}}}" if members else ""


@dataclass(frozen=True, slots=True)
class ParamPlan:
    """How each row's template parameters are made. Where ``texts`` are given, only they are sent."""

    columns: Columns
    texts: tuple[tuple[str, Text], ...]
    used: tuple[int, ...]
    """The columns that the texts take cells from."""
    plain: bool = False
    """There is no template: one of them is the text, the others are not sent."""

    @classmethod
    def of(cls, columns: Columns, params: Mapping[str, str], *, plain: bool = False) -> ParamPlan:
        """The plan for these columns and ``--param`` texts. Raises SettingsError."""
        if plain:
            columns, params = _with_one_text(columns, params)
        texts = tuple((name, compile_text(name, text, columns.headers)) for name, text in params.items())
        return cls(columns, texts, tuple(sorted({index for _, text in texts for index in text.columns()})), plain)

    def used_columns(self) -> set[int]:
        """The columns that parameters are made from."""
        return set(self.used) if self.texts else {index for _, index in self.columns.params}

    def make(self, row: Row) -> Params:
        """The row's parameters."""
        return self._from_texts(row) if self.texts else self._from_columns(row)

    def _from_texts(self, row: Row) -> Params:
        values = {name: text.filled(row) for name, text in self.texts}
        headers, cells = self.columns.headers, row.cells
        return Params(values, _problems([(headers[index], cells[index]) for index in self.used]), self.plain)

    def _from_columns(self, row: Row) -> Params:
        values = {name: row.cells[index] for name, index in self.columns.params}
        problems: list[Problem] = []
        cell = self.columns.cell(row, Role.TEMPLATE_PARAM)
        if cell and not cell.isspace():
            given, problems = read_json(cell, self.columns.header(Role.TEMPLATE_PARAM))
            values.update(given)
        if self.plain and not problems:
            text = text_among(values)
            if text is None:
                facts = {"names": ", ".join(values) or "-"}
                return Params({}, [Problem("check.TEXT_MISSING", self.columns.header(Role.TEMPLATE_PARAM), facts)])
            values = {text: values[text]}
        return Params(values, problems + _problems(values.items()), self.plain)


def _with_one_text(columns: Columns, params: Mapping[str, str]) -> tuple[Columns, Mapping[str, str]]:
    """The columns and the ``--param`` texts without those that are not the text. Raises SettingsError if none is."""
    names = list(params) or [name for name, _ in columns.params]
    text = text_among(names)
    if text is None and (params or Role.TEMPLATE_PARAM not in columns.roles):
        raise SettingsError("no_text", names=", ".join(names) or "-")
    if params or Role.TEMPLATE_PARAM in columns.roles:
        return columns, {name: words for name, words in params.items() if name == text}
    return replace(columns, params=tuple(pair for pair in columns.params if pair[0] == text)), params


def _problems(values: Iterable[tuple[str, str]]) -> list[Problem]:
    """What is wrong with values, or with the cells that they are made from, by name."""
    empty, controls = [], []
    for name, value in values:
        if not value.strip(_BLANK):
            empty.append(Problem("check.PARAM_EMPTY", name))
        if char := control_in(value):
            controls.append(Problem("check.PARAM_CONTROL", name, {"char": char}))
    return empty + controls


def read_json(cell: str, header: str) -> tuple[dict[str, str], list[Problem]]:
    """A JSON cell as parameters: numbers and truth values become the text they are written as, anything deeper is a problem."""
    doubled: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        doubled.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return dict(pairs)

    try:
        given: Any = json.loads(
            cell, parse_int=str, parse_float=_plain_number, parse_constant=_refuse, object_pairs_hook=once, strict=False
        )
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(map(str.strip, given)):
        return {}, [Problem("check.PARAM_JSON", header, {"cell": cell})]
    if doubled:
        return {}, [Problem("check.PARAM_TWICE", header, {"param": name}) for name in doubled]
    nested = [name for name, value in given.items() if isinstance(value, dict | list) or value is None]
    if nested:
        return {}, [Problem("check.PARAM_NESTED", header, {"param": name}) for name in nested]
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}, []


def _plain_number(text: str) -> str | None:
    """A number as it is written; none with a power of ten, which nobody wants to read."""
    return text if text.replace(".", "").removeprefix("-").isdecimal() else None


def _refuse(constant: str) -> Any:
    """NaN and Infinity: no JSON, and no value that anybody meant to send."""
    raise ValueError(constant)
