"""Receipts that the provider pushes, or that stand in a dump of its queue. Pure: text in, receipts out.

``SmsReport`` and ``GlobeSmsReport`` differ in the names of their fields and in how they say success, and their two sites in
how these names are spelt (reference aliyun.md, section 5.2). They come as a JSON array, or as an object a line.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from batch_sms.gateway.answers import LONGEST_ID
from batch_sms.gateway.queries import moment_of
from batch_sms.model import Delivery, Receipt

_DEEPEST = 4
"""How many times a record may be wrapped as a text in another: a queue wraps once."""
_LONGEST_SHOWN = 200
_DELIVERED = "DELIVERED"
_BY_STATUS = {"1": Delivery.DELIVERED, "2": Delivery.FAILED, "6": Delivery.FAILED}
"""Delivered, failed, expired; a report has no older document that says otherwise."""
_BY_SUCCESS = {"true": Delivery.DELIVERED, "false": Delivery.FAILED}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is no receipt, as far as it can be shown: a piece of the text, and the number of its line."""

    line: int
    text: str


def read_pushed(text: str) -> Iterator[Receipt | Unreadable]:
    """Every receipt in a text, whatever it is wrapped in, and what is none."""
    whole = _json(text)
    if whole is not None:
        yield from _receipts(whole, 1)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if stripped := line.strip().rstrip(","):
            found = _json(stripped)
            yield from [Unreadable(number, line[:_LONGEST_SHOWN])] if found is None else _receipts(found, number)


def _receipts(found: Any, line: int, depth: int = 0) -> Iterator[Receipt | Unreadable]:
    if isinstance(found, list):
        for one in found:
            yield from _receipts(one, line, depth)
        return
    if isinstance(found, str) and depth < _DEEPEST:
        inner = _json(found) or _json(_from_base64(found))
        if isinstance(inner, dict | list):
            yield from _receipts(inner, line, depth + 1)
            return
    if isinstance(found, dict):
        fields = {_plain(name): value for name, value in found.items()}
        if "messagebody" in fields:
            yield from _receipts(fields["messagebody"], line, depth + 1)
            return
        if (receipt := _receipt(fields)) is not None:
            yield receipt
            return
    yield Unreadable(line, json.dumps(found, ensure_ascii=False)[:_LONGEST_SHOWN])


def _receipt(fields: Mapping[str, Any]) -> Receipt | None:
    biz_id, out_id = _first(fields, ("bizid", "messageid")), _first(fields, ("outid", "taskid"))
    phone = re.sub(r"\D", "", _first(fields, ("phonenumber", "to")))
    delivery, code = _delivery(fields), _first(fields, ("errcode", "errorcode"))
    if delivery is None or not phone or not (biz_id or out_id):
        return None
    moment = moment_of(_first(fields, ("reporttime", "receivedate")))
    return Receipt(biz_id, phone, out_id, delivery, code, moment if delivery is not Delivery.WAITING else None)


def _delivery(fields: Mapping[str, Any]) -> Delivery | None:
    """By ``success`` or by ``status``; None where it has neither."""
    if "success" in fields:
        return _BY_SUCCESS.get(str(fields["success"]).lower())
    status = _first(fields, ("status",))
    if not status:
        return None
    return (
        Delivery.DELIVERED if _first(fields, ("errorcode",)) == _DELIVERED else _BY_STATUS.get(status, Delivery.WAITING)
    )


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of these fields that says something, as one line of text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip().encode("utf-8", "replace").decode()[:LONGEST_ID]
    return ""


def _plain(name: str) -> str:
    """``BizId``, ``biz_id`` and ``bizId`` alike."""
    return re.sub(r"[^a-z]", "", name.lower())


def _json(text: str) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _from_base64(text: str) -> str:
    with suppress(ValueError):  # UnicodeDecodeError is one too
        return base64.b64decode(text, validate=True).decode()
    return ""
