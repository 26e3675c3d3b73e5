"""What a message costs, counted: what is the same for all of a run is looked at once, and each request is one write."""

from __future__ import annotations

import http.client
import ssl
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from loopback_peers import MESSAGE, PATIENCE, ok
from requests.adapters import HTTPAdapter

MESSAGES, THREADS = 50, 4
ONCE = {
    "_Environ.__getitem__",
    "_Environ.__contains__",
    "getproxies_environment",
    "proxy_bypass_environment",
    "select_proxy",
    "urlsplit",
    "urlparse",
    "Request.prepare",
    "PreparedRequest.prepare_url",
    "PreparedRequest.prepare_cookies",
    "PreparedRequest.copy",
    "CaseInsensitiveDict.__init__",
    "HTTPAdapter.cert_verify",
    "PoolManager.connection_from_host",
    "exists",
    "isdir",
}


@contextmanager
def calls():
    """Counts the functions that this thread calls meanwhile: Python's by their qualified names, C's by their plain ones."""
    counted = Counter()

    def note(frame, event, called):
        if event == "call":
            counted[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            counted[called.__name__] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize("signature", ["v3", "v1"])
def test_environment_url_and_headers_are_looked_at_once(open_peer, open_gateway, signature):
    peer = open_peer(*(ok(number) for number in range(MESSAGES + 1)))
    gateway = open_gateway(peer.url, signature=signature)
    with calls() as first:
        gateway.send(MESSAGE)
    with calls() as later:
        for _ in range(MESSAGES):
            gateway.send(MESSAGE)
    assert first["PreparedRequest.prepare_url"] == first["PoolManager.connection_from_host"] == 1
    assert later["AliyunGateway.send"] == MESSAGES
    assert {name: count for name, count in later.items() if name in ONCE} == {}


def test_a_message_is_one_write_of_head_and_body(open_peer, open_gateway, monkeypatch):
    written, send = [], http.client.HTTPConnection.send

    def note(connection, data):
        written.append(data)
        send(connection, data)

    monkeypatch.setattr(http.client.HTTPConnection, "send", note)
    peer = open_peer(ok(1), ok(2))
    gateway = open_gateway(peer.url)
    for _ in range(2):
        gateway.send(MESSAGE)
    assert [data.split(b"\r\n\r\n") for data in written] == [[seen.head.encode(), seen.body] for seen in peer.seen]


def test_a_message_gives_the_interpreter_away_for_one_look_one_write_one_wait_and_one_read(open_pair):
    peer, gateway = open_pair("https", *(ok(number) for number in range(MESSAGES + 1)))
    gateway.send(MESSAGE)
    with calls() as later:
        for _ in range(MESSAGES):
            gateway.send(MESSAGE)
    assert len({seen.connection for seen in peer.seen}) == 1
    steps = ("TlsSocket.send", "TlsSocket.recv_into", "wait_for_read", "settimeout", "setblocking", "urandom")
    assert [later[step] for step in steps] == [MESSAGES, MESSAGES, 2 * MESSAGES, 0, 0, 0]


def test_what_failed_is_looked_at_again(open_peer, open_gateway, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("not there at the moment")

    gateway = open_gateway(open_peer(ok(1)).url)
    with monkeypatch.context() as patched:
        patched.setattr(HTTPAdapter, "get_connection_with_tls_context", fail)
        assert gateway.send(MESSAGE).code == "net.CONNECT_FAILED"
    assert gateway.send(MESSAGE).biz_id == "1^0"


def test_the_ca_bundle_is_read_once_for_all_connections(open_pair, monkeypatch):
    read, together = [], threading.Barrier(THREADS)

    class Context(ssl.SSLContext):
        def load_verify_locations(self, *args, **kwargs):
            read.append(kwargs)
            super().load_verify_locations(*args, **kwargs)

    def wait_for_the_others(connection):
        together.wait(PATIENCE)
        connection.sendall(ok(1))

    monkeypatch.setattr("urllib3.util.ssl_.SSLContext", Context)
    peer, gateway = open_pair("https", *[wait_for_the_others] * THREADS, connections=THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        assert {outcome.biz_id for outcome in pool.map(gateway.send, [MESSAGE] * THREADS)} == {"1^0"}
    assert len({seen.connection for seen in peer.seen}) == THREADS
    assert len(read) == 1
