"""Asking with patience, and the gateway's call of any action."""

from __future__ import annotations

from datetime import timedelta

import pytest
from loopback_peers import KEY, NOON, MadeClock, answer, hang

from batch_sms.clock import RealClock
from batch_sms.gateway.answers import Answer, Unanswered
from batch_sms.gateway.asking import ask
from batch_sms.gateway.queries import Refusal, destinations, send_details
from batch_sms.model import Retry
from batch_sms.sandbox import Sandbox

SLOW = Answer(400, b'{"Code":"Throttling.User","Message":"slow"}')
SLOW_FOR_7 = Answer(429, b'{"Code":"Throttling.User","Message":"slow"}', 7.0)
LATE = Answer(400, b'{"Code":"InvalidTimeStamp.Expired","Message":"late"}')
NO = Answer(404, b'{"Code":"InvalidAction.NotFound","Message":"no"}')
LOST = Unanswered("net.CONNECTION_LOST", "reset")
GOOD = Answer(200, b'{"Code":"OK","IsoSupportDTOs":[]}')


class Script:
    """Gives these answers in turn; and a clock that notes how long it was to sleep."""

    def __init__(self, *answers):
        self.answers, self.waits = list(answers), []

    def call(self, action, version, parameters):
        return self.answers.pop(0)

    def sleep(self, seconds):
        self.waits.append(seconds)


@pytest.mark.parametrize(
    ("answers", "said", "waits"),
    [
        ([GOOD], (), []),
        ([SLOW, GOOD], (), [0.5]),
        ([SLOW, SLOW, SLOW, GOOD], (), [0.5, 1.0, 2.0]),
        ([SLOW_FOR_7, SLOW, GOOD], (), [7.0, 1.0]),
        ([LOST, LOST, GOOD], (), [0.5, 1.0]),
        ([LATE, GOOD], (), []),
        ([NO], "InvalidAction.NotFound", []),
        ([LOST, NO], "InvalidAction.NotFound", [0.5]),
        ([SLOW, SLOW, SLOW, SLOW], "Throttling.User", [0.5, 1.0, 2.0]),
        ([LOST, LOST, LOST, LOST], "net.CONNECTION_LOST", [0.5, 1.0, 2.0]),
        ([LATE, LATE, LATE, LATE], "InvalidTimeStamp.Expired", []),
    ],
)
def test_patience(answers, said, waits):
    script = Script(*answers)
    found = ask(script, destinations(), script)
    assert (found.code if isinstance(found, Refusal) else found) == said
    assert (script.waits, script.answers) == (waits, [])


def test_what_is_called_off_is_not_asked_again():
    script = Script(LOST, GOOD)
    assert ask(script, destinations(), script, called_off=lambda: True).code == "net.CONNECTION_LOST"
    assert (script.waits, script.answers) == ([], [GOOD])


def test_one_try():
    script = Script(SLOW)
    assert ask(script, destinations(), script, tries=1).retry is Retry.SLOW


@pytest.mark.parametrize("signature", ["v3", "v1"])
def test_a_query_is_signed_like_a_message(open_gateway, signature):
    with Sandbox() as sandbox:
        gateway = open_gateway(sandbox.url, RealClock(), signature=signature)
        page = ask(gateway, send_details("+85261234567", NOON.date()), RealClock(), tries=1)
    assert page == Refusal("isv.QUERY_DATE_ILLEGAL", "只能查询最近30天的记录", page.request_id)


def test_a_clock_that_is_off_is_corrected_by_a_query_too(open_gateway):
    with Sandbox(clock=lambda: NOON + timedelta(hours=9)) as sandbox:
        gateway = open_gateway(sandbox.url)
        assert not isinstance(ask(gateway, destinations(), MadeClock()), Refusal)
        assert gateway.offset == timedelta(hours=9)
        assert sandbox.requests == {
            "QueryInterSmsIsoInfo InvalidTimeStamp.Expired": 1,
            "QueryInterSmsIsoInfo OK": 1,
        }


def test_what_the_network_does_is_a_refusal(open_peer, open_gateway):
    gateway = open_gateway(open_peer(hang).url, read_timeout=0.2)
    assert ask(gateway, destinations(), RealClock(), tries=1).code == "net.READ_TIMEOUT"
    gateway = open_gateway("http://127.0.0.1:9")
    assert ask(gateway, destinations(), RealClock(), tries=1).code == "net.CONNECT_FAILED"


def test_no_layer_repeats_a_query_by_itself(open_peer, open_gateway):
    peer = open_peer(answer(b"<html>", 502))
    assert ask(open_gateway(peer.url), destinations(), RealClock(), tries=1).code == "net.HTTP_502"
    assert len(peer.seen) == 1


def test_the_key_is_no_part_of_what_is_said(open_gateway):
    with Sandbox() as sandbox:
        said = ask(open_gateway(sandbox.url), destinations(), RealClock(), tries=1)
    assert KEY.secret.reveal() not in repr(said)
