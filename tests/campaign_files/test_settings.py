from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch_sms.campaign_files.settings import Moment, Setting, Source, read_campaign
from batch_sms.errors import SettingsError

NOW = datetime(2026, 12, 1, 9, 5, 7, tzinfo=UTC)
MOMENT = Moment(NOW, {"SIGN": "ACME", "RATE": "7/s"})
SPRING = """
[list]
file = "lists/{date}.csv"
opt_outs = "stop.txt"
[list.columns]
phone = "Handy"
[message]
sign = "${SIGN}"
[message.params]
intlmsg = "Hi {name}, ${name}"
[sending]
rate = ["${RATE}", 5000]
yes = true
[result]
output = "results/{list}-{time}.xlsx"
run = "spring-{date}"
ledger = "/var/lib/sms.db"
log_format = "json"
"""


@pytest.fixture
def campaign(tmp_path):
    def read(text, **flags):
        path = tmp_path / "spring.toml"
        path.write_text(text)
        return read_campaign(path).overridden(flags)

    return read


@pytest.fixture
def lists(tmp_path):
    def make(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("phone\n")

    return make


def test_a_file_becomes_a_campaign_with_paths_from_its_folder(campaign, tmp_path):
    file = campaign(SPRING)
    (path,) = file.lists(MOMENT)
    resolved = file.resolved(path, MOMENT)
    made = resolved.campaign
    assert made.list == tmp_path / "lists" / "2026-12-01.csv"
    assert made.opt_outs == tmp_path / "stop.txt"
    assert made.output == tmp_path / "results" / "2026-12-01-090507.xlsx"
    assert (made.run, made.sign, made.rate) == ("spring-2026-12-01", "ACME", ("7/s", "5000"))
    assert made.columns == {"phone": "Handy"}
    assert made.params == {"intlmsg": "Hi {name}, ${name}"}, "its braces are the list's"
    assert made.ledger == Path("/var/lib/sms.db")
    assert resolved.manners == {"yes": True, "log_format": "json"}


def test_a_path_stands_from_the_files_folder_whatever_the_current_one(campaign, tmp_path, monkeypatch):
    file = campaign('[list]\nfile = "a.csv"')
    monkeypatch.chdir(tmp_path)
    relative = read_campaign(Path("spring.toml"))
    assert relative.lists(MOMENT) == (Path("a.csv"),)
    assert file.lists(MOMENT) == (tmp_path / "a.csv",)


def test_standard_input_is_no_file_of_the_folder(campaign):
    assert campaign('[list]\nfile = "-"').lists(MOMENT) == (Path("-"),)


def test_the_home_is_found(campaign, monkeypatch):
    monkeypatch.setenv("HOME", "/home/li")
    monkeypatch.setenv("USERPROFILE", "/home/li")
    assert campaign('[list]\nfile = "~/a.csv"').lists(MOMENT) == (Path("/home/li/a.csv"),)


def test_flags_override_the_file_and_hold_as_they_are(campaign, tmp_path):
    flags = {
        "run": "{date}",
        "output": Path("here.csv"),
        "rate": ("1/s",),
        "params": {"x": "y"},
        "columns": {"phone": "Tel"},
    }
    file = campaign(SPRING, **flags)
    resolved = file.resolved(tmp_path / "a.csv", MOMENT)
    made = resolved.campaign
    assert (made.run, made.output, made.rate) == ("{date}", Path("here.csv"), ("1/s",))
    assert made.columns == {"phone": "Tel"}
    assert made.params == {"intlmsg": "Hi {name}, ${name}", "x": "y"}
    assert resolved.settings["run"].source is Source.FLAG
    assert resolved.settings["sign"] == Setting("ACME", Source.FILE, f"{tmp_path / 'spring.toml'}:8")


def test_a_retry_on_the_same_day_has_the_same_run_and_the_next_day_another(campaign, tmp_path):
    file = campaign(SPRING)
    names = [
        file.resolved(tmp_path / "a.csv", Moment(moment, MOMENT.environment)).campaign.run
        for moment in (NOW, NOW.replace(hour=23, minute=59, second=59), NOW.replace(day=2, hour=0, minute=0, second=0))
    ]
    assert names == ["spring-2026-12-01", "spring-2026-12-01", "spring-2026-12-02"]


@pytest.mark.parametrize(
    ("run", "output", "expected"),
    [
        ("", "", [("", "a.result.csv"), ("", "b.result.csv")]),
        ("spring", "out.csv", [("spring-a", "out-a.csv"), ("spring-b", "out-b.csv")]),
        ("{list}-{date}", "{list}-out.csv", [("a-2026-12-01", "a-out.csv"), ("b-2026-12-01", "b-out.csv")]),
        ("spring", "", [("spring-a", "a.result.csv"), ("spring-b", "b.result.csv")]),
    ],
)
def test_each_list_of_a_pattern_has_a_run_and_a_result_of_its_own(campaign, lists, tmp_path, run, output, expected):
    lists("b.csv", "a.csv", "out-a.csv", "a.result.csv") if output == "out.csv" else lists("b.csv", "a.csv")
    text = '[list]\nfile = "*.csv"\n[result]\n'
    text += f'run = "{run}"\n' if run else ""
    text += f'output = "{output}"\n' if output else ""
    file = campaign(text)
    made = [file.resolved(path, MOMENT).campaign for path in file.lists(MOMENT)]
    assert [(one.run, one.output_path) for one in made] == [(name, tmp_path / path) for name, path in expected]


def test_flags_too_are_kept_apart_for_several_lists(campaign, lists):
    lists("b.csv", "a.csv")
    file = campaign('[list]\nfile = "*.csv"', run="x", output=Path("out.csv"))
    made = [file.resolved(path, MOMENT).campaign for path in file.lists(MOMENT)]
    assert [(one.run, one.output) for one in made] == [("x-a", Path("out-a.csv")), ("x-b", Path("out-b.csv"))]


def test_what_serves_the_campaign_is_no_list(campaign, lists, tmp_path):
    lists("a.csv", "stop.csv", "prices.csv")
    file = campaign('[list]\nfile = "*.csv"\nopt_outs = "stop.csv"\nprices = "prices.csv"')
    assert file.lists(MOMENT) == (tmp_path / "a.csv",)
    assert file.serving(MOMENT) == {tmp_path / "stop.csv", tmp_path / "prices.csv", tmp_path / "spring.toml"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[message]\nsign = 'x'", "campaign_no_list"),
        ("[list]\nfile = '*.csv'", "campaign_no_match"),
        ("[list]\nfile = '{list}.csv'", "campaign_placeholder"),
        ("[list]\nfile = 'a.csv'\n[message]\nsign = '${GONE}'", "campaign_variable"),
        ("[list]\nfile = 'a.csv'\nopt_outs = '${EMPTY}'", "campaign_wants_path"),
        ("[list]\nfile = 'a.csv'\n[sending]\nrate = 'fast'", "campaign_setting"),
        ("[list]\nfile = 'a.csv'\n[schedule]\nwait_lock = '10'", "campaign_setting"),
    ],
)
def test_settings_that_can_not_hold_are_refused_with_the_files_name(campaign, text, key):
    def campaigns():
        file, moment = campaign(text), Moment(NOW, {"EMPTY": ""})
        return [file.resolved(path, moment).campaign for path in file.lists(moment)]

    with pytest.raises(SettingsError) as error:
        campaigns()
    assert error.value.key == key
    assert key == "campaign_no_match" or "spring.toml" in str(error.value)
    assert error.value.say("zh") != str(error.value)


def test_a_campaign_without_a_list_serves_a_list_that_is_given(campaign, tmp_path):
    file = campaign("[message]\nsign = 'x'\n[result]\nrun = '{list}-{date}'")
    assert file.resolved(tmp_path / "a.csv", MOMENT).campaign.run == "a-2026-12-01"
