"""The send APIs: how a message becomes wire parameters, and an answer an outcome. Pure.

Source of ``SendInterSms``: the API document (parameters, answer, codes) and reference aliyun.md, sections 1 and 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch_sms.gateway import codes
from batch_sms.model import Action, Message, Outcome, Retry

_OK = 200
_SERVER_FAULT = 500
_ECHO = "server string to sign is"
"""What follows in the gateway's message is the request itself, phone and text included (aliyun.md, section 3.2)."""
_LONGEST_MESSAGE = 300
_LONGEST_FIELD = 4000
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, wholly read. ``retry_after`` in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None


class SendInterSms:
    """The call of the API document, version 2017-05-25: one national number, its country's alpha-2 code."""

    name = "send-inter-sms"
    action = "SendInterSms"
    version = "2017-05-25"

    @staticmethod
    def parameters(message: Message) -> dict[str, str]:
        """The request parameters by their wire names; an optional one that is empty is left out."""
        parameters = {
            "PhoneNumbers": message.national,
            "CountryCode": message.country,
            "SignName": message.sign,
            "TemplateCode": message.template,
            "TemplateParam": message.params,
            "OutId": message.out_id,
        }
        return {name: value for name, value in parameters.items() if value}

    @staticmethod
    def outcome(answer: Answer, sent_at: datetime) -> Outcome:
        """What an answer says. Accepted only with HTTP 200, ``Code`` OK and a BizId; what is not clear is in doubt."""
        fields = _json_object(answer.body)
        code = _text(fields, "Code")[:_LONGEST_ID]
        if not code:
            ours = "net.BAD_ANSWER" if answer.status == _OK else f"net.HTTP_{answer.status}"
            return Outcome(Action.IN_DOUBT, ours, sent_at)
        action, retry = _asked_by(code, answer.status)
        biz_id = _text(fields, "BizId")[:_LONGEST_ID]
        if action is Action.OK and answer.status != _OK:
            action, code = Action.IN_DOUBT, f"net.HTTP_{answer.status}"
        elif action is Action.OK and not biz_id:
            action, code = Action.IN_DOUBT, "net.NO_BIZ_ID"
        return Outcome(
            action=action,
            code=code,
            sent_at=sent_at,
            message=redacted(_text(fields, "Message")),
            biz_id=biz_id if action is Action.OK else "",
            request_id=_text(fields, "RequestId")[:_LONGEST_ID],
            retry=retry,
            retry_after=answer.retry_after if retry is Retry.SLOW else None,
        )


APIS: Mapping[str, type[SendInterSms]] = {api.name: api for api in (SendInterSms,)}


def redacted(message: str) -> str:
    """The gateway's own words without the echo of the request, and not longer than a cell should be."""
    return message.split(_ECHO, 1)[0].rstrip()[:_LONGEST_MESSAGE]


def _asked_by(code: str, status: int) -> tuple[Action, Retry | None]:
    """By the code first: the status of one code differs between documents (aliyun.md, section 3.1)."""
    known = codes.find(code)
    if known is not None:
        return known.action, known.retry
    return (Action.IN_DOUBT if status >= _SERVER_FAULT else Action.ROW), None


def _text(fields: Mapping[str, Any], name: str) -> str:
    """A field of the answer. Half a character (a lone surrogate), which JSON can hold and no file can, becomes ``?``."""
    return str(fields.get(name) or "").encode("utf-8", "replace").decode("utf-8")[:_LONGEST_FIELD]


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError too
        return {}
    return fields if isinstance(fields, dict) else {}
