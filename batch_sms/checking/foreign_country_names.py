"""Countries' names in other languages than a list is read in: only to suspect a column of holding countries."""

from __future__ import annotations

import gettext
from functools import cache, lru_cache

from phonenumbers import SUPPORTED_REGIONS

from batch_sms.checking.countries import name_key, regions_of

_LANGUAGES = "fr es de pt pt_BR it nl pl ru uk tr ar ja ko id vi th sv cs"
"""Languages whose names pycountry has (ISO 3166-1) and in which lists are often kept."""
_LONGEST_NAME = 60
_MOST_REMEMBERED = 10_000


@lru_cache(_MOST_REMEMBERED)
def suspected_regions(text: str) -> tuple[str, ...]:
    """The alpha-2 codes that a cell can mean, in any of these languages; none if unknown."""
    if found := regions_of(text):
        return found
    name = name_key(text) if len(text) <= _LONGEST_NAME else ""
    return _names().get(name, ()) if name else ()


@cache
def _names() -> dict[str, tuple[str, ...]]:
    import pycountry  # noqa: PLC0415 (most lists never need it)

    names: dict[str, tuple[str, ...]] = {}
    for lang in _LANGUAGES.split():
        say = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [lang], fallback=True).gettext
        for country in pycountry.countries:
            if country.alpha_2 not in SUPPORTED_REGIONS:
                continue
            for form in ("name", "common_name"):
                name = name_key(say(getattr(country, form))) if hasattr(country, form) else ""
                if name and country.alpha_2 not in names.get(name, ()):
                    names[name] = (*names.get(name, ()), country.alpha_2)
    return names
