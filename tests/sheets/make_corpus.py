"""How the files in ``corpus/`` were made. Not run by the tests: ``python tests/sheets/make_corpus.py`` makes them anew.

It needs LibreOffice (``soffice``) and, for the files under a password, the system's Python with LibreOffice's ``uno`` module.
The files that LibreOffice writes differ a little from one time to the next; the rows in them do not.
"""

from __future__ import annotations

import codecs
import io
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl

OFFICE = shutil.which("soffice") or "soffice"
CORPUS = Path(__file__).parent / "corpus"
TEXT = "手机,国家,姓名\r\n13800138000,CN,李伟\r\n+85291234567,HK,陳大文\r\n"
ROWS = [("Phone", "Country", "Name"), ("+85291234567", "HK", "Chan"), ("+6581234567", "SG", "Tan")]


def main() -> None:
    """Make all files."""
    CORPUS.mkdir(exist_ok=True)
    for name, content in texts().items():
        (CORPUS / name).write_bytes(content)
    for name, book in books().items():
        book.save(CORPUS / name)
    everything().save(CORPUS / "excel-like.xlsx")
    fractions().save(CORPUS / "fractions.xlsx")
    (CORPUS / "macros.xlsm").write_bytes((CORPUS / "excel-like.xlsx").read_bytes())
    (CORPUS / "workbook-named.csv").write_bytes((CORPUS / "hidden-sheet-first.xlsx").read_bytes())
    (CORPUS / "xlsx-named.xls").write_bytes((CORPUS / "hidden-sheet-first.xlsx").read_bytes())
    for name, xml in sheets_by_hand().items():
        (CORPUS / name).write_bytes(package(xml))
    (CORPUS / "by-hand.xlsb").write_bytes(binary_workbook())
    for ending, kind in (("xlsx", "xlsx:Calc MS Excel 2007 XML"), ("xls", "xls:MS Excel 97"), ("ods", "ods:calc8")):
        convert(CORPUS / "excel-like.xlsx", f"libreoffice.{ending}", kind)
        convert(CORPUS / "fractions.xlsx", f"libreoffice-fractions.{ending}", kind)
    (CORPUS / "xls-named.xlsx").write_bytes((CORPUS / "libreoffice.xls").read_bytes())
    locked()


def texts() -> dict[str, bytes]:
    """CSV as spreadsheets, databases and people write it, and what is no CSV."""
    rows = "\r\n".join(",".join(row) for row in ROWS) + "\r\n"
    return {
        "utf-8.csv": TEXT.encode(),
        "utf-8-bom.csv": TEXT.encode("utf-8-sig"),
        "gb18030.csv": TEXT.encode("gb18030"),
        "gbk-semicolon.csv": TEXT.replace(",", ";").encode("gbk"),
        "excel-unicode-text.txt": codecs.BOM_UTF16_LE + TEXT.replace(",", "\t").encode("utf-16-le"),
        "utf-16-be.csv": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        "utf-16-le-without-bom.csv": TEXT.encode("utf-16-le"),
        "utf-16-be-without-bom.csv": TEXT.encode("utf-16-be"),
        "big5.csv": "phone,name\r\n+85291234567,陳大文\r\n".encode("big5"),
        "latin-1.csv": "phone;name\r\n+4915112345678;Jürgen Müßig\r\n".encode("cp1252"),
        "latin-1-nonsense.csv": "phone;name\r\n+4915112345678;ªß ªß ªß\r\n".encode("cp1252"),
        "sep-line.csv": b"sep=;\r\n" + rows.replace(",", ";").encode(),
        "sep-line-pipe.csv": b"sep=|\r\n" + rows.replace(",", "|").encode(),
        "lone-cr.csv": rows.replace("\r\n", "\r").encode(),
        "quoted-newlines.csv": b'Phone,"Last\nname"\r\n+85291234567,"Chan\r\nTai Man"\r\n\r\n+6581234567,"say ""hi"""\r\n',
        "title.csv": b"Spring campaign 2026-03-01\n\n" + rows.encode(),
        "title-with-commas.csv": b"Export,of,everything,,\n,,,,\n" + rows.replace("\r\n", ",,\r\n").encode(),
        "title-semicolon.csv": b"Export, all rows, of today\n" + rows.replace(",", ";").encode(),
        "phone-above-header.csv": b"+85291234500,HK,Lost\n" + rows.encode(),
        "every-row-too-long.csv": b"phone,country,name\n+85291234567,HK,Chan,oops\n+6581234567,SG,Tan,oops\n",
        "trailing-commas.csv": b"phone,country,name\n+85291234567,HK,Chan,\n+6581234567,SG,Tan,\n",
        "short-rows.csv": b"phone,country,name\n+85291234567\n+6581234567,SG\n+61412345678,AU,Olivia\n",
        "namibia.csv": b"phone,country,name\n+264811234567,NA,Null\n+85291234567,HK,None\n",
        "errors.csv": b"phone,country,name\n#N/A,HK,Chan\n+6581234567,SG,#VALUE!\n########,SG,#1\n",
        "wide-header.csv": "\ufeffＰＨＯＮＥ　Ｎｕｍｂｅｒ,国家／地区,name\n+85291234567,HK,Chan\n".encode(),
        "nul.csv": b"phone,name\n+8529123\x004567,Chan\n",
        "csv-named.xls": rows.encode(),
        "tabs-named.xls": TEXT.replace(",", "\t").encode("gbk"),
        "text-named.xlsx": b"Dear all, please find attached\n",
        "page-named.xls": b"<html><body><table><tr><td>phone</td></tr><tr><td>+85291234567</td></tr></table></body></html>",
        "xml-2003.xls": b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>',
        "nothing.xlsx": b"",
        "cut.xlsx": b"PK\x03\x04\x14\x00\x06\x00",
    }


def books() -> dict[str, openpyxl.Workbook]:
    """Workbooks by openpyxl: one trap each. It computes no formulas, so they have no values."""
    made = {}

    def new(name: str, *rows: tuple[object, ...]) -> openpyxl.worksheet.worksheet.Worksheet:
        made[name] = openpyxl.Workbook()
        sheet = made[name].active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        return sheet

    sheet = new("numbers.xlsx", ("phone", "format"))
    formats = ("General", "0", "00000000", "0##", "+0", '"+"#', "000-0000-0000", "0_ ", "#,##0", "@")
    for number, code in zip(
        (91234567, 91234567.0, 1234567, 5, 85291234567, 6581234567, 13800138001, 1, 12345, 7), formats, strict=True
    ):
        sheet.append((number, code))
        sheet.cell(sheet.max_row, 1).number_format = code
    sheet = new("amounts.xlsx", ("phone", "amount"))
    for value, code in (
        (19.5, "0.00"),
        (0.155, "0%"),
        (1234.5, "#,##0.00"),
        (0.1 + 0.2, "General"),
        (2.5, "0"),
        (-3, "000"),
    ):
        sheet.append(("+85291234567", value))
        sheet.cell(sheet.max_row, 2).number_format = code
    sheet = new("dates.xlsx", ("phone", "when"))
    for when in (date(2026, 3, 1), datetime.fromisoformat("2026-03-01 09:30"), timedelta(hours=26, minutes=5), True):
        sheet.append(("+85291234567", when))
    sheet["B2"].number_format = "dd/mm/yyyy"
    sheet = new("rounded.xlsx", ("phone", "points"), (13800000000, 50000000), (13800138000, 1), (8.52912345e10, 1))
    sheet["A4"].number_format = "0.00E+00"
    sheet = new(
        "hidden-rows.xlsx", *ROWS, ("+61412345678", "AU", "Olivia"), (None, None, None), ("+4915112345678", "DE", "Jan")
    )
    for row in (3, 5, 6):
        sheet.row_dimensions[row].hidden = True
    sheet = new("all-hidden.xlsx", *ROWS)
    for row in (2, 3):
        sheet.row_dimensions[row].hidden = True
    sheet = new(
        "no-values.xlsx",
        ("phone", "country", "name"),
        ("+85291234567", "HK", '="Ch"&"an"'),
        ('="+65"&"81234567"', "SG", "Tan"),
    )
    sheet = new("errors.xlsx", ("phone", "name"), ("+85291234567", "#N/A"), ("#REF!", "Tan"))
    sheet["B2"].data_type = sheet["A3"].data_type = "e"
    sheet = new("merged.xlsx", ("phone", "name", "offer"), *((f"+8529123456{n}", f"Name {n}", "A") for n in range(4)))
    sheet.merge_cells("C2:C4")
    sheet.merge_cells("A5:B5")
    sheet = new("merged-header.xlsx", ("phone", "name", None), ("+85291234567", "Chan", "Tai Man"))
    sheet.merge_cells("B1:C1")
    new("title.xlsx", (None,), ("Members of the club",), ("as of March",), *ROWS)
    new("moved.xlsx", *([(None,) * 4] * 4), *((None, None, *row) for row in ROWS))
    sheet = new("hidden-sheet-first.xlsx", ("phone",), ("+85299999999",))
    sheet.sheet_state, sheet.title = "hidden", "Old"
    shown = made["hidden-sheet-first.xlsx"].create_sheet("New")
    for row in ROWS:
        shown.append(row)
    sheet = new(
        "header-lines.xlsx", ("Phone\nnumber", " First   name ", "Code\u200b"), ("+85291234567", "Tai\nMan", "007")
    )
    sheet = new("blank-end.xlsx", *ROWS)
    for row in range(1, 500):
        sheet.cell(row, 30).number_format = "0.00"
    return made


def fractions() -> openpyxl.Workbook:
    """Numbers of which the cell shows less, or more, than there is."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(("phone", "points"))
    for value, code in (
        (20120304.4, "0"),
        (20120304.004, "0.00"),
        (20120304, "0.00"),
        (20120304, '"+45 "0'),
        (20120304.4, "General"),
        (91200000, "General"),
    ):
        sheet.append((value, value))
        sheet.cell(sheet.max_row, 1).number_format = sheet.cell(sheet.max_row, 2).number_format = code
    return book


def everything() -> openpyxl.Workbook:
    """One list with most traps, for LibreOffice to save in its formats."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "List"
    sheet.append(("Customers",))
    sheet.append(("Phone", "Country", "Name", "Code", "Day", "Share", "Done"))
    sheet.append(("+85291234567", "HK", "陳大文", 42, date(2026, 3, 1), 0.15, True))
    sheet.append((81234567, "SG", "Tan\nAh Kow", 7, datetime.fromisoformat("2026-03-01 09:30"), 0.5, False))
    sheet.append(("+61412345678", "AU", "Hidden", 1, None, None, None))
    sheet.append(("+447400123456", "GB", '="A"&"nn"', 12345, None, None, None))
    sheet.append(("+447400123457", "GB", "=NA()", 5, None, None, None))
    sheet.append((None,))
    sheet.append((13800000000, "CN", "Merged", 5, None, None, None))
    sheet.append(("+8613800138000", "CN", None, 5, None, None, None))
    sheet.merge_cells("C9:C10")
    sheet.row_dimensions[5].hidden = True
    for row in range(3, 11):
        sheet.cell(row, 4).number_format = "0000"
        sheet.cell(row, 6).number_format = "0%"
    other = book.create_sheet("Other")
    other.append(("phone",))
    other.append(("+85298765432",))
    return book


def sheets_by_hand() -> dict[str, tuple[str, str]]:
    """Sheets and workbook settings as other writers have them: a namespace prefix, no places, computed nowhere."""
    cells = "<row><c t='inlineStr'><is><t>phone</t></is></c><c t='inlineStr'><is><t>code</t></is></c></row>"
    rows = "<row hidden='1'><c t='n'><v>91234567</v></c></row><row><c t='n'><v>81234567</v></c><c><f>1+1</f></c></row>"
    text = '<x:c r="{0}" t="inlineStr"><x:is><x:t>{1}</x:t></x:is></x:c>'
    prefixed = (
        f'<x:row r="1">{text.format("A1", "phone")}{text.format("B1", "name")}</x:row>'
        f'<x:row r="2">{text.format("A2", "+85291234567")}<x:c r="B2" t="e"><x:v>#N/A</x:v></x:c></x:row>'
        f'<x:row r="3" hidden="1">{text.format("A3", "+6581234567")}</x:row>'
        f'<x:row r="4">{text.format("A4", "+6581234568")}<x:c r="B4" t="str"><x:f>""</x:f><x:v></x:v></x:c></x:row>'
    )
    stale = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>phone</t></is></c><c r="B1" t="inlineStr"><is><t>sum</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>+85291234567</t></is></c><c r="B2"><f>1+1</f><v>0</v></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t>+6581234567</t></is></c><c r="B3"><f>1+1</f><v>2</v></c></row>'
    )
    return {
        "no-places.xlsx": (cells + rows, ""),
        "prefixed.xlsx": (prefixed, "x"),
        "xlsxwriter-zero.xlsx": (stale, ""),
    }


def package(sheet: tuple[str, str]) -> bytes:
    """The smallest ``.xlsx`` around the rows of one sheet."""
    rows, prefix = sheet
    colon, name = (f"{prefix}:", f":{prefix}") if prefix else ("", "")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    relation = '<Relationship Id="rId1" Type="' + office + '/{}" Target="{}"/>'
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": relations.format(relation.format("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="List" sheetId="1" r:id="rId1"/>'
            '</sheets><calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>',
            "xl/_rels/workbook.xml.rels": relations.format(relation.format("worksheet", "worksheets/sheet1.xml")),
            "xl/worksheets/sheet1.xml": f'<{colon}worksheet xmlns{name}="{main}"><{colon}sheetData>{rows}</{colon}sheetData>'
            f"</{colon}worksheet>",
        }
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """The parts as a zip package, the same at each time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def binary_workbook() -> bytes:
    """An ``.xlsb`` by hand (MS-XLSB), for want of a program that writes one: hidden row, formats, an error, merged cells."""

    def record(kind: int, data: bytes = b"") -> bytes:
        return _seven_bits(kind) + _seven_bits(len(data)) + data

    def string(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def row(number: int, *cells: bytes, hidden: bool = False) -> bytes:
        data = struct.pack("<IIHBBB", number - 1, 0, 300, 0, 0x10 * hidden, 0) + struct.pack("<I", 0)
        return record(0, data) + b"".join(cells)

    def text(column: int, value: str) -> bytes:
        return record(6, struct.pack("<II", column, 0) + string(value))

    def number(column: int, value: float, style: int = 0) -> bytes:
        return record(5, struct.pack("<IId", column, style, value))

    def error(column: int, code: int) -> bytes:
        return record(3, struct.pack("<IIB", column, 0, code))

    sheet = (
        record(129)
        + record(148, struct.pack("<4I", 0, 7, 0, 2))
        + record(145)
        + row(1, text(0, "phone"), text(1, "name"), text(2, "code"))
        + row(2, text(0, "+85291234567"), text(1, "陳大文"), number(2, 42, 1))
        + row(3, text(0, "+6581234567"), text(1, "Hidden"), number(2, 1), hidden=True)
        + row(4, number(0, 81234567), text(1, "Tan"), number(2, 7, 1))
        + row(5, text(0, "+61412345678"), error(1, 0x2A), number(2, 1))
        + row(6, number(0, 13800000000), text(1, "Li"), number(2, 1))
        + row(7, text(0, "+8613800138000"), text(2, "x"))
        + row(8, number(0, 20120304.4, 1), text(1, "Ida"), text(2, "y"))
        + record(146)
        + record(177, struct.pack("<I", 1))
        + record(176, struct.pack("<4I", 5, 6, 1, 1))
        + record(178)
        + record(130)
    )
    styles = (
        record(278)
        + record(615, struct.pack("<I", 1))
        + record(44, struct.pack("<H", 164) + string("0000"))
        + record(616)
        + record(626, struct.pack("<I", 1))
        + record(47, struct.pack("<HHHHHHHH", 0xFFFF, 0, 0, 0, 0, 0, 0, 0))
        + record(627)
        + record(617, struct.pack("<I", 2))
        + record(47, struct.pack("<HHHHHHHH", 0, 0, 0, 0, 0, 0, 0, 0))
        + record(47, struct.pack("<HHHHHHHH", 0, 164, 0, 0, 0, 0, 0, 1))
        + record(618)
        + record(279)
    )
    book = (
        record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + string("rId1") + string("List"))
        + record(144)
        + record(132)
    )
    types = "application/vnd.ms-excel."
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    relation = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    return zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.bin" ContentType="{types}sheet.binary.macroEnabled.main"/>'
            f'<Override PartName="/xl/worksheets/sheet1.bin" ContentType="{types}worksheet"/>'
            f'<Override PartName="/xl/styles.bin" ContentType="{types}styles"/></Types>',
            "_rels/.rels": relations.format(relation.format("rId1", "officeDocument", "xl/workbook.bin")),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations.format(
                relation.format("rId1", "worksheet", "worksheets/sheet1.bin")
                + relation.format("rId2", "styles", "styles.bin")
            ),
            "xl/worksheets/sheet1.bin": sheet,
            "xl/styles.bin": styles,
        }
    )


def _seven_bits(number: int) -> bytes:
    made = b""
    while True:
        made += bytes([number & 0x7F | (0x80 if number > 0x7F else 0)])
        number >>= 7
        if not number:
            return made


def convert(path: Path, name: str, kind: str) -> None:
    """Have LibreOffice save a file in another format."""
    with tempfile.TemporaryDirectory() as folder:
        command = [OFFICE, "--headless", "--convert-to", kind, "--outdir", folder, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        made = next(Path(folder).iterdir())
        (CORPUS / name).write_bytes(made.read_bytes())


LOCKING = """
import sys, time, uno
from com.sun.star.beans import NamedValue, PropertyValue
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for attempt in range(60):
    try:
        context = resolver.resolve("uno:pipe,name=corpus;urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.5)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
document = desktop.loadComponentFromURL("file://" + sys.argv[1], "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))
for name, kind in (("xlsx", "Calc MS Excel 2007 XML"), ("xls", "MS Excel 97"), ("ods", "calc8")):
    secret = PropertyValue("Password", 0, "secret", 0)
    if name == "xlsx":
        ways = (NamedValue("CryptoType", "Standard"), NamedValue("OOXPassword", "secret"))
        secret = PropertyValue("EncryptionData", 0, uno.Any("[]com.sun.star.beans.NamedValue", ways), 0)
    settings = (PropertyValue("FilterName", 0, kind, 0), secret)
    document.storeToURL("file://" + sys.argv[2] + "/locked." + name, settings)
document.close(True)
desktop.terminate()
"""


def locked() -> None:
    """Have LibreOffice save a small list under the password ``secret``."""
    office = subprocess.Popen([OFFICE, "--headless", "--norestore", "--accept=pipe,name=corpus;urp;"])
    time.sleep(3)
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    subprocess.run([python, "-c", LOCKING, str(CORPUS / "title.xlsx"), str(CORPUS)], check=True)
    office.wait(60)


if __name__ == "__main__":
    main()
