"""A phone column that was found by a name that may stand above any number."""

from __future__ import annotations

import openpyxl
import pytest

from batch_sms import words
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


@pytest.mark.parametrize(
    "header",
    [
        "联系电话",
        "Mobile Phone",
        "Mobile No.",
        "Cell",
        "Contact number",
        "Telefon",
        "手機",
        "휴대폰 번호",
        "Reached at",
    ],
)
@pytest.mark.parametrize(("country", "name"), [("country", "list.csv"), ("land", "list.csv"), ("country", "list.xls")])
def test_a_phone_column_under_a_header_that_is_not_known_is_named_with_its_option(tmp_path, header, country, name):
    content = f"name,{header},{country}\nLi,91234567,HK\nWu,91234568,HK\n"
    with pytest.raises(ListError) as error:
        check(tmp_path / name, content)
    assert error.value.key == "phone_column_likely"
    for lang in ("en", "zh"):
        said = error.value.say(lang)
        assert f'--column phone="{header}"' in said
        assert said.count("--column") == 1
    settings = {"columns": {"phone": header}} | ({} if country == "country" else {"country": "HK"})
    assert check(tmp_path / "list.csv", content, **settings)[0] == ["+85291234567", "+85291234568"]


def test_two_that_may_be_the_phone_are_both_named(tmp_path):
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", "Home Telephone,Reached at,sms_phone\n,+85291234567,+85291234567\n")
    assert '--column phone="Home Telephone" / --column phone="Reached at".' in error.value.say()


def test_a_header_below_a_title_is_named(tmp_path):
    content = "Our members in May\n\nname,联系电话\nLi,+85291234567\n"
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", content)
    assert '--column phone="联系电话"' in error.value.say()
    assert check(tmp_path / "list.csv", content, columns={"phone": "联系电话"})[0] == ["+85291234567"]


def test_where_no_column_looks_like_the_phone_none_is_named(tmp_path):
    with pytest.raises(ListError) as error:
        check(tmp_path / "list.csv", "name,joined,total\nLi,2024-05-01,12\n")
    assert error.value.key == "no_phone_column"


@pytest.mark.parametrize("other", ["phone", "note"])
def test_a_sheet_whose_header_speaks_of_phones_is_the_list_unless_another_is(tmp_path, other):
    book = openpyxl.Workbook()
    for line in (("name", "联系电话"), ("Li", "+85291234567")):
        book.active.append(line)
    book.create_sheet("Two").append((other,))
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(ListError) as error, check_list(Campaign(list=tmp_path / "list.xlsx", sign="A", template="T")):
        pass
    assert error.value.key == ("list_on_sheet" if other == "phone" else "phone_column_likely")


@pytest.mark.parametrize(
    ("content", "settings", "key", "facts"),
    [
        (
            "phone,country,name\n12,HK,91234567\n13,HK,91234568\n",
            {},
            "other_column",
            {"columns": "name", "options": '--column phone="name"'},
        ),
        ("phone\n13800138000\n13900138000\n", {"country": "US"}, "other_country", {"regions": "CN", "country": "US"}),
        (
            "phone,country\n13800138000,US\n13900138000,HK\n",
            {},
            "other_country_in_column",
            {"regions": "CN", "column": "country"},
        ),
        (
            "phone,country\n13800138000,\n13900138000,\n",
            {"country": "US"},
            "other_country",
            {"regions": "CN", "country": "US"},
        ),
        ("phone,country\n12,HK\n13,HK\n", {}, "wrong_column", {}),
    ],
)
def test_a_list_without_a_valid_phone_is_told_what_likely_cures_it(tmp_path, content, settings, key, facts):
    (tmp_path / "list.csv").write_text(content)
    with check_list(Campaign(list=tmp_path / "list.csv", sign="ACME", template="SMS_1", **settings)) as found:
        (mistake,) = found.report.mistakes()
    assert (mistake.key, {name: mistake.facts[name] for name in facts}) == (key, facts)
    for lang in words.LANGUAGES:
        assert all(fact in words.say(f"mistake.{key}", lang, **mistake.facts) for fact in facts.values())
