from __future__ import annotations

import http.client
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from batch_sms.gateway import signing
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Caller:
    """A client that signs like the official documents say and can be told to do any part of it wrongly."""

    port: int
    timeout: float = 5.0
    key_id: str = SANDBOX_KEY_ID
    secret: str = SANDBOX_KEY_SECRET
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)

    def parameters(self, **changed):
        parameters = {
            "Action": "SendInterSms",
            "Version": "2017-05-25",
            "Format": "JSON",
            "AccessKeyId": self.key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": str(uuid.uuid4()),
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "PhoneNumbers": "61234567",
            "CountryCode": "HK",
            "SignName": "云通信",
            "TemplateCode": "SMS_0000",
        }
        parameters.update(changed)
        return {name: value for name, value in parameters.items() if value is not None}

    def send(self, method="POST", **changed):
        """One V1 call; a parameter given as None is left out."""
        return self.send_parameters(self.parameters(**changed), method)

    def send_parameters(self, parameters, method="POST"):
        if "Signature" not in parameters:
            parameters = {**parameters, "Signature": signing.v1_signature(method, parameters, self.secret)}
        if method == "GET":
            return self.request("GET", "/?" + urlencode(parameters))
        return self.request(method, "/", urlencode(parameters), FORM)

    def send_v3(self, query=None, form=None, *, unsigned=(), claimed_body=None, **headers):
        """One V3 call; `headers` replace (or, as None, remove) those named with underscores for dashes."""
        body = urlencode(form or {}).encode()
        sent = {
            "host": f"127.0.0.1:{self.port}",
            "content-type": FORM["Content-Type"],
            "x-acs-action": "SendInterSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": str(uuid.uuid4()),
            "x-acs-content-sha256": signing.hex_sha256(body if claimed_body is None else claimed_body),
        }
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        sent = {name: value for name, value in sent.items() if value is not None}
        signed = {name: value for name, value in sent.items() if name not in unsigned}
        canonical = signing.v3_canonical_request(
            "POST", signing.canonical_query(query or {}), signed, sent.get("x-acs-content-sha256", "")
        )
        signature = signing.v3_signature(canonical, self.secret)
        sent.setdefault("authorization", signing.v3_authorization(self.key_id, signed, signature))
        return self.request("POST", "/?" + urlencode(query or {}), body, sent)

    def request(self, method, target, body=None, headers=None):
        self.connection.request(method, target, body, headers or {})
        response = self.connection.getresponse()
        return Response(response.status, response.headers, response.read())


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def open_caller():
    """Makes callers whose connections are closed after the test."""
    callers = []

    def make(sandbox, **settings):
        callers.append(Caller(sandbox.port, **settings))
        return callers[-1]

    yield make
    for caller in callers:
        caller.connection.close()


@pytest.fixture
def caller(sandbox, open_caller):
    return open_caller(sandbox)
