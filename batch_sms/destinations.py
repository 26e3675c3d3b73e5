"""Where the gateway sends: its own list, asked for or kept from the last time, or what the libraries know instead."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from platformdirs import user_cache_path

from batch_sms import atlas, words
from batch_sms.checking.countries import regions_of
from batch_sms.clock import Clock
from batch_sms.errors import GatewayError
from batch_sms.gateway.apis import NOT_OFFERED
from batch_sms.gateway.asking import Caller, ask
from batch_sms.gateway.queries import Destination, Refusal, destinations

_NO_FILE_NAME = re.compile(r"[^A-Za-z0-9.-]+")


class Source(StrEnum):
    """Where a list of destinations comes from."""

    GATEWAY = "gateway"
    CACHE = "cache"
    LIBRARIES = "libraries"


@dataclass(frozen=True, slots=True)
class Destinations:
    """A list of destinations; ``taken_at`` is when the gateway gave it, None for that of the libraries."""

    listed: tuple[Destination, ...]
    source: Source
    taken_at: datetime | None = None

    def named(self, text: str) -> tuple[Destination, ...]:
        """Those that a name, a part of one, a code or a dial code can mean; all for ``""``."""
        wanted = regions_of(text)
        return tuple(
            destination
            for destination in self.listed
            if destination.country in wanted or (not wanted and _is_part(text, destination))
        )

    def regions(self, *, by_country: bool) -> frozenset[str]:
        """The alpha-2 codes that can be sent to: those listed or, for calls that know no country, all of listed dial codes."""
        if by_country:
            return frozenset(destination.country for destination in self.listed)
        dial_codes = {destination.dial_code for destination in self.listed}
        return frozenset(region for region in atlas.regions() if atlas.dial_code_of(region) in dial_codes)


def ask_for_destinations(caller: Caller, endpoint: str, clock: Clock) -> Destinations:
    """The gateway's list as of now, which is kept for the next time. Raises GatewayError."""
    said = ask(caller, destinations(), clock)
    if isinstance(said, Refusal):
        key = "no_such_list_of_destinations" if said.code in NOT_OFFERED else "no_destinations"
        raise GatewayError(key, code=said.code, message=said.message or "-", endpoint=endpoint)
    if not said:
        raise GatewayError("no_destinations", code="OK", message="TotalCount 0", endpoint=endpoint)
    found = Destinations(_in_order(said), Source.GATEWAY, clock.now())
    with suppress(OSError):  # a cache that can't be written costs nothing but the next question
        _keep(found, _cache_of(endpoint))
    return found


def kept_destinations(endpoint: str) -> Destinations | None:
    """The list that this gateway gave the last time; None where there is none that can be read."""
    try:
        kept = json.loads(_cache_of(endpoint).read_text("utf-8"))
        listed = tuple(Destination(**fields) for fields in kept["countries"])
        return Destinations(listed, Source.CACHE, datetime.fromisoformat(kept["taken_at"])) if listed else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def known_destinations(lang: str) -> Destinations:
    """Every country that the libraries know a numbering plan of; the gateway need not send to all of them."""
    listed = (
        Destination(region, atlas.dial_code_of(region), atlas.name_of(region, lang)) for region in atlas.regions()
    )
    return Destinations(tuple(listed), Source.LIBRARIES)


def spoken_name(destination: Destination, lang: str) -> str:
    """The name in a language: the gateway's own in Chinese, the libraries' in English where they know the country."""
    if lang == "zh" and destination.name:
        return destination.name
    name = atlas.name_of(destination.country, lang)
    return destination.name if name == destination.country and destination.name else name


def _is_part(text: str, destination: Destination) -> bool:
    """Whether a text is a part of a destination's name: the gateway's, which is Chinese, or one of the libraries'."""
    names = (destination.name, *(atlas.name_of(destination.country, lang) for lang in words.LANGUAGES))
    return any(text.casefold() in name.casefold() for name in names)


def _in_order(listed: Sequence[Destination]) -> tuple[Destination, ...]:
    return tuple(sorted(dict.fromkeys(listed), key=lambda destination: (destination.country, destination.dial_code)))


def _cache_of(endpoint: str) -> Path:
    """One file for each gateway: the sandbox's list says nothing about the real one."""
    name = _NO_FILE_NAME.sub("_", endpoint.partition("://")[2])
    return user_cache_path("batch-sms", appauthor=False) / f"destinations-{name}.json"


def _keep(found: Destinations, path: Path) -> None:
    assert found.taken_at is not None
    kept = {"taken_at": found.taken_at.isoformat(), "countries": [asdict(destination) for destination in found.listed]}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
    Path(name).replace(path)
