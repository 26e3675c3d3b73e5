"""How a call can be answered, and the standing answers of the gateway (reference aliyun.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any


class Behaviour(StrEnum):
    """The kinds of answer."""

    ACCEPTED = "accepted"
    """OK with a BizId."""
    ANSWERED = "answered"
    """OK with what a query asked for."""
    NO_BIZ_ID = "no_biz_id"
    """OK without a BizId."""
    REJECTED = "rejected"
    """A business error: HTTP 200 with a code."""
    REFUSED = "refused"
    """A gateway error: an HTTP error status with a code."""
    ECHOED = "echoed"
    """A gateway error whose message repeats the request, as a wrong signature's does."""
    PAGE = "page"
    """Not the gateway but something before it: an HTML page, or nothing but a status."""
    REDIRECTED = "redirected"
    """A redirect to another path."""
    TRUNCATED = "truncated"
    """OK with a BizId, but the connection is closed half-way through the body."""
    UNANSWERED = "unanswered"
    """The connection stays open and silent."""
    CUT = "cut"
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sandbox says to a call, and whether it took the message (what the client is told may differ)."""

    behaviour: Behaviour
    status: int = 200
    code: str = ""
    message: str = ""
    accepted: bool = False
    delay: float = 0.0
    retry_after_ms: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What a query asked for."""

    @property
    def outcome(self) -> str:
        """The word under which the call is counted: its code, or what stands for one."""
        if self.code:
            return self.code
        return (
            f"HTTP_{self.status}" if self.status != HTTPStatus.OK or self.behaviour is Behaviour.PAGE else "NO_ANSWER"
        )


def accepted(*, delay: float = 0.0) -> Answer:
    """The good answer."""
    return Answer(Behaviour.ACCEPTED, code="OK", message="OK", accepted=True, delay=delay)


def answered(fields: Mapping[str, Any]) -> Answer:
    """What a query asked for."""
    return Answer(Behaviour.ANSWERED, code="OK", message="OK", fields=fields)


def rejected(code: str, message: str) -> Answer:
    """A business error."""
    return Answer(Behaviour.REJECTED, code=code, message=message)


def page(status: int, heading: str) -> Answer:
    """A page of something before the gateway; without a heading it is empty."""
    return Answer(Behaviour.PAGE, status, message=heading)


def refused(status: int, code: str, message: str, *, retry_after_ms: int = 0) -> Answer:
    """A gateway error."""
    return Answer(Behaviour.REFUSED, status, code, message, retry_after_ms=retry_after_ms)


def mismatch(string_to_sign: str) -> Answer:
    """A wrong signature; as with the real gateway, the message repeats what was signed (section 3.2)."""
    message = "Specified signature is not matched with our calculation. server string to sign is:"
    return refused(400, "SignatureDoesNotMatch", message + string_to_sign)


def missing(name: str) -> Answer:
    """A parameter that must be there and is not."""
    return refused(400, f"Missing{name}", f"{name} is mandatory for this action.")


ACCEPTED = accepted()
THROTTLED = refused(400, "Throttling.User", "Request was denied due to user flow control.")
CLOCK_OFF = refused(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
NONCE_USED = refused(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
KEY_UNKNOWN = refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
ACTION_UNKNOWN = refused(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.")
INTERNAL_ERROR = refused(500, "InternalError", "The request processing has failed due to some unknown error.")
UNAVAILABLE = refused(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.")
BAD_GATEWAY = page(502, "502 Bad Gateway")
