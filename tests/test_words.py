from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import batch_sms
from batch_sms import words
from batch_sms.gateway import codes

HOUSE = Path(batch_sms.__file__).parent
SOURCES = {path.relative_to(HOUSE).as_posix(): path.read_text("utf-8") for path in sorted(HOUSE.rglob("*.py"))}
ERRORS = re.compile(r"[A-Z]\w*Error")
CHECK_CODES = sorted({code for source in SOURCES.values() for code in re.findall(r'"(check\.[A-Z_]+)"', source)})


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def name_of(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def said():
    """Every sentence that the code asks for by a literal key: (place, key, facts), None for facts that are passed on."""
    found = []
    for path, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            key, name = node.args[0].value, name_of(node.func)
            facts = {keyword.arg for keyword in node.keywords}
            facts = None if None in facts or len(node.args) > 2 else facts
            if name == "say" and isinstance(key, str):
                found.append((f"{path}:{node.lineno}", key, facts))
            elif ERRORS.fullmatch(name) and hasattr(batch_sms.errors, name):
                found.append((f"{path}:{node.lineno}", f"error.{key}", facts))
    return found


SAID = said()


def test_the_code_says_something():
    assert len(SAID) > 40


def test_both_languages_have_the_same_sentences():
    assert set(words.sentences("en")) == set(words.sentences("zh"))


@pytest.mark.parametrize("key", sorted(words.sentences("en")))
def test_a_sentence_has_the_same_facts_in_both_languages(key):
    assert fields(words.sentences("en")[key]) == fields(words.sentences("zh")[key])


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("key", sorted(words.sentences("en")))
def test_a_sentence_can_be_said(key, lang):
    template = words.sentences(lang)[key]
    assert words.say(key, lang, **dict.fromkeys(fields(template), "x")).strip()


@pytest.mark.parametrize(("place", "key", "facts"), SAID, ids=[f"{place} {key}" for place, key, _ in SAID])
def test_what_the_code_says_is_written_and_gets_its_facts(place, key, facts):
    assert key in words.sentences("en")
    assert facts is None or fields(words.sentences("en")[key]) <= facts


@pytest.mark.parametrize("role", ["sign", "template"])
def test_a_setting_that_is_missing_has_its_sentence(role):
    assert f"error.no_{role}" in words.sentences("en")


def test_the_check_can_give_codes():
    assert len(CHECK_CODES) >= 15


@pytest.mark.parametrize("code", CHECK_CODES)
def test_every_check_code_has_a_sentence(code):
    assert f"problem.{code.removeprefix('check.')}" in words.sentences("en")


@pytest.mark.parametrize("code", CHECK_CODES)
def test_every_check_code_stands_in_the_code_table(code):
    assert codes.find(code) is not None


def test_every_sentence_about_a_problem_belongs_to_a_code():
    problems = {key.removeprefix("problem.") for key in words.sentences("en") if key.startswith("problem.")}
    assert problems == {code.removeprefix("check.") for code in CHECK_CODES}


def test_braces_in_a_fact_are_text():
    assert "{x}" in words.say("error.no_such_list", "en", path="{x}")
