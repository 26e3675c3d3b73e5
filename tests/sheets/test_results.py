from __future__ import annotations

import csv
import os
import re
import stat
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_sms.errors import ResultError
from batch_sms.model import Further, Problem, Record, Row, Status
from batch_sms.sheets import results
from batch_sms.sheets.reading import open_list
from batch_sms.sheets.results import COLUMNS, check_writable, sheets_of, to_frame, write

HEADERS = ("手机", "name")
SENT_AT = datetime(2026, 3, 1, 9, 30, 5, 999, timezone(timedelta(hours=8)))
ODD_CELLS = [
    "=1+1",
    "=",
    "+8613800138000",
    "-1",
    "@SUM(A1)",
    "#N/A",
    "#REF!",
    "#hash",
    "007",
    "1.0",
    "1e5",
    "TRUE",
    "2026-01-01",
    " both sides ",
    "two\nlines",
    "two\r\nlines",
    "\rfirst",
    "'quoted",
    'a "b", c;\td',
    "control \x0b and \x1f",
    "_x0041_",
    "_x005F_x000D_",
    "😀 中文",
    "\x85 \u2028",
    "",
]


def record(*cells, number=2, **fields):
    return Record(Row(number, cells), fields.pop("status", Status.ACCEPTED), fields.pop("code", "OK"), **fields)


def explain(record):
    return f"message {record.code}", "=advice"


def written(path, *records, headers=HEADERS):
    return write(path, headers, records, explain)


def read(path):
    table = open_list(path)
    return table.headers, [row.cells for row in table.rows()]


@pytest.fixture(params=["out.csv", "out.xlsx"])
def target(request, tmp_path):
    return tmp_path / request.param


def test_the_list_stands_first_and_what_became_of_it_behind(target):
    row = record(
        *("13800138000", "Li"),
        number=7,
        biz_id="123^0",
        request_id="R-1",
        attempts=2,
        sent_at=SENT_AT,
        out_id="a",
        phone="+8613800138000",
    )
    written(target, row)
    headers, [cells] = read(target)
    assert headers == (*HEADERS, *COLUMNS)
    assert cells == (
        *("13800138000", "Li", "7", "accepted", "OK", "123^0", "message OK", "=advice", "R-1", "2"),
        *("2026-03-01T09:30:05+08:00", "a", "+8613800138000"),
    )


def test_rows_keep_their_order(target):
    written(target, *(record(str(n), "x", number=n) for n in (5, 3, 9)))
    assert [cells[0] for cells in read(target)[1]] == ["5", "3", "9"]


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_every_cell_from_outside_comes_back_untouched(target, cell):
    written(target, record("13800138000", cell))
    assert read(target)[1][0][:2] == ("13800138000", cell)


@pytest.mark.parametrize("header", ["=1+1", "#N/A", "_x0041_", "two\nlines"])
def test_every_header_comes_back_untouched(target, header):
    written(target, record("13800138000", "x"), headers=("phone", header))
    assert read(target)[0][1] == header


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff\0"), max_size=12).filter(
    lambda text: not text or text.strip()
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(TEXT, min_size=1, max_size=6))
def test_any_text_comes_back_untouched(target, cells):
    written(target, record("138", *cells), headers=("phone", *(f"h{n}" for n in range(len(cells)))))
    assert read(target)[1][0][1 : len(cells) + 1] == tuple(cells)


@pytest.mark.parametrize("cell", ODD_CELLS[:-1])
def test_a_workbook_cell_is_text_and_never_a_formula_a_number_or_an_error(tmp_path, cell):
    written(tmp_path / "out.xlsx", record("13800138000", cell))
    [_, row] = openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(max_col=2)
    assert [cell.data_type for cell in row] == ["s", "s"]


@pytest.mark.parametrize("cell", ["\ufffe", "\uffff"])
def test_a_character_that_no_workbook_can_hold_is_marked(tmp_path, cell):
    written(tmp_path / "out.xlsx", record("13800138000", f"a{cell}b"))
    assert read(tmp_path / "out.xlsx")[1][0][1] == "a\ufffdb"


def test_a_text_too_long_for_a_workbook_cell_is_cut_there(tmp_path):
    written(tmp_path / "out.xlsx", record("13800138000", "x" * 40_000))
    assert read(tmp_path / "out.xlsx")[1][0][1] == "x" * 32_767


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_a_cell_without_text_stands_before_an_odd_one(tmp_path, cell):
    written(tmp_path / "out.xlsx", record("", cell, attempts=0), record("x", ""))
    rows = openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows(min_row=2, values_only=True)
    assert [(row[0], row[2], row[9]) for row in rows] == [(None, 2, 0), ("x", 2, 0)]


def test_rows_that_a_sheet_has_no_room_for_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "MOST_ROWS", 4)
    path = tmp_path / "out.xlsx"
    for count, sheets in ((0, 1), (3, 1), (4, 2), (6, 2), (7, 3)):
        rows = [record(str(number), "x", number=number) for number in range(2, count + 2)]
        write(path, HEADERS, rows, explain)
        assert sheets_of(path, count) == sheets
        book = openpyxl.load_workbook(path)
        assert book.sheetnames == ["result", "result 2", "result 3"][:sheets]
        assert [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)] == [
            row.row.cells[0] for row in rows
        ]
        assert {tuple(cell.value for cell in sheet[1]) for sheet in book} == {(*HEADERS, *COLUMNS)}


def test_csv_has_room_for_any_number_of_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "MOST_ROWS", 4)
    path = tmp_path / "out.csv"
    written(path, *[record("1", "x")] * 9)
    assert (sheets_of(path, 9), len(read(path)[1])) == (1, 9)


def test_a_failure_on_a_later_sheet_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "MOST_ROWS", 3)

    def records():
        yield from [record("1", "x")] * 5
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(tmp_path / "out.xlsx", HEADERS, records(), explain)
    assert list(tmp_path.iterdir()) == []


def test_csv_begins_with_a_byte_order_mark(tmp_path):
    written(tmp_path / "out.csv", record("1", "x"))
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf\xe6\x89\x8b")


def test_csv_lines_all_have_the_same_number_of_fields(tmp_path):
    written(tmp_path / "out.csv", record("1", "x"), record("2", 'a,b\n"c"', sent_at=datetime(2026, 1, 1, tzinfo=UTC)))
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {len(line) for line in csv.reader(file)} == {2 + len(COLUMNS)}


def test_cells_beyond_the_headers_do_not_shift_the_columns(target):
    written(target, record("1", "x", "extra", "more"))
    assert read(target)[1][0][:4] == ("1", "x", "2", "accepted")


def test_only_its_owner_may_read_it(target):
    written(target, record("1", "x"))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_an_old_sheet_is_replaced_by_the_new_one(target):
    target.write_text("sms_status\nold")
    assert written(target, record("1", "x")) == target
    assert len(read(target)[1]) == 1


def test_nothing_else_is_left_in_the_folder(target):
    written(target, record("1", "x"))
    assert list(target.parent.iterdir()) == [target]


def test_a_failure_in_the_middle_leaves_the_old_sheet_and_nothing_else(target):
    target.write_text("old")

    def records():
        yield record("1", "x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write(target, HEADERS, records(), explain)
    assert (target.read_text(), list(target.parent.iterdir())) == ("old", [target])


def test_a_full_disk_is_told_as_a_result_that_can_not_be_written(target):
    def records():
        yield record("1", "x")
        raise OSError(28, "No space left on device")

    with pytest.raises(ResultError, match="No space left"):
        write(target, HEADERS, records(), explain)
    assert list(target.parent.iterdir()) == []


def test_where_the_target_can_not_be_replaced_it_is_written_beside_it(target):
    target.mkdir()
    beside = target.with_name(f"out (2){target.suffix}")
    assert written(target, record("1", "x")) == beside
    assert len(read(beside)[1]) == 1


def test_a_sheet_beside_the_target_is_never_overwritten(target):
    target.mkdir()
    second = target.with_name(f"out (2){target.suffix}")
    second.write_text("kept")
    assert written(target, record("1", "x")) == target.with_name(f"out (3){target.suffix}")
    assert second.read_text() == "kept"


def test_a_folder_that_is_not_there_is_told(target):
    with pytest.raises(ResultError) as error:
        written(target.parent / "missing" / target.name, record("1", "x"))
    assert error.value.key == "output_not_writable"


def test_a_place_that_can_be_written_is_left_as_it_was(tmp_path):
    check_writable(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("folder", "output_is_folder"),
        ("missing/out.csv", "output_not_writable"),
        ("file/out.csv", "output_not_writable"),
    ],
)
def test_a_place_that_can_not_be_written_is_told_before_anything_is_sent(tmp_path, name, key):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultError) as error:
        check_writable(tmp_path / name)
    assert error.value.key == key


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_only_some_runs_know_stands_behind_the_rest(tmp_path, ending):
    records = [record("1", "a", segments=2), record("2", "b", segments=0)]
    path = write(tmp_path / f"r{ending}", HEADERS, records, explain, {Further.SEGMENTS})
    header, lines = read(path)
    assert header == (*HEADERS, *COLUMNS, "sms_segments")
    assert [line[-1] for line in lines] == ["2", ""]
    assert tuple(to_frame(HEADERS, records, explain, {Further.SEGMENTS}).columns) == header
    assert list(to_frame(HEADERS, records, explain).columns) == [*HEADERS, *COLUMNS]


def book_of(path):
    return openpyxl.load_workbook(path).active


def test_a_workbook_has_a_bold_header_that_stays_and_a_filter(tmp_path):
    written(tmp_path / "out.xlsx", record("1", "x"), record("2", "y"))
    sheet = book_of(tmp_path / "out.xlsx")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:M3")
    assert [all(cell.font.b for cell in row) for row in sheet.iter_rows()] == [True, False, False]


def test_columns_are_as_wide_as_what_is_in_them(tmp_path):
    rows = [record("+8613800138000", "李" * 10), record("1", "x" * 500)]
    written(tmp_path / "out.xlsx", rows[0], headers=("phone", "name"))
    narrow = {letter: column.width for letter, column in book_of(tmp_path / "out.xlsx").column_dimensions.items()}
    assert (narrow["A"], narrow["B"]) == (17, 23)
    written(tmp_path / "out.xlsx", *rows, headers=("phone", "name"))
    wide = {letter: column.width for letter, column in book_of(tmp_path / "out.xlsx").column_dimensions.items()}
    assert wide == narrow | {"B": 40}


@pytest.mark.parametrize(
    ("cell", "message", "height"),
    [("x", "OK", None), ("a\nb\nc", "OK", 45), ("x", "long " * 20, 30), ("a\n" * 99, "OK", 375)],
)
def test_a_row_is_as_high_as_its_lines(tmp_path, cell, message, height):
    row = record("1", cell)
    write(tmp_path / "out.xlsx", HEADERS, [row, record("2", "y")], lambda one: (message if one is row else "OK", ""))
    sheet = book_of(tmp_path / "out.xlsx")
    assert (sheet.row_dimensions[2].height, sheet.row_dimensions[3].height) == (height, None)
    assert [cell.alignment.wrap_text for cell in sheet[2]].count(True) == (height is not None)


def red(path):
    return {cell.coordinate for row in book_of(path) for cell in row if cell.fill.fgColor.rgb == "00F8CBAD"}


def test_cells_at_fault_are_red_and_so_are_those_without_a_header(tmp_path):
    faults = (Problem("check.PHONE_MISSING", "手机"), Problem("check.CELLS", ""))
    wrong = record("", "x", "extra", "=1", status=Status.INVALID, code="check.PHONE_MISSING", problems=faults)
    written(tmp_path / "out.xlsx", record("1", "x"), wrong)
    assert red(tmp_path / "out.xlsx") == {"A3", "N3", "O3"}
    assert [(cell.value, cell.data_type) for cell in book_of(tmp_path / "out.xlsx")[3][13:]] == [
        ("extra", "s"),
        ("=1", "s"),
    ]


def test_the_columns_of_an_earlier_result_are_replaced(target):
    written(target, record("1", "x", biz_id="first"))
    table = open_list(target)
    again = [Record(row, Status.REJECTED, "isv.X", biz_id="second") for row in table.rows()]
    write(target, table.headers, again, explain)
    headers, [cells] = read(target)
    assert headers == (*HEADERS, *COLUMNS)
    assert (cells[:2], cells[3], cells[5]) == (("1", "x"), "rejected", "second")


def test_another_column_that_is_named_like_one_of_a_result_is_kept(target):
    written(target, record("1", "x", "y"), headers=("phone", "name", "sms_text"))
    assert read(target)[0] == ("phone", "name", "sms_text", *COLUMNS)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_an_earlier_result_and_an_empty_file_are_written_over(tmp_path, ending):
    path = tmp_path / f"out{ending}"
    path.touch()
    for _ in range(2):
        check_writable(path)
        assert write(path, HEADERS, [record("1", "a")], explain) == path


@pytest.mark.parametrize("how", ["strings", "utf-16"])
def test_an_earlier_result_that_a_spreadsheet_saved_is_written_over(tmp_path, how):
    path = tmp_path / ("out.xlsx" if how == "strings" else "out.csv")
    if how == "strings":
        book = openpyxl.Workbook()
        book.active.append([*HEADERS, *COLUMNS])
        book.save(path)  # openpyxl keeps texts as shared strings, as Excel does
    else:
        path.write_text("\t".join((*HEADERS, *COLUMNS)), "utf-16")
    check_writable(path)
    assert write(path, HEADERS, [record("1", "a")], explain) == path


@pytest.mark.parametrize(
    "content", [b"phone,name\n+85291234568,precious\n", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x00"]
)
@pytest.mark.parametrize("name", ["other.csv", "other.xlsx"])
def test_what_is_no_result_is_not_written_over(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ResultError) as error:
        check_writable(path)
    assert error.value.key == "output_is_other"
    assert path.read_bytes() == content


def test_a_workbook_of_somebody_is_not_written_over(tmp_path):
    path = tmp_path / "mine.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["phone", "name"])
    book.save(path)
    with pytest.raises(ResultError) as error:
        check_writable(path)
    assert error.value.key == "output_is_other"


def test_a_device_is_not_written_over():
    with pytest.raises(ResultError) as error:
        check_writable(Path(os.devnull))
    assert error.value.key == "output_is_other"


UNSENT = [
    record("1", "accepted", status=Status.NOT_SENT, code="run.CHECKED"),
    record("2", "b", status=Status.INVALID, code="check.PHONE_INVALID"),
    record("3", "c", status=Status.SKIPPED, code="skip.DUPLICATE"),
]


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT])
@pytest.mark.parametrize("how", [".csv", ".xlsx", "utf-16", "semicolons", "quotes", "shared"])
def test_the_result_of_a_send_is_no_place_for_one_of_which_nothing_is_sent(tmp_path, status, how):
    path = tmp_path / ("out.xlsx" if how in (".xlsx", "shared") else "out.csv")
    filler = [record(str(number), "x" * 900, number=number, status=Status.NOT_SENT) for number in range(2, 400)]
    written(path, *filler, record("1", "a", number=400, status=status))
    text = path.read_text("utf-8-sig") if path.suffix == ".csv" else ""
    if how == "utf-16":
        path.write_text(text.replace(",", "\t"), "utf-16")
    elif how == "semicolons":
        path.write_text(text.replace(",", ";"))
    elif how == "quotes":
        path.write_text("\n".join('"' + line.replace(",", '","') + '"' for line in text.splitlines()))
    elif how == "shared":
        openpyxl.load_workbook(path).save(path)
    with pytest.raises(ResultError) as error:
        check_writable(path, unsent=True)
    assert error.value.key == "output_of_send"
    check_writable(path)


@pytest.mark.parametrize("again", [False, True])
def test_what_a_check_wrote_and_an_empty_file_are_places_for_another(target, again):
    target.touch()
    check_writable(target, unsent=True)
    written(target, *UNSENT)
    if again and target.suffix == ".xlsx":
        openpyxl.load_workbook(target).save(target)
    check_writable(target, unsent=True)


def test_a_workbook_that_is_damaged_may_hold_what_was_sent(tmp_path):
    path = tmp_path / "out.xlsx"
    written(path, record("1", "a"))
    data = bytearray(path.read_bytes())
    start = data.index(b"xl/worksheets/sheet1.xml") + 40
    data[start : start + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(ResultError):
        check_writable(path, unsent=True)


def test_what_is_typed_into_a_result_workbook_anew_is_a_text(tmp_path):
    """So that a phone keeps its zero, in a cell at fault and in an empty one too."""
    wrong = record("91234567", "", number=3, status=Status.INVALID, problems=(Problem("check.PHONE_INVALID", "手机"),))
    written(tmp_path / "out.xlsx", record("13800138000", "Li"), wrong)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert {cell.number_format for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"@"}
    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        first = re.search(r'<cellXfs[^>]*>\s*<xf [^>]*numFmtId="(\d+)"', package.read("xl/styles.xml").decode())
    assert first is not None
    assert first[1] == "49", "the style of all cells that are not in the file"
