"""When a file that is dropped in has arrived."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from batch_sms.hot_folder.arrivals import UNFINISHED, Arrival, Look, arrived, is_list, looks_at, watched

SETTLE = 5.0


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        ("list.csv", True),
        ("LIST.CSV", True),
        ("list.tsv", True),
        ("list.xlsx", True),
        ("list.xls", True),
        ("list.ods", True),
        ("名单 2025.xlsx", True),
        ("~$list.xlsx", False),
        (".~lock.list.xlsx#", False),
        (".list.csv.swp", False),
        (".hidden.csv", False),
        ("list.csv.part", False),
        ("list.xlsx.crdownload", False),
        ("list.tmp", False),
        ("campaign.toml", False),
        ("notes.txt", False),
    ],
)
def test_what_may_be_a_list_by_its_name(name, may_be):
    assert is_list(Path(name)) is may_be


def known(path, since, content=b"phone\n"):
    path.write_bytes(content)
    return {path: Arrival(Look.at(path), since)}


def test_a_file_has_arrived_when_it_stood_still_long_enough(tmp_path):
    path = tmp_path / "list.csv"
    there = known(path, 100.0)
    assert arrived(there, SETTLE, 104.9) == []
    assert arrived(there, SETTLE, 105.0) == [path]


def test_each_change_begins_the_waiting_anew(tmp_path):
    path = tmp_path / "list.csv"
    there = known(path, 100.0)
    path.write_bytes(b"phone\n+85291234567\n")
    there = watched(there, looks_at([path]), 103.0)
    assert arrived(there, SETTLE, 106.0) == []
    there = watched(there, looks_at([path]), 106.0)
    assert there[path].since == 103.0, "a look alone changes nothing"
    assert arrived(there, SETTLE, 108.0) == [path]


def test_a_file_that_was_replaced_by_another_of_the_same_size_is_another(tmp_path):
    path, other = tmp_path / "list.csv", tmp_path / "other.csv"
    there = known(path, 100.0, b"phone\n1\n")
    known(other, 0.0, b"phone\n2\n")
    other.replace(path)
    assert watched(there, looks_at([path]), 103.0)[path].since == 103.0


def test_what_is_gone_is_forgotten(tmp_path):
    path = tmp_path / "list.csv"
    there = known(path, 100.0)
    path.unlink()
    assert watched(there, looks_at([path]), 103.0) == {}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half of a workbook"], ids=["empty", "half a workbook"])
def test_what_looks_unfinished_gets_more_time(tmp_path, content):
    path = tmp_path / "list.xlsx"
    there = known(path, 0.0, content)
    assert arrived(there, SETTLE, UNFINISHED * SETTLE - 0.1) == []
    assert arrived(there, SETTLE, UNFINISHED * SETTLE) == [path]


def test_a_whole_workbook_needs_no_more_than_a_text(tmp_path):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a", "b")
    there = known(path, 0.0, path.read_bytes())
    assert arrived(there, SETTLE, SETTLE) == [path]


def test_the_oldest_comes_first(tmp_path):
    names = ["b.csv", "a.csv", "c.csv"]
    there = {tmp_path / name: Arrival(Look(1, changed, 1), 0.0) for changed, name in enumerate(names)}
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in arrived(there, SETTLE, 100.0)] == names
