from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, time
from pathlib import Path

import pandas as pd
import pytest

from batch_sms.campaign import LEDGER_VARIABLE, Campaign
from batch_sms.errors import SettingsError

LIST = Path("folder") / "list.xlsx"


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ({"rate": ("fast",)}, "rate_unreadable"),
        ({"rate": ("20/s", "5/x")}, "rate_unreadable"),
        ({"rate": ("-1",)}, "rate_unreadable"),
        ({"rate": ("",)}, "rate_unreadable"),
        ({"rate": ("1e3",)}, "rate_unreadable"),
        ({"endpoint": "ftp://example.com"}, "endpoint_unreadable"),
        ({"endpoint": "https://"}, "endpoint_unreadable"),
        ({"endpoint": "https://example.com/path"}, "endpoint_unreadable"),
        ({"endpoint": "https://user@example.com"}, "endpoint_unreadable"),
        ({"endpoint": "http://example.com"}, "endpoint_plain"),
        ({"endpoint": "http://127.0.0.1.example.com"}, "endpoint_plain"),
        ({"sandbox": True, "endpoint": "https://example.com"}, "sandbox_endpoint"),
        ({"country": "Atlantis"}, "country_unknown"),
        ({"country": "ZZ"}, "country_unknown"),
        ({"columns": {"handy": "phone"}}, "not_a_choice"),
        ({"columns": {"Phone": "phone"}}, "not_a_choice"),
        ({"api": "send-fax"}, "not_a_choice"),
        ({"signature": "v9"}, "not_a_choice"),
        ({"duplicates": "drop"}, "not_a_choice"),
        ({"lang": "fr"}, "not_a_choice"),
        ({"wait_lock": "10"}, "duration_unreadable"),
        ({"workers": 0}, "not_positive"),
        ({"workers": -1}, "not_positive"),
        ({"processes": 0}, "not_positive"),
        ({"limit": 0}, "not_positive"),
        ({"connect_timeout": 0.0}, "not_positive"),
        ({"connect_timeout": -1.0}, "not_positive"),
        ({"read_timeout": math.inf}, "not_positive"),
        ({"read_timeout": math.nan}, "not_positive"),
        ({"output": Path("result")}, "output_ending"),
        ({"output": Path("result.xls")}, "output_ending"),
        ({"output": Path("result.csv.bak")}, "output_ending"),
    ],
)
def test_a_setting_that_can_not_hold_is_refused_at_once(setting, key):
    with pytest.raises(SettingsError) as error:
        Campaign(list=LIST, **setting)
    assert error.value.key == key


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"rate": ("0",)},
        {"rate": ("5000/D", " 20 / s ")},
        {"endpoint": "example.com"},
        {"endpoint": "http://127.0.0.1:8080"},
        {"endpoint": "http://localhost"},
        {"endpoint": "http://[::1]:80"},
        {"country": "852"},
        {"country": "中国"},
        {"columns": {"phone": "Contact", "template_param": "x"}},
        {"duplicates": "send"},
        {"lang": "zh"},
        {"wait_lock": "1h30m"},
        {"workers": 1},
        {"limit": 1},
        {"read_timeout": 0.5},
        {"output": Path("RESULT.XLSX")},
    ],
)
def test_a_setting_that_holds_is_taken(setting):
    assert Campaign(list=LIST, **setting).list_path == LIST


def test_a_campaign_can_not_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Campaign(list=LIST).sign = "Acme"


@pytest.mark.parametrize(
    ("given", "output", "expected"),
    [
        ("folder/list.csv", None, "folder/list.result.csv"),
        ("list.txt", None, "list.result.csv"),
        ("list", None, "list.result.csv"),
        ("list.xlsx", None, "list.result.xlsx"),
        ("LIST.XLS", None, "LIST.result.xlsx"),
        ("list.xlsm", None, "list.result.xlsx"),
        ("list.xlsb", None, "list.result.xlsx"),
        ("list.ods", None, "list.result.xlsx"),
        ("2026.03.01.csv", None, "2026.03.01.result.csv"),
        ("list.csv", "out.xlsx", "out.xlsx"),
    ],
)
def test_the_result_stands_beside_the_list_or_where_it_was_asked_for(given, output, expected):
    assert Campaign(list=given, output=Path(output) if output else None).output_path == Path(expected)


def test_a_frame_has_no_result_sheet_unless_it_is_asked_for():
    frame = pd.DataFrame({"phone": ["1"]})
    assert (Campaign(list=frame).output_path, Campaign(list=frame).list_name) == (None, "frame")
    assert Campaign(list=frame, output=Path("x.csv")).output_path == Path("x.csv")


def test_a_list_is_called_by_its_file():
    assert Campaign(list=LIST).list_name == "list"


@pytest.mark.parametrize(
    ("named", "sandbox", "given", "expected"),
    [
        ("", False, "mine.db", "mine.db"),
        ("env.db", False, "mine.db", "mine.db"),
        ("env.db", True, "mine.db", "mine.db"),
        ("env.db", False, None, "env.db"),
        ("env.db", True, None, "env.sandbox.db"),
        ("env", True, None, "env.sandbox"),
    ],
)
def test_the_ledger_is_the_one_named_and_the_sandbox_has_its_own(monkeypatch, named, sandbox, given, expected):
    monkeypatch.setenv(LEDGER_VARIABLE, named)
    campaign = Campaign(list=LIST, sandbox=sandbox, ledger=Path(given) if given else None)
    assert campaign.ledger_path == Path(expected)


@pytest.mark.parametrize(("sandbox", "name"), [(False, "ledger.db"), (True, "sandbox.db")])
@pytest.mark.parametrize("named", [None, ""])
def test_a_ledger_without_a_name_stands_in_the_users_data_folder(monkeypatch, tmp_path, sandbox, name, named):
    monkeypatch.setattr("batch_sms.campaign.user_data_path", lambda *_, **__: tmp_path / "batch-sms")
    monkeypatch.delenv(LEDGER_VARIABLE, raising=False)
    if named is not None:
        monkeypatch.setenv(LEDGER_VARIABLE, named)
    assert Campaign(list=LIST, sandbox=sandbox).ledger_path == tmp_path / "batch-sms" / name


@pytest.mark.parametrize(
    ("rate", "per_second"),
    [
        (("20/s",), 20.0),
        (("20",), 20.0),
        (("1200/m",), 20.0),
        (("0.5/s",), 0.5),
        (("50/s", "600/m"), 10.0),
        (("86400/d",), 20.0),
        (("2/s", "3600/h"), 2.0),
        (("0", "20/s"), 20.0),
        (("0",), math.inf),
        ((), 20.0),
    ],
)
def test_the_slowest_pace_holds(rate, per_second):
    assert Campaign(list=LIST, rate=rate).messages_per_second == per_second


@pytest.mark.parametrize(
    ("setting", "most", "cores", "processes"),
    [
        ({}, 400, 2, 1),
        ({"rate": ("600/s",)}, 2000, 2, 1),
        ({"rate": ("601/s",)}, 2000, 2, 2),
        ({"rate": ("1000/s",)}, 2000, 1, 1),
        ({"rate": ("1000/s",)}, 999, 2, 1),
        ({"rate": ("5000/s",)}, 2000, 4, 4),
        ({"rate": ("5000/s",)}, 1999, 4, 1),
        ({"rate": ("1500/s",)}, 2000, 4, 3),
        ({"rate": ("1500/s",)}, 2000, 2, 2),
        ({"rate": ("0",)}, 32, 8, 1),
        ({"rate": ("0",)}, 5000, 8, 1),
        ({"processes": 3}, 400, 1, 3),
        ({"processes": 3}, 2, 8, 2),
        ({"processes": 1, "rate": ("1000/s",)}, 2000, 8, 1),
    ],
)
def test_a_high_rate_has_more_processes(setting, most, cores, processes):
    assert Campaign(list=LIST, **setting).processes_for(most, cores) == processes


@pytest.mark.parametrize(
    ("setting", "threads"),
    [
        ({}, 400),
        ({"workers": 3}, 3),
        ({"workers": 3, "rate": ("0",)}, 3),
        ({"rate": ("0",)}, 64),
        ({"rate": ("0",), "processes": 1}, 64),
        ({"rate": ("0",), "processes": 3}, 384),
        ({"rate": ("0",), "processes": 40}, 2000),
        ({"processes": 3}, 400),
        ({"rate": ("1/m",)}, 32),
        ({"rate": ("1/h",)}, 400),
        ({"rate": ("10/s",), "connect_timeout": 2.0, "read_timeout": 3.05}, 51),
        ({"rate": ("10000/s",)}, 2000),
    ],
)
def test_there_are_threads_enough_to_wait_out_every_time_out(setting, threads):
    assert Campaign(list=LIST, **setting).most_threads == threads


def test_moments_may_be_moments_and_one_text_is_several():
    """As a TOML file and a program have them."""
    instant = datetime(2026, 5, 1, 9, tzinfo=UTC)
    campaign = Campaign(list=LIST, not_before=time(9), not_after=instant, hours="09:00-20:00", days=["mon", "tue"])
    assert (campaign.not_before, campaign.not_after) == ("09:00:00", "2026-05-01T09:00:00+00:00")
    assert (campaign.hours, campaign.days) == (("09:00-20:00",), ("mon", "tue"))


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ({"not_before": "soon"}, "instant_unreadable"),
        ({"not_after": datetime(2026, 5, 1, 9)}, "instant_without_zone"),  # noqa: DTZ001 (that is what is refused)
        ({"max_age": "2h"}, "max_age_alone"),
        ({"max_age": "long", "not_before": "09:00"}, "duration_unreadable"),
        ({"hours": "9-20"}, "hours_unreadable"),
        ({"days": "workdays"}, "days_unreadable"),
        ({"per_recipient": "many"}, "per_recipient_unreadable"),
        ({"rate": "0.5/d"}, "rate_not_whole"),
    ],
)
def test_a_schedule_that_can_not_hold_is_refused_at_once(setting, key):
    with pytest.raises(SettingsError) as refused:
        Campaign(list=LIST, **setting)
    assert refused.value.key == key
