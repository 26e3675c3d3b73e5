"""What the gateway checks before it takes a message, as pure functions (reference aliyun.md sections 2, 3.1 and 9).

The order: key id, security token, time stamp, nonce, signature, action and version, mandatory parameters. What the product
behind an action checks itself is in ``actions``. Both signatures are verified: V1 over query and form, V3 over the headers
that it names.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl

from batch_sms.gateway import signing
from batch_sms.sandbox.actions import ACTIONS
from batch_sms.sandbox.answers import (
    ACTION_UNKNOWN,
    CLOCK_OFF,
    KEY_UNKNOWN,
    NONCE_USED,
    Answer,
    mismatch,
    missing,
    refused,
)
from batch_sms.sandbox.keys import SECRETS, TOKENS
from batch_sms.sandbox.limits import Nonces
from batch_sms.sandbox.wire import Request

CLOCK_TOLERANCE = timedelta(minutes=15)
MAX_PARAMETERS = 256

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_AUTHORIZATION = re.compile(
    rf"{signing.V3_ALGORITHM}\s+Credential=(?P<key>[^,]*),\s*SignedHeaders=(?P<headers>[^,]*),\s*Signature=(?P<signature>.*)"
)
_V3_SIGNED = frozenset(
    {"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"}
)
"""Headers that a V3 signature must cover, by the official document."""


class SignatureVersion(StrEnum):
    """The two signatures."""

    V1 = "V1"
    V3 = "V3"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the gateway understands it: who calls what, with which parameters, signed how."""

    version: SignatureVersion
    method: str
    parameters: Mapping[str, str]
    key_id: str
    token: str
    timestamp: str
    nonce: str
    action: str
    api_version: str
    signature: str
    canonical_request: str = ""
    """What V3 signs; empty for V1, which signs the parameters."""
    well_signed: bool = True
    """False if the signature does not cover what it must, whatever its value."""

    @property
    def wants_json(self) -> bool:
        """V1 answers XML unless asked for JSON; V3 answers JSON."""
        return self.version is SignatureVersion.V3 or self.parameters.get("Format", "").upper() == "JSON"


def parse_call(request: Request) -> Call | Answer:
    """The call that a request makes, or why it can't be understood."""
    try:
        query = _pairs(request.query)
        form = _pairs(request.body.decode()) if _is_form(request) else {}
    except ValueError:
        return refused(400, "InvalidParameter", "The parameters are not well-formed percent-encoded UTF-8.")
    if request.headers.get("authorization", "").startswith(signing.V3_ALGORITHM):
        return _v3_call(request, query, form)
    return _v1_call(request, {**query, **form})


def refusal_of(call: Call, at: datetime, nonces: Nonces, closed: Collection[str] = ()) -> Answer | None:
    """Why the gateway refuses the call at this moment, or None. Actions that are ``closed`` are not offered to the account."""
    return (
        _key_refusal(call)
        or _time_refusal(call, at)
        or _nonce_refusal(call, at, nonces)
        or _signature_refusal(call)
        or _action_refusal(call, closed)
    )


def _pairs(encoded: str) -> dict[str, str]:
    return dict(parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS))


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded")


def _v1_call(request: Request, parameters: dict[str, str]) -> Call:
    def value(name: str) -> str:
        return parameters.get(name, "")

    return Call(
        version=SignatureVersion.V1,
        method=request.method,
        parameters=parameters,
        key_id=value("AccessKeyId"),
        token=value("SecurityToken"),
        timestamp=value("Timestamp"),
        nonce=value("SignatureNonce"),
        action=value("Action"),
        api_version=value("Version"),
        signature=value("Signature"),
        well_signed=value("SignatureMethod") == "HMAC-SHA1" and value("SignatureVersion") == "1.0",
    )


def _v3_call(request: Request, query: dict[str, str], form: dict[str, str]) -> Call | Answer:
    authorization = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if authorization is None:
        return refused(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
    headers = request.headers
    names = authorization["headers"].split(";")
    signed = {name: headers.get(name, "") for name in names}
    body_hash = signing.hex_sha256(request.body)
    token = headers.get("x-acs-security-token", "")
    needed = _V3_SIGNED | {"x-acs-security-token"} if token else _V3_SIGNED
    return Call(
        version=SignatureVersion.V3,
        method=request.method,
        parameters={**query, **form},
        key_id=authorization["key"],
        token=token,
        timestamp=headers.get("x-acs-date", ""),
        nonce=headers.get("x-acs-signature-nonce", ""),
        action=headers.get("x-acs-action", ""),
        api_version=headers.get("x-acs-version", ""),
        signature=authorization["signature"],
        canonical_request=signing.v3_canonical_request(
            request.method, signing.canonical_query(query), signed, body_hash
        ),
        well_signed=needed.issubset(names) and headers.get("x-acs-content-sha256") == body_hash,
    )


def _key_refusal(call: Call) -> Answer | None:
    if not call.key_id:
        return missing("AccessKeyId")
    if call.key_id not in SECRETS:
        return KEY_UNKNOWN
    if call.token != TOKENS.get(call.key_id, ""):
        message = "Specified SecurityToken mismatch with the AccessKey."
        return refused(400, "InvalidSecurityToken.MismatchWithAccessKey", message)
    return None


def _time_refusal(call: Call, at: datetime) -> Answer | None:
    if not call.timestamp:
        return missing("Timestamp")
    stamp = _parse_timestamp(call.timestamp)
    if stamp is None:
        message = "Specified time stamp or date value is not well formatted."
        return refused(400, "InvalidTimeStamp.Format", message)
    if abs(at - stamp) > CLOCK_TOLERANCE:
        return CLOCK_OFF
    return None


def _parse_timestamp(text: str) -> datetime | None:
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _nonce_refusal(call: Call, at: datetime, nonces: Nonces) -> Answer | None:
    if not call.nonce:
        return missing("SignatureNonce")
    if not nonces.claim(call.nonce, at):
        return NONCE_USED
    return None


def _signature_refusal(call: Call) -> Answer | None:
    if not call.signature:
        return missing("Signature")
    secret = SECRETS[call.key_id]
    if call.version is SignatureVersion.V1:
        expected = signing.v1_signature(call.method, call.parameters, secret)
    else:
        expected = signing.v3_signature(call.canonical_request, secret)
    if call.well_signed and hmac.compare_digest(expected.encode(), call.signature.encode()):
        return None
    return mismatch(call.canonical_request or signing.v1_string_to_sign(call.method, call.parameters))


def _action_refusal(call: Call, closed: Collection[str]) -> Answer | None:
    action = ACTIONS.get(call.action)
    if action is None or call.action in closed:
        return ACTION_UNKNOWN
    if call.api_version != action.version:
        return refused(400, "InvalidVersion", "Specified parameter Version is not valid.")
    return next((missing(name) for name in action.mandatory if not call.parameters.get(name)), None)
