from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.characters import ZERO_WIDTH, ascii_digits, key, tidy, without_point_zero


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Li   Wei ", "Li Wei"),
        ("１３８", "138"),
        ("Ｐｈｏｎｅ", "Phone"),
        ("a\u00a0b", "a b"),
        ("a\u3000b", "a b"),
        ("\ufeffphone", "phone"),
        ("\u202a+86138\u202c", "+86138"),
        ("138\u200b0013", "1380013"),
        ("a\r\n\tb", "a b"),
        ("", ""),
    ],
)
def test_tidy_gives_what_a_person_reads(text, expected):
    assert tidy(text) == expected


@pytest.mark.parametrize("char", ZERO_WIDTH)
def test_every_invisible_character_is_taken_out(char):
    assert tidy(f"1{char}2") == "12"


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_tidying_twice_is_tidying_once(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "text",
    ["Phone Number", "phone-number", "PHONE_NUMBER", "ＰｈｏｎｅＮｕｍｂｅｒ", "phone – number", " phonenumber\ufeff"],
)
def test_keys_have_no_regard_to_case_width_spaces_and_dashes(text):
    assert key(text) == "phonenumber"


@pytest.mark.parametrize(
    ("text", "expected"), [("٠١٢٣٤٥٦٧٨٩", "0123456789"), ("+८५२", "+852"), ("123", "123"), ("²", "²"), ("十", "十")]
)
def test_decimal_digits_of_any_script_become_ascii(text, expected):
    assert ascii_digits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000.0", "13800138000"),
        ("13800138000.00", "13800138000"),
        ("+49 1512345678.0", "+49 1512345678"),
        ("06.12.34.56.00", "06.12.34.56.00"),
        ("13800138000.5", "13800138000.5"),
        (".0", ".0"),
        ("138", "138"),
        ("", ""),
    ],
)
def test_only_the_zero_of_a_decimal_number_is_taken_off(text, expected):
    assert without_point_zero(text) == expected
