from __future__ import annotations

import pytest

from batch_sms import words
from batch_sms.errors import ListError
from batch_sms.explain import Explainer
from batch_sms.gateway import codes
from batch_sms.model import Problem, Record, Row, Status

MISSING = Problem("check.PHONE_MISSING", "phone")
EMPTY = Problem("check.PARAM_EMPTY", "name")


def record(code, *problems, message=""):
    return Record(Row(2, ()), Status.INVALID if problems else Status.REJECTED, code, problems, message=message)


def test_a_problem_is_a_sentence_that_names_its_column():
    assert Explainer().problem(MISSING) == "phone: the phone is missing."


def test_a_problem_without_a_column_is_the_sentence_alone():
    problem = Problem("check.CELLS", "", {"count": "2", "fields": "3", "extra": "x", "hint": "too_many"})
    assert (
        Explainer().problem(problem)
        == "the row does not have as many fields as the header (2). Fields: 3 of 2; behind the last one: 'x'."
    )


def test_a_problem_is_said_in_the_language_asked_for():
    assert Explainer("zh").problem(MISSING) == "phone: 缺少手机号。"


def test_braces_in_a_cell_are_text():
    assert "{x}" in Explainer().problem(Problem("check.COUNTRY_UNKNOWN", "country", {"cell": "{x}"}))


def test_all_problems_of_a_row_are_said():
    message, _ = Explainer()(record(MISSING.code, MISSING, EMPTY))
    assert message == "phone: the phone is missing. name: this template parameter is empty."


def test_the_same_advice_is_given_once():
    _, advice = Explainer()(record(EMPTY.code, EMPTY, Problem(EMPTY.code, "code")))
    assert advice == codes.advice(EMPTY.code)


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("code", ["net.READ_TIMEOUT", "skip.DUPLICATE", "run.STOPPED"])
def test_a_code_of_ours_is_said_in_our_words(code, lang):
    found = codes.find(code)
    assert Explainer(lang)(record(code)) == (found.meaning(lang), found.advice(lang))


def test_what_the_network_said_stands_behind_our_words():
    message, _ = Explainer()(record("net.HTTP_502", message="Bad Gateway"))
    assert message == f"{codes.find('net.HTTP_502').meaning('en')} (Bad Gateway)"


def test_what_the_gateway_said_is_left_untouched():
    code = "isv.MOBILE_NUMBER_ILLEGAL"
    assert Explainer("zh")(record(code, message="mobile number illegal")) == (
        "mobile number illegal",
        codes.advice(code, "zh"),
    )


def test_a_gateway_that_said_nothing_is_explained():
    code = "isv.MOBILE_NUMBER_ILLEGAL"
    assert Explainer()(record(code))[0] == codes.find(code).meaning("en")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_code_that_nobody_knows_has_honest_advice(lang):
    assert Explainer(lang)(record("x.NEW", message="what?")) == ("what?", codes.UNKNOWN_ADVICE[lang])


def test_an_accepted_row_needs_no_advice():
    assert Explainer()(record("OK", message="OK")) == ("OK", "")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_of_a_cell_of_five_megabytes_only_the_beginning_is_shown(lang):
    problem = Problem("check.PARAM_JSON", "params", {"cell": "x" * 5_000_000})
    assert "xxx…" in Explainer(lang).problem(problem)
    assert len(Explainer(lang).problem(problem)) < 500
    assert len(ListError("opt_out_line", path="out.csv", row=2, cell="x" * 5_000_000).say(lang)) < 1500


@pytest.mark.parametrize(
    ("found", "lang", "part"),
    [
        ("GG", "en", "a number of GG (Guernsey), but"),
        ("TW", "en", "a number of TW (Taiwan), but"),
        ("XK", "en", "a number of XK (Kosovo), but"),
        ("BS", "zh", "BS（巴哈马）"),
        ("+870", "en", "a number of +870, but"),
    ],
)
def test_the_country_that_a_number_belongs_to_is_named(found, lang, part):
    problem = Problem("check.PHONE_COUNTRY_MISMATCH", "phone", {"cell": "1", "country": "GB", "found": found})
    assert part in Explainer(lang).problem(problem)


def test_a_number_of_no_country_is_one_of_none():
    problem = Problem("check.PHONE_INVALID", "phone", {"cell": "+999 1", "country": ""})
    assert Explainer().problem(problem) == "phone: '+999 1' is not a valid number in any country."
