"""Alibaba Cloud's gateway: the only room that speaks HTTP. One message in, one outcome out, nothing repeated."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies
from urllib3 import Timeout
from urllib3.exceptions import TimeoutError as TookTooLongError

from batch_sms.clock import Clock
from batch_sms.gateway.apis import Answer, SendInterSms
from batch_sms.gateway.credentials import Credentials
from batch_sms.gateway.endpoints import DEFAULT_ENDPOINT, DEFAULT_REGION, is_loopback
from batch_sms.gateway.signed_requests import METHOD, SIGNATURES, Signer
from batch_sms.gateway.wire import Adapter, NotWrittenError, Route, TooLateError, failure_reason, read_within
from batch_sms.model import Action, Message, Outcome, Retry

_LONGEST_NUMBER = 9
_LONGEST_HOLD = 300.0
"""Seconds for which a gateway may keep us waiting; a longer word would look like a program that hangs."""
_AGENT = "batch-sms"
_CLOCK_IS_OFF = timedelta(seconds=30)
_WRONG_TIME = "InvalidTimeStamp."


@dataclass(frozen=True, slots=True)
class Wire:
    """Where and how to call. Timeouts in seconds; proxies and CA bundle as read from the environment, once."""

    endpoint: str = DEFAULT_ENDPOINT
    region: str = DEFAULT_REGION
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

    def __init__(
        self, wire: Wire, credentials: Credentials, clock: Clock, api: type[SendInterSms] = SendInterSms
    ) -> None:
        self._wire, self._clock, self._api = wire, clock, api
        host = urlsplit(wire.endpoint).netloc
        self._signer = Signer(credentials, host, api.action, api.version, wire.region, wire.signature)
        self._adapter = Adapter(wire.connections, self._may_write)
        self._route: Route | None = None
        self._offset = timedelta(0)
        self.closes = math.inf
        """The moment (seconds since 1970) from which no message is written any more."""

    def _may_write(self) -> bool:
        return self.closes == math.inf or self._clock.now().timestamp() < self.closes

    def close(self) -> None:
        """Close the idle connections."""
        self._route = None
        self._adapter.close()

    @property
    def offset(self) -> timedelta:
        """How far the gateway's clock is ahead of ours, as corrected so far."""
        return self._offset

    def send(self, message: Message) -> Outcome | None:
        """Send it once. Whatever the network does is an outcome: not written, answered, or in doubt.

        None where it had become too late before the first byte was written: a connection may take its time.
        """
        sent_at, offset = self._clock.now(), self._offset
        headers, body = self._signer.sign(self._api.parameters(message), uuid.uuid4().hex, sent_at + offset)
        try:
            answer, date = self._post(headers, body)
        except TooLateError:
            return None
        except NotWrittenError as error:
            code = "net.NOT_WRITTEN" if error.connected else "net.CONNECT_FAILED"
            return Outcome(Action.RETRY, code, sent_at, str(error), retry=Retry.CONNECT)
        except TookTooLongError as error:
            return Outcome(Action.IN_DOUBT, "net.READ_TIMEOUT", sent_at, failure_reason(error))
        except Exception as error:  # noqa: BLE001 (an answer that no library foresaw is in doubt like any that broke off)
            return Outcome(Action.IN_DOUBT, "net.CONNECTION_LOST", sent_at, failure_reason(error))
        outcome = self._api.outcome(answer, sent_at)
        return self._with_clock_corrected(outcome, date, offset) if outcome.code.startswith(_WRONG_TIME) else outcome

    def _post(self, headers: Mapping[str, str], body: bytes) -> tuple[Answer, str]:
        """Send it and read the answer, and its Date. The connection is kept only if the answer was read to its end."""
        sent = {**headers, "content-length": str(len(body)), "accept": "application/json", "user-agent": _AGENT}
        response = (self._route or self._find_route()).carry(sent, body)
        try:
            content = read_within(response, self._wire.read_timeout, self._clock)
            answered = response.headers
            return Answer(response.status, content, _retry_after(answered)), answered.get("Date", "")
        finally:
            response.close()
            response.release_conn()

    def _find_route(self) -> Route:
        """Look at proxies, TLS and the URL: once, unless that fails. Threads that come together find the same."""
        wire = self._wire
        timeout = Timeout(connect=wire.connect_timeout, read=wire.read_timeout)
        self._route = self._adapter.route(
            METHOD, f"{wire.endpoint}/", timeout, verify=wire.ca_bundle or True, proxies=wire.proxies or {}
        )
        return self._route

    def _with_clock_corrected(self, outcome: Outcome, date: str, used: timedelta) -> Outcome:
        """Take the server's time from its Date header; where that was used already, trying again is no use."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return _stopping(outcome)
        offset = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - outcome.sent_at
        if abs(offset - used) < _CLOCK_IS_OFF:
            return _stopping(outcome)
        self._offset = offset
        return outcome


def _stopping(outcome: Outcome) -> Outcome:
    return Outcome(Action.STOP, outcome.code, outcome.sent_at, outcome.message, request_id=outcome.request_id)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """``x-acs-retry-after`` is in milliseconds, the standard ``Retry-After`` in seconds (aliyun.md, section 3.1)."""
    for name, unit in (("x-acs-retry-after", 1000), ("Retry-After", 1)):
        value = headers.get(name, "")
        if value.isdecimal() and len(value) <= _LONGEST_NUMBER:
            return min(int(value) / unit, _LONGEST_HOLD)
    return None
