"""The documented test numbers: what the sandbox answers to each, like the test cards of a payment gateway.

They are +1 202 555 0100 to 0199, which are kept for fiction: nobody owns them. On the wire: ``CountryCode=US``,
``PhoneNumbers=2025550100``. Every other number that is well-formed is accepted. The business codes are those of the API
document, in its order and with its words; the rest is from reference aliyun.md sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from batch_sms.sandbox.answers import (
    ACCEPTED,
    ACTION_UNKNOWN,
    BAD_GATEWAY,
    CLOCK_OFF,
    INTERNAL_ERROR,
    KEY_UNKNOWN,
    NONCE_USED,
    THROTTLED,
    UNAVAILABLE,
    Answer,
    Behaviour,
    accepted,
    page,
    rejected,
)

TEST_COUNTRY = "US"
TEST_DIAL_CODE = "1"


@dataclass(frozen=True, slots=True)
class TestNumber:
    """A number, the answer that a message to it gets, and that in a plain sentence.

    With ``attempts`` the answer is given that many times in a row; the next attempt is accepted, and it begins again.
    ``receipt`` is the operator's code for an accepted message, ``""`` if it never says one; after ``listed_after`` seconds
    queries find it. A query about the number is throttled ``busy`` times before it is answered.
    """

    national: str
    answer: Answer
    text: str
    attempts: int = 0
    receipt: str = "DELIVERED"
    listed_after: float = 0.0
    busy: int = 0

    @property
    def phone(self) -> str:
        """The number as E.164."""
        return f"+{TEST_DIAL_CODE}{self.national}"

    @property
    def behaviour(self) -> Behaviour:
        """The kind of its answer."""
        return self.answer.behaviour

    @property
    def code(self) -> str:
        """The code of its answer; empty where the answer has none."""
        return self.answer.code


DOCUMENT_CODES = {
    "isp.RAM_PERMISSION_DENY": ("RAM权限DENY", "the RAM user may not send SMS"),
    "isv.OUT_OF_SERVICE": ("业务停机", "the account is out of service"),
    "isv.PRODUCT_UN_SUBSCRIPT": ("未开通云通信产品的阿里云客户", "the account has not opened the SMS product"),
    "isv.PRODUCT_UNSUBSCRIBE": ("产品未开通", "the product is not opened"),
    "isv.ACCOUNT_NOT_EXISTS": ("账户不存在", "the account does not exist"),
    "isv.ACCOUNT_ABNORMAL": ("账户异常", "the account is in an abnormal state"),
    "isv.SMS_TEMPLATE_ILLEGAL": ("短信模版不合法", "the template is missing or not approved"),
    "isv.SMS_SIGNATURE_ILLEGAL": ("短信签名不合法", "the signature is missing or not approved"),
    "isv.INVALID_PARAMETERS": ("参数异常", "a parameter is wrong"),
    "isp.SYSTEM_ERROR": ("系统错误", "the gateway had a system error"),
    "isv.MOBILE_NUMBER_ILLEGAL": ("非法手机号", "the phone number is not valid"),
    "isv.MOBILE_COUNT_OVER_LIMIT": ("手机号码数量超过限制", "too many phone numbers in one request"),
    "isv.TEMPLATE_MISSING_PARAMETERS": ("模版缺少变量", "the template lacks a variable"),
    "isv.BUSINESS_LIMIT_CONTROL": ("业务限流", "this number had too many messages"),
    "isv.INVALID_JSON_PARAM": ("JSON参数不合法,只接受字符串值", "TemplateParam is not JSON with text values"),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("黑名单管控", "a word or the recipient is on a black list"),
    "isv.PARAM_LENGTH_LIMIT": ("参数超出长度限制", "a variable is too long"),
    "isv.PARAM_NOT_SUPPORT_URL": ("不支持URL", "a variable holds a URL"),
    "isv.AMOUNT_NOT_ENOUGH": ("账户余额不足", "the balance is too low"),
}
"""The 19 error codes of the API document, each with its description and the same in English."""


def documented(code: str) -> Answer:
    """A business error of the API document."""
    return rejected(code, DOCUMENT_CODES[code][0])


def _number(line: int) -> str:
    return f"202555{line:04d}"


def _document_numbers() -> Iterator[TestNumber]:
    for line, (code, (_, text)) in enumerate(DOCUMENT_CODES.items(), start=101):
        yield TestNumber(_number(line), documented(code), f"Rejected with {code}: {text}.")


def _ok(behaviour: Behaviour) -> Answer:
    return Answer(behaviour, code="OK", message="OK", accepted=True)


_THROTTLED_WITH_WAIT = replace(THROTTLED, status=429, retry_after_ms=300)
_SIGNATURE_MISMATCH = Answer(Behaviour.ECHOED, 400, "SignatureDoesNotMatch")


def _special_numbers() -> Iterator[TestNumber]:
    def number(line: int, answer: Answer, text: str, *, attempts: int = 0) -> TestNumber:
        return TestNumber(_number(line), answer, text, attempts)

    yield number(120, THROTTLED, "Throttled (HTTP 400) twice, then accepted.", attempts=2)
    yield number(
        121, _THROTTLED_WITH_WAIT, "Throttled (HTTP 429, try again in 300 ms) once, then accepted.", attempts=1
    )
    yield number(122, THROTTLED, "Throttled (HTTP 400) every time.")
    yield number(123, UNAVAILABLE, "The gateway is unavailable (HTTP 503).")
    yield number(124, BAD_GATEWAY, "A proxy's error page in HTML (HTTP 502).")
    yield number(125, Answer(Behaviour.UNANSWERED, accepted=True), "The message is accepted, the answer never comes.")
    yield number(126, Answer(Behaviour.UNANSWERED), "The message is not accepted, the answer never comes.")
    yield number(127, Answer(Behaviour.CUT, accepted=True), "The message is accepted, then the connection is cut.")
    yield number(128, Answer(Behaviour.CUT), "The connection is cut, the message is not accepted.")
    yield number(129, _ok(Behaviour.TRUNCATED), "The message is accepted, but only half of the answer comes.")
    yield number(130, page(200, "Welcome to the hotel's Wi-Fi"), "HTTP 200 with an HTML page; not accepted.")
    yield number(131, _ok(Behaviour.NO_BIZ_ID), "The answer is OK but has no BizId.")
    yield number(132, INTERNAL_ERROR, "The gateway had an internal error (HTTP 500).")
    yield number(133, NONCE_USED, "The nonce is said to have been used already.")
    yield number(134, CLOCK_OFF, "The clock is said to be off, every time.")
    yield number(135, _SIGNATURE_MISMATCH, "The signature is said to be wrong, and the message repeats the request.")
    yield number(136, KEY_UNKNOWN, "The access key is said to be unknown (HTTP 404).")
    yield number(137, ACTION_UNKNOWN, "The API is said not to exist (HTTP 404).")
    yield number(138, rejected("isv.SOMETHING_NEW", "新的错误"), "Rejected with a code that no document knows.")
    yield number(139, page(504, ""), "A proxy's time-out with nothing in it (HTTP 504).")
    yield number(140, Answer(Behaviour.REDIRECTED, 302), "A redirect to another address (HTTP 302).")
    yield number(141, accepted(delay=3.0), "Accepted, but the answer takes 3 seconds.")
    yield number(
        142,
        rejected("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"),
        "Rejected with isv.BUSINESS_LIMIT_CONTROL and the Chinese message for ten messages a day.",
    )
    yield number(143, page(403, "403 Forbidden"), "A proxy forbids the call with an HTML page (HTTP 403).")
    yield number(
        144,
        rejected("isv.DAY_LIMIT_CONTROL", "触发日发送限额"),
        "Rejected: the account's limit for the day is reached.",
    )


def _receipt_numbers() -> Iterator[TestNumber]:
    def number(line: int, text: str, answer: Answer = ACCEPTED, **fate: Any) -> TestNumber:
        return TestNumber(_number(line), answer, text, **fate)

    yield number(145, "Accepted; no receipt ever comes.", receipt="")
    yield number(146, "Accepted, not delivered: the phone is out of service.", receipt="MOBILE_NOT_ON_SERVICE")
    yield number(147, "Accepted, not delivered: its line takes no international SMS.", receipt="SP_NOT_BY_INTER_SMS")
    yield number(
        148,
        "The message is accepted, the answer never comes, and queries find it after 5 seconds only.",
        Answer(Behaviour.UNANSWERED, accepted=True),
        listed_after=5.0,
    )
    yield number(149, "Accepted; the first two queries about it are throttled, the third is answered.", busy=2)


TEST_NUMBERS = {
    number.national: number
    for number in (
        TestNumber(_number(100), ACCEPTED, "Accepted."),
        *_document_numbers(),
        *_special_numbers(),
        *_receipt_numbers(),
    )
}
"""Every test number, by its national number and in order."""
