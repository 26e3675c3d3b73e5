"""How the carriers of a campaign are set up: whose threads take short turns."""

from __future__ import annotations

import sys

import pytest

from batch_sms.campaign import Campaign
from batch_sms.clock import RealClock
from batch_sms.connecting import carriers_of, credentials_of
from batch_sms.machine import short_turns


@pytest.mark.parametrize(
    ("rate", "processes", "short"),
    [("0", 1, False), ("20/s", 1, True), ("0", 2, True), ("20/s", 2, True)],
)
def test_threads_take_short_turns_where_a_message_has_its_moment_or_processes_wait_for_the_dispatcher(
    rate, processes, short
):
    campaign = Campaign(list="l.csv", sandbox=True, rate=(rate,), processes=processes)
    with short_turns(wanted=True):
        short_turn = sys.getswitchinterval()
    before = sys.getswitchinterval()
    with carriers_of(campaign, credentials_of(campaign), RealClock(), 2, lambda *_, **__: None):
        assert (sys.getswitchinterval() == pytest.approx(short_turn)) is short
    assert sys.getswitchinterval() == pytest.approx(before)
