"""Where a number may ring: the time zones that it can lie in. Says what phonenumbers says, where that can be.

The library knows zones by dial code and area code, and makes no use of the country: it gives +1 mobiles of Jamaica 42
zones, and those of Kazakhstan Russia's. So only zones of a country in which the number is valid count; and where none is
left (the library takes Algeria for France, and Nicaragua for Texas), all that the tz database has for these countries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files

from phonenumbers.phonenumberutil import is_number_type_geographical

from batch_sms.checking.numbering import Number, kind_in, regions_in
from batch_sms.model import Checked, Message, Problem

HOURS = "skip.HOURS"


def zones_of(message: Message) -> tuple[str, ...]:
    """The names (tz database) of the zones that the phone may be in, one for each set of rules; empty where none is known.

    A number with an area code (US numbers of all kinds, Brazilian mobiles) is in those of its area; any other one may be
    anywhere in its country.
    """
    country = message.country
    digits = message.phone[1:]
    number = Number(digits[: len(digits) - len(message.national)], message.national)
    area = is_number_type_geographical(kind_in(number, country), int(number.dial))
    prefix = _prefix_of(digits if area else number.dial)
    return _all_of(country, prefix) or _those_of(regions_in(number) or (country,), prefix)


def zoned(checked: Checked, ever_open: Callable[[tuple[str, ...]], bool]) -> Checked:
    """A row with the zones that its phone may be in; held back where no hour is open in all of them, or none is known."""
    if checked.message is None or checked.skip:
        return checked
    zones = zones_of(checked.message)
    if zones and ever_open(zones):
        return checked._replace(zones=zones)
    problem = Problem(HOURS, "", {"zones": ", ".join(zones) or "-"})
    return checked._replace(problems=(problem,), skip=HOURS, warnings=(), zones=zones)


def _prefix_of(digits: str) -> str:
    """The longest start of a number that the library has zones for."""
    zones, longest = _zones_by_prefix()
    return next((digits[:size] for size in range(longest, 0, -1) if digits[:size] in zones), "")


@cache
def _zones_by_prefix() -> tuple[Mapping[str, tuple[str, ...]], int]:
    """What the library has: zones by the starts of numbers, and how long these are at most."""
    from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX  # noqa: PLC0415 (large, and for hours only)

    return TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX


@cache
def _all_of(country: str, prefix: str) -> tuple[str, ...]:
    """The zones that the library has for a prefix, if they are the country's own: then no other country need be asked."""
    known, own = _zones_by_prefix()[0].get(prefix, ()), _by_rules((country,))
    return _named(known, own) if all(_rules(zone) in own for zone in known) else ()


@cache
def _those_of(countries: tuple[str, ...], prefix: str) -> tuple[str, ...]:
    """The zones that the library has for a prefix, as far as they are of these countries; else all of the countries'."""
    known, own = _zones_by_prefix()[0].get(prefix, ()), _by_rules(countries)
    if not own:  # a country that the tz database does not list (Kosovo)
        return _named(known, {})
    return _named((zone for zone in known if _rules(zone) in own), own) or tuple(sorted(own.values()))


def _named(zones: Iterable[str], own: Mapping[bytes, str]) -> tuple[str, ...]:
    """One name for each set of rules, as the country has it."""
    return tuple(sorted({own.get(_rules(zone), zone) for zone in zones}))


def _by_rules(countries: tuple[str, ...]) -> dict[bytes, str]:
    """The zones of countries, one for each set of rules, the first named."""
    return {_rules(zone): zone for country in reversed(countries) for zone in reversed(_zones_by_country()[country])}


@cache
def _zones_by_country() -> dict[str, list[str]]:
    """The table ``zone.tab`` of the tz database: country, coordinates, zone, comment."""
    zones: dict[str, list[str]] = defaultdict(list)
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country].append(zone)
    return zones


@cache
def _rules(zone: str) -> bytes:
    """The compiled zone, which is the same under all of its names; the library has some old ones (America/Godthab)."""
    return files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
