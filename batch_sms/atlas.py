"""What the libraries know of the countries that SMS can go to: alpha-2, dial code, names in English and Chinese.

Regions and dial codes come from phonenumbers, names from pycountry (ISO 3166-1 and its Chinese translation).
"""

from __future__ import annotations

import gettext
from functools import cache

from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

_BESIDE_ISO = {
    "AC": {"en": "Ascension Island", "zh": "阿森松岛"},
    "TA": {"en": "Tristan da Cunha", "zh": "特里斯坦-达库尼亚"},
    "XK": {"en": "Kosovo", "zh": "科索沃"},
}
"""Regions with phones of their own that ISO 3166-1 has no country for."""


@cache
def regions() -> tuple[str, ...]:
    """Every alpha-2 code that has a numbering plan, in order."""
    return tuple(sorted(SUPPORTED_REGIONS))


def dial_code_of(region: str) -> str:
    """The dial code of a region, without ``+``; ``""`` for one that is not known."""
    return str(country_code_for_region(region) or "")


def name_of(region: str, lang: str) -> str:
    """A region's name in a language of ``words``; the alpha-2 code itself for one that is not known."""
    import pycountry  # noqa: PLC0415 (whoever needs no name waits for none)

    if region in _BESIDE_ISO:
        return _BESIDE_ISO[region][lang]
    country = pycountry.countries.get(alpha_2=region)
    if country is None:
        return region
    name = str(getattr(country, "common_name", country.name))
    return _chinese().gettext(name) if lang == "zh" else name


@cache
def _chinese() -> gettext.NullTranslations:
    import pycountry  # noqa: PLC0415 (as above)

    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, ["zh_CN"], fallback=True)
