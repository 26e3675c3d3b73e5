"""Alibaba Cloud's gateway: the only room that speaks HTTP. One message in, one outcome out, nothing repeated."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from threading import Lock
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies
from urllib3 import Timeout
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TookTooLongError

from batch_sms.clock import Clock
from batch_sms.gateway import codes
from batch_sms.gateway.answers import Answer, Unanswered, json_object, text_in
from batch_sms.gateway.apis import SEND_INTER_SMS, SendApi
from batch_sms.gateway.credentials import Credentials
from batch_sms.gateway.endpoints import is_loopback
from batch_sms.gateway.signed_requests import METHOD, SIGNATURES, Signer
from batch_sms.gateway.wire import Adapter, NotWrittenError, Route, TooLateError, failure_reason, read_within
from batch_sms.model import Action, Message, Outcome, Retry

_LONGEST_NUMBER = 9
_LONGEST_HOLD = 300.0
"""Seconds for which a gateway may keep us waiting; a longer word would look like a program that hangs."""
_AGENT = "batch-sms"
CLOCK_IS_OFF = timedelta(seconds=30)
WRONG_TIME = "InvalidTimeStamp."


@dataclass(frozen=True, slots=True)
class Wire:
    """Where and how to call. Timeouts in seconds; proxies and CA bundle as read from the environment, once."""

    endpoint: str
    region: str = SEND_INTER_SMS.region
    signature: str = SIGNATURES[0]
    connect_timeout: float = 10.0
    read_timeout: float = 10.0
    proxies: Mapping[str, str] | None = None
    ca_bundle: str = ""
    connections: int = 1

    @classmethod
    def proxies_for(cls, endpoint: str) -> dict[str, str]:
        """The environment's proxies for this endpoint; none for loopback, which no proxy could reach."""
        return {} if is_loopback(endpoint) else dict(get_environ_proxies(endpoint))


class AliyunGateway:
    """The gateway behind ``sending``'s port. Threads share it: each call takes a connection of its own."""

    def __init__(self, wire: Wire, credentials: Credentials, clock: Clock, api: SendApi = SEND_INTER_SMS) -> None:
        self._wire, self._clock, self._api = wire, clock, api
        self._credentials = credentials
        self._signer = self._signer_of(api.action, api.version)
        self._adapter = Adapter(wire.connections, wire.ca_bundle, self._may_write)
        self._route: Route | None = None
        self._looking = Lock()
        self._random, self._number = uuid.uuid4().hex, count()
        self.offset = timedelta(0)
        """How far the gateway's clock is ahead of ours, as corrected so far."""
        self.closes = math.inf
        """The moment (seconds since 1970) from which no message is written any more."""
        self.wait_turn: Callable[[], None] = lambda: None
        """Called right before anything is written: it may wait."""
        codes.find("OK")  # has the table read now: many first answers come at once, and each would read it

    def _may_write(self) -> bool:
        self.wait_turn()
        return self.closes == math.inf or self._clock.now().timestamp() < self.closes

    def close(self) -> None:
        """Close the idle connections."""
        self._route = None
        self._adapter.close()

    def open(self) -> bool:
        """Open a connection ahead of a message; whether that could be done. If not, ``send`` will say why."""
        try:
            (self._route or self._find_route()).open()
        except (NotWrittenError, HTTPError, OSError):
            return False
        return True

    def send(self, message: Message) -> Outcome | None:
        """Send it once. Whatever the network does is an outcome: not written, answered, or in doubt.

        None where it had become too late before the first byte was written: a connection may take its time.
        """
        sent_at, offset = self._clock.now(), self.offset
        try:
            answer = self._exchange(self._signer, self._api.parameters(message), sent_at + offset)
        except TooLateError:
            return None
        if isinstance(answer, Unanswered):
            action = Action.IN_DOUBT if answer.retry is None else Action.RETRY
            return Outcome(action, answer.code, sent_at, answer.reason, retry=answer.retry)
        outcome = self._api.outcome(answer, sent_at)
        if not outcome.code.startswith(WRONG_TIME):
            return outcome
        return outcome if self._corrects_clock(answer, sent_at, offset) else _stopping(outcome)

    def call(self, action: str, version: str, parameters: Mapping[str, str]) -> Answer | Unanswered:
        """Call any action of the gateway once. An answer about the clock corrects it for the next call."""
        now, offset = self._clock.now(), self.offset
        answer = self._exchange(self._signer_of(action, version), parameters, now + offset)
        if isinstance(answer, Answer) and text_in(json_object(answer.body), "Code").startswith(WRONG_TIME):
            self._corrects_clock(answer, now, offset)
        return answer

    def _signer_of(self, action: str, version: str) -> Signer:
        wire = self._wire
        return Signer(self._credentials, urlsplit(wire.endpoint).netloc, action, version, wire.region, wire.signature)

    def _exchange(self, signer: Signer, parameters: Mapping[str, str], at: datetime) -> Answer | Unanswered:
        """One request and what came back. Raises TooLateError."""
        headers, body = signer.sign(parameters, self._nonce(), at)
        try:
            return self._post(headers, body)
        except TooLateError:
            raise
        except NotWrittenError as error:
            code = "net.NOT_WRITTEN" if error.connected else "net.CONNECT_FAILED"
            return Unanswered(code, str(error), Retry.CONNECT)
        except TookTooLongError as error:
            return Unanswered("net.READ_TIMEOUT", failure_reason(error))
        except Exception as error:  # noqa: BLE001 (an answer that no library foresaw is in doubt like any that broke off)
            return Unanswered("net.CONNECTION_LOST", failure_reason(error))

    def _post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send it and read the answer. The connection is kept only if the answer was read to its end."""
        sent = {**headers, "content-length": str(len(body)), "accept": "application/json", "user-agent": _AGENT}
        response = (self._route or self._find_route()).carry(sent, body)
        try:
            content = read_within(response, self._wire.read_timeout, self._clock)
            answered = response.headers
            return Answer(response.status, content, _retry_after(answered), answered.get("Date", ""))
        finally:
            response.close()
            response.release_conn()

    def _nonce(self) -> str:
        """A text that no request had before: what is random about it was asked of the system once."""
        return f"{self._random}{next(self._number):08x}"

    def _find_route(self) -> Route:
        """Look at proxies, TLS and the URL: once, unless that fails; by one thread, for all that wait for it."""
        wire = self._wire
        timeout = Timeout(connect=wire.connect_timeout, read=wire.read_timeout)
        with self._looking:
            self._route = self._route or self._adapter.route(METHOD, f"{wire.endpoint}/", timeout, wire.proxies or {})
            return self._route

    def _corrects_clock(self, answer: Answer, at: datetime, used: timedelta) -> bool:
        """Take the server's time from its Date header. False where that was used already: trying again is no use."""
        theirs = answer.server_time()
        if theirs is None or abs(theirs - at - used) < CLOCK_IS_OFF:
            return False
        self.offset = theirs - at
        return True


def _stopping(outcome: Outcome) -> Outcome:
    return Outcome(Action.STOP, outcome.code, outcome.sent_at, outcome.message, request_id=outcome.request_id)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """``x-acs-retry-after`` is in milliseconds, the standard ``Retry-After`` in seconds (aliyun.md, section 3.1)."""
    for name, unit in (("x-acs-retry-after", 1000), ("Retry-After", 1)):
        value = headers.get(name, "")
        if value.isdecimal() and len(value) <= _LONGEST_NUMBER:
            return min(int(value) / unit, _LONGEST_HOLD)
    return None
