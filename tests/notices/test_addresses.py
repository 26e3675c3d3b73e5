from __future__ import annotations

import pytest

from batch_sms.errors import SettingsError
from batch_sms.notices.addresses import check_hook, shown


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com/services/T0/B0/x?y=1",
        "https://hooks.example.com:8443/x",
        "http://127.0.0.1:9000/x",
        "http://localhost/x",
        "http://[::1]:9000/",
    ],
)
def test_an_address_is_taken(url):
    check_hook(url)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "report_unreadable"),
        ("hooks.example.com", "report_unreadable"),
        ("ftp://hooks.example.com", "report_unreadable"),
        ("https://", "report_unreadable"),
        ("https:///x", "report_unreadable"),
        ("https://hooks.example.com:0/", "report_unreadable"),
        ("https://hooks.example.com:x/", "report_unreadable"),
        ("https://hooks.example.com/a b", "report_unreadable"),
        ("https://hooks.example.com/a\r\nb", "report_unreadable"),
        ("https://[::1/", "report_unreadable"),
        ("https://me:S3CRET@hooks.example.com/", "report_password"),
        ("https://S3CRET@hooks.example.com/", "report_password"),
        ("http://hooks.example.com/S3CRET", "report_plain"),
        ("http://127.0.0.1.example.com/S3CRET", "report_plain"),
    ],
)
def test_any_other_is_refused_and_what_may_be_secret_in_it_is_not_shown(url, key):
    with pytest.raises(SettingsError) as error:
        check_hook(url)
    assert error.value.key == key
    assert "S3CRET" not in str(error.value)


def test_only_the_host_is_shown():
    assert shown("https://hooks.example.com:8443/services/S3CRET?x=S3CRET") == "https://hooks.example.com:8443/…"
