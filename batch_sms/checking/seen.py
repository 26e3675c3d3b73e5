"""Which messages and which phones a list held so far. The memory it takes does not grow with the list."""

from __future__ import annotations

from dataclasses import dataclass

from batch_sms.checking.overflow import MOST_IN_MEMORY, Overflow

_NUMBER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Sighting:
    """A message as the list has it: the how-manieth of its kind, the row of the first one, the first row of its phone.

    Rows are 0 where this is the first.
    """

    occurrence: int
    repeats: int
    same_phone: int


_FIRST = Sighting(1, 0, 0)


class Seen:
    """Messages by phone. Nearly every phone has one, so the first one's identity and row stand beside it."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._first = Overflow(most_in_memory)
        """Phone → row and identity of its first message."""
        self._others = Overflow(most_in_memory)
        """Identity of a phone's later messages → row."""
        self._again = Overflow(most_in_memory)
        """Identity → how often it was repeated."""

    def add(self, phone: str, identity: bytes, row: int) -> Sighting:
        """Note a message (its phone in E.164, its identity) and say what stood in the list before it. Raises ListError."""
        key = int(phone)
        first = self._first.get(key)
        if first is None:
            self._first.put(key, _packed(row) + identity)
            return _FIRST
        first_row = _number(first[:_NUMBER_BYTES])
        repeats = first_row if first[_NUMBER_BYTES:] == identity else _number(self._others.get(identity))
        if not repeats:
            self._others.put(identity, _packed(row))
            return Sighting(1, 0, first_row)
        times = _number(self._again.get(identity)) + 1
        self._again.put(identity, _packed(times))
        return Sighting(1 + times, repeats, first_row)

    def close(self) -> None:
        """Give the room back."""
        for table in (self._first, self._others, self._again):
            table.close()


def _packed(number: int) -> bytes:
    return number.to_bytes(_NUMBER_BYTES)


def _number(packed: bytes | None) -> int:
    return int.from_bytes(packed) if packed else 0
