"""Which messages and which phones a list held so far, in as little memory as a million rows allow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

_ROW_BYTES = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message as the list has it: the how-manieth of its kind, the row of the first one, the first row of its phone.

    Rows are 0 where this is the first.
    """

    occurrence: int
    repeats: int
    same_phone: int


class Seen:
    """Messages by phone. Nearly every phone has one, so the first one's identity and row stand packed beside it."""

    def __init__(self) -> None:
        self._first: dict[int, bytes] = {}
        self._others: dict[bytes, bytes] = {}
        self._again: Counter[bytes] = Counter()

    def add(self, phone: str, identity: bytes, row: int) -> Sighting:
        """Note a message (its phone in E.164, its identity) and say what stood in the list before it."""
        key, packed = int(phone), row.to_bytes(_ROW_BYTES) + identity
        first = self._first.setdefault(key, packed)
        if first is packed:
            return Sighting(1, 0, 0)
        first_row = int.from_bytes(first[:_ROW_BYTES])
        if first[_ROW_BYTES:] == identity:
            repeats = first_row
        else:
            other = self._others.setdefault(identity, packed[:_ROW_BYTES])
            repeats = int.from_bytes(other)
            if repeats == row:
                return Sighting(1, 0, first_row)
        self._again[identity] += 1
        return Sighting(1 + self._again[identity], repeats, first_row)
