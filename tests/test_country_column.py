"""A column that likely holds the countries, under a header that is not known."""

from __future__ import annotations

import pytest

from batch_sms.campaign import Campaign
from batch_sms.checked_list import check_list
from batch_sms.errors import ListError

HEADERS = ["國家", "國家/地區", "國家代碼", "Country name", "Länder-Code", "País", "ISO2", "지역 국가"]


def check(path, content, **settings):
    path.write_text(content, "utf-8")
    with check_list(Campaign(list=path, sign="ACME", template="SMS_1", **settings)) as found:
        phones = [row.message and row.message.phone for row in found]
        return phones, [note.facts for note in found.table.notes if note.key == "country_column"]


@pytest.mark.parametrize("header", HEADERS)
def test_it_is_named_with_the_option_to_type(tmp_path, header):
    content = f"phone,{header},name\n91234567,香港,Li\n+66812345678,TH,Wu\n"
    phones, notes = check(tmp_path / "list.csv", content)
    option = f'--column country="{header}"'
    assert (phones, notes) == ([None, "+66812345678"], [{"columns": f"'{header}'", "options": option}])
    read = check(tmp_path / "list.csv", content, columns={"country": header})
    assert read == (["+85291234567", "+66812345678"], [])


@pytest.mark.parametrize("header", HEADERS)
def test_another_country_for_all_rows_is_put_over_none_that_it_names(tmp_path, header):
    content = f"phone,{header},name\n81234567,SG,Li\n91234567,香港,Wu\n"
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", content, country="SG")
    assert error.value.key == "country_column_unsure"
    assert "row 3 says '香港'" in error.value.say()
    assert f'--column country="{header}"' in error.value.say()
    same = content.replace("香港", "新加坡")
    assert check(tmp_path / "list.csv", same, country="+65")[0] == ["+6581234567", "+6591234567"]


@pytest.mark.parametrize(
    "content",
    [
        "phone,country,國家\n+85291234567,HK,香港\n",
        "phone,language\n+85291234567,de\n",
        "phone,Land\n+85291234567,Hawaii\n",
        "phone,landline\n+85291234567,HK\n",
        "phone,sms_country\n+85291234567,HK\n",
        "phone,國家\n+85291234567,\n",
    ],
)
def test_of_other_columns_nothing_is_said(tmp_path, content):
    assert check(tmp_path / "list.csv", content)[1] == []
    check(tmp_path / "list.csv", content, country="SG")


SUSPECTS = [
    *(("dial code", "+65"), ("calling code", "65"), ("phone code", "0065"), ("ISD", "65"), ("cc", "SG"), ("cc", "65")),
    *(("prefix", "+65"), ("phone prefix", "65"), ("mobile prefix", "65"), ("code", "SGP"), ("code", "65")),
    *(("intl", "65"), ("Vorwahl", "+65"), ("Landesvorwahl", "0065"), ("indicatif", "65"), ("国际区号", "65")),
    *(("区号", "+65"), ("pays", "Singapour"), ("país", "Singapur"), ("Staat", "Singapur"), ("国", "シンガポール")),
    *(("국가", "싱가포르"), ("Страна", "Сингапур"), ("所在国", "新加坡"), ("destination", "Singapore")),
    *(("location", "SG"), ("market", "SGP"), ("nationality", "Singapore"), ("x", "سنغافورة"), ("x", "Cingapura")),
]


@pytest.mark.parametrize(("header", "cell"), SUSPECTS)
def test_a_column_that_plainly_says_another_country_is_not_overruled(tmp_path, header, cell):
    content = f"phone,{header},name\n91234567,{cell},Tan\n"
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", content, country="HK")
    assert error.value.key == "country_column_unsure"
    assert f'--column country="{header}"' in error.value.say()
    phones, notes = check(tmp_path / "list.csv", content)
    assert (phones, [note["columns"] for note in notes]) == ([None], [f"'{header}'"])


def test_another_country_far_below_is_not_overruled_either(tmp_path):
    rows = "".join(f"9123{number:04},+852\n" for number in range(100))
    with pytest.raises(ListError, match="row 102"):
        check(tmp_path / "list.csv", f"phone,dial code\n{rows}91234567,+65\n", country="HK")


@pytest.mark.parametrize(
    "content",
    [
        "phone,destination\n61234567,Japan\n",
        "phone,code\n61234567,99\n",
        "phone,points\n91234567,65\n",
        "phone,language\n61234567,mo\n",
        "phone,name\n61234567,Mo\n61234568,Mo\n",
        "phone,destination\n+85261234567,Singapore\n",
        "phone,city,remark\n91234567,Hong Kong,Singapore\n91234568,Hong Kong,Lim\n91234569,Hong Kong,Wu\n",
        "phone,dial code\n91234567,+852\n",
        "phone,VIP\n91234567,NO\n61234568,no\n",
    ],
)
def test_what_is_no_other_country_of_the_phones_is_no_alarm(tmp_path, content):
    phones, notes = check(tmp_path / "list.csv", content, country="HK")
    assert (None in phones, notes) == (False, [])
