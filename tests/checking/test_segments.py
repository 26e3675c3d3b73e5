from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.checking.segments import (
    _GSM7_BASIC,
    _GSM7_EXTENSION,
    _OUTSIDE,
    _PLAIN,
    Size,
    costly_characters,
    size_of,
    with_sign,
)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("GSM-7", 0, 1)),
        ("a" * 160, Size("GSM-7", 160, 1)),
        ("a" * 161, Size("GSM-7", 161, 2)),
        ("a" * 306, Size("GSM-7", 306, 2)),
        ("a" * 307, Size("GSM-7", 307, 3)),
        ("a" * 350, Size("GSM-7", 350, 3)),
        ("中" * 70, Size("UCS-2", 70, 1)),
        ("中" * 71, Size("UCS-2", 71, 2)),
        ("中" * 134, Size("UCS-2", 134, 2)),
        ("中" * 135, Size("UCS-2", 135, 3)),
        ("中" * 150, Size("UCS-2", 150, 3)),
        ("a" * 149 + "中", Size("UCS-2", 150, 3)),
        ("€" * 80, Size("GSM-7", 160, 1)),
        ("€" * 80 + "a", Size("GSM-7", 161, 2)),
        ("[]{}|^~\\\f€", Size("GSM-7", 20, 1)),
        ("😀" * 35, Size("UCS-2", 70, 1)),
        ("😀" * 36, Size("UCS-2", 72, 2)),
        ("ç", Size("UCS-2", 1, 1)),
        ("Ç", Size("GSM-7", 1, 1)),
        ("`", Size("UCS-2", 1, 1)),
        ("’", Size("UCS-2", 1, 1)),
        ("line\nline\r", Size("GSM-7", 10, 1)),
        ("\t", Size("UCS-2", 1, 1)),
    ],
)
def test_a_text_takes_these_segments(text, size):
    assert size_of(text) == size


def test_the_alphabet_has_all_characters_but_the_escape():
    assert (len(_GSM7_BASIC), len(_GSM7_EXTENSION)) == (127, 10)


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=20))
def test_a_longer_text_never_takes_fewer_segments(text, more):
    assert size_of(text + more).segments >= size_of(text).segments


@pytest.mark.parametrize(("sign", "whole"), [("Acme", "[Acme]Hi"), ("示例", "【示例】Hi"), ("Café", "【Café】Hi")])
def test_a_signature_stands_before_the_text_in_its_brackets(sign, whole):
    assert with_sign(sign, "Hi") == whole


@pytest.mark.parametrize(
    ("text", "characters", "size"),
    [
        ("It's", "", Size("GSM-7", 4, 1)),
        ("It’s", "’", Size("GSM-7", 4, 1)),
        ("“It’s”", "“’”", Size("GSM-7", 6, 1)),
        ("a – b", "–", Size("GSM-7", 5, 1)),
        ("wait…", "…", Size("GSM-7", 7, 1)),
        ("a\u00a0b\u200bc", "\u00a0\u200b", Size("GSM-7", 4, 1)),
        ("a\tb", "\t", Size("GSM-7", 3, 1)),
        ("50％！", "％！", Size("GSM-7", 4, 1)),
        ("你’好", "", Size("UCS-2", 3, 1)),
        ("It’s 😀", "", Size("UCS-2", 7, 1)),
        ("ç’", "", Size("UCS-2", 2, 1)),
        ("’" + "a" * 159, "’", Size("GSM-7", 160, 1)),
        ("’" + "a" * 160, "’", Size("GSM-7", 161, 2)),
        ("😀" + "a" * 68, "", Size("UCS-2", 70, 1)),
        ("😀" + "a" * 69, "😀", Size("GSM-7", 70, 1)),
        ("Łódź ’" + "a" * 90, "Łóź’", Size("GSM-7", 96, 1)),
        ("中" * 30 + "a" * 90, "中", Size("GSM-7", 120, 1)),
        ("中" * 31 + "a" * 90, "", Size("UCS-2", 121, 2)),
        ("中" * 80, "", Size("UCS-2", 80, 2)),
    ],
)
def test_the_characters_that_alone_make_a_text_long_are_found(text, characters, size):
    assert costly_characters(text, size_of(text)) == (characters, size)


def test_every_plain_form_is_in_the_alphabet_and_what_it_stands_for_is_not():
    assert [
        chr(code) for code, plain in _PLAIN.items() if _OUTSIDE.search(plain) or not _OUTSIDE.search(chr(code))
    ] == []
