from __future__ import annotations

import pycountry
import pytest
from phonenumbers import SUPPORTED_REGIONS

from batch_sms.checking.countries import _names, _own_names, hint_at_country, names_for_people, regions_of
from batch_sms.checking.country_names import ALIASES
from batch_sms.checking.own_country_names import OWN_NAMES, SPOKEN
from batch_sms.explain import Explainer
from batch_sms.model import Problem


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("HK", "HK"),
        ("hk", "HK"),
        *(("🇭🇰", "HK"), ("🇨🇳 China", "CN"), ("Singapore 🇸🇬", "SG"), ("🇭🇰852", "HK"), (" 🇬🇧 ", "GB")),
        *(
            ("Deutschland", "DE"),
            ("España", "ES"),
            ("Espana", "ES"),
            ("Brasil", "BR"),
            ("Ελλάδα", "GR"),
            ("Hellas", "GR"),
        ),
        *(("Österreich", "AT"), ("Suisse", "CH"), ("日本", "JP"), ("대한민국", "KR"), ("ไทย", "TH"), ("Россия", "RU")),
        *(("México", "MX"), ("Perú", "PE"), ("Suomi", "FI"), ("Norge", "NO"), ("Polska", "PL"), ("भारत", "IN")),
        *(("H.K.", "HK"), ("N.Z.", "NZ"), ("汶莱", "BN"), ("星加坡", "SG"), ("大马", "MY"), ("大馬", "MY")),
        ("ＨＫ", "HK"),
        (" H K ", "HK"),
        ("NA", "NA"),
        ("NO", "NO"),
        ("HKG", "HK"),
        ("chn", "CN"),
        ("XKX", "XK"),
        ("852", "HK"),
        ("+852", "HK"),
        ("00852", "HK"),
        ("+ 852", "HK"),
        ("＋８５２", "HK"),
        ("852.0", "HK"),
        ("86", "CN"),
        ("264", "NA"),
        ("Namibia", "NA"),
        ("Germany", "DE"),
        ("germany", "DE"),
        ("德国", "DE"),
        ("中国", "CN"),
        ("中国大陆", "CN"),
        ("香港", "HK"),
        ("中国香港", "HK"),
        ("澳门", "MO"),
        ("台湾", "TW"),
        ("Hong Kong", "HK"),
        ("hong-kong", "HK"),
        ("Hong Kong SAR", "HK"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("越南", "VN"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("英国", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("美国", "US"),
        ("South Korea", "KR"),
        ("韩国", "KR"),
        ("North Korea", "KP"),
        ("UAE", "AE"),
        ("危地马拉", "GT"),
        ("孟加拉国", "BD"),
        ("多米尼加", "DO"),
        ("吉尔吉斯斯坦", "KG"),
        ("特立尼达和多巴哥", "TT"),
        ("香港特区", "HK"),
        ("Republic of Ireland", "IE"),
        ("Ivory Coast", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Congo", "CG"),
        ("DR Congo", "CD"),
        ("刚果（金）", "CD"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("俄罗斯", "RU"),
        ("Georgia", "GE"),
        ("日本", "JP"),
        ("泰国", "TH"),
        # aliases, old names, Chinese of both scripts
        ("Korea (South)", "KR"),
        ("Korea, Republic of", "KR"),
        ("S. Korea", "KR"),
        ("Korea, North", "KP"),
        ("Taiwan, Province of China", "TW"),
        ("Taiwan (ROC)", "TW"),
        ("Chinese Taipei", "TW"),
        ("Macao SAR", "MO"),
        ("Macau, China", "MO"),
        ("Hong Kong S.A.R.", "HK"),
        ("Hong Kong, China", "HK"),
        ("VIET NAM", "VN"),
        ("Czech Republic", "CZ"),
        ("Great Britain", "GB"),
        ("Burma", "MM"),
        ("The Netherlands", "NL"),
        ("Russian Federation", "RU"),
        ("Lao PDR", "LA"),
        ("US Virgin Islands", "VI"),
        ("BVI", "VG"),
        ("台灣", "TW"),
        ("臺灣", "TW"),
        ("香港特別行政區", "HK"),
        ("澳門", "MO"),
        ("韓國", "KR"),
        ("義大利", "IT"),
        ("紐西蘭", "NZ"),
        ("澳洲", "AU"),
        ("阿联酋", "AE"),
        ("科特迪瓦", "CI"),
        # what countries call themselves, long forms, older letters
        *(
            ("ประเทศไทย", "TH"),
            ("الإمارات", "AE"),
            ("الامارات", "AE"),
            ("日本国", "JP"),
            ("日本國", "JP"),
            ("内地", "CN"),
        ),
        *(
            ("內地", "CN"),
            ("大陸", "CN"),
            ("台湾省", "TW"),
            ("臺灣省", "TW"),
            ("中華民國", "TW"),
            ("Oesterreich", "AT"),
        ),
        *(("香港地区", "HK"), ("香港（中国）", "HK"), ("澳門地區", "MO"), ("俄罗斯联邦", "RU"), ("蒙古国", "MN")),
        *(("الجزائر", "DZ"), ("السعودية", "SA"), ("سوريا", "SY"), ("فلسطين", "PS"), ("北朝鮮", "KP"), ("북한", "KP")),
        *(("РФ", "RU"), ("Estados Unidos", "US"), ("EE. UU.", "US"), ("EE.UU.", "US"), ("RDC", "CD"), ("இந்தியா", "IN")),
        *(("Crna Gora", "ME"), ("Shqipëria", "AL"), ("Kosovë", "XK"), ("Lëtzebuerg", "LU"), ("Liban", "LB")),
        *(("Republik Indonesia", "ID"), ("Holy See (the)", "VA"), ("West Bank and Gaza", "PS")),
        # turned names, and two names in one cell
        *(("Congo, Democratic Republic of the", "CD"), ("Congo (the Democratic Republic of the)", "CD")),
        *(("Korea (the Republic of)", "KR"), ("Moldova (the Republic of)", "MD"), ("Sudan, South", "SS")),
        *(("Ireland, Northern", "GB"), ("Ireland, Republic of", "IE"), ("China, People's Republic of", "CN")),
        *(("Czech Rep.", "CZ"), ("Rep. of Korea", "KR"), ("Cayman Is.", "KY"), ("Republic of China (Taiwan)", "TW")),
        *(("香港 Hong Kong", "HK"), ("China中国", "CN"), ("台湾TW", "TW"), ("日本Japan", "JP")),
        # accents, apostrophes, punctuation, articles
        ("Côte d’Ivoire", "CI"),
        ("COTE D'IVOIRE", "CI"),
        ("Cote dIvoire", "CI"),
        ("Curacao", "CW"),
        ("Reunion", "RE"),
        ("Sao Tome and Principe", "ST"),
        ("ST", "ST"),
        ("St. Lucia", "LC"),
        ("St Kitts & Nevis", "KN"),
        ("The Gambia", "GM"),
        ("Gambia, The", "GM"),
        ("Guinea-Bissau", "GW"),
        ("Timor Leste", "TL"),
        ("Åland", "AX"),
        # a shared dial code with its area code
        ("1684", "AS"),
        ("+1 684", "AS"),
        ("1-684", "AS"),
        ("+1 (242)", "BS"),
        ("1809", "DO"),
        ("001 787", "PR"),
        ("7 7", "KZ"),
        ("44-1624", "IM"),
        ("+44 1534", "JE"),
        ("+٨٥٢", "HK"),
        # a name and a code that say the same
        ("China (+86)", "CN"),
        ("+86 China", "CN"),
        ("CN-中国", "CN"),
        ("Hong Kong / HK", "HK"),
        ("United States +1", "US"),
        ("Kazakhstan +7", "KZ"),
    ],
)
def test_a_country_is_known_by_codes_and_names(text, region):
    assert regions_of(text) == (region,)


@pytest.mark.parametrize(
    "text",
    [
        *("", "ZZ", "Atlantis", "999", "0852", "8520", "+", "86-138", "CNY", "中", "-", "AQ", "None", "null", "852.5"),
        *("n/a", "N/A", "#N/A", "n.a.", "c/o", "S/A", "9" * 300, "HK " * 100),
        *(
            "China (+852)",
            "Congo (CD)",
            "Virgin Islands",
            "Guinea-Conakry",
            "852-3",
            "1212",
            "HK SG",
            "Hong Kong China US",
        ),
    ],
)
def test_an_unknown_country_is_none_at_all(text):
    assert regions_of(text) == ()


@pytest.mark.parametrize("part", ["1,", "+", "(1)", "1-"])
def test_a_cell_of_a_million_characters_is_no_country_and_takes_no_time(part):
    assert regions_of(part * 1_000_000) == ()


@pytest.mark.parametrize(
    ("dial", "some"),
    [("1", {"US", "CA", "BS"}), ("+7", {"RU", "KZ"}), ("44", {"GB", "GG", "JE", "IM"}), ("39", {"IT", "VA"})],
)
def test_a_shared_dial_code_means_all_of_its_countries(dial, some):
    assert set(regions_of(dial)) >= some


@pytest.mark.parametrize("region", sorted(SUPPORTED_REGIONS))
def test_every_alpha_2_code_is_its_own_country(region):
    assert regions_of(region) == (region,)


def test_every_alpha_3_code_and_english_name_is_its_country():
    countries = [country for country in pycountry.countries if country.alpha_2 in SUPPORTED_REGIONS]
    wrong = [c.name for c in countries if not regions_of(c.alpha_3) == regions_of(c.name) == (c.alpha_2,)]
    assert wrong == []


@pytest.mark.parametrize(
    ("region", "alias"), [(region, alias) for region, aliases in ALIASES.items() for alias in aliases]
)
def test_every_alias_is_known(region, alias):
    assert regions_of(alias) == (region,)


@pytest.mark.parametrize(("region", "name"), [(region, name) for region, names in OWN_NAMES.items() for name in names])
def test_every_name_that_a_country_has_for_itself_is_known(region, name):
    assert regions_of(name) == (region,)


def test_the_names_of_a_starter_list_are_understood():
    assert [name for name in names_for_people() if len(regions_of(name)) != 1] == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        *(
            (name, {"hint": "two_countries", "first": "MF", "second": "SX"})
            for name in ("Saint Martin", "St. Martin", "圣马丁")
        ),
        ("Virgin Islands", {"hint": "two_countries", "first": "VG", "second": "VI"}),
        *(
            (name, {"hint": "two_countries", "first": "CN", "second": "TW"})
            for name in ("China, Republic of", "China (Republic of)")
        ),
        *(
            ("086", {"hint": "zero_of_dial_code", "dial": "86"}),
            ("０852", {"hint": "zero_of_dial_code", "dial": "852"}),
        ),
        *(
            ("0999", {}),
            ("Atlantis", {}),
            ("🇦🇦", {}),
            ("", {}),
            ("香港 Macau", {}),
            ("China台湾", {}),
            ("Korea, East", {}),
        ),
    ],
)
def test_what_is_nearly_a_country_is_refused_with_what_to_write(text, hint):
    assert (regions_of(text), hint_at_country(text)) == ((), hint)
    facts = {"cell": text, **hint}
    assert all(Explainer(lang).problem(Problem("check.COUNTRY_UNKNOWN", "", facts)) for lang in ("en", "zh"))


def test_no_country_calls_itself_what_another_is_called():
    names, own = _names(), _own_names()
    assert {name: (names[name], region) for name, region in own.items() if names.get(name, region) != region} == {}
    assert set(SPOKEN) <= set(own.values())
    assert "" not in own


def test_no_name_means_two_countries():
    meant = {}
    for region, aliases in ALIASES.items():
        for alias in aliases:
            meant.setdefault(regions_of(alias), set()).add(region)
    assert [regions for regions in meant.values() if len(regions) > 1] == []
    assert set(_names().values()) == set(SUPPORTED_REGIONS)
