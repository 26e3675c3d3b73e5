from __future__ import annotations

import pytest

from batch_sms.campaign_files.document import read_document
from batch_sms.errors import SettingsError

TEXT = '''\
# a campaign
[list]
file = "a.csv"
columns = { phone = "Handy" }

[ message ] # what
"sign" = "ACME"
params.intlmsg = """
rate = 5
[result]
"""
[message."more"]
x.y = 1
'''


@pytest.fixture
def file(tmp_path):
    return tmp_path / "spring.toml"


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("list",), 2),
        (("list", "file"), 3),
        (("list", "columns"), 4),
        (("list", "columns", "phone"), 4),
        (("message",), 6),
        (("message", "sign"), 7),
        (("message", "params"), 8),
        (("message", "params", "intlmsg"), 8),
        (("message", "more", "x", "y"), 13),
    ],
)
def test_a_key_has_its_line(file, names, line):
    file.write_text(TEXT)
    assert read_document(file).where(*names) == f"{file}:{line}"


def test_what_stands_inside_a_text_is_no_key(file):
    file.write_text(TEXT)
    document = read_document(file)
    assert ("message", "params", "rate") not in document.lines
    assert ("result",) not in document.lines
    assert document.where("result", "output") == str(file)


@pytest.mark.parametrize("text", ["\ufeff[list]\nfile = 'a.csv'\n", "[list]\r\nfile = 'a.csv'\r\n"])
def test_a_file_as_windows_writes_it_is_read(file, text):
    file.write_bytes(text.encode())
    assert read_document(file).tables == {"list": {"file": "a.csv"}}


@pytest.mark.parametrize(
    ("content", "key", "line"),
    [
        (b"[list]\nfile = a.csv\n", "campaign_not_toml", ":2"),
        (b'[list]\nfile = "a\n', "campaign_not_toml", ":2"),
        (b"[list]\n[list]\n", "campaign_not_toml", ":2"),
        (b"[list\n", "campaign_not_toml", ":1"),
        (b"[list]\nfile = \xff\n", "campaign_not_utf8", ""),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(file, content, key, line):
    file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        read_document(file)
    assert error.value.key == key
    assert f"{file}{line}" in str(error.value)
    assert "at line" not in str(error.value)


def test_a_file_that_is_not_there_is_refused(file):
    with pytest.raises(SettingsError) as error:
        read_document(file)
    assert error.value.key == "campaign_not_read"


def test_a_folder_is_no_campaign(tmp_path):
    with pytest.raises(SettingsError) as error:
        read_document(tmp_path)
    assert error.value.key == "campaign_not_read"
