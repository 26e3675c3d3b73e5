"""Countries as people write them: alpha-2, alpha-3, dial code, English or Chinese name, made into alpha-2.

Names come from pycountry (ISO 3166-1, with its Chinese translation), regions and dial codes from phonenumbers.
"""

from __future__ import annotations

import gettext
import re
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS

from batch_sms.characters import key, tidy, without_point_zero

_DIAL_CODE = re.compile(r"(?:\+|00)?([1-9]\d{0,2})")

_ALIASES = {
    "AE": ("UAE",),
    "BO": ("Bolivia",),
    "BN": ("Brunei", "文莱"),
    "CD": ("DR Congo", "DRC", "Democratic Republic of the Congo", "Congo Kinshasa", "刚果金", "刚果（金）"),
    "CG": ("Republic of the Congo", "Congo Brazzaville", "刚果布", "刚果（布）"),
    "CI": ("Ivory Coast", "Cote d'Ivoire", "象牙海岸"),
    "CN": ("China", "Mainland China", "PRC", "中国大陆", "中国内地"),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "FK": ("Falkland Islands",),
    "FM": ("Micronesia",),
    "GB": ("UK", "Great Britain", "Britain", "England", "英国"),
    "HK": ("Hong Kong", "Hongkong", "HKSAR", "Hong Kong SAR", "香港", "中国香港"),
    "IR": ("Iran",),
    "KP": ("North Korea", "DPRK", "朝鲜"),
    "KR": ("South Korea", "Korea", "韩国", "南韩"),
    "LA": ("Laos", "老挝"),
    "MD": ("Moldova",),
    "MK": ("Macedonia", "北马其顿"),
    "MM": ("Burma",),
    "MO": ("Macau", "Macao", "澳门", "中国澳门"),
    "NL": ("Holland", "The Netherlands"),
    "PS": ("Palestine",),
    "RU": ("Russia", "俄罗斯"),
    "SY": ("Syria", "叙利亚"),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "TW": ("Taiwan", "台湾", "中国台湾", "臺灣"),
    "TZ": ("Tanzania",),
    "US": ("USA", "U.S.", "U.S.A.", "America", "United States", "United States of America", "美国"),
    "VA": ("Vatican",),
    "VE": ("Venezuela",),
    "VN": ("Vietnam", "Viet Nam", "越南"),
    "XK": ("Kosovo", "科索沃", "XKX"),
}


@cache
def regions_of(text: str) -> tuple[str, ...]:
    """The alpha-2 codes that a country cell can mean: one for a name, maybe several for a dial code, none if unknown."""
    plain = without_point_zero(tidy(text))
    if dial := _DIAL_CODE.fullmatch(plain.replace(" ", "").replace("-", "")):
        regions: tuple[str, ...] = COUNTRY_CODE_TO_REGION_CODE.get(int(dial[1]), ())
        return tuple(region for region in regions if region in SUPPORTED_REGIONS)
    region = _names().get(key(plain))
    return (region,) if region else ()


def names_for_people() -> list[str]:
    """The English names of all countries that can be sent to, in their order: what a starter list lets choose from."""
    import pycountry  # noqa: PLC0415 (as below)

    known = (country for country in pycountry.countries if country.alpha_2 in SUPPORTED_REGIONS)
    return sorted(getattr(country, "common_name", country.name) for country in known)


@cache
def _names() -> dict[str, str]:
    """Every name of a country that SMS can go to, by its comparison key."""
    import pycountry  # noqa: PLC0415 (a list of dial codes and alpha-2 only never needs it)

    chinese = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True).gettext
    names = {key(region): region for region in SUPPORTED_REGIONS}
    for country in pycountry.countries:
        if country.alpha_2 not in SUPPORTED_REGIONS:
            continue
        forms = {country.alpha_2, country.alpha_3, country.name}
        forms |= {getattr(country, form) for form in ("common_name", "official_name") if hasattr(country, form)}
        forms |= {chinese(form) for form in tuple(forms)}
        names.update({key(form): country.alpha_2 for form in forms})
    for region, aliases in _ALIASES.items():
        names.update({key(alias): region for alias in aliases})
    return names
