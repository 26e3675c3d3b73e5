"""Lists that are dropped into a hot folder come out sent, with their results, or stay where it is said why."""

from __future__ import annotations

import shutil
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from harness import PATIENCE, read_result

from batch_sms.campaign import Campaign
from batch_sms.cli import show
from batch_sms.errors import SettingsError
from batch_sms.hot_folder.folder import Folder
from batch_sms.hot_folder.watch import Watch
from batch_sms.ledger import stop_request
from batch_sms.ledger.lock import hold
from batch_sms.signals import Stopper
from batch_sms.watching import Unwatched

GOOD, OTHER, BAD = "+85291234567", "+85291234568", "12"
SETTLE = 5.0


class Clock:
    """The machine's clock, but for the sleeping: that time is skipped."""

    zone = UTC

    def __init__(self):
        self.skipped = 0.0
        self.at = {}

    def now(self):
        return datetime.now().astimezone()

    def monotonic(self):
        return time.monotonic() + self.skipped

    def sleep_until(self, moment, bell):
        assert bell.heard(PATIENCE), "nobody woke it"

    def sleep(self, seconds):
        self.skipped += seconds
        for moment in sorted(self.at):
            if self.skipped >= moment:
                self.at.pop(moment)()


class Onlooker(Unwatched):
    """Nobody, who is told of the end all the same."""

    def ended(self, summary):
        """Nothing."""


class Stopping(Onlooker):
    """Somebody else who stops the run as soon as it sleeps."""

    def __init__(self, ledger):
        self.ledger = ledger

    def told(self, event, **facts):
        if event == "waiting":
            assert stop_request.ask(self.ledger, "spring")


class Sender:
    """A campaign for lists with the one column phone."""

    def __init__(self, gateway, ledger):
        self.settings = Campaign(
            list="", sign="ACME", template="SMS_1", endpoint=gateway.url, ledger=ledger, rate="0", workers=2
        )
        self.moments = []
        self.reported = []

    def report(self, campaign, path, came):
        self.reported.append(came.exit_code)

    def campaign(self, path, taken_at):
        self.moments.append(taken_at)
        return replace(self.settings, list=path)

    def serving(self):
        return frozenset()

    def looking_on(self, campaign):
        return nullcontext(Onlooker())

    def text(self, error, lang):
        return error.say(lang)

    def summary_text(self, summary, campaign):
        return show.summary(summary, campaign, in_folder=True)


class Heard:
    """What the watcher said, by the names of the lists."""

    def __init__(self):
        self.all = []

    def took(self, path):
        self.all.append(("took", path.name))

    def left(self, path, place, exit_code, error):
        self.all.append((place, path.name))

    def hindered(self, error):
        if error is not None:
            self.all.append(("hindered", error.key))

    def stays(self, path, came, *, again):
        self.all.append(("stays" if again else "stays for the next", path.name))


@pytest.fixture
def there(tmp_path, gateway):
    """A folder with all that a watcher needs."""

    class There:
        path = tmp_path / "drop"
        ledger = tmp_path / "ledger.db"
        clock, signals, heard, sender = Clock(), Stopper(), Heard(), Sender(gateway, tmp_path / "ledger.db")

        def watch(self):
            return Watch(
                Folder(self.path),
                self.sender,
                settle=SETTLE,
                clock=self.clock,
                signals=self.signals,
                listener=self.heard,
            )

        def drop(self, *phones, name="list.csv"):
            (self.path / name).write_text("\n".join(["phone", *phones, ""]))
            return self.path / name

        def sent(self):
            return [message["PhoneNumbers"] for message in gateway.accepted]

        def files(self, place):
            return {path.name for path in (self.path / place).iterdir() if not path.name.startswith(".")}

    there = There()
    there.path.mkdir()
    (there.path / "campaign.toml").touch()
    return there


def test_a_list_is_sent_and_leaves_with_its_result(there):
    there.drop(GOOD, BAD)
    assert there.watch().once() == 1
    assert there.sent() == ["91234567"]
    assert there.files("done") == {"list.csv", "list.result.csv", "list.csv.txt"}
    assert [row["sms_status"] for row in read_result(there.path / "done/list.result.csv")] == ["accepted", "invalid"]
    text = (there.path / "done/list.csv.txt").read_text()
    assert "1 × check." in text
    assert f"Result: {there.path / 'done/list.result.csv'}" in text
    assert there.files("work") == set()
    assert there.heard.all == [("took", "list.csv"), ("done", "list.csv")]
    assert there.sender.reported == [1]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"name\nChan\n", "No column holds phone numbers"),
        (b"phone,country\n12,HK\n13,HK\n", "check.PHONE"),
        (b"PK\x03\x04 half of a workbook", "can't be read"),
    ],
    ids=["empty", "no phones", "no good phone", "broken"],
)
def test_a_list_of_which_nothing_can_be_sent_fails_with_the_reason_beside_it(there, content, says):
    (there.path / "list.csv").write_bytes(content)
    assert there.watch().once() in (1, 2)
    assert there.files("failed") >= {"list.csv", "list.csv.txt"}
    text = (there.path / "failed/list.csv.txt").read_text()
    assert says in text
    assert str(there.path / "work") not in text, "it stands elsewhere now"
    assert there.sent() == []


def test_a_list_is_not_taken_while_it_is_written(there):
    path = there.drop(GOOD)
    there.clock.at = {4.0: lambda: there.drop(GOOD, OTHER), 8.0: lambda: there.heard.all.append("still open")}
    assert there.watch().once() == 0
    assert there.heard.all == ["still open", ("took", "list.csv"), ("done", "list.csv")]
    assert sorted(there.sent()) == ["91234567", "91234568"]
    assert not path.exists()


def test_a_list_that_somebody_goes_on_writing_to_after_it_was_taken_is_sent_when_it_is_whole(there):
    path = there.drop(GOOD)
    took = there.heard.took
    with path.open("a") as file:

        def write_on(claimed):
            took(claimed)
            file.write(f"{OTHER}\n")
            file.flush()

        there.heard.took = write_on
        assert there.watch().once() == 0
    assert sorted(there.sent()) == ["91234567", "91234568"]
    assert [row["sms_status"] for row in read_result(there.path / "done/list.result.csv")] == ["accepted"] * 2


def test_a_list_that_grows_while_it_is_checked_is_not_sent_half(there):
    there.drop(GOOD)
    campaign = there.sender.campaign

    def grown(path, taken_at):
        made = campaign(path, taken_at)
        if len(there.sender.moments) == 1:
            with path.open("a") as file:
                file.write(f"{OTHER}\n")
        return made

    there.sender.campaign = grown
    assert there.watch().once() == 0
    assert len(there.sender.moments) == 2
    assert there.sender.moments[0] == there.sender.moments[1], "it is the same run"
    assert sorted(there.sent()) == ["91234567", "91234568"]


def test_the_same_file_twice_is_sent_once(there):
    for _ in range(2):
        there.drop(GOOD)
        assert there.watch().once() == 0
    assert there.sent() == ["91234567"]
    assert there.files("done") >= {"list.csv", "list-2.csv", "list-2.result.csv"}
    assert "sent before" in (there.path / "done/list-2.csv.txt").read_text()


def test_what_was_taken_when_the_watcher_died_is_gone_on_with(there):
    path = there.drop(GOOD)
    folder = Folder(there.path)
    folder.claim(path, folder.waiting(frozenset())[path], datetime.now().astimezone())
    assert there.watch().once() == 0
    assert there.files("done") == {"list.csv", "list.result.csv", "list.csv.txt"}


def test_a_fault_of_the_folder_is_not_the_lists_fault(there):
    there.drop(GOOD)

    def broken(path, taken_at):
        raise SettingsError("no_sign")

    there.sender.campaign, whole = broken, there.sender.campaign
    assert there.watch().once() == 3, "a list is left"
    assert there.files("work") == {"list.csv", "list.csv.txt"}
    assert there.heard.all == [("took", "list.csv"), ("stays for the next", "list.csv")]
    there.sender.campaign = whole
    assert there.watch().once() == 0
    assert there.files("work") == set()


def test_a_run_that_another_process_holds_is_tried_later(there):
    there.drop(GOOD)
    there.sender.settings = replace(there.sender.settings, run="spring")
    there.ledger.parent.mkdir(exist_ok=True)
    with hold(there.ledger, "spring", datetime.now().astimezone()):
        there.clock.at = {75.0: there.signals.ask}
        watch = there.watch()
        assert watch.for_ever() == 3
        assert there.heard.all == [("took", "list.csv"), *[("stays", "list.csv")] * 2]
        assert there.sender.reported == [4], "the second time is no news"
    assert there.sent() == []
    there.signals = Stopper()
    assert there.watch().once() == 0
    assert there.sent() == ["91234567"]


def test_a_campaign_that_is_being_edited_hinders_for_a_while(there):
    there.drop(GOOD)

    def broken():
        raise SettingsError("campaign_not_toml", where="campaign.toml:3", reason="half written")

    there.sender.serving, whole = broken, there.sender.serving
    there.clock.at = {3.0: lambda: setattr(there.sender, "serving", whole), 30.0: there.signals.ask}
    assert there.watch().for_ever() == 0
    assert set(there.heard.all) == {("hindered", "campaign_not_toml"), ("took", "list.csv"), ("done", "list.csv")}


def test_a_folder_that_is_gone_hinders_and_ends_a_single_look(there):
    watch = there.watch()
    shutil.rmtree(there.path)
    assert watch.once() == 2
    assert there.heard.all == [("hindered", "folder_not_writable")]


def test_a_signal_ends_the_watching(there):
    there.clock.at = {3.0: there.signals.ask}
    there.drop(GOOD)
    assert there.watch().for_ever() == 0
    assert there.sent() == [], "it had not arrived yet"


def test_a_signal_while_the_list_is_checked_lets_nothing_out(there):
    there.drop(GOOD)
    campaign = there.sender.campaign

    def called_off(path, taken_at):
        there.signals.ask()
        return campaign(path, taken_at)

    there.sender.campaign = called_off
    assert there.watch().for_ever() == 3
    assert there.sent() == []
    assert there.heard.all == [("took", "list.csv"), ("stays for the next", "list.csv")]
    assert there.files("work") == {"list.csv", "list.csv.txt"}
    assert "came before the first message" in (there.path / "work/list.csv.txt").read_text()


def test_a_list_that_is_stopped_from_outside_fails_and_goes_on_when_it_is_dropped_in_again(there):
    there.sender.settings = replace(there.sender.settings, run="spring", rate="1/h")
    there.sender.looking_on = lambda _: nullcontext(Stopping(there.ledger))
    there.drop(GOOD, OTHER)
    assert there.watch().once() == 3
    assert there.files("failed") == {"list.csv", "list.result.csv", "list.csv.txt"}
    text = (there.path / "failed/list.csv.txt").read_text()
    assert "it was stopped by batch-sms stop" in text
    assert "Drop the list in again under the name list.csv: the run spring goes on" in text
    assert "The same command" not in text
    there.sender.settings = replace(there.sender.settings, rate="0")
    there.sender.looking_on = lambda _: nullcontext(Onlooker())
    (there.path / "failed/list.csv").rename(there.path / "list.csv")
    assert there.watch().once() == 0
    assert sorted(there.sent()) == ["91234567", "91234568"]
