"""What can be asked of the gateway: each query's parameters, and what its answer says. Pure; asking never changes anything.

Sources: reference aliyun.md, sections 1.5, 5.1 and 5.3, and the models of the official SDKs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from batch_sms.gateway.answers import (
    OK,
    Answer,
    Unanswered,
    asked_by,
    code_without_code,
    json_object,
    redacted,
    text_in,
    whole_in,
)
from batch_sms.model import Action, Delivery, Retry

MOST_ON_A_PAGE = 50
CHINA = timezone(timedelta(hours=8), "China")
"""The zone of the days that are asked for and of the times that are answered; it has had no summer time since 1991."""
DELIVERED = "DELIVERED"
_MAINLAND = "+86"
_2017, _2018 = "2017-05-25", "2018-05-01"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """One question: the call and its parameters, how its good answer is read, and which field has its code."""

    action: str
    version: str
    parameters: Mapping[str, str]
    read: Callable[[Mapping[str, Any]], T]
    code: str = "Code"
    message: str = "Message"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that was not answered: the gateway's code, or ours (``net.*``), and its words.

    ``retry`` says how to ask again, None where that is no use. ``retry_after`` in seconds.
    """

    code: str
    message: str = ""
    request_id: str = ""
    retry: Retry | None = None
    retry_after: float | None = None


def answer_to(query: Query[T], answer: Answer | Unanswered) -> T | Refusal:
    """What an answer says to its question. What may have arrived can be asked again: a question does nothing."""
    if isinstance(answer, Unanswered):
        return Refusal(answer.code, answer.reason, retry=Retry.CONNECT)
    said = json_object(answer.body)
    code = text_in(said, query.code) or text_in(said, "Code")
    if code == "OK" and answer.status == OK:
        return query.read(said)
    message = redacted(text_in(said, query.message) or text_in(said, "Message"))
    request_id = text_in(said, "RequestId")
    if not code or code == "OK":
        return Refusal(code_without_code(answer.status), message, request_id, Retry.CONNECT)
    action, retry = asked_by(code, answer.status)
    if action is Action.IN_DOUBT:
        retry = Retry.CONNECT
    return Refusal(code, message, request_id, retry, answer.retry_after if retry is Retry.SLOW else None)


@dataclass(frozen=True, slots=True)
class Destination:
    """A country or region that the gateway sends to: alpha-2, dial code without ``+``, and the gateway's name for it."""

    country: str
    dial_code: str
    name: str


def destinations() -> Query[tuple[Destination, ...]]:
    """``QueryInterSmsIsoInfo`` for all countries; it has no pages."""
    return Query("QueryInterSmsIsoInfo", _2017, {}, _read_destinations)


def _read_destinations(said: Mapping[str, Any]) -> tuple[Destination, ...]:
    found = (_destination(item) for item in _items(said, "IsoSupportDTOs", "IsoSupportDTO"))
    return tuple(destination for destination in found if destination.country and destination.dial_code)


def _destination(item: Mapping[str, Any]) -> Destination:
    """Its ``IsoCode`` is the dial code and its ``CountryCode`` the alpha-2 (section 1.4); if ever the other way round, too."""
    country, dial_code = text_in(item, "CountryCode"), text_in(item, "IsoCode")
    if country.isdigit():
        country, dial_code = dial_code, country
    return Destination(country.upper(), dial_code.lstrip("+0"), text_in(item, "CountryName"))


@dataclass(frozen=True, slots=True)
class SendDetail:
    """What the gateway knows of one message: ``phone`` as it has it, ``status`` its number untouched, ``code`` the operator's.

    No document gives it a BizId; one that is there all the same is taken.
    """

    phone: str
    delivery: Delivery
    status: str
    code: str
    out_id: str
    template: str
    text: str
    sent_at: datetime | None
    received_at: datetime | None
    biz_id: str = ""


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """One page of what was sent to a phone on a day, and how many messages there are on all pages."""

    total: int
    details: tuple[SendDetail, ...]


def send_details(phone: str, day: date, page: int = 1, biz_id: str = "") -> Query[DetailsPage]:
    """``QuerySendDetails``: what was sent to a phone (E.164) on a day in China (``day_in_china``). Pages count from 1."""
    parameters = {
        "PhoneNumber": phone_to_ask_for(phone),
        "SendDate": f"{day:%Y%m%d}",
        "PageSize": str(MOST_ON_A_PAGE),
        "CurrentPage": str(page),
    }
    return Query("QuerySendDetails", _2017, parameters | ({"BizId": biz_id} if biz_id else {}), _read_details)


def phone_to_ask_for(phone: str) -> str:
    """An E.164 phone as queries want it: dial code and number; a number of mainland China without its 86 (official SDK)."""
    return phone.removeprefix(_MAINLAND).removeprefix("+")


def day_in_china(moment: datetime) -> date:
    """The day to ask for a message that was sent at this moment."""
    return moment.astimezone(CHINA).date()


_STATES = {"1": Delivery.WAITING, "2": Delivery.FAILED, "3": Delivery.DELIVERED}


def _read_details(said: Mapping[str, Any]) -> DetailsPage:
    details = tuple(_detail(item) for item in _items(said, "SmsSendDetailDTOs", "SmsSendDetailDTO"))
    total = whole_in(said, "TotalCount")
    return DetailsPage(len(details) if total is None else total, details)


def _detail(item: Mapping[str, Any]) -> SendDetail:
    status = text_in(item, "SendStatus")
    return SendDetail(
        phone=text_in(item, "PhoneNum"),
        delivery=_STATES.get(status, Delivery.WAITING),
        status=status,
        code=text_in(item, "ErrCode"),
        out_id=text_in(item, "OutId"),
        template=text_in(item, "TemplateCode"),
        text=text_in(item, "Content"),
        sent_at=moment_of(text_in(item, "SendDate")),
        received_at=moment_of(text_in(item, "ReceiveDate")),
        biz_id=text_in(item, "BizId"),
    )


@dataclass(frozen=True, slots=True)
class MessageState:
    """What ``QueryMessage`` knows of one message; ``status`` is its number untouched, ``code`` the operator's."""

    message_id: str
    phone: str
    delivery: Delivery
    status: str
    code: str
    description: str
    text: str
    sent_at: datetime | None
    received_at: datetime | None


def message_state(message_id: str) -> Query[MessageState]:
    """``QueryMessage``: what became of a message of ``SendMessageToGlobe``."""
    parameters = {"MessageId": message_id}
    return Query("QueryMessage", _2018, parameters, _read_state, "ResponseCode", "ResponseDescription")


def _read_state(said: Mapping[str, Any]) -> MessageState:
    status, code, received = (text_in(said, name) for name in ("Status", "ErrorCode", "ReceiveDate"))
    return MessageState(
        message_id=text_in(said, "MessageId"),
        phone=text_in(said, "To"),
        delivery=delivery_of(status, code, received),
        status=status,
        code=code,
        description=text_in(said, "ErrorDescription"),
        text=text_in(said, "Message"),
        sent_at=moment_of(text_in(said, "SendDate")),
        received_at=moment_of(received),
    )


_FAILED = {"2", "6"}
"""Failed, and expired (the receipts of the international site have that too, section 5.2)."""


def delivery_of(status: str, code: str, received: str) -> Delivery:
    """Delivered or not, by ``Status``, the operator's code, and the time of the operator's word.

    Two documents give the numbers differently: 1 is delivered and 3 on its way in the newer one, 1 submitted and 3
    delivered in the older one (section 5.3). They agree on 2. So 1 and 3 are not believed by themselves: delivered is what
    the operator's code says to be, or what it gave a time for and no code. All else is waiting.
    """
    if status in _FAILED:
        return Delivery.FAILED
    return Delivery.DELIVERED if code == DELIVERED or (received and not code) else Delivery.WAITING


def _items(said: Mapping[str, Any], outer: str, inner: str) -> list[Mapping[str, Any]]:
    """The objects of a list, which stands bare or inside an object of its own (section 1.5)."""
    found = said.get(outer)
    if isinstance(found, dict):
        found = found.get(inner)
    listed = found if isinstance(found, list) else [found]
    return [item for item in listed if isinstance(item, dict)]


def moment_of(text: str) -> datetime | None:
    """A time as the gateway writes it: ``yyyy-MM-dd HH:mm:ss`` in China, ISO 8601, or as in mail; None for any other text."""
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=CHINA)
    with suppress(ValueError):
        found = parsedate_to_datetime(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
