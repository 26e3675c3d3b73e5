from __future__ import annotations

import pytest

from batch_sms import words
from batch_sms.campaign_files.document import read_document
from batch_sms.campaign_files.keys import checked_keys, looks_secret
from batch_sms.errors import SettingsError
from batch_sms.options import ALL, Kind


@pytest.fixture
def read(tmp_path):
    def of(text):
        path = tmp_path / "spring.toml"
        path.write_text(text, encoding="utf-8")
        return {name: value for name, value, _ in checked_keys(read_document(path))}

    return of


@pytest.fixture
def refused(read):
    def of(text):
        with pytest.raises(SettingsError) as error:
            read(text)
        for lang in words.LANGUAGES:
            assert error.value.say(lang)
        return error.value

    return of


VALUES = {
    Kind.TEXT: ('"x"', "x"),
    Kind.PATH: ('"x"', "x"),
    Kind.WHOLE: ("7", 7),
    Kind.SECONDS: ("7", 7.0),
    Kind.FLAG: ("true", True),
    Kind.TEXTS: ('["x", 5]', ("x", "5")),
    Kind.ROLES: ('{ phone = "Handy" }', "Handy"),
    Kind.PARAMS: ('{ phone = "Hi {x}" }', "Hi {x}"),
}


@pytest.mark.parametrize("option", ALL, ids=lambda option: option.name)
def test_every_option_is_a_key_of_its_table(read, option):
    written, value = VALUES.get(option.kind, ("", ""))
    if option.kind is Kind.CHOICE:
        written, value = f'"{option.choices[-1]}"', option.choices[-1]
    name = f"{option.name}.phone" if option.kind in (Kind.ROLES, Kind.PARAMS) else option.name
    assert read(f"[{option.table}]\n{option.name} = {written}\n") == {name: value}


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", {}),
        ("[list]\n[message]\n[message.params]\n[sending]\n[schedule]\n[result]\n", {}),
        ('[list]\nfile = "lists/{date}.csv"', {"file": "lists/{date}.csv"}),
        ("[list]\nsheet = 2\ncountry = 852", {"sheet": "2", "country": "852"}),
        ('[sending]\nrate = "50/s"', {"rate": ("50/s",)}),
        ("[sending]\nrate = 0.5", {"rate": ("0.5",)}),
        ('[list.columns]\nphone = "Handy"\nout_id = "Nr"', {"columns.phone": "Handy", "columns.out_id": "Nr"}),
        ("[message.params]\ncode = 12\ntoken = '{token}'", {"params.code": "12", "params.token": "{token}"}),
        ("[sending]\nread_timeout = 3.05", {"read_timeout": 3.05}),
    ],
)
def test_settings_are_taken_in_their_kind(read, text, settings):
    assert read(text) == settings


@pytest.mark.parametrize(
    ("text", "key", "facts"),
    [
        ("[lists]\nfile = 'x'", "campaign_table", {"table": "lists", "nearest": "list"}),
        ("[Sending]\nrate = 1", "campaign_table", {"table": "Sending", "nearest": "sending"}),
        ("[params]\nx = '1'", "campaign_table", {"nearest": "message.params"}),
        ("[xyz]\nx = '1'", "campaign_table", {"nearest": "list, message, sending, schedule, result"}),
        ("sign = 'x'", "campaign_key_elsewhere", {"name": "sign", "table": "message", "there": "sign"}),
        ("dry-run = true", "campaign_key_elsewhere", {"name": "dry-run", "table": "sending", "there": "dry_run"}),
        ("xyz = 'x'", "campaign_key_alone", {"name": "xyz"}),
        ("[sending]\nrates = 1", "campaign_key", {"name": "rates", "nearest": "rate"}),
        ("[sending]\nreadTimeout = 1", "campaign_key", {"nearest": "read_timeout"}),
        ("[schedule]\nwait-lock = '1m'", "campaign_key", {"nearest": "wait_lock"}),
        ("[list]\ncolumn = { phone = 'x' }", "campaign_key", {"nearest": "columns"}),
        ("[list]\nsign = 'x'", "campaign_key_elsewhere", {"table": "message", "there": "sign"}),
        ("[message]\nfile = 'x'", "campaign_key_elsewhere", {"table": "list", "there": "file"}),
        ("[result]\nretry-rejected = true", "campaign_key_elsewhere", {"table": "sending", "there": "retry_rejected"}),
        ("[list.columns]\nfone = 'x'", "campaign_key", {"table": "list.columns", "nearest": "phone"}),
        ("[schedule]\nqqqq = 1", "campaign_key", {"name": "qqqq"}),
    ],
)
def test_what_is_not_known_names_what_is_nearest(refused, text, key, facts):
    error = refused(text)
    assert error.key == key
    assert facts.items() <= error.facts.items()
    line = text.count("\n") + 1
    assert error.facts["where"].endswith(f"spring.toml:{line if not key.endswith('table') else 1}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("list = 'x.csv'", "table"),
        ("[list]\ncolumns = 'phone'", "table"),
        ("[message]\nparams = ['x']", "table"),
        ("[list]\nfile = 5", "path"),
        ("[list]\nfile = ''", "path"),
        ("[list]\nfile = ['a', 'b']", "path"),
        ("[list]\nsheet = 1.5", "text"),
        ("[message]\nsign = true", "text"),
        ("[message.params]\nx = 1.50", "text"),
        ("[message.params]\nx = true", "text"),
        ("[list.columns]\nphone = ['x']", "text"),
        ("[sending]\nworkers = '4'", "whole_from"),
        ("[sending]\nworkers = 4.0", "whole_from"),
        ("[sending]\nworkers = 0", "whole_from"),
        ("[sending]\nworkers = true", "whole_from"),
        ("[sending]\nread_timeout = '3'", "seconds"),
        ("[sending]\nread_timeout = true", "seconds"),
        ("[sending]\nsandbox = 1", "flag"),
        ("[sending]\nsandbox = 'yes'", "flag"),
        ("[sending]\nrate = []", "texts"),
        ("[sending]\nrate = [true]", "texts"),
        ("[result]\nlang = 'fr'", "choice"),
        ("[result]\nlang = 1", "choice"),
    ],
)
def test_a_value_of_another_kind_is_refused(refused, text, wanted):
    error = refused(text)
    assert error.key == f"campaign_wants_{wanted}"
    assert error.facts["where"].endswith(f":{text.count(chr(10)) + 1}")


@pytest.mark.parametrize(
    "text",
    [
        "[sending]\naccess_key_id = 'x'",
        "[sending]\naccess_key_secret = 'x'",
        "[sending]\nALIBABA_CLOUD_ACCESS_KEY_ID = 'x'",
        "[message]\nsecurityToken = 'x'",
        "[result]\nreport_password = 'x'",
        "[list]\nak = 'x'",
        "[credentials]\nx = 'x'",
        "secret = 'x'",
        "[message]\nsign = 'LTAI4GabcdefGHIJK1234567'",
    ],
)
def test_a_secret_is_refused_and_not_shown(refused, text):
    error = refused(text)
    assert error.key == "campaign_secret"
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in str(error)
    assert "LTAI4G" not in str(error)


def test_no_option_is_named_like_a_secret():
    assert not [option.name for option in ALL if looks_secret(option.name)]
