"""The zones of a number: as phonenumbers has them, where that can be."""

from __future__ import annotations

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from batch_sms.checking.zones import _rules, zones_of
from batch_sms.model import Message

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
WRONG = {"BY", "DZ", "EE", "EH", "GW", "IE", "KP", "LR", "LT", "LV", "LY", "MA", "MO", "NI", "PS", "SS"}
"""Where the library names a zone of another country only."""


def message(phone: str, country: str) -> Message:
    number = phonenumbers.parse(phone)
    return Message(phone, phonenumbers.national_significant_number(number), country, "", "", "", "")


@pytest.mark.parametrize(
    ("phone", "country", "zones"),
    [
        ("+85291234567", "HK", ["Asia/Hong_Kong"]),
        ("+919812345678", "IN", ["Asia/Kolkata"]),
        ("+9779812345678", "NP", ["Asia/Kathmandu"]),
        ("+8613812345678", "CN", ["Asia/Shanghai"]),
        ("+447400123456", "GB", ["Europe/London"]),
        # by area code
        ("+12125550100", "US", ["America/New_York"]),
        ("+14155550100", "US", ["America/Los_Angeles"]),
        ("+18085550100", "US", ["Pacific/Honolulu"]),
        ("+5511961234567", "BR", ["America/Sao_Paulo"]),
        ("+5592961234567", "BR", ["America/Manaus"]),
        # +1 is more than a continent, but an island is one
        ("+18762101234", "JM", ["America/Jamaica"]),
        ("+16847331234", "AS", ["Pacific/Pago_Pago"]),
        # anywhere in a country of several zones
        ("+34612345678", "ES", ["Atlantic/Canary", "Europe/Madrid"]),
        ("+64211234567", "NZ", ["Pacific/Auckland", "Pacific/Chatham"]),
        ("+68672001234", "KI", ["Pacific/Kanton", "Pacific/Kiritimati", "Pacific/Tarawa"]),
        ("+6857212345", "WS", ["Pacific/Apia"]),
        ("+299221234", "GL", ["America/Nuuk", "America/Scoresbysund", "America/Thule"]),
        # +7 is Russia and Kazakhstan, which are told apart
        ("+77011234567", "KZ", ["Asia/Almaty", "Asia/Aqtobe"]),
        # a mobile of Christmas Island looks like any Australian one
        ("+61412345678", "AU", ["Australia/Adelaide", "Australia/Brisbane", "Australia/Eucla", "Australia/Lord_Howe",
                                "Australia/Perth", "Australia/Sydney", "Indian/Christmas", "Indian/Cocos"]),
        # the tz database does not list Kosovo; the library takes Algeria for France
        ("+38343201234", "XK", ["Europe/Belgrade"]),
        ("+213551234567", "DZ", ["Africa/Algiers"]),
    ],
)  # fmt: skip
def test_the_zones_of_a_number(phone, country, zones):
    assert list(zones_of(message(phone, country))) == zones


def test_russian_mobiles_may_be_in_each_of_its_zones():
    zones = zones_of(message("+79161234567", "RU"))
    assert {"Europe/Moscow", "Asia/Kamchatka", "Asia/Yekaterinburg"} <= set(zones)
    assert not {"Asia/Almaty", "Asia/Aqtobe"} & set(zones)


def test_toll_free_numbers_may_be_anywhere_under_their_dial_code():
    assert {"America/New_York", "Pacific/Honolulu", "America/Halifax"} <= set(zones_of(message("+18005550199", "US")))


@pytest.mark.parametrize("region", REGIONS)
def test_no_zone_is_made_up(region):
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        ours = zones_of(message(phone, region))
        theirs = {_rules(zone) for zone in time_zones_for_number(number)}
        assert ours
        assert len(ours) == len({_rules(zone) for zone in ours}), "one name for each set of rules"
        assert region in WRONG or theirs.issuperset(map(_rules, ours))
