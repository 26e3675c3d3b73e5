"""A phone column that was found by a name that may stand above any number."""

from __future__ import annotations

import pytest

from batch_sms.campaign import Campaign
from batch_sms.checked_list import check_list
from batch_sms.errors import ListError


def check(path, content, **settings):
    path.write_text(content, "utf-8")
    with check_list(Campaign(list=path, sign="ACME", template="SMS_1", **settings)) as found:
        return [row.message.phone for row in found], [note for note in found.table.notes if note.key == "phone_column"]


@pytest.mark.parametrize(
    ("vague", "other"),
    [
        *(("Number", "Telephone number"), ("Number", "Cell phone"), ("号码", "联系电话"), ("NUMBER", "WhatsApp")),
        *(
            ("number", "Teléfono"),
            ("Number", "Cell"),
            ("号码", "联系方式"),
            ("Number", "Contact no."),
            ("号码", "電話"),
        ),
        ("Number", "Reached at"),  # its cells are phones
    ],
)
def test_a_vague_header_beside_a_column_of_phones_is_refused(tmp_path, vague, other):
    content = f"{vague},{other},country,name\n91234567,51234567,HK,Li\n91234568,,HK,Wu\n"
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", content)
    assert error.value.key == "phone_column_unsure"
    assert f'--column phone="{vague}" / --column phone="{other}"' in error.value.say()
    phones, _ = check(tmp_path / "list.csv", content.replace("68,,", "68,51234568,"), columns={"phone": other})
    assert phones == ["+85251234567", "+85251234568"]


@pytest.mark.parametrize("other", ["Hotel", "联系人", "Cancelled", "Order", "sms_phone", "Telling"])
def test_a_vague_header_alone_is_the_phone_and_that_is_said(tmp_path, other):
    phones, notes = check(tmp_path / "list.csv", f"Number,{other},country\n91234567,2024001,HK\n")
    assert (phones, [note.facts for note in notes]) == (["+85291234567"], [{"column": "Number"}])


def test_a_plain_header_needs_no_word_and_no_look(tmp_path):
    assert check(tmp_path / "list.csv", "phone,WhatsApp,country\n91234567,51234567,HK\n") == (["+85291234567"], [])
