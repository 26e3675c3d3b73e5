"""Small files as other programs write them (``make_corpus.py`` says how), with what is to be read of each beside it."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest

from batch_sms import words
from batch_sms.errors import BatchSmsError, ListError, SettingsError
from batch_sms.sheets import packages, reading
from batch_sms.sheets.reading import open_list

CORPUS = Path(__file__).parent / "corpus"
HOUSE = Path(reading.__file__).parent


@dataclass(frozen=True)
class Read:
    """Headers, rows by their number, codes by row and column, and the keys of the notes."""

    headers: str
    rows: dict[int, str]
    flaws: dict[tuple[int, int], str] = field(default_factory=dict)
    notes: str = ""
    source: str = ""


CHINESE = {2: "13800138000|CN|李伟", 3: "+85291234567|HK|陳大文"}
TWO = {2: "+85291234567|HK|Chan", 3: "+6581234567|SG|Tan"}
HEADERS = "Phone|Country|Name"
EVERYTHING = {
    3: "+85291234567|HK|陳大文|0042|2026-03-01|15%|TRUE",
    4: "81234567|SG|Tan\nAh Kow|0007|2026-03-01 09:30:00|50%|FALSE",
    6: "+447400123456|GB|Ann|12345|||",
    7: "+447400123457|GB|#N/A|0005|||",
    9: "13800000000|CN|Merged|0005|||",
    10: "+8613800138000|CN||0005|||",
}
ALL_HEADERS = "Phone|Country|Name|Code|Day|Share|Done"
FLAWS = {(7, 2): "CELL_ERROR", (9, 0): "NUMBER_ROUNDED", (10, 2): "MERGED"}
NOTES = "other_sheets title_lines hidden_left_out"
UNCOMPUTED = Read(
    ALL_HEADERS,
    EVERYTHING | {6: "+447400123456|GB||12345|||", 7: "+447400123457|GB||0005|||"},
    {(6, 2): "FORMULA", (7, 2): "FORMULA", (9, 0): "NUMBER_ROUNDED", (10, 2): "MERGED"},
    NOTES,
    "sheet List",
)
FRACTIONS = Read(
    "phone|points",
    {
        2: "20120304|20120304",
        3: "20120304.00|20120304.00",
        4: "20120304.00|20120304.00",
        5: "+45 20120304|+45 20120304",
        6: "20120304.4|20120304.4",
        7: "91200000|91200000",
    },
    {(row, column): "NUMBER_SHOWN" for row in (2, 3) for column in (0, 1)}
    | {(7, column): "NUMBER_ROUNDED" for column in (0, 1)},
)

READ = {
    "utf-8.csv": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-8, comma"),
    "utf-8-bom.csv": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-8-sig, comma"),
    "gb18030.csv": Read("手机|国家|姓名", CHINESE, notes="encoding_guessed", source="CSV, gb18030, comma"),
    "gbk-semicolon.csv": Read("手机|国家|姓名", CHINESE, notes="encoding_guessed", source="CSV, gb18030, semicolon"),
    "excel-unicode-text.txt": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-16, tab"),
    "utf-16-be.csv": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-16, comma"),
    "utf-16-le-without-bom.csv": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-16-le, comma"),
    "utf-16-be-without-bom.csv": Read("手机|国家|姓名", CHINESE, notes="encoding", source="CSV, utf-16-be, comma"),
    "sep-line.csv": Read(HEADERS, TWO, source="CSV, utf-8, semicolon"),
    "sep-line-pipe.csv": Read(HEADERS, TWO, source="CSV, utf-8, pipe"),
    "lone-cr.csv": Read(HEADERS, TWO),
    "quoted-newlines.csv": Read("Phone|Last\nname", {2: "+85291234567|Chan\r\nTai Man", 4: '+6581234567|say "hi"'}),
    "title.csv": Read(HEADERS, {4: TWO[2], 5: TWO[3]}, notes="title_lines"),
    "title-with-commas.csv": Read(HEADERS, {4: TWO[2], 5: TWO[3]}, notes="title_lines"),
    "title-semicolon.csv": Read(HEADERS, {3: TWO[2], 4: TWO[3]}, notes="title_lines", source="CSV, utf-8, semicolon"),
    "every-row-too-long.csv": Read(
        "phone|country|name", {2: f"{TWO[2]}|oops", 3: f"{TWO[3]}|oops"}, {(2, 4): "CELLS", (3, 4): "CELLS"}
    ),
    "trailing-commas.csv": Read("phone|country|name", TWO),
    "short-rows.csv": Read(
        "phone|country|name",
        {2: "+85291234567||", 3: "+6581234567|SG|", 4: "+61412345678|AU|Olivia"},
        {(2, 1): "CELLS", (3, 2): "CELLS"},
    ),
    "namibia.csv": Read("phone|country|name", {2: "+264811234567|NA|Null", 3: "+85291234567|HK|None"}),
    "errors.csv": Read(
        "phone|country|name",
        {2: "#N/A|HK|Chan", 3: "+6581234567|SG|#VALUE!", 4: "########|SG|#1"},
        {(2, 0): "CELL_ERROR", (3, 2): "CELL_ERROR", (4, 0): "CELL_ERROR"},
    ),
    "wide-header.csv": Read("ＰＨＯＮＥ　Ｎｕｍｂｅｒ|国家／地区|name", {2: TWO[2]}, notes="encoding"),
    "csv-named.xls": Read(HEADERS, TWO, notes="other_ending", source="CSV, utf-8, comma"),
    "tabs-named.xls": Read(
        "手机|国家|姓名", CHINESE, notes="encoding_guessed other_ending", source="CSV, gb18030, tab"
    ),
    "workbook-named.csv": Read(HEADERS, TWO, notes="other_ending", source="sheet New"),
    "xlsx-named.xls": Read(HEADERS, TWO, notes="other_ending", source="sheet New"),
    "xls-named.xlsx": Read(ALL_HEADERS, EVERYTHING, FLAWS, f"other_ending {NOTES}", "sheet List"),
    "excel-like.xlsx": UNCOMPUTED,
    "macros.xlsm": UNCOMPUTED,
    "libreoffice.xlsx": Read(ALL_HEADERS, EVERYTHING, FLAWS, NOTES, "sheet List"),
    "libreoffice.xls": Read(ALL_HEADERS, EVERYTHING, FLAWS, NOTES, "sheet List"),
    "libreoffice.ods": Read(ALL_HEADERS, EVERYTHING, FLAWS, NOTES, "sheet List"),
    "by-hand.xlsb": Read(
        "phone|name|code",
        {
            2: "+85291234567|陳大文|0042",
            4: "81234567|Tan|0007",
            5: "+61412345678|#N/A|1",
            6: "13800000000|Li|1",
            7: "+8613800138000||x",
            8: "20120304|Ida|y",
        },
        {(5, 1): "CELL_ERROR", (6, 0): "NUMBER_ROUNDED", (7, 1): "MERGED", (8, 0): "NUMBER_SHOWN"},
        "hidden_left_out",
        "sheet List",
    ),
    "numbers.xlsx": Read(
        "phone|format",
        {
            2: "91234567|General",
            3: "91234567|0",
            4: "01234567|00000000",
            5: "05|0##",
            6: "+85291234567|+0",
            7: '+6581234567|"+"#',
            8: "138-0013-8001|000-0000-0000",
            9: "1|0_ ",
            10: "12345|#,##0",
            11: "7|@",
        },
    ),
    "amounts.xlsx": Read(
        "phone|amount",
        {n: f"+85291234567|{text}" for n, text in enumerate(("19.50", "16%", "1234.50", "0.3", "3", "-003"), start=2)},
    ),
    "fractions.xlsx": FRACTIONS,
    "libreoffice-fractions.xlsx": FRACTIONS,
    "libreoffice-fractions.xls": FRACTIONS,
    "libreoffice-fractions.ods": FRACTIONS,
    "dates.xlsx": Read(
        "phone|when",
        {
            n: f"+85291234567|{text}"
            for n, text in enumerate(("01/03/2026", "2026-03-01 09:30:00", "26:05:00", "TRUE"), start=2)
        },
        {(2, 1): "PHONE_DATE"},
    ),
    "rounded.xlsx": Read(
        "phone|points",
        {2: "13800000000|50000000", 3: "13800138000|1", 4: "85291234500|1"},
        {(2, 0): "NUMBER_ROUNDED", (2, 1): "NUMBER_ROUNDED", (4, 0): "NUMBER_ROUNDED"},
    ),
    "hidden-rows.xlsx": Read(HEADERS, {2: TWO[2], 4: "+61412345678|AU|Olivia"}, notes="hidden_left_out"),
    "no-values.xlsx": Read(
        "phone|country|name", {2: "+85291234567|HK|", 3: "|SG|Tan"}, {(2, 2): "FORMULA", (3, 0): "FORMULA"}
    ),
    "errors.xlsx": Read(
        "phone|name", {2: "+85291234567|#N/A", 3: "#REF!|Tan"}, {(2, 1): "CELL_ERROR", (3, 0): "CELL_ERROR"}
    ),
    "merged.xlsx": Read(
        "phone|name|offer",
        {2: "+85291234560|Name 0|A", 3: "+85291234561|Name 1|", 4: "+85291234562|Name 2|", 5: "+85291234563||A"},
        {(3, 2): "MERGED", (4, 2): "MERGED", (5, 1): "MERGED"},
    ),
    "merged-header.xlsx": Read("phone|name|", {2: "+85291234567|Chan|Tai Man"}, notes="merged_header"),
    "title.xlsx": Read(HEADERS, {5: TWO[2], 6: TWO[3]}, notes="title_lines"),
    "moved.xlsx": Read(f"||{HEADERS}", {6: f"||{TWO[2]}", 7: f"||{TWO[3]}"}),
    "hidden-sheet-first.xlsx": Read(HEADERS, TWO, source="sheet New"),
    "header-lines.xlsx": Read("Phone\nnumber| First   name |Code\u200b", {2: "+85291234567|Tai\nMan|007"}),
    "blank-end.xlsx": Read(HEADERS, TWO),
    "no-places.xlsx": Read("phone|code", {3: "81234567|"}, {(3, 1): "FORMULA"}, "hidden_left_out"),
    "prefixed.xlsx": Read(
        "phone|name", {2: "+85291234567|#N/A", 4: "+6581234568|"}, {(2, 1): "CELL_ERROR"}, "hidden_left_out"
    ),
    "xlsxwriter-zero.xlsx": Read("phone|sum", {2: "+85291234567|0", 3: "+6581234567|2"}, {(2, 1): "FORMULA"}),
}
REFUSED = {
    "all-hidden.xlsx": "all_hidden",
    "big5.csv": "encoding_unsure",
    "latin-1.csv": "encoding_unsure",
    "latin-1-nonsense.csv": "encoding_unsure",
    "phone-above-header.csv": "row_above_header",
    "nul.csv": "not_text",
    "text-named.xlsx": "text_named_workbook",
    "page-named.xls": "web_page",
    "xml-2003.xls": "web_page",
    "nothing.xlsx": "list_empty",
    "cut.xlsx": "not_a_workbook",
    "locked.xlsx": "password",
    "locked.xls": "password",
    "locked.ods": "password",
}


def test_every_file_has_its_expected_outcome():
    assert {path.name for path in CORPUS.iterdir()} == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_a_list_is_read_as_a_person_sees_it(name):
    expected, table = READ[name], open_list(CORPUS / name)
    rows = list(table.rows())
    assert "|".join(table.headers) == expected.headers
    assert {row.number: "|".join(row.cells) for row in rows} == expected.rows
    flaws = {
        (row.number, flaw.index): flaw.code.removeprefix("check.")
        for row in rows
        for flaw in row.flaws
        if flaw.is_fault
    }
    assert flaws == expected.flaws
    assert " ".join(note.key for note in table.notes) == expected.notes
    assert expected.source in {"", table.source}
    assert list(table.rows()) == rows


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_read_for_certain_is_refused(name):
    with pytest.raises(ListError) as error:
        open_list(CORPUS / name)
    assert error.value.key == REFUSED[name]
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("name", "count"), [("hidden-rows.xlsx", 2), ("libreoffice.ods", 1), ("libreoffice.xls", 1), ("by-hand.xlsb", 1)]
)
def test_hidden_rows_are_sent_where_that_is_asked_for(name, count):
    table = open_list(CORPUS / name, hidden="send")
    assert len(list(table.rows())) == len(READ[name].rows) + count
    assert ("hidden_sent", {"count": str(count)}) in [(note.key, note.facts) for note in table.notes]


def test_hidden_rows_that_are_all_are_sent_where_that_is_asked_for():
    assert len(list(open_list(CORPUS / "all-hidden.xlsx", hidden="send").rows())) == 2


@pytest.mark.parametrize("name", ["libreoffice.ods", "libreoffice.xls", "libreoffice.xlsx", "excel-like.xlsx"])
@pytest.mark.parametrize("sheet", ["Other", "2"])
def test_another_sheet_is_read_in_every_format(name, sheet):
    table = open_list(CORPUS / name, sheet)
    assert (table.source, [row.cells for row in table.rows()]) == ("sheet Other", [("+85298765432",)])


@pytest.mark.parametrize("name", ["libreoffice.ods", "libreoffice.xls", "libreoffice.xlsx", "by-hand.xlsb"])
def test_a_sheet_that_is_not_there_is_refused_in_every_format(name):
    with pytest.raises(ListError, match="List"):
        open_list(CORPUS / name, "Nope")


@pytest.mark.parametrize("encoding", ["big5", "cp1252"])
def test_an_encoding_that_is_named_goes_before_what_looks_like_nonsense(encoding):
    name = {"big5": "big5.csv", "cp1252": "latin-1.csv"}[encoding]
    table = open_list(CORPUS / name, encoding=encoding)
    sample = {"big5": "陳大文", "cp1252": "Jürgen Müßig"}[encoding]
    assert [(note.key, note.facts) for note in table.notes] == [("encoding", {"encoding": encoding, "sample": sample})]


def test_a_chosen_phone_column_is_looked_for_below_a_title(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Phone list\n\nname,Handy\nChan,+85291234567\n", "utf-8")
    table = open_list(path, columns={"phone": "handy"})
    assert (table.header_row, table.headers) == (3, ("name", "Handy"))


def test_without_titles_the_first_line_is_the_header(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("+85291234567\nphone\n", "utf-8")
    assert open_list(path, titles=False).headers == ("+85291234567",)


@pytest.mark.parametrize("title", ["2026-03-01", "20260301", "01.03.2026", "Hotline 91234567", "12"])
def test_a_title_may_have_a_date_or_a_number_in_it(tmp_path, title):
    path = tmp_path / "list.csv"
    path.write_text(f"{title}\nphone\n+85291234567\n", "utf-8")
    assert open_list(path).header_row == 2


@pytest.mark.parametrize(
    "content", [b"phone,name\n+85291234567,Chan\n", "phone\tname\n+85291234567\t李\n".encode("gbk")]
)
def test_a_list_comes_through_standard_input(monkeypatch, content):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    table = open_list(Path("-"))
    assert len(list(table.rows())) == len(list(table.rows())) == 1


@pytest.mark.parametrize("name", ["title.xlsx", "libreoffice.xls", "page-named.xls"])
def test_only_csv_comes_through_standard_input(monkeypatch, name):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((CORPUS / name).read_bytes())))
    with pytest.raises(ListError) as error:
        open_list(Path("-"))
    assert error.value.key == "input_not_csv"


def test_standard_input_has_no_sheets(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"phone\n1\n")))
    with pytest.raises(SettingsError):
        open_list(Path("-"), "1")


def test_a_file_larger_than_any_list_is_refused(monkeypatch):
    monkeypatch.setattr(packages, "LARGEST_FILE", 1000)
    with pytest.raises(ListError, match="larger than any list"):
        open_list(CORPUS / "title.xlsx")


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_note_has_its_sentence(lang):
    keys = {
        key
        for path in (*HOUSE.glob("*.py"), *HOUSE.parent.glob("*.py"))
        for key in re.findall(
            r'"((?:hidden|title|merged|other|encod|opt_out|phone_col|country_col|headless)\w+)"',
            path.read_text("utf-8"),
        )
    }
    notes = {key.removeprefix("note.") for key in words.sentences(lang) if key.startswith("note.")}
    assert notes <= keys
    for name in READ:
        for note in open_list(CORPUS / name).notes:
            sentence = words.sentences(lang)[f"note.{note.key}"]
            assert {field for _, field, _, _ in Formatter().parse(sentence) if field} <= note.facts.keys()


def test_every_flaw_can_be_said():
    for name in READ:
        for row in open_list(CORPUS / name).rows():
            for flaw in row.flaws:
                key = flaw.code.replace("check.", "problem.").replace("warn.", "warning.")
                assert words.say(key, "en", **flaw.facts)


def test_the_same_list_is_the_same_in_every_format():
    books = [
        [row.cells for row in open_list(CORPUS / f"libreoffice.{ending}").rows()] for ending in ("xlsx", "xls", "ods")
    ]
    assert books[0] == books[1] == books[2]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refusal_is_a_sentence_in_both_languages(name):
    with pytest.raises(BatchSmsError) as error:
        open_list(CORPUS / name)
    assert all(name in error.value.say(lang) for lang in words.LANGUAGES)
