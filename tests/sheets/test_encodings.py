from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from batch_sms.errors import ListError, SettingsError
from batch_sms.sheets.encodings import encoding_of
from batch_sms.sheets.reading import open_list

EUROPEAN = (
    *(
        "Jürgen Müßig",
        "Peña",
        "João",
        "José",
        "Conceição",
        "Gaël",
        "Ünal",
        "Bjørn Åse",
        "Pääkkönen",
        "MÜLLER",
        "Zoë",
        "É",
    ),
    *(
        "¡Última oportunidad! 20% hasta mañana",
        "«Soldes» d'été: Ça vaut le coup",
        "Größe M – für Sie: 20° warm",
        "½ price £5 §7",
    ),
    "“Hello”—it’s fine…",
)
CHINESE = (
    *(
        "李伟",
        "王鑫",
        "陈婷",
        "張學友",
        "陳慧嫻",
        "亲爱的顾客,您好！",
        "VIP李",
        "T恤 sale",
        "李A座",
        "双11促销①★",
        "🎉party",
        "50€",
    ),
    *("你好 Müller", "It’s 20% off — ok…", "买iPhone送T恤", "用app更方便", "★ SALE ★"),
)


def encoding(text: str, written: str) -> str:
    content = f"phone,text\r\n+85291234567,{text}\r\n".encode(written)
    return encoding_of(Path("list.csv"), lambda: BytesIO(content))


def refusal(text: str, written: str) -> ListError:
    with pytest.raises(ListError) as error:
        encoding(text, written)
    assert error.value.key == "encoding_unsure"
    return error.value


@pytest.mark.parametrize("text", CHINESE)
def test_what_chinese_excel_writes_is_read_unasked(text: str) -> None:
    assert encoding(text, "gb18030") == "gb18030"


@pytest.mark.parametrize("text", EUROPEAN)
def test_no_western_european_text_is_read_as_chinese(text: str) -> None:
    assert f"--encoding cp1252: '{text}'" in str(refusal(text, "cp1252"))
    assert "Line 2" in str(refusal(text, "cp1252"))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Łukasz Wałęsa", "cp1250"),
        ("Nováková", "cp1250"),
        ("Иван Петров", "cp1251"),
        ("田中太郎", "shift_jis"),
        ("サトウ", "shift_jis"),
        ("陳大文", "big5"),
        ("김철수 박영희 이민호 최수진", "cp949"),
    ],
)
def test_neither_is_any_other(text: str, written: str) -> None:
    assert f": '{text}'" in str(refusal(text, written))


def test_one_damaged_line_of_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("phone,name\n1,José\n2,Zoë\n".encode() + b"3,Jos\xe9\n")
    with pytest.raises(ListError, match="line 4") as error:
        open_list(path)
    assert error.value.key == "utf8_damaged"


def test_the_encoding_that_was_proposed_reads_the_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("phone;name\n+4915112345678;Jürgen Müßig\n".encode("cp1252"))
    assert [row.cells for row in open_list(path, encoding="cp1252").rows()] == [("+4915112345678", "Jürgen Müßig")]


@pytest.mark.parametrize(
    ("text", "written", "asked", "key"),
    [
        ("Jürgen", "utf-8", "cp1252", "encoding_doubtful"),
        ("Jürgen", "utf-8", "latin-1", "encoding_doubtful"),
        ("Jürgen", "utf-8", "utf-8", "encoding"),
        ("Jürgen", "utf-8", "utf8", "encoding"),
        ("Jürgen", "cp1252", "cp1252", "encoding"),
        ("陳大文", "utf-16", "utf-16", "encoding"),
        ("陳大文", "gb18030", "gb18030", "encoding"),
        ("Jurgen", "utf-8", "cp1252", ""),
    ],
)
def test_an_encoding_that_is_asked_for_and_looks_wrong_is_said(tmp_path, text, written, asked, key):
    path = tmp_path / "list.csv"
    path.write_bytes(f"phone,name\n+85291234567,{text}\n".encode(written))
    assert [note.key for note in open_list(path, encoding=asked).notes] == ([key] if key else [])


@pytest.mark.parametrize(
    "name", ["utf-7", "UTF7", "punycode", "idna", "unicode_escape", "raw-unicode-escape", "charmap"]
)
def test_what_nobody_writes_lists_in_is_no_encoding(tmp_path, name):
    path = tmp_path / "list.csv"
    path.write_text("phone\n+85291234567\n", "utf-8")
    with pytest.raises(SettingsError) as error:
        open_list(path, encoding=name)
    assert error.value.key == "encoding_of_no_list"
