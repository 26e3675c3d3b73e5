"""The agenda: what a run does at a moment, as a table of moments."""

from __future__ import annotations

import math
from datetime import datetime

import pytest

from batch_sms.schedule.agenda import MARGIN, Agenda, Send, Sleep, Stop, Why
from batch_sms.schedule.hours import read_hours
from batch_sms.schedule.window import Window

HK, NY, BOTH = ("Asia/Hong_Kong",), ("America/New_York",), ("Asia/Hong_Kong", "Europe/Paris")


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-01-{text}Z").timestamp()


WINDOW = Window(at("10T09:00"), at("10T18:00"), at("10T11:00"))
HOURS = read_hours(["09:00-20:00"], [])


@pytest.mark.parametrize(
    ("agenda", "now", "free_at", "step"),
    [
        (Agenda(), "10T03:00", -math.inf, Send(math.inf)),
        (Agenda(), "10T03:00", at("10T04:00"), Sleep(at("10T04:00"), Why.CAP)),
        (Agenda(WINDOW), "10T08:59", -math.inf, Sleep(at("10T09:00"), Why.NOT_YET)),
        (Agenda(WINDOW), "10T09:00", -math.inf, Send(at("10T18:00") - MARGIN)),
        (Agenda(WINDOW), "10T17:59:58", -math.inf, Send(at("10T18:00") - MARGIN)),
        (Agenda(WINDOW), "10T17:59:59", -math.inf, Stop(Why.CLOSED, at("10T18:00"))),
        (Agenda(WINDOW), "10T18:00", -math.inf, Stop(Why.CLOSED, at("10T18:00"))),
        (Agenda(WINDOW), "10T12:00", at("10T18:00"), Stop(Why.CLOSED, at("10T18:00"), Sleep(at("10T18:00"), Why.CAP))),
        (Agenda(hours=HOURS), "10T00:30", -math.inf, Send(at("10T01:00") - MARGIN, frozenset([NY]))),
        (Agenda(hours=HOURS), "10T01:00", -math.inf, Send(at("10T12:00") - MARGIN, frozenset([HK]))),
        (Agenda(hours=HOURS), "10T11:59:59", -math.inf, Sleep(at("10T14:00"), Why.HOURS)),
        (Agenda(hours=HOURS), "10T13:00", -math.inf, Sleep(at("10T14:00"), Why.HOURS)),
        (Agenda(hours=HOURS), "10T02:00", at("10T02:30"), Sleep(at("10T02:30"), Why.CAP)),
        (Agenda(Window(closes=at("10T13:30")), HOURS), "10T13:00", -math.inf,
         Stop(Why.CLOSED, at("10T13:30"), Sleep(at("10T14:00"), Why.HOURS))),
        (Agenda(Window(opens=at("10T13:00")), HOURS), "10T02:00", -math.inf, Sleep(at("10T13:00"), Why.NOT_YET)),
        (Agenda(Window(closes=at("10T11:00")), HOURS), "10T02:00", -math.inf, Send(at("10T11:00") - MARGIN, frozenset([HK]))),
    ],
)  # fmt: skip
def test_what_a_run_does_at_a_moment(agenda, now, free_at, step):
    assert agenda.next(at(now), [HK, NY], free_at) == step


def test_a_phone_in_several_zones_waits_until_all_are_within_hours():
    agenda = Agenda(hours=HOURS)
    assert agenda.next(at("10T02:00"), [BOTH]) == Sleep(at("10T08:00"), Why.HOURS)
    assert agenda.next(at("10T09:00"), [BOTH, HK]) == Send(at("10T12:00") - MARGIN, frozenset([BOTH, HK]))
    assert agenda.next(at("10T02:00"), [BOTH, HK]) == Send(at("10T08:00"), frozenset([HK])), "until the others may join"


def test_rows_that_never_have_an_hour_hold_up_no_others():
    never = ("Europe/Berlin", "Pacific/Honolulu")
    agenda = Agenda(hours=HOURS)
    assert agenda.next(at("10T02:00"), [HK, never]) == Send(at("10T12:00") - MARGIN, frozenset([HK]))
    assert agenda.next(at("10T02:00"), [never]) == Stop(Why.HOURS, math.inf)
    in_a_window = Agenda(Window(closes=at("10T11:00")), HOURS)
    assert in_a_window.next(at("10T02:00"), [never]) == Stop(Why.HOURS, math.inf)


@pytest.mark.parametrize(
    ("now", "late"), [("10T08:00", None), ("10T11:00", None), ("10T11:01", Stop(Why.LATE, at("10T11:00")))]
)
def test_a_start_may_be_too_late(now, late):
    assert Agenda(WINDOW).late(at(now)) == late
