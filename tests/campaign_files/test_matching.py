from __future__ import annotations

from pathlib import Path

import pytest

from batch_sms.campaign_files.matching import ANYTHING, is_pattern, matching, refuse_equal_names
from batch_sms.errors import SettingsError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (
        *(
            "b.csv",
            "a.csv",
            "C.CSV",
            "a.xlsx",
            "~$a.xlsx",
            ".a.csv.x8",
            "a.result.csv",
            "a.result (2).csv",
            "B.RESULT.XLSX",
        ),
        *("my.result.list.csv", "sub/d.csv", "stop.csv"),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("phone\n")
    (tmp_path / "folder.csv").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*.csv", ["a.csv", "b.csv", "my.result.list.csv", "stop.csv"]),
        ("*.xlsx", ["a.xlsx"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
        ("?.csv", ["a.csv", "b.csv"]),
        ("**/d.csv", ["sub/d.csv"]),
        ("*/*.csv", ["sub/d.csv"]),
    ],
)
def test_lists_match_in_order_and_results_and_lock_files_do_not(folder, pattern, names):
    assert matching(Path(pattern), (), ()) == tuple(map(Path, names))


def test_files_that_serve_are_no_lists(folder):
    others = [folder / "stop.csv", Path("sub/../b.csv")]
    assert matching(Path("*.csv"), others, ()) == (Path("a.csv"), Path("my.result.list.csv"))


@pytest.mark.parametrize(
    ("output", "results"),
    [
        (f"{ANYTHING}-out.csv", {"a-out.csv", "a-out (2).csv"}),
        (f"done-{ANYTHING}.csv", {"done-b.csv"}),
        ("a-out.csv", {"a-out.csv", "a-out (2).csv"}),
        ("done.csv", {"done-b.csv"}),
        (f"{ANYTHING}.xlsx", set()),
        (f"results/{ANYTHING}.csv", set()),
    ],
)
def test_what_is_named_like_a_result_is_no_list(tmp_path, monkeypatch, output, results):
    monkeypatch.chdir(tmp_path)
    names = {"a.csv", "a-out.csv", "a-out (2).csv", "done-b.csv"}
    for name in names:
        Path(name).write_text("phone\n")
    assert {path.name for path in matching(Path("*.csv"), (), [Path(output)])} == names - results


@pytest.mark.parametrize(
    ("pattern", "output", "key"),
    [
        ("*.txt", "x.csv", "campaign_no_match"),
        ("gone/*.csv", "x.csv", "campaign_no_match"),
        ("~*.xlsx", "x.csv", "campaign_no_match"),
        ("*.csv", f"{ANYTHING}.csv", "campaign_only_results"),
    ],
)
def test_a_pattern_without_a_list_is_refused(folder, pattern, output, key):
    with pytest.raises(SettingsError) as error:
        matching(Path(pattern), (), [Path(output)])
    assert error.value.key == key
    assert pattern in str(error.value)
    assert ANYTHING not in str(error.value)


def test_a_file_that_is_really_called_so_is_no_pattern(tmp_path):
    assert is_pattern(tmp_path / "list [1].csv")
    (tmp_path / "list [1].csv").write_text("phone\n")
    assert not is_pattern(tmp_path / "list [1].csv")
    assert not is_pattern(tmp_path / "gone.csv")


def test_lists_of_one_name_are_refused():
    refuse_equal_names([Path("a.csv"), Path("b.csv")])
    with pytest.raises(SettingsError) as error:
        refuse_equal_names([Path("a.csv"), Path("b.csv"), Path("sub/a.xlsx")])
    assert error.value.facts == {"first": Path("a.csv"), "second": Path("sub/a.xlsx")}
