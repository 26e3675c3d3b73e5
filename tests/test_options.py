"""The table of options is the only one: the command line, the campaign and its file can't drift apart from it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
import pytest

from batch_sms.campaign import Campaign
from batch_sms.cli import cli
from batch_sms.options import ALL, MANNERS, Kind

BY_NAME = {option.name: option for option in ALL}
FIELDS = {field.name: field for field in dataclasses.fields(Campaign)}
OF_CAMPAIGN = sorted(set(BY_NAME) - MANNERS)


def test_each_option_stands_in_the_table_once():
    assert len(BY_NAME) == len(ALL)
    assert len({spelt for option in ALL for spelt in option.spelt}) == sum(len(option.spelt) for option in ALL)


def test_each_option_but_the_manners_is_a_field_of_the_campaign_and_the_other_way_round():
    assert set(OF_CAMPAIGN) == set(FIELDS) - {"list"}


@pytest.mark.parametrize("name", [name for name in OF_CAMPAIGN if BY_NAME[name].kind not in (Kind.ROLES, Kind.PARAMS)])
def test_an_option_has_the_default_of_its_field(name):
    assert BY_NAME[name].default == FIELDS[name].default


@pytest.mark.parametrize(
    ("name", "choice"), [(option.name, choice) for option in ALL for choice in option.choices if option.name in FIELDS]
)
def test_a_campaign_takes_each_choice(name, choice):
    assert getattr(Campaign(list="x.csv", **{name: choice}), name) == choice


@pytest.mark.parametrize("command", ["send", "run"])
def test_a_command_takes_each_option_with_its_default(command):
    spelt = {param.name: set(param.opts) for param in cli.commands[command].params if isinstance(param, click.Option)}
    taken = cli.commands[command].make_context(command, ["x.csv"]).params
    for name, option in BY_NAME.items():
        assert spelt[name] == set(option.spelt)
        assert taken[name] == ({} if option.kind in (Kind.ROLES, Kind.PARAMS) else option.default)


def test_check_takes_those_of_the_list_and_the_message():
    taken = {param.name for param in cli.commands["check"].params}
    assert {option.name for option in ALL if option.table in ("list", "message")} - {"message_type"} <= taken


def test_a_path_is_a_path():
    for option in ALL:
        if option.kind is Kind.PATH:
            campaign = Campaign(list="x.csv", **{option.name: "y.csv"})
            assert getattr(campaign, option.name) == Path("y.csv")
