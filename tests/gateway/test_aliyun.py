"""The gateway's client against the sandbox: both signatures, the clock, and every test number."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from loopback_peers import KEY, MESSAGE, NOON, PATIENCE, MadeClock, answer, ok

from batch_sms.clock import RealClock
from batch_sms.gateway import codes
from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.model import Action, Message, Outcome, Retry
from batch_sms.sandbox import (
    SANDBOX_STS_KEY_ID,
    SANDBOX_STS_KEY_SECRET,
    SANDBOX_STS_TOKEN,
    TEST_NUMBERS,
    Sandbox,
)

SHORT = 0.3
STS = Credentials(SANDBOX_STS_KEY_ID, Secret(SANDBOX_STS_KEY_SECRET), Secret(SANDBOX_STS_TOKEN), "test")
BOTH = pytest.mark.parametrize("signature", ["v3", "v1"])
HOUR = timedelta(hours=1)


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


def to(line):
    return Message(f"+12025550{line}", f"2025550{line}", "US", "S", "SMS_1", '{"a":"b"}', f"row-{line}")


# The message arrives as it is.


@BOTH
@pytest.mark.parametrize("credentials", [KEY, STS], ids=["ak", "sts"])
@pytest.mark.parametrize(
    "text", ["plain", "云通信 🎉", "*~'()!+ %&=", "a\nb\r\nc\t", "%41+%2B", "e\u0301\ufeff\u202e", "x" * 5000]
)
def test_accepted_with_all_six_parameters_as_they_are(sandbox, open_gateway, signature, credentials, text):
    gateway = open_gateway(sandbox.url, RealClock(), credentials, signature=signature)
    message = replace(MESSAGE, sign=text, template=text, out_id=text)
    message = replace(message, params='{"intlmsg":"' + text.translate({10: "\\n", 13: "\\r", 9: "\\t"}) + '"}')
    outcome = gateway.send(message)
    assert (outcome.action, outcome.code, outcome.message) == (Action.OK, "OK", "OK")
    (accepted,) = sandbox.accepted
    assert {name: accepted[name] for name in ("PhoneNumbers", "CountryCode", "SignName", "TemplateCode")} == {
        "PhoneNumbers": "61234567",
        "CountryCode": "HK",
        "SignName": text,
        "TemplateCode": text,
    }
    assert (accepted["TemplateParam"], accepted["OutId"]) == (message.params, text)
    assert (accepted["BizId"], accepted["RequestId"]) == (outcome.biz_id, outcome.request_id)
    assert accepted["SignatureVersion"] == signature.upper()


@BOTH
def test_a_wrong_secret_stops_and_shows_nothing_of_the_request(sandbox, open_gateway, signature):
    wrong = Credentials(KEY.key_id, Secret("wrong-secret"), Secret(""), "test")
    outcome = open_gateway(sandbox.url, RealClock(), wrong, signature=signature).send(MESSAGE)
    assert (outcome.action, outcome.code) == (Action.STOP, "SignatureDoesNotMatch")
    assert not [word for word in ("61234567", "kiko", "wrong-secret", "row-1") if word in repr(outcome)]
    assert sandbox.accepted == []


def test_the_table_of_codes_is_read_before_the_first_answers_come_many_at_a_time(sandbox, open_gateway):
    codes._exact.cache_clear()
    open_gateway(sandbox.url, RealClock(), KEY)
    assert codes._exact.cache_info().currsize == 1


def test_the_moment_is_the_one_before_the_request(sandbox, open_gateway):
    clock = MadeClock(RealClock().now())
    assert open_gateway(sandbox.url, clock).send(MESSAGE).sent_at == clock.at


# Every test number.

OUTCOMES = {
    100: ("ok", "OK"),
    101: ("stop", "isp.RAM_PERMISSION_DENY"),
    102: ("stop", "isv.OUT_OF_SERVICE"),
    103: ("stop", "isv.PRODUCT_UN_SUBSCRIPT"),
    104: ("stop", "isv.PRODUCT_UNSUBSCRIBE"),
    105: ("stop", "isv.ACCOUNT_NOT_EXISTS"),
    106: ("stop", "isv.ACCOUNT_ABNORMAL"),
    107: ("row", "isv.SMS_TEMPLATE_ILLEGAL"),
    108: ("row", "isv.SMS_SIGNATURE_ILLEGAL"),
    109: ("row", "isv.INVALID_PARAMETERS"),
    110: ("in_doubt", "isp.SYSTEM_ERROR"),
    111: ("row", "isv.MOBILE_NUMBER_ILLEGAL"),
    112: ("row", "isv.MOBILE_COUNT_OVER_LIMIT"),
    113: ("row", "isv.TEMPLATE_MISSING_PARAMETERS"),
    114: ("row", "isv.BUSINESS_LIMIT_CONTROL"),
    115: ("row", "isv.INVALID_JSON_PARAM"),
    116: ("row", "isv.BLACK_KEY_CONTROL_LIMIT"),
    117: ("row", "isv.PARAM_LENGTH_LIMIT"),
    118: ("row", "isv.PARAM_NOT_SUPPORT_URL"),
    119: ("stop", "isv.AMOUNT_NOT_ENOUGH"),
    120: ("retry", "Throttling.User"),
    121: ("retry", "Throttling.User"),
    122: ("retry", "Throttling.User"),
    123: ("in_doubt", "ServiceUnavailable"),
    124: ("in_doubt", "net.HTTP_502"),
    125: ("in_doubt", "net.READ_TIMEOUT"),
    126: ("in_doubt", "net.READ_TIMEOUT"),
    127: ("in_doubt", "net.CONNECTION_LOST"),
    128: ("in_doubt", "net.CONNECTION_LOST"),
    129: ("in_doubt", "net.CONNECTION_LOST"),
    130: ("in_doubt", "net.BAD_ANSWER"),
    131: ("in_doubt", "net.NO_BIZ_ID"),
    132: ("in_doubt", "InternalError"),
    133: ("in_doubt", "SignatureNonceUsed"),
    134: ("stop", "InvalidTimeStamp.Expired"),
    135: ("stop", "SignatureDoesNotMatch"),
    136: ("stop", "InvalidAccessKeyId.NotFound"),
    137: ("stop", "InvalidAction.NotFound"),
    138: ("row", "isv.SOMETHING_NEW"),
    139: ("in_doubt", "net.HTTP_504"),
    140: ("in_doubt", "net.HTTP_302"),
    141: ("in_doubt", "net.READ_TIMEOUT"),
    142: ("row", "isv.BUSINESS_LIMIT_CONTROL"),
    143: ("in_doubt", "net.HTTP_403"),
    144: ("row", "isv.DAY_LIMIT_CONTROL"),
    145: ("ok", "OK"),
    146: ("ok", "OK"),
    147: ("ok", "OK"),
    148: ("in_doubt", "net.READ_TIMEOUT"),
    149: ("ok", "OK"),
}
SILENT = {125, 126, 141, 148}
TAKEN = {100, 125, 127, 129, 131, 141, 145, 146, 147, 148, 149}


def test_every_test_number_is_in_the_table():
    assert [f"2025550{line}" for line in OUTCOMES] == list(TEST_NUMBERS)


@BOTH
@pytest.mark.parametrize(("line", "expected"), OUTCOMES.items())
def test_the_outcome_of_a_test_number(sandbox, open_gateway, line, expected, signature):
    patience = SHORT if line in SILENT else PATIENCE
    gateway = open_gateway(sandbox.url, RealClock(), signature=signature, read_timeout=patience)
    outcome = gateway.send(to(line))
    assert (outcome.action, outcome.code) == (Action(expected[0]), expected[1])
    assert bool(outcome.biz_id) == (outcome.action is Action.OK)
    assert (outcome.retry is Retry.SLOW) == (outcome.action is Action.RETRY)
    assert len(sandbox.accepted) == (line in TAKEN)
    assert sandbox.requests.total() == 1
    if line != 141:
        assert f"2025550{line}" not in repr(outcome)


def test_throttling_is_over_after_a_while_and_says_how_long(sandbox, open_gateway):
    gateway = open_gateway(sandbox.url, RealClock())
    waits = [(outcome.action, outcome.retry_after) for outcome in (gateway.send(to(120)) for _ in range(3))]
    assert waits == [(Action.RETRY, None), (Action.RETRY, None), (Action.OK, None)]
    waits = [(outcome.action, outcome.retry_after) for outcome in (gateway.send(to(121)) for _ in range(2))]
    assert waits == [(Action.RETRY, 0.3), (Action.OK, None)]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["x-acs-retry-after: 1500"], 1.5),
        (["X-Acs-Retry-After: 0"], 0.0),
        (["Retry-After: 7"], 7.0),
        (["x-acs-retry-after: 250", "Retry-After: 7"], 0.25),
        (["x-acs-retry-after: soon", "Retry-After: 7"], 7.0),
        (["Retry-After: Fri, 02 Jan 2026 12:00:01 GMT"], None),
        (["Retry-After: -1"], None),
        (["Retry-After: 1.5"], None),
        (["Retry-After: \xb2"], None),
        (["Retry-After: " + "9" * 5000], None),
        (["Retry-After:"], None),
        ([], None),
    ],
)
def test_how_long_to_wait(open_peer, open_gateway, headers, seconds):
    peer = open_peer(answer({"Code": "Throttling", "Message": "m"}, 429, *headers))
    outcome = open_gateway(peer.url).send(MESSAGE)
    assert (outcome.retry, outcome.retry_after) == (Retry.SLOW, seconds)


# The clock.


@BOTH
@pytest.mark.parametrize("off", [HOUR, -HOUR, timedelta(minutes=16), timedelta(days=-4000)])
def test_a_clock_that_is_off_is_corrected(open_gateway, off, signature):
    with Sandbox(clock=lambda: NOON + off) as sandbox:
        gateway = open_gateway(sandbox.url, MadeClock(), signature=signature)
        refused = gateway.send(MESSAGE)
        assert (refused.action, refused.retry, refused.code) == (Action.RETRY, Retry.CLOCK, "InvalidTimeStamp.Expired")
        assert refused.sent_at == NOON
        assert gateway.offset == off
        accepted = gateway.send(MESSAGE)
        assert (accepted.action, accepted.sent_at) == (Action.OK, NOON)
        assert len(sandbox.accepted) == 1
        assert sandbox.requests == {"InvalidTimeStamp.Expired": 1, "OK": 1}


def test_a_clock_within_the_tolerance_is_left_alone(open_gateway):
    with Sandbox(clock=lambda: NOON + timedelta(minutes=14)) as sandbox:
        gateway = open_gateway(sandbox.url)
        assert gateway.send(MESSAGE).action is Action.OK
        assert gateway.offset == timedelta(0)


def test_a_clock_that_was_corrected_and_is_refused_still_stops(open_gateway):
    with Sandbox(clock=lambda: NOON + HOUR) as sandbox:
        gateway = open_gateway(sandbox.url)
        assert gateway.send(to(134)).retry is Retry.CLOCK
        assert gateway.send(to(134)).action is Action.STOP
        assert gateway.offset == HOUR
        assert gateway.send(MESSAGE).action is Action.OK


TOO_OLD = {"Code": "InvalidTimeStamp.Expired", "Message": "expired", "RequestId": "R1"}


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Jan 2026 12:00:00 GMT", "Fri, 02 Jan 2026 12:00:29 GMT", None])
def test_a_date_that_tells_nothing_new_stops(open_peer, open_gateway, date):
    headers = [] if date is None else [f"Date: {date}"]
    gateway = open_gateway(open_peer(answer(TOO_OLD, 400, *headers)).url)
    assert gateway.send(MESSAGE) == Outcome(
        Action.STOP, "InvalidTimeStamp.Expired", NOON, message="expired", request_id="R1"
    )
    assert gateway.offset == timedelta(0)


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 02 Jan 2026 13:00:00 GMT",
        "Fri, 02 Jan 2026 13:00:00 -0000",
        "Fri, 02 Jan 2026 13:00:00",
        "Fri, 02 Jan 2026 21:00:00 +0800",
        "Friday, 02-Jan-26 13:00:00 GMT",
        "Fri Jan  2 13:00:00 2026",
    ],
)
def test_every_form_of_date_is_understood(open_peer, open_gateway, date):
    gateway = open_gateway(open_peer(answer(TOO_OLD, 400, f"Date: {date}")).url)
    assert gateway.send(MESSAGE).retry is Retry.CLOCK
    assert gateway.offset == HOUR


def test_the_date_of_other_answers_is_not_looked_at(open_peer, open_gateway):
    date = "Date: Fri, 02 Jan 2026 13:00:00 GMT"
    gateway = open_gateway(open_peer(answer({"Code": "Throttling", "Message": "m"}, 400, date)).url)
    gateway.send(MESSAGE)
    assert gateway.offset == timedelta(0)


def test_messages_on_their_way_together_are_all_tried_again(open_peer, open_gateway):
    together = threading.Barrier(2)

    def refuse(connection):
        together.wait(PATIENCE)
        connection.sendall(answer(TOO_OLD, 400, "Date: Fri, 02 Jan 2026 13:00:00 GMT"))
        return True

    peer = open_peer(refuse, refuse, ok(3))
    gateway = open_gateway(peer.url, connections=2)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(gateway.send, [MESSAGE, MESSAGE]))
    assert [outcome.retry for outcome in outcomes] == [Retry.CLOCK, Retry.CLOCK]
    assert gateway.send(MESSAGE).action is Action.OK
    assert [seen.headers["x-acs-date"] for seen in peer.seen] == [
        "2026-01-02T12:00:00Z",
        "2026-01-02T12:00:00Z",
        "2026-01-02T13:00:00Z",
    ]
