"""A run is held by one process; who comes second gives up, or waits as long as it was told to."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from batch_sms.campaign import Campaign
from batch_sms.errors import RunHeldError
from batch_sms.holding import held
from batch_sms.ledger import Ledger
from batch_sms.ledger.lock import hold
from batch_sms.watching import Unwatched

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


class MadeClock:
    """Time that passes when somebody waits; ``at`` a moment (in seconds) something happens, once."""

    def __init__(self, at=0.0, happens=lambda: None):
        self.seconds, self.at, self.happens = 0.0, at, happens

    def now(self):
        return AT + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds
        if self.seconds >= self.at:
            self.happens()


class Listening(Unwatched):
    def __init__(self):
        self.heard = []

    def told(self, event, **facts):
        self.heard.append((event, facts))


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def campaign(**settings):
    return Campaign(list="list.csv", **settings)


def test_a_free_run_is_held_at_once_and_nobody_is_told(ledger):
    watch, clock = Listening(), MadeClock()
    with held(campaign(wait_lock="10m"), ledger, "spring", watch, clock) as mine:
        assert mine.name == "spring"
        with pytest.raises(RunHeldError), hold(ledger.path, "spring", AT, clock.sleep):
            pytest.fail("held twice")
    assert watch.heard == []


@pytest.mark.parametrize("settings", [{}, {"wait_lock": "0s"}])
def test_who_does_not_wait_is_told_at_once(ledger, settings):
    clock = MadeClock()
    with (
        hold(ledger.path, "spring", AT),
        pytest.raises(RunHeldError),
        held(campaign(**settings), ledger, "spring", Listening(), clock),
    ):
        pytest.fail("held twice")
    assert clock.seconds < 1


def test_who_waits_gets_the_run_when_it_is_let_go(ledger):
    watch = Listening()
    with ExitStack() as other:
        other.enter_context(hold(ledger.path, "spring", AT))
        clock = MadeClock(at=400, happens=other.close)
        with held(campaign(wait_lock="10m"), ledger, "spring", watch, clock) as mine:
            assert (mine.name, round(clock.seconds)) == ("spring", 400)
    ((event, facts),) = watch.heard
    assert (event, facts["why"], facts["until"]) == ("waiting", "lock", AT + timedelta(minutes=10))
    assert facts["holder"].startswith("process ")


def test_nobody_waits_longer_than_he_was_told_to(ledger):
    clock = MadeClock()
    with (
        hold(ledger.path, "spring", AT),
        pytest.raises(RunHeldError),
        held(campaign(wait_lock="10m"), ledger, "spring", Listening(), clock),
    ):
        pytest.fail("held twice")
    assert 600 <= clock.seconds < 602
