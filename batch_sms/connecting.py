"""The way out of this machine, as a campaign asks for it: whose key, which gateway, room for its connections."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from batch_sms.campaign import Campaign
from batch_sms.clock import Clock
from batch_sms.errors import SettingsError
from batch_sms.gateway.apis import APIS
from batch_sms.gateway.credentials import Credentials, Secret, find_credentials
from batch_sms.gateway.endpoints import check_endpoint
from batch_sms.machine import make_room_for
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox

if TYPE_CHECKING:
    from batch_sms.gateway.aliyun import AliyunGateway


@contextmanager
def gateway_of(campaign: Campaign, credentials: Credentials, clock: Clock) -> Iterator[AliyunGateway]:
    """The gateway that the campaign names; with ``--sandbox`` one of our own, in this process."""
    from batch_sms.gateway.aliyun import AliyunGateway, Wire  # noqa: PLC0415 (a list is checked without requests)

    make_room_for(campaign.most_threads)
    with ExitStack() as stack:
        endpoint = stack.enter_context(Sandbox()).url if campaign.sandbox else check_endpoint(campaign.endpoint)
        wire = Wire(
            endpoint=endpoint,
            region=campaign.region,
            signature=campaign.signature,
            connect_timeout=campaign.connect_timeout,
            read_timeout=campaign.read_timeout,
            proxies=Wire.proxies_for(endpoint),
            ca_bundle=ca_bundle(),
            connections=campaign.most_threads,
        )
        gateway = AliyunGateway(wire, credentials, clock, APIS[campaign.api])
        stack.callback(gateway.close)
        yield gateway


def credentials_of(campaign: Campaign) -> Credentials:
    """The key to call with; the sandbox has one of its own, which opens nothing else. Raises CredentialsError."""
    if campaign.sandbox or campaign.dry_run:
        return Credentials(SANDBOX_KEY_ID, Secret(SANDBOX_KEY_SECRET), Secret(""), "sandbox")
    return find_credentials(os.environ, Path.home())


def check_way_out(campaign: Campaign) -> None:
    """Find out, before anything is read or sent, what of the environment can't be used. Raises SettingsError."""
    if campaign.sandbox or campaign.dry_run:
        return
    from batch_sms.gateway.aliyun import Wire  # noqa: PLC0415 (as above)

    endpoint = check_endpoint(campaign.endpoint)
    for scheme, proxy in Wire.proxies_for(endpoint).items():
        if scheme in {"https", "all"} and proxy.lower().startswith("socks"):
            raise SettingsError("proxy_socks", proxy=urlsplit(proxy).hostname, variable=f"{scheme.upper()}_PROXY")
    if (bundle := ca_bundle()) and not Path(bundle).exists():
        raise SettingsError("ca_bundle_missing", path=bundle)


def ca_bundle() -> str:
    """The certificates that the environment names, ``""`` for those that come along."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or ""
