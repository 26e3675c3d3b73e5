"""The forecast: when the messages to each country will go, if all goes well. For a person who is asked; nothing relies on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from batch_sms.model import Cap
from batch_sms.schedule.agenda import Agenda, Send, Sleep, Stop, Zones
from batch_sms.schedule.rates import Rates

_MOST_STEPS = 2000
"""A run that sleeps and wakes more often than this lasts longer than anybody plans."""

Queue = Mapping[tuple[str, Zones], float]
"""How many messages wait, by country and zones."""
Spent = Sequence[tuple[float, int]]
"""What the caps count already: so many messages at a moment."""


@dataclass(slots=True)
class Forecast:
    """The first and the last moment for each country, how many can't go before the window closes, when the last goes."""

    begins: float
    countries: dict[str, tuple[float, float]] = field(default_factory=dict)
    left: float = 0
    ends: float = 0.0
    sleeps: bool = False
    """Whether there are times at which nothing goes."""
    stopped_by: Stop | None = None
    """Why some can't go any more."""

    @property
    def seconds(self) -> float:
        """From now to the last message."""
        return self.ends - self.begins

    def as_dict(self) -> dict[str, object]:
        """The moments for machines, in the zone of this one; nothing where nothing has to wait."""
        if not self.sleeps and not self.left:
            return {}
        return {
            "schedule": {
                country: {"first": moment_here(first).isoformat(), "last": moment_here(last).isoformat()}
                for country, (first, last) in self.countries.items()
            },
            "left": self.left,
        }


def moment_here(at: float) -> datetime:
    """A moment with the offset of this machine, to the second."""
    return datetime.fromtimestamp(int(at)).astimezone()


def forecast(agenda: Agenda, queue: Queue, rates: Rates, now: float, spent: Spent = ()) -> Forecast:
    """What will go when: those that may go share the pace, in proportion to what is left of them."""
    left, counted = {key: float(count) for key, count in queue.items() if count}, list(spent)
    told = Forecast(now, ends=now)
    for _ in range(_MOST_STEPS):
        room, free_at, full = _room(rates.caps, counted, now)
        step = agenda.next(now, {zones for _, zones in left}, free_at) if left else None
        if isinstance(step, Sleep):
            told.sleeps, now = True, step.until
        elif isinstance(step, Send):
            going = {key: count for key, count in left.items() if step.zones is None or key[1] in step.zones}
            total = sum(going.values())
            most = min(total, room, max(1.0, (step.until - now) * rates.per_second))
            until = now + most / rates.per_second
            for key, count in going.items():
                first, _ = told.countries.get(key[0], (now, until))
                told.countries[key[0]] = first, until
                left[key] -= count * most / total
            left = {key: count for key, count in left.items() if count > _NOTHING}
            counted.append((until, math.ceil(most)))
            told.ends = now = until
        else:
            told.stopped_by = replace(step, cap=full) if step is not None else None
            break
    told.left = round(sum(left.values()))
    return told


_NOTHING = 1e-6


def _room(caps: Sequence[Cap], counted: Spent, now: float) -> tuple[float, float, Cap | None]:
    """How many the caps let go; if none, the moment at which they let one go again, and the cap that is the last to."""
    room, free_at, full = math.inf, -math.inf, None
    for cap in caps:
        within = [(at, count) for at, count in counted if at > now - cap.seconds]
        free = cap.count - sum(count for _, count in within)
        room = min(room, max(free, 0))
        if free <= 0:
            gone = 0
            for at, count in within:
                gone += count
                if free + gone > 0:
                    if at + cap.seconds > free_at:
                        free_at, full = at + cap.seconds, cap
                    break
    return room, free_at, full
