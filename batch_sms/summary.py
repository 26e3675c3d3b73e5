"""The summary: what a run came to, in numbers, as the terminal and ``--json`` show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from batch_sms import words
from batch_sms.errors import BatchSmsError
from batch_sms.model import Outcome, Status

_LEFT_ON_PURPOSE = "run.LIMIT"


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of all rows of a run, and what this call did.

    ``counts`` by status, code and country (alpha-2, ``""`` for an invalid row); ``sent_now`` messages were tried and
    done with in ``seconds`` at ``rate`` a second; ``stopped_by`` is the outcome that stopped it, None at a natural end.
    """

    run: str
    list_name: str
    output: Path | None
    output_wanted: Path | None
    counts: Mapping[tuple[Status, str, str], int]
    sent_now: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    stopped_by: Outcome | None = None
    clock_offset: timedelta = timedelta(0)
    output_problem: BatchSmsError | None = None
    """Why there is no result sheet although one was wanted."""
    in_doubt_before: int = 0
    """Rows that an earlier call left in doubt."""
    unsent_by: str = ""
    """The ``run.*`` code of a call that sent nothing on purpose: a dry run, or ``--strict`` with invalid rows."""

    def by_status(self) -> Counter[Status]:
        """Rows of each status."""
        return self._sums(0)

    def by_code(self) -> Counter[tuple[Status, str]]:
        """Rows of each status and code."""
        sums: Counter[tuple[Status, str]] = Counter()
        for (status, code, _), count in self.counts.items():
            sums[status, code] += count
        return sums

    def by_country(self) -> dict[str, Counter[Status]]:
        """Rows of each status by country, without the rows that have none."""
        sums: dict[str, Counter[Status]] = {}
        for (status, _, country), count in self.counts.items():
            if country:
                sums.setdefault(country, Counter())[status] += count
        return dict(sorted(sums.items()))

    def _sums(self, part: int) -> Counter[Status]:
        sums: Counter[Status] = Counter()
        for key, count in self.counts.items():
            sums[Status(key[part])] += count
        return sums

    @property
    def rows(self) -> int:
        """All rows of the list."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Rows that were to be sent and were not: the same command goes on with them."""
        if self.unsent_by:
            return 0
        return self.by_status()[Status.NOT_SENT] - self.by_code()[Status.NOT_SENT, _LEFT_ON_PURPOSE]

    @property
    def exit_code(self) -> int:
        """0 all accepted, 1 some not, 2 nothing sent on purpose, 3 rows left (design, section 3.1)."""
        status = self.by_status()
        if self.unsent_by == "run.STRICT":
            return 2
        if self.left or self.stopped_by is not None or self.output_problem is not None:
            return 3
        return 1 if status[Status.INVALID] or status[Status.REJECTED] or status[Status.IN_DOUBT] else 0

    def as_dict(self, lang: str = words.DEFAULT) -> dict[str, object]:
        """The summary for machines; ``error`` is why there is no result sheet."""
        status = self.by_status()
        return {
            "run": self.run,
            "list": self.list_name,
            "output": str(self.output) if self.output else None,
            "rows": self.rows,
            "status": {name.value: status[name] for name in Status},
            "codes": [
                {"status": status.value, "code": code, "rows": rows}
                for (status, code), rows in self.by_code().most_common()
            ],
            "countries": {
                country: {name.value: rows for name, rows in counts.items()}
                for country, counts in self.by_country().items()
            },
            "sent_now": self.sent_now,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 2),
            "clock_offset": round(self.clock_offset.total_seconds(), 1),
            "stopped_by": {"code": self.stopped_by.code, "message": self.stopped_by.message}
            if self.stopped_by
            else None,
            "error": error_as_dict(self.output_problem, lang) if self.output_problem else None,
            "exit_code": self.exit_code,
        }


def failure_as_dict(error: BatchSmsError, list_name: str, run: str, lang: str) -> dict[str, object]:
    """A run that ended before its first message, for machines: what there is of a summary."""
    return {
        "run": run or None,
        "list": list_name,
        "error": error_as_dict(error, lang),
        "exit_code": error.exit_code,
    }


def error_as_dict(error: BatchSmsError, lang: str) -> dict[str, str]:
    """What went wrong, without anything that is quoted from a list."""
    return {"code": error.key, "message": error.say_to_others(lang)}
