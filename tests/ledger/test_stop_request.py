"""A request to stop a run reaches the process that holds it, and no other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from batch_sms.ledger.lock import hold
from batch_sms.ledger.stop_request import ask, ended_within, heeded

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self):
        self.passed = 0.0

    def now(self):
        return AT

    def monotonic(self):
        return self.passed

    def sleep(self, seconds):
        self.passed += seconds


def test_nobody_to_ask(tmp_path):
    assert not ask(tmp_path / "ledger.db", "spring")
    assert list(tmp_path.rglob("*.stop")) == []


def test_the_holder_hears_it_once_and_nothing_is_left_of_it(tmp_path):
    ledger, heard = tmp_path / "ledger.db", threading.Semaphore(0)
    with hold(ledger, "spring", AT) as lock, heeded(lock, heard.release):
        assert ask(ledger, "spring")
        assert ask(ledger, "spring")
        assert heard.acquire(timeout=60)
    assert not heard.acquire(blocking=False)
    assert list(tmp_path.rglob("*.stop")) == []


def test_what_was_meant_for_a_process_that_died_is_not_heeded(tmp_path):
    ledger, heard = tmp_path / "ledger.db", []
    with hold(ledger, "spring", AT) as lock:
        assert ask(ledger, "spring")
        with heeded(lock, lambda: heard.append(True)):
            assert list(tmp_path.rglob("*.stop")) == []
    assert heard == []


def test_the_wait_for_the_end_is_bounded(tmp_path):
    ledger, clock = tmp_path / "ledger.db", Clock()
    with hold(ledger, "spring", AT):
        assert not ended_within(5, ledger, "spring", clock)
    assert 5 <= clock.passed < 6
    assert ended_within(5, ledger, "spring", clock)
