from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.sheets.cells import cell_text, error_flaws, is_scientific, looks_rounded, place, shape_of, shown


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (5, "00000000", "00000005"),
        (5, "0##", "05"),
        (5, "##0", "5"),
        (123456789, "0000", "123456789"),
        (13800138000, "000-0000-0000", "138-0013-8000"),
        (1380013, "000-0000-0000", "000-0138-0013"),
        (13800138000, "###-####-####", "138-0013-8000"),
        (85212345678, "(000) 0000 0000", "(852) 1234 5678"),
        (85291234567, "+0", "+85291234567"),
        (85291234567, '"+"#', "+85291234567"),
        (85291234567, "\\+0", "+85291234567"),
        (7, '"No. "000', "No. 007"),
        (12, "0 0 0", "0 1 2"),
        (13800138000, "0_ ", "13800138000"),
        (13800138000, "0_);[Red]\\(0\\)", "13800138000"),
        (19.99, "0", "20"),
        (2.5, "0", "3"),
        (19.5, "0.00", "19.50"),
        (1.005, "0.00", "1.01"),
        (0.155, "0%", "16%"),
        (0.155, "0.0%", "15.5%"),
        (0, "#", ""),
        (0.5, "#.00", ".50"),
        (19.5, "General", "19.5"),
        (1234.5, "#,##0.00", "1234.5"),
        (1234.5, "[$¥-804]#,##0.00", "1234.5"),
        (1234567, "[<=9999999]###-####;(###) ###-####", "1234567"),
        (13800138000, "0.00E+00", "13800138000"),
        (-5, "000", "-5"),
        (1e20, "000", "1e+20"),
    ],
)
def test_a_number_is_shown_as_libreoffice_and_excel_show_it_or_plainly(value, code, text):
    assert shown(value, code) == text


@given(st.integers(0, 10**15 - 1), st.integers(1, 20))
def test_zeros_in_front_never_change_the_number(number, width):
    text = shown(number, "0" * width)
    assert (int(text), len(text)) == (number, max(width, len(str(number))))


@given(
    st.integers(0, 10**15 - 1),
    st.text("0#-+ ()", min_size=1, max_size=20).filter(lambda code: "0" in code or "#" in code),
)
def test_literal_text_never_changes_the_digits(number, code):
    if shape_of(code) is not None:
        digits = "".join(filter(str.isdigit, shown(number, code)))
        assert digits.lstrip("0") == str(number).lstrip("0")


@pytest.mark.parametrize(
    ("code", "scientific"), [("0.00E+00", True), ("##0.0E+0", True), ("0", False), ('"E+"0', False)]
)
def test_powers_of_ten_are_known(code, scientific):
    assert is_scientific(code) is scientific


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        (13800000000, True),
        (1.38e10, True),
        (91200000, True),
        (13800138000, False),
        (9100000, False),
        (500000, False),
        (91234567, False),
    ],
)
def test_a_long_number_that_ends_in_zeros_looks_rounded(number, rounded):
    assert looks_rounded(float(number)) is rounded


@pytest.mark.parametrize(
    ("row", "column", "name"), [(2, 0, "A2"), (1, 25, "Z1"), (1, 26, "AA1"), (9, 701, "ZZ9"), (9, 16383, "XFD9")]
)
def test_a_cell_is_named_as_spreadsheets_do(row, column, name):
    assert place(row, column) == name


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "####", "Err:502", "#WERT!"])
def test_an_error_is_one_wherever_it_stands(text):
    assert [(flaw.code, flaw.index) for flaw in error_flaws(["a", text])] == [("check.CELL_ERROR", 1)]


@pytest.mark.parametrize("text", ["#1", "#SALE!", "# N/A of it", "##", "#", "NA", "Hi #N/A"])
def test_a_text_with_a_hash_is_no_error(text):
    assert error_flaws([text]) == ()


@given(st.floats(-1e300, 1e300))
def test_every_number_has_a_text_that_is_it(number):
    assert float(cell_text(number)) == pytest.approx(number, rel=1e-14)
