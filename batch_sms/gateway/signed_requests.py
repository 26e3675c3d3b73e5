"""A signed request, ready for the wire: method, headers and a form body. Pure: nonce and time are given.

POST with a form body keeps phone numbers and texts out of URLs, and so out of the logs of proxies. The signature covers
the whole body, so a gateway can't take a request of which a part is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from batch_sms.gateway.credentials import Credentials
from batch_sms.gateway.signing import (
    canonical_query,
    hex_sha256,
    v1_signature,
    v3_authorization,
    v3_canonical_request,
    v3_signature,
)

METHOD = "POST"
_FORM = "application/x-www-form-urlencoded"
SIGNATURES = ("v3", "v1")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs the calls of one API with one key; ``host`` as in the Host header, ``version`` of the API, ``signature`` v3 or v1."""

    credentials: Credentials
    host: str
    action: str
    version: str
    region: str
    signature: str = SIGNATURES[0]

    def sign(self, parameters: Mapping[str, str], nonce: str, at: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of one request with these parameters."""
        timestamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        parameters = {**parameters, "RegionId": self.region}
        if self.signature == "v1":
            return self._v1(parameters, nonce, timestamp)
        return self._v3(parameters, nonce, timestamp)

    def _v3(self, parameters: Mapping[str, str], nonce: str, timestamp: str) -> tuple[dict[str, str], bytes]:
        body = canonical_query(parameters).encode("ascii")
        body_hash = hex_sha256(body)
        headers = {
            "content-type": _FORM,
            "host": self.host,
            "x-acs-action": self.action,
            "x-acs-content-sha256": body_hash,
            "x-acs-date": timestamp,
            "x-acs-signature-nonce": nonce,
            "x-acs-version": self.version,
        }
        if self.credentials.token:
            headers["x-acs-accesskey-id"] = self.credentials.key_id
            headers["x-acs-security-token"] = self.credentials.token.reveal()
        request = v3_canonical_request(METHOD, "", headers, body_hash)
        signature = v3_signature(request, self.credentials.secret.reveal())
        headers["authorization"] = v3_authorization(self.credentials.key_id, tuple(headers), signature)
        return headers, body

    def _v1(self, parameters: Mapping[str, str], nonce: str, timestamp: str) -> tuple[dict[str, str], bytes]:
        signed = {
            **parameters,
            "AccessKeyId": self.credentials.key_id,
            "Action": self.action,
            "Format": "JSON",
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": nonce,
            "SignatureVersion": "1.0",
            "Timestamp": timestamp,
            "Version": self.version,
        }
        if self.credentials.token:
            signed["SecurityToken"] = self.credentials.token.reveal()
        signed["Signature"] = v1_signature(METHOD, signed, self.credentials.secret.reveal())
        return {"content-type": _FORM, "host": self.host}, canonical_query(signed).encode("ascii")
