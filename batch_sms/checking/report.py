"""The report of a check: what the list holds, before anything is sent."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from batch_sms.checking.segments import size_of, with_sign
from batch_sms.model import Checked, Message, Problem

_FIRST = 3


@dataclass(slots=True)
class CountryLine:
    """What goes to one country: messages, and the segments they take as far as the list can tell."""

    messages: int = 0
    segments: int = 0


@dataclass(slots=True)
class ProblemLine:
    """One kind of problem: on how many rows, and its first rows."""

    rows: int = 0
    first: list[tuple[int, Problem]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The sums over a checked list. Filled by ``add``, row by row, so that a long list needs no room."""

    rows: int = 0
    sendable: int = 0
    invalid: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    countries: dict[str, CountryLine] = field(default_factory=lambda: defaultdict(CountryLine))
    problems: dict[str, ProblemLine] = field(default_factory=lambda: defaultdict(ProblemLine))
    samples: list[Checked] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        """Count one row."""
        self.rows += 1
        if checked.message is None:
            self.invalid += 1
            self._add_problems(checked)
        elif checked.skip:
            self.skipped[checked.skip] += 1
        else:
            self.sendable += 1
            line = self.countries[checked.message.country]
            line.messages += 1
            line.segments += segments_of(checked.message)
            if len(self.samples) < _FIRST:
                self.samples.append(checked)

    def hold_back(self, checked: Checked, code: str) -> None:
        """Count a row, counted as sendable before, as held back after all."""
        assert checked.message is not None
        self.sendable -= 1
        self.skipped[code] += 1
        line = self.countries[checked.message.country]
        line.messages -= 1
        line.segments -= segments_of(checked.message)
        if not line.messages:
            del self.countries[checked.message.country]

    def _add_problems(self, checked: Checked) -> None:
        for code in dict.fromkeys(problem.code for problem in checked.problems):
            self.problems[code].rows += 1
        for problem in checked.problems:
            line = self.problems[problem.code]
            if len(line.first) < _FIRST:
                line.first.append((checked.row.number, problem))

    @property
    def segments(self) -> int:
        """All segments of all countries."""
        return sum(line.segments for line in self.countries.values())


def text_of(message: Message) -> str:
    """The text as far as it is known here: signature and parameter values (international templates are all variable)."""
    values: dict[str, str] = json.loads(message.params) if message.params else {}
    return with_sign(message.sign, " ".join(values.values()))


def segments_of(message: Message) -> int:
    """The segments of that text."""
    return size_of(text_of(message)).segments
