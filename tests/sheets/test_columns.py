from __future__ import annotations

import pytest

from batch_sms.errors import BatchSmsError, ListError, SettingsError
from batch_sms.model import Role, Row
from batch_sms.sheets.columns import map_columns

KNOWN = {
    Role.PHONE: (
        "phone, phone number, phonenumbers, mobile, mobile number, tel, telephone, msisdn, number, "
        "手机, 手机号, 手机号码, 电话, 电话号码, 号码"
    ),
    Role.COUNTRY: "country, country code, countrycode, region, iso, 国家, 国家码, 国家代码, 国家编号, 国家/地区",
    Role.SIGN: "sign, sign name, signname, signature, 签名, 短信签名",
    Role.TEMPLATE: "template, template code, templatecode, 模板, 模版, 模板编号, 模版CODE",
    Role.TEMPLATE_PARAM: "template param, templateparam, params, 模板参数, 模版变量",
    Role.OUT_ID: "out id, outid, 流水号, 外部流水",
}
HEADERS = [(role, header) for role, headers in KNOWN.items() for header in headers.split(", ")]


def spelled(header):
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in header)
    return [
        *(header, header.upper(), header.title(), f"  {header} ", header.replace(" ", ""), header.replace(" ", "_")),
        *(header.replace(" ", "-"), header.replace(" ", "\u00a0"), wide, f"\ufeff{header}", f"{header}\u200b"),
    ]


@pytest.mark.parametrize(("role", "header"), HEADERS)
def test_every_known_header_is_matched_in_any_spelling(role, header):
    others = () if role is Role.PHONE else ("phone",)
    wrong = [text for text in spelled(header) if map_columns([*others, text], {}).roles.get(role) != len(others)]
    assert wrong == []


def test_every_other_column_is_a_parameter_by_its_header():
    assert map_columns(["name", "phone", "Code No."], {}).params == (("name", 0), ("Code No.", 2))


@pytest.mark.parametrize("header", ["sms_status", "SMS_CODE", "sms_", "sms_anything", "ＳＭＳ_row"])
def test_columns_of_a_result_sheet_are_passed_over(header):
    assert map_columns(["phone", header], {}).params == ()


def test_columns_of_a_result_sheet_may_stand_twice():
    assert map_columns(["phone", "sms_row", "sms_row"], {}).params == ()


def test_a_column_without_header_is_no_parameter():
    assert map_columns(["phone", "", "name", " "], {}).params == (("name", 2),)


@pytest.mark.parametrize(
    ("headers", "chosen", "error", "key"),
    [
        (["phone", "mobile"], {}, ListError, "two_columns"),
        (["phone", "phone"], {}, ListError, "two_columns"),
        (["phone", "country", "国家"], {}, ListError, "two_columns"),
        (["name", "address"], {}, ListError, "no_phone_column"),
        ([], {}, ListError, "no_phone_column"),
        (["phone", "name", "name"], {}, ListError, "header_twice"),
        (["phone", "name", " name "], {}, ListError, "header_twice"),
        (["phone"], {"sign": "brand"}, SettingsError, "column_not_there"),
        (["x", "x"], {"phone": "x"}, ListError, "header_twice"),
    ],
)
def test_columns_that_can_not_be_told_are_refused(headers, chosen, error, key):
    with pytest.raises(BatchSmsError) as caught:
        map_columns(headers, chosen)
    assert (type(caught.value), caught.value.key) == (error, key)


def test_a_refusal_names_the_headers_that_were_found():
    with pytest.raises(ListError, match="name, address"):
        map_columns(["name", "", "address"], {})


@pytest.mark.parametrize("header", ["contact", "CONTACT", " con_tact ", "ｃｏｎｔａｃｔ"])
def test_a_chosen_column_is_found_in_any_spelling(header):
    assert map_columns(["name", "contact"], {"phone": header}).roles[Role.PHONE] == 1


def test_a_chosen_column_settles_which_of_two_it_is_and_the_other_is_a_parameter():
    columns = map_columns(["phone", "mobile"], {"phone": "mobile"})
    assert (columns.roles[Role.PHONE], columns.params) == (1, (("phone", 0),))


def test_an_exact_header_goes_before_a_similar_one():
    assert map_columns(["Contact", "contact"], {"phone": "contact"}).roles[Role.PHONE] == 1


def test_a_column_chosen_for_one_role_has_no_other():
    columns = map_columns(["phone", "region"], {"sign": "region"})
    assert (columns.roles[Role.SIGN], Role.COUNTRY in columns.roles) == (1, False)


def test_a_role_without_column_is_called_by_its_name_and_is_empty_in_every_row():
    columns = map_columns(["phone"], {})
    assert (columns.header(Role.SIGN), columns.cell(Row(2, ("138",)), Role.SIGN)) == ("sign", "")


@pytest.mark.parametrize("headers", [("+852 9123 4567", "Li"), ("Li", "13800138000"), ("８５２９１２３４５６７",)])
def test_a_first_line_with_a_phone_is_no_header(headers):
    with pytest.raises(ListError) as error:
        map_columns(headers, {})
    assert error.value.key == "no_header"
    assert not any(char.isdecimal() for char in error.value.say_to_others())
