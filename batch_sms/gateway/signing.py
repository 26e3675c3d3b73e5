"""The two request signatures of Alibaba Cloud's RPC APIs, as pure functions.

V3 (ACS3-HMAC-SHA256) signs the headers and a hash of the body; V1 (HMAC-SHA1) signs the parameters. Sources: reference
aliyun.md sections 2.1 and 2.2, and the official documents named there. Nothing here knows a clock, a nonce or a network.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from functools import cache
from urllib.parse import quote

V3_ALGORITHM = "ACS3-HMAC-SHA256"


def percent_encode(text: str) -> str:
    """RFC 3986 encoding of the UTF-8 bytes: only ``A-Z a-z 0-9 - _ . ~`` stay as they are."""
    return quote(text, safe="~")


_encoded_name = cache(percent_encode)
"""The names of parameters are the same few for every message."""


def canonical_query(parameters: Mapping[str, str]) -> str:
    """The parameters as ``name=value`` pairs, percent-encoded and joined by ``&`` in byte order of their names."""
    return "&".join(f"{_encoded_name(name)}={percent_encode(parameters[name])}" for name in sorted(parameters))


def v1_string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """What V1 signs: the HTTP method, the path ``/`` and every query and form parameter but ``Signature``."""
    signed = {name: value for name, value in parameters.items() if name != "Signature"}
    return f"{method}&%2F&{percent_encode(canonical_query(signed))}"


def v1_signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """The V1 signature (base64 of HMAC-SHA1) of a request with these query and form parameters."""
    key = f"{secret}&".encode()
    digest = hmac.new(key, v1_string_to_sign(method, parameters).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def hex_sha256(data: bytes) -> str:
    """The lower-case hex SHA-256 of the data."""
    return hashlib.sha256(data).hexdigest()


def v3_canonical_request(method: str, query: str, headers: Mapping[str, str], body_hash: str) -> str:
    """What V3 hashes: method, path ``/``, canonical query, the headers to sign (lower-case names) and the body's hash."""
    names = sorted(headers)
    block = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    return f"{method}\n/\n{query}\n{block}\n{';'.join(names)}\n{body_hash}"


def v3_signature(canonical_request: str, secret: str) -> str:
    """The V3 signature (hex of HMAC-SHA256) of a canonical request."""
    string_to_sign = f"{V3_ALGORITHM}\n{hex_sha256(canonical_request.encode())}"
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()


def v3_authorization(key_id: str, signed_headers: Iterable[str], signature: str) -> str:
    """The value of the ``Authorization`` header for a V3 signature over these headers."""
    return f"{V3_ALGORITHM} Credential={key_id},SignedHeaders={';'.join(sorted(signed_headers))},Signature={signature}"
