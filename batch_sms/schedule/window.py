"""The window of a run: not before, not after, and not too late (``--not-before``, ``--not-after``, ``--max-age``)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from batch_sms.errors import SettingsError
from batch_sms.schedule.hours import read_clock
from batch_sms.schedule.spans import moment_of


@dataclass(frozen=True, slots=True)
class Window:
    """The moments between which a run may send, and up to which it may begin to."""

    opens: float = -math.inf
    closes: float = math.inf
    latest_start: float = math.inf


def check_window(not_before: str, not_after: str, zone: tzinfo) -> None:
    """Refuse what can be read neither as a time of day nor as an instant with its zone, and one time of day for both ends.

    Raises SettingsError.
    """
    for option, text in (("not-before", not_before), ("not-after", not_after)):
        if text and read_clock(text) is None:
            _instant(text, option, zone)
    opens, closes = read_clock(not_before), read_clock(not_after)
    if opens is not None and opens == closes:
        raise SettingsError("window_of_a_day", not_before=not_before, not_after=not_after)


def window_of(not_before: str, not_after: str, max_age: timedelta | None, now: datetime, zone: tzinfo) -> Window:
    """The window that two texts (``""`` for none) mean at a moment; ``zone`` is this machine's.

    A time of day is today's; one at which a window closes, the first after it opens. So in the night a window from 20:00
    to 02:00 is the one that opened yesterday. Raises SettingsError where it closes before it opens.
    """
    today = now.astimezone(zone).date()
    opening, closing = _Text(not_before, "not-before", zone), _Text(not_after, "not-after", zone)
    opens, closes = opening.on(today, -math.inf), closing.on(today, math.inf)
    if opening.clock is not None and closing.clock is not None and closing.clock <= opening.clock:
        began_yesterday = now.timestamp() < closes
        opens = opening.on(today - timedelta(days=began_yesterday), opens)
        closes = closing.on(today + timedelta(days=not began_yesterday), closes)
    elif opening.clock is None and closing.clock is not None and opens > -math.inf:
        day = datetime.fromtimestamp(opens, zone).date()
        closes = next(at for later in range(2) if (at := closing.on(day + timedelta(days=later), opens)) > opens)
    if closes <= opens:
        raise SettingsError("window_empty", not_before=not_before, not_after=not_after)
    return Window(opens, closes, math.inf if max_age is None else opens + max_age.total_seconds())


@dataclass(frozen=True, slots=True)
class _Text:
    """One end of a window as it was written."""

    text: str
    option: str
    zone: tzinfo

    @property
    def clock(self) -> int | None:
        return read_clock(self.text) if self.text else None

    def on(self, day: date, without: float) -> float:
        """The moment it means, if the day is this one."""
        if not self.text:
            return without
        if self.clock is None:
            return _instant(self.text, self.option, self.zone)
        return moment_of(datetime.combine(day, time()) + timedelta(seconds=self.clock), self.zone)


def _instant(text: str, option: str, zone: tzinfo) -> float:
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SettingsError("instant_unreadable", option=option, value=text) from None
    if instant.tzinfo is None:  # it would mean another moment on a machine in another zone
        here = datetime.fromtimestamp(moment_of(instant, zone), zone)
        raise SettingsError("instant_without_zone", option=option, value=text, here=here.isoformat(timespec="minutes"))
    return instant.timestamp()
