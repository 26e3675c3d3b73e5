"""The replies that carry the answers, in JSON, XML and HTML (reference aliyun.md sections 1.3 and 3).

Gateway errors come with an HTTP error status and a ``HostId``; business errors with HTTP 200 and without a ``BizId``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from batch_sms.sandbox.answers import Answer, Behaviour
from batch_sms.sandbox.wire import Ending, Reply

HOST_ID = "dysmsapi.aliyuncs.com"
REDIRECT_TARGET = "/sandbox/elsewhere"

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "text/xml;charset=utf-8"
HTML_TYPE = "text/html;charset=utf-8"


def new_request_id() -> str:
    """A request id in the gateway's form."""
    return str(uuid.uuid4()).upper()


def json_reply(data: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with this JSON."""
    return Reply(status, _json(data), JSON_TYPE, headers)


def reply_for(answer: Answer, request_id: str, biz_id: str = "", *, wants_json: bool = True) -> Reply:
    """The reply that carries an answer."""
    if answer.behaviour is Behaviour.UNANSWERED:
        return Reply(answer.status, ending=Ending.HANG, delay=answer.delay)
    if answer.behaviour is Behaviour.CUT:
        return Reply(answer.status, ending=Ending.CUT, delay=answer.delay)
    if answer.behaviour is Behaviour.PAGE:
        page = _html(answer.message) if answer.message else b""
        return Reply(answer.status, page, HTML_TYPE, delay=answer.delay)
    if answer.behaviour is Behaviour.REDIRECTED:
        return Reply(answer.status, headers=(("Location", REDIRECT_TARGET),), delay=answer.delay)
    fields = _fields(answer, request_id, biz_id)
    root = "Error" if "HostId" in fields else "SendInterSmsResponse"
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


def _fields(answer: Answer, request_id: str, biz_id: str) -> dict[str, str]:
    if answer.behaviour in (Behaviour.REFUSED, Behaviour.ECHOED):
        recommend = f"https://api.aliyun.com/troubleshoot?q={answer.code}&product=Dysmsapi&requestId={request_id}"
        return {
            "RequestId": request_id,
            "HostId": HOST_ID,
            "Code": answer.code,
            "Message": answer.message,
            "Recommend": recommend,
        }
    if answer.behaviour in (Behaviour.ACCEPTED, Behaviour.TRUNCATED):
        return {"Message": answer.message, "RequestId": request_id, "BizId": biz_id, "Code": answer.code}
    return {"Message": answer.message, "RequestId": request_id, "Code": answer.code}


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _xml(root: str, fields: Mapping[str, str]) -> bytes:
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}>{inner}</{root}>'.encode()


def _html(heading: str) -> bytes:
    return f"<html><head><title>{heading}</title></head><body><h1>{heading}</h1></body></html>\n".encode()
