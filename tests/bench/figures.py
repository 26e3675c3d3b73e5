"""What a figure is, and the arithmetic of figures. Pure, and knows nothing of the other modules: a test looks at it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from unicodedata import east_asian_width


@dataclass(frozen=True)
class Goal:
    """What a value, or its ratio to the reference, should be: at least, at most."""

    least: float | None = None
    most: float | None = None
    of_ratio: bool = False

    def __str__(self) -> str:
        bounds = [(">=", self.least), ("<=", self.most)]
        text = ", ".join(f"{sign} {number(bound)}" for sign, bound in bounds if bound is not None)
        return f"{text} x" if self.of_ratio else text


@dataclass(frozen=True)
class Figure:
    """A measured value beside what it is compared with in the same run. ``ratio`` is value by reference, median of rounds."""

    part: str
    name: str
    value: float
    unit: str
    reference_name: str = ""
    reference: float | None = None
    ratio: float | None = None
    goal: Goal | None = None
    note: str = ""
    rounds: tuple[float, ...] = ()
    """The ratio of each round."""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, None where there is none."""
        if self.goal is None:
            return None
        judged = self.ratio if self.goal.of_ratio else self.value
        assert judged is not None
        enough = self.goal.least is None or judged >= self.goal.least
        return enough and (self.goal.most is None or judged <= self.goal.most)

    def as_dict(self) -> dict[str, object]:
        """The figure for machines."""
        own = {name: value for name, value in vars(self).items() if name != "goal"}
        return {**own, "goal": str(self.goal) if self.goal else None, "met": self.met}


def compared(
    part: str,
    name: str,
    unit: str,
    values: Sequence[float],
    reference_name: str,
    references: Sequence[float],
    goal: Goal | None = None,
    note: str = "",
) -> Figure:
    """A figure from rounds in which value and reference were taken in turn: what disturbed one round disturbed both."""
    ratios = tuple(value / reference for value, reference in zip(values, references, strict=True))
    return Figure(
        part, name, median(values), unit, reference_name, median(references), median(ratios), goal, note, ratios
    )


def most_in_window(times: Iterable[float], seconds: float = 1.0) -> int:
    """The most of these moments that lie in any half-open window of so many seconds."""
    moments = sorted(times)
    return max((bisect_left(moments, at + seconds) - first for first, at in enumerate(moments)), default=0)


def mean_rate(times: Sequence[float]) -> float:
    """Moments a second between the first and the last; 0 for fewer than two."""
    seconds = max(times) - min(times) if times else 0.0
    return (len(times) - 1) / seconds if seconds else 0.0


def cores_at_the_end(spent: Sequence[tuple[float, float]], seconds: float) -> float:
    """How many cores something had in its last so many seconds of work, by moments and the processor time it had had then."""
    total = spent[-1][1]
    ended = next(moment for moment, so_far in spent if so_far == total)
    before = max((so_far for moment, so_far in spent if moment <= ended - seconds), default=spent[0][1])
    return (total - before) / seconds


def number(value: float | None) -> str:
    """A number with three significant digits, and not fewer digits than it has before the point."""
    if value is None:
        return ""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table for the terminal, and below it what they were taken against."""
    head = ("part", "figure", "value", "unit", "reference", "value", "ratio", "goal", "met")
    met = {None: "", True: "yes", False: "NO"}
    lines = [
        (
            *(figure.part, figure.name, number(figure.value), figure.unit, figure.reference_name),
            *(number(figure.reference), number(figure.ratio), str(figure.goal or ""), met[figure.met]),
        )
        for figure in figures
    ]
    widths = [max(map(_width, column)) for column in zip(head, *lines, strict=True)]
    rows = [head, tuple("-" * width for width in widths), *lines]
    notes = dict.fromkeys(f"{figure.part}: {figure.note}" for figure in figures if figure.note)
    return "\n".join((*("  ".join(map(_padded, row, widths)).rstrip() for row in rows), *notes))


def _padded(cell: str, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if cell[:1].isdigit() else cell + space


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
