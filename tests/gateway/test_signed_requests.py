"""Our requests against the official SDKs as independent signers: the same request, the same signature."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import parse_qs, parse_qsl

import pytest
from alibabacloud_tea_openapi.utils import Utils
from aliyunsdkcore.auth.composer import rpc_signature_composer as core
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.gateway.signed_requests import Signer

HOST = "dysmsapi.aliyuncs.com"
NONCE = "45e25e9b-0a6f-4070-8c85-2956eda1b466"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAIN = Credentials("testId", Secret("testSecret"), Secret(""), "test")
STS = Credentials("STS.testId", Secret("testSecret"), Secret("dummy-sts-token/+=="), "test")
KEYS = pytest.mark.parametrize("credentials", [PLAIN, STS], ids=["ak", "sts"])

MESSAGE = {
    "PhoneNumbers": "61234567",
    "CountryCode": "HK",
    "SignName": "云通信 *~'()!+ %&=",
    "TemplateCode": "SMS_0000",
    "TemplateParam": '{"intlmsg":"你好 🎉 *~\'()!+ %&= \\n /?#\n\r\t;:@"}',
    "OutId": "row-1 é",
}
TEXTS = [
    "",
    "plain",
    "云通信",
    "🎉👨‍👩‍👧",
    "*~'()!+ %&=",
    "a\nb\r\nc",
    "%2A%20+%7E",
    "~~%7e",
    "a+b c",
    "=&=&",
    "\0\x7f",
    "e\u0301 é \ufeff\u202e",
    "\\u0000\\",
]
ANY_TEXT = st.text(max_size=60)

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="the SDK signs with pathname2url, which is another there"
)


def sign(credentials, signature, parameters, at=AT, nonce=NONCE):
    signer = Signer(credentials, HOST, "SendInterSms", "2017-05-25", "cn-hangzhou", signature)
    return signer.sign(parameters, nonce, at)


def form(body):
    pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def core_signature(body, secret):
    """What aliyun-python-sdk-core signs for a POST of this form."""
    signed = {name: value for name, value in form(body).items() if name != "Signature"}
    string_to_sign = getattr(core, "__compose_string_to_sign")("POST", signed)
    return getattr(core, "__get_signature")(string_to_sign, secret)


def tea_authorization(headers, body, credentials):
    """What alibabacloud-tea-openapi signs for a POST of these headers and this body."""
    request = SimpleNamespace(
        method="POST",
        pathname="/",
        query={},
        headers={name: value for name, value in headers.items() if name != "authorization"},
    )
    algorithm = "ACS3-HMAC-SHA256"
    payload = Utils.hash(body, algorithm).hex()
    assert headers["x-acs-content-sha256"] == payload
    secret = credentials.secret.reveal()
    return Utils.get_authorization(request, algorithm, payload, credentials.key_id, secret)


@posix_only
@KEYS
@pytest.mark.parametrize("text", TEXTS)
def test_v1_is_what_the_core_sdk_signs(credentials, text):
    _, body = sign(credentials, "v1", {**MESSAGE, "SignName": text})
    assert form(body)["SignName"] == text
    assert form(body)["Signature"] == core_signature(body, "testSecret")


@posix_only
@KEYS
def test_v1_is_the_request_that_the_core_sdk_composes(credentials, monkeypatch):
    monkeypatch.setattr("aliyunsdkcore.utils.parameter_helper.get_iso_8061_date", lambda: "2026-01-02T03:04:05Z")
    monkeypatch.setattr("aliyunsdkcore.utils.parameter_helper.get_uuid", lambda: NONCE)
    token = {"SecurityToken": credentials.token.reveal()} if credentials.token else {}
    query = {"Action": "SendInterSms", "Version": "2017-05-25", "RegionId": "cn-hangzhou", **token}
    url, string_to_sign = core.get_signed_url(
        query, credentials.key_id, credentials.secret.reveal(), "JSON", "POST", MESSAGE
    )
    theirs = {name: values[0] for name, values in parse_qs(url.removeprefix("/?"), keep_blank_values=True).items()}
    # the SDK adds an empty SignatureType and signs it; all else is the same
    assert theirs.pop("SignatureType") == ""
    assert "SignatureType%3D%26" in string_to_sign
    signature = theirs.pop("Signature")
    ours = form(sign(credentials, "v1", MESSAGE)[1])
    ours.pop("Signature")
    assert ours == {**theirs, **MESSAGE}
    assert signature == getattr(core, "__get_signature")(string_to_sign, "testSecret")


@KEYS
@pytest.mark.parametrize("text", TEXTS)
def test_v1_is_what_the_tea_sdk_signs(credentials, text):
    fields = form(sign(credentials, "v1", {**MESSAGE, "TemplateParam": text})[1])
    signature = fields.pop("Signature")
    assert signature == Utils.get_rpcsignature(fields, "POST", "testSecret")


@KEYS
@pytest.mark.parametrize("text", TEXTS)
def test_v3_is_what_the_tea_sdk_signs(credentials, text):
    headers, body = sign(credentials, "v3", {**MESSAGE, "TemplateParam": text})
    assert headers["authorization"] == tea_authorization(headers, body, credentials)


@posix_only
@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_v1_of_any_text_is_what_the_core_sdk_signs(national, sign_name, params, out_id):
    message = {**MESSAGE, "PhoneNumbers": national, "SignName": sign_name, "TemplateParam": params, "OutId": out_id}
    _, body = sign(STS, "v1", message)
    fields = form(body)
    assert {name: fields[name] for name in message} == message
    assert fields["Signature"] == core_signature(body, "testSecret")


@settings(deadline=None)
@given(ANY_TEXT, ANY_TEXT, st.sampled_from([PLAIN, STS]))
def test_v3_of_any_text_is_what_the_tea_sdk_signs(sign_name, params, credentials):
    message = {**MESSAGE, "SignName": sign_name, "TemplateParam": params}
    headers, body = sign(credentials, "v3", message)
    assert form(body) == {**message, "RegionId": "cn-hangzhou"}
    assert headers["authorization"] == tea_authorization(headers, body, credentials)


@KEYS
def test_the_body_of_v3_is_exactly_the_message_and_the_region(credentials):
    headers, body = sign(credentials, "v3", MESSAGE)
    assert form(body) == {**MESSAGE, "RegionId": "cn-hangzhou"}
    assert headers["content-type"] == "application/x-www-form-urlencoded"


def test_the_headers_of_v3():
    headers, _ = sign(PLAIN, "v3", MESSAGE)
    assert {
        name: value for name, value in headers.items() if name not in {"authorization", "x-acs-content-sha256"}
    } == {
        "content-type": "application/x-www-form-urlencoded",
        "host": HOST,
        "x-acs-action": "SendInterSms",
        "x-acs-date": "2026-01-02T03:04:05Z",
        "x-acs-signature-nonce": NONCE,
        "x-acs-version": "2017-05-25",
    }


def test_every_header_of_v3_is_signed_the_token_too():
    headers, _ = sign(STS, "v3", MESSAGE)
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert names == sorted(set(headers) - {"authorization"})
    assert headers["x-acs-security-token"] == "dummy-sts-token/+=="
    assert headers["x-acs-accesskey-id"] == "STS.testId"


def test_the_form_of_v1_is_the_message_and_the_common_parameters():
    headers, body = sign(STS, "v1", MESSAGE)
    fields = form(body)
    assert headers == {"content-type": "application/x-www-form-urlencoded", "host": HOST}
    assert fields.pop("Signature")
    assert fields == {
        **MESSAGE,
        "RegionId": "cn-hangzhou",
        "Action": "SendInterSms",
        "Version": "2017-05-25",
        "Format": "JSON",
        "AccessKeyId": "STS.testId",
        "SecurityToken": "dummy-sts-token/+==",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": NONCE,
        "Timestamp": "2026-01-02T03:04:05Z",
    }


@KEYS
@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_nothing_secret_is_sent(credentials, signature):
    headers, body = sign(credentials, signature, MESSAGE)
    assert "testSecret" not in "\n".join([*headers, *headers.values(), body.decode("ascii")])


@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_nothing_of_the_message_stands_in_a_header(signature):
    headers, _ = sign(PLAIN, signature, MESSAGE)
    text = "\n".join(headers.values())
    assert not [name for name in ("PhoneNumbers", "SignName", "TemplateParam", "OutId") if MESSAGE[name] in text]


@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_headers_and_body_are_ascii(signature):
    headers, body = sign(STS, signature, MESSAGE)
    assert body.isascii()
    assert all(name.isascii() and value.isascii() and value.isprintable() for name, value in headers.items())


@pytest.mark.parametrize("signature", ["v1", "v3"])
def test_the_time_is_utc_whatever_the_zone_it_is_given_in(signature):
    beijing = AT.astimezone(timezone(timedelta(hours=8)))
    assert sign(PLAIN, signature, MESSAGE, at=beijing) == sign(PLAIN, signature, MESSAGE)


@pytest.mark.parametrize("signature", ["v1", "v3"])
@pytest.mark.parametrize("changed", ["nonce", "time", "text", "key"])
def test_a_signature_is_of_one_request_only(signature, changed):
    def signed(**settings):
        headers, body = sign(**{"credentials": PLAIN, "signature": signature, "parameters": MESSAGE, **settings})
        return headers.get("authorization") or form(body)["Signature"]

    settings = {
        "nonce": {"nonce": "another"},
        "time": {"at": AT + timedelta(seconds=1)},
        "text": {"parameters": {**MESSAGE, "OutId": "row-2"}},
        "key": {"credentials": Credentials("testId", Secret("testSecret2"), Secret(""), "test")},
    }[changed]
    assert signed(**settings) != signed()
