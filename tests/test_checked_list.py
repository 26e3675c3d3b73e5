from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from batch_sms.campaign import Campaign
from batch_sms.checked_list import check_list, open_prices
from batch_sms.drafting import unsent
from batch_sms.errors import BatchSmsError, ListError, SettingsError
from batch_sms.model import Status
from batch_sms.opt_out_file import read_opt_outs
from batch_sms.words import say

TEXT = "phone,country,name\n13800138000,CN,Li\n91234567,HK,Wei\n"


@pytest.fixture
def campaign_of(tmp_path):
    def make(content=TEXT, name="list.csv", **fields):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Campaign(list=path, **({"sign": "Acme", "template": "SMS_1"} | fields))

    return make


def fingerprint(campaign):
    with check_list(campaign) as checked:
        return checked.fingerprint


def test_a_list_is_checked_row_by_row(campaign_of):
    with check_list(campaign_of()) as checked:
        assert [row.message.phone for row in checked] == ["+8613800138000", "+85291234567"]
        assert (checked.report.rows, checked.report.sendable) == (2, 2)


def test_a_checked_list_can_be_gone_through_again(campaign_of):
    with check_list(campaign_of()) as checked:
        assert list(checked) == list(checked)


@pytest.mark.parametrize(
    "changed",
    [
        {"sign": "Other"},
        {"template": "SMS_2"},
        {"params": {"x": "Hi {name}"}},
        {"params": {"y": "Hi {name}"}},
        {"endpoint": "https://dysmsapi.ap-southeast-1.aliyuncs.com"},
        {"sandbox": True},
        {"content": TEXT + "13800138001,CN,Wu\n"},
        {"content": TEXT.replace("Li", "Lu")},
        {"content": TEXT.replace("13800138000", "13800138001")},
        {"content": "phone,country,name\n91234567,HK,Wei\n13800138000,CN,Li\n"},
        {"content": TEXT.replace("name", "user")},
        {"content": "phone,country,name\n13800138000,CN,Li\n"},
    ],
)
def test_another_list_or_another_text_has_another_fingerprint(campaign_of, changed):
    assert fingerprint(campaign_of(**changed)) != fingerprint(campaign_of())


def test_another_api_has_another_fingerprint(campaign_of):
    assert fingerprint(campaign_of(api="send-sms")) != fingerprint(campaign_of())


@pytest.mark.parametrize("named", [{"endpoint": "https://dysmsapi.aliyuncs.com"}, {"region": "cn-hangzhou"}])
def test_an_endpoint_that_is_the_default_one_changes_nothing(campaign_of, named):
    assert fingerprint(campaign_of(**named)) == fingerprint(campaign_of())


def test_another_region_is_another_gateway(campaign_of):
    assert fingerprint(campaign_of(region="us-east-1")) != fingerprint(campaign_of())


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"rate": ("1/s",)},
        {"workers": 3},
        {"read_timeout": 3.0},
        {"output": Path("other.csv")},
        {"name": "renamed.csv"},
        {"lang": "zh"},
        {"strict": True},
        {"limit": 1},
        {"dry_run": True},
        {"retry_rejected": True},
        {"ledger": Path("other.db")},
        {"content": TEXT.encode("utf-8-sig")},
        {"content": TEXT.encode("utf-16")},
        {"content": TEXT.replace("\n", "\r\n")},
        {"content": TEXT.replace(",", ";")},
        {"content": TEXT + "\n\n"},
        {"content": '"phone","country","name"\n"13800138000","CN","Li"\n"91234567","HK","Wei"\n'},
    ],
)
def test_the_same_rows_and_texts_have_the_same_fingerprint(campaign_of, changed):
    assert fingerprint(campaign_of(**changed)) == fingerprint(campaign_of())


def test_cells_that_run_together_are_still_told_apart(campaign_of):
    first = campaign_of("phone,country,a,b\n13800138000,CN,x,yz\n")
    assert fingerprint(first) != fingerprint(campaign_of("phone,country,a,b\n13800138000,CN,xy,z\n"))


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"sign": ""}, "no_sign"),
        ({"template": ""}, "no_template"),
        ({"columns": {"phone": "Contact"}}, "column_not_there"),
        ({"params": {"x": "{missing}"}}, "param_header"),
        ({"content": TEXT.replace("phone", "name2")}, "phone_column_likely"),
        ({"content": "phone\n"}, "header_only"),
    ],
)
def test_a_list_that_can_not_be_sent_as_a_whole_is_refused(campaign_of, fields, key):
    with pytest.raises(BatchSmsError) as error:
        check_list(campaign_of(**fields))
    assert error.value.key == key


@pytest.mark.parametrize(("missing", "header"), [("sign", "签名"), ("template", "模板")])
def test_a_column_serves_instead_of_the_setting(campaign_of, missing, header):
    content = f"phone,country,{header}\n13800138000,CN,X\n"
    with check_list(campaign_of(content, **{missing: ""})) as checked:
        [row] = checked
    assert getattr(row.message, missing) == "X"


def test_a_result_over_the_list_is_refused(campaign_of, tmp_path):
    with pytest.raises(SettingsError) as error:
        campaign_of(output=tmp_path / "x" / ".." / "list.csv")
    assert error.value.key == "output_is_list"


def test_a_frame_is_checked_like_a_file():
    frame = pd.DataFrame({"phone": ["+8613800138000", ""], "name": ["Li", "Wei"]})
    with check_list(Campaign(list=frame, sign="Acme", template="SMS_1")) as checked:
        assert [(row.row.number, row.sendable) for row in checked] == [(2, True), (3, False)]


def test_rows_that_are_not_sent_at_all_keep_their_reason(campaign_of):
    content = "phone,country\n13800138000,CN\n13800138000,CN\n12,CN\n"
    with check_list(campaign_of(content)) as checked:
        records = [(record.status, record.code, record.phone) for record in unsent(checked, "run.STRICT")]
    assert records == [
        (Status.NOT_SENT, "run.STRICT", "+8613800138000"),
        (Status.SKIPPED, "skip.DUPLICATE", "+8613800138000"),
        (Status.INVALID, "check.PHONE_INVALID", ""),
    ]


@pytest.mark.parametrize("content", [TEXT, TEXT.replace("13800138000", "")])
def test_a_result_sheet_is_a_valid_list(campaign_of, content):
    with check_list(campaign_of(content)) as checked:
        plain = [(row.message, row.identity) for row in checked]
    lines = content.splitlines()
    result = "\n".join([lines[0] + ",sms_row,sms_status,sms_code", *(f"{line},2,accepted,OK" for line in lines[1:])])
    with check_list(campaign_of(result)) as checked:
        assert [(row.message, row.identity) for row in checked] == plain


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("phone\n13800138000\n", {"13800138000"}),
        ("name,手机\nLi,13800138000\n", {"13800138000"}),
        ("13800138000\n13900139000\n", {"13800138000", "13900139000"}),
        ("13800138000\n", {"13800138000"}),
        ("phone\n", set()),
        ("13800138000,Li\n13900139000,Wei\n", {"13800138000", "13900139000"}),
        ("phone\n\n13800138000\n\n", {"13800138000"}),
    ],
)
def test_an_opt_out_file_has_a_header_or_none(tmp_path, content, expected):
    path = tmp_path / "out.csv"
    path.write_text(content)
    assert read_opt_outs(path).digits == expected


@pytest.mark.parametrize(
    ("content", "key"),
    [
        *(("phone\nLi\n", "opt_out_line"), ("", "opt_outs_empty"), ("phone\n1.38E+10\n", "opt_out_line")),
        *(
            ("phone 1,phone 2\n91234567,Li\n", "opt_out_line"),
            ("garbage,garbage 2\n13800138000,1\n", "opt_outs_header"),
        ),
        *(("garbage\n", "opt_outs_header"), ("who\n13800138000\n", "opt_outs_header")),
        *(("Li,13800138000\nWei,13900139000\n", "opt_outs_header"), (",13800138000\n", "opt_outs_header")),
        *(("13800138000\ngarbage\n", "opt_out_line"), ("garbage 1\n13800138000\n", "opt_out_line")),
    ],
)
def test_an_opt_out_file_that_can_not_be_read_is_refused(tmp_path, content, key):
    path = tmp_path / "out.csv"
    path.write_text(content)
    with pytest.raises(ListError) as error:
        read_opt_outs(path)
    assert error.value.key == key


def test_who_opted_out_is_held_back(campaign_of, tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("phone\n+86 138 0013 8000\n")
    with check_list(campaign_of(opt_outs=path)) as checked:
        assert [row.skip for row in checked] == ["skip.OPTED_OUT", ""]


@pytest.mark.parametrize(
    ("content", "key", "facts"),
    [
        ("phone\n+86 138 0013 8000\n07400123456\n", "opt_outs", {"count": "2"}),
        ("phone\n", "opt_outs_none", {}),
        (
            "phone\n13800138000\n+8529876543\n+852 12\n",
            "opt_outs_unknown",
            {"count": "3", "unknown": "2", "row": "3", "cell": "+8529876543"},
        ),
        ("+8529876543\n+85298765432\n", "opt_outs_unknown", {"count": "2", "unknown": "1", "row": "1"}),
        ("phone,mobile\n13800138000,\n13900139000,+8529876543\n", "opt_outs_unknown", {"count": "3", "unknown": "1"}),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_was_read_of_an_opt_out_file_is_said(campaign_of, tmp_path, content, key, facts, lang):
    path = tmp_path / "out.csv"
    path.write_text(content)
    with check_list(campaign_of(opt_outs=path)) as checked:
        note = next(note for note in checked.report.notes if note.key == key)
    assert note.facts.items() >= {**facts, "path": str(path)}.items()
    assert all(fact in say(f"note.{key}", lang, **note.facts) for fact in (facts | {"path": str(path)}).values())


@pytest.mark.parametrize(
    "content", ["phone,mobile\n91234567,91234568\n", "mobile,name,phone\n91234567,Ho,91234568\n,Li,91234569\n"]
)
def test_every_phone_column_of_an_opt_out_file_counts(tmp_path, content):
    path = tmp_path / "out.csv"
    path.write_text(content)
    assert {"91234567", "91234568"} <= read_opt_outs(path).digits


@pytest.mark.parametrize(
    ("content", "held", "count"),
    [
        ("phone,customer id\n91234567,91234568\n", {"91234567"}, 1),
        ("phone 1,phone 2\n91234567,91234568\n,91234569\n", {"91234567", "91234568", "91234569"}, 3),
        ("name,Mobile1,id,Tel. (2)\nHo,91234567,7,91234568\n", {"91234567", "91234568"}, 2),
        ("手机1,手机号码2\n91234567,91234568\n", {"91234567", "91234568"}, 2),
        ("phone,phone 2\n91234567,call 91234568\n", {"91234567", "91234568"}, 2),
        ("agent phone,phone\n91234568,91234567\n", {"91234567", "91234568"}, 2),
        ("phone,Mobile Phone\n91234567,91234568\n,91234569\n", {"91234567", "91234568", "91234569"}, 3),
        ("phone,WhatsApp\n91234567,91234568 / 91234569\n", {"91234567", "91234568", "91234569"}, 3),
        ("phone,cell phone\n91234567,call 91234568 ext. 12\n", {"91234567", "91234568"}, 2),
        ("phone,phone type,phone asked at,phone id\n91234567,mobile,2026-01-02 10:11:12,A-7\n", {"91234567"}, 1),
        ("phone,mobile,customer id\n91234567,91234569,91234568\n", {"91234567", "91234569"}, 2),
        ("91234567,91234568,Mrs Chan,12\n", {"91234567", "91234568"}, 2),
        ("phone,\n91234567,91234568\n", {"91234567", "91234568"}, 2),
        ("phone,mobile\n91234567,91234569,91234568\n", {"91234567", "91234568", "91234569"}, 3),
    ],
)
def test_what_stands_under_another_header_is_no_opt_out_and_all_that_count_are_counted(tmp_path, content, held, count):
    path = tmp_path / "out.csv"
    path.write_text(content)
    found = read_opt_outs(path)
    assert (found.digits, found.count) == (held, count)


@pytest.mark.parametrize(
    ("content", "counts", "beside"),
    [
        ("phone,Mobile Phone,id\n91234567,91234568,7\n", "phone, Mobile Phone", None),
        ("phone,Reached at\n91234567,91234568\n", None, "Reached at"),
        ("phone,name\n91234567,Li\n", None, None),
    ],
)
def test_which_columns_of_an_opt_out_file_count_is_said(campaign_of, tmp_path, content, counts, beside):
    path = tmp_path / "out.csv"
    path.write_text(content)
    with check_list(campaign_of(opt_outs=path)) as checked:
        said = {note.key: note.facts["names"] for note in checked.report.notes if "names" in note.facts}
    assert (said.get("opt_outs_columns"), said.get("opt_outs_beside")) == (counts, beside)


def test_lost_digits_are_refused_in_a_column_that_speaks_of_phones_too(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("phone,Mobile Phone\n91234567,8.61380E+12\n")
    with pytest.raises(ListError) as error:
        read_opt_outs(path)
    assert (error.value.key, error.value.facts["row"]) == ("opt_out_line", 2)


def test_a_second_phone_of_an_opt_out_that_can_not_be_read_is_refused(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("phone,mobile\n91234567,9123456O\n")
    with pytest.raises(ListError) as error:
        read_opt_outs(path)
    assert (error.value.key, error.value.facts["cell"]) == ("opt_out_line", "9123456O")


@pytest.mark.parametrize("read", [open_prices, read_opt_outs])
@pytest.mark.parametrize(
    "content", [b"\x80\x81\xff\xfe\xfd", b"phone\n1\x002\n", "phone,é\n".encode("cp1252"), b"phone\n91234567\n\xff\n"]
)
def test_a_file_beside_the_list_has_no_encoding_option_for_its_cure(tmp_path, read, content):
    path = tmp_path / "beside.csv"
    path.write_bytes(content)
    with pytest.raises(ListError) as error:
        read(path)
    assert error.value.key == "not_utf8"
    assert "--encoding" not in str(error.value)


def test_a_table_of_prices_without_prices_is_refused(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("country,price,currency\n")
    with pytest.raises(ListError) as error:
        open_prices(path)
    assert error.value.key == "no_prices"


def test_a_price_counts_as_it_is_in_its_workbook_and_not_as_a_format_rounds_it(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(("country", "price", "currency"))
    book.active.append(("HK", 0.0049, "USD"))
    book.active["B2"].number_format = "0.00"
    book.save(tmp_path / "prices.xlsx")
    assert {region: str(price) for region, price in open_prices(tmp_path / "prices.xlsx").items()} == {
        "HK": "0.0049 USD"
    }
