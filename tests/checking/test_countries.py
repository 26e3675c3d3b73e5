from __future__ import annotations

import pycountry
import pytest
from phonenumbers import SUPPORTED_REGIONS

from batch_sms.checking.countries import _ALIASES, regions_of


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("HK", "HK"),
        ("hk", "HK"),
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
    ],
)
def test_a_country_is_known_by_codes_and_names(text, region):
    assert regions_of(text) == (region,)


@pytest.mark.parametrize(
    "text",
    ["", "ZZ", "Atlantis", "999", "0852", "8520", "+", "86-138", "CNY", "中", "-", "AQ", "None", "null", "852.5"],
)
def test_an_unknown_country_is_none_at_all(text):
    assert regions_of(text) == ()


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
    ("region", "alias"), [(region, alias) for region, aliases in _ALIASES.items() for alias in aliases]
)
def test_every_alias_is_known(region, alias):
    assert regions_of(alias) == (region,)
