"""What the sandbox answers to queries: from what it took, with time, by test number, page by page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from batch_sms.sandbox import TEST_NUMBERS, Sandbox

NOON = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
"""Noon in China."""


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now

    @property
    def stamp(self):
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sandbox(clock):
    with Sandbox(clock=clock, receipts_after=10) as running:
        yield running


@pytest.fixture
def call(sandbox, clock, open_caller):
    caller = open_caller(sandbox)

    def make(action, version="2017-05-25", **parameters):
        nothing = dict.fromkeys(("PhoneNumbers", "CountryCode", "SignName", "TemplateCode"))
        call = {"Action": action, "Version": version, "Timestamp": clock.stamp}
        return caller.send(**{**nothing, **call, **parameters})

    return make


@pytest.fixture
def send(open_caller, sandbox, clock):
    caller = open_caller(sandbox)
    return lambda **changed: caller.send(Timestamp=clock.stamp, **changed).json


@pytest.fixture
def details(call):
    def ask(phone, day="20260102", size=50, page=1, **more):
        found = call(
            "QuerySendDetails", PhoneNumber=phone, SendDate=day, PageSize=str(size), CurrentPage=str(page), **more
        )
        return found.json

    return ask


def globe(call, **changed):
    message = {"To": "85261234567", "From": "ACME", "Message": "Hi", "Type": "NOTIFY", "TaskId": "row-1"}
    return call("SendMessageToGlobe", "2018-05-01", **{**message, **changed}).json


def listed(answer):
    return answer["SmsSendDetailDTOs"]["SmsSendDetailDTO"]


# Destinations.


def test_destinations_have_the_misleading_names_of_the_real_ones(call, sandbox):
    answer = call("QueryInterSmsIsoInfo").json
    countries = answer["IsoSupportDTOs"]["IsoSupportDTO"]
    assert {"CountryName": "香港", "CountryCode": "HK", "IsoCode": "852"} in countries
    assert answer["TotalCount"] == str(len(countries))
    assert "KP" not in {country["CountryCode"] for country in countries}
    assert len(countries) > 200
    assert sandbox.requests == {"QueryInterSmsIsoInfo OK": 1}
    assert sandbox.accepted == []


def test_destinations_by_name(call):
    found = call("QueryInterSmsIsoInfo", CountryName="香港").json
    assert [country["IsoCode"] for country in found["IsoSupportDTOs"]["IsoSupportDTO"]] == ["852"]


def test_destinations_in_xml(call):
    root = ET.fromstring(call("QueryInterSmsIsoInfo", Format=None, CountryName="香港").body)  # noqa: S314 - our own
    assert root.tag == "QueryInterSmsIsoInfoResponse"
    assert root.findtext("IsoSupportDTOs/IsoSupportDTO/CountryCode") == "HK"


# Details.


def test_details_of_a_message(send, details, clock):
    biz_id = send(OutId="row-1", TemplateParam='{"a":"b"}')["BizId"]
    waiting = {
        "PhoneNum": "85261234567",
        "SendStatus": 1,
        "TemplateCode": "SMS_0000",
        "Content": '【云通信】{"a":"b"}',
        "SendDate": "2026-01-02 12:00:00",
        "OutId": "row-1",
    }
    assert listed(details("85261234567")) == [waiting]
    clock.now += timedelta(seconds=10)
    delivered = {**waiting, "SendStatus": 3, "ErrCode": "DELIVERED", "ReceiveDate": "2026-01-02 12:00:10"}
    assert listed(details("85261234567", BizId=biz_id)) == [delivered]
    assert listed(details("85261234567", BizId="1^0")) == []
    assert listed(details("61234567")) == []
    assert listed(details("85261234567", day="20260101")) == []


def test_details_of_both_send_apis(send, call, details):
    send(OutId="a")
    second = {"PhoneNumbers": "85261234567", "SignName": "S", "TemplateCode": "SMS_1", "OutId": "b"}
    assert call("SendSms", **second).json["BizId"]
    assert globe(call)["MessageId"]
    assert [detail["OutId"] for detail in listed(details("85261234567"))] == ["a", "b"]


def test_details_page_by_page(send, details):
    for number in range(7):
        send(OutId=str(number))
    pages = [details("85261234567", size=3, page=page) for page in (1, 2, 3, 4)]
    assert {page["TotalCount"] for page in pages} == {"7"}
    assert [[detail["OutId"] for detail in listed(page)] for page in pages] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
        ["6"],
        [],
    ]


def test_the_day_is_the_one_in_china(send, details, clock):
    clock.now = datetime(2026, 1, 2, 16, 0, 0, tzinfo=UTC)
    send()
    assert listed(details("85261234567", day="20260102")) == []
    assert len(listed(details("85261234567", day="20260103"))) == 1


@pytest.mark.parametrize("phone", ["13912345678", "8613912345678"])
def test_a_phone_in_mainland_china_has_two_forms(send, details, phone):
    send(PhoneNumbers="13912345678", CountryCode="CN")
    assert len(listed(details(phone))) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"size": 0}, "isv.INVALID_PARAMETERS"),
        ({"size": 51}, "isv.INVALID_PARAMETERS"),
        ({"page": 0}, "isv.INVALID_PARAMETERS"),
        ({"page": "x"}, "isv.INVALID_PARAMETERS"),
        ({"day": "2026-01-02"}, "isv.QUERY_DATE_ILLEGAL"),
        ({"day": "20251202"}, "isv.QUERY_DATE_ILLEGAL"),
        ({"day": "20251203"}, "OK"),
        ({"phone": "+85261234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone": "85261234567,85261234568"}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"phone": ""}, "MissingPhoneNumber"),
    ],
)
def test_details_refused(details, changed, code):
    assert details(**{"phone": "85261234567", **changed})["Code"] == code


# The state of a message to the globe.


def test_the_state_of_a_message(call, clock):
    message_id = globe(call)["MessageId"]
    waiting = call("QueryMessage", "2018-05-01", MessageId=message_id).json
    assert {name: waiting[name] for name in waiting if name != "RequestId"} == {
        "ResponseCode": "OK",
        "ResponseDescription": "OK",
        "MessageId": message_id,
        "To": "85261234567",
        "Message": "Hi",
        "Status": "3",
        "SendDate": "Fri, 02 Jan 2026 12:00:00 +0800",
    }
    clock.now += timedelta(seconds=10)
    delivered = call("QueryMessage", "2018-05-01", MessageId=message_id).json
    assert (delivered["Status"], delivered["ErrorCode"]) == ("1", "DELIVERED")
    assert delivered["ReceiveDate"] == "Fri, 02 Jan 2026 12:00:10 +0800"


def test_the_state_of_no_message(call):
    assert call("QueryMessage", "2018-05-01", MessageId="1").json["ResponseCode"] == "DATA_NOT_EXIST"


# Test numbers.


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        (100, 3, "DELIVERED"),
        (145, 1, None),
        (146, 2, "MOBILE_NOT_ON_SERVICE"),
        (147, 2, "SP_NOT_BY_INTER_SMS"),
    ],
)
def test_what_becomes_of_a_test_number(send, call, details, clock, line, status, code):
    send(CountryCode="US", PhoneNumbers=f"2025550{line}")
    message_id = globe(call, To=f"12025550{line}")["MessageId"]
    clock.now += timedelta(days=1)
    (detail,) = listed(details(f"12025550{line}"))
    assert (detail["SendStatus"], detail.get("ErrCode")) == (status, code)
    state = call("QueryMessage", "2018-05-01", MessageId=message_id).json
    assert (state["Status"], state.get("ErrorCode")) == ({1: "3", 2: "2", 3: "1"}[status], code)


def test_a_message_without_an_answer_is_found_later(sandbox, open_caller, details, clock):
    caller = open_caller(sandbox, timeout=0.2)
    lost = {"CountryCode": "US", "PhoneNumbers": "2025550148", "OutId": "lost", "Timestamp": clock.stamp}
    with pytest.raises(TimeoutError):
        caller.send(**lost)
    assert len(sandbox.accepted) == 1
    assert listed(details("12025550148")) == []
    clock.now += timedelta(seconds=5)
    assert [detail["OutId"] for detail in listed(details("12025550148"))] == ["lost"]


def test_queries_about_a_number_that_is_busy(details):
    codes = [details("12025550149")["Code"] for _ in range(4)]
    assert codes == ["Throttling.User", "Throttling.User", "OK", "Throttling.User"]


def test_every_test_number_that_is_accepted_is_found_in_the_end(sandbox):
    assert {number.receipt for number in TEST_NUMBERS.values()} == {
        "DELIVERED",
        "MOBILE_NOT_ON_SERVICE",
        "SP_NOT_BY_INTER_SMS",
        "",
    }


# Throttling, and what is not offered.


def test_each_call_has_a_throttle_of_its_own(open_caller):
    with Sandbox(qps=1) as sandbox:
        caller = open_caller(sandbox)
        answers = [caller.send(), caller.send(Action="QueryInterSmsIsoInfo"), caller.send()]
        assert [answer.json["Code"] for answer in answers] == ["OK", "OK", "Throttling.User"]


def test_an_action_that_is_not_offered(open_caller):
    with Sandbox(closed=["SendInterSms"]) as sandbox:
        caller = open_caller(sandbox)
        refused = caller.send()
        assert (refused.status, refused.json["Code"]) == (404, "InvalidAction.NotFound")
        assert caller.send(Action="SendSms", PhoneNumbers="85261234567").json["Code"] == "OK"
    assert [message["Action"] for message in sandbox.accepted] == ["SendSms"]


def test_half_of_what_is_cut_is_accepted(open_caller):
    with Sandbox(cut_share=1.0) as sandbox:
        for _ in range(4):
            with pytest.raises(ConnectionError):
                open_caller(sandbox).send()
        assert (len(sandbox.accepted), sandbox.requests) == (2, {"NO_ANSWER": 4})
