"""Damaged files: cut, overwritten, mixed, by a fixed seed. Each is read or refused in a sentence; nothing else ever happens."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from batch_sms.errors import BatchSmsError, ListError
from batch_sms.sheets.reading import open_list

CORPUS = Path(__file__).parent / "corpus"
BASES = (
    *("utf-8.csv", "gb18030.csv", "quoted-newlines.csv", "utf-16-be.csv", "utf-16-le-without-bom.csv", "sep-line.csv"),
    *("libreoffice.xlsx", "libreoffice.xls", "libreoffice.ods", "by-hand.xlsb", "excel-like.xlsx", "locked.xls"),
    *("locked.ods", "prefixed.xlsx"),
)
VARIANTS = 24


def cut(data, chance):
    return data[: chance.randrange(len(data))]


def flipped(data, chance):
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 4, 40])):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def overwritten(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + chance.randbytes(chance.choice([1, 16, 256])) + data[start + 16 :]


def doubled(data, chance):
    start = chance.randrange(len(data))
    return data[start:] + data[:start]


def repacked(data, chance):
    """A package that is whole, with damaged parts in it: what no checksum tells."""
    if not data.startswith(b"PK"):
        return flipped(data, chance)
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        victim = chance.choice([name for name in names if old.read(name)])
        for name in names:
            part = old.read(name)
            damage = chance.choice([cut, flipped, overwritten])
            new.writestr(name, damage(part, chance) if name == victim else part)
    return file.getvalue()


def refusal(path, **options):
    """What is said of a file that is refused; nothing of one that is read, whose cells are texts then."""
    try:
        rows = list(open_list(path, **options).rows())
    except BatchSmsError as error:
        return str(error)
    assert all(isinstance(cell, str) for row in rows for cell in row.cells)
    return ""


DAMAGE = (cut, flipped, overwritten, doubled, repacked)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("base", BASES)
def test_a_damaged_file_is_read_or_refused(tmp_path, capfd, base, damage):
    data = (CORPUS / base).read_bytes()
    path = tmp_path / f"list{Path(base).suffix}"
    for number in range(VARIANTS):
        chance = random.Random(f"{base} {damage.__name__} {number}")
        path.write_bytes(damage(data, chance))
        said = refusal(path, hidden=chance.choice(["skip", "send"]))
        assert not said or path.name in said
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("base", ["libreoffice.ods", "libreoffice-fractions.ods", "by-hand.xlsb", "libreoffice.xlsx"])
def test_a_damaged_package_is_refused_or_gives_the_rows_of_the_whole_one(tmp_path, base):
    """Each part has a checksum: what is read of a package is what was written."""
    data = (CORPUS / base).read_bytes()
    whole = [(row.number, row.cells, row.flaws) for row in open_list(CORPUS / base).rows()]
    path = tmp_path / f"list{Path(base).suffix}"
    for damage in (cut, flipped, overwritten):
        for number in range(VARIANTS):
            path.write_bytes(damage(data, random.Random(f"{base} {damage.__name__} {number}")))
            try:
                rows = [(row.number, row.cells, row.flaws) for row in open_list(path).rows()]
            except BatchSmsError:
                continue
            assert rows == whole


def test_random_bytes_are_read_or_refused(tmp_path):
    for number in range(200):
        chance = random.Random(number)
        path = tmp_path / f"list.{chance.choice(['csv', 'xlsx', 'xls', 'xlsb', 'ods'])}"
        head = chance.choice(
            [b"", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"phone\n", b"\xff\xfe", b"\xef\xbb\xbf"]
        )
        path.write_bytes(head + chance.randbytes(chance.choice([1, 100, 3000])))
        said = refusal(path)
        assert not said or path.name in said


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "JPEG"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"MZ\x90\0\3", "EXE"),
        (b"SQLite format 3\0", "SQLite"),
    ],
)
def test_what_is_no_list_at_all_is_named(tmp_path, start, kind):
    path = tmp_path / "list.csv"
    path.write_bytes(start + bytes(range(256)))
    with pytest.raises(ListError, match=rf"it is {kind}\b") as error:
        open_list(path)
    assert error.value.key == "not_a_list"


def test_a_text_that_begins_like_a_program_is_a_list_all_the_same(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("BMW,phone\nMZ,+85291234567\n", "utf-8")
    assert open_list(path).headers == ("BMW", "phone")


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes(b"phone\n\xfe\x80\0\x01\n")
    with pytest.raises(ListError, match="line 2") as error:
        open_list(path)
    assert error.value.key == "not_text"


@pytest.mark.parametrize("cut", [30, 600, 2000, 5000])
def test_a_workbook_that_is_cut_short_is_refused_without_a_word_of_python(tmp_path, cut):
    for ending in ("xls", "xlsx", "ods"):
        path = tmp_path / f"list.{ending}"
        path.write_bytes((Path(__file__).parent / "corpus" / f"libreoffice.{ending}").read_bytes()[:cut])
        with pytest.raises(ListError) as error:
            open_list(path)
        assert error.value.key == "not_a_workbook"
        assert not {"unpack_from", "buffer", "index", "codec"} & set(str(error.value).split())
