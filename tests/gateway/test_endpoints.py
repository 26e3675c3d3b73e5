"""Where the gateway may be: https anywhere, plain http on this machine only."""

from __future__ import annotations

import pytest

from batch_sms.errors import SettingsError
from batch_sms.gateway.endpoints import check_endpoint, endpoint_of, is_loopback


@pytest.mark.parametrize(
    ("endpoint", "checked"),
    [
        ("https://dysmsapi.aliyuncs.com", "https://dysmsapi.aliyuncs.com"),
        ("https://dysmsapi.aliyuncs.com/", "https://dysmsapi.aliyuncs.com"),
        ("dysmsapi.ap-southeast-1.aliyuncs.com", "https://dysmsapi.ap-southeast-1.aliyuncs.com"),
        ("gateway.test:8443", "https://gateway.test:8443"),
        ("HTTPS://gateway.test", "https://gateway.test"),
        ("https://gateway.test:443", "https://gateway.test:443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.2", "http://127.0.0.2"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://LOCALHOST", "http://LOCALHOST"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://10.0.0.1", "https://10.0.0.1"),
    ],
)
def test_good_endpoints(endpoint, checked):
    assert check_endpoint(endpoint) == check_endpoint(checked) == checked


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("cn-hangzhou", "https://dysmsapi.aliyuncs.com"),
        ("cn-shanghai", "https://dysmsapi.aliyuncs.com"),
        ("cn-hongkong", "https://dysmsapi.aliyuncs.com"),
        ("ap-southeast-1", "https://dysmsapi.ap-southeast-1.aliyuncs.com"),
        ("ap-southeast-5", "https://dysmsapi.ap-southeast-5.aliyuncs.com"),
        ("eu-central-1", "https://dysmsapi.eu-central-1.aliyuncs.com"),
        ("us-east-1", "https://dysmsapi.us-east-1.aliyuncs.com"),
        ("me-east-1", "https://dysmsapi.ap-southeast-1.aliyuncs.com"),
    ],
)
def test_where_a_region_is_called(region, endpoint):
    assert endpoint_of(region) == endpoint
    assert check_endpoint(endpoint) == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://dysmsapi.aliyuncs.com",
        "http://10.0.0.1",
        "http://0.0.0.0:8000",
        "http://127.0.0.1.example",
        "http://127.example:8000",
        "http://localhost.example",
        "http://[::2]",
        "HTTP://gateway.test",
    ],
)
def test_plain_http_elsewhere_is_refused(endpoint):
    with pytest.raises(SettingsError) as raised:
        check_endpoint(endpoint)
    assert raised.value.key == "endpoint_plain"
    assert "https://" in str(raised.value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        " ",
        "https://",
        "https:///path",
        "://gateway.test",
        "ftp://gateway.test",
        "file:///etc/hosts",
        "https://gateway.test/path",
        "gateway.test/path",
        "https://gateway.test//",
        "https://gateway.test?a=b",
        "https://gateway.test/?a=b",
        "https://gateway.test#a",
        "https://user@gateway.test",
        "https://user:word@gateway.test",
        "https://:word@gateway.test",
        "https://@gateway.test",
        "http://127.0.0.1@gateway.test",
        "https://gateway.test:0",
        "https://gateway.test:65536",
        "https://gateway.test:port",
        "https://gateway.test:",
        "https://gateway.test:-1",
        "https://gate way.test",
        "https://gateway.test:443 ",
        "https://gateway.test\\@127.0.0.1",
        "https://例え.test",
        "https://%67ateway.test",
        "https://[::1",
        "https://::1",
        "https://[::1]x",
        "https://[gateway.test]",
    ],
)
def test_endpoints_that_can_not_be_read_are_refused(endpoint):
    with pytest.raises(SettingsError) as raised:
        check_endpoint(endpoint)
    assert raised.value.key == "endpoint_unreadable"
    assert raised.value.say("en") != raised.value.say("zh")


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("https://127.255.255.254", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("https://gateway.test", False),
        ("http://127.0.0.1.example", False),
        ("http://128.0.0.1", False),
        ("gateway.test", False),
    ],
)
def test_loopback(endpoint, expected):
    assert is_loopback(endpoint) is expected
