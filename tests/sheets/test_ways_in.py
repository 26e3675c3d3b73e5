"""A list on its way into the program: from standard input, with hidden rows, as an opt-out file."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from batch_sms.campaign import Campaign
from batch_sms.checked_list import check_list
from batch_sms.errors import BatchSmsError, ListError
from batch_sms.explain import Explainer
from batch_sms.opt_out_file import opt_out_notes, read_opt_outs
from batch_sms.run import check
from batch_sms.sheets.reading import open_list

CORPUS = Path(__file__).parent / "corpus"
LIST = "phone,country,name\n+85291234567,HK,Chan\n"


def checked(path, **settings):
    with check_list(Campaign(list=path, sign="ACME", template="SMS_1", **settings)) as found:
        return {
            row.row.number: [problem.code.removeprefix("check.") for problem in row.problems] or row.message.phone
            for row in found
        }


def test_standard_input_has_a_name_and_a_result_of_its_own():
    campaign = Campaign(list="-")
    assert (campaign.list_name, campaign.output_path) == ("stdin", Path("stdin.result.csv"))


def test_a_list_from_standard_input_is_checked(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(LIST.encode())))
    assert checked("-") == {2: "+85291234567"}


def test_hidden_is_skip_or_send():
    with pytest.raises(BatchSmsError, match="--hidden"):
        Campaign(list="x.csv", hidden="maybe")


def test_hidden_rows_are_no_rows_of_the_list_unless_they_are_asked_for():
    assert list(checked(CORPUS / "hidden-rows.xlsx")) == [2, 4]
    assert list(checked(CORPUS / "hidden-rows.xlsx", hidden="send")) == [2, 3, 4, 6]


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("libreoffice.xlsx", {"params": {"text": "Hi {Country}"}}, {9: ["NUMBER_ROUNDED"], 10: "+8613800138000"}),
        ("libreoffice.ods", {"params": {"text": "Hi {Name}"}}, {7: ["CELL_ERROR"], 10: ["MERGED"]}),
        ("no-values.xlsx", {}, {2: ["FORMULA"], 3: ["FORMULA"]}),
        ("every-row-too-long.csv", {}, {2: ["CELLS"], 3: ["CELLS"]}),
        ("short-rows.csv", {}, {2: ["CELLS"], 3: ["CELLS"], 4: "+61412345678"}),
        ("namibia.csv", {}, {2: "+264811234567", 3: "+85291234567"}),
    ],
)
def test_a_flaw_is_a_problem_where_its_cell_is_used(name, settings, expected):
    found = checked(CORPUS / name, **settings)
    assert {row: found[row] for row in expected} == expected


@pytest.mark.parametrize(
    ("content", "settings", "expected", "warned"),
    [
        ("phone,name,country\n+85291234568,HK\n", {}, {2: ["CELLS"]}, []),
        ("phone,name,country\n+85291234568,Li,\n", {}, {2: "+85291234568"}, []),
        (
            "phone,country,name,town\n91234568,HK,Li\n",
            {"params": {"t": "Hi {name}"}},
            {2: "+85291234568"},
            ["warn.FIELDS"],
        ),
        ("phone,country,name,town\n91234568,HK\n", {"params": {"t": "Hi {name}"}}, {2: ["CELLS"]}, []),
        ("phone,country,name,\n91234568,HK,Li\n", {}, {2: "+85291234568"}, []),
        ("name,country,phone\nLi,HK\n", {}, {2: ["CELLS"]}, []),
        ("name,phone,country,sign\nLi,12,HK\n", {}, {2: ["CELLS", "PHONE_INVALID"]}, []),
    ],
)
def test_a_row_of_too_few_fields_is_refused_where_one_is_used(tmp_path, content, settings, expected, warned):
    (tmp_path / "list.csv").write_text(content, "utf-8")
    assert checked(tmp_path / "list.csv", **settings) == expected
    with check_list(Campaign(list=tmp_path / "list.csv", sign="ACME", template="SMS_1", **settings)) as found:
        assert list(found.report.warnings) == warned


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("phone,,name\n+85291234567,,Li\n+85291234568,Chan,Wu\n", ["2 (B)"]),
        (",phone,,name\n0,+85291234567,x,Li\n1,+85291234568,,Wu\n", ["1 (A), 3 (C)"]),
        ("phone,,name,\n+85291234567, ,Li,\n", []),
        ("phone,name,\n+85291234567,Li,called twice\n+85291234568,Wu\n", ["3 (C)"]),
        ("phone,name,,\n+85291234567,Li,,x\n+85291234568,Wu,\n", ["4 (D)"]),
        ("phone,name\n+85291234567,Li\n", []),
    ],
)
def test_a_column_without_header_in_which_something_stands_is_named(tmp_path, content, columns):
    (tmp_path / "list.csv").write_text(content, "utf-8")
    with check_list(Campaign(list=tmp_path / "list.csv", sign="ACME", template="SMS_1")) as found:
        notes = [note.facts["columns"] for note in found.report.notes if note.key == "headless_columns"]
        assert (notes, found.report.invalid) == (columns, 0)


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_a_remark_to_the_right_of_the_headers_is_in_a_column_of_its_own_only_in_a_workbook(tmp_path, ending):
    lines = [
        ("phone", "name", "country"),
        ("91234567", "Li", "HK", "called twice"),
        ("91234568", "Wu", "HK", "", "", "", "Total 3"),
    ]
    path = tmp_path / f"list{ending}"
    if ending == ".csv":
        path.write_text("\n".join(map(",".join, lines)))
    else:
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        book.save(path)
    with check_list(Campaign(list=path, sign="ACME", template="SMS_1")) as found:
        notes = [note.facts["columns"] for note in found.report.notes if note.key == "headless_columns"]
        rows = [(row.sendable, row.row.cells[3:]) for row in found]
    if ending == ".csv":
        assert (notes, [sendable for sendable, _ in rows]) == ([], [False, False])
    else:
        kept = [(True, ("called twice", "", "", "")), (True, ("", "", "", "Total 3"))]
        assert (notes, rows) == (["4 (D), 7 (G)"], kept)


@pytest.mark.parametrize(
    ("content", "width"),
    [
        ("phone,name,\n+85291234567,Li,x,y\n", 3),
        ("phone,name,,,\n+85291234567,Li,x\n", 3),
        ("phone,name,,,\n+85291234567,Li,,,\n", 2),
    ],
)
def test_an_empty_field_of_the_header_is_a_column_where_something_stands_below_it(tmp_path, content, width):
    (tmp_path / "list.csv").write_text(content)
    assert len(open_list(tmp_path / "list.csv").headers) == width


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("fields", ["+85291234568,HK", "+85291234568,Li,HK,more"])
def test_a_row_that_was_shifted_is_refused_too_where_it_comes_back_in_a_result(tmp_path, fields, ending):
    (tmp_path / "list.csv").write_text(f"phone,name,country\n{fields}\n+85291234567,Wu,HK\n", "utf-8")
    message = {"sign": "ACME", "template": "SMS_1", "country": "HK", "params": {"text": "Hi {name}"}}
    for name, asked in (("list.csv", "once"), (f"once{ending}", "twice"), (f"twice{ending}", "thrice")):
        report = check(Campaign(list=tmp_path / name, output=tmp_path / f"{asked}{ending}", **message))
        assert (report.sendable, report.invalid) == (1, 1), name
    result = open_list(tmp_path / f"thrice{ending}")
    code = result.headers.index("sms_code")
    mended = [(*row.cells[:code], "", *row.cells[code + 1 :]) for row in result.rows()]
    with (tmp_path / "mended.csv").open("w", encoding="utf-8") as file:
        csv.writer(file).writerows([result.headers, *mended])
    assert check(Campaign(list=tmp_path / "mended.csv", **message)).sendable == 2


def test_a_row_of_too_few_fields_says_how_many_and_which_are_missing(tmp_path):
    (tmp_path / "list.csv").write_text("phone,name,country\n+85291234568,HK\n", "utf-8")
    with check_list(Campaign(list=tmp_path / "list.csv", sign="ACME", template="SMS_1")) as found:
        (problem,) = next(iter(found)).problems
    assert "Fields: 2 of 3; nothing was written for: country." in Explainer().problem(problem)


RAGGED = (
    'sep=,\nphone,name,town\n+85291234567,"Li\nWu",x\n\n+85291234568,Li\n+85291234569,"Li\r\nWu",x,y\n+85291234561,Li\n'
)


@pytest.mark.parametrize("through", ["file", "pipe"])
def test_a_row_of_other_length_is_named_by_its_line_too(tmp_path, monkeypatch, through):
    path = tmp_path / "list.csv"
    path.write_bytes(RAGGED.encode())
    if through == "pipe":
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(path.read_bytes())))
        path = Path("-")
    with check_list(Campaign(list=path, sign="ACME", template="SMS_1")) as found:
        said = {row.row.number: Explainer().problem(row.problems[0]) for row in found if row.problems}
    assert {number: sentence[sentence.index("The row begins") :] for number, sentence in said.items()} == {
        row: f"The row begins in line {line} of the file." for row, line in {4: 6, 5: 7, 6: 9}.items()
    }


def test_a_workbook_has_no_rows_of_too_few_fields(tmp_path):
    book = openpyxl.Workbook()
    for row in (("phone", "name", "out id"), ("+85291234567", "Li")):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert checked(tmp_path / "list.xlsx") == {2: "+85291234567"}


def test_a_line_of_opt_outs_that_ends_before_its_phone_is_never_passed_over(tmp_path):
    (tmp_path / "optouts.csv").write_text("id,name,phone\n1,Li,+85291234567\nWu,+85291234568\n", "utf-8")
    with pytest.raises(ListError, match="row 3"):
        read_opt_outs(tmp_path / "optouts.csv")


def test_a_date_is_no_phone_however_its_cell_shows_it(tmp_path):
    book = openpyxl.Workbook()
    for row in (("phone", "country", "day"), (date(2026, 3, 1), "DK", date(2026, 3, 1)), ("20260302", "DK", None)):
        book.active.append(row)
    book.active["A2"].number_format = book.active["C2"].number_format = "yyyymmdd"
    book.save(tmp_path / "list.xlsx")
    assert checked(tmp_path / "list.xlsx", params={"day": "{day}"}) == {2: ["PHONE_DATE"], 3: ["PARAM_EMPTY"]}
    book.active["A2"], book.active["C3"] = "20260301", "x"
    book.save(tmp_path / "list.xlsx")
    with check_list(Campaign(list=tmp_path / "list.xlsx", sign="ACME", template="SMS_1")) as found:
        assert [row.message.params for row in found] == ['{"day":"20260301"}', '{"day":"x"}']


def test_a_number_that_looks_rounded_is_a_problem_of_phones_alone(tmp_path):
    book = openpyxl.Workbook()
    for row in (("phone", "points"), ("+8613800138000", 50_000_000), (13_800_000_000, 1)):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert checked(tmp_path / "list.xlsx", country="CN") == {2: "+8613800138000", 3: ["NUMBER_ROUNDED"]}


@pytest.mark.parametrize(
    "name", ["fractions.xlsx", *(f"libreoffice-fractions.{end}" for end in ("xlsx", "xls", "ods"))]
)
def test_a_phone_whose_cell_shows_another_number_is_refused_and_an_amount_is_not(name):
    found = checked(CORPUS / name, country="DK")
    assert found == {
        2: ["NUMBER_SHOWN"],
        3: ["NUMBER_SHOWN"],
        4: "+4520120304",
        5: "+4520120304",
        6: ["PHONE_CHARACTERS"],
        7: ["NUMBER_ROUNDED"],
    }


@pytest.mark.parametrize(("cell", "cause"), [(13_800_000_000, "lost its last digits"), ("=A9", "formula has no value")])
def test_an_opt_out_that_the_spreadsheet_lost_is_never_passed_over(tmp_path, cell, cause):
    book = openpyxl.Workbook()
    for row in (("phone",), ("+85291234567",), (cell,)):
        book.active.append(row)
    book.save(tmp_path / "optouts.xlsx")
    with pytest.raises(ListError) as error:
        read_opt_outs(tmp_path / "optouts.xlsx")
    assert (error.value.key, error.value.facts["row"]) == ("opt_out_cell", 3)
    assert cause in error.value.say()
    assert "13800000000" not in error.value.say_to_others()


def write_ods(path, sheets, hidden=()):
    def text(cell):
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'

    def row(cells):
        return f"<table:table-row>{''.join(map(text, cells))}</table:table-row>"

    tables = (
        f'<table:table table:name="{name}" table:style-name="{"h" if name in hidden else "s"}">'
        f"{''.join(map(row, rows))}</table:table>"
        for name, rows in sheets.items()
    )
    names = (
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "style", "table", "text")
    )
    table = (
        '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
    )
    styles = f"<office:automatic-styles>{table}</office:automatic-styles>"
    book = f"{styles}<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", f"<office:document {' '.join(names)}>{book}</office:document>")


def write_xlsx(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


@pytest.fixture(params=[("xlsx", write_xlsx), ("ods", write_ods)], ids=["xlsx", "ods"])
def opt_out_book(tmp_path, request):
    ending, write = request.param

    def make(*sheets):
        path = tmp_path / f"optouts.{ending}"
        write(path, {f"S{number}": rows for number, rows in enumerate(sheets, start=1)})
        return path

    return make


def test_every_sheet_of_an_opt_out_workbook_is_read(opt_out_book):
    path = opt_out_book(
        [["phone"], ["+85291234567"]], [], [["Notes"], ["ask Li"]], [["name", "手机"], ["Li", "+85291234568"]]
    )
    found = read_opt_outs(path)
    assert {"85291234567", "85291234568"} <= found.digits
    assert (found.count, found.sheets, found.passed) == (2, ("S1", "S4"), ("S3",))
    assert [note.key for note in opt_out_notes(path, found)] == [
        *("opt_outs", "opt_outs_sheets", "opt_outs_passed", "opt_outs_columns")
    ]


def test_a_sheet_of_opt_outs_that_may_be_phones_is_never_passed_over(opt_out_book):
    path = opt_out_book([["phone"], ["+85291234567"]], [["Who", "Where"], ["Li", "+85291234568"]])
    with pytest.raises(ListError, match="sheet 'S2', row 2"):
        read_opt_outs(path)


def test_the_first_sheet_of_opt_outs_may_be_empty_but_not_all(opt_out_book):
    assert read_opt_outs(opt_out_book([], [["phone"], ["+85291234568"]])).count == 1
    with pytest.raises(ListError) as error:
        read_opt_outs(opt_out_book([], []))
    assert error.value.key == "opt_outs_empty"


def test_a_line_that_is_no_opt_out_is_named_with_its_sheet(opt_out_book):
    with pytest.raises(ListError, match=r"\(sheet S2\), row 2"):
        read_opt_outs(opt_out_book([["phone"], ["+85291234567"]], [["phone"], ["Li"]]))


def test_hidden_opt_outs_count_and_no_line_of_them_is_a_title(tmp_path):
    book = openpyxl.Workbook()
    for row in (("+85291234567",), ("+85291234568",), ("phone",), ("+85291234569",)):
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    book.active.delete_rows(3)
    book.save(tmp_path / "optouts.xlsx")
    assert {"85291234567", "85291234568", "85291234569"} <= read_opt_outs(tmp_path / "optouts.xlsx").digits
    (tmp_path / "optouts.csv").write_text("+85291234567\nphone\n+85291234569\n", "utf-8")
    with pytest.raises(ListError, match="row 2"):
        read_opt_outs(tmp_path / "optouts.csv")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_of_opt_outs_count_and_are_named(tmp_path, state):
    path = tmp_path / "optouts.xlsx"
    book_with(path, New=[["phone"], ["+85291234567"]], Old=[["phone"], ["+85291234568"]], Draft=[["notes"], ["ask"]])
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = book["Draft"].sheet_state = state
    book.save(path)
    found = read_opt_outs(path)
    assert {"85291234567", "85291234568"} <= found.digits
    assert (found.count, found.sheets, found.hidden, found.passed) == (2, ("New", "Old"), ("Old",), ("Draft",))
    book["Draft"].append(["91234569"])
    book.save(path)
    with pytest.raises(ListError, match="sheet 'Draft', row 3"):
        read_opt_outs(path)


def test_a_hidden_sheet_of_opt_outs_in_ods_counts(tmp_path):
    path = tmp_path / "optouts.ods"
    write_ods(path, {"New": [["phone"], ["+85291234567"]], "Old": [["phone"], ["+85291234568"]]}, hidden=("Old",))
    found = read_opt_outs(path)
    assert ("85291234568" in found.digits, found.hidden) == (True, ("Old",))


def test_an_opt_out_list_without_a_header_has_no_lost_digits_in_its_first_row_either(tmp_path):
    book = openpyxl.Workbook()
    for row in ((13_800_000_000,), ("+85291234567",)):
        book.active.append(row)
    book.save(tmp_path / "optouts.xlsx")
    with pytest.raises(ListError, match="row 1"):
        read_opt_outs(tmp_path / "optouts.xlsx")


def test_an_opt_out_list_of_nobody_has_its_header_at_least(tmp_path):
    path = tmp_path / "optouts.csv"
    path.write_text("phone\n", "utf-8")
    assert read_opt_outs(path).digits == frozenset()
    for nothing in ("", "\n \n"):
        path.write_text(nothing, "utf-8")
        with pytest.raises(ListError) as error:
            read_opt_outs(path)
        assert error.value.key == "opt_outs_empty"


@pytest.mark.parametrize(("lang", "marked"), [("en", "Notes, Old (hidden)"), ("zh", "Notes, Old（隐藏）")])
@pytest.mark.parametrize("asked", ["Nope", ""])
def test_hidden_sheets_are_marked_where_sheets_are_named(tmp_path, asked, lang, marked):
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.create_sheet("Old").sheet_state = "hidden"
    book.save(tmp_path / "list.xlsx")
    with pytest.raises(ListError) as error:
        open_list(tmp_path / "list.xlsx", asked)
    assert marked in error.value.say(lang)


def book_with(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


COVER = [["Spring campaign"], ["made by", "Ann"]]
PHONES = [["phone", "name"], ["+85291234567", "Chan"]]


@pytest.mark.parametrize(
    ("sheets", "key", "said"),
    [
        ({"Cover": COVER, "List": PHONES}, "list_on_sheet", ["'Cover'", "No column of it", "--sheet 'List'"]),
        (
            {"Cover": [["Title"]], "List": PHONES, "Notes": COVER},
            "list_on_sheet",
            ["No column of it", "--sheet 'List'"],
        ),
        ({"Cover": [], "List": PHONES}, "list_on_sheet", ["It is empty", "--sheet 'List'"]),
        ({"Old": PHONES[:1], "New": PHONES}, "list_on_sheet", ["'Old'", "no rows", "--sheet 'New'"]),
        (
            {"Cover": COVER, "HK": PHONES, "SG": PHONES},
            "list_on_other_sheet",
            ["'Cover'", "'HK', 'SG'", "--sheet NAME"],
        ),
        ({"Cover": COVER, "Notes": COVER}, "list_on_other_sheet", ["'Cover'", "'Notes'", "--column phone=HEADER"]),
    ],
)
def test_a_sheet_that_is_no_list_is_named_with_the_others(tmp_path, sheets, key, said):
    with pytest.raises(ListError) as error:
        open_list(book_with(tmp_path / "list.xlsx", **sheets))
    assert error.value.key == key
    assert [part for part in said if part not in str(error.value)] == []


def test_a_sheet_whose_phone_column_was_chosen_is_the_list(tmp_path):
    path = book_with(tmp_path / "list.xlsx", Guests=[["name", "reach"], ["Chan", "+85291234567"]], List=PHONES)
    assert open_list(path, columns={"phone": "reach"}).source == "sheet Guests"
