"""The replies that carry the answers, in JSON, XML and HTML (reference aliyun.md sections 1.3 and 3).

Gateway errors come with an HTTP error status and a ``HostId``; business errors with HTTP 200 and without a ``BizId``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from batch_sms.sandbox.answers import Answer, Behaviour
from batch_sms.sandbox.wire import Ending, Reply

HOST_ID = "dysmsapi.aliyuncs.com"
REDIRECT_TARGET = "/sandbox/elsewhere"

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "text/xml;charset=utf-8"
HTML_TYPE = "text/html;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Called:
    """What a reply must know of its call: the action, what an accepted message is given, and whose field names it has."""

    action: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    international: bool = False


def new_request_id() -> str:
    """A request id in the gateway's form."""
    return str(uuid.uuid4()).upper()


def json_reply(data: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with this JSON."""
    return Reply(status, _json(data), JSON_TYPE, headers)


def reply_for(answer: Answer, request_id: str, call: Called | None = None, *, wants_json: bool = True) -> Reply:
    """The reply that carries an answer to a call, None if it was none that is known."""
    if answer.behaviour is Behaviour.UNANSWERED:
        return Reply(answer.status, ending=Ending.HANG, delay=answer.delay)
    if answer.behaviour is Behaviour.CUT:
        return Reply(answer.status, ending=Ending.CUT, delay=answer.delay)
    if answer.behaviour is Behaviour.PAGE:
        page = _html(answer.message) if answer.message else b""
        return Reply(answer.status, page, HTML_TYPE, delay=answer.delay)
    if answer.behaviour is Behaviour.REDIRECTED:
        return Reply(answer.status, headers=(("Location", REDIRECT_TARGET),), delay=answer.delay)
    fields = _fields(answer, request_id, call or Called())
    root = "Error" if "HostId" in fields else f"{call.action if call else ''}Response"
    headers = [("x-acs-request-id", request_id)]
    if answer.retry_after_ms:
        headers.append(("x-acs-retry-after", str(answer.retry_after_ms)))
    return Reply(
        answer.status,
        _json(fields) if wants_json else _xml(root, fields),
        JSON_TYPE if wants_json else XML_TYPE,
        tuple(headers),
        Ending.TRUNCATE if answer.behaviour is Behaviour.TRUNCATED else Ending.ANSWER,
        answer.delay,
    )


def _fields(answer: Answer, request_id: str, call: Called) -> dict[str, Any]:
    if answer.behaviour in (Behaviour.REFUSED, Behaviour.ECHOED):
        recommend = f"https://api.aliyun.com/troubleshoot?q={answer.code}&product=Dysmsapi&requestId={request_id}"
        return {
            "RequestId": request_id,
            "HostId": HOST_ID,
            "Code": answer.code,
            "Message": answer.message,
            "Recommend": recommend,
        }
    given = {**answer.fields, **(call.given if answer.behaviour in _GIVES else {})}
    if call.international:
        return {**given, "ResponseDescription": answer.message, "RequestId": request_id, "ResponseCode": answer.code}
    return {"Message": answer.message, "RequestId": request_id, **given, "Code": answer.code}


_GIVES = (Behaviour.ACCEPTED, Behaviour.TRUNCATED)


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(root: str, fields: Mapping[str, Any]) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{_element(root, fields)}'.encode()


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_element(inner, item) for inner, item in value.items())}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def _html(heading: str) -> bytes:
    return f"<html><head><title>{heading}</title></head><body><h1>{heading}</h1></body></html>\n".encode()
