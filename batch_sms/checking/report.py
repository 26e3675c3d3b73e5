"""The report of a check: what the list holds, before anything is sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from batch_sms.checking.prices import Price, totals
from batch_sms.model import Checked, Note, Problem
from batch_sms.schedule.forecast import Forecast

_FIRST = 3
_FEWEST_OF_A_COLUMN = 2
_WHOLE = {
    "check.COUNTRY_MISSING": "no_country",
    "check.COUNTRY_UNKNOWN": "wrong_country",
    "check.CELLS": "other_length",
}
"""What a list lacks where every row has the same of these problems."""
OF_COLUMNS = frozenset({"warn.NUMBER_SHOWN", "warn.DATE_SHOWN", "warn.TIME_SHOWN"})
"""What is said of a whole column once: its cells have a format in common."""
_WRONG_COLUMN = Note("wrong_column", {})


@dataclass(slots=True)
class CountryLine:
    """What goes to one country: messages, and the segments they take as far as the list can tell."""

    messages: int = 0
    segments: int = 0


@dataclass(slots=True)
class ProblemLine:
    """One kind of problem, or of warning: on how many rows, in which columns how often, and its first rows.

    Of what is said of columns, the first row of each.
    """

    rows: int = 0
    columns: Counter[str] = field(default_factory=Counter)
    first: list[tuple[int, Problem]] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """The sums over a checked list. Filled by ``add``, row by row, so that a long list needs no room."""

    name: str = ""
    source: str = ""
    notes: Sequence[Note] = ()
    rows: int = 0
    sendable: int = 0
    invalid: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    countries: dict[str, CountryLine] = field(default_factory=lambda: defaultdict(CountryLine))
    problems: dict[str, ProblemLine] = field(default_factory=lambda: defaultdict(ProblemLine))
    warnings: dict[str, ProblemLine] = field(default_factory=lambda: defaultdict(ProblemLine))
    places: Counter[tuple[str, tuple[str, ...]]] = field(default_factory=Counter)
    """What is to be sent, by country and by the zones of its phones, where hours matter."""
    samples: list[Checked] = field(default_factory=list)
    prices: Mapping[str, Price] = field(default_factory=dict)
    """What a segment to each country costs, where the person named prices."""
    forecast: Forecast | None = None
    """When the messages will go, if they are all sent from now on."""
    cure: Note = _WRONG_COLUMN
    """What to change, likely, where no row has a valid phone."""

    def add(self, checked: Checked) -> None:
        """Count one row."""
        self.rows += 1
        if checked.message is None:
            self.invalid += 1
            _add(self.problems, checked.row.number, checked.problems)
        elif checked.skip:
            self.skipped[checked.skip] += 1
        else:
            self.sendable += 1
            line = self.countries[checked.message.country]
            line.messages += 1
            line.segments += checked.segments
            self.places[checked.message.country, checked.zones] += 1
            if checked.warnings:
                _add(self.warnings, checked.row.number, checked.warnings)
            if len(self.samples) < _FIRST:
                self.samples.append(checked)

    def hold_back(self, checked: Checked, code: str) -> None:
        """Count a row, counted as sendable before, as held back after all."""
        assert checked.message is not None
        self.sendable -= 1
        self.samples = [sample for sample in self.samples if sample.row.number != checked.row.number]
        self.skipped[code] += 1
        line = self.countries[checked.message.country]
        line.messages -= 1
        line.segments -= checked.segments
        self.places[checked.message.country, checked.zones] -= 1
        if not line.messages:
            del self.countries[checked.message.country]

    def mistakes(self) -> list[Note]:
        """The mistakes that hit every row, each as one sentence with its likely cure (table ``mistake`` of ``words``)."""
        if self.rows < _FEWEST_OF_A_COLUMN or self.invalid < self.rows:
            return []
        empty = self.problems.get("check.PARAM_EMPTY", ProblemLine()).columns
        found = [Note("empty_column", {"column": column}) for column, rows in empty.items() if rows == self.rows]
        whole = {code for code, line in self.problems.items() if line.rows == self.rows}
        found += [Note(key, {}) for code, key in _WHOLE.items() if code in whole]
        return [*found, self.cure] if self.has_no_phone else found

    @property
    def has_no_phone(self) -> bool:
        """Whether each of several rows has a phone that is none."""
        phones = sum(line.rows for code, line in self.problems.items() if "PHONE_" in code)
        return self.rows >= _FEWEST_OF_A_COLUMN and self.invalid == self.rows <= phones

    @property
    def segments(self) -> int:
        """All segments of all countries."""
        return sum(line.segments for line in self.countries.values())

    def cost_of(self, country: str) -> Price | None:
        """What the messages to a country cost; None without a price for it."""
        price = self.prices.get(country)
        return None if price is None else price.times(self.countries[country].segments)

    @property
    def costs(self) -> dict[str, Decimal]:
        """What all of it costs, by currency: the countries that have a price."""
        return totals(cost for country in self.countries if (cost := self.cost_of(country)))

    @property
    def unpriced(self) -> list[str]:
        """The countries that messages go to without a price, where there are prices at all."""
        return [country for country in sorted(self.countries) if country not in self.prices] if self.prices else []


def _add(lines: dict[str, ProblemLine], row: int, problems: Iterable[Problem]) -> None:
    counted = set()
    for problem in problems:
        line = lines[problem.code]
        line.columns[problem.column] += 1
        if problem.code not in counted:
            counted.add(problem.code)
            line.rows += 1
        if line.columns[problem.column] == 1 if problem.code in OF_COLUMNS else len(line.first) < _FIRST:
            line.first.append((row, problem))
