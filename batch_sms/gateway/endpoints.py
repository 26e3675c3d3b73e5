"""Where the gateway is. Apart from who speaks HTTP, so that a list is checked without the loading of requests."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from batch_sms.errors import SettingsError

_MAINLAND_HOST = "dysmsapi.aliyuncs.com"
_HOSTS_OF_THEIR_OWN = ("ap-southeast-1", "ap-southeast-5", "eu-central-1", "us-east-1")
_ABROAD = _HOSTS_OF_THEIR_OWN[0]
_HOST_AND_PORT = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name; 127.0.0.1.example is one too
        return False


def check_endpoint(endpoint: str) -> str:
    """The endpoint as scheme and host; https, or plain http on loopback. Raises SettingsError."""
    try:
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        bad = parts.scheme not in {"http", "https"} or not _HOST_AND_PORT.fullmatch(parts.netloc) or parts.port == 0
    except ValueError:
        raise SettingsError("endpoint_unreadable", endpoint=endpoint) from None
    if bad or parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise SettingsError("endpoint_unreadable", endpoint=endpoint)
    if parts.scheme == "http" and not is_loopback(endpoint):
        raise SettingsError("endpoint_plain", endpoint=endpoint, host=parts.netloc)
    return f"{parts.scheme}://{parts.netloc}"


def endpoint_of(region: str) -> str:
    """Where a region is called: one host for ``cn-*``, some with hosts of their own, Singapore for all others.

    The two SDKs' endpoint maps, and the core SDK's ``endpoints.json`` for regions that those do not have (section 1.6).
    """
    if region.startswith("cn-"):
        return f"https://{_MAINLAND_HOST}"
    return f"https://dysmsapi.{region if region in _HOSTS_OF_THEIR_OWN else _ABROAD}.aliyuncs.com"
