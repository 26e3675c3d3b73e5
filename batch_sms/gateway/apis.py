"""The send APIs: how a message becomes wire parameters, and an answer an outcome. Pure.

Sources: the API document of ``SendInterSms``, and reference aliyun.md, sections 1, 1.6, 3 and 5.3. The engine, the ledger
and the sheets do not know which of them sends: each gives the same outcomes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from batch_sms.gateway.answers import (
    LONGEST_ID,
    OK,
    Answer,
    asked_by,
    code_without_code,
    json_object,
    redacted,
    text_in,
    whole_in,
)
from batch_sms.model import THE_TEXT, Action, Demands, Message, Outcome, Retry

MESSAGE_TYPES = ("notify", "otp", "mkt")
"""What a message is to ``SendMessageToGlobe``: a notification, a one-time password, an advertisement."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of an answer by what they tell. A gateway error has ``Code`` and ``Message``, whatever was called."""

    code: str = "Code"
    message: str = "Message"
    biz_id: str = "BizId"
    segments: str = ""


@dataclass(frozen=True, slots=True)
class SendApi:
    """One call that sends: its name in ``--api`` and on the wire, what it demands, and both ways between us and it.

    ``region`` is where it is called unless somebody says otherwise; ``fixed`` parameters go with every message.
    """

    name: str
    action: str
    version: str
    region: str
    parameters_of: Callable[[Message], Mapping[str, str]]
    fields: Fields = field(default_factory=Fields)
    demands: Demands = field(default_factory=Demands)
    fixed: Mapping[str, str] = field(default_factory=dict)
    by_country: bool = False
    """It is told the country, and not only a number with its dial code."""

    def parameters(self, message: Message) -> dict[str, str]:
        """The request parameters by their wire names; an optional one that is empty is left out."""
        named = {**self.parameters_of(message), **self.fixed}
        return {name: value for name, value in named.items() if value}

    def outcome(self, answer: Answer, sent_at: datetime) -> Outcome:
        """What an answer says. Accepted only with HTTP 200, code OK and a receipt id; what is not clear is in doubt."""
        said, names = json_object(answer.body), self.fields
        code = (text_in(said, names.code) or text_in(said, "Code"))[:LONGEST_ID]
        if not code:
            return Outcome(Action.IN_DOUBT, code_without_code(answer.status), sent_at)
        action, retry = asked_by(code, answer.status)
        biz_id = text_in(said, names.biz_id)[:LONGEST_ID]
        if action is Action.OK and answer.status != OK:
            action, code = Action.IN_DOUBT, f"net.HTTP_{answer.status}"
        elif action is Action.OK and not biz_id:
            action, code = Action.IN_DOUBT, "net.NO_BIZ_ID"
        accepted = action is Action.OK
        return Outcome(
            action=action,
            code=code,
            sent_at=sent_at,
            message=redacted(text_in(said, names.message) or text_in(said, "Message")),
            biz_id=biz_id if accepted else "",
            request_id=text_in(said, "RequestId")[:LONGEST_ID],
            retry=retry,
            retry_after=answer.retry_after if retry is Retry.SLOW else None,
            segments=(whole_in(said, names.segments) or 0) if accepted else 0,
        )

    def of_type(self, message_type: str) -> SendApi:
        """The same for messages of this type (``MESSAGE_TYPES``), where the API has types."""
        return replace(self, fixed={"Type": message_type.upper()}) if self.fixed else self


def _to_country(message: Message) -> Mapping[str, str]:
    return {"PhoneNumbers": message.national, "CountryCode": message.country, **_from_template(message)}


def _to_dial_code(message: Message) -> Mapping[str, str]:
    return {"PhoneNumbers": message.phone.removeprefix("+"), **_from_template(message)}


def _from_template(message: Message) -> Mapping[str, str]:
    return {
        "SignName": message.sign,
        "TemplateCode": message.template,
        "TemplateParam": message.params,
        "OutId": message.out_id,
    }


def _as_text(message: Message) -> Mapping[str, str]:
    return {
        "To": message.phone.removeprefix("+"),
        "From": message.sign,
        "Message": json.loads(message.params)[THE_TEXT],
        "TaskId": message.out_id,
    }


SEND_INTER_SMS = SendApi("send-inter-sms", "SendInterSms", "2017-05-25", "cn-hangzhou", _to_country, by_country=True)
"""The call of the API document: one national number, its country's alpha-2 code."""
SEND_SMS = SendApi("send-sms", "SendSms", "2017-05-25", "cn-hangzhou", _to_dial_code)
"""Its successor: dial code and national number, the rest as before (aliyun.md, section 1.6)."""
SEND_MESSAGE_TO_GLOBE = SendApi(
    "send-message-to-globe",
    "SendMessageToGlobe",
    "2018-05-01",
    "ap-southeast-1",
    _as_text,
    Fields("ResponseCode", "ResponseDescription", "MessageId", "Segments"),
    Demands(template=False, mainland=False),
    {"Type": MESSAGE_TYPES[0].upper()},
)
"""The call of the international site: free text and a sender id, no template (aliyun.md, section 5.3)."""

APIS: Mapping[str, SendApi] = {api.name: api for api in (SEND_INTER_SMS, SEND_SMS, SEND_MESSAGE_TO_GLOBE)}

NOT_OFFERED = frozenset({"InvalidAction.NotFound", "InvalidApi.NotFound"})
"""The codes that say that the account, or the endpoint, does not have the call."""
