"""Countries as people write them: alpha-2, alpha-3, dial code, English or Chinese name, made into alpha-2.

Names come from pycountry (ISO 3166-1, with its Chinese translations), regions and dial codes from phonenumbers.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from functools import cache, lru_cache, reduce

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS

from batch_sms.characters import ascii_digits, tidy, without_point_zero
from batch_sms.checking.country_names import ALIASES, OF_SEVERAL
from batch_sms.checking.numbering import plan_of
from batch_sms.checking.own_country_names import OWN_NAMES, SPOKEN

_DIAL_CODE = re.compile(r"(?:\+|00)?([1-9]\d{0,6})", re.ASCII)
_LONGEST_DIAL_CODE = 3
_AREAS = {"441481": ("GG",), "441534": ("JE",), "262269": ("YT",), "262639": ("YT",)}
"""Areas with a country code of their own, which the numbering plans know only by whole numbers."""
_PARTS = re.compile(
    r"[()\[\],;/|:\-–—]|(?=\+)|(?<=\d)\s+(?=[^\d\s])|(?<=[^\d\s+])\s+(?=\d)"
    r"|(?<=[\u4e00-\u9fff])\s*(?=[A-Za-z])|(?<=[A-Za-z])\s*(?=[\u4e00-\u9fff])"
)
"""Between names and codes that stand in one cell: ``China (+86)``, ``HK / Hong Kong``, ``香港 Hong Kong``."""
_TURNED = re.compile(r"([^,()\[\]]+)(?:,([^,()\[\]]+)|[(\[]([^,()\[\]]+)[)\]])")
"""A name whose first words stand behind it: ``Congo, Democratic Republic of the``, ``Korea (the Republic of)``."""
_WHOLE_WORDS = {"st": "saint", "rep": "republic", "dem": "democratic", "is": "islands"}
"""What words stand for that are often shortened."""
_CHINESE = ("zh_CN", "zh_TW", "zh_HK")
_FIRST_OF_FLAG = 0x1F1E6
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_ZERO_FIRST = re.compile(r"0[1-9]\d{0,3}", re.ASCII)
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ"))
_MOST_REMEMBERED = 10_000
_LONGEST_NAME = 200
"""No country's name, with its code beside it, takes so many characters."""


@lru_cache(_MOST_REMEMBERED)
def regions_of(text: str) -> tuple[str, ...]:
    """The alpha-2 codes that a country cell can mean: one for a name, maybe several for a dial code, none if unknown."""
    if len(text) > _LONGEST_NAME:
        return ()
    plain = without_point_zero(ascii_digits(tidy(_FLAG.sub(_letters_of_flag, text)))).strip("/")
    if whole := _read(plain):
        return whole
    parts = [_read(part) for part in _PARTS.split(plain) if part and part.strip()]
    return reduce(_in_both, parts) if len(parts) > 1 else ()


def hint_at_country(text: str) -> dict[str, str]:
    """The key of a sentence (table ``hint`` of ``words``) about a text that is no country, with its facts; nothing for none."""
    plain = tidy(text)[:_LONGEST_NAME]
    if both := _of_several().get(name_key(plain)):
        return {"hint": "two_countries", "first": both[0], "second": both[1]}
    dial = ascii_digits(plain)
    if _ZERO_FIRST.fullmatch(dial) and regions_of(dial[1:]):
        return {"hint": "zero_of_dial_code", "dial": dial[1:]}
    return {}


def _letters_of_flag(flag: re.Match[str]) -> str:
    """The alpha-2 code that a flag is written with (Unicode, regional indicator symbols), apart from what stands beside it."""
    return f"/{''.join(chr(ord(char) - _FIRST_OF_FLAG + ord('A')) for char in flag[0])}/"


def _read(text: str) -> tuple[str, ...]:
    """One way of writing a country."""
    digits = re.sub(r"[ ()\-‐‑–]", "", text)
    if dial := _DIAL_CODE.fullmatch(digits):
        return _dialled(dial[1])
    region = _codes().get("".join(text.split()).casefold()) or _named(name_key(text)) or _named(_turned_key(text))
    return (region,) if region else ()


def _in_both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(region for region in first if region in second)


def _dialled(digits: str) -> tuple[str, ...]:
    """The regions of a dial code, or the one that a shared dial code and an area code name together (+1 684)."""
    if len(digits) <= _LONGEST_DIAL_CODE and int(digits) in COUNTRY_CODE_TO_REGION_CODE:
        return tuple(region for region in COUNTRY_CODE_TO_REGION_CODE[int(digits)] if region in SUPPORTED_REGIONS)
    for size in range(1, _LONGEST_DIAL_CODE + 1):
        dial, area = digits[:size], digits[size:]
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(dial), ())
        if len(regions) > 1 and area:
            found = [region for region in regions if _leads(dial, region, area)]
            return tuple(found) if len(found) == 1 else _AREAS.get(digits, ())
    return ()


def _leads(dial: str, region: str, area: str) -> bool:
    """Whether the numbers of a region alone begin with this area code, no more and no less."""
    leads = plan_of(dial, region).leads
    found = leads(area) if leads else None
    return found is not None and found.end() == len(area)


def name_key(text: str) -> str:
    """What names are compared by: no case, accents, punctuation or articles; ``&`` is "and", ``St`` is "Saint"."""
    plain = unicodedata.normalize("NFD", tidy(text).casefold().replace("&", " and "))
    words = _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)).translate(_APOSTROPHES))
    if len(words) > 1:
        words = [_WHOLE_WORDS.get(word, word) for word in words]
        words = words[words[0] == "the" : len(words) - (words[-1] == "the")]
    return "".join(words)


def _turned_key(text: str) -> str:
    """The key of a name with its words in their usual order; ``""`` where they are, or where two countries may be meant."""
    turned = _TURNED.fullmatch(text)
    if turned is None or name_key(text) in _of_several():
        return ""
    return name_key(f"{turned[2] or turned[3]} {turned[1]}")


@cache
def _of_several() -> dict[str, tuple[str, str]]:
    return {name_key(name): regions for name, regions in OF_SEVERAL.items()}


@cache
def name_of(region: str, lang: str) -> str:
    """What a country is called, in English or Chinese; its code where it has no name here."""
    import pycountry  # noqa: PLC0415 (as below)

    country = pycountry.countries.get(alpha_2=region)
    if country is None:
        return next(iter(ALIASES.get(region, ())), region)
    name = str(getattr(country, "common_name", country.name))
    if lang != "zh":
        return name
    return gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [_CHINESE[0]], fallback=True).gettext(name)


def names_for_people() -> list[str]:
    """The English names of all countries that can be sent to, in their order: what a starter list lets choose from."""
    import pycountry  # noqa: PLC0415 (as below)

    known = (country for country in pycountry.countries if country.alpha_2 in SUPPORTED_REGIONS)
    return sorted(getattr(country, "common_name", country.name) for country in known)


@cache
def _codes() -> dict[str, str]:
    """Alpha-2 and alpha-3 codes of the countries that SMS can go to. Letters alone: ``n/a`` is not Namibia."""
    import pycountry  # noqa: PLC0415 (as below)

    known = {country.alpha_3.casefold(): country.alpha_2 for country in pycountry.countries}
    codes = {region.casefold(): region for region in SUPPORTED_REGIONS}
    return codes | {code: region for code, region in known.items() if region in SUPPORTED_REGIONS}


def _named(name: str) -> str | None:
    """The country of a name's key; what it calls itself is looked up only where nothing else is found."""
    return (_names().get(name) or _own_names().get(name)) if name else None


@cache
def _own_names() -> dict[str, str]:
    """What countries call themselves, by the comparison key, where that is no other country's name."""
    import pycountry  # noqa: PLC0415 (as above)

    names: dict[str, str] = {}
    for region, languages in SPOKEN.items():
        country = pycountry.countries.get(alpha_2=region)
        forms = [getattr(country, form) for form in ("name", "common_name", "official_name") if hasattr(country, form)]
        for lang in languages.split():
            say = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [lang], fallback=True).gettext
            names.update({name_key(say(form)): region for form in forms})
    for region, own in OWN_NAMES.items():
        names.update({name_key(name): region for name in own})
    return names


@cache
def _names() -> dict[str, str]:
    """Every name of a country that SMS can go to, by its comparison key."""
    import pycountry  # noqa: PLC0415 (a list of dial codes only never needs it)

    translations = [gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [lang], fallback=True) for lang in _CHINESE]
    names: dict[str, str] = {}
    for country in pycountry.countries:
        if country.alpha_2 not in SUPPORTED_REGIONS:
            continue
        forms = {country.name}
        forms |= {getattr(country, form) for form in ("common_name", "official_name") if hasattr(country, form)}
        forms |= {translation.gettext(form) for form in tuple(forms) for translation in translations}
        names.update({name_key(form): country.alpha_2 for form in forms})
    for region, aliases in ALIASES.items():
        names.update({name_key(alias): region for alias in aliases})
    return names
