from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.characters import tidy
from batch_sms.checking.params import ParamPlan, compile_text, read_json
from batch_sms.errors import SettingsError
from batch_sms.model import Problem, Row
from batch_sms.sheets.columns import map_columns

HEADERS = ("phone", "name", "First Name", "code")


def made(headers, cells, params=None):
    params = ParamPlan.of(map_columns(headers, {}), params or {}).make(Row(2, tuple(cells)))
    return params.text, params.problems


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {name}", "Hi Li"),
        ("{name}{code}", "Li007"),
        ("{first name}", "Wei"),
        ("{FIRST_NAME}", "Wei"),
        ("{ name }", "Li"),
        ("{ｎａｍｅ}", "Li"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{Li}"),
        ("no columns", "no columns"),
        ("", ""),
        ("100% of {name}: $5", "100% of Li: $5"),
        ("{phone}", "138"),
    ],
)
def test_a_param_text_is_filled_from_the_row(text, filled):
    assert compile_text("x", text, HEADERS).filled(Row(2, ("138", "Li", "Wei", "007"))) == filled


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Hi {nmae}", "param_header"),
        ("Hi {0}", "param_header"),
        ("Hi {name", "param_brace"),
        ("Hi name}", "param_brace"),
        ("{{name}", "param_brace"),
        ("Hi {}", "param_brace"),
        ("Hi { }", "param_brace"),
    ],
)
def test_a_param_text_that_can_not_be_filled_is_refused(text, key):
    with pytest.raises(SettingsError) as error:
        compile_text("x", text, HEADERS)
    assert error.value.key == key


def test_braces_in_a_cell_are_text():
    assert made(("phone", "name"), ("138", "{code}"), {"x": "Hi {name}"}) == ('{"x":"Hi {code}"}', [])


def test_without_params_every_other_column_is_a_parameter():
    headers = ("phone", "name", "country", "sms_status", "code")
    assert made(headers, ("138", "Li", "CN", "accepted", "007")) == ('{"name":"Li","code":"007"}', [])


def test_with_params_only_they_are_sent():
    assert made(("phone", "name", "code"), ("138", "Li", "007"), {"intlmsg": "Hi {name}"}) == (
        '{"intlmsg":"Hi Li"}',
        [],
    )


def test_a_list_of_phones_alone_has_no_parameters():
    assert made(("phone",), ("138",)) == ("", [])


def test_the_text_of_a_cell_is_sent_as_it_is():
    text, problems = made(("phone", "name"), ("138", "  Ｌｉ\n“W”\\ "))
    assert (json.loads(text), problems) == ({"name": "  Ｌｉ\n“W”\\ "}, [])


def test_params_of_a_json_cell_go_before_those_of_columns():
    headers = ("phone", "name", "params")
    text, problems = made(headers, ("138", "Li", '{"name":"Wei","code":"1"}'))
    assert (json.loads(text), problems) == ({"name": "Wei", "code": "1"}, [])


@pytest.mark.parametrize("cell", ["", " ", "\n", "\u3000", "\u200b", "\u00a0\ufeff "])
def test_an_empty_parameter_is_a_problem(cell):
    assert made(("phone", "name"), ("138", cell))[1] == [Problem("check.PARAM_EMPTY", "name")]


def test_every_empty_column_of_a_text_is_a_problem_once():
    problems = made(("phone", "a", "b"), ("138", "", ""), {"x": "{a}{a}", "y": "{b}"})[1]
    assert problems == [Problem("check.PARAM_EMPTY", "a"), Problem("check.PARAM_EMPTY", "b")]


def test_an_empty_column_that_no_text_uses_is_no_problem():
    assert made(("phone", "a", "b"), ("138", "x", ""), {"x": "{a}"})[1] == []


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ('{"a":"1"}', {"a": "1"}),
        ('{"a":1}', {"a": "1"}),
        ('{"a":1.50}', {"a": "1.50"}),
        ('{"a":007}', None),
        ('{"a":12345678901234567890123}', {"a": "12345678901234567890123"}),
        ('{"a":NaN}', None),
        ('{"a":-Infinity}', None),
        ('{"a":true,"b":false}', {"a": "true", "b": "false"}),
        ('{"a":"line\nline"}', {"a": "line\nline"}),
        ("{}", {}),
        ("[]", None),
        ("[1]", None),
        ('"a"', None),
        ("1", None),
        ("null", None),
        ("a=1", None),
        ("{'a':'1'}", None),
        ('{"a":"1"', None),
        ('{"a":"\\ud800"}', None),
        ('{"a":-0.50}', {"a": "-0.50"}),
        ('{"":"x"}', None),
        ('{" ":"x"}', None),
        pytest.param("[" * 30_000, None, id="deep array"),
        pytest.param('{"a":' * 6_000, None, id="deep object"),
    ],
)
def test_a_json_cell_is_an_object_of_texts_or_a_problem(cell, values):
    given, problems = read_json(cell, "params")
    assert (given if not problems else None) == values


@pytest.mark.parametrize("value", ["null", "[]", "{}", '{"b":"c"}', '["b"]', "1e3", "1.5E-7"])
def test_a_value_that_is_no_text_is_a_problem(value):
    assert read_json(f'{{"a":{value}}}', "params") == ({}, [Problem("check.PARAM_NESTED", "params", {"param": "a"})])


@pytest.mark.parametrize("cell", ['{"a":"1","a":"2"}', '{"a":1,"a":1}'])
def test_a_name_that_stands_twice_is_a_problem(cell):
    assert read_json(cell, "params") == ({}, [Problem("check.PARAM_TWICE", "params", {"param": "a"})])


@pytest.mark.parametrize(
    ("cell", "char"),
    [
        ("a\x07b", "U+0007"),
        ("a\x00", "U+0000"),
        ("\x1b[1m", "U+001B"),
        ("a\x0b", "U+000B"),
        ("caf\x92", "U+0092"),
        ("\ud83d", "U+D83D"),
        ("a\ufffe", "U+FFFE"),
        ("caf\ufffd", "U+FFFD"),
    ],
)
def test_a_control_character_is_a_problem_of_its_column(cell, char):
    problem = Problem("check.PARAM_CONTROL", "name", {"char": char})
    assert made(("phone", "name"), ("138", cell))[1] == [problem]
    assert made(("phone", "name"), ("138", cell), {"x": "Hi {name}"})[1] == [problem]


@pytest.mark.parametrize(
    "cell", ["two\nlines", "two\r\nlines", "a\tb", "👨‍👩‍👧 family", "e\u0301", "مرحبا\u200f", "a\u00a0b"]
)
def test_what_a_phone_shows_is_no_control_character(cell):
    assert made(("phone", "name"), ("138", cell))[1] == []


@settings(max_examples=100)
@given(st.dictionaries(st.text(min_size=1, max_size=5).filter(str.strip), st.text(max_size=10), max_size=4))
def test_any_object_of_texts_is_read_as_it_is(values):
    assert read_json(json.dumps(values), "params") == (values, [])


@settings(max_examples=100)
@given(st.text(min_size=1, max_size=20).filter(lambda text: tidy(text).strip()))
def test_any_text_in_a_column_reaches_the_gateway_unchanged(cell):
    assert json.loads(made(("phone", "name"), ("138", cell))[0]) == {"name": cell}


@pytest.mark.parametrize(
    ("text", "headers", "twins"),
    [
        ("{NAME}", ("phone", "name", "Name"), "'name', 'Name'"),
        ("{FirstName}", ("phone", "first name", "first_name"), "'first name', 'first_name'"),
    ],
)
def test_a_name_that_two_headers_are_alike_to_is_refused_unless_one_is_written_so(text, headers, twins):
    with pytest.raises(SettingsError) as error:
        compile_text("x", text, headers)
    assert (error.value.key, error.value.facts["headers"]) == ("param_header_unsure", twins)
    for index in (1, 2):
        assert compile_text("x", f"{{{headers[index]}}}", headers).pieces == (index,)
