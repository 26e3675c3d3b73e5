"""Where the gateway sends: asked for, kept, or known by the libraries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batch_sms import atlas
from batch_sms.destinations import (
    Destinations,
    Source,
    _cache_of,
    ask_for_destinations,
    kept_destinations,
    known_destinations,
    spoken_name,
)
from batch_sms.errors import GatewayError
from batch_sms.gateway.answers import Answer, Unanswered
from batch_sms.gateway.queries import Destination

ENDPOINT = "https://gateway.test:8443"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
HK = Destination("HK", "852", "中国香港")
US = Destination("US", "1", "美国")
LISTED = b"""{"Code":"OK","IsoSupportDTOs":[{"CountryCode":"US","IsoCode":"1","CountryName":"\xe7\xbe\x8e\xe5\x9b\xbd"},
{"CountryCode":"HK","IsoCode":"852","CountryName":"\xe4\xb8\xad\xe5\x9b\xbd\xe9\xa6\x99\xe6\xb8\xaf"}]}"""


class Gateway:
    """Answers every call with this; a clock that stands still and does not mind waiting."""

    def __init__(self, answer):
        self.answer = answer

    def call(self, action, version, parameters):
        return self.answer

    def now(self):
        return NOON

    def sleep(self, seconds):
        pass


def asked(answer, endpoint=ENDPOINT):
    gateway = Gateway(answer)
    return ask_for_destinations(gateway, endpoint, gateway)


def test_the_list_is_put_in_order_and_kept_with_its_moment():
    assert kept_destinations(ENDPOINT) is None
    found = asked(Answer(200, LISTED))
    assert found == Destinations((HK, US), Source.GATEWAY, NOON)
    assert kept_destinations(ENDPOINT) == Destinations((HK, US), Source.CACHE, NOON)


@pytest.mark.parametrize("other", ["https://gateway.test", "https://other.test:8443", "http://127.0.0.1:8025"])
def test_each_gateway_has_a_list_of_its_own(other):
    asked(Answer(200, LISTED))
    assert kept_destinations(other) is None


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (Answer(404, b'{"Code":"InvalidAction.NotFound","Message":"m"}'), "no_such_list_of_destinations"),
        (Answer(200, b'{"Code":"isp.RAM_PERMISSION_DENY","Message":"m"}'), "no_destinations"),
        (Answer(200, b'{"Code":"OK","IsoSupportDTOs":[]}'), "no_destinations"),
        (Answer(502, b"<html>"), "no_destinations"),
        (Unanswered("net.CONNECT_FAILED", "refused"), "no_destinations"),
    ],
)
def test_a_list_that_does_not_come_leaves_the_last_one(answer, key):
    asked(Answer(200, LISTED))
    with pytest.raises(GatewayError) as error:
        asked(answer)
    assert error.value.key == key
    assert ENDPOINT in error.value.say("zh")
    assert kept_destinations(ENDPOINT).listed == (HK, US)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"taken_at":"2026-01-02T12:00:00+00:00","countries":[]}',
        '{"taken_at":"soon","countries":[{"country":"HK","dial_code":"852","name":"x"}]}',
        '{"taken_at":"2026-01-02T12:00:00+00:00","countries":[{"country":"HK"}]}',
        '{"taken_at":null,"countries":null}',
    ],
)
def test_a_kept_list_that_can_not_be_read_is_none(text):
    asked(Answer(200, LISTED))
    _cache_of(ENDPOINT).write_text(text)
    assert kept_destinations(ENDPOINT) is None


def test_a_cache_that_can_not_be_written_costs_nothing():
    _cache_of(ENDPOINT).parent.parent.mkdir(parents=True, exist_ok=True)
    _cache_of(ENDPOINT).parent.write_text("a file where a folder should be")
    assert asked(Answer(200, LISTED)).listed == (HK, US)
    assert kept_destinations(ENDPOINT) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", (HK, US)),
        ("HK", (HK,)),
        ("hkg", (HK,)),
        ("852", (HK,)),
        ("+852", (HK,)),
        ("Hong Kong", (HK,)),
        ("香港", (HK,)),
        ("hong", (HK,)),
        ("states", (US,)),
        ("美", (US,)),
        ("+1", (US,)),
        ("Narnia", ()),
        ("CA", ()),
    ],
)
def test_found_by_whatever_people_call_it(text, found):
    assert Destinations((HK, US), Source.CACHE, NOON).named(text) == found


def test_by_country_or_by_dial_code():
    listed = Destinations((HK, US), Source.CACHE, NOON)
    assert listed.regions(by_country=True) == {"HK", "US"}
    by_dial_code = listed.regions(by_country=False)
    assert {"HK", "US", "CA", "JM"} <= by_dial_code
    assert "GB" not in by_dial_code


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_libraries_know(lang):
    known = known_destinations(lang)
    assert (known.source, known.taken_at) == (Source.LIBRARIES, None)
    assert len(known.listed) == len(atlas.regions()) > 240
    assert all(one.dial_code.isdecimal() and one.name != one.country for one in known.listed)


@pytest.mark.parametrize(
    ("destination", "lang", "name"),
    [
        (HK, "zh", "中国香港"),
        (HK, "en", "Hong Kong"),
        (Destination("HK", "852", ""), "zh", "香港"),
        (Destination("XK", "383", ""), "zh", "科索沃"),
        (Destination("XK", "383", ""), "en", "Kosovo"),
        (Destination("ZZ", "999", "Nowhere"), "en", "Nowhere"),
        (Destination("ZZ", "999", ""), "en", "ZZ"),
    ],
)
def test_a_name_in_a_language(destination, lang, name):
    assert spoken_name(destination, lang) == name
