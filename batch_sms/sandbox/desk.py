"""The desk of the sandbox: takes requests, decides what each is answered, keeps the book of accepted messages."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from urllib.parse import parse_qsl

from batch_sms.checking.segments import size_of
from batch_sms.gateway import signing
from batch_sms.sandbox.actions import ACTIONS, Action, Parameters, internationally
from batch_sms.sandbox.answers import (
    ACCEPTED,
    ACTION_UNKNOWN,
    BAD_GATEWAY,
    THROTTLED,
    UNAVAILABLE,
    Answer,
    Behaviour,
    mismatch,
)
from batch_sms.sandbox.archive import Archive
from batch_sms.sandbox.limits import Nonces, Throttle
from batch_sms.sandbox.numbers import TEST_COUNTRY, TEST_NUMBERS, TestNumber, documented
from batch_sms.sandbox.protocol import Call, parse_call, refusal_of
from batch_sms.sandbox.replies import Called, json_reply, new_request_id, reply_for
from batch_sms.sandbox.wire import Reply, Request

FAULTS = (documented("isp.SYSTEM_ERROR"), UNAVAILABLE, BAD_GATEWAY)
"""What ``error_share`` gives instead of OK, by turn; the message is not accepted."""
CUTS = (Answer(Behaviour.CUT, accepted=True), Answer(Behaviour.CUT))
"""What ``cut_share`` gives, by turn."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The weather of the sandbox: seconds until an answer, at random so many more, calls a second, shares of what fails.

    ``receipts_after`` are the seconds until the operator says what became of a message; ``closed`` actions are not offered.
    """

    latency: float = 0.0
    jitter: float = 0.0
    qps: float | None = None
    error_share: float = 0.0
    cut_share: float = 0.0
    receipts_after: float = 0.0
    closed: frozenset[str] = frozenset()


class Desk:
    """Answers requests from any number of threads; knows no sockets."""

    def __init__(self, conditions: Conditions, clock: Callable[[], datetime], random: Random) -> None:
        self._conditions = conditions
        self._clock = clock
        self._random = random
        self._nonces = Nonces()
        self._throttles = {name: Throttle(conditions.qps) for name in ACTIONS}
        self._archive = Archive(timedelta(seconds=conditions.receipts_after))
        self._lock = threading.Lock()
        self._messages: list[dict[str, str]] = []
        self._outcomes: Counter[str] = Counter()
        self._attempts: Counter[str] = Counter()
        self._faults, self._cuts = itertools.cycle(FAULTS), itertools.cycle(CUTS)
        # begins with the time, so that the ids of two sandboxes differ too
        self._biz_numbers = itertools.count(time.time_ns() // 10)

    def answer(self, request: Request) -> Reply:
        """The reply to any request: a call of the API, or a page of the sandbox itself."""
        if request.path.startswith("/sandbox/"):
            return self._page(request)
        if request.method not in ("GET", "POST"):
            return json_reply(
                {"Code": "UnsupportedHTTPMethod", "Message": "This http method is not supported."},
                405,
                (("Allow", "GET, POST"),),
            )
        if request.path != "/":
            return reply_for(ACTION_UNKNOWN, new_request_id())
        return self._call(request)

    def accepted_messages(self, offset: int = 0, limit: int | None = None) -> list[dict[str, str]]:
        """The messages that were accepted, in order, from ``offset`` and at most ``limit``."""
        with self._lock:
            return self._messages[offset : None if limit is None else offset + limit]

    def accepted_count(self) -> int:
        """How many messages were accepted."""
        return len(self._messages)

    def outcomes(self) -> Counter[str]:
        """How many calls had which outcome."""
        with self._lock:
            return self._outcomes.copy()

    def _call(self, request: Request) -> Reply:
        at, request_id = self._clock(), new_request_id()
        call = parse_call(request)
        if isinstance(call, Answer):
            self._count(call.outcome)
            return self._later(reply_for(call, request_id))
        answer = self._decide(call, at)
        action = ACTIONS.get(call.action)
        if action is None or not action.sends:
            self._count(f"{action.name} {answer.outcome}" if action else answer.outcome)
            called = Called(call.action, {}, action is not None and action.international)
            return self._later(reply_for(answer, request_id, called, wants_json=call.wants_json))
        given = self._given(action, call, answer) if answer.accepted else {}
        with self._lock:
            self._outcomes[answer.outcome] += 1
            if answer.accepted:
                self._messages.append(_record(action, call, given, request_id, at))
        called = Called(action.name, given, action.international)
        return self._later(reply_for(answer, request_id, called, wants_json=call.wants_json))

    def _count(self, outcome: str) -> None:
        with self._lock:
            self._outcomes[outcome] += 1

    def _given(self, action: Action, call: Call, answer: Answer) -> dict[str, str]:
        """What an accepted message is given: its id, and the rest that the answer says of it."""
        number = "" if answer.behaviour is Behaviour.NO_BIZ_ID else str(next(self._biz_numbers))
        if not action.international:
            return {"BizId": f"{number}^0" if number else ""}
        text, sender = call.parameters["Message"], call.parameters.get("From", "")
        return {
            "MessageId": number,
            "To": call.parameters["To"],
            "From": sender,
            "Segments": str(size_of(text).segments),
        }

    def _later(self, reply: Reply) -> Reply:
        latency, jitter = self._conditions.latency, self._conditions.jitter
        if not latency and not jitter:
            return reply
        return replace(reply, delay=reply.delay + latency + jitter * self._random.random())

    def _decide(self, call: Call, at: datetime) -> Answer:
        refusal = refusal_of(call, at, self._nonces, self._conditions.closed)
        if refusal is not None:
            return refusal
        if not self._throttles[call.action].admits(time.monotonic()):
            return THROTTLED
        action = ACTIONS[call.action]
        answer = action.rejection(call.parameters)
        if answer is None:
            number = action.test_number(call.parameters)
            answer = self._verdict(call, number) if action.sends else self._asked(action, call.parameters, number, at)
        return internationally(answer) if action.international else answer

    def _verdict(self, call: Call, number: TestNumber | None) -> Answer:
        """What a message that is in order gets: a test number keeps its word, all others the weather."""
        if number is None:
            return self._weather()
        if number.attempts and self._attempt(number.national) % (number.attempts + 1) == 0:
            return ACCEPTED
        if number.behaviour is Behaviour.ECHOED:
            return mismatch(signing.v1_string_to_sign(call.method, call.parameters))
        return number.answer

    def _asked(self, action: Action, parameters: Parameters, number: TestNumber | None, at: datetime) -> Answer:
        """The answer to a query that is in order."""
        if number is not None and number.busy and self._attempt(f"?{number.national}") % (number.busy + 1):
            return THROTTLED
        with self._lock:
            self._archive.take(self._messages[self._archive.taken :])
            return self._archive.answer(action, parameters, at)

    def _attempt(self, key: str) -> int:
        with self._lock:
            self._attempts[key] += 1
            return self._attempts[key]

    def _weather(self) -> Answer:
        with self._lock:
            if self._random.random() < self._conditions.error_share:
                return next(self._faults)
            if self._conditions.cut_share and self._random.random() < self._conditions.cut_share:
                return next(self._cuts)
        return ACCEPTED

    def _page(self, request: Request) -> Reply:
        # a web page in somebody's browser must not read the messages through a name that resolves to loopback
        if request.headers.get("host", "").partition(":")[0] not in ("127.0.0.1", "localhost"):
            return _problem(403, "Ask for this page by the address 127.0.0.1 or localhost, with the port.")
        if request.method != "GET":
            return _problem(405, "This page can only be read.", ("Allow", "GET"))
        if request.path == "/sandbox/messages":
            return self._messages_page(request)
        if request.path == "/sandbox/numbers":
            return json_reply(_numbers_page())
        return _problem(404, "The sandbox has the pages /sandbox/messages and /sandbox/numbers.")

    def _messages_page(self, request: Request) -> Reply:
        try:
            query = {name: int(value) for name, value in parse_qsl(request.query)}
        except ValueError:
            return _problem(400, "limit and offset are whole numbers.")
        limit, offset = query.get("limit"), query.get("offset", 0)
        if offset < 0 or (limit is not None and limit < 0):
            return _problem(400, "limit and offset are 0 or more.")
        messages = self.accepted_messages(offset, limit)
        return json_reply({"count": self.accepted_count(), "messages": messages})


def _record(action: Action, call: Call, given: Parameters, request_id: str, at: datetime) -> dict[str, str]:
    receipt = "MessageId" if action.international else "BizId"
    return {
        **{name: call.parameters.get(name, "") for name in action.recorded},
        receipt: given[receipt],
        "RequestId": request_id,
        "At": at.isoformat(),
        "SignatureVersion": call.version.value,
        "Action": action.name,
    }


def _numbers_page() -> list[dict[str, str | int | bool]]:
    return [
        {
            "Phone": number.phone,
            "CountryCode": TEST_COUNTRY,
            "PhoneNumbers": number.national,
            "Behaviour": number.behaviour.value,
            "HttpStatus": number.answer.status,
            "Code": number.code,
            "Accepted": number.answer.accepted,
            "Text": number.text,
        }
        for number in TEST_NUMBERS.values()
    ]


def _problem(status: int, message: str, *headers: tuple[str, str]) -> Reply:
    return json_reply({"Code": f"HTTP_{status}", "Message": message}, status, headers)
