from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from batch_sms.errors import NoticeError
from batch_sms.notices.report_file import check_writable, write


def test_it_is_written_whole_over_an_older_one_for_its_owner_alone(tmp_path):
    path = tmp_path / "report.json"
    for facts in ({"exit_code": 0, "x": "x" * 10_000}, {"exit_code": 3, "run": "二"}):
        check_writable(path)
        write(path, facts)
        assert json.loads(path.read_text("utf-8")) == facts
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_look_leaves_an_older_report_as_it_is(tmp_path):
    path = tmp_path / "report.json"
    write(path, {"exit_code": 0})
    check_writable(path)
    assert json.loads(path.read_text()) == {"exit_code": 0}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ask", [check_writable, lambda path: write(path, {})])
@pytest.mark.parametrize("content", ["phone\n", "[]", "5", "{}", "{", "SQLite format 3\0", '{"a": ' + '"x"' * 300_000])
def test_what_is_no_report_is_not_written_over(tmp_path, ask, content):
    path = tmp_path / "list.csv"
    path.write_text(content)
    with pytest.raises(NoticeError) as error:
        ask(path)
    assert error.value.key == "report_is_other"
    assert path.read_text() == content


@pytest.mark.parametrize("ask", [check_writable, lambda path: write(path, {})])
def test_a_device_is_not_replaced(ask):
    with pytest.raises(NoticeError):
        ask(Path(os.devnull))
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("ask", [check_writable, lambda path: write(path, {})])
@pytest.mark.parametrize("name", ["gone/report.json", "folder"])
def test_where_it_can_not_be_written_is_said(tmp_path, ask, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(NoticeError) as error:
        ask(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)
    assert "--report-file" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
