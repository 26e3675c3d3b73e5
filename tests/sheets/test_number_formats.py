from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.sheets.number_formats import BUILT_IN_FORMATS, changes, is_scientific, shown, shows_whole_numbers_plainly


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
        (1234.5, "#,##0.00", "1234.50"),
        (1234.5, "[$¥-804]#,##0.00", "1234.50"),
        (1234567, "[<=9999999]###-####;(###) ###-####", "123-4567"),
        (2125551234, "[<=9999999]###-####;(###) ###-####", "(212) 555-1234"),
        (13800138000, "0.00E+00", "13800138000"),
        (-5, "000", "-005"),
        (1e20, "000", "1e+20"),
        (98765432, '[<1]"x";"+1"0', "+198765432"),
        (0, '[<1]"x";"+1"0', "x"),
        (1, '[=1]"yes";[=0]"no";0', "yes"),
        (98765432, '"+852 "0', "+852 98765432"),
        (98765432, '"+"General', "+98765432"),
        (98765432, "G/通用格式", "98765432"),
        (98765432, "@", "98765432"),
        (1234.5678, "#,##0.00", "1234.57"),
        (1234.5, '#,##0 "pcs"', "1235 pcs"),
        (12.345, "#,##0.0%", "1234.5%"),
        (1.5, '0.00"万"', "1.50万"),
        (123456, '0"."0000', "12.3456"),
        (0.5, "0.##", "0.5"),
        (5, "0.##", "5"),
        (-5, "0_);\\(0\\)", "-5"),
        (-1234.5, "#,##0.00_);(#,##0.00)", "-1234.50"),
        (12.5, ".00", "12.50"),
        (1234.5, "#,##0", "1235"),
        (0, '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', "0"),
        (0, "0;-0;;@", ""),
        (0, '0;-0;"none"', "none"),
        (5, '0;-0;"none"', "5"),
        (5, "[Red]0;@", "5"),
        (1e14, "0." + "0" * 30, "1" + "0" * 14 + "." + "0" * 30),
    ],
)
def test_a_number_is_shown_as_libreoffice_and_excel_show_it(value, code, text):
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        *((98765432, code) for code in ("0,", "#,##0,", '0.0,"k"', "0!.0,", ";;;", '"";0', "# ?/?", "0/0", "0%%")),
        *(
            (98765432, code)
            for code in ("yyyy-mm-dd", "h:mm", "[DBNum1]0", "0 k", '0"x', "0.0,0", '0.0"x"0', "0;0;0;0;0")
        ),
        *((5, code) for code in ("[>9]0;[<3]0", "[<3]0;0;0", "0.0.0", '[>=5]0,"k";0', "0" * 40 + "." + "0" * 31)),
        *((-5, code) for code in ("0;0", "0;[Red]0", "0;", '[<0]"neg";0', '"Nr. "0;"minus "0', "#,##0;#,##0")),
        *((0.4, "#"), (-0.4, "0"), (-0.4, '"+852 "0')),
    ],
)
def test_a_number_that_is_seen_as_another_or_not_at_all_is_shown_by_nothing(value, code):
    assert shown(value, code) is None


@given(st.integers(0, 10**15 - 1), st.integers(1, 20))
def test_zeros_in_front_never_change_the_number(number, width):
    text = shown(number, "0" * width)
    assert (int(text), len(text)) == (number, max(width, len(str(number))))


@given(
    st.integers(0, 10**15 - 1),
    st.text("0#-+ ()", min_size=1, max_size=20).filter(lambda code: "0" in code or "#" in code),
)
def test_literal_text_never_changes_the_digits(number, code):
    text = shown(number, code)
    if text is not None:
        digits = "".join(filter(str.isdigit, text))
        assert digits.lstrip("0") == str(number).lstrip("0")


@pytest.mark.parametrize(
    ("code", "scientific"), [("0.00E+00", True), ("##0.0E+0", True), ("0", False), ('"E+"0', False)]
)
def test_powers_of_ten_are_known(code, scientific):
    assert is_scientific(code) is scientific


@given(st.text('0#?.,%;E+-@/ymdhs[]<=>1"\\_*$¥xGeneral ()', max_size=20), st.floats(-1e16, 1e16))
def test_every_format_shows_a_text_or_nothing_known(code, number):
    assert isinstance(shown(number, code), str | None)
    if shows_whole_numbers_plainly(code):
        assert shown(98765432, code) == "98765432"


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("0", True),
        ("#,##0.00", False),
        ("#,##0", False),
        ("00", False),
        ('"+"0', False),
        ("0,", False),
        ("0;0", False),
        ("[>9]0;0", False),
    ],
)
def test_formats_that_change_no_whole_number_are_known(code, plain):
    assert shows_whole_numbers_plainly(code) is plain


def test_all_built_in_formats_may_change_what_is_seen():
    assert all(changes(code) for code in BUILT_IN_FORMATS.values())
    assert not any(changes(code) for code in ("", "General", "@", "GENERAL", "G/通用格式"))
