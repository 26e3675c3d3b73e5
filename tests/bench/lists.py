"""Lists as people have them, of any length: phones of eight countries, no two alike, in several spellings."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

HEADERS = ("phone", "country", "name", "code", "city", "note", "date", "amount")
_COUNTRIES = (
    ("+44 7400 {:06}", ""),
    ("66{:06}", "HK"),
    ("+6581{:06}", "Singapore"),
    ("0151 2{:07}", "Germany"),
    ("412{:06}", "AU"),
    ("+81 90-1{:07}", "日本"),
    ("06 1{:07}", "FR"),
    ("+34 61{:07}", ""),
)
_NAMES = ("Chan", "Müller", "佐藤", "O'Brien", "Nguyễn", "García", "Tan", "Smith")
"""Real-looking, so that texts are of the length and the characters that they have in life."""


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """So many rows of eight cells."""
    for index in range(count):
        phone, country = _COUNTRIES[index % len(_COUNTRIES)]
        number = index // len(_COUNTRIES)
        name = _NAMES[index // 3 % len(_NAMES)]
        yield (
            *(phone.format(number), country, name, f"{index:06}", "Spring campaign", "a note of some length"),
            *("2026-03-01", f"{index % 100}.50"),
        )


def write_csv(path: Path, count: int) -> Path:
    """Write them as CSV; a list that is there already is taken as it is."""
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADERS)
            writer.writerows(rows(count))
    return path
