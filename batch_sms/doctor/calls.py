"""What the gateway says to calls that can't send: a message to the number 0, through each send API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from requests.utils import select_proxy

from batch_sms.clock import Clock
from batch_sms.connecting import WayOut, check_environment, gateway_at
from batch_sms.doctor.findings import Finding, Health, fault, ok, warning
from batch_sms.errors import SettingsError
from batch_sms.gateway.aliyun import CLOCK_IS_OFF, Wire
from batch_sms.gateway.answers import Unanswered
from batch_sms.gateway.apis import APIS, NOT_OFFERED, SendApi
from batch_sms.gateway.asking import Caller
from batch_sms.gateway.credentials import Credentials
from batch_sms.gateway.endpoints import is_loopback
from batch_sms.model import Action, Message, Outcome, Retry

NO_NUMBER = Message(
    phone="+0",
    national="0",
    country="HK",
    sign="batch-sms",
    template="SMS_0",
    params='{"message":"batch-sms doctor"}',
    out_id="batch-sms-doctor",
)
"""A message that nobody can get: 0 is no number of any country, and no account has this template."""
_NOT_OFFERED = NOT_OFFERED | {"InvalidVersion"}
_OF_THE_KEY = ("InvalidAccessKeyId.", "SignatureDoesNotMatch", "InvalidSecurityToken.", "MissingSecurityToken")
_NOT_THE_GATEWAY = ("net.BAD_ANSWER", "net.HTTP_")


@dataclass(frozen=True, slots=True)
class Probe:
    """One call and what came of it. ``offset`` is how far the gateway's clock is ahead, None where it did not say."""

    api: str
    endpoint: str
    outcome: Outcome
    offset: timedelta | None = None

    @property
    def reached(self) -> bool:
        """Whether the gateway itself answered."""
        return not self.outcome.code.startswith("net.")


def probe(api: SendApi, way_out: WayOut, credentials: Credentials, clock: Clock) -> Probe:
    """Call one API, and once more if this machine's clock was off. Raises SettingsError."""
    endpoint = way_out.endpoint_of(api)
    check_environment(endpoint)
    with gateway_at(way_out, credentials, clock, api) as gateway:
        first = _call(gateway, api, endpoint, clock)
        return first if first.outcome.retry is not Retry.CLOCK else _call(gateway, api, endpoint, clock)


def _call(gateway: Caller, api: SendApi, endpoint: str, clock: Clock) -> Probe:
    before = clock.now()
    answer = gateway.call(api.action, api.version, api.parameters(NO_NUMBER))
    if isinstance(answer, Unanswered):
        return Probe(api.name, endpoint, Outcome(Action.IN_DOUBT, answer.code, before, answer.reason))
    theirs, middle = answer.server_time(), before + (clock.now() - before) / 2
    return Probe(api.name, endpoint, api.outcome(answer, before), theirs - middle if theirs is not None else None)


def probe_all(way_out: WayOut, credentials: Credentials, clock: Clock) -> list[Probe] | SettingsError:
    """Call each send API where it is at home; or what of the environment keeps from calling at all."""
    try:
        return [probe(api, way_out, credentials, clock) for api in APIS.values()]
    except SettingsError as error:
        return error


def of_the_way(probes: list[Probe]) -> Iterator[Finding]:
    """What the calls say of the network and of the clock. One gateway of two is enough to send through."""
    some_reached = any(probe.reached for probe in probes)
    for endpoint in dict.fromkeys(probe.endpoint for probe in probes):
        there = [probe for probe in probes if probe.endpoint == endpoint]
        if proxy := select_proxy(endpoint, Wire.proxies_for(endpoint)):
            yield ok("proxy", "proxy", endpoint=endpoint, proxy=urlsplit(proxy).hostname)
        answered = next((probe for probe in there if probe.reached), None)
        yield _answered(endpoint) if answered is not None else _unreached(there[0], some_reached=some_reached)
    offsets = [probe.offset for probe in probes if probe.reached and probe.offset is not None]
    if offsets:
        yield of_the_clock(min(offsets, key=abs))
    elif some_reached:
        yield warning("clock", "clock_unknown")


def _answered(endpoint: str) -> Finding:
    plain = endpoint.startswith("http:") and is_loopback(endpoint)
    return ok("endpoint", "endpoint_plain" if plain else "endpoint_answers", endpoint=endpoint)


def _unreached(probe: Probe, *, some_reached: bool) -> Finding:
    code, reason = probe.outcome.code, probe.outcome.message or "-"
    facts = {"endpoint": probe.endpoint, "code": code, "reason": reason}
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return fault("endpoint", "endpoint_untrusted", **facts)
    key = "endpoint_silent" if code == "net.READ_TIMEOUT" else "endpoint_unreached"
    if code.startswith(_NOT_THE_GATEWAY):
        key = "endpoint_other"
    return (warning if some_reached else fault)("endpoint", key, **facts)


def of_the_clock(offset: timedelta) -> Finding:
    """How this machine's clock stands to the gateway's."""
    spoken = timedelta(seconds=round(abs(offset.total_seconds())))
    if abs(offset) < CLOCK_IS_OFF:
        return ok("clock", "clock_right", offset=int(spoken.total_seconds()))
    return warning("clock", "clock_behind" if offset > timedelta(0) else "clock_ahead", offset=spoken)


def of_the_apis(probes: list[Probe]) -> Iterator[Finding]:
    """Which send APIs the account has, and which one to use. What ails one of them is no fault where another can be used."""
    refused = next((probe for probe in probes if probe.outcome.code.startswith(_OF_THE_KEY)), None)
    if refused is not None:
        yield fault("key", "key_refused", endpoint=refused.endpoint, code=refused.outcome.code, message="")
        return
    findings = {probe.api: of_the_api(probe) for probe in probes}
    usable = [api for api, finding in findings.items() if finding.health is Health.OK]
    for finding in findings.values():
        yield replace(finding, health=Health.WARNING) if usable and finding.health is Health.FAULT else finding
    if usable and probes[0].api not in usable:
        yield warning("api", "use_another", api=usable[0])
    if all(finding.key == "api_not_offered" for finding in findings.values()):
        yield fault("api", "no_api")


def of_the_api(probe: Probe) -> Finding:
    """What an answer means for the API that was called."""
    said, facts = probe.outcome, {"api": probe.api, "code": probe.outcome.code, "message": probe.outcome.message}
    if not probe.reached:
        return warning("api", "api_unreached", **facts)
    if said.action is Action.OK:
        return warning("api", "api_took_it", **facts)
    if said.code in _NOT_OFFERED:
        return warning("api", "api_not_offered", **facts)
    if said.retry is Retry.SLOW:
        return ok("api", "api_throttles", **facts)
    if said.action is Action.STOP or said.retry is Retry.CLOCK:
        return fault("api", "api_refuses_the_account", **facts)
    if said.action is Action.IN_DOUBT:
        return warning("api", "api_unclear", **facts)
    return ok("api", "api_there" if said.code.endswith("MOBILE_NUMBER_ILLEGAL") else "api_refuses", **facts)
