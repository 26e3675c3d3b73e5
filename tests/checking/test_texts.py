from __future__ import annotations

import pytest

from batch_sms import words
from batch_sms.checking.texts import control_in, facts_of, text_of
from batch_sms.explain import Explainer
from batch_sms.model import Problem


def warned(value, sign="Acme"):
    return list(facts_of(sign, (("text", value),)).warnings)


@pytest.mark.parametrize(
    ("sign", "values", "text"),
    [
        ("Acme", {"name": "Li"}, "[Acme]Li"),
        ("Acme", {}, "[Acme]"),
        ("Acme", {"a": "x", "b": "y"}, "[Acme]x y"),
        ("示例", {"name": "Li"}, "【示例】Li"),
    ],
)
def test_the_text_that_is_known_is_the_sign_and_the_parameters(sign, values, text):
    assert text_of(sign, tuple(values.items())) == text


def test_a_chinese_signature_makes_a_long_text_two_segments():
    assert [facts_of(sign, (("a", "x" * 100),)).segments for sign in ("Acme", "示例")] == [1, 2]


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("see https://example.com/x?y=1 now", "https://example.com/x?y=1"),
        ("www.example.de", "www.example.de"),
        ("WWW.EXAMPLE.COM", "WWW.EXAMPLE.COM"),
        ("go to example.com/sale", "example.com/sale"),
        ("t.co/abc", "t.co/abc"),
        ("点击 http://例子.cn/", "http://例子.cn/"),
        ("weixin://dl/x", "weixin://dl/x"),
        ("shop.de", "shop.de"),
        ("acme.in/offer", "acme.in/offer"),
        ("例子.中国", "例子.中国"),
        ("您" * 50 + "点击t.cn/abc查看", "您" * 18 + "点击t.cn/abc查看"),
    ],
)
def test_a_link_is_named(value, link):
    assert warned(value)[0] == Problem("warn.LINK", "text", {"link": link})


@pytest.mark.parametrize(
    "value", ["Mr.Li", "U.S.A.", "3.50 USD", "10:30", "a/b", "J.Company", "e.g. this.", "...", "v1.2.3"]
)
def test_what_only_looks_like_a_link_is_none(value):
    assert warned(value) == []


@pytest.mark.parametrize(("length", "codes"), [(200, []), (201, ["warn.LONG"]), (494, ["warn.LONG"])])
def test_a_long_value_is_said(length, codes):
    assert [warning.code for warning in warned("a" * length)] == codes


def test_a_long_text_is_said_with_its_signature():
    values = tuple((name, "a" * 164) for name in "xyz")
    assert facts_of("Acme", values).warnings == ()  # 500 with the brackets and two spaces
    [warning] = facts_of("Acme2", values).warnings
    assert warning == Problem("warn.LONG_TEXT", "", {"length": "501", "most": "500"})


@pytest.mark.parametrize(
    ("value", "chars"),
    [
        ("It’s", "’ U+2019 RIGHT SINGLE QUOTATION MARK"),
        ("a – b", "– U+2013 EN DASH"),
        ("a\u00a0b", "U+00A0 NO-BREAK SPACE"),
        ("a\tb", "U+0009 TAB"),
        ("a`b", "` U+0060 GRAVE ACCENT"),
        ("“a”", "“ U+201C LEFT DOUBLE QUOTATION MARK, ” U+201D RIGHT DOUBLE QUOTATION MARK"),
    ],
)
def test_a_character_that_costs_is_named(value, chars):
    assert warned(value) == [Problem("warn.UCS2", "text", {"chars": chars, "segments": "1", "plain": "1"})]


def test_every_column_with_characters_that_cost_is_named():
    values = (("hello", "It’s"), ("name", "Li"), ("bye", "– “it’s”"))
    hello, bye = facts_of("Acme", values).warnings
    assert (hello.column, hello.facts["others"], hello.facts["chars"][0]) == ("hello", "bye", "’")
    assert (bye.column, bye.facts["others"], bye.facts["chars"].count("U+")) == ("bye", "hello", 4)
    assert "also in: hello." in Explainer().problem(bye)


def test_a_signature_with_characters_that_cost_is_named_beside_the_columns():
    of_value, of_sign = facts_of("Li’s", (("text", "It’s " + "your parcel is on its way " * 5),)).warnings
    assert [(one.column, one.facts["others"]) for one in (of_value, of_sign)] == [("text", "sign"), ("", "text")]


def test_a_curly_quote_that_doubles_the_bill_says_so():
    [warning] = warned("It’s " + "a" * 147)
    assert (warning.facts["segments"], warning.facts["plain"]) == ("3", "1")


def test_a_character_that_no_plain_one_replaces_is_named_where_it_costs():
    [warning] = warned("Hi 王, " + "your parcel is on its way " * 3)
    facts = {"chars": "王 U+738B CJK UNIFIED IDEOGRAPH-738B", "segments": "2", "plain": "1"}
    assert warning == Problem("warn.UCS2", "text", facts)


@pytest.mark.parametrize("value", ["你好’", "😀", "Привет", "ça va", "plain"])
def test_a_text_that_must_be_long_is_not_warned_about(value):
    assert warned(value) == []


def test_a_sign_counts():
    assert warned("It’s", sign="示例") == []
    assert [warning.column for warning in warned("Its", sign="Li’s")] == []  # the brackets of that sign are Chinese


@pytest.mark.parametrize(("text", "char"), [("a", ""), ("a\n\r\tb", ""), ("\x7f", "U+007F"), ("\x85", "U+0085")])
def test_a_control_character_is_named(text, char):
    assert control_in(text) == char


FACTS = {
    "FIELDS": {"fields": "2", "count": "3", "missing": "town"},
    "LINK": {"link": "x"},
    "LONG": {"length": "1", "most": "1"},
    "LONG_TEXT": {"length": "1", "most": "1"},
    "UCS2": {"chars": "x", "segments": "2", "plain": "1"},
    "SEGMENTS": {"segments": "1"},
    "SAME_PHONE": {"phone": "x", "row": "1"},
    "SENT_BEFORE": {"status": "accepted"},
    "ROUNDED": {"phone": "x"},
    "DESTINATION": {"country": "x", "day": "2026-01-02"},
    "NUMBER_SHOWN": {"cell": "1", "shown": "1.0"},
    "DATE_SHOWN": {"cell": "2026-03-01", "shown": "Mar-26"},
    "TIME_SHOWN": {"cell": "18:00", "shown": "6 PM"},
    "PARAM_NAMES": {"names": "x", "row": "1", "others": "y"},
}


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("name", FACTS)
def test_every_warning_can_be_said(name, lang):
    assert Explainer(lang).problem(Problem(f"warn.{name}", "text", FACTS[name])).startswith("text: ")


def test_every_sentence_of_warning_is_used():
    said = {key.removeprefix("warning.") for key in words.sentences("en") if key.startswith("warning.")}
    assert said == set(FACTS)
