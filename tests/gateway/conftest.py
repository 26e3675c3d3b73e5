from __future__ import annotations

import pytest
from loopback_peers import KEY, PATIENCE, MadeClock, Peer

from batch_sms.gateway.aliyun import AliyunGateway, Wire


@pytest.fixture
def open_peer():
    peers = []

    def make(*script, **settings):
        peers.append(Peer(list(script), **settings))
        return peers[-1]

    yield make
    for peer in peers:
        peer.finish()


@pytest.fixture
def open_gateway(open_peer):
    """Makes gateways, closed after the test and before the peers are."""
    gateways = []

    def make(endpoint, clock=None, credentials=KEY, **settings):
        wire = Wire(endpoint=endpoint, **{"connect_timeout": PATIENCE, "read_timeout": PATIENCE, **settings})
        gateways.append(AliyunGateway(wire, credentials, clock or MadeClock()))
        return gateways[-1]

    yield make
    for gateway in gateways:
        gateway.close()
