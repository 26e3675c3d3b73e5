"""Messages without a template: one text, a sender id or none, and not to mainland China."""

from __future__ import annotations

import pytest

from batch_sms.checking.plain_texts import is_sender_id, text_among
from batch_sms.checking.rows import Checker
from batch_sms.errors import SettingsError
from batch_sms.model import Demands, Message, Problem, Row
from batch_sms.sheets.columns import map_columns

PLAIN = Demands(template=False, mainland=False)


def checked(headers, cells, demands=PLAIN, **settings):
    columns = map_columns(headers, {}, params=not settings.get("params"))
    return Checker(columns, demands=demands, **settings).check(Row(2, cells))


def problems(*arguments, **settings):
    return checked(*arguments, **settings).problems


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["message"], "message"),
        (["name", "message", "offer"], "message"),
        (["name", "Message"], "Message"),
        (["intlmsg"], "intlmsg"),
        (["name", "offer"], None),
        (["message", "MESSAGE"], None),
        ([], None),
    ],
)
def test_the_text_is_the_one_named_message_or_the_only_one(names, text):
    assert text_among(names) == text


@pytest.mark.parametrize("sign", ["ACME", "Acme24", "a", "12345678901", "123456789012345", "ACME SHOP 2", "24seven"])
def test_a_sender_id(sign):
    assert is_sender_id(sign)


@pytest.mark.parametrize(
    "sign", ["", "ACMEACMEACME", "1234567890123456", "云通信", "ACME!", "Ümlaut", "   ", "1 2", "+852123"]
)
def test_no_sender_id(sign):
    assert not is_sender_id(sign)


def test_a_row_is_a_text_and_a_sender():
    row = checked(("phone", "sign", "message", "out id"), ("+85261234567", "ACME", "Hi 小明", "a"))
    assert row.message == Message("+85261234567", "61234567", "HK", "ACME", "", '{"message":"Hi 小明"}', "a")
    assert (row.segments, row.warnings) == (1, ())


def test_the_only_parameter_is_sent_as_the_message_whatever_its_name():
    params = {"intlmsg": "Hi {name}"}
    row = checked(("phone", "name"), ("+85261234567", "Li"), params=params, sign="ACME")
    assert row.message.params == '{"message":"Hi Li"}'
    assert row.message.template == ""


def test_a_template_is_not_sent_and_no_problem():
    row = checked(("phone", "template", "message"), ("+85261234567", "", "Hi"), template="SMS_1")
    assert (row.message.template, row.message.sign) == ("", "")


def test_columns_that_are_not_sent_may_be_empty():
    assert problems(("phone", "name", "message"), ("+85261234567", "", "Hi")) == ()


def test_the_text_may_not_be_empty():
    assert problems(("phone", "message"), ("+85261234567", " ")) == (Problem("check.PARAM_EMPTY", "message"),)


@pytest.mark.parametrize(
    ("headers", "params", "names"),
    [
        (("phone", "name", "offer"), {}, "name, offer"),
        (("phone",), {}, "-"),
        (("phone", "name"), {"a": "{name}", "b": "x"}, "a, b"),
    ],
)
def test_no_text_is_refused_before_a_row_is_read(headers, params, names):
    with pytest.raises(SettingsError) as error:
        checked(headers, (), params=params)
    assert (error.value.key, error.value.facts) == ("no_text", {"names": names})


@pytest.mark.parametrize(
    ("cell", "params"),
    [
        ('{"message":"Hi"}', '{"message":"Hi"}'),
        ('{"text":"Hi"}', '{"message":"Hi"}'),
        ('{"message":"Hi","name":"Li"}', '{"message":"Hi"}'),
    ],
)
def test_a_json_cell_holds_the_text(cell, params):
    assert checked(("phone", "params"), ("+85261234567", cell)).message.params == params


def test_a_json_cell_without_a_text():
    found = problems(("phone", "params"), ("+85261234567", '{"a":"1","b":"2"}'))
    assert found == (Problem("check.TEXT_MISSING", "params", {"names": "a, b"}),)
    assert problems(("phone", "params"), ("+85261234567", ""))[0].facts == {"names": "-"}
    assert problems(("phone", "params"), ("+85261234567", "{"))[0].code == "check.PARAM_JSON"


def test_a_sign_that_is_no_sender_id():
    found = problems(("phone", "sign", "message"), ("+85261234567", "云通信", "Hi"))
    assert found == (Problem("check.SENDER_ID", "sign", {"cell": "云通信"}),)


def test_mainland_china():
    found = problems(("phone", "message"), ("+8613800138000", "Hi"))
    assert found == (Problem("check.MAINLAND", "phone", {"phone": "+8613800138000"}),)


@pytest.mark.parametrize(
    ("text", "segments", "warned"),
    [
        ("a" * 160, 1, []),
        ("a" * 161, 2, []),
        ("好" * 71, 2, []),
        ("see https://acme.example now", 1, []),
        ("a" * 500, 4, []),
        ("a" * 2001, 14, ["warn.LONG_TEXT"]),
        ("it’s", 1, ["warn.UCS2"]),
    ],
)
def test_the_text_counts_alone_and_its_limits_are_others(text, segments, warned):
    row = checked(("phone", "message"), ("+85261234567", text), sign="ACME")
    assert (row.segments, [problem.code for problem in row.warnings]) == (segments, warned)


def test_a_sign_of_other_apis_stays_what_it_was():
    row = checked(("phone", "message"), ("+8613800138000", "Hi"), Demands(), sign="云通信", template="SMS_1")
    assert row.message.sign == "云通信"
