from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.sheets.cells import cell_text, error_flaws, looks_rounded, place


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
