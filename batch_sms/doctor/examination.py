"""The whole examination, in the order in which a person would mend what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from batch_sms.clock import Clock
from batch_sms.connecting import WayOut, own_credentials
from batch_sms.doctor import calls, here
from batch_sms.doctor.findings import Finding, fault
from batch_sms.errors import CredentialsError, SettingsError
from batch_sms.gateway.credentials import Credentials, Secret

_NOBODY = Credentials("no-key", Secret("no-key"), Secret(""), "")
"""Calls without a key are refused, and tell of the network and the clock all the same."""


def examine(way_out: WayOut, ledger: Path, clock: Clock) -> Iterator[Finding]:
    """Look at everything; nothing is sent and nothing is changed."""
    yield here.versions()
    found = _credentials()
    yield from here.key(found)
    probes = calls.probe_all(way_out, found if isinstance(found, Credentials) else _NOBODY, clock)
    if isinstance(probes, SettingsError):
        yield fault("endpoint", "problem", problem=probes)
    else:
        yield from calls.of_the_way(probes)
        if isinstance(found, Credentials):
            yield from calls.of_the_apis(probes)
    yield from here.ledger(ledger, clock.now())


def _credentials() -> Credentials | CredentialsError:
    try:
        return own_credentials()
    except CredentialsError as error:
        return error
