"""Where the access key is found, and that its secret is never shown."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import traceback

import pytest

from batch_sms.errors import CredentialsError
from batch_sms.gateway.credentials import Credentials, Secret, find_credentials

ID, SECRET, TOKEN = "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"
FILE, PROFILE = "ALIBABA_CLOUD_CREDENTIALS_FILE", "ALIBABA_CLOUD_PROFILE"
HIDDEN = "hush-do-not-show"
ENVIRONMENT = {ID: "env-id", SECRET: HIDDEN}


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".alibabacloud").mkdir()
    (tmp_path / ".aliyun").mkdir()
    return tmp_path


def write_ini(home, text, name="credentials.ini", encoding="utf-8"):
    path = home / ".alibabacloud" / name
    path.write_text(text, encoding)
    return path


def ini(key_id="ini-id", secret=HIDDEN, section="default", more=""):
    return f"[{section}]\ntype = access_key\naccess_key_id = {key_id}\naccess_key_secret = {secret}\n{more}"


def write_cli(home, *profiles, current="default", encoding="utf-8"):
    path = home / ".aliyun" / "config.json"
    path.write_text(json.dumps({"current": current, "profiles": profiles}), encoding)
    return path


def cli(name="default", mode="AK", **more):
    return {"name": name, "mode": mode, "access_key_id": f"cli-{name}", "access_key_secret": HIDDEN, **more}


def refused(environment, home):
    """The refusal's key and facts; the secret must be nowhere in what a person or a log could see of it."""
    with pytest.raises(CredentialsError) as raised:
        find_credentials(environment, home)
    error = raised.value
    shown = [str(error), repr(error), error.say("zh"), repr(error.facts), *traceback.format_exception(error)]
    assert HIDDEN not in "\n".join(shown)
    return error.key, error.facts


def test_the_environment(home):
    found = find_credentials({**ENVIRONMENT, TOKEN: "token"}, home)
    assert (found.key_id, found.secret.reveal(), found.token.reveal()) == ("env-id", HIDDEN, "token")
    assert found.source == f"{ID}, {SECRET}"


def test_the_environment_without_a_token(home):
    assert not find_credentials(ENVIRONMENT, home).token


@pytest.mark.parametrize("name", ["credentials.ini", "credentials"])
def test_the_ini_file(home, name):
    path = write_ini(home, ini(more="# a comment\n"), name)
    found = find_credentials({}, home)
    assert (found.key_id, found.secret.reveal(), found.token.reveal()) == ("ini-id", HIDDEN, "")
    assert found.source == str(path)


def test_the_ini_file_with_the_suffix_goes_first(home):
    write_ini(home, ini("other-id"), "credentials")
    write_ini(home, ini("ini-id"), "credentials.ini")
    assert find_credentials({}, home).key_id == "ini-id"


def test_the_ini_file_of_a_temporary_key(home):
    write_ini(home, ini(more="security_token = token\n").replace("access_key\n", "sts\n"))
    assert find_credentials({}, home).token.reveal() == "token"


def test_the_ini_file_may_have_a_comment_behind_a_value_and_percent_signs(home):
    write_ini(home, ini(secret="a%(b)s%c  # my key"))
    assert find_credentials({}, home).secret.reveal() == "a%(b)s%c"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_does_no_harm(home, encoding):
    write_cli(home, cli(), encoding=encoding)
    assert find_credentials({}, home).key_id == "cli-default"
    write_ini(home, ini(), encoding=encoding)
    assert find_credentials({}, home).key_id == "ini-id"


def test_the_ini_file_named_by_the_environment(home, tmp_path):
    write_ini(home, ini())
    path = tmp_path / "elsewhere"
    path.write_text(ini("named-id"), "utf-8")
    assert find_credentials({FILE: str(path)}, home).key_id == "named-id"


def test_a_named_file_that_is_not_there_is_not_passed_over(home, tmp_path):
    write_ini(home, ini())
    assert refused({FILE: str(tmp_path / "nowhere")}, home)[0] == "credentials_file_missing"


def test_the_profile_variable_picks_a_section(home):
    write_ini(home, ini() + ini("work-id", section="work"))
    assert find_credentials({PROFILE: "work"}, home).key_id == "work-id"
    key, facts = refused({PROFILE: "play"}, home)
    assert (key, facts["profile"]) == ("profile_missing", "play")


@pytest.mark.parametrize("kind", ["ram_role_arn", "ecs_ram_role", "oidc_role_arn", "rsa_key_pair"])
def test_other_kinds_in_the_ini_file_are_refused(home, kind):
    write_ini(home, ini().replace("access_key\n", f"{kind}\n"))
    key, facts = refused({}, home)
    assert (key, facts["kind"]) == ("credentials_kind", kind)


@pytest.mark.parametrize(
    "text",
    [
        f"access_key_secret = {HIDDEN}\n",
        f"[default]\n{HIDDEN}\n",
        ini() + ini(),
        ini(more=f"access_key_secret = {HIDDEN}2\n"),
    ],
)
def test_a_broken_ini_file(home, text):
    assert refused({}, write_ini(home, text).parent.parent)[0] == "credentials_file_broken"


def test_an_ini_file_in_another_encoding_is_broken(home):
    write_ini(home, ini(more="# 备注\n"), encoding="utf-16")
    assert refused({}, home)[0] == "credentials_file_broken"


def test_an_ini_file_that_may_not_be_opened_is_said_to_be_so(home, monkeypatch):
    path = write_ini(home, ini())

    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    monkeypatch.setattr("io.open", denied)
    key, facts = refused({}, home)
    assert (key, facts["path"], facts["reason"]) == ("credentials_file_broken", path, "PermissionError")


def test_the_cli_config(home):
    path = write_cli(home, cli(sts_token="left over from before"))
    found = find_credentials({}, home)
    assert (found.key_id, found.secret.reveal(), found.token.reveal()) == ("cli-default", HIDDEN, "")
    assert found.source == str(path)


def test_the_cli_config_of_a_temporary_key(home):
    write_cli(home, cli(mode="StsToken", sts_token="token"))
    assert find_credentials({}, home).token.reveal() == "token"


def test_the_cli_config_current_profile_and_the_variable(home):
    write_cli(home, cli(), cli("work"), cli("play"), current="work")
    assert find_credentials({}, home).key_id == "cli-work"
    assert find_credentials({PROFILE: "play"}, home).key_id == "cli-play"
    assert refused({PROFILE: "none"}, home)[0] == "profile_missing"


@pytest.mark.parametrize(
    "mode", ["RamRoleArn", "EcsRamRole", "OIDC", "ChainableRamRoleArn", "CloudSSO", "OAuth", "External", "ak", "", None]
)
def test_other_modes_of_the_cli_are_refused(home, mode):
    write_cli(home, cli(mode=mode))
    key, facts = refused({}, home)
    assert (key, facts["kind"]) == ("credentials_kind", mode)


def test_the_cli_config_can_be_switched_off(home):
    write_cli(home, cli())
    assert refused({"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "True"}, home)[0] == "no_credentials"


@pytest.mark.parametrize(
    "text",
    [
        "",
        f'{{"access_key_secret": "{HIDDEN}"',
        "[]",
        '"text"',
        f'{{"profiles": ["{HIDDEN}"]}}',
        '{"profiles": null}',
        '{"profiles": [{"name": []}]}',
        '{"profiles": 7}',
    ],
)
def test_a_broken_cli_config(home, text):
    write_cli(home).write_text(text, "utf-8")
    assert refused({}, home)[0] == "credentials_file_broken"


def test_the_order_is_environment_ini_cli(home):
    assert refused({}, home) == ("no_credentials", {})
    write_cli(home, cli())
    assert find_credentials({}, home).key_id == "cli-default"
    write_ini(home, ini())
    assert find_credentials({}, home).key_id == "ini-id"
    assert find_credentials(ENVIRONMENT, home).key_id == "env-id"


def test_a_home_without_the_folders_has_no_key(tmp_path):
    assert refused({}, tmp_path / "nowhere")[0] == "no_credentials"


@pytest.mark.parametrize(
    "environment", [{ID: "env-id"}, {SECRET: HIDDEN}, {ID: "  ", SECRET: HIDDEN}, {ID: "env-id", SECRET: "\n"}]
)
def test_half_a_key_in_the_environment_is_no_reason_to_look_elsewhere(home, environment):
    write_ini(home, ini())
    assert refused(environment, home)[0] == "half_credentials"


def test_half_a_key_in_a_file(home):
    write_cli(home, {"name": "default", "mode": "AK", "access_key_id": "cli-id", "access_key_secret": None})
    assert refused({}, home)[0] == "half_credentials"
    write_ini(home, f"[default]\naccess_key_secret = {HIDDEN}\n")
    assert refused({}, home)[0] == "half_credentials"


def test_empty_variables_are_as_none(home):
    write_ini(home, ini())
    assert find_credentials({ID: "", SECRET: "", TOKEN: "", FILE: "", PROFILE: ""}, home).key_id == "ini-id"


def test_a_token_alone_is_no_key(home):
    assert refused({TOKEN: HIDDEN}, home)[0] == "no_credentials"


@pytest.mark.parametrize("odd", ["a b", "a\tb", "a\nb", "ключ", "a\u200bb", "a\0b", "“a”", "a\xa0b"])
@pytest.mark.parametrize("part", [ID, SECRET, TOKEN])
def test_odd_characters_are_refused(home, part, odd):
    assert refused({**ENVIRONMENT, part: HIDDEN + odd}, home)[0] == "odd_credentials"


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\xa0", "\u3000"])
def test_white_space_around_is_not_part_of_the_key(home, space):
    environment = {name: f"{space}{value}{space}" for name, value in {**ENVIRONMENT, TOKEN: "token"}.items()}
    found = find_credentials(environment, home)
    assert (found.key_id, found.secret.reveal(), found.token.reveal()) == ("env-id", HIDDEN, "token")


SHOWN = {
    "repr": repr,
    "str": str,
    "format": lambda thing: f"{thing} {thing!r} {thing:}",
    "percent": lambda thing: "%s %r" % (thing, thing),  # noqa: UP031 - as logging does it
    "container": lambda thing: repr([{"key": thing}]),
    "exception": lambda thing: repr(ValueError(thing)) + str(ValueError(thing)),
    "pickle": lambda thing: repr(pickle.dumps(thing)) + repr(pickle.dumps(thing, 0)),
    "unpickled": lambda thing: repr(pickle.loads(pickle.dumps(thing))),  # noqa: S301 - our own
    "log": lambda thing: logging.makeLogRecord({"msg": "%s %r", "args": (thing, thing)}).getMessage(),
    "json": lambda thing: json.dumps(thing, default=str),
    "dir": lambda thing: repr([getattr(thing, "__dict__", None), dir(thing)]),
}


@pytest.mark.parametrize("way", SHOWN)
@pytest.mark.parametrize("what", ["secret", "credentials"])
def test_the_secret_is_not_shown(way, what):
    thing = Secret(HIDDEN) if what == "secret" else Credentials("id", Secret(HIDDEN), Secret(HIDDEN), "here")
    assert HIDDEN not in SHOWN[way](thing)


def test_the_fields_of_a_dataclass_do_not_show_it():
    credentials = Credentials("id", Secret(HIDDEN), Secret(HIDDEN), "here")
    assert HIDDEN not in repr(dataclasses.asdict(credentials)) + repr(dataclasses.astuple(credentials))
    assert "<hidden>" in repr(credentials)
    assert "'id'" in repr(credentials)


def test_a_traceback_does_not_show_it():
    def fail(credentials):
        raise RuntimeError(credentials, credentials.secret)

    with pytest.raises(RuntimeError) as raised:
        fail(Credentials("id", Secret(HIDDEN), Secret(""), "here"))
    with_locals = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    text = "".join(with_locals.format())
    assert "<hidden>" in text
    assert HIDDEN not in text


def test_a_pickled_secret_is_empty_and_so_is_a_copy():
    assert not pickle.loads(pickle.dumps(Secret(HIDDEN)))  # noqa: S301 - our own
    assert not copy.deepcopy(Secret(HIDDEN))


def test_a_secret_is_true_if_there_is_one():
    assert Secret("x")
    assert not Secret("")


def test_credentials_cannot_be_changed():
    credentials = Credentials("id", Secret(HIDDEN), Secret(""), "here")
    with pytest.raises(dataclasses.FrozenInstanceError):
        credentials.key_id = "other"
