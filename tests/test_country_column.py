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
