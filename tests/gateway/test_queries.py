"""What is asked of the gateway, and what its answers say: tables of literal answers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.gateway.answers import Answer, Unanswered
from batch_sms.gateway.queries import (
    CHINA,
    Destination,
    DetailsPage,
    MessageState,
    Refusal,
    SendDetail,
    answer_to,
    day_in_china,
    destinations,
    message_state,
    moment_of,
    phone_to_ask_for,
    send_details,
)
from batch_sms.model import Delivery, Retry

DAY = date(2026, 1, 2)
DETAILS = send_details("+85261234567", DAY)
STATE = message_state("1008030300")
EVERY_QUERY = pytest.mark.parametrize("query", [destinations(), DETAILS, STATE], ids=lambda query: query.action)


def answered(query, body, status=200, retry_after=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answer_to(query, Answer(status, data, retry_after))


# What is asked.


def test_the_parameters_of_send_details():
    assert (DETAILS.action, DETAILS.version) == ("QuerySendDetails", "2017-05-25")
    assert DETAILS.parameters == {
        "PhoneNumber": "85261234567",
        "SendDate": "20260102",
        "PageSize": "50",
        "CurrentPage": "1",
    }
    further = send_details("+85261234567", DAY, page=3, biz_id="1^0").parameters
    assert (further["CurrentPage"], further["BizId"]) == ("3", "1^0")


@pytest.mark.parametrize(
    ("phone", "asked"),
    [("+85261234567", "85261234567"), ("+8613912345678", "13912345678"), ("+12025550100", "12025550100")],
)
def test_a_phone_is_asked_for_with_its_dial_code_but_in_mainland_china(phone, asked):
    assert phone_to_ask_for(phone) == asked


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 1, 15, 59, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 16, 0, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 1, 2, 0, 30, tzinfo=CHINA), date(2026, 1, 2)),
    ],
)
def test_the_day_is_the_one_in_china(moment, day):
    assert day_in_china(moment) == day


def test_the_other_queries():
    assert (destinations().action, destinations().version) == ("QueryInterSmsIsoInfo", "2017-05-25")
    assert destinations().parameters == {}
    assert (STATE.action, STATE.version) == ("QueryMessage", "2018-05-01")
    assert STATE.parameters == {"MessageId": "1008030300"}


# Destinations.

SYRIA = {"CountryName": "叙利亚", "CountryCode": "SY", "IsoCode": "963"}
TAIWAN = {"CountryName": "中国台湾", "CountryCode": "TW", "IsoCode": "886"}
BOTH = (Destination("SY", "963", "叙利亚"), Destination("TW", "886", "中国台湾"))


@pytest.mark.parametrize(
    ("listed", "read"),
    [
        ({"IsoSupportDTO": [SYRIA, TAIWAN]}, BOTH),
        ([SYRIA, TAIWAN], BOTH),
        ({"IsoSupportDTO": SYRIA}, BOTH[:1]),
        ([SYRIA, None, 7, {}, {"CountryCode": "HK"}, {"IsoCode": "852"}], BOTH[:1]),
        ([{"CountryName": "叙利亚", "CountryCode": "963", "IsoCode": "SY"}], BOTH[:1]),
        ([{"CountryName": "叙利亚", "CountryCode": "sy", "IsoCode": "+963"}], BOTH[:1]),
        ([{"CountryName": "叙利亚", "CountryCode": "SY", "IsoCode": "00963"}], BOTH[:1]),
        ({"IsoSupportDTO": []}, ()),
        ([], ()),
        (None, ()),
        ("none", ()),
    ],
)
def test_destinations_in_every_nesting(listed, read):
    body = {"Code": "OK", "Message": "OK", "RequestId": "R", "TotalCount": "2", "IsoSupportDTOs": listed}
    assert answered(destinations(), body) == read


# Details.

DETAIL = {
    "PhoneNum": "85261234567",
    "SendStatus": 3,
    "ErrCode": "DELIVERED",
    "TemplateCode": "SMS_1",
    "Content": "【ACME】Hi",
    "SendDate": "2026-01-02 12:00:00",
    "ReceiveDate": "2026-01-02 12:00:05",
    "OutId": "row-1",
}
NOON = datetime(2026, 1, 2, 12, tzinfo=CHINA)
READ = SendDetail(
    phone="85261234567",
    delivery=Delivery.DELIVERED,
    status="3",
    code="DELIVERED",
    out_id="row-1",
    template="SMS_1",
    text="【ACME】Hi",
    sent_at=NOON,
    received_at=NOON + timedelta(seconds=5),
)


@pytest.mark.parametrize("listed", [{"SmsSendDetailDTO": [DETAIL]}, [DETAIL]])
@pytest.mark.parametrize("total", ["61", 61])
def test_details_in_both_nestings(listed, total):
    body = {"Code": "OK", "TotalCount": total, "SmsSendDetailDTOs": listed}
    assert answered(DETAILS, body) == DetailsPage(61, (READ,))


@pytest.mark.parametrize("total", [None, "", "many", "-1", "1.5", "9" * 5000])
def test_a_total_that_is_no_number_is_what_there_is(total):
    body = {"Code": "OK", "TotalCount": total, "SmsSendDetailDTOs": [DETAIL]}
    assert answered(DETAILS, body) == DetailsPage(1, (READ,))


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (1, Delivery.WAITING),
        ("1", Delivery.WAITING),
        (2, Delivery.FAILED),
        (3, Delivery.DELIVERED),
        (4, Delivery.WAITING),
        (None, Delivery.WAITING),
    ],
)
def test_the_status_of_a_detail(status, delivery):
    page = answered(DETAILS, {"Code": "OK", "SmsSendDetailDTOs": [{**DETAIL, "SendStatus": status}]})
    assert page.details[0].delivery is delivery
    assert page.details[0].status == str(status or "")


# The state of a message.


def state(**fields):
    return answered(STATE, {"ResponseCode": "OK", "ResponseDescription": "OK", "RequestId": "R", **fields})


def test_the_state_of_a_message():
    found = state(
        MessageId="1008030300",
        To="6581234567",
        Message="Hi",
        Status="1",
        ErrorCode="DELIVERED",
        ErrorDescription="success",
        SendDate="Fri, 02 Jan 2026 12:00:00 +0800",
        ReceiveDate="Fri, 02 Jan 2026 12:00:05 +0800",
    )
    assert found == MessageState(
        message_id="1008030300",
        phone="6581234567",
        delivery=Delivery.DELIVERED,
        status="1",
        code="DELIVERED",
        description="success",
        text="Hi",
        sent_at=NOON,
        received_at=NOON + timedelta(seconds=5),
    )


RECEIVED = "Fri, 02 Jan 2026 12:00:05 +0800"


@pytest.mark.parametrize(
    ("status", "code", "received", "delivery"),
    [
        ("1", "DELIVERED", RECEIVED, Delivery.DELIVERED),
        ("3", "DELIVERED", RECEIVED, Delivery.DELIVERED),
        ("1", "DELIVERED", "", Delivery.DELIVERED),
        ("1", "", RECEIVED, Delivery.DELIVERED),
        ("3", "", RECEIVED, Delivery.DELIVERED),
        ("1", "", "", Delivery.WAITING),
        ("3", "", "", Delivery.WAITING),
        ("1", "REQUEST_SUCCESS", RECEIVED, Delivery.WAITING),
        ("2", "", RECEIVED, Delivery.FAILED),
        ("2", "DELIVERED", RECEIVED, Delivery.FAILED),
        ("6", "EXPIRED", RECEIVED, Delivery.FAILED),
        ("", "", "", Delivery.WAITING),
        ("9", "", "", Delivery.WAITING),
    ],
)
def test_the_number_that_two_documents_give_differently(status, code, received, delivery):
    found = state(Status=status, ErrorCode=code, ReceiveDate=received)
    assert (found.delivery, found.status) == (delivery, status)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02 12:00:00", NOON),
        ("2026-01-02T12:00:00+08:00", NOON),
        ("2026-01-02T04:00:00Z", NOON),
        ("Fri, 02 Jan 2026 12:00:00 +0800", NOON),
        ("Fri, 02 Jan 2026 04:00:00 GMT", NOON),
        ("Fri, 02 Jan 2026 04:00:00 -0000", NOON),
        ("", None),
        ("soon", None),
        ("2026-13-02 12:00:00", None),
        ("Fri, 99 Jan 2026 12:00:00 +0800", None),
        ("x" * 4000, None),
    ],
)
def test_every_form_of_a_time(text, moment):
    assert moment_of(text) == moment


# Refusals.


@EVERY_QUERY
@pytest.mark.parametrize(
    ("status", "fields", "code", "retry"),
    [
        (400, {"Code": "Throttling.User", "Message": "slow"}, "Throttling.User", Retry.SLOW),
        (429, {"Code": "Throttling", "Message": "slow"}, "Throttling", Retry.SLOW),
        (400, {"Code": "InvalidTimeStamp.Expired", "Message": "late"}, "InvalidTimeStamp.Expired", Retry.CLOCK),
        (404, {"Code": "InvalidAction.NotFound", "Message": "no"}, "InvalidAction.NotFound", None),
        (400, {"Code": "SignatureDoesNotMatch", "Message": "no"}, "SignatureDoesNotMatch", None),
        (503, {"Code": "ServiceUnavailable", "Message": "no"}, "ServiceUnavailable", Retry.CONNECT),
        (500, {"Code": "Something.New", "Message": "no"}, "Something.New", Retry.CONNECT),
        (400, {"Code": "SignatureNonceUsed", "Message": "no"}, "SignatureNonceUsed", Retry.CONNECT),
        (200, {"Code": "isp.RAM_PERMISSION_DENY", "Message": "no"}, "isp.RAM_PERMISSION_DENY", None),
        (200, {"Code": "isp.SYSTEM_ERROR", "Message": "no"}, "isp.SYSTEM_ERROR", Retry.CONNECT),
        (200, {"Code": "isv.SOMETHING_NEW", "Message": "no"}, "isv.SOMETHING_NEW", None),
    ],
)
def test_a_refusal_says_whether_asking_again_helps(query, status, fields, code, retry):
    said = answered(query, {"RequestId": "R", **fields}, status, 2.0)
    waits = 2.0 if retry is Retry.SLOW else None
    assert said == Refusal(code, fields["Message"], "R", retry, waits)


def test_a_refusal_of_the_international_api():
    said = answered(STATE, {"ResponseCode": "DATA_NOT_EXIST", "ResponseDescription": "none", "RequestId": "R"})
    assert said == Refusal("DATA_NOT_EXIST", "none", "R")


@EVERY_QUERY
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>Welcome to the hotel's Wi-Fi</html>", "net.BAD_ANSWER"),
        (502, b"<html>502</html>", "net.HTTP_502"),
        (500, b'{"Code":"OK","ResponseCode":"OK"}', "net.HTTP_500"),
        (200, b"[]", "net.BAD_ANSWER"),
        (200, b"", "net.BAD_ANSWER"),
    ],
)
def test_what_is_no_answer_can_be_asked_again(query, status, body, code):
    assert answered(query, body, status) == Refusal(code, retry=Retry.CONNECT)


def test_a_refusal_does_not_repeat_the_request():
    said = "Specified signature is not matched with our calculation. server string to sign is:POST&PhoneNumber%3D852"
    assert "852" not in repr(answered(DETAILS, {"Code": "SignatureDoesNotMatch", "Message": said}, 400))


@pytest.mark.parametrize("retry", [None, Retry.CONNECT])
def test_no_answer_can_be_asked_for_again_however_it_was_lost(retry):
    said = answer_to(DETAILS, Unanswered("net.READ_TIMEOUT", "timed out", retry))
    assert said == Refusal("net.READ_TIMEOUT", "timed out", retry=Retry.CONNECT)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)
NAMES = ["Status", "ErrorCode", "ReceiveDate", "TotalCount", "SmsSendDetailDTOs", "IsoSupportDTOs", "MessageId"]


@EVERY_QUERY
@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING), st.lists(ANYTHING))
def test_any_good_answer_is_read_without_a_fault(query, fields, items):
    body = {**fields, "Code": "OK", "ResponseCode": "OK", "SmsSendDetailDTOs": items, "IsoSupportDTOs": items}
    assert not isinstance(answered(query, body), Refusal)
