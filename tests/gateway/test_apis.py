"""How a message becomes parameters, and an answer an outcome: a table of literal answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.gateway.answers import Answer, redacted
from batch_sms.gateway.apis import APIS, SEND_INTER_SMS, SEND_MESSAGE_TO_GLOBE, SEND_SMS
from batch_sms.model import Action, Message, Outcome, Retry

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FULL = Message("+85261234567", "61234567", "HK", "云通信", "SMS_0000", '{"intlmsg":"kiko"}', "row-1")


def outcome(status, body, retry_after=None):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return SEND_INTER_SMS.outcome(Answer(status, data, retry_after), AT)


def gateway_error(code, message="m"):
    return {"RequestId": "R1", "HostId": "dysmsapi.aliyuncs.com", "Code": code, "Message": message, "Recommend": "u"}


def test_the_parameters_have_the_wire_names():
    assert SEND_INTER_SMS.parameters(FULL) == {
        "PhoneNumbers": "61234567",
        "CountryCode": "HK",
        "SignName": "云通信",
        "TemplateCode": "SMS_0000",
        "TemplateParam": '{"intlmsg":"kiko"}',
        "OutId": "row-1",
    }


def test_what_is_optional_and_empty_is_left_out():
    message = Message("+85261234567", "61234567", "HK", "s", "t", "", "")
    assert set(SEND_INTER_SMS.parameters(message)) == {"PhoneNumbers", "CountryCode", "SignName", "TemplateCode"}


def test_the_phone_with_its_dial_code_is_not_sent():
    assert "+85261234567" not in str(SEND_INTER_SMS.parameters(FULL))


def test_the_api_is_found_by_its_name():
    assert APIS["send-inter-sms"] is SEND_INTER_SMS
    assert (SEND_INTER_SMS.action, SEND_INTER_SMS.version) == ("SendInterSms", "2017-05-25")


def test_there_are_three_and_each_is_found_by_its_name():
    assert {name: (api.name, api.action, api.version, api.region) for name, api in APIS.items()} == {
        "send-inter-sms": ("send-inter-sms", "SendInterSms", "2017-05-25", "cn-hangzhou"),
        "send-sms": ("send-sms", "SendSms", "2017-05-25", "cn-hangzhou"),
        "send-message-to-globe": ("send-message-to-globe", "SendMessageToGlobe", "2018-05-01", "ap-southeast-1"),
    }


def test_the_parameters_of_send_sms():
    assert SEND_SMS.parameters(FULL) == {
        "PhoneNumbers": "85261234567",
        "SignName": "云通信",
        "TemplateCode": "SMS_0000",
        "TemplateParam": '{"intlmsg":"kiko"}',
        "OutId": "row-1",
    }


TEXT = Message("+85261234567", "61234567", "HK", "ACME", "", '{"message":"Hi 小明"}', "row-1")


def test_the_parameters_of_send_message_to_globe():
    assert SEND_MESSAGE_TO_GLOBE.parameters(TEXT) == {
        "To": "85261234567",
        "From": "ACME",
        "Message": "Hi 小明",
        "Type": "NOTIFY",
        "TaskId": "row-1",
    }
    nameless = Message("+85261234567", "61234567", "HK", "", "", '{"message":"Hi"}', "")
    assert set(SEND_MESSAGE_TO_GLOBE.parameters(nameless)) == {"To", "Message", "Type"}


def test_a_type_is_one_of_the_api_that_has_types():
    assert SEND_MESSAGE_TO_GLOBE.of_type("otp").parameters(TEXT)["Type"] == "OTP"
    assert SEND_SMS.of_type("otp") is SEND_SMS


@pytest.mark.parametrize("api", APIS.values(), ids=list(APIS))
def test_no_parameter_is_empty_and_no_phone_has_a_plus(api):
    parameters = api.parameters(TEXT)
    assert all(parameters.values())
    assert not [value for value in parameters.values() if value.startswith("+")]


def globe(status, body):
    return SEND_MESSAGE_TO_GLOBE.outcome(Answer(status, json.dumps(body).encode()), AT)


GLOBE_OK = {
    "ResponseCode": "OK",
    "ResponseDescription": "OK",
    "RequestId": "R1",
    "MessageId": "191921",
    "To": "85261234567",
    "From": "ACME",
    "Segments": "2",
    "NumberDetail": {"Country": "Hong Kong", "Region": "HongKong", "Carrier": "CSL"},
}


@pytest.mark.parametrize(("segments", "counted"), [("2", 2), (2, 2), ("", 0), (None, 0), ("two", 0), ("9" * 99, 0)])
def test_accepted_by_the_globe(segments, counted):
    assert globe(200, {**GLOBE_OK, "Segments": segments}) == Outcome(
        Action.OK, "OK", AT, message="OK", biz_id="191921", request_id="R1", segments=counted
    )


@pytest.mark.parametrize(
    ("status", "body", "action", "code"),
    [
        (200, {**GLOBE_OK, "MessageId": ""}, "in_doubt", "net.NO_BIZ_ID"),
        (500, GLOBE_OK, "in_doubt", "net.HTTP_500"),
        (200, {"BizId": "1^0", "ResponseCode": "OK"}, "in_doubt", "net.NO_BIZ_ID"),
        (200, {"ResponseCode": "MOBILE_NUMBER_ILLEGAL", "Segments": "1"}, "row", "MOBILE_NUMBER_ILLEGAL"),
        (200, {"ResponseCode": "AMOUNT_NOT_ENOUGH", "MessageId": "1"}, "stop", "AMOUNT_NOT_ENOUGH"),
        (200, {"ResponseCode": "SYSTEM_ERROR"}, "in_doubt", "SYSTEM_ERROR"),
        (200, {"ResponseCode": "QPS_LIMIT_CONTROL"}, "retry", "QPS_LIMIT_CONTROL"),
        (400, {"Code": "Throttling.User", "Message": "m", "HostId": "h"}, "retry", "Throttling.User"),
        (404, {"Code": "InvalidAction.NotFound", "Message": "m", "HostId": "h"}, "stop", "InvalidAction.NotFound"),
        (502, {}, "in_doubt", "net.HTTP_502"),
    ],
)
def test_what_else_the_globe_says(status, body, action, code):
    said = globe(status, body)
    assert (said.action, said.code) == (Action(action), code)
    assert (said.biz_id, said.segments) == ("", 0)


def test_the_words_of_both_layers_are_kept():
    assert globe(200, {"ResponseCode": "INVALID_SENDERID", "ResponseDescription": "bad"}).message == "bad"
    assert globe(400, {"Code": "MissingTo", "Message": "To is mandatory"}).message == "To is mandatory"


def test_the_other_apis_know_no_segments():
    assert outcome(200, {"Code": "OK", "BizId": "1^0", "Segments": "2"}).segments == 0


def test_accepted():
    body = b'{"Message":"OK","RequestId":"8906582E-6722","BizId":"853819343905671399^0","Code":"OK"}'
    assert outcome(200, body) == Outcome(
        Action.OK, "OK", AT, message="OK", biz_id="853819343905671399^0", request_id="8906582E-6722"
    )


IN_DOUBT = [
    ("OK without a BizId", 200, {"Code": "OK", "Message": "OK", "RequestId": "R1"}, "net.NO_BIZ_ID"),
    ("OK with an empty BizId", 200, {"Code": "OK", "BizId": ""}, "net.NO_BIZ_ID"),
    ("OK with BizId null", 200, {"Code": "OK", "BizId": None}, "net.NO_BIZ_ID"),
    ("OK with HTTP 500", 500, {"Code": "OK", "BizId": "1^0"}, "net.HTTP_500"),
    ("OK with HTTP 201", 201, {"Code": "OK", "BizId": "1^0"}, "net.HTTP_201"),
    ("OK with HTTP 400", 400, {"Code": "OK", "BizId": "1^0"}, "net.HTTP_400"),
    ("unknown code, 500", 500, gateway_error("Something.New"), "Something.New"),
    ("unknown code, 503", 503, gateway_error("Something.New"), "Something.New"),
    ("InternalError", 500, gateway_error("InternalError"), "InternalError"),
    ("InternalError with another status", 400, gateway_error("InternalError"), "InternalError"),
    ("ServiceUnavailable", 503, gateway_error("ServiceUnavailable"), "ServiceUnavailable"),
    ("system error", 200, {"Code": "isp.SYSTEM_ERROR", "Message": "系统错误"}, "isp.SYSTEM_ERROR"),
    ("nonce used", 400, gateway_error("SignatureNonceUsed"), "SignatureNonceUsed"),
    ("HTML 502", 502, b"<html><h1>502 Bad Gateway</h1></html>", "net.HTTP_502"),
    ("empty 504", 504, b"", "net.HTTP_504"),
    ("HTML 200", 200, b"<html>Welcome to the hotel's Wi-Fi</html>", "net.BAD_ANSWER"),
    ("HTML 403", 403, b"<html>403 Forbidden</html>", "net.HTTP_403"),
    ("redirect", 302, b"", "net.HTTP_302"),
    ("no content", 204, b"", "net.HTTP_204"),
    ("empty 200", 200, b"", "net.BAD_ANSWER"),
    ("JSON list", 200, b'[{"Code":"OK","BizId":"1^0"}]', "net.BAD_ANSWER"),
    ("JSON text", 200, b'"OK"', "net.BAD_ANSWER"),
    ("JSON number", 200, b"200", "net.BAD_ANSWER"),
    ("JSON null", 200, b"null", "net.BAD_ANSWER"),
    ("JSON without Code", 200, {"BizId": "1^0", "RequestId": "R1", "Message": "OK"}, "net.BAD_ANSWER"),
    ("Code by another name", 200, {"code": "OK", "BizId": "1^0"}, "net.BAD_ANSWER"),
    ("Code null", 200, {"Code": None, "BizId": "1^0"}, "net.BAD_ANSWER"),
    ("Code empty, HTTP 400", 400, {"Code": ""}, "net.HTTP_400"),
    ("truncated JSON", 200, b'{"Message":"OK","RequestId":"R1","BizId":"1^0","Co', "net.BAD_ANSWER"),
    ("two JSON objects", 200, b'{"Code":"OK","BizId":"1^0"}{"Code":"OK","BizId":"2^0"}', "net.BAD_ANSWER"),
    ("XML", 200, b"<SendInterSmsResponse><Code>OK</Code></SendInterSmsResponse>", "net.BAD_ANSWER"),
    ("not UTF-8", 200, b'{"Code":"\xff\xfe"}', "net.BAD_ANSWER"),
    ("noise", 200, b"\x00\x1f\x8b\x08", "net.BAD_ANSWER"),
    ("nested without end", 200, b"[" * 200_000, "net.BAD_ANSWER"),
    ("nested objects without end", 500, b'{"a":' * 200_000, "net.HTTP_500"),
    ("number without end", 200, b'{"Code":' + b"9" * 10_000 + b"}", "net.BAD_ANSWER"),
]


@pytest.mark.parametrize(("status", "body", "code"), [row[1:] for row in IN_DOUBT], ids=[row[0] for row in IN_DOUBT])
def test_what_is_not_clear_is_in_doubt(status, body, code):
    said = outcome(status, body, retry_after=3.0)
    assert (said.action, said.code, said.sent_at) == (Action.IN_DOUBT, code, AT)
    assert (said.biz_id, said.retry, said.retry_after) == ("", None, None)


@pytest.mark.parametrize(
    ("status", "code", "action"),
    [
        (200, "isv.MOBILE_NUMBER_ILLEGAL", Action.ROW),
        (200, "isv.BUSINESS_LIMIT_CONTROL", Action.ROW),
        (200, "isv.SOMETHING_NEW", Action.ROW),
        (400, "Something.New", Action.ROW),
        (404, "Something.New", Action.ROW),
        (400, "MissingSignName", Action.ROW),
        (200, "isv.AMOUNT_NOT_ENOUGH", Action.STOP),
        (200, "isv.OUT_OF_SERVICE", Action.STOP),
        (200, "isp.RAM_PERMISSION_DENY", Action.STOP),
        (404, "InvalidAccessKeyId.NotFound", Action.STOP),
        (404, "InvalidAction.NotFound", Action.STOP),
        (400, "SignatureDoesNotMatch", Action.STOP),
        (403, "SignatureDoesNotMatch", Action.STOP),
    ],
)
def test_a_clear_no(status, code, action):
    body = gateway_error(code, "为什么") if status != 200 else {"Message": "为什么", "RequestId": "R1", "Code": code}
    assert outcome(status, body, retry_after=3.0) == Outcome(action, code, AT, message="为什么", request_id="R1")


@pytest.mark.parametrize("code", ["Throttling", "Throttling.User", "Throttling.Api", "Throttling.Something"])
@pytest.mark.parametrize("status", [400, 429, 503])
@pytest.mark.parametrize("retry_after", [None, 0.0, 0.3, 60.0])
def test_throttling_is_certainly_not_sent(code, status, retry_after):
    assert outcome(status, gateway_error(code), retry_after) == Outcome(
        Action.RETRY, code, AT, message="m", request_id="R1", retry=Retry.SLOW, retry_after=retry_after
    )


@pytest.mark.parametrize("code", ["InvalidTimeStamp.Expired", "InvalidTimeStamp.Format"])
def test_a_clock_that_is_off_was_not_sent_and_does_not_slow_the_pool(code):
    said = outcome(400, gateway_error(code), retry_after=3.0)
    assert (said.action, said.retry, said.retry_after) == (Action.RETRY, Retry.CLOCK, None)


def test_the_echo_of_the_request_is_cut():
    echo = "POST&%2F&AccessKeyId%3DtestId%26PhoneNumbers%3D61234567%26TemplateParam%3Dsecret-text"
    said = "Specified signature is not matched with our calculation. server string to sign is:"
    result = outcome(400, gateway_error("SignatureDoesNotMatch", said + echo))
    assert result.message == "Specified signature is not matched with our calculation."
    assert not [word for word in ("61234567", "secret-text", "testId", "POST") if word in repr(result)]


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("", ""),
        ("触发天级流控Permits:10", "触发天级流控Permits:10"),
        ("server string to sign is:POST&61234567", ""),
        ("a server string to sign is:b server string to sign is:c", "a"),
        ("x" * 301, "x" * 300),
    ],
)
def test_redacted(message, kept):
    assert redacted(message) == kept


def test_numbers_instead_of_texts():
    said = outcome(200, b'{"Code":"OK","BizId":853819343905671399,"RequestId":12,"Message":0}')
    assert said == Outcome(Action.OK, "OK", AT, message="", biz_id="853819343905671399", request_id="12")


@pytest.mark.parametrize("code", [200, 0, 1.5, True, ["OK"], {"OK": 1}])
def test_a_code_that_is_no_text_is_never_accepted(code):
    said = outcome(200, {"Code": code, "BizId": "1^0"})
    assert said.action in {Action.ROW, Action.IN_DOUBT}
    assert said.biz_id == ""
    assert isinstance(said.code, str)


@pytest.mark.parametrize("code", ["ok", "Ok", "OK ", "OK\n", "Success", "200", "ＯＫ"])
def test_only_ok_is_ok(code):
    assert outcome(200, {"Code": code, "BizId": "1^0"}).action is not Action.OK


def test_half_a_character_can_be_written_down():
    body = b'{"Code":"OK","BizId":"1^0\\ud800","Message":"a\\udc00b","RequestId":"\\ud83d"}'
    said = outcome(200, body)
    assert (said.biz_id, said.message, said.request_id) == ("1^0?", "a?b", "?")
    assert outcome(200, b'{"Code":"isv.\\ud800"}').code == "isv.?"


@settings(deadline=None)
@given(st.integers(100, 599), st.binary(max_size=200))
def test_noise_is_never_accepted_and_never_raises(status, body):
    assert outcome(status, body).action is Action.IN_DOUBT


@settings(deadline=None)
@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["Code", "Message", "BizId", "RequestId"]),
        st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.just("OK"), st.lists, max_leaves=3),
    ),
)
def test_any_json_object_is_an_outcome_and_ok_needs_all_of_it(status, fields):
    said = outcome(status, fields)
    assert (said.action is Action.OK) == (status == 200 and fields.get("Code") == "OK" and bool(fields.get("BizId")))
    assert bool(said.biz_id) == (said.action is Action.OK)
    assert all(isinstance(text, str) for text in (said.code, said.message, said.biz_id, said.request_id))
