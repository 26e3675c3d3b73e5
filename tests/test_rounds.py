"""Calls that wait, sleep, wake and stop: the whole program against a sandbox, with time that skips the sleeps."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from harness import SkippingClock, read_result

from batch_sms.campaign import Campaign
from batch_sms.errors import RunHeldError
from batch_sms.ledger.lock import hold
from batch_sms.run import send
from batch_sms.sandbox import Sandbox
from batch_sms.schedule.forecast import moment_here
from batch_sms.watching import Unwatched

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)
"""A Wednesday."""
TWELVE = {
    "+85291234567": "Asia/Hong_Kong", "+6581234567": "Asia/Singapore", "+819012345678": "Asia/Tokyo",
    "+919812345678": "Asia/Kolkata", "+9779841234567": "Asia/Kathmandu", "+4915123456789": "Europe/Berlin",
    "+447400123456": "Europe/London", "+5511961234567": "America/Sao_Paulo", "+12125550123": "America/New_York",
    "+14155550123": "America/Los_Angeles", "+6857212345": "Pacific/Apia", "+16847331234": "Pacific/Pago_Pago",
}  # fmt: skip


class Listener(Unwatched):
    """Keeps what a log would tell."""

    def __init__(self):
        self.events = []
        self.settled = 0
        self.after: tuple[int, object] = (0, None)

    def moved(self, attempt=None):
        self.settled += attempt is not None
        count, then = self.after
        if attempt is not None and self.settled == count:
            then()

    def told(self, event, **facts):
        self.events.append((event, facts))

    def waits(self):
        return [facts["why"] for event, facts in self.events if event == "waiting"]


class There:
    """A list, a gateway and a clock; each call is one ``send``."""

    def __init__(self, clock: SkippingClock, sandbox: Sandbox, path: Path) -> None:
        self.clock, self.sandbox, self.path = clock, sandbox, path
        self.listener = Listener()
        self.after = (0, None)
        self.asked = 0

    def send(self, phones=None, **settings):
        rows = list(phones) if phones is not None else [f"+8529{n:07d}" for n in range(1_000_000, 1_000_010)]
        self.path.write_text("phone,name\n" + "".join(f"{phone},x{n}\n" for n, phone in enumerate(rows)))
        told = {
            "rate": "0",
            "workers": 4,
            "sign": "ACME",
            "template": "SMS_1",
            "endpoint": self.sandbox.url,
            "run": "r",
        }
        self.listener = Listener()
        self.listener.after = self.after
        return send(
            Campaign(list=self.path, **{**told, **settings}),
            confirm=self._confirm,
            watch=self.listener,
            clock=self.clock,
        )

    def _confirm(self, _):
        self.asked += 1
        return True

    def arrivals(self):
        """When the gateway accepted which phone."""
        return [(datetime.fromisoformat(message["At"]), _e164(message)) for message in self.sandbox.accepted]

    def codes(self):
        return Counter(row["sms_code"] for row in read_result(self.path.with_name("list.result.csv")))


def _e164(message):
    return next((phone for phone in TWELVE if phone.endswith(message["PhoneNumbers"])), message["PhoneNumbers"])


@pytest.fixture
def there(key: None, tmp_path: Path) -> Iterator[There]:
    clock = SkippingClock(NOON)
    with Sandbox(clock=clock.now) as sandbox:
        yield There(clock, sandbox, tmp_path / "list.csv")


class TestHours:
    def test_a_list_to_twelve_countries_goes_out_over_a_day_in_one_call(self, there):
        summary = there.send(TWELVE, hours="09:00-20:00")
        assert summary.exit_code == 0
        assert Counter(phone for _, phone in there.arrivals()) == dict.fromkeys(TWELVE, 1)
        for at, phone in there.arrivals():
            assert 9 <= at.astimezone(ZoneInfo(TWELVE[phone])).hour < 20, phone
        last, _ = there.arrivals()[-1]
        assert timedelta(hours=12) < last - NOON < timedelta(days=1)
        assert set(there.listener.waits()) == {"hours"}

    def test_those_who_may_get_it_now_get_it_now(self, there):
        there.clock.asleep = lambda until: signal.raise_signal(signal.SIGTERM) or until
        there.send(TWELVE, hours="09:00-20:00")
        assert {phone for _, phone in there.arrivals()} == {
            phone for phone, zone in TWELVE.items() if 9 <= NOON.astimezone(ZoneInfo(zone)).hour < 20
        }

    def test_days_are_the_recipients(self, there):
        there.clock.skip(timedelta(days=2, hours=8).total_seconds())  # Friday evening in London, Saturday in Apia
        there.send(TWELVE, hours="09:00-20:00", days="mon-fri")
        assert {at.astimezone(ZoneInfo(TWELVE[phone])).weekday() for at, phone in there.arrivals()} <= set(range(5))
        assert len(there.arrivals()) == 12

    @pytest.mark.parametrize(
        ("begins", "hours", "goes"),
        [
            ("2026-03-28T23:00Z", "02:30-05:00", "2026-03-29T01:00Z"),  # a day without 02:30: it is 03:00 then
            ("2026-10-24T22:00Z", "02:30-05:00", "2026-10-25T00:30Z"),  # a night with two 02:30s: the first
            ("2026-10-25T00:40Z", "02:00-02:30", "2026-10-25T01:00Z"),  # and 02:00 once more
            ("2026-03-28T22:00Z", "02:00-03:00", "2026-03-30T00:00Z"),  # an hour that is left out that day
        ],
    )
    def test_a_clock_that_is_changed_is_gone_by(self, there, begins, hours, goes):
        there.clock.be(datetime.fromisoformat(begins))
        there.send(["+4915123456789"], hours=hours)
        ((at, _),) = there.arrivals()
        assert timedelta(0) <= at - datetime.fromisoformat(goes) < timedelta(minutes=1)

    def test_nobody_else_may_send_the_run_while_it_sleeps(self, there, nobody_at_home):
        held = []

        def asleep(until):
            with pytest.raises(RunHeldError), hold(nobody_at_home / "ledger.db", "r", NOON):
                pass
            held.append(until)
            return until

        there.clock.asleep = asleep
        there.send(TWELVE, hours="09:00-20:00")
        assert held

    def test_a_machine_that_slept_too_long_sends_nothing_outside_hours(self, there):
        late = iter([timedelta(hours=20)])
        there.clock.asleep = lambda until: until + next(late, timedelta(0))
        there.send(TWELVE, hours="09:00-20:00")
        assert len(there.arrivals()) == 12
        for at, phone in there.arrivals():
            assert 9 <= at.astimezone(ZoneInfo(TWELVE[phone])).hour < 20, phone

    def test_a_phone_without_an_hour_in_common_is_held_back_and_goes_with_other_hours(self, there):
        phones = ["+85291234567", "+79161234567"]
        there.send(phones, hours="09:00-10:00")
        assert there.codes() == {"OK": 1, "skip.HOURS": 1}
        there.send(phones, hours="09:00-20:00")
        assert there.codes() == {"OK": 2}
        assert len(there.arrivals()) == 2

    def test_a_run_that_was_begun_without_hours_goes_on_with_them(self, there):
        there.send(TWELVE, limit=1)
        there.send(TWELVE, hours="09:00-20:00")
        assert Counter(phone for _, phone in there.arrivals()) == dict.fromkeys(TWELVE, 1)

    def test_it_ends_at_the_moment_when_hours_end_even_in_the_middle(self, there):
        there.after = (5, lambda: there.clock.be(NOON.replace(hour=20)))
        there.clock.asleep = lambda until: signal.raise_signal(signal.SIGTERM) or until
        there.send([f"+4474001234{n:02d}" for n in range(60)], hours="09:00-20:00", rate="10/s")
        sent = len(there.arrivals())
        assert 5 <= sent < 60
        assert max(at for at, _ in there.arrivals()) < NOON.replace(hour=20)
        assert there.codes() == {"OK": sent, "run.STOPPED": 60 - sent}, "what was called off is not in doubt"

    def test_rows_that_are_given_up_do_not_keep_it_awake(self, there, monkeypatch):
        monkeypatch.setattr("batch_sms.sending.policy.THROTTLED_TRIES", 1)
        summary = there.send(["+12025550120", "+85291234567"], hours="00:00-24:00")  # throttled for ever
        assert summary.exit_code == 3
        assert there.clock.sleeps == []


class TestWindow:
    def test_it_waits_until_it_may(self, there):
        assert there.send(not_before="18:00").exit_code == 0
        assert there.clock.sleeps == [NOON.replace(hour=18)]
        assert min(at for at, _ in there.arrivals()) >= NOON.replace(hour=18)
        assert there.listener.waits() == ["not_yet"]

    def test_it_stops_when_the_time_is_over_and_goes_on_within_the_next_one(self, there):
        there.after = (3, lambda: there.clock.be(NOON.replace(hour=18)))
        assert there.send(not_after="18:00", rate="20/s").exit_code == 3
        sent = len(there.arrivals())
        assert 3 <= sent < 10
        assert there.codes() == {"OK": sent, "run.WINDOW": 10 - sent}
        assert max(at for at, _ in there.arrivals()) < NOON.replace(hour=18)
        there.after = (0, None)
        there.clock.skip(3600)
        asked = there.asked
        summary = there.send(not_after="18:00", rate="4/s")
        assert (summary.exit_code, summary.sent_now, there.asked) == (3, 0, asked), "nothing to ask about"
        assert there.codes() == {"OK": sent, "run.WINDOW": 10 - sent}
        there.clock.skip(16 * 3600)
        assert there.send(not_after="18:00").exit_code == 0
        assert len(there.arrivals()) == 10

    @pytest.mark.parametrize(
        ("lang", "says"), [("en", "the cap 2/h is free again at 2026-01-14 "), ("zh", "上限 2/h 要到 2026-01-14 ")]
    )
    def test_a_cap_that_outlasts_the_window_is_named_and_when_it_is_free_again(self, there, lang, says):
        summary = there.send(rate=["100/h", "2/h"], not_after="12:30", lang=lang)
        said = summary.stopped_by.message
        assert (summary.exit_code, summary.stopped_by.code) == (3, "run.WINDOW")
        assert said.startswith(f"{says}{moment_here(NOON.timestamp() + 3600):%H}:")
        assert str(moment_here(NOON.timestamp() + 1800)) in said
        assert "--not-after" in said
        assert there.clock.sleeps == []
        assert there.codes() == {"OK": 2, "run.WINDOW": 8}

    def test_it_says_when_the_next_hour_comes_where_the_window_closes_before(self, there):
        summary = there.send(["+12125550123"], hours="09:00-20:00", not_after="13:00")
        assert "may be written to again at" in summary.stopped_by.message
        assert "after the window closes at" in summary.stopped_by.message
        assert "--hours" in summary.stopped_by.message

    def test_it_does_not_sleep_for_an_hour_that_comes_too_late(self, there):
        summary = there.send(TWELVE, hours="09:00-20:00", not_after="13:00")
        assert summary.exit_code == 3
        assert summary.stopped_by.code == "run.WINDOW"
        assert there.clock.sleeps == []

    def test_instants_hold_on_any_day(self, there):
        there.send(not_before="2026-01-16T09:00+08:00", not_after="2026-01-16T10:00+08:00")
        assert there.clock.sleeps == [datetime(2026, 1, 16, 1, tzinfo=UTC)]
        assert len(there.arrivals()) == 10

    def test_a_start_that_comes_too_late_is_refused(self, there):
        summary = there.send(not_before="09:00", max_age="2h")
        assert (summary.exit_code, there.asked) == (3, 0)
        assert there.codes() == {"run.LATE": 10}
        assert there.send(not_before="09:00", max_age="4h").exit_code == 0

    def test_a_machine_that_slept_past_the_planned_start_is_late_too(self, there):
        there.clock.asleep = lambda until: until + timedelta(hours=3)
        assert there.send(not_before="18:00", max_age="2h").stopped_by.code == "run.LATE"
        assert there.arrivals() == []

    def test_a_run_that_began_in_time_goes_on_however_long_it_takes(self, there):
        assert there.send(TWELVE, hours="09:00-20:00", not_before="11:00", max_age="2h").exit_code == 0


class TestCaps:
    def test_a_cap_makes_it_sleep_until_the_next_may_go(self, there):
        assert there.send(rate=["0", "4/h"]).exit_code == 0
        moments = [at for at, _ in there.arrivals()]
        assert len(moments) == 10
        for moment in moments:
            assert sum(moment - timedelta(hours=1) < other <= moment for other in moments) <= 4
        assert timedelta(hours=2) < moments[-1] - moments[0] < timedelta(hours=2, minutes=2)
        assert there.listener.waits() == ["cap", "cap"]

    def test_it_survives_a_restart_and_holds_over_all_runs(self, there):
        there.send(rate=["0", "4/h"], limit=3)
        there.clock.asleep = lambda until: signal.raise_signal(signal.SIGTERM) or until
        summary = there.send([f"+8526{n:07d}" for n in range(1_000_000, 1_000_010)], rate=["0", "4/h"], run="another")
        assert summary.sent_now == 1

    def test_the_breaker_counts_on_while_the_cap_makes_it_sleep(self, there):
        summary = there.send(["+12025550111"] * 10, rate=["0", "3/h"], breaker=8)
        assert summary.exit_code == 3
        assert 8 <= sum(there.sandbox.requests.values()) <= 9, "the third round of three was on its way"
        assert summary.by_status() == {"not_sent": 10}

    def test_with_a_window_it_stops_instead(self, there):
        summary = there.send(rate=["0", "4/h"], not_after="12:30")
        assert (summary.exit_code, summary.sent_now) == (3, 4)
        assert there.clock.sleeps == []

    def test_the_plan_says_how_long_it_will_take(self, there):
        plans = []
        there._confirm = lambda plan: plans.append(plan) or True
        there.send(rate=["0", "4/h"], limit=4)
        there.send(rate=["0", "4/h"])
        (before, after) = plans
        assert before.forecast.seconds < 60
        assert 3600 <= after.forecast.seconds < 3 * 3600, "four have gone, and six are left"


class TestRecipients:
    PHONES = ("+85291234567",) * 3 + ("+85291234568",)

    def test_what_is_over_the_limit_is_held_back_and_goes_when_it_is_within_it(self, there):
        summary = there.send(self.PHONES, per_recipient="2/7d")
        assert summary.exit_code == 0
        assert there.codes() == {"OK": 3, "skip.PER_RECIPIENT": 1}
        there.clock.skip(6 * 86400)
        there.send(self.PHONES, per_recipient="2/7d")
        assert len(there.arrivals()) == 3
        there.clock.skip(86400)
        there.send(self.PHONES, per_recipient="2/7d")
        assert there.codes() == {"OK": 4}

    def test_it_counts_over_all_runs(self, there):
        there.send(self.PHONES[:1], run="one")
        there.send([*self.PHONES], per_recipient="2/7d", run="two")
        assert there.codes() == {"skip.ALREADY_SENT": 1, "OK": 2, "skip.PER_RECIPIENT": 1}

    def test_the_plan_knows_it_before_anybody_is_asked(self, there):
        plans = []
        there._confirm = lambda plan: plans.append(plan) or True
        there.send(self.PHONES, per_recipient="2/7d")
        assert plans[0].to_send == 3
        assert plans[0].report.skipped == {"skip.PER_RECIPIENT": 1}


class TestProbe:
    def test_after_a_fault_of_the_account_one_row_goes_first(self, there):
        broke = _number_with("isv.AMOUNT_NOT_ENOUGH")
        there.send([broke], run="first")
        assert there.send(run="second").exit_code == 0
        assert ("probing", {"code": "isv.AMOUNT_NOT_ENOUGH"}) in there.listener.events
        there.send(["+85291234999"], run="third")
        assert not any(event == "probing" for event, _ in there.listener.events), "it went well: forgotten"

    def test_while_the_fault_lasts_one_row_only_is_tried(self, there):
        broke = _number_with("isv.AMOUNT_NOT_ENOUGH")
        there.send([broke], run="first")
        before = there.sandbox.requests.total()
        summary = there.send([broke] * 20, run="second", duplicates="send")
        assert summary.exit_code == 3
        assert there.sandbox.requests.total() - before == 1

    @pytest.mark.parametrize(("code", "goes_on"), [("isv.MOBILE_NUMBER_ILLEGAL", True), ("isp.SYSTEM_ERROR", False)])
    def test_only_a_clear_answer_lets_the_others_follow(self, there, code, goes_on):
        there.send([_number_with("isv.AMOUNT_NOT_ENOUGH")], run="first")
        summary = there.send([_number_with(code), "+85291234567"], run="second")
        assert (len(there.arrivals()) == 1) == goes_on
        assert (summary.exit_code == 3) != goes_on

    def test_a_stop_by_a_person_is_no_fault_of_the_account(self, there):
        there.clock.asleep = lambda until: signal.raise_signal(signal.SIGTERM) or until
        there.send(not_before="18:00")
        there.clock.asleep = lambda until: until
        there.send(not_before="18:00")
        assert not any(event == "probing" for event, _ in there.listener.events)


def _number_with(code: str) -> str:
    from batch_sms.sandbox.numbers import TEST_NUMBERS  # noqa: PLC0415

    return next(number.phone for number in TEST_NUMBERS.values() if number.code == code)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_sleep(there, name):
    there.clock.asleep = lambda until: signal.raise_signal(getattr(signal, name)) or until
    summary = there.send(not_before="18:00")
    assert summary.exit_code == 3
    assert summary.stopped_by.message == name
    assert there.codes() == {"run.STOPPED": 10}
    assert there.arrivals() == []


def test_a_second_signal_in_a_sleep_keeps_what_was_sent(there):
    def twice(until):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        return until

    there.clock.asleep = twice
    summary = there.send(rate=["0", "4/h"])
    assert (summary.exit_code, summary.sent_now) == (3, 4)
    assert there.codes() == {"OK": 4, "run.STOPPED": 6}
