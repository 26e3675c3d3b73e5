"""A list is in one place of the hot folder at any time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch_sms.errors import RunHeldError, SettingsError
from batch_sms.hot_folder.arrivals import Look
from batch_sms.hot_folder.folder import Folder, Place

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
NOTHING: frozenset[Path] = frozenset()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaign.toml").touch()
    return Folder(tmp_path)


def dropped(folder, name="list.csv", text="phone\n"):
    path = folder.path / name
    path.write_text(text)
    return path, Look.at(path)


def claimed(folder, name="list.csv"):
    claim = folder.claim(*dropped(folder, name), NOW)
    assert claim is not None
    return claim


def files(folder):
    return {
        str(path.relative_to(folder.path)): path.read_text()
        for path in folder.path.rglob("*")
        if path.is_file() and path.name != "campaign.toml"
    }


def test_what_is_no_hot_folder_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no folder"):
        Folder(tmp_path / "nowhere")
    with pytest.raises(SettingsError, match=r"no campaign\.toml"):
        Folder(tmp_path)


def test_a_second_watcher_is_refused(folder):
    with folder.held(NOW), pytest.raises(RunHeldError) as refused, Folder(folder.path).held(NOW):
        pytest.fail("held twice")
    assert refused.value.exit_code == 4
    with folder.held(NOW):
        pass


def test_only_lists_wait_and_no_file_of_the_campaign(folder):
    for name in ("list.csv", "~$list.xlsx", "optouts.csv", "notes.txt"):
        dropped(folder, name)
    (folder.path / "a folder.csv").mkdir()
    waiting = folder.waiting(frozenset({(folder.path / "optouts.csv").resolve()}))
    assert [path.name for path in waiting] == ["list.csv"]


def test_a_list_is_taken_and_leaves_with_its_result_and_a_text(folder):
    claim = claimed(folder)
    assert "list.csv" not in files(folder)
    assert "work/list.csv" in files(folder)
    assert list(folder.claims()) == [claim]
    claim.result.write_text("result")
    assert folder.leave(claim, Place.DONE, "all is well") == folder.path / "done" / "list.csv"
    assert files(folder) == {
        "done/list.csv": "phone\n",
        "done/list.result.csv": "result",
        "done/list.csv.txt": "all is well",
    }
    assert list(folder.claims()) == []


def test_the_second_of_a_name_waits_until_the_first_is_over_and_writes_nothing_over(folder):
    claim = claimed(folder)
    path, _ = dropped(folder, text="another")
    assert folder.waiting(NOTHING) == {}
    folder.leave(claim, Place.DONE, "first")
    claim = folder.claim(path, folder.waiting(NOTHING)[path], NOW)
    folder.leave(claim, Place.FAILED, "second")
    third = claimed(folder)
    assert folder.leave(third, Place.DONE, "third").name == "list-3.csv", "2 is taken in the other place"
    assert files(folder)["failed/list-2.csv"] == "another"
    assert files(folder)["done/list.csv.txt"] == "first"


def test_a_file_that_went_away_is_not_taken(folder):
    path, look = dropped(folder)
    path.rename(path.with_name("renamed.csv"))
    assert folder.claim(path, look, NOW) is None
    assert list(files(folder)) == ["renamed.csv"], "and no note of it is left"


@pytest.mark.parametrize("moves", [0, 1, 2, 3])
def test_a_crash_between_two_moves_leads_to_no_second_name(folder, monkeypatch, moves):
    folder.leave(claimed(folder), Place.DONE, "the first of that name")
    claim = claimed(folder)
    claim.result.write_text("result")
    left = iter(range(moves))
    replace = Path.replace

    def until_the_crash(path, target):
        if path.suffix != ".half" and next(left, None) is None:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", until_the_crash)
    if moves < 3:
        with pytest.raises(KeyboardInterrupt):
            folder.leave(claim, Place.DONE, "text")
        monkeypatch.undo()
        (found,) = folder.claims()
        found.result.write_text("result")
        folder.leave(found, Place.DONE, "text")
    else:
        folder.leave(claim, Place.DONE, "text")
    assert {name: text for name, text in files(folder).items() if "-2" in name} == {
        "done/list-2.csv": "phone\n",
        "done/list-2.result.csv": "result",
        "done/list-2.csv.txt": "text",
    }
    assert list(folder.claims()) == []


def test_a_crash_before_the_list_was_taken_leaves_it_where_it_was(folder, monkeypatch):
    path, look = dropped(folder)
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        folder.claim(path, look, NOW)
    monkeypatch.undo()
    assert list(folder.claims()) == []
    assert list(files(folder)) == ["list.csv"]


def test_when_it_was_taken_outlives_a_crash(folder):
    claimed(folder)
    (claim,) = Folder(folder.path).claims()
    assert claim.taken_at == NOW
