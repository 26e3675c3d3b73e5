"""What the sandbox answers to queries: which messages it took, what became of them by now, where it sends at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from batch_sms.atlas import dial_code_of, name_of, regions
from batch_sms.sandbox.actions import ACTIONS, QUERY_MESSAGE, SEND_DETAILS, Action, Parameters
from batch_sms.sandbox.answers import Answer, answered, rejected
from batch_sms.sandbox.numbers import TestNumber

NOT_SERVED = frozenset({"AC", "KP", "TA"})
"""Regions that the sandbox's list of destinations leaves out: the real one does not have every country either."""
_CHINA = timezone(timedelta(hours=8))
_MAINLAND = "86"
_KEPT_DAYS = 30
_WAITING, _FAILED, _DELIVERED = 1, 2, 3
_SUBMITTED_TO_GLOBE = {_WAITING: "3", _FAILED: "2", _DELIVERED: "1"}
"""``QueryMessage`` numbers them as its newer document does (section 5.3)."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message: its status number, the operator's code, and when that came."""

    status: int
    code: str = ""
    received_at: datetime | None = None


class Archive:
    """The accepted messages by phone and by id. ``receipts_after`` is how long the operator takes to say what became of one."""

    def __init__(self, receipts_after: timedelta) -> None:
        self._receipts_after = receipts_after
        self._by_phone: dict[str, list[Mapping[str, str]]] = {}
        self._by_id: dict[str, Mapping[str, str]] = {}
        self._taken = 0

    def take(self, messages: Iterable[Mapping[str, str]]) -> None:
        """Put the messages in their places that were accepted since the last time."""
        for message in messages:
            self._taken += 1
            if message["Action"] == "SendMessageToGlobe":
                self._by_id[message["MessageId"]] = message
                continue
            phone = _action_of(message).phone(message)
            for known_as in {phone, phone.removeprefix(_MAINLAND)}:
                self._by_phone.setdefault(known_as, []).append(message)

    @property
    def taken(self) -> int:
        """How many messages it has."""
        return self._taken

    def answer(self, action: Action, parameters: Parameters, now: datetime) -> Answer:
        """The answer to a query that is in order."""
        if action is SEND_DETAILS:
            return self._details(parameters, now)
        if action is QUERY_MESSAGE:
            return self._state(parameters["MessageId"], now)
        return _destinations(parameters.get("CountryName", ""))

    def _details(self, parameters: Parameters, now: datetime) -> Answer:
        oldest = (now.astimezone(_CHINA) - timedelta(days=_KEPT_DAYS)).strftime("%Y%m%d")
        day, biz_id = parameters["SendDate"], parameters.get("BizId", "")
        if day < oldest:
            return rejected("isv.QUERY_DATE_ILLEGAL", "只能查询最近30天的记录")
        found = [
            message
            for message in self._by_phone.get(parameters["PhoneNumber"], ())
            if _day_of(message) == day and biz_id in {"", message["BizId"]} and self._is_listed(message, now)
        ]
        size, page = int(parameters["PageSize"]), int(parameters["CurrentPage"])
        shown = found[(page - 1) * size : page * size]
        details = [self._detail(message, now) for message in shown]
        return answered({"TotalCount": str(len(found)), "SmsSendDetailDTOs": {"SmsSendDetailDTO": details}})

    def _detail(self, message: Mapping[str, str], now: datetime) -> dict[str, Any]:
        fate = self._fate_of(message, now)
        detail = {
            "PhoneNum": _action_of(message).phone(message),
            "SendStatus": fate.status,
            "ErrCode": fate.code,
            "TemplateCode": message["TemplateCode"],
            "Content": f"【{message['SignName']}】{message['TemplateParam']}",
            "SendDate": _in_china(_sent_at(message)),
            "ReceiveDate": _in_china(fate.received_at) if fate.received_at else "",
            "OutId": message["OutId"],
        }
        return {name: value for name, value in detail.items() if value}

    def _state(self, message_id: str, now: datetime) -> Answer:
        message = self._by_id.get(message_id)
        if message is None or not self._is_listed(message, now):
            return rejected("DATA_NOT_EXIST", "The data does not exist.")
        fate = self._fate_of(message, now)
        state = {
            "MessageId": message_id,
            "To": message["To"],
            "Message": message["Message"],
            "Status": _SUBMITTED_TO_GLOBE[fate.status],
            "ErrorCode": fate.code,
            "ErrorDescription": "success" if fate.status == _DELIVERED else fate.code,
            "SendDate": _as_in_mail(_sent_at(message)),
            "ReceiveDate": _as_in_mail(fate.received_at) if fate.received_at else "",
        }
        return answered({name: value for name, value in state.items() if value})

    def _is_listed(self, message: Mapping[str, str], now: datetime) -> bool:
        number = _number_of(message)
        return number is None or now >= _sent_at(message) + timedelta(seconds=number.listed_after)

    def _fate_of(self, message: Mapping[str, str], now: datetime) -> Fate:
        number = _number_of(message)
        code = "DELIVERED" if number is None else number.receipt
        received_at = _sent_at(message) + self._receipts_after
        if not code or now < received_at:
            return Fate(_WAITING)
        return Fate(_DELIVERED if code == "DELIVERED" else _FAILED, code, received_at)


def _destinations(name: str) -> Answer:
    listed = [
        {"CountryName": spoken, "CountryCode": region, "IsoCode": dial_code_of(region)}
        for region in regions()
        if region not in NOT_SERVED and name in (spoken := name_of(region, "zh"))
    ]
    return answered({"TotalCount": str(len(listed)), "IsoSupportDTOs": {"IsoSupportDTO": listed}})


def _action_of(message: Mapping[str, str]) -> Action:
    return ACTIONS[message["Action"]]


def _number_of(message: Mapping[str, str]) -> TestNumber | None:
    return _action_of(message).test_number(message)


def _sent_at(message: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(message["At"])


def _day_of(message: Mapping[str, str]) -> str:
    return _sent_at(message).astimezone(_CHINA).strftime("%Y%m%d")


def _in_china(moment: datetime) -> str:
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _as_in_mail(moment: datetime) -> str:
    return format_datetime(moment.astimezone(_CHINA))
