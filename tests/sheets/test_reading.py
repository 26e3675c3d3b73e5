from __future__ import annotations

import codecs
import csv
import io
from datetime import date, datetime, time

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_sms.errors import BatchSmsError, ListError, SettingsError
from batch_sms.sheets.reading import cell_text, open_frame, open_list

TEXT = "手机,姓名\n13800138000,李伟\n"
ROWS = [(2, ("13800138000", "李伟"))]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture
def csv_of(tmp_path):
    def make(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.fixture
def book_of(tmp_path):
    """A workbook of these sheets: name → lines; the names in ``hidden`` can't be seen."""

    def make(hidden=(), **sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, lines in sheets.items():
            sheet = book.create_sheet(name)
            for line in lines:
                sheet.append(line)
            if name in hidden:
                sheet.sheet_state = "hidden"
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return make


def rows(table):
    return [(row.number, row.cells) for row in table.rows()]


def refusal(path, *args, **options):
    with pytest.raises(BatchSmsError) as error:
        list(open_list(path, *args, **options).rows())
    return type(error.value), error.value.key


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
    ],
)
def test_the_encoding_of_a_list_is_found(csv_of, content, source):
    table = open_list(csv_of(content))
    assert (table.headers, rows(table), table.source) == (("手机", "姓名"), ROWS, f"CSV, {source}, comma")


@pytest.mark.parametrize(
    ("encoding", "name"), [("big5", "李偉"), ("cp1252", "José"), ("utf-16-le", "李伟"), ("UTF8", "李伟")]
)
def test_an_encoding_that_is_named_is_used(csv_of, encoding, name):
    path = csv_of(f"phone,name\n1,{name}\n".encode(encoding))
    assert rows(open_list(path, encoding=encoding)) == [(2, ("1", name))]


@pytest.mark.parametrize("encoding", ["utf-9", "hex", "base64", "rot13", "undefined", ""])
def test_a_name_that_is_no_encoding_of_text_is_refused(csv_of, encoding):
    if encoding:
        assert refusal(csv_of(TEXT), encoding=encoding) == (SettingsError, "encoding_unknown")
    else:
        assert rows(open_list(csv_of(TEXT), encoding=encoding)) == ROWS


@pytest.mark.parametrize(
    ("content", "options", "key"),
    [
        (b"", {}, "list_empty"),
        (b"\n\n \n", {}, "list_empty"),
        (b",,\n,,\n", {}, "list_empty"),
        (codecs.BOM_UTF8, {}, "list_empty"),
        (b"phone,name\n", {}, "header_only"),
        (b"phone,name", {}, "header_only"),
        (b"phone,name\n,\n  ,\n\n", {}, "header_only"),
        (b"phone\n1\x002\n", {}, "not_text"),
        (TEXT.encode("utf-32"), {}, "utf_32"),
        (b"phone,name\n1,\xff\xff\xff\n", {}, "encoding_unsure"),
        ("phone,name\n1,é\n2,ü\n".encode() + b"3,\xe9\n", {}, "utf8_damaged"),
        (TEXT.encode("gb18030"), {"encoding": "utf-8"}, "not_in_encoding"),
        (b'phone,name\n1,"a" b\n', {}, "csv_broken"),
        (b'phone,name\n1,"a\n2,b\n', {}, "csv_broken"),
        (b'"phone" x,name\n1,a\n', {}, "csv_broken"),
        (b"phone,name\n1," + b"a" * 200_000 + b"\n", {}, "cell_too_long"),
        (b'phone,name\n1,"' + b"a,b\n" * 50_000, {}, "cell_too_long"),
    ],
)
def test_a_file_that_is_no_list_is_refused(csv_of, content, options, key):
    assert refusal(csv_of(content), **options) == (ListError, key)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_line_may_be_longer_than_a_cell(csv_of, delimiter):
    names = [f"name {number}" for number in range(20)]
    lines = (("phone", *names), ("1", *("a" * 10_000 for _ in names)))
    table = open_list(csv_of("\n".join(delimiter.join(line) for line in lines)))
    assert [row.cells for row in table.rows()] == [lines[1]]


def test_a_list_may_be_a_header_alone_where_that_is_said(csv_of):
    assert rows(open_list(csv_of("phone\n"), header_only=True)) == []


def test_a_list_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv") == (ListError, "no_such_list")


def test_a_folder_is_no_list(tmp_path):
    assert refusal(tmp_path) == (ListError, "list_is_folder")


@pytest.mark.parametrize(("sheet", "others"), [(None, ["'result 2', 'x'"]), ("List", []), ("result 2", [])])
def test_sheets_that_were_not_read_are_named(book_of, sheet, others):
    filled = [["phone"], ["1"]]
    path = book_of(("Secret",), List=filled, **{"result 2": filled, "Empty": [], "Secret": filled, "x": [[None, 5]]})
    assert [note.facts["sheets"] for note in open_list(path, sheet).notes if note.key == "other_sheets"] == others


def test_csv_has_no_sheets(csv_of):
    assert refusal(csv_of(TEXT), "1") == (SettingsError, "sheet_of_csv")


def test_a_workbook_has_no_encoding(book_of):
    assert refusal(book_of(Sheet=[["phone"], ["1"]]), encoding="utf-8") == (SettingsError, "encoding_of_workbook")


def test_a_fault_of_csv_with_the_ending_of_a_workbook_is_told_as_such(csv_of):
    path = csv_of("phone,name\n1,José\n".encode("cp1252"), "list.xls")
    assert refusal(path) == (ListError, "encoding_unsure")
    assert rows(open_list(path, encoding="cp1252")) == [(2, ("1", "José"))]


A, B, C = "+85291234567", "+6581234567", "+61412345678"


@pytest.mark.parametrize(
    ("content", "line", "row"),
    [
        (f'phone,name\n{A},"Chan\n{B},Tan\n{C},Lee"\n', 2, 3),
        (f'phone,name\n{A},Ho\n{A},"Chan\n{B},"\n{C},Lee\n', 3, 4),
        (f'phone;country;name\n{A};HK;"Chan\n{B};SG;Tan\n{C};AU;Lee"\n', 2, 3),
        (f'phone,country,name\n{A},"HK,Chan\n{B},SG",Tan\n', 2, 3),
        (f'name,phone\n"Chan,{A}\nTan",{B}\n', 2, 2),
        (f'"name","phone"\r\n"Chan","{A}"\r\n"Tan,"{B}\r\n', None, None),
        (f'name|phone\rChan|{A}\r"Tan|{B}\rLee|{C}\rHo"|{A}\r', 3, 3),
        (f'sep=;\nphone;name\n{A};"Chan\n{B};Tan"\n', 3, 4),
        (f'Kunde,Handy\n{A},"Chan\n{B},Tan"\n', 2, 3),
    ],
)
def test_a_row_that_a_stray_quotation_mark_swallowed_is_named(csv_of, content, line, row):
    with pytest.raises(ListError) as error:
        list(open_list(csv_of(content)).rows())
    if line is None:
        assert (error.value.key, error.value.facts["line"]) == ("csv_broken", 3)
    else:
        assert (error.value.key, error.value.facts["line"], error.value.facts["row"]) == ("row_in_quotes", line, row)


def test_a_quotation_mark_that_is_never_closed_is_told_where_it_is(csv_of):
    with pytest.raises(ListError) as error:
        list(open_list(csv_of(f'phone,name\n{A},Ho\n{B},"Tan\n{C},Lee\n{A},Li\n')).rows())
    assert (error.value.key, error.value.facts["line"]) == ("csv_broken", 3)


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines",
        "Dear Chan,\nyour code is 123456, thanks",
        f"Call us:\n{B}",
        "1 March,\n20260301, 10:00",
        f"Hi,\ncall {B}, please",
    ],
)
def test_a_text_of_several_lines_is_no_row(csv_of, text):
    assert rows(open_list(csv_of(f'phone,text\n{A},"{text}"\n'))) == [(2, (A, text))]


@pytest.mark.parametrize(
    ("line", "headers", "delimiter"),
    [
        ("phone,name", ("phone", "name"), "comma"),
        ("phone;name", ("phone", "name"), "semicolon"),
        ("phone\tname", ("phone", "name"), "tab"),
        ("phone|name", ("phone", "name"), "pipe"),
        ("phone", ("phone",), "comma"),
        ("phone,a|b", ("phone", "a|b"), "comma"),
        ('"phone","name"', ("phone", "name"), "comma"),
        ('"phone";"name"', ("phone", "name"), "semicolon"),
        ('"phone"\t"name"', ("phone", "name"), "tab"),
        ('"phone"', ("phone",), "comma"),
        ('phone;"name, first, last"', ("phone", "name, first, last"), "semicolon"),
        ('phone,"a;b;c"', ("phone", "a;b;c"), "comma"),
        ('"phone, mobile"\tname', ("phone, mobile", "name"), "tab"),
        ('phone,"5"" pipe"', ("phone", '5" pipe'), "comma"),
        ("phone;name, first;code", ("phone", "name, first", "code"), "semicolon"),
    ],
)
def test_the_delimiter_is_found_in_the_header(csv_of, line, headers, delimiter):
    table = open_list(csv_of(f"{line}\n1\n"))
    assert (table.headers, table.source) == (headers, f"CSV, utf-8, {delimiter}")


def test_commas_in_the_rows_do_not_change_the_delimiter(csv_of):
    assert rows(open_list(csv_of("phone;name\n1;a,b,c,d\n"))) == [(2, ("1", "a,b,c,d"))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(csv_of, end):
    assert rows(open_list(csv_of(end.join(["phone,name", "1,a", "2,b"])))) == [(2, ("1", "a")), (3, ("2", "b"))]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('phone,name\n1,"two\nlines"\n2,b\n', [(2, ("1", "two\nlines")), (3, ("2", "b"))]),
        ("phone,name\n\n1,a\n , \n2,b\n\n", [(3, ("1", "a")), (5, ("2", "b"))]),
        ("\n\nphone,name\n1,a\n", [(4, ("1", "a"))]),
        ("phone,name\n1\n2,b\n", [(2, ("1", "")), (3, ("2", "b"))]),
        ("phone,name\n1,a,oops\n2,b\n", [(2, ("1", "a", "oops")), (3, ("2", "b"))]),
        ("phone,name\n1,a,oops\n2,b,oops\n", [(2, ("1", "a", "oops")), (3, ("2", "b", "oops"))]),
        ("phone,name\n1,a,\n2,b,\n", [(2, ("1", "a")), (3, ("2", "b"))]),
        ("phone,name,,\n1,a,,\n", [(2, ("1", "a"))]),
        ("phone,,name\n1,x,a\n", [(2, ("1", "x", "a"))]),
        (
            "phone,name\n1,NA\n2,null\n3,None\n4,nan\n",
            [(n, (str(n - 1), v)) for n, v in enumerate(("NA", "null", "None", "nan"), 2)],
        ),
        ("phone,name\n+861, a \n007,1.0\n", [(2, ("+861", " a ")), (3, ("007", "1.0"))]),
        ('phone,name\n1,5" pipe\n', [(2, ("1", '5" pipe'))]),
        ('phone,name\n1,"say ""hi"""\n', [(2, ("1", 'say "hi"'))]),
    ],
)
def test_each_row_keeps_its_cells_and_its_number(csv_of, content, expected):
    assert rows(open_list(csv_of(content))) == expected


def test_the_rows_can_be_read_again(csv_of):
    table = open_list(csv_of(TEXT))
    assert rows(table) == rows(table) == ROWS


def test_the_header_row_is_known(csv_of):
    assert open_list(csv_of("\n\nphone\n1\n")).header_row == 3


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=10)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(",;\t"), st.booleans())
def test_what_a_csv_writer_wrote_is_read_as_it_was(csv_of, lines, delimiter, quoted):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([("phone", "name"), ("1", "x"), *lines])
    expected = [(n, line) for n, line in enumerate(lines, start=3) if any(cell.strip() for cell in line)]
    assert rows(open_list(csv_of(text.getvalue())))[1:] == expected


def test_the_first_sheet_that_can_be_seen_is_read(book_of):
    path = book_of(("Hidden",), Hidden=[["phone"], ["1"]], Shown=[["phone"], ["2"]], Last=[["phone"], ["3"]])
    assert rows(open_list(path)) == [(2, ("2",))]


@pytest.mark.parametrize(
    ("sheet", "cell"), [("List", "1"), ("Other", "2"), ("1", "1"), ("2", "2"), ("3", None), ("Hidden", "3")]
)
def test_a_sheet_is_chosen_by_its_name_or_by_its_place_among_those_that_are_seen(book_of, sheet, cell):
    path = book_of(("Hidden",), Hidden=[["phone"], ["3"]], List=[["phone"], ["1"]], Other=[["phone"], ["2"]])
    if cell is None:
        assert refusal(path, sheet) == (ListError, "sheet_not_there")
    else:
        assert rows(open_list(path, sheet)) == [(2, (cell,))]


def test_the_name_of_a_sheet_goes_before_its_number(book_of):
    path = book_of(**{"A": [["phone"], ["1"]], "1": [["phone"], ["2"]]})
    assert rows(open_list(path, "1")) == [(2, ("2",))]


@pytest.mark.parametrize("sheet", ["Missing", "0", "3", "-1", "list", ""])
def test_a_sheet_that_is_not_there_is_refused_with_the_names_of_those_that_are(book_of, sheet):
    with pytest.raises(ListError, match="List, Other") as error:
        open_list(book_of(List=[["phone"], ["1"]], Other=[["phone"], ["2"]]), sheet)
    assert error.value.key == "sheet_not_there"


@pytest.mark.parametrize(
    ("lines", "key"),
    [([], "list_empty"), ([["phone", "name"]], "header_only"), ([[None, " "], [" ", None]], "list_empty")],
)
def test_a_sheet_without_rows_is_refused(book_of, lines, key):
    assert refusal(book_of(Sheet=lines)) == (ListError, key)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (13800138000, "13800138000"),
        (13800138000.0, "13800138000"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (19.99, "19.99"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime.fromisoformat("2026-03-01 09:30"), "2026-03-01 09:30:00"),
        (time(9, 30), "09:30:00"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("007", "007"),
        ("=1+1", ""),
        (" a\nb ", " a\nb "),
        (None, ""),
    ],
)
def test_a_workbook_cell_is_read_as_the_text_that_a_person_sees(book_of, value, text):
    assert rows(open_list(book_of(Sheet=[["phone", "name"], ["1", value]]))) == [(2, ("1", text))]


def test_rows_of_a_workbook_are_numbered_as_excel_does(book_of):
    path = book_of(Sheet=[[], ["phone", "name"], [], ["1", "a"], ["2", "b", None, "more"]])
    assert rows(open_list(path)) == [(4, ("1", "a", "", "")), (5, ("2", "b", "", "more"))]


@pytest.mark.parametrize("content", [b"PK\x03\x04 cut", OLE + b"\0" * 600])
def test_a_file_that_is_no_workbook_is_refused(csv_of, content):
    assert refusal(csv_of(content, "list.xlsx")) == (ListError, "not_a_workbook")


@pytest.mark.parametrize("name", ["list.xlsx", "list.xlsm", "list.xlsb"])
def test_a_workbook_under_a_password_is_told_as_such(csv_of, name):
    locked = OLE + b"\0" * 1016 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    assert refusal(csv_of(locked, name)) == (ListError, "password")


def test_a_frame_is_read_with_its_columns_as_the_header():
    frame = pd.DataFrame({"phone": ["138", "139"], "name": ["Li", None], 3: [1.0, float("nan")]}, index=[10, 20])
    table = open_frame(frame, "frame")
    assert (table.headers, rows(table)) == (("phone", "name", "3"), [(2, ("138", "Li", "1")), (3, ("139", "", ""))])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        ("NA", "NA"),
        (13800138000.0, "13800138000"),
        (13800138000, "13800138000"),
        (True, "TRUE"),
        (pd.Timestamp("2026-03-01"), "2026-03-01"),
        (pd.Timestamp("2026-03-01 09:30"), "2026-03-01 09:30:00"),
    ],
)
def test_a_cell_of_a_frame_is_text_and_a_missing_one_is_empty(value, text):
    frame = pd.DataFrame({"phone": pd.Series([value], dtype=object)})
    assert rows(open_frame(frame, "frame")) == [(2, (text,))]


@pytest.mark.parametrize("dtype", ["Int64", "float64", "string"])
def test_a_typed_column_of_a_frame_reads_like_text(dtype):
    frame = pd.DataFrame(
        {"phone": pd.array([13800138000, None] if dtype != "string" else ["13800138000", None], dtype=dtype)}
    )
    assert [cells for _, cells in rows(open_frame(frame, "frame"))] == [("13800138000",), ("",)]


@pytest.mark.parametrize("value", [1e15, 1.234567890123456e15, 8.613800138e17])
def test_a_number_longer_than_a_spreadsheet_keeps_is_not_made_into_digits(value):
    assert "e+" in cell_text(value)


def test_a_number_longer_than_a_spreadsheet_keeps_is_a_flaw_wherever_it_stands(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["phone", "order"])
    book.active.append(["+85291234567", 1234567890123456])
    book.active.append(["+85291234567", 123456789012345])
    book.save(tmp_path / "list.xlsx")
    first, second = open_list(tmp_path / "list.xlsx").rows()
    assert [(flaw.code, flaw.index) for flaw in first.flaws] == [("check.NUMBER_LONG", 1)]
    assert ([flaw for flaw in second.flaws if flaw.is_fault], second.cells[1]) == ([], "123456789012345")
