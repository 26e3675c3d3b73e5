"""What the gateway answers, before it is known to what: an HTTP answer, the fields of its JSON, and what its code asks. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from batch_sms.gateway import codes
from batch_sms.model import Action, Retry

OK = 200
LONGEST_ID = 200
_SERVER_FAULT = 500
_ECHO = "server string to sign is"
"""What follows in the gateway's message is the request itself, phone and text included (aliyun.md, section 3.2)."""
_LONGEST_MESSAGE = 300
_LONGEST_FIELD = 4000
_LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, wholly read. ``retry_after`` in seconds; ``date`` is the server's ``Date`` header as it came."""

    status: int
    body: bytes
    retry_after: float | None = None
    date: str = ""

    def server_time(self) -> datetime | None:
        """The server's clock when it answered, None where it does not say."""
        try:
            theirs = parsedate_to_datetime(self.date)
        except ValueError:
            return None
        return theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer came. ``retry`` where the request certainly did not go out whole, None where it may have arrived."""

    code: str
    """``net.*``."""
    reason: str
    retry: Retry | None = None


def json_object(body: bytes) -> dict[str, Any]:
    """The fields of an answer; none where it is no JSON object."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError too
        return {}
    return fields if isinstance(fields, dict) else {}


def text_in(fields: Mapping[str, Any], name: str) -> str:
    """A field of the answer. Half a character (a lone surrogate), which JSON can hold and no file can, becomes ``?``."""
    return str(fields.get(name) or "").encode("utf-8", "replace").decode("utf-8")[:_LONGEST_FIELD]


def whole_in(fields: Mapping[str, Any], name: str) -> int | None:
    """A count in the answer, which may come as a number or as a text; None where it is neither."""
    text = text_in(fields, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT else None


def redacted(message: str) -> str:
    """The gateway's own words without the echo of the request, and not longer than a cell should be."""
    return message.split(_ECHO, 1)[0].rstrip()[:_LONGEST_MESSAGE]


def asked_by(code: str, status: int) -> tuple[Action, Retry | None]:
    """What a code asks of the sender. By the code first: the status of one code differs between documents (section 3.1)."""
    known = codes.find(code)
    if known is not None:
        return known.action, known.retry
    return (Action.IN_DOUBT if status >= _SERVER_FAULT else Action.ROW), None


def code_without_code(status: int) -> str:
    """Our code for an answer that has none: a page of something before the gateway, or what is no answer of it."""
    return "net.BAD_ANSWER" if status == OK else f"net.HTTP_{status}"
