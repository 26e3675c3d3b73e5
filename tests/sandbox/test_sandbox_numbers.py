"""Every test number does what the table says of it."""

from __future__ import annotations

import http.client
import time

import pytest

from batch_sms.sandbox import TEST_NUMBERS, Behaviour, Sandbox

ALWAYS_BUSINESS = {
    101: "isp.RAM_PERMISSION_DENY",
    102: "isv.OUT_OF_SERVICE",
    103: "isv.PRODUCT_UN_SUBSCRIPT",
    104: "isv.PRODUCT_UNSUBSCRIBE",
    105: "isv.ACCOUNT_NOT_EXISTS",
    106: "isv.ACCOUNT_ABNORMAL",
    107: "isv.SMS_TEMPLATE_ILLEGAL",
    108: "isv.SMS_SIGNATURE_ILLEGAL",
    109: "isv.INVALID_PARAMETERS",
    110: "isp.SYSTEM_ERROR",
    111: "isv.MOBILE_NUMBER_ILLEGAL",
    112: "isv.MOBILE_COUNT_OVER_LIMIT",
    113: "isv.TEMPLATE_MISSING_PARAMETERS",
    114: "isv.BUSINESS_LIMIT_CONTROL",
    115: "isv.INVALID_JSON_PARAM",
    116: "isv.BLACK_KEY_CONTROL_LIMIT",
    117: "isv.PARAM_LENGTH_LIMIT",
    118: "isv.PARAM_NOT_SUPPORT_URL",
    119: "isv.AMOUNT_NOT_ENOUGH",
    138: "isv.SOMETHING_NEW",
    142: "isv.BUSINESS_LIMIT_CONTROL",
    144: "isv.DAY_LIMIT_CONTROL",
}
ALWAYS_GATEWAY = {
    122: (400, "Throttling.User"),
    123: (503, "ServiceUnavailable"),
    132: (500, "InternalError"),
    133: (400, "SignatureNonceUsed"),
    134: (400, "InvalidTimeStamp.Expired"),
    135: (400, "SignatureDoesNotMatch"),
    136: (404, "InvalidAccessKeyId.NotFound"),
    137: (404, "InvalidAction.NotFound"),
}
PAGES = {124: (502, b"502 Bad Gateway"), 130: (200, b"Wi-Fi"), 143: (403, b"403 Forbidden")}


def national(line):
    return f"2025550{line}"


def send(caller, line, **changed):
    return caller.send(CountryCode="US", PhoneNumbers=national(line), **changed)


def test_the_table_is_complete_and_in_order():
    assert list(TEST_NUMBERS) == [national(line) for line in range(100, 150)]
    assert all(number.national == key and number.text.endswith(".") for key, number in TEST_NUMBERS.items())
    assert TEST_NUMBERS["2025550100"].phone == "+12025550100"


def test_a_plain_number_is_accepted(sandbox, caller):
    assert send(caller, 100).json["Code"] == "OK"
    assert len(sandbox.accepted) == 1


@pytest.mark.parametrize(("line", "code"), ALWAYS_BUSINESS.items())
def test_business_errors(sandbox, caller, line, code):
    answer = send(caller, line)
    assert answer.status == 200
    assert set(answer.json) == {"Message", "RequestId", "Code"}
    assert answer.json["Code"] == code == TEST_NUMBERS[national(line)].code
    assert answer.json["Message"]
    assert sandbox.accepted == []
    assert sandbox.requests == {code: 1}


@pytest.mark.parametrize(("line", "status", "code"), [(line, *answer) for line, answer in ALWAYS_GATEWAY.items()])
def test_gateway_errors(sandbox, caller, line, status, code):
    for _ in range(3):
        answer = send(caller, line)
        assert (answer.status, answer.json["Code"]) == (status, code)
        assert answer.json["HostId"]
        assert answer.json["Recommend"]
    assert sandbox.accepted == []


@pytest.mark.parametrize(("line", "status", "heading"), [(line, *answer) for line, answer in PAGES.items()])
def test_html_pages(sandbox, caller, line, status, heading):
    answer = send(caller, line)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert heading in answer.body
    assert sandbox.accepted == []
    assert sandbox.requests == {f"HTTP_{status}": 1}


def test_an_empty_timeout_of_a_proxy(sandbox, caller):
    answer = send(caller, 139)
    assert (answer.status, answer.body) == (504, b"")
    assert sandbox.accepted == []


def test_throttled_twice_then_accepted(sandbox, caller):
    statuses = [(answer.status, answer.json["Code"]) for answer in (send(caller, 120) for _ in range(4))]
    throttled = (400, "Throttling.User")
    assert statuses == [throttled, throttled, (200, "OK"), throttled]
    assert len(sandbox.accepted) == 1


def test_throttled_once_with_a_wait_then_accepted(sandbox, caller):
    first, second = send(caller, 121), send(caller, 121)
    assert (first.status, first.json["Code"], first.headers["x-acs-retry-after"]) == (429, "Throttling.User", "300")
    assert second.json["Code"] == "OK"
    assert len(sandbox.accepted) == 1


@pytest.mark.parametrize(("line", "accepted"), [(125, 1), (126, 0)])
def test_the_answer_never_comes(sandbox, open_caller, line, accepted):
    with pytest.raises(TimeoutError):
        send(open_caller(sandbox, timeout=0.3), line)
    assert len(sandbox.accepted) == accepted
    assert sandbox.requests == {"NO_ANSWER": 1}


@pytest.mark.parametrize(("line", "accepted"), [(127, 1), (128, 0)])
def test_the_connection_is_cut(sandbox, caller, line, accepted):
    with pytest.raises(ConnectionError):
        send(caller, line)
    assert len(sandbox.accepted) == accepted


def test_half_of_the_answer_comes(sandbox, caller):
    with pytest.raises(http.client.IncompleteRead) as raised:
        send(caller, 129)
    assert raised.value.partial.startswith(b'{"Message":"OK"')
    assert raised.value.expected
    assert len(sandbox.accepted) == 1


def test_ok_without_a_biz_id(sandbox, caller):
    assert set(send(caller, 131).json) == {"Message", "RequestId", "Code"}
    assert [message["BizId"] for message in sandbox.accepted] == [""]


@pytest.mark.parametrize("signature", ["V1", "V3"])
def test_the_message_repeats_the_request(caller, signature):
    form = {"CountryCode": "US", "PhoneNumbers": national(135), "SignName": "S", "TemplateCode": "T"}
    answer = caller.send(**form) if signature == "V1" else caller.send_v3(form=form)
    assert "server string to sign is:POST&%2F&" in answer.json["Message"]
    assert national(135) in answer.json["Message"]


def test_a_redirect_leads_to_another_path_of_the_sandbox(sandbox, caller):
    answer = send(caller, 140)
    assert answer.status == 302
    followed = caller.request("GET", answer.headers["Location"])
    assert followed.status == 404
    assert sandbox.accepted == []


def test_a_slow_answer_is_accepted_at_once_and_told_late(sandbox, caller):
    begun = time.monotonic()
    assert send(caller, 141).json["Code"] == "OK"
    assert 2.9 < time.monotonic() - begun < 4
    assert sandbox.requests == {"OK": 1}


def test_the_daily_limit_speaks_chinese(caller):
    assert send(caller, 142).json["Message"] == "触发天级流控Permits:10"


def test_a_test_number_is_one_only_in_its_country(caller):
    assert caller.send(CountryCode="CA", PhoneNumbers=national(101)).json["Code"] == "OK"


def test_a_test_number_keeps_its_word_in_bad_weather(open_caller):
    with Sandbox(error_share=1.0) as sandbox:
        caller = open_caller(sandbox)
        assert send(caller, 100).json["Code"] == "OK"
        assert caller.send().json["Code"] == "isp.SYSTEM_ERROR"


def test_the_numbers_page_shows_the_table(caller):
    page = caller.request("GET", "/sandbox/numbers").json
    assert [row["PhoneNumbers"] for row in page] == list(TEST_NUMBERS)
    assert page[1] == {
        "Phone": "+12025550101",
        "CountryCode": "US",
        "PhoneNumbers": "2025550101",
        "Behaviour": Behaviour.REJECTED,
        "HttpStatus": 200,
        "Code": "isp.RAM_PERMISSION_DENY",
        "Accepted": False,
        "Text": "Rejected with isp.RAM_PERMISSION_DENY: the RAM user may not send SMS.",
    }
