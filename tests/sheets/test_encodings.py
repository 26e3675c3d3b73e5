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


CHINESE_LISTS = {
    "one name": ("王伟",),
    "one surname": ("李",),
    "a rare given name": ("张璟",),
    "rare given names among others": ("王翀", "李喆", "陈淼", "赵鑫", "欧阳璟", "刘洋"),
    "surnames of two characters": ("诸葛亮", "司徒静", "上官婉儿", "尉迟恭", "夏侯惇", "慕容雪"),
    "rare surnames": ("逄晓东", "亓文", "仝伟", "缪静", "昝丽", "郗建国", "王芳", "李娜"),
    "cities": ("呼和浩特", "乌鲁木齐", "亳州", "衢州", "漯河", "泸州", "北京", "上海"),
    "traditional names": ("陳大文", "黃志強", "張學友", "劉德華"),
    "places": ("广东省深圳市南山区科技园", "江苏省盱眙县", "安徽省歙县"),
    "goods": ("豆浆机", "榨汁机", "螺蛳粉三包", "羽绒被"),
    "messages": ("您的快递已到菜鸟驿站，请凭取件码领取。", "尊敬的客户，您的余额不足"),
    "header and nothing else": ("姓名",),
}
OTHER_LISTS = {
    "cp949": ("김철수", "이영희", "박지성", "홍길동 서울", "최수진 부산", "정민호"),
    "cp1251": ("Иван", "Анна", "Мария Иванова", "Пётр Сидоров", "Ольга"),
    "euc-jp": ("田中太郎", "サトウ", "さくら", "鈴木一郎", "山田花子 様", "高橋 健"),
    "cp874": ("สมชาย", "สวัสดี", "กรุงเทพ", "วิชัย ใจดี"),
    "big5": ("陳大文", "王小明", "李美玲", "黃志強"),
    "cp1256": ("محمد", "مرحبا بكم", "أحمد علي"),
    "cp1253": ("Γιώργος", "Μαρία"),
    "cp1255": ("משה כהן", "שלום"),
    "shift_jis": ("田中太郎", "サトウ"),
    "cp932": ("髙橋", "①番"),
}


def list_of(names, written):
    return "\n".join(("phone,name", *(f"+85291234567,{name}" for name in names), "")).encode(written)


@pytest.mark.parametrize("kind", CHINESE_LISTS)
def test_an_ordinary_chinese_list_is_never_refused(kind):
    content = list_of(CHINESE_LISTS[kind], "gb18030")
    assert encoding_of(Path("list.csv"), lambda: BytesIO(content)) == "gb18030"


@pytest.mark.parametrize(
    ("names", "written"),
    [
        *((names, written) for written, names in OTHER_LISTS.items()),
        *(((name,), written) for written, names in OTHER_LISTS.items() for name in names),
        (OTHER_LISTS["euc-jp"] * 40, "euc-jp"),
    ],
)
def test_a_list_of_another_country_is_never_read_as_chinese(names, written):
    content = list_of(names, written)
    with pytest.raises(ListError) as error:
        encoding_of(Path("list.csv"), lambda: BytesIO(content))
    assert error.value.key == "encoding_unsure"
    if written in {"cp949", "cp1251", "euc-jp", "cp874", "big5", "shift_jis", "cp932"}:
        assert f"--encoding {written}: '{names[0]}'" in str(error.value)


def test_bytes_that_no_encoding_has_are_no_text():
    content = b"phone,name\n+85291234567,\x98\x81\xff\xff\x80\n"
    with pytest.raises(ListError, match=r"line 2: .* no text") as error:
        encoding_of(Path("list.csv"), lambda: BytesIO(content))
    assert error.value.key == "bytes_of_no_text"


@pytest.mark.parametrize("asked", ["ascii", "gb18030", "big5", "utf-16", "utf-8"])
def test_a_wrong_encoding_is_refused_with_the_line_and_no_word_of_python(tmp_path, asked):
    path = tmp_path / "list.csv"
    path.write_bytes("phone,name\n1,Ann\n+4915112345678,Jürgen\xff,\n".encode("cp1252"))
    with pytest.raises(ListError) as error:
        list(open_list(path, encoding=asked).rows())
    assert error.value.key == "not_in_encoding"
    assert "codec" not in str(error.value)
    assert "line 3" in str(error.value) or asked == "utf-16"


def test_an_encoding_is_offered_only_where_the_other_lines_read_in_it_too():
    content = list_of(("田中太郎", "髙橋"), "cp932")
    with pytest.raises(ListError, match="--encoding cp932: '田中太郎'") as error:
        encoding_of(Path("list.csv"), lambda: BytesIO(content))
    assert "shift_jis" not in str(error.value)


def test_the_text_shown_of_an_encoding_is_as_it_stands_in_the_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n+819012345678,①　番\n", "utf-8")
    assert [note.facts["sample"] for note in open_list(path).notes] == ["① 番"]
