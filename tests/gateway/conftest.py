from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate of our own for 127.0.0.1 and gateway.test, with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "batch-sms test")])
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("gateway.test")]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "gateway.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def open_pair(open_peer, open_gateway, tls, certificate):
    """Makes a peer of either scheme and a gateway that trusts it."""

    def make(scheme, *script, **settings):
        peer = open_peer(*script, tls=tls if scheme == "https" else None)
        return peer, open_gateway(peer.url, ca_bundle=str(certificate), **settings)

    return make
