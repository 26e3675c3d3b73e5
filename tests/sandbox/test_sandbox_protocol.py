"""What the sandbox checks before it takes a message, one fault at a time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from batch_sms.gateway import signing
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_STS_KEY_ID, SANDBOX_STS_KEY_SECRET, SANDBOX_STS_TOKEN, Sandbox

REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def stamp(minutes):
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_good_message_gets_exactly_the_documented_answer(sandbox, caller):
    answer = caller.send(TemplateParam='{"intlmsg":"kiko"}', OutId="abc")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert set(answer.json) == {"Message", "RequestId", "BizId", "Code"}
    assert REQUEST_ID.fullmatch(answer.json["RequestId"])
    (message,) = sandbox.accepted
    assert datetime.fromisoformat(message["At"]).tzinfo is not None
    assert message["TemplateParam"] == '{"intlmsg":"kiko"}'


def test_an_empty_signature_type_is_allowed_and_signed(caller):
    assert caller.send(SignatureType="").json["Code"] == "OK"


def test_the_parameters_may_be_split_between_query_and_form(caller):
    query = {"PhoneNumbers": "61234567", "SignName": "云 通+信"}
    form = {"CountryCode": "HK", "TemplateCode": "SMS_1"}
    assert caller.send_v3(query, form).json["Code"] == "OK"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"AccessKeyId": None}, 400, "MissingAccessKeyId"),
        ({"AccessKeyId": "nobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"AccessKeyId": SANDBOX_STS_KEY_ID}, 400, "InvalidSecurityToken.MismatchWithAccessKey"),
        ({"SecurityToken": SANDBOX_STS_TOKEN}, 400, "InvalidSecurityToken.MismatchWithAccessKey"),
        ({"Timestamp": None}, 400, "MissingTimestamp"),
        ({"Timestamp": "2026-01-02 03:04:05"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2026-02-30T03:04:05Z"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": -20}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": 20}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": -10}, 200, "OK"),
        ({"SignatureNonce": None}, 400, "MissingSignatureNonce"),
        ({"Signature": ""}, 400, "MissingSignature"),
        ({"Signature": "d3Jvbmc="}, 400, "SignatureDoesNotMatch"),
        ({"SignatureMethod": "HMAC-SHA256"}, 400, "SignatureDoesNotMatch"),
        ({"Action": "SendNothing"}, 404, "InvalidAction.NotFound"),
        ({"Version": "2018-05-01"}, 400, "InvalidVersion"),
        ({"PhoneNumbers": None}, 400, "MissingPhoneNumbers"),
        ({"CountryCode": None, "countryCode": "HK"}, 400, "MissingCountryCode"),
        ({"SignName": None}, 400, "MissingSignName"),
        ({"TemplateCode": ""}, 400, "MissingTemplateCode"),
    ],
)
def test_the_gateway_refuses(sandbox, caller, changed, status, code):
    if isinstance(minutes := changed.get("Timestamp"), int):  # made now: the tests are collected minutes before
        changed = {"Timestamp": stamp(minutes)}
    answer = caller.send(**changed)
    assert (answer.status, answer.json["Code"]) == (status, code)
    assert sandbox.requests == {code: 1}
    if code != "OK":
        assert sandbox.accepted == []
        assert set(answer.json) == {"RequestId", "HostId", "Code", "Message", "Recommend"}


def test_a_missing_parameter_is_named_in_the_message(caller):
    assert caller.send(SignName=None).json["Message"] == "SignName is mandatory for this action."


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"CountryCode": "HKG"}, "isv.INVALID_PARAMETERS"),
        ({"CountryCode": "hk"}, "isv.INVALID_PARAMETERS"),
        ({"CountryCode": "852"}, "isv.INVALID_PARAMETERS"),
        ({"PhoneNumbers": "+85261234567"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "123"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "1234567890123456"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "٦١٢٣٤٥٦٧"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"PhoneNumbers": "61234567,61234568"}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"TemplateParam": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "[]"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"code":1}'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "[" * 100_000}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "{}"}, "OK"),
    ],
)
def test_the_product_rejects(sandbox, caller, changed, code):
    answer = caller.send(**changed)
    assert (answer.status, answer.json["Code"]) == (200, code)
    assert ("BizId" in answer.json) == (code == "OK")
    assert len(sandbox.accepted) == (1 if code == "OK" else 0)


def test_a_wrong_signature_echoes_the_string_to_sign(caller):
    parameters = caller.parameters()
    answer = caller.send_parameters({**parameters, "Signature": "d3Jvbmc="})
    assert answer.json["Message"] == (
        "Specified signature is not matched with our calculation. server string to sign is:"
        + signing.v1_string_to_sign("POST", parameters)
    )


def test_a_signature_for_get_is_wrong_for_post(caller):
    parameters = caller.parameters()
    parameters["Signature"] = signing.v1_signature("GET", parameters, caller.secret)
    assert caller.send_parameters(parameters, "POST").json["Code"] == "SignatureDoesNotMatch"


def test_a_nonce_is_taken_once_in_15_minutes(open_caller):
    now = datetime.now(UTC)
    moments = iter([now] * 4 + [now + timedelta(minutes=14)] * 2 + [now + timedelta(minutes=16)] * 2)
    with Sandbox(clock=lambda: next(moments)) as sandbox:
        caller = open_caller(sandbox)
        codes = [caller.send(SignatureNonce="n", Timestamp=stamp(offset)).json["Code"] for offset in (0, 0, 14, 16)]
    assert codes == ["OK", "SignatureNonceUsed", "SignatureNonceUsed", "OK"]
    assert len(sandbox.accepted) == 2


def test_the_date_header_lets_a_client_correct_its_clock(open_caller):
    with Sandbox(clock=lambda: datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)) as sandbox:
        answer = open_caller(sandbox).send()
        assert answer.json["Code"] == "InvalidTimeStamp.Expired"
        assert answer.headers["Date"] == "Tue, 06 May 2031 07:08:09 GMT"
        assert open_caller(sandbox).send(Timestamp="2031-05-06T07:08:09Z").json["Code"] == "OK"


def test_without_a_format_the_answer_is_xml(caller):
    answer = caller.send(Format=None)
    assert answer.headers["Content-Type"] == "text/xml;charset=utf-8"
    root = ET.fromstring(answer.body)  # noqa: S314 - the sandbox of this very test wrote it
    assert root.tag == "SendInterSmsResponse"
    assert root.findtext("Code") == "OK"
    assert root.findtext("BizId")


def test_without_a_format_an_error_is_xml(caller):
    answer = caller.send(Format=None, SignName="a<b&c", Signature="d3Jvbmc=")
    root = ET.fromstring(answer.body)  # noqa: S314 - the sandbox of this very test wrote it
    assert (answer.status, root.tag, root.findtext("Code")) == (400, "Error", "SignatureDoesNotMatch")
    assert root.findtext("HostId")


def test_the_format_is_known_in_any_case(caller):
    assert caller.send(Format="json").json["Code"] == "OK"


V3_FORM = {"PhoneNumbers": "61234567", "CountryCode": "HK", "SignName": "云", "TemplateCode": "SMS_1"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "OK"),
        ({"x_acs_date": None}, "MissingTimestamp"),
        ({"x_acs_date": "yesterday"}, "InvalidTimeStamp.Format"),
        ({"x_acs_date": stamp(-20)}, "InvalidTimeStamp.Expired"),
        ({"x_acs_signature_nonce": None}, "MissingSignatureNonce"),
        ({"x_acs_action": "SendNothing"}, "InvalidAction.NotFound"),
        ({"x_acs_version": "2018-05-01"}, "InvalidVersion"),
        ({"x_acs_security_token": "wrong"}, "InvalidSecurityToken.MismatchWithAccessKey"),
        ({"authorization": "ACS3-HMAC-SHA256 nonsense"}, "IncompleteSignature"),
        (
            {"authorization": "ACS3-HMAC-SHA256 Credential=nobody,SignedHeaders=host,Signature=00"},
            "InvalidAccessKeyId.NotFound",
        ),
        (
            {"authorization": f"ACS3-HMAC-SHA256 Credential={SANDBOX_KEY_ID},SignedHeaders=host,Signature=00"},
            "SignatureDoesNotMatch",
        ),
        ({"claimed_body": b"another body"}, "SignatureDoesNotMatch"),
        ({"unsigned": ("x-acs-date",)}, "SignatureDoesNotMatch"),
        ({"unsigned": ("content-type",)}, "OK"),
    ],
)
def test_v3_is_checked(caller, changed, code):
    assert caller.send_v3(form=V3_FORM, **changed).json["Code"] == code


def test_v3_with_a_security_token(sandbox, open_caller):
    caller = open_caller(sandbox, key_id=SANDBOX_STS_KEY_ID, secret=SANDBOX_STS_KEY_SECRET)
    assert caller.send_v3(form=V3_FORM, x_acs_security_token=SANDBOX_STS_TOKEN).json["Code"] == "OK"
    unsigned = caller.send_v3(form=V3_FORM, x_acs_security_token=SANDBOX_STS_TOKEN, unsigned=("x-acs-security-token",))
    assert unsigned.json["Code"] == "SignatureDoesNotMatch"


def test_v3_with_a_missing_parameter(caller):
    answer = caller.send_v3(form={**V3_FORM, "TemplateCode": ""})
    assert json.loads(answer.body)["Code"] == "MissingTemplateCode"
