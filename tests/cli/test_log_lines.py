"""What a run says of itself on standard error where no terminal is there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from batch_sms.cli.progress import Progress
from batch_sms.model import Action, Attempt, Message, Outcome, Pending, Retry, Status
from batch_sms.summary import Summary

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MESSAGE = Message("+85291234567", "91234567", "HK", "S", "T", "{}", "")
OK = (Status.ACCEPTED, Outcome(Action.OK, "OK", AT))
NO = (Status.REJECTED, Outcome(Action.ROW, "isv.X", AT))
THROTTLED = (Status.NOT_SENT, Outcome(Action.RETRY, "Throttling.User", AT, retry=Retry.SLOW))
UNREACHED = (Status.NOT_SENT, Outcome(Action.RETRY, "net.CONNECT_FAILED", AT, retry=Retry.CONNECT))


class MadeClock:
    def __init__(self):
        self.seconds = 0.0

    def now(self):
        return AT + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


@pytest.fixture(autouse=True)
def nobody_looks_on(monkeypatch):
    """The test says itself when thirty seconds are over."""
    monkeypatch.setattr(Progress, "_look_on", lambda *_: None)


@pytest.fixture
def clock():
    return MadeClock()


@pytest.fixture
def lines(capsys):
    def read():
        return capsys.readouterr().err.splitlines()

    return read


def moves(progress, clock, *attempts, every=1.0):
    """Attempts, one a second; each thirty seconds the thread that looks on would show how it stands."""
    for number, (status, outcome) in enumerate(attempts, start=2):
        clock.seconds += every
        progress.moved(Attempt(Pending(number, number, 0, MESSAGE), outcome, status))
        if clock.seconds % 30 == 0:
            progress.show()


def test_a_step_is_said_when_it_begins_and_then_each_thirty_seconds(clock, lines):
    progress = Progress("en", "spring", clock=clock)
    progress.begin("sending", 200)
    moves(progress, clock, *[OK] * 59, NO, *[OK] * 35)
    assert lines() == [
        "2026-06-01T12:00:00+00:00 spring: sending 200",
        "2026-06-01T12:00:30+00:00 spring: sending: 15%, 30 of 200, 1.0/s, 2:50 left, accepted 30",
        "2026-06-01T12:01:00+00:00 spring: sending: 30%, 60 of 200, 1.0/s, 2:20 left, accepted 59, rejected 1",
        "2026-06-01T12:01:30+00:00 spring: sending: 45%, 90 of 200, 1.0/s, 1:50 left, accepted 89, rejected 1",
    ]


def test_json_lines_have_a_time_an_event_and_numbers(clock, lines):
    progress = Progress("zh", "spring", log_format="json", clock=clock)
    progress.begin("checking", None)
    progress.end()
    progress.told("checked", run="spring-1", rows=3)
    progress.begin("sending", 60)
    moves(progress, clock, *[OK] * 30)
    got = [json.loads(line) for line in lines()]
    assert got == [
        {"time": "2026-06-01T12:00:00+00:00", "event": "checking", "list": "spring"},
        {"time": "2026-06-01T12:00:00+00:00", "event": "checked", "list": "spring", "run": "spring-1", "rows": 3},
        {"time": "2026-06-01T12:00:00+00:00", "event": "sending", "list": "spring", "run": "spring-1", "total": 60},
        {
            "time": "2026-06-01T12:00:30+00:00",
            "event": "progress",
            "list": "spring",
            "run": "spring-1",
            "step": "sending",
            "done": 30,
            "total": 60,
            "accepted": 30,
            "rate": 1.0,
        },
    ]


def test_throttling_is_said_when_it_begins_and_when_it_is_over(clock, lines):
    progress = Progress("en", "spring", log_format="json", clock=clock)
    progress.begin("sending", 60)
    moves(progress, clock, OK, THROTTLED, OK, THROTTLED, *[OK] * 9)
    assert [json.loads(line)["event"] for line in lines()] == ["sending", "throttled"]
    moves(progress, clock, OK, OK)
    assert [json.loads(line)["event"] for line in lines()] == ["going_on"]
    moves(progress, clock, UNREACHED, UNREACHED, THROTTLED)
    said = [json.loads(line) for line in lines()]
    assert [(line["event"], line["code"]) for line in said] == [
        ("no_connection", "net.CONNECT_FAILED"),
        ("throttled", "Throttling.User"),
    ]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("event", "facts"),
    [
        ("checked", {"run": "r", "rows": 1, "to_send": 1, "invalid": 0, "skipped": 0}),
        ("waiting", {"why": "lock", "run": "r", "holder": "process 7", "until": AT}),
        ("throttled", {"code": "Throttling.User"}),
        ("no_connection", {"code": "net.CONNECT_FAILED"}),
        ("going_on", {}),
    ],
)
def test_each_change_of_state_has_its_words(clock, lines, lang, event, facts):
    Progress(lang, "spring", clock=clock).told(event, **facts)
    (line,) = lines()
    assert line.startswith("2026-06-01T12:00:00+00:00 spring: ")
    assert len(line) > len("2026-06-01T12:00:00+00:00 spring: ")


def test_quiet_is_quiet(clock, lines):
    progress = Progress("en", "spring", quiet=True, log_format="json", clock=clock)
    progress.begin("sending", 60)
    moves(progress, clock, *[OK] * 30, THROTTLED)
    progress.ended(Summary("r", "spring.csv", None, None, {(Status.ACCEPTED, "OK", "HK"): 30}))
    assert lines() == []


@pytest.mark.parametrize(
    ("stopped_by", "event", "more"),
    [
        (None, "finished", {"exit_code": 0}),
        (Outcome(Action.STOP, "isv.OUT_OF_SERVICE", AT), "stopped", {"exit_code": 3, "left": 0}),
    ],
)
def test_the_end_is_said_with_what_became_of_the_rows(clock, lines, stopped_by, event, more):
    summary = Summary("r", "spring.csv", None, None, {(Status.ACCEPTED, "OK", "HK"): 30}, stopped_by=stopped_by)
    progress = Progress("en", "spring", log_format="json", clock=clock)
    progress.ended(summary)
    (line,) = [json.loads(line) for line in lines()]
    assert (line["event"], line["run"], line["accepted"], line["rejected"]) == (event, "r", 30, 0)
    assert more.items() <= line.items()


def test_no_line_holds_a_phone(clock, lines):
    progress = Progress("en", "spring", verbose=True, log_format="json", clock=clock)
    progress.begin("sending", 60)
    moves(progress, clock, OK, THROTTLED, UNREACHED, NO)
    said = lines()
    assert {"event": "attempt", "row": 2, "status": "accepted", "code": "OK"}.items() <= json.loads(said[1]).items()
    assert "91234567" not in "".join(said)
