from __future__ import annotations

import pytest

from batch_sms.checking.opt_outs import opted_out_digits
from batch_sms.errors import ListError
from batch_sms.model import Row


def digits(*cells):
    return opted_out_digits([Row(number, (cell,)) for number, cell in enumerate(cells, start=2)], 0, "out.csv")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "8613800138000"),
        ("008613800138000", "8613800138000"),
        ("013800138000", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("'13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("١٣٨٠٠١٣٨٠٠٠", "13800138000"),
        ("(138) 0013 8000", "13800138000"),
        ("06.12.34.56.00", "612345600"),
        ("+44 (0)7400 123456", "447400123456"),
        ("+86 013800138000", "8613800138000"),
    ],
)
def test_an_opt_out_is_found_by_its_digits(cell, expected):
    assert expected in digits(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Li Wei",
        "1234",
        "1.38E+10",
        "1380013800O",
        "n/a",
        "-",
        "13800138000 ext 2",
        "13800138000/13900139000",
        "13800138000, 13900139000",
        "13800138000 13900139000",
        "00000000",
    ],
)
def test_a_line_that_is_no_phone_is_refused_and_not_passed_over(cell):
    with pytest.raises(ListError) as error:
        digits("13800138000", cell)
    assert (error.value.key, error.value.facts["row"]) == ("opt_out_line", 3)


@pytest.mark.parametrize("cell", ["", "  ", "\ufeff"])
def test_an_empty_line_is_passed_over(cell):
    assert digits(cell, "13800138000") == {"13800138000"}


def test_the_column_asked_for_is_read():
    assert opted_out_digits([Row(2, ("Li", "13800138000"))], 1, "out.csv") == {"13800138000"}
