"""The sandbox's other send APIs: what they take, what they refuse, and the field names of their answers."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from batch_sms.cli.sandbox import _CALLS
from batch_sms.gateway import codes
from batch_sms.sandbox import TEST_NUMBERS, Sandbox
from batch_sms.sandbox.actions import ACTIONS

NONE = {"PhoneNumbers": None, "CountryCode": None, "SignName": None, "TemplateCode": None}
SMS = {
    "Action": "SendSms",
    "CountryCode": None,
    "PhoneNumbers": "85261234567",
    "SignName": "云通信",
    "TemplateCode": "SMS_0000",
}
GLOBE = {
    **NONE,
    "Action": "SendMessageToGlobe",
    "Version": "2018-05-01",
    "To": "85261234567",
    "From": "ACME",
    "Message": "Hi {x} €",
    "Type": "NOTIFY",
    "TaskId": "row-1",
}


def test_send_sms(sandbox, caller):
    answer = caller.send(**SMS, TemplateParam='{"a":"b"}', OutId="row-1").json
    assert set(answer) == {"Message", "RequestId", "BizId", "Code"}
    (message,) = sandbox.accepted
    assert (message["Action"], message["PhoneNumbers"], message["OutId"]) == ("SendSms", "85261234567", "row-1")
    assert (message["BizId"], message["TemplateParam"]) == (answer["BizId"], '{"a":"b"}')
    assert "CountryCode" not in message


def test_send_message_to_globe(sandbox, caller):
    answer = caller.send(**GLOBE).json
    assert re.fullmatch(r"[0-9]{18}", answer["MessageId"])
    del answer["RequestId"]
    assert answer == {
        "ResponseCode": "OK",
        "ResponseDescription": "OK",
        "MessageId": answer["MessageId"],
        "To": "85261234567",
        "From": "ACME",
        "Segments": "1",
    }
    (message,) = sandbox.accepted
    assert {name: message[name] for name in ("To", "From", "Message", "Type", "TaskId", "MessageId")} == {
        "To": "85261234567",
        "From": "ACME",
        "Message": "Hi {x} €",
        "Type": "NOTIFY",
        "TaskId": "row-1",
        "MessageId": answer["MessageId"],
    }


@pytest.mark.parametrize(("text", "segments"), [("a" * 160, "1"), ("a" * 161, "2"), ("好" * 70, "1"), ("好" * 71, "2")])
def test_segments_are_counted(caller, text, segments):
    assert caller.send(**{**GLOBE, "Message": text}).json["Segments"] == segments


@pytest.mark.parametrize(
    ("message", "changed", "code"),
    [
        (SMS, {"PhoneNumbers": "+85261234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        (SMS, {"PhoneNumbers": "085261234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        (SMS, {"PhoneNumbers": "85261234567,85261234568"}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        (SMS, {"TemplateParam": '{"a":1}'}, "isv.INVALID_JSON_PARAM"),
        (SMS, {"TemplateCode": None}, "MissingTemplateCode"),
        (SMS, {"Version": "2018-05-01"}, "InvalidVersion"),
        (GLOBE, {"Version": "2017-05-25"}, "InvalidVersion"),
        (GLOBE, {"To": None}, "MissingTo"),
        (GLOBE, {"Message": None}, "MissingMessage"),
        (GLOBE, {"To": "+85261234567"}, "MOBILE_NUMBER_ILLEGAL"),
        (GLOBE, {"To": "8613912345678"}, "NOT_SUPPORTED_COUNTRY"),
        (GLOBE, {"From": "twelve chars"}, "INVALID_SENDERID"),
        (GLOBE, {"From": "云通信"}, "INVALID_SENDERID"),
        (GLOBE, {"From": "1" * 16}, "INVALID_SENDERID"),
        (GLOBE, {"From": "1" * 15}, "OK"),
        (GLOBE, {"From": "ACME 24"}, "OK"),
        (GLOBE, {"From": None}, "OK"),
        (GLOBE, {"Type": "SPAM"}, "INVALID_PARAMETERS"),
        (GLOBE, {"Type": None}, "OK"),
        (GLOBE, {"TaskId": "x" * 256}, "INVALID_PARAMETERS"),
    ],
)
def test_refused(sandbox, caller, message, changed, code):
    answer = caller.send(**{**message, **changed}).json
    assert answer.get("ResponseCode", answer.get("Code")) == code
    assert len(sandbox.accepted) == (code == "OK")


WITH_A_CODE = [
    number
    for number in TEST_NUMBERS.values()
    if number.behaviour.value in {"accepted", "rejected", "refused"} and not number.answer.delay
]


@pytest.mark.parametrize("number", WITH_A_CODE, ids=lambda number: number.national)
def test_a_test_number_speaks_the_language_of_the_api(open_caller, number):
    with Sandbox() as sandbox:
        answer = open_caller(sandbox).send(**{**GLOBE, "To": number.phone.removeprefix("+")}).json
    if number.behaviour.value == "refused":
        assert answer["Code"] == number.code
        return
    assert "Code" not in answer
    code = answer["ResponseCode"]
    assert not code.startswith(("isv.", "isp."))
    assert codes.find(code) or code == "SOMETHING_NEW"


def test_without_a_format_the_answer_is_xml_of_its_action(caller):
    root = ET.fromstring(caller.send(**GLOBE, Format=None).body)  # noqa: S314 - the sandbox of this very test wrote it
    assert root.tag == "SendMessageToGlobeResponse"
    assert root.findtext("ResponseCode") == "OK"
    assert root.findtext("Segments") == "1"


def test_the_command_can_leave_out_every_call():
    assert tuple(ACTIONS) == _CALLS
