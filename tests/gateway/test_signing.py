"""The published vectors of both signatures, and derived ones on which independent implementations agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batch_sms.gateway import signing

VECTORS = json.loads((Path(__file__).parent / "signature_vectors.json").read_text("utf-8"))
DERIVED = VECTORS["send_inter_sms_derived"]
EXPECTED = DERIVED["signatures"]
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("vector", VECTORS["v1_published"], ids=lambda vector: vector["params"]["Action"])
def test_published_v1(vector):
    assert signing.v1_string_to_sign(vector["method"], vector["params"]) == vector["string_to_sign"]
    assert signing.v1_signature(vector["method"], vector["params"], vector["secret"]) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["v3_published"], ids=lambda vector: vector["headers"]["x-acs-action"])
def test_published_v3(vector):
    query = signing.canonical_query(vector["query"])
    request = signing.v3_canonical_request(vector["method"], query, vector["headers"], vector["payload_hash"])
    assert signing.hex_sha256(request.encode()) == vector["hashed_canonical_request"]
    assert signing.v3_signature(request, vector["secret"]) == vector["signature"]


@pytest.mark.parametrize(
    ("name", "method", "more"),
    [
        ("v1_get", "GET", {}),
        ("v1_post_form", "POST", {}),
        ("v1_get_with_empty_SignatureType", "GET", {"SignatureType": ""}),
        ("v1_post_with_empty_SignatureType", "POST", {"SignatureType": ""}),
    ],
)
def test_derived_v1(name, method, more):
    parameters = {**DERIVED["business"], **DERIVED["common_v1"], **more}
    assert signing.v1_signature(method, parameters, DERIVED["secret"]) == EXPECTED[name]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("v3_post_query_minimal_headers", {}),
        (
            "v3_post_query_with_security_token_dummy-sts-token_and_x-acs-accesskey-id",
            {"x-acs-security-token": "dummy-sts-token", "x-acs-accesskey-id": DERIVED["access_key_id"]},
        ),
    ],
)
def test_derived_v3(name, more):
    headers = {
        "host": DERIVED["host"],
        "x-acs-action": "SendInterSms",
        "x-acs-content-sha256": EMPTY_HASH,
        "x-acs-date": DERIVED["timestamp"],
        "x-acs-signature-nonce": DERIVED["nonce"],
        "x-acs-version": "2017-05-25",
        **more,
    }
    query = signing.canonical_query(DERIVED["business"])
    request = signing.v3_canonical_request("POST", query, headers, EMPTY_HASH)
    assert signing.v3_signature(request, DERIVED["secret"]) == EXPECTED[name]


def test_every_vector_is_used():
    assert (len(VECTORS["v1_published"]), len(VECTORS["v3_published"]), len(EXPECTED)) == (2, 1, 6)


def test_a_signature_among_the_parameters_is_not_signed():
    parameters = {**DERIVED["business"], **DERIVED["common_v1"]}
    signed = signing.v1_signature("POST", parameters, DERIVED["secret"])
    assert signing.v1_signature("POST", {**parameters, "Signature": signed}, DERIVED["secret"]) == signed


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("AZaz09-_.~", "AZaz09-_.~"),
        (" ", "%20"),
        ("*", "%2A"),
        ("+", "%2B"),
        ("/", "%2F"),
        ("%20", "%2520"),
        ("!'()", "%21%27%28%29"),
        ("&=;,:@$?#[]", "%26%3D%3B%2C%3A%40%24%3F%23%5B%5D"),
        ("\r\n\t\0", "%0D%0A%09%00"),
        ("云", "%E4%BA%91"),
        ("🎉", "%F0%9F%8E%89"),
        ("e\u0301", "e%CC%81"),
        ("", ""),
    ],
)
def test_percent_encoding_is_rfc_3986_of_utf_8(text, encoded):
    assert signing.percent_encode(text) == encoded


def test_the_query_is_in_byte_order_of_the_names_and_encodes_both_sides():
    assert (
        signing.canonical_query({"b": "2", "a": "1", "B": "3", "a b": "=&", "Z": ""}) == "B=3&Z=&a=1&a%20b=%3D%26&b=2"
    )


def test_the_authorization_names_the_signed_headers_in_order():
    value = signing.v3_authorization("id", ("x-acs-date", "host"), "00ff")
    assert value == "ACS3-HMAC-SHA256 Credential=id,SignedHeaders=host;x-acs-date,Signature=00ff"
