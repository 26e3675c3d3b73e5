"""What a CSV writer wrote is read as it was: any cells, any delimiter, any encoding, any line end."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_sms.errors import BatchSmsError
from batch_sms.sheets.cells import ERRORS
from batch_sms.sheets.reading import open_list

ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "gb18030": b"",
}
NO_TEXT = "\0\ufeff\ufffe\uffff" + "".join(map(chr, range(0x80, 0xA0)))
CELL = st.text(
    st.characters(codec="utf-8", exclude_characters=NO_TEXT, exclude_categories=["Co", "Cn", "Cs"]), max_size=8
)
CHINESE = st.text("李伟陳大文张三 ,;\t\"'\n0123456789", max_size=8)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.csv"


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(CELL | CHINESE, CELL | CHINESE), min_size=1, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(sorted(ENCODINGS)),
    st.booleans(),
    st.integers(0, 2),
)
def test_a_list_comes_back_as_it_was_written(path, lines, delimiter, end, encoding, quoted, above):
    text = io.StringIO(newline="")
    text.write(end * above)
    style = csv.QUOTE_ALL if quoted or end != "\r\n" else csv.QUOTE_MINIMAL  # else the writer leaves the other bare
    csv.writer(text, delimiter=delimiter, quoting=style, lineterminator=end).writerows(
        [("phone", "name"), ("1", "李"), *lines]
    )
    path.write_bytes(ENCODINGS[encoding] + text.getvalue().encode(encoding))
    table = open_list(path, encoding="gb18030" if encoding == "gb18030" else None)  # no text of chance is Chinese
    expected = [(n, line) for n, line in enumerate(lines, start=above + 3) if any(cell.strip() for cell in line)]
    rows = list(table.rows())
    assert (table.header_row, table.headers) == (above + 1, ("phone", "name"))
    assert [(row.number, row.cells) for row in rows] == [(above + 2, ("1", "李")), *expected]
    assert all(row.flaws == () for row in rows if ERRORS.isdisjoint(row.cells))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_the_choice_of_an_encoding_never_makes_up_characters(path, content):
    """Whatever is read can be written back to the same bytes: no character was replaced."""
    path.write_bytes(b"phone,name\n1," + content)
    try:
        table = open_list(path)
        rows = list(table.rows())
    except BatchSmsError:
        return
    encoding = table.source.split(", ")[1]
    for cell in (cell for row in rows for cell in row.cells):
        assert "\ufffd" not in cell or b"\xef\xbf\xbd" in content or encoding != "utf-8"
        assert cell.encode(encoding) is not None
        assert all(unicodedata.category(char) != "Cs" for char in cell)
