"""Files that are larger than they look: bombs, absurd claims, and sheets whose emptiness is written out."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from batch_sms.errors import ListError
from batch_sms.sheets import packages
from batch_sms.sheets.reading import open_list

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
RELATION = '<Relationship Id="rId1" Type="' + OFFICE + '/{}" Target="{}"/>'
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>+85291234567</t></is></c></row>'
)


@pytest.fixture
def book_of(tmp_path):
    """An ``.xlsx`` with this XML as its rows; other parts may be put in its place."""

    def make(rows="", before="", after="", head=HEAD, **parts):
        sheet = f'{before}<worksheet xmlns="{MAIN}"><sheetData>{head}{rows}</sheetData>{after}</worksheet>'
        content = {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": RELATIONS.format(RELATION.format("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="L" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": RELATIONS.format(RELATION.format("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": sheet,
        }
        path = tmp_path / "list.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in (content | {name.replace("__", "/"): part for name, part in parts.items()}).items():
                archive.writestr(name, part)
        return path

    return make


@pytest.fixture
def sheet_of(tmp_path):
    """An ``.ods`` with this XML in its one sheet."""

    def make(rows, before="", styles=""):
        spaces = " ".join(
            f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
            for name in ("office", "table", "text", "style")
        )
        xml = (
            f'{before}<office:document-content {spaces}>{styles}<office:body><office:spreadsheet><table:table table:name="L">'
            f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
        )
        path = tmp_path / "list.ods"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", xml)
        return path

    return make


def refusal(path):
    with pytest.raises(ListError) as error:
        list(open_list(path).rows())
    return error.value.key


def cells(path):
    return [(row.number, row.cells) for row in open_list(path).rows()]


def test_a_sheet_that_claims_a_million_empty_rows_is_small(book_of):
    rows = "".join(
        f'<row r="{n}" ht="15"><c r="A{n}" s="0"/><c r="XFD{n}" s="0"/></row>' for n in range(3, 1_048_577, 7)
    )
    path = book_of(rows)
    tracemalloc.start()
    assert cells(path) == [(2, ("+85291234567",))]
    assert tracemalloc.get_traced_memory()[1] < 60 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "cell",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="3"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="3"><c r="xfd1048576"><v>1</v></c></row>',
        "<row r='3'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="3"><c t="n" r="A4000000000"><v>1</v></c></row>',
        '<row r="3"><c r="ZZZZ3"><v>1</v></c></row>',
        '<row r="900000"><c r="ZZ900000"><v>1</v></c></row>',
        '<row r="3"><c r="ZZZZZ3"><v>1</v></c></row>',
        '<row r="3"><c r="zzzzzz3"><v>1</v></c></row>',
        '<row r="3"><c r="A3" r="ZZZZZZ3"><v>1</v></c></row>',
        '<row r="3"><c x=">" r = "ZZZZZZ3"><v>1</v></c></row>',
        '<row r="3"><c r="A' + "9" * 5000 + '"><v>1</v></c></row>',
        '<row r="4000000000"><c><v>1</v></c></row>',
        '<row r="1048576">' + "<c><v>1</v></c>" * 30 + "</row>",
        '<row r="1048575"><c r="A1048575"><v>1</v></c></row><row>' + "<c><v>1</v></c>" * 30 + "</row>",
    ],
)
def test_a_cell_at_the_end_of_the_world_is_refused(book_of, cell):
    assert refusal(book_of(cell)) == "too_large"


def test_a_stray_cell_far_down_is_still_a_list(book_of):
    path = book_of('<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>x</t></is></c></row>')
    assert cells(path) == [(2, ("+85291234567",)), (1_048_576, ("x",))]


def test_a_wide_list_is_still_a_list(book_of):
    path = book_of('<row r="3"><c r="A3" t="n"><v>1</v></c><c r="CV3"><v>2</v></c></row>')
    assert [(number, row[0], row[-1], len(row)) for number, row in cells(path)][-1] == (3, "1", "2", 100)


def test_a_bomb_is_refused_before_it_is_unpacked(book_of, monkeypatch):
    path = book_of(" " * 4_000_000)
    monkeypatch.setattr(packages, "_SUSPICIOUS_SIZE", 1 << 20)
    assert refusal(path) == "too_large"


def test_a_package_that_unpacks_to_too_much_is_refused(book_of, monkeypatch):
    monkeypatch.setattr(packages, "LARGEST_PACKAGE", 1000)
    assert refusal(book_of()) == "too_large"


def test_a_part_that_hides_its_size_is_refused(book_of):
    path = book_of(" " * 3_000_000)
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    real = struct.unpack_from("<I", data, entry + 24)[0]
    with zipfile.ZipFile(path) as archive:
        start = archive.read("xl/worksheets/sheet1.xml")[:500]
    struct.pack_into("<I", data, entry + 24, 500)
    struct.pack_into("<I", data, entry + 16, zlib.crc32(start))
    path.write_bytes(data)
    assert real > 3_000_000
    assert refusal(path) in {"too_large", "not_a_workbook"}


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def test_xml_with_entities_of_its_own_is_refused(book_of, sheet_of):
    assert refusal(book_of(before=ENTITIES)) == "not_a_workbook"
    assert refusal(book_of(xl__workbook="", **{"_rels__.rels": ENTITIES + RELATIONS.format("")})) == "not_a_workbook"
    assert refusal(sheet_of("", before=ENTITIES)) == "not_a_workbook"


def test_a_package_under_a_zip_password_is_told_as_such(book_of):
    data = bytearray(book_of().read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            data[start + place] |= 1
            start += 4
    path = book_of()
    path.write_bytes(data)
    assert refusal(path) == "password"


COMPLEX = (
    '<table:table-cell office:value-type="string"><office:annotation><text:p>note</text:p></office:annotation>'
    '<text:p>a<text:s text:c="2"/>b<text:tab/>c</text:p><text:p><text:span>d</text:span>\n e</text:p></table:table-cell>'
)
ROW = "<table:table-row{}>{}</table:table-row>"
CELL = '<table:table-cell office:value-type="string"{}><text:p>{}</text:p></table:table-cell>'
EMPTY = '<table:table-cell table:number-columns-repeated="16384"/>'


def test_repeated_rows_and_cells_of_an_ods_are_written_out(sheet_of):
    repeated = ROW.format(' table:number-rows-repeated="2"', CELL.format(' table:number-columns-repeated="2"', "x"))
    rows = (
        ROW.format("", CELL.format("", "phone") + CELL.format("", "a"))
        + ROW.format(' table:number-rows-repeated="3"', EMPTY)
        + repeated
    )
    end = ROW.format(' table:number-rows-repeated="1048570"', EMPTY)
    assert cells(sheet_of(rows + end)) == [(5, ("x", "x")), (6, ("x", "x"))]


@pytest.mark.parametrize(("sheet", "cell"), [(None, "x"), ("1", "x"), ("2", "z"), ("3", ""), ("M", "y"), ("N", "z")])
def test_a_number_counts_the_sheets_of_an_ods_that_are_seen(sheet_of, sheet, cell):
    hidden = (
        '<office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties '
        'table:display="false"/></style:style></office:automatic-styles>'
    )
    rows = [ROW.format("", CELL.format("", "phone")) + ROW.format("", CELL.format("", text)) for text in "xyz"]
    more = (
        '</table:table><table:table table:name="M" table:style-name="ta2">',
        '</table:table><table:table table:name="N">',
    )
    path = sheet_of(rows[0] + more[0] + rows[1] + more[1] + rows[2], styles=hidden)
    if cell:
        table = open_list(path, sheet)
        assert [row.cells for row in table.rows()] == [(cell,)]
        assert table.source == f"sheet {'LMN'['xyz'.index(cell)]}"
    else:
        with pytest.raises(ListError, match=r"L, M \(hidden\), N"):
            open_list(path, sheet)


@pytest.mark.parametrize(
    "rows",
    [
        ROW.format(' table:number-rows-repeated="99999999"', CELL.format("", "x")),
        ROW.format("", CELL.format(' table:number-columns-repeated="99999999"', "x")),
        ROW.format(' table:number-rows-repeated="1048000"', CELL.format(' table:number-columns-repeated="16000"', "x")),
    ],
)
def test_an_ods_that_repeats_itself_without_end_is_refused(sheet_of, rows):
    assert refusal(sheet_of(ROW.format("", CELL.format("", "phone")) + rows)) == "too_large"


@pytest.mark.parametrize(
    ("height", "optimal", "numbers"),
    [
        *(
            ("0.001in", "false", [2, 4]),
            ("0.005in", "false", [2, 4]),
            ("0.1mm", "false", [2, 4]),
            ("0.3pt", "false", [2, 4]),
        ),
        *(("0in", "false", [2, 3, 4]), ("0.001in", "true", [2, 3, 4]), ("0.5pt", "false", [2, 3, 4])),
        *(("1cm", "false", [2, 3, 4]), ("none", "false", [2, 3, 4])),
    ],
)
def test_rows_of_an_ods_that_are_too_low_to_be_seen_are_hidden(sheet_of, height, optimal, numbers):
    style = (
        '<office:automatic-styles><style:style style:name="low" style:family="table-row"><style:table-row-properties'
        f' style:row-height="{height}" style:use-optimal-row-height="{optimal}"/></style:style></office:automatic-styles>'
    )
    cells = [CELL.format("", text) for text in ("phone", "+85291234567", "+85291234568", "+85291234569")]
    rows = [
        ROW.format(' table:style-name="low"' if number == 3 else "", cell) for number, cell in enumerate(cells, start=1)
    ]
    assert [row.number for row in open_list(sheet_of("".join(rows), styles=style)).rows()] == numbers


@pytest.mark.parametrize(
    ("height", "seen"), [(1, False), (7, False), (0, True), (8, True), (0x8000, True), (256, True)]
)
def test_rows_of_an_xls_that_are_too_low_to_be_seen_are_hidden(tmp_path, height, seen):
    data = bytearray((Path(__file__).parent / "corpus" / "libreoffice.xls").read_bytes())
    row = data.index(struct.pack("<HHH", 0x208, 16, 2)) + 4
    struct.pack_into("<H", data, row + 6, height)
    path = tmp_path / "list.xls"
    path.write_bytes(data)
    assert [row.number for row in open_list(path).rows()] == [3, 4, 6, 7, 9, 10][not seen :]


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [
        (
            '<table:table-cell office:value-type="float" office:value="7"><text:p>007</text:p></table:table-cell>',
            "007",
            "",
        ),
        (
            '<table:table-cell office:value-type="float" office:value="1234"><text:p>1,234</text:p></table:table-cell>',
            "1234",
            "",
        ),
        (
            '<table:table-cell office:value-type="percentage" office:value="0.15"><text:p>15%</text:p></table:table-cell>',
            "15%",
            "",
        ),
        *(
            (
                (
                    '<table:table-cell office:value-type="date" office:date-value="2026-03-01">'
                    f"<text:p>{shown}</text:p></table:table-cell>"
                ),
                text,
                "check.PHONE_DATE" if text == shown else "",
            )
            for shown, text in (
                *((shown, shown) for shown in ("03/2026", "2026", "1.3.", "2026年3月", "3월 1일", "3/26", "202603")),
                *((shown, shown) for shown in ("20260301", "260301", "1.3.2026", "2026年3月1日")),
                *((shown, "2026-03-01") for shown in ("", "###", "Mar 26", "Sunday", "1.3.2569")),
                *(
                    (shown, "2026-03-01")
                    for shown in ("03/2569", "二〇二六年三月一日", "令和8年3月1日", "1 March 2026")
                ),
            )
        ),
        (
            '<table:table-cell office:value-type="date" office:date-value="2026-03-01"><text:p>1 März</text:p></table:table-cell>',
            "2026-03-01",
            "",
        ),
        (
            '<table:table-cell office:value-type="time" office:time-value="PT26H05M00S"><text:p>26:05</text:p></table:table-cell>',
            "26:05",
            "",
        ),
        (
            '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>',
            "TRUE",
            "",
        ),
        (
            '<table:table-cell office:value-type="float" office:value="13800138002"><text:p>1.38E+10</text:p></table:table-cell>',
            "13800138002",
            "",
        ),
        (
            '<table:table-cell office:value-type="float" office:value="13800138000"><text:p>1.38E+10</text:p></table:table-cell>',
            "13800138000",
            "check.NUMBER_ROUNDED",
        ),
        *(
            (
                f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p></table:table-cell>',
                text,
                code,
            )
            for value, shown, text, code in (
                ("20120308", "+45 20120308", "+45 20120308", ""),
                ("20120308", "(0045) 2012 0308", "(0045) 2012 0308", ""),
                ("20120308", "+45 20120309", "20120308", "check.NUMBER_FORMAT"),
                ("20120308", "520120308", "20120308", "check.NUMBER_FORMAT"),
                ("20120308", "20120", "20120308", "check.NUMBER_FORMAT"),
                ("20120304.4", "20120304", "20120304", "check.NUMBER_SHOWN"),
                ("1234.567", "1234.57", "1234.57", ""),
                ("20120304.4", "20,120,304", "20120304", "check.NUMBER_SHOWN"),
                ("98765432", "98.765.432 €", "98765432", "check.NUMBER_SHOWN"),
                ("98765432", "98765 k", "98765432", "check.NUMBER_FORMAT"),
                ("1.5", "1 1/2", "1.5", "check.NUMBER_FORMAT"),
                ("98765432", "", "98765432", "check.NUMBER_FORMAT"),
                ("98765432", "#FMT", "98765432", "check.NUMBER_FORMAT"),
                ("0", "", "", ""),
                ("0", "-", "0", ""),
                ("1.5", "1.50万", "1.50万", ""),
                ("1.5", "1,50 kg", "1.50 kg", ""),
                ("1234.5678", "HK$ 1,234.57", "1234.57", ""),
                ("-1234.5", "(1.234,50 €)", "-1234.50", ""),
                ("-5", "5", "-5", "check.NUMBER_FORMAT"),
                ("12.345", "1,234.5%", "1234.5%", ""),
                ("5", "yes", "yes", ""),
                ("1.5", f"1.{'0' * 60}", "1.5", "check.NUMBER_FORMAT"),
                ("98765432.5", f"98765432.5{'0' * 25}万", f"98765432.5{'0' * 25}万", ""),
                ("100000000000001", "x" * 40 + "1", "100000000000001", "check.NUMBER_FORMAT"),
                ("1e999", "5", "inf", "check.NUMBER_LONG"),
            )
        ),
        (
            '<table:table-cell office:value-type="string" office:string-value="a"><text:p>b</text:p></table:table-cell>',
            "a",
            "",
        ),
        ('<table:table-cell table:formula="of:=A1"/>', "", "check.FORMULA"),
        ('<table:table-cell table:formula="of:=A1"><text:p/></table:table-cell>', "", ""),
        *(
            (
                f'<table:table-cell office:value-type="date" office:date-value="{at}"><text:p>{text}</text:p></table:table-cell>',
                sent,
                code,
            )
            for at, text, sent, code in (
                ("9999-12-31T23:59:59.9", "never", "never", ""),
                ("0033-04-03", "3.4.0033", "3.4.0033", "check.PHONE_DATE"),
                ("2026-03-01T18:30:00Z", "1.3.2026 18:30", "1.3.2026 18:30", "check.PHONE_DATE"),
                ("2026-03-01T18:30:00Z", "1.3.2026 6:30 PM", "2026-03-01 18:30", ""),
            )
        ),
        (
            '<table:table-cell office:value-type="date" office:date-value="1899-12-30"><text:p>30.12</text:p></table:table-cell>',
            "00:00:00",
            "check.NUMBER_FORMAT",
        ),
        ('<table:table-cell table:formula="of:=A1" office:value-type="string"><text:p/></table:table-cell>', "", ""),
        (
            '<table:table-cell office:value-type="string"><text:p>#N/A</text:p></table:table-cell>',
            "#N/A",
            "check.CELL_ERROR",
        ),
        (
            COMPLEX,
            "a  b\tc\nd e",
            "",
        ),
    ],
)
def test_an_ods_cell_is_read_as_a_person_sees_it(sheet_of, cell, text, code):
    header = ROW.format("", CELL.format("", "phone") + CELL.format("", "x"))
    row = next(open_list(sheet_of(header + ROW.format("", CELL.format("", "1") + cell))).rows())
    assert (row.cells, [flaw.code for flaw in row.flaws if flaw.is_fault]) == (("1", text), [code] if code else [])


@pytest.mark.parametrize(
    ("at", "claim"),
    [(0, 0xFFFFFFFF), (4, 0xFFFFFFFF), (4, 1_048_577), (10, 0xFFFF)],
    ids=["first", "rows", "rows too", "columns"],
)
def test_an_xls_that_claims_an_absurd_size_is_refused(tmp_path, at, claim):
    data = bytearray((Path(__file__).parent / "corpus" / "libreoffice.xls").read_bytes())
    start = data.index(struct.pack("<HH", 0x200, 14)) + 4
    struct.pack_into("<I" if at < 8 else "<H", data, start + at, claim)
    if at >= 8:
        struct.pack_into("<I", data, start + 4, 65_536)
    path = tmp_path / "list.xls"
    path.write_bytes(data)
    assert refusal(path) == "too_large"
