"""The calls that the sandbox answers: what each needs, and what the product behind it rejects. Pure.

Sources: the API document, reference aliyun.md sections 1.1, 1.5 and 5, and the models of the official SDKs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from batch_sms.atlas import dial_code_of
from batch_sms.sandbox.answers import Answer, Behaviour, rejected
from batch_sms.sandbox.numbers import TEST_COUNTRY, TEST_DIAL_CODE, TEST_NUMBERS, TestNumber, documented

_COUNTRY = re.compile(r"[A-Z]{2}")
_NATIONAL = re.compile(r"[0-9]{4,15}")
_DIGITS = re.compile(r"[1-9][0-9]{5,14}")
_SENDER_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|[0-9]{1,15}")
_TASK_ID = 255
_MAINLAND = "86"
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
_DAY = re.compile(r"[0-9]{8}")
_MOST_ON_A_PAGE = 50

Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """One call: its version, its mandatory parameters, and why it may be rejected.

    ``recorded`` are the parameters that are kept of a message; a query has none. ``phone`` is to whom, as dial code and
    number. An ``international`` call answers with ``ResponseCode``, and its codes have no ``isv.`` before them.
    """

    name: str
    version: str
    mandatory: tuple[str, ...]
    rejection: Callable[[Parameters], Answer | None]
    recorded: tuple[str, ...] = ()
    phone: Callable[[Parameters], str] = lambda _: ""
    international: bool = False

    @property
    def sends(self) -> bool:
        """Whether it sends, and does not ask."""
        return bool(self.recorded)

    def test_number(self, parameters: Parameters) -> TestNumber | None:
        """The test number that a message is addressed to, if it is one."""
        if parameters.get("CountryCode", TEST_COUNTRY) != TEST_COUNTRY:
            return None
        phone = self.phone(parameters)
        return TEST_NUMBERS.get(phone.removeprefix(TEST_DIAL_CODE)) if phone.startswith(TEST_DIAL_CODE) else None


def _from_template(parameters: Parameters) -> Answer | None:
    if not _is_text_object(parameters.get("TemplateParam", "")):
        return documented("isv.INVALID_JSON_PARAM")
    return None


def _numbers(numbers: str, form: re.Pattern[str]) -> Answer | None:
    if "," in numbers:
        return documented("isv.MOBILE_COUNT_OVER_LIMIT")
    return None if form.fullmatch(numbers) else documented("isv.MOBILE_NUMBER_ILLEGAL")


def _inter_sms(parameters: Parameters) -> Answer | None:
    if not _COUNTRY.fullmatch(parameters["CountryCode"]):
        return documented("isv.INVALID_PARAMETERS")
    return _numbers(parameters["PhoneNumbers"], _NATIONAL) or _from_template(parameters)


def _sms(parameters: Parameters) -> Answer | None:
    return _numbers(parameters["PhoneNumbers"], _DIGITS) or _from_template(parameters)


def _globe(parameters: Parameters) -> Answer | None:
    if not _DIGITS.fullmatch(parameters["To"]):
        return rejected("MOBILE_NUMBER_ILLEGAL", "The mobile number is illegal.")
    if parameters["To"].startswith(_MAINLAND):
        return rejected("NOT_SUPPORTED_COUNTRY", "The destination is not supported.")
    if (sender := parameters.get("From", "")) and not _SENDER_ID.fullmatch(sender):
        return rejected("INVALID_SENDERID", "The sender ID is invalid.")
    if len(parameters.get("TaskId", "")) > _TASK_ID or parameters.get("Type", "NOTIFY") not in {"OTP", "NOTIFY", "MKT"}:
        return rejected("INVALID_PARAMETERS", "A parameter is invalid.")
    return None


def _details(parameters: Parameters) -> Answer | None:
    pages = all(_PAGE.fullmatch(parameters[name]) for name in ("PageSize", "CurrentPage"))
    if not pages or int(parameters["PageSize"]) > _MOST_ON_A_PAGE:
        return documented("isv.INVALID_PARAMETERS")
    if not _DAY.fullmatch(parameters["SendDate"]):
        return rejected("isv.QUERY_DATE_ILLEGAL", "查询日期不合法")
    return _numbers(parameters["PhoneNumber"], _DIGITS)


def _never(_: Parameters) -> Answer | None:
    return None


def _is_text_object(text: str) -> bool:
    """Whether TemplateParam is a JSON object with text values only; it may be absent."""
    if not text:
        return True
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _national_to(parameters: Parameters) -> str:
    country, national = parameters["CountryCode"], parameters["PhoneNumbers"]
    return f"{TEST_DIAL_CODE if country == TEST_COUNTRY else dial_code_of(country)}{national}"


_TEMPLATE = ("SignName", "TemplateCode", "TemplateParam", "OutId")

SEND_INTER_SMS = Action(
    "SendInterSms",
    "2017-05-25",
    ("PhoneNumbers", "CountryCode", "SignName", "TemplateCode"),
    _inter_sms,
    ("PhoneNumbers", "CountryCode", *_TEMPLATE),
    _national_to,
)
SEND_SMS = Action(
    "SendSms",
    "2017-05-25",
    ("PhoneNumbers", "SignName", "TemplateCode"),
    _sms,
    ("PhoneNumbers", *_TEMPLATE),
    lambda parameters: parameters["PhoneNumbers"],
)
SEND_MESSAGE_TO_GLOBE = Action(
    "SendMessageToGlobe",
    "2018-05-01",
    ("To", "Message"),
    _globe,
    ("To", "From", "Message", "Type", "TaskId"),
    lambda parameters: parameters["To"],
    international=True,
)
ISO_INFO = Action("QueryInterSmsIsoInfo", "2017-05-25", (), _never)
SEND_DETAILS = Action(
    "QuerySendDetails",
    "2017-05-25",
    ("PhoneNumber", "SendDate", "PageSize", "CurrentPage"),
    _details,
    phone=lambda parameters: parameters["PhoneNumber"],
)
QUERY_MESSAGE = Action("QueryMessage", "2018-05-01", ("MessageId",), _never, international=True)

ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (SEND_INTER_SMS, SEND_SMS, SEND_MESSAGE_TO_GLOBE, ISO_INFO, SEND_DETAILS, QUERY_MESSAGE)
}

_INTERNATIONAL = {
    "PRODUCT_UN_SUBSCRIPT": "PRODUCT_NOT_SUBSCRIBED",
    "PRODUCT_UNSUBSCRIBE": "PRODUCT_NOT_SUBSCRIBED",
    "ACCOUNT_ABNORMAL": "ACCOUNT_ILLEGAL",
    "SMS_TEMPLATE_ILLEGAL": "SMS_CONTENT_CODE_ILLEGAL",
    "SMS_SIGNATURE_ILLEGAL": "INVALID_SENDERID",
    "TEMPLATE_MISSING_PARAMETERS": "CONTENT_MISSING_PARAMETERS",
    "BUSINESS_LIMIT_CONTROL": "BUSINESS_LIMIT_CONTROL_PHONE",
    "DAY_LIMIT_CONTROL": "ALERT_LIMIT_DAY",
    "PARAM_NOT_SUPPORT_URL": "SMS_CONTENT_ILLEGAL",
}
"""What the international table calls the codes that it has under another name (section 4.2)."""


def internationally(answer: Answer) -> Answer:
    """A business error in the words of the international table."""
    if answer.behaviour is not Behaviour.REJECTED:
        return answer
    code = answer.code.removeprefix("isv.").removeprefix("isp.")
    return replace(answer, code=_INTERNATIONAL.get(code, code))
