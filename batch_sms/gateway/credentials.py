"""Who calls: the access key, from the environment, the credentials file or the CLI's config (reference aliyun.md, section 7)."""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batch_sms.errors import CredentialsError

KEY_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105 (the variable's name, not a secret)
TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105 (the variable's name, not a secret)
_FILE = "ALIBABA_CLOUD_CREDENTIALS_FILE"
_PROFILE = "ALIBABA_CLOUD_PROFILE"
_CLI_DISABLED = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"


class Secret:
    """A text that shows itself only when asked by name: not in a repr, a log, a traceback or a pickle."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "<hidden>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Secret, ("",)


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, with the security token of a temporary one; ``source`` says where it was found."""

    key_id: str
    secret: Secret
    token: Secret
    source: str


def find_credentials(environment: Mapping[str, str], home: Path) -> Credentials:
    """The first key found, in the order of the official chain, without its network steps. Raises CredentialsError."""
    found = (
        _from_environment(environment)
        or _from_file(environment, home / ".alibabacloud" / "credentials.ini")
        or _from_file(environment, home / ".alibabacloud" / "credentials")
        or _from_cli(environment, home / ".aliyun" / "config.json")
    )
    if found is None:
        raise CredentialsError("no_credentials")
    return found


def _credentials(key_id: str, secret: str, token: str, source: str) -> Credentials:
    """Spaces and line ends around a copied key are never part of it; anything else odd in it is said."""
    parts = [part.strip() for part in (key_id, secret, token)]
    if not parts[0] or not parts[1]:
        raise CredentialsError("half_credentials", source=source)
    if not all(part.isascii() and part.isprintable() and " " not in part for part in parts):
        raise CredentialsError("odd_credentials", source=source)
    return Credentials(parts[0], Secret(parts[1]), Secret(parts[2]), source)


def _from_environment(environment: Mapping[str, str]) -> Credentials | None:
    key_id, secret = environment.get(KEY_ID, ""), environment.get(KEY_SECRET, "")
    if not key_id and not secret:
        return None
    return _credentials(key_id, secret, environment.get(TOKEN, ""), f"{KEY_ID}, {KEY_SECRET}")


def _from_file(environment: Mapping[str, str], default: Path) -> Credentials | None:
    named = environment.get(_FILE)
    path = Path(named) if named else default
    if not path.is_file():
        if named:
            raise CredentialsError("credentials_file_missing", path=path, variable=_FILE)
        return None
    parser = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=("#",))
    try:
        parser.read_string(path.read_text("utf-8-sig"))  # ``read`` would pass over a file that it may not open
    except (OSError, configparser.Error, UnicodeError) as error:
        raise CredentialsError("credentials_file_broken", path=path, reason=type(error).__name__) from None
    name = environment.get(_PROFILE) or "default"
    if not parser.has_section(name):
        raise CredentialsError("profile_missing", path=path, profile=name)
    section = parser[name]
    kind = section.get("type", "access_key")
    if kind not in {"access_key", "sts"}:
        raise CredentialsError("credentials_kind", path=path, kind=kind)
    token = section.get("security_token", "")
    return _credentials(section.get("access_key_id", ""), section.get("access_key_secret", ""), token, str(path))


def _from_cli(environment: Mapping[str, str], path: Path) -> Credentials | None:
    if environment.get(_CLI_DISABLED, "").lower() == "true" or not path.is_file():
        return None
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
        name = environment.get(_PROFILE) or config.get("current") or "default"
        profiles = {profile.get("name"): profile for profile in config.get("profiles", [])}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CredentialsError("credentials_file_broken", path=path, reason=type(error).__name__) from None
    if name not in profiles:
        raise CredentialsError("profile_missing", path=path, profile=name)
    profile = profiles[name]
    mode = profile.get("mode", "AK")
    if mode not in {"AK", "StsToken"}:
        raise CredentialsError("credentials_kind", path=path, kind=mode)
    token = str(profile.get("sts_token") or "") if mode == "StsToken" else ""
    return _credentials(
        str(profile.get("access_key_id") or ""),
        str(profile.get("access_key_secret") or ""),
        token,
        str(path),
    )
