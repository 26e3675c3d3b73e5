"""The way out of this machine, as a campaign or a question asks for it: whose key, which gateway, room for its connections."""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from batch_sms import sender
from batch_sms.campaign import Campaign
from batch_sms.clock import Clock
from batch_sms.errors import SettingsError
from batch_sms.gateway.apis import SEND_INTER_SMS, SendApi
from batch_sms.gateway.credentials import Credentials, Secret, find_credentials
from batch_sms.gateway.endpoints import check_endpoint, endpoint_of
from batch_sms.gateway.signed_requests import SIGNATURES
from batch_sms.machine import cores, kept_to, make_room_for, short_turns
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox
from batch_sms.sending.carriers import Carriers, Threads
from batch_sms.sending.crew import Crew
from batch_sms.sending.door import Door

if TYPE_CHECKING:
    from batch_sms.gateway.aliyun import AliyunGateway, Wire


@dataclass(frozen=True, kw_only=True, slots=True)
class WayOut:
    """Which gateway to call, and how. Timeouts in seconds. The endpoint and the region are those of an API if not named."""

    endpoint: str = ""
    region: str = ""
    signature: str = SIGNATURES[0]
    connect_timeout: float = 10.0
    read_timeout: float = 10.0
    connections: int = 1

    def endpoint_of(self, api: SendApi) -> str:
        """The gateway that has this API. Raises SettingsError."""
        return check_endpoint(self.endpoint or endpoint_of(self.region or api.region))

    def to(self, api: SendApi) -> Wire:
        """The wire to that gateway, with what the environment says of proxies and certificates. Raises SettingsError."""
        from batch_sms.gateway.aliyun import Wire  # noqa: PLC0415 (a list is checked without requests)

        endpoint = self.endpoint_of(api)
        return Wire(
            endpoint=endpoint,
            region=self.region or api.region,
            signature=self.signature,
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            proxies=Wire.proxies_for(endpoint),
            ca_bundle=ca_bundle(),
            connections=self.connections,
        )


@contextmanager
def carriers_of(
    campaign: Campaign, credentials: Credentials, clock: Clock, most: int, tell: Callable[..., None]
) -> Iterator[Carriers]:
    """At most so many carriers to the gateway that the campaign names; with ``--sandbox`` to one of our own, in this process.

    ``tell`` hears of those that were lost. Raises SettingsError, SendersError.
    """
    make_room_for(most)
    there = cores()
    processes = campaign.processes_for(most, len(there) or os.cpu_count() or 1)
    with ExitStack() as stack:
        way_out = WayOut(
            endpoint=stack.enter_context(Sandbox()).url if campaign.sandbox else campaign.endpoint,
            region=campaign.region,
            signature=campaign.signature,
            connect_timeout=campaign.connect_timeout,
            read_timeout=campaign.read_timeout,
            connections=most,
        )
        paced = campaign.messages_per_second < math.inf
        stack.enter_context(short_turns(wanted=paced or processes > 1))
        if processes > 1:
            yield stack.enter_context(_crew(campaign, way_out, credentials, most, tell, processes=processes))
            return
        stack.enter_context(kept_to(next(iter(there), None)))
        gateway = stack.enter_context(gateway_at(way_out, credentials, clock, campaign.send_api))
        gateway.wait_turn = Door(campaign.messages_per_second, clock).wait
        carriers = Threads(gateway, most, clock)
        stack.callback(carriers.end)
        yield carriers


@contextmanager
def _crew(
    campaign: Campaign,
    way_out: WayOut,
    credentials: Credentials,
    most: int,
    tell: Callable[..., None],
    *,
    processes: int,
) -> Iterator[Carriers]:
    """Carriers in processes of their own, each with a core that is another's only where there are too few."""
    rate, api = campaign.messages_per_second, campaign.send_api
    wire = way_out.to(api)
    there = cores()
    each_core = cycle((*there[1:], *there[:1]) or (None,))

    def start(most: int) -> subprocess.Popen[bytes]:
        return sender.start(wire, credentials, api, most, paced=rate < math.inf, core=next(each_core))

    crew = Crew(start, processes, most, rate, tell)
    try:
        yield crew
    finally:
        crew.end()


@contextmanager
def gateway_at(
    way_out: WayOut, credentials: Credentials, clock: Clock, api: SendApi = SEND_INTER_SMS
) -> Iterator[AliyunGateway]:
    """The gateway on this way out that has this API; it can be asked too. Raises SettingsError."""
    from batch_sms.gateway.aliyun import AliyunGateway  # noqa: PLC0415 (as above)

    gateway = AliyunGateway(way_out.to(api), credentials, clock, api)
    try:
        yield gateway
    finally:
        gateway.close()


def credentials_of(campaign: Campaign) -> Credentials:
    """The key to call with; the sandbox has one of its own, which opens nothing else. Raises CredentialsError."""
    if campaign.sandbox or campaign.dry_run:
        return Credentials(SANDBOX_KEY_ID, Secret(SANDBOX_KEY_SECRET), Secret(""), "sandbox")
    return own_credentials()


def own_credentials() -> Credentials:
    """The key of whoever runs this. Raises CredentialsError."""
    return find_credentials(os.environ, Path.home())


def check_way_out(campaign: Campaign) -> None:
    """Find out, before anything is read or sent, what of the environment can't be used. Raises SettingsError."""
    if not campaign.sandbox and not campaign.dry_run:
        check_environment(check_endpoint(campaign.called_endpoint))


def check_environment(endpoint: str) -> None:
    """Find out what of the environment can't be used to call this endpoint. Raises SettingsError."""
    from batch_sms.gateway.aliyun import Wire  # noqa: PLC0415 (as above)

    for scheme, proxy in Wire.proxies_for(endpoint).items():
        if scheme in {"https", "all"} and proxy.lower().startswith("socks"):
            raise SettingsError("proxy_socks", proxy=urlsplit(proxy).hostname, variable=f"{scheme.upper()}_PROXY")
    if (bundle := ca_bundle()) and not Path(bundle).exists():
        raise SettingsError("ca_bundle_missing", path=bundle)


def ca_bundle() -> str:
    """The certificates that the environment names, ``""`` for those that come along."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or ""
