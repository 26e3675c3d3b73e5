"""Receipts as the provider pushes them, and as a queue hands them out."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_sms.gateway.pushed import Unreadable, read_pushed
from batch_sms.model import Delivery, Receipt

SMS_REPORT = {
    "phone_number": "85291234567",
    "send_time": "2025-06-01 12:00:00",
    "report_time": "2025-06-01 12:00:05",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "932702304080415357^0",
    "out_id": "a-2",
}
GLOBE_REPORT = {
    "to": "6581234567",
    "status": "1",
    "message_id": "1234",
    "send_date": "Mon, 02 Jun 2025 04:00:00 +0800",
    "receive_date": "Mon, 02 Jun 2025 04:00:05 +0800",
    "error_code": "DELIVERED",
    "error_description": "success",
}
DELIVERED_AT = datetime(2025, 6, 1, 4, 0, 5, tzinfo=UTC)
GLOBE_AT = datetime(2025, 6, 1, 20, 0, 5, tzinfo=UTC)
SMS = Receipt("932702304080415357^0", "85291234567", "a-2", Delivery.DELIVERED, "DELIVERED", DELIVERED_AT)
GLOBE = Receipt("1234", "6581234567", "", Delivery.DELIVERED, "DELIVERED", GLOBE_AT)
INTERNATIONAL = {"To": "+65 8123 4567", "Status": 6, "MessageId": "1234", "TaskId": "t", "ErrorCode": "EXPIRED"}


@pytest.mark.parametrize(
    ("record", "receipt"),
    [
        (SMS_REPORT, SMS),
        (GLOBE_REPORT, GLOBE),
        (INTERNATIONAL, Receipt("1234", "6581234567", "t", Delivery.FAILED, "EXPIRED")),
        (
            {**SMS_REPORT, "success": False, "err_code": "USER_REJECT", "report_time": ""},
            Receipt(SMS.biz_id, SMS.phone, "a-2", Delivery.FAILED, "USER_REJECT"),
        ),
        ({**SMS_REPORT, "success": "true"}, SMS),
        (
            {**GLOBE_REPORT, "status": "2", "error_code": "NO_ROUTE"},
            Receipt("1234", "6581234567", "", Delivery.FAILED, "NO_ROUTE", GLOBE_AT),
        ),
        ({**GLOBE_REPORT, "status": "3", "error_code": ""}, Receipt("1234", "6581234567", "", Delivery.WAITING)),
        (
            {"phoneNumber": "85291234567", "success": True, "outId": "a-2"},
            Receipt("", "85291234567", "a-2", Delivery.DELIVERED),
        ),
    ],
)
def test_a_record(record, receipt):
    assert list(read_pushed(json.dumps(record, ensure_ascii=False))) == [receipt]


ONE, TWO = json.dumps(SMS_REPORT), json.dumps(GLOBE_REPORT)


@pytest.mark.parametrize(
    "text",
    [
        f"[{ONE},{TWO}]",
        f"{ONE}\n{TWO}\n",
        f"\r\n{ONE}\r\n\r\n{TWO}",
        f"{ONE},\n{TWO},\n",
        json.dumps([ONE, TWO]),
        json.dumps(ONE) + "\n" + json.dumps(TWO),
        json.dumps([{"MessageBody": ONE}, {"MessageBody": base64.b64encode(TWO.encode()).decode()}]),
        f"[{ONE}]\n[{TWO}]",
    ],
    ids=["array", "lines", "blank lines", "commas", "texts", "text a line", "queue", "an array a push"],
)
def test_what_they_are_wrapped_in(text):
    assert list(read_pushed(text)) == [SMS, GLOBE]


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "{}",
        "[1]",
        "null x",
        json.dumps({"phone_number": "85291234567", "success": True}),
        json.dumps({**SMS_REPORT, "phone_number": "nobody"}),
        json.dumps({**SMS_REPORT, "success": "maybe"}),
        json.dumps({"biz_id": "1", "phone_number": "85291234567"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_receipt_is_shown(text):
    (found,) = read_pushed(text)
    assert isinstance(found, Unreadable)
    assert found.line == 1
    assert len(found.text) <= 200


def test_junk_hides_no_receipt_beside_it():
    found = list(read_pushed(f"{ONE}\nhalf of a {{\n{TWO}"))
    assert [type(one) for one in found] == [Receipt, Unreadable, Receipt]
    assert found[1] == Unreadable(2, "half of a {")


def test_nothing_is_nothing():
    assert list(read_pushed(" \n")) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from([*SMS_REPORT, *GLOBE_REPORT]) | st.text(), inner)
        ),
    )
)
def test_no_json_breaks_it(found):
    for one in read_pushed(json.dumps(found)):
        assert isinstance(one, Receipt | Unreadable)
