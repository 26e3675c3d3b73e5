"""Where a report may be posted to, and what of that may be shown. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from batch_sms.errors import SettingsError
from batch_sms.gateway.endpoints import is_loopback


def check_hook(url: str) -> None:
    """Refuse what is no address of a web hook: https, or http on this machine. The address is not shown. Raises SettingsError."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise SettingsError("report_unreadable")
    if "@" in parts.netloc:
        raise SettingsError("report_password", host=parts.hostname)
    if parts.scheme == "http" and not is_loopback(url):
        raise SettingsError("report_plain", host=parts.hostname)


def shown(url: str) -> str:
    """What may be shown of a web hook's address: its path may be its secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"
