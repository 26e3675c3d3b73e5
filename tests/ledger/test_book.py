"""The ledger on a real disk: what goes in comes out, what may be sent may be sent once, and nothing that is known is lost."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from batch_sms.errors import LedgerError
from batch_sms.ledger import Ledger
from batch_sms.ledger.batches import BEGIN_MANY, COUNT_FREE, SETTLE_MANY
from batch_sms.ledger.schema import VERSION
from batch_sms.ledger.statements import BEGIN, CARRY_OVER
from batch_sms.model import (
    Action,
    Attempt,
    Checked,
    Further,
    Message,
    Outcome,
    Pending,
    Problem,
    Retry,
    Row,
    Settled,
    Status,
)

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
OK = Outcome(Action.OK, "OK", AT, message="OK", biz_id="9001^0", request_id="R-1", segments=2)
NO = Outcome(Action.ROW, "isv.MOBILE_NUMBER_ILLEGAL", AT, message="号码不合法", request_id="R-2")
DOUBT = Outcome(Action.IN_DOUBT, "net.READ_TIMEOUT", AT, message="read timed out")
SLOW = Outcome(Action.RETRY, "Throttling.User", AT, message="slow down", retry=Retry.SLOW)
BECAME = {Status.ACCEPTED: OK, Status.REJECTED: NO, Status.IN_DOUBT: DOUBT, Status.NOT_SENT: SLOW}

HEADERS = ("手机", "name", "note")
NAMES = ("a", "b", "c")


def ended(pending: Pending, outcome: Outcome, status: Status) -> Settled:
    return Settled.of(Attempt(pending, outcome, status))


def message(phone="+85261234567", params="{}", out_id=""):
    return Message(phone, phone[4:], "HK", "Sign", "SMS_1", params, out_id)


def sendable(number, name="a", occurrence=1):
    """A row whose identity is its name."""
    return Checked(Row(number, ("61234567", name, "")), message(), identity=name.encode(), occurrence=occurrence)


def sendables(names):
    seen = []
    for number, name in enumerate(names, 2):
        seen.append(name)
        yield sendable(number, name, seen.count(name))


def invalid(number):
    return Checked(Row(number, ("x", "", "")), None, (Problem("check.PHONE_INVALID", "手机", {"phone": "x"}),))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path):
    with Ledger(path) as ledger:
        yield ledger


def enter(ledger, rows, name="spring", fingerprint="f1", **more):
    return ledger.enter(name, "list.csv", fingerprint, HEADERS, rows, now=more.pop("now", AT), **more)


def begin(ledger, run, now=AT, limit=None):
    """Put every row that waits on its way; returns those that may go."""
    waiting = list(ledger.pending(run, limit))
    held = ledger.record(run, waiting, [], now)
    return [pending for pending in waiting if pending.id not in held]


def finish(ledger, run, status, now=AT):
    """Send every row that waits, with this end."""
    going = begin(ledger, run, now)
    ledger.record(run, [], [ended(pending, BECAME[status], status) for pending in going], now)
    return len(going)


def states(ledger, run):
    """Name and status of every row, in order."""
    return [(record.row.cells[1], record.status.value) for record in ledger.records(run)]


def became(ledger, run, names=NAMES):
    return ledger.became(run, list(sendables(names)), "send-inter-sms")


def error_of(work):
    with pytest.raises(LedgerError) as refused:
        work()
    assert str(refused.value.facts["path"]) in str(refused.value)
    return refused.value.key


class TestOpening:
    def test_the_folder_is_made(self, tmp_path):
        Ledger(tmp_path / "a" / "b" / "ledger.db").close()
        assert (tmp_path / "a" / "b" / "ledger.db").exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="file modes are another thing there")
    def test_all_its_files_are_for_their_owner_alone(self, ledger):
        enter(ledger, [sendable(2)])
        files = list(ledger.path.parent.iterdir())
        assert len(files) == 3
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_behind_a_link_it_is_for_its_owner_alone_too(self, path, tmp_path):
        link = tmp_path / "link.db"
        link.symlink_to(path)
        Ledger(link).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_commit_is_on_the_disk_before_it_returns(self, ledger):
        assert ledger._query("PRAGMA synchronous") == [(2,)]  # FULL
        assert ledger._query("PRAGMA journal_mode") == [("wal",)]
        assert ledger._query("PRAGMA user_version") == [(VERSION,)]

    def test_a_second_opening_changes_nothing(self, path):
        with Ledger(path) as ledger:
            enter(ledger, [sendable(2)])
        with Ledger(path) as ledger:
            assert ledger.run("spring").headers == HEADERS

    def test_many_may_open_a_new_one_at_once(self, tmp_path):
        faults = []

        def work(path, all_there):
            all_there.wait(60)
            try:
                Ledger(path).close()
            except LedgerError as error:
                faults.append(error)

        for turn in range(15):
            all_there = threading.Barrier(8)
            threads = [
                threading.Thread(target=work, args=(tmp_path / f"{turn}.db", all_there), daemon=True) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        assert faults == []

    def test_opening_it_twice_here_does_not_open_it_to_another_process(self, path):
        """Closing a second handle of the file would drop this process's locks; then another one deletes the log in use."""
        visit = "import sys, pathlib; from batch_sms.ledger import Ledger; Ledger(pathlib.Path(sys.argv[1])).close()"
        with Ledger(path) as ledger:
            Ledger(path).close()
            enter(ledger, [sendable(2)], "spring")
            subprocess.run([sys.executable, "-c", visit, str(path)], check=True, timeout=60)
            enter(ledger, [sendable(2)], "summer")
            with closing(sqlite3.connect(path)) as other:
                assert other.execute("SELECT name FROM run ORDER BY id").fetchall() == [("spring",), ("summer",)]

    def test_a_newer_one_is_refused_and_left_as_it_is(self, path):
        Ledger(path).close()
        with closing(sqlite3.connect(path)) as other:
            other.execute(f"PRAGMA user_version = {VERSION + 1}")
        assert error_of(lambda: Ledger(path)) == "ledger_newer"
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)

    def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_is(self, path):
        text = "phone,name\n61234567,a\n" * 100
        path.write_text(text)
        assert error_of(lambda: Ledger(path)) == "ledger_not_opened"
        assert path.read_text() == text

    def test_a_folder_in_its_place_is_refused(self, tmp_path):
        assert error_of(lambda: Ledger(tmp_path)) == "ledger_not_opened"

    def test_a_file_in_the_folders_place_is_refused(self, tmp_path):
        (tmp_path / "file").write_text("")
        assert error_of(lambda: Ledger(tmp_path / "file" / "ledger.db")) == "ledger_not_opened"

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_can_not_be_written_is_refused(self, tmp_path):
        folder = tmp_path / "closed"
        folder.mkdir(mode=0o500)
        assert error_of(lambda: Ledger(folder / "ledger.db")) == "ledger_not_opened"

    def test_a_disk_that_can_not_be_written_is_refused(self, path, monkeypatch):
        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        assert error_of(lambda: Ledger(path)) == "ledger_not_opened"


class TestRoundTrip:
    TEXTS = (
        "小明 😀",
        'it\'s "quoted"',
        "two\nlines\r\n\tand a NUL \0",
        "",
        "  ",
        "=1+1",
        "; DROP TABLE row; --",
        "\u202e\u00e9",
    )

    def test_every_kind_of_row_comes_back_as_it_went_in(self, ledger):
        problems = (Problem("check.PHONE_INVALID", "手机", {"phone": "x'\n"}), Problem("check.SIGN_MISSING"))
        rows = [
            *(Checked(Row(n, ("1", text, text)), message(params=text), (), "", b"%d" % n, 1)
              for n, text in enumerate(self.TEXTS, 2)),
            Checked(Row(20, ("x", "", "")), None, problems),
            sendable(21, "held")._replace(skip="skip.OPTED_OUT"),
            Checked(Row(22, ("1", "", "")), message(out_id="out-1"), identity=b"22", occurrence=1),
        ]  # fmt: skip
        run = enter(ledger, iter(rows), "春季 'x'")
        records = list(ledger.records(run))
        assert [record.row for record in records] == [row.row for row in rows]
        assert [record.status.value for record in records] == ["not_sent"] * len(self.TEXTS) + [
            *("invalid", "skipped", "not_sent")
        ]
        assert records[len(self.TEXTS)].problems == problems
        assert records[len(self.TEXTS)].code == "check.PHONE_INVALID"
        assert records[-2].code == "skip.OPTED_OUT"
        assert [pending.message.params for pending in ledger.pending(run)] == [*self.TEXTS, "{}"]
        out_ids = [pending.message.out_id for pending in ledger.pending(run)]
        assert out_ids[-1] == "out-1"
        assert len(set(out_ids)) == len(out_ids)

    def test_the_run_comes_back_too(self, ledger):
        run = enter(ledger, [sendable(2)], again=True)
        assert ledger.run("spring") == run
        assert (run.name, run.again, run.list_name, run.fingerprint) == ("spring", True, "list.csv", "f1")
        assert (run.headers, run.created_at) == (HEADERS, AT)
        assert ledger.run("summer") is None

    @pytest.mark.parametrize(
        ("status", "code", "biz_id", "said"),
        [
            (Status.ACCEPTED, "OK", "9001^0", "OK"),
            (Status.REJECTED, "isv.MOBILE_NUMBER_ILLEGAL", "", "号码不合法"),
            (Status.IN_DOUBT, "net.READ_TIMEOUT", "", "read timed out"),
            (Status.NOT_SENT, "Throttling.User", "", "slow down"),
        ],
    )
    def test_an_outcome_comes_back_as_it_was_said(self, ledger, status, code, biz_id, said):
        run = enter(ledger, [sendable(2)])
        assert finish(ledger, run, status, AT + timedelta(seconds=1.5)) == 1
        (record,) = ledger.records(run)
        assert (record.status, record.code, record.biz_id, record.message) == (status, code, biz_id, said)
        assert (record.attempts, record.sent_at) == (1, AT + timedelta(seconds=1.5))
        assert (record.phone, record.country) == ("+85261234567", "HK")
        assert (len(list(ledger.pending(run))) == 1) == (status is Status.NOT_SENT)

    def test_attempts_are_counted(self, ledger):
        run = enter(ledger, [sendable(2)])
        for attempts in range(3):
            assert [pending.attempts for pending in ledger.pending(run)] == [attempts]
            finish(ledger, run, Status.NOT_SENT)

    def test_rows_are_counted_by_status_code_and_country(self, ledger):
        run = enter(ledger, [sendable(2, "a"), sendable(3, "b"), invalid(4), sendable(5, "c")._replace(skip="skip.X")])
        first, second = ledger.pending(run)
        ledger.record(run, [first, second], [], AT)
        ledger.record(run, [], [ended(first, OK, Status.ACCEPTED)], AT)
        assert ledger.counts(run) == {
            (Status.ACCEPTED, "OK", "HK"): 1,
            (Status.IN_DOUBT, "run.CRASHED", "HK"): 1,
            (Status.INVALID, "check.PHONE_INVALID", ""): 1,
            (Status.SKIPPED, "skip.X", "HK"): 1,
        }

    def test_rows_are_counted_with_what_is_kept_elsewhere_for_them(self, ledger):
        run = enter(ledger, [sendable(2, "a"), sendable(3, "b"), invalid(4)])
        first, second = ledger.pending(run)
        ledger.record(run, [first, second], [], AT)
        kept = {end.id: end for end in (ended(first, OK, Status.ACCEPTED), ended(second, NO, Status.REJECTED))}
        assert ledger.counts(run, kept | {99: kept[first.id]}) == {
            (Status.ACCEPTED, "OK", "HK"): 1,
            (Status.REJECTED, "isv.MOBILE_NUMBER_ILLEGAL", "HK"): 1,
            (Status.INVALID, "check.PHONE_INVALID", ""): 1,
        }
        counted = Counter((record.status, record.code, record.country) for record in ledger.records(run, kept))
        assert ledger.counts(run, kept) == counted

    def test_why_rows_are_left_is_told_of_those_alone(self, ledger):
        run = enter(ledger, sendables("abc"))
        first, second, _ = ledger.pending(run)
        ledger.record(run, [first, second], [], AT)
        ledger.record(run, [], [ended(first, OK, Status.ACCEPTED), ended(second, SLOW, Status.NOT_SENT)], AT)
        assert [record.code for record in ledger.records(run)] == ["OK", "Throttling.User", "run.STOPPED"]
        ledger.leave(run, "run.LIMIT", "only one")
        assert [(record.code, record.message) for record in ledger.records(run)] == [
            *(("OK", "OK"), ("Throttling.User", "slow down"), ("run.LIMIT", "only one"))
        ]

    def test_a_long_list_leaves_no_long_log_behind(self, ledger, path):
        log, largest = path.with_name("ledger.db-wal"), 1 << 22
        run = enter(ledger, (sendable(n, f"{n}{'x' * 2000}") for n in range(3000)))
        assert log.stat().st_size > largest
        begin(ledger, run, limit=1)
        assert log.stat().st_size == largest

    def test_a_list_longer_than_a_page_comes_back_whole_and_in_order(self, ledger):
        run = enter(ledger, (sendable(n, str(n)) for n in range(2, 2503)))
        assert [record.row.number for record in ledger.records(run)] == list(range(2, 2503))
        numbers = []
        for pending in ledger.pending(run):  # read on while they are written
            ledger._db.execute("UPDATE row SET state = 'sending' WHERE id = ?", (pending.id,))
            numbers.append(pending.row)
        assert numbers == list(range(2, 2503))

    def test_an_entering_that_breaks_off_leaves_nothing(self, ledger):
        def broken():
            yield sendable(2)
            raise ValueError("ours")

        with pytest.raises(ValueError, match="ours"):
            enter(ledger, broken())
        assert ledger.run("spring") is None
        assert ledger._query("SELECT count(*) FROM row") == [(0,)]

    def test_repetitions_of_a_run_are_found(self, ledger):
        assert ledger.latest_of("spring") == (None, "spring")
        enter(ledger, [sendable(2)], "spring")
        enter(ledger, [sendable(2)], "spring-2", again=True)
        latest, free = ledger.latest_of("spring")
        assert (latest.name, latest.again, free) == ("spring-2", True, "spring-3")


class TestTheWayOfARow:
    def test_an_intent_is_known_to_others_before_a_message_may_go(self, ledger, path):
        run = enter(ledger, sendables("ab"))
        first, _ = ledger.pending(run)
        assert ledger.record(run, [first], [], AT) == frozenset()
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT state, attempts FROM row ORDER BY id").fetchall() == [
                *(("sending", 1), ("pending", 0))
            ]

    def test_a_row_that_does_not_wait_any_more_is_held_back(self, ledger):
        run = enter(ledger, sendables("abcd"))
        a, b, c, d = ledger.pending(run)
        ends = [ended(b, OK, Status.ACCEPTED), ended(c, NO, Status.REJECTED), ended(d, DOUBT, Status.IN_DOUBT)]
        ledger.record(run, [a, b, c, d], [], AT)
        ledger.record(run, [], ends, AT)
        assert ledger.record(run, [a, b, c, d], [], AT) == {a.id, b.id, c.id, d.id}
        assert states(ledger, run) == [("a", "in_doubt"), ("b", "accepted"), ("c", "rejected"), ("d", "in_doubt")]
        assert [record.attempts for record in ledger.records(run)] == [1, 1, 1, 1]

    def test_an_outcome_and_the_next_try_of_the_same_row_may_share_a_commit(self, ledger):
        run = enter(ledger, [sendable(2)])
        (first,) = begin(ledger, run)
        assert ledger.record(run, [first], [ended(first, SLOW, Status.NOT_SENT)], AT) == frozenset()
        assert ledger._query("SELECT state, attempts FROM row") == [("sending", 2)]

    def test_a_hundred_outcomes_and_a_hundred_intents_are_one_commit(self, ledger):
        run = enter(ledger, sendables([str(n) for n in range(200)]))
        waiting = list(ledger.pending(run))
        ledger.record(run, waiting[:100], [], AT)
        said = []
        ledger._db.set_trace_callback(said.append)
        ledger.record(run, waiting[100:], [ended(pending, OK, Status.ACCEPTED) for pending in waiting[:100]], AT)
        ledger._db.set_trace_callback(None)
        assert (said[0], said[-1]) == ("BEGIN IMMEDIATE", "COMMIT")
        assert [sql.split()[0] for sql in said[1:-1]] == ["UPDATE"] * (1 + 2 + 1) + ["SELECT", "UPDATE", "UPDATE"]

    def test_of_two_outcomes_of_a_row_in_one_commit_the_last_counts(self, ledger):
        """The breaker takes back a refusal that was not recorded yet."""
        run = enter(ledger, sendables([str(n) for n in range(70)]))
        going = begin(ledger, run)
        refused = [ended(pending, NO, Status.REJECTED) for pending in going]
        ledger.record(run, [], [*refused, *(replace(end, status=Status.NOT_SENT) for end in refused[:40])], AT)
        assert ledger._query("SELECT state, attempts, count(*) FROM row GROUP BY 1, 2 ORDER BY 1") == [
            ("pending", 1, 40),
            ("rejected", 1, 30),
        ]

    def test_what_was_on_its_way_in_a_crash_is_in_doubt(self, path):
        with Ledger(path) as ledger:
            run = enter(ledger, sendables("abc"))
            first, second, _ = ledger.pending(run)
            ledger.record(run, [first, second], [], AT)
            ledger.record(run, [], [ended(first, OK, Status.ACCEPTED)], AT)
        with Ledger(path) as ledger:
            run = ledger.run("spring")
            assert [record.code for record in ledger.records(run)] == ["OK", "run.CRASHED", "run.STOPPED"]
            assert ledger.recover(run) == 1
            assert ledger.recover(run) == 0
            assert states(ledger, run) == [("a", "accepted"), ("b", "in_doubt"), ("c", "not_sent")]
            assert [record.code for record in ledger.records(run)] == ["OK", "run.CRASHED", "run.STOPPED"]
            assert [pending.row for pending in ledger.pending(run)] == [4]

    def test_a_crash_of_one_run_is_no_doubt_about_another(self, ledger):
        spring = enter(ledger, [sendable(2, "a")], "spring")
        summer = enter(ledger, [sendable(2, "b")], "summer")
        begin(ledger, spring)
        assert ledger.recover(summer) == 0

    @pytest.mark.parametrize("status", [Status.REJECTED, Status.IN_DOUBT])
    def test_the_rejected_or_the_doubtful_can_be_sent_anew(self, ledger, status):
        run = enter(ledger, sendables("abc"))
        for pending, end in zip(begin(ledger, run), (Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT), strict=True):
            ledger.record(run, [], [ended(pending, BECAME[end], end)], AT)
        assert ledger.count_waiting(run, None, [status]) == 1
        assert ledger.reopen(run, status) == 1
        assert [pending.attempts for pending in ledger.pending(run)] == [1]
        assert finish(ledger, run, Status.ACCEPTED) == 1
        assert ledger.count_waiting(run, None, [Status.ACCEPTED]) == 2

    @pytest.mark.parametrize(
        ("limit", "rows"), [(1, [3]), (2, [3, 5]), (3, [3, 5, 6]), (4, [3, 5, 6]), (None, [3, 5, 6])]
    )
    def test_a_limit_counts_sendable_rows_alone(self, ledger, limit, rows):
        skipped = sendable(4, "s")._replace(skip="skip.DUPLICATE")
        run = enter(ledger, [invalid(2), sendable(3, "a"), skipped, sendable(5, "b"), sendable(6, "c")])
        assert [pending.row for pending in ledger.pending(run, limit)] == rows
        assert ledger.count_waiting(run, limit, [Status.NOT_SENT]) == len(rows)

    def test_a_limit_counts_what_was_sent_before(self, ledger):
        run = enter(ledger, sendables("abcd"))
        assert len(begin(ledger, run, limit=2)) == 2
        assert list(ledger.pending(run, 2)) == []
        assert [pending.row for pending in ledger.pending(run, 3)] == [4]


class TestACorrectedList:
    """Design, section 3.4: under the same run only what was not accepted before is sent."""

    @pytest.mark.parametrize(
        ("before", "after", "kept"),
        [
            ("abc", "abc", "abc"),
            ("abc", "cab", "abc"),
            ("abc", "abcd", "abc"),
            ("abc", "ab", "ab"),
            ("abc", "xyz", ""),
            ("aab", "aab", "aab"),
            ("a", "aa", "a"),
            ("aa", "a", "a"),
            ("ab", "aabb", "ab"),
        ],
    )
    @pytest.mark.parametrize("status", [Status.ACCEPTED, Status.REJECTED, Status.IN_DOUBT])
    def test_what_became_of_equal_messages_is_carried_over(self, ledger, before, after, kept, status):
        finish(ledger, enter(ledger, sendables(before)), status)
        run = enter(ledger, sendables(after), fingerprint="f2")
        assert sorted(name for name, state in states(ledger, run) if state == status.value) == sorted(kept)
        assert finish(ledger, run, Status.ACCEPTED) == len(after) - len(kept)

    def test_all_that_is_known_of_a_row_goes_with_it(self, ledger):
        old = enter(ledger, sendables("ab"))
        finish(ledger, old, Status.ACCEPTED)
        (known, _) = ledger.records(old)
        run = enter(ledger, sendables("xa"), fingerprint="f2")
        (_, carried) = ledger.records(run)
        assert carried == replace(known, row=Row(3, ("61234567", "a", "")))
        assert (ledger.run("spring").fingerprint, ledger.run("spring").id) == ("f2", old.id)

    def test_segments_are_known_of_runs_whose_gateway_counts_them(self, ledger):
        run = enter(ledger, sendables("ab"))
        assert ledger.further(run) == frozenset()
        first, second = ledger.pending(run)
        kept = Settled.of(Attempt(second, OK, Status.ACCEPTED))
        assert ledger.further(run, {second.id: kept}) == {Further.SEGMENTS}
        ledger.record(run, [first, second], [], AT)
        ledger.record(run, [], [ended(first, OK, Status.ACCEPTED), ended(second, NO, Status.REJECTED)], AT)
        assert ledger.further(run) == {Further.SEGMENTS}
        assert [record.segments for record in ledger.records(run)] == [2, 0]
        assert [record.segments for record in ledger.records(run, {second.id: kept})] == [2, 2]

    def test_what_was_left_is_sent(self, ledger):
        run = enter(ledger, sendables("abc"))
        a, b, _ = ledger.pending(run)
        ledger.record(run, [a, b], [], AT)
        ledger.record(run, [], [ended(a, OK, Status.ACCEPTED), ended(b, SLOW, Status.NOT_SENT)], AT)
        run = enter(ledger, sendables("cba"), fingerprint="f2")
        assert [pending.row for pending in ledger.pending(run)] == [2, 3]

    def test_the_same_message_a_second_time_in_the_list_is_another_message(self, ledger):
        run = enter(ledger, sendables("aa"))
        first, _ = ledger.pending(run)
        ledger.record(run, [first], [], AT)
        ledger.record(run, [], [ended(first, OK, Status.ACCEPTED)], AT)
        run = enter(ledger, sendables("aa"), fingerprint="f2")
        assert states(ledger, run) == [("a", "accepted"), ("a", "not_sent")]

    def test_a_row_that_is_now_held_back_keeps_what_became_of_it(self, ledger):
        finish(ledger, enter(ledger, sendables("a")), Status.ACCEPTED)
        run = enter(ledger, [sendable(2, "a")._replace(skip="skip.OPTED_OUT")], fingerprint="f2")
        assert states(ledger, run) == [("a", "accepted")]

    def test_a_row_that_was_gone_from_one_list_and_is_back_in_the_next_is_not_sent_again(self, ledger):
        finish(ledger, enter(ledger, sendables("ab")), Status.ACCEPTED)
        run = enter(ledger, sendables("a"), fingerprint="f2")
        assert set(became(ledger, run)) == {(b"a", 1), (b"b", 1)}
        run = enter(ledger, sendables("ab"), fingerprint="f1")
        assert states(ledger, run) == [("a", "accepted"), ("b", "accepted")]
        assert list(ledger.pending(run)) == []

    def test_of_several_lists_the_latest_word_holds(self, ledger):
        finish(ledger, enter(ledger, sendables("ab")), Status.IN_DOUBT)
        run = enter(ledger, sendables("abc"), fingerprint="f2")
        ledger.reopen(run, Status.IN_DOUBT)
        finish(ledger, run, Status.REJECTED)
        assert became(ledger, run) == dict.fromkeys([(b"a", 1), (b"b", 1), (b"c", 1)], Status.REJECTED)
        run = enter(ledger, sendables("ab"), fingerprint="f3")
        assert states(ledger, run) == [("a", "rejected"), ("b", "rejected")]

    def test_another_run_carries_nothing_over(self, ledger):
        finish(ledger, enter(ledger, sendables("ab"), "spring"), Status.ACCEPTED)
        run = enter(ledger, sendables("ab"), "summer")
        assert states(ledger, run) == [("a", "not_sent"), ("b", "not_sent")]


class TestOtherRuns:
    LATER = AT + timedelta(hours=12)

    @pytest.mark.parametrize(
        ("status", "now", "held"),
        [
            (Status.ACCEPTED, AT, True),
            (Status.ACCEPTED, LATER, True),
            (Status.ACCEPTED, LATER + timedelta(seconds=1), False),
            (Status.IN_DOUBT, LATER, True),
            (Status.IN_DOUBT, LATER + timedelta(seconds=1), False),
            (Status.REJECTED, AT, False),
            (Status.NOT_SENT, AT, False),
        ],
    )
    def test_what_another_run_sent_within_twelve_hours_is_held_back(self, ledger, status, now, held):
        finish(ledger, enter(ledger, sendables("a"), "spring"), status)
        assert ledger.sent_elsewhere([b"a", b"b"], "summer", now) == ({b"a"} if held else frozenset())
        assert ledger.sent_elsewhere([b"a", b"b"], "spring", now) == frozenset()
        summer = enter(ledger, sendables("ab"), "summer", now=now)
        assert len(begin(ledger, summer, now)) == (1 if held else 2)

    def test_what_another_run_has_on_its_way_counts_as_sent(self, ledger):
        begin(ledger, enter(ledger, sendables("a"), "spring"))
        assert ledger.sent_elsewhere([b"a"], "summer", AT) == {b"a"}

    def test_of_two_runs_in_a_race_one_sends(self, path):
        with Ledger(path) as one, Ledger(path) as two:
            spring, summer = enter(one, sendables("ab"), "spring"), enter(two, sendables("bc"), "summer")
            waiting_here, waiting_there = list(one.pending(spring)), list(two.pending(summer))
            assert one.record(spring, waiting_here, [], AT) == frozenset()
            assert two.record(summer, waiting_there, [], AT) == {waiting_there[0].id}
            assert states(two, summer) == [("b", "skipped"), ("c", "in_doubt")]
            assert [record.code for record in two.records(summer)] == ["skip.ALREADY_SENT", "run.CRASHED"]
            assert [record.attempts for record in two.records(summer)] == [0, 1]

    @pytest.mark.parametrize(("text", "state"), [("Hi", "skipped"), ("Ho", "in_doubt")])
    def test_of_two_apis_in_a_race_one_sends_a_text(self, path, text, state):
        by_template = sendable(2)._replace(message=message(params='{"intlmsg":"Hi"}'))
        plain = replace(message(params=f'{{"message":"{text}"}}'), template="")
        by_text = sendable(2, "b")._replace(message=plain)
        with Ledger(path) as one, Ledger(path) as two:
            spring = enter(one, [by_template], "spring")
            summer = enter(two, [by_text], "summer", api="send-message-to-globe")
            waiting_here, waiting_there = list(one.pending(spring)), list(two.pending(summer))
            assert one.record(spring, waiting_here, [], AT) == frozenset()
            two.record(summer, waiting_there, [], AT)
            assert states(two, summer) == [("b", state)]
            one.record(spring, [], [ended(waiting_here[0], NO, Status.REJECTED)], AT)
            assert two.reopen_unsent_elsewhere(summer) == (state == "skipped")

    def test_a_run_that_was_asked_for_again_sends_in_spite_of_it(self, ledger):
        finish(ledger, enter(ledger, sendables("a"), "spring"), Status.ACCEPTED)
        again = enter(ledger, sendables("a"), "spring-2", again=True)
        assert len(begin(ledger, again)) == 1

    def test_a_run_is_no_hindrance_to_itself(self, ledger):
        run = enter(ledger, sendables("aa"))
        assert finish(ledger, run, Status.IN_DOUBT) == 2
        ledger.reopen(run, Status.IN_DOUBT)
        assert finish(ledger, run, Status.ACCEPTED) == 2

    def test_many_identities_are_looked_up(self, ledger):
        names = [str(n) for n in range(1700)]
        finish(ledger, enter(ledger, sendables(names), "spring"), Status.ACCEPTED)
        looked_up = [*names, "other"]
        assert ledger.sent_elsewhere([name.encode() for name in looked_up], "summer", AT) == {
            name.encode() for name in names
        }
        assert set(became(ledger, ledger.run("spring"), looked_up)) == {(name.encode(), 1) for name in names}

    def test_messages_that_nobody_asks_for_are_not_looked_up(self, ledger):
        run = enter(ledger, sendables("ab"), "spring")
        finish(ledger, run, Status.ACCEPTED)
        assert became(ledger, run, "b") == {(b"b", 1): Status.ACCEPTED}

    def test_two_who_write_at_once_wait_for_each_other(self, path):
        faults, sent, all_there = [], [], threading.Barrier(4)

        def work(name):
            try:
                with Ledger(path) as ledger:
                    run = enter(ledger, sendables([str(n) for n in range(25)]), name)
                    all_there.wait(60)
                    for pending in list(ledger.pending(run)):
                        if not ledger.record(run, [pending], [], AT):
                            ledger.record(run, [], [ended(pending, OK, Status.ACCEPTED)], AT)
                            sent.append(pending.row)
            except BaseException as error:  # noqa: BLE001 (a thread's fault must reach the test)
                faults.append(error)
                all_there.abort()

        threads = [threading.Thread(target=work, args=(f"run {n}",), daemon=True) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert faults == []
        assert sorted(sent) == list(range(2, 27))


class TestSpeed:
    """A ledger may know millions of rows: a look-up must never read them all."""

    def plan(self, ledger, sql, values=()):
        return [detail for *_, detail in ledger._query(f"EXPLAIN QUERY PLAN {sql}", values)]

    @pytest.mark.parametrize("sql", [BEGIN, BEGIN_MANY, COUNT_FREE])
    def test_the_look_up_in_an_intent_uses_its_index(self, ledger, sql):
        run = {"run_id": 1, "list_name": "list.csv", "api": "send-sms"}
        plan = self.plan(ledger, sql, {"id": 1, "ids": "[1]", "now": 1.0, "since": 0.0, **run})
        assert "SEARCH other USING INDEX row_tried (identity=?)" in plan
        assert "SEARCH other USING INDEX row_of_phone (phone=?)" in plan
        assert not any(step.startswith("SCAN") and "json_each" not in step for step in plan)

    @pytest.mark.parametrize("size", SETTLE_MANY)
    def test_an_outcome_finds_its_row_by_its_id(self, ledger, size):
        plan = self.plan(ledger, SETTLE_MANY[size], [None] * (8 * size))
        assert "SEARCH row USING INTEGER PRIMARY KEY (rowid=?)" in plan
        assert "SCAN row" not in plan

    def test_the_look_up_of_a_whole_list_uses_its_index(self, ledger):
        said = []
        ledger._db.set_trace_callback(said.append)
        ledger.sent_elsewhere([b"a", b"b"], "spring", AT)
        ledger._db.set_trace_callback(None)
        plan = self.plan(ledger, said[0])
        assert "SEARCH row USING INDEX row_tried (identity=?)" in plan
        assert not any(step.startswith("SCAN") for step in plan)

    def test_carrying_over_looks_each_row_up_by_its_index(self, ledger):
        plan = self.plan(ledger, CARRY_OVER, {"run_id": 1, "new": 2, "api": "send-sms"})
        assert "SEARCH tried USING INDEX row_tried (identity=?)" in plan
        assert "SEARCH other USING INDEX row_of_phone (phone=?)" in plan
        assert "SEARCH old USING INTEGER PRIMARY KEY (rowid=?)" in plan
        assert not any(step.startswith("SCAN") and "subquery" not in step for step in plan), plan


class TestFaults:
    def test_a_closed_ledger_says_so_at_every_call(self, path):
        ledger = Ledger(path)
        run = enter(ledger, sendables("a"))
        waiting = list(ledger.pending(run))
        ledger.close()
        reads = [
            lambda: ledger.run("spring"),
            lambda: ledger.latest_of("spring"),
            lambda: ledger.sent_elsewhere([b"a"], "spring", AT),
            lambda: ledger.count_waiting(run, 1, [Status.NOT_SENT]),
            lambda: became(ledger, run),
            lambda: list(ledger.pending(run)),
            lambda: ledger.counts(run),
            lambda: list(ledger.records(run)),
        ]
        writes = [
            lambda: enter(ledger, sendables("a")),
            lambda: ledger.recover(run),
            lambda: ledger.reopen(run, Status.REJECTED),
            lambda: ledger.leave(run, "run.STOPPED", ""),
            lambda: ledger.record(run, waiting, [], AT),
        ]
        assert {error_of(read) for read in reads} == {"ledger_not_read"}
        assert {error_of(write) for write in writes} == {"ledger_not_written"}

    def test_a_full_disk_is_told_and_leaves_the_ledger_as_it_was(self, ledger):
        run = enter(ledger, sendables("ab"))
        waiting = list(ledger.pending(run))
        (pages,) = ledger._db.execute("PRAGMA page_count").fetchone()
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        long = replace(OK, message="x" * 100_000)
        ledger.record(run, waiting[:1], [], AT)
        key = error_of(lambda: ledger.record(run, waiting[1:], [ended(waiting[0], long, Status.ACCEPTED)], AT))
        assert key == "ledger_not_written"
        assert ledger._query("SELECT state FROM row ORDER BY id") == [("sending",), ("pending",)]
        ledger._db.execute("PRAGMA max_page_count = 1000000")
        ledger.record(run, waiting[1:], [ended(waiting[0], OK, Status.ACCEPTED)], AT)
        assert ledger._query("SELECT state FROM row ORDER BY id") == [("accepted",), ("sending",)]

    @pytest.mark.parametrize("fault", [sqlite3.OperationalError("disk I/O error"), KeyboardInterrupt()])
    def test_a_commit_that_fails_leaves_no_transaction_open(self, ledger, fault):
        """Else the next write would fail too, and what became of the rows on their way could not be noted."""
        run = enter(ledger, sendables("a"))
        (waiting,) = ledger.pending(run)
        real = ledger._db

        class Failing:
            rollback = staticmethod(real.rollback)
            executemany = staticmethod(real.executemany)

            def execute(self, sql, *values):
                if sql == "COMMIT":
                    raise fault
                return real.execute(sql, *values)

        ledger._db = Failing()
        with pytest.raises((LedgerError, KeyboardInterrupt)):
            ledger.record(run, [waiting], [], AT)
        ledger._db = real
        assert not real.in_transaction
        assert [pending.id for pending in ledger.pending(run)] == [waiting.id]
        assert ledger.record(run, [waiting], [], AT) == frozenset()

    def test_another_program_that_keeps_the_ledger_is_an_error_in_plain_words(self, ledger, path):
        run = enter(ledger, sendables("a"))
        (waiting,) = ledger.pending(run)
        ledger._db.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert error_of(lambda: ledger.record(run, [waiting], [], AT)) == "ledger_not_written"
            other.execute("ROLLBACK")
        assert ledger.record(run, [waiting], [], AT) == frozenset()
