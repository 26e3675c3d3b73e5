"""What is certain about a request, proved with servers of our own on loopback: written or not, once or not at all."""

from __future__ import annotations

import select
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from loopback_peers import (
    KEY,
    MESSAGE,
    NOON,
    PATIENCE,
    answer,
    hang,
    leave,
    ok,
    read_head,
    reset,
    until_closed_by_peer,
)
from urllib3.connection import HTTPConnection, HTTPSConnection

from batch_sms.gateway.aliyun import Wire
from batch_sms.gateway.wire import NotWrittenError, failure_reason
from batch_sms.model import Action, Retry

SHORT = 0.3
BIG = replace(MESSAGE, params="x" * (32 << 20))
"""More than the buffers of two sockets hold, so that writing it takes the peer's help."""

BOTH = pytest.mark.parametrize("signature", ["v3", "v1"])
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])


def assert_not_written(outcome, code="net.CONNECT_FAILED"):
    assert (outcome.action, outcome.code, outcome.retry) == (Action.RETRY, code, Retry.CONNECT)
    assert outcome.message
    assert " at 0x" not in outcome.message


def assert_in_doubt(outcome, code):
    assert (outcome.action, outcome.code, outcome.retry) == (Action.IN_DOUBT, code, None)
    assert " at 0x" not in outcome.message


def idle_connections(gateway):
    pools = gateway._adapter.poolmanager.pools, *(m.pools for m in gateway._adapter.proxy_manager.values())
    return [connection for some in pools for key in some.keys() for connection in some[key].pool.queue if connection]  # noqa: SIM118


def until_ended(gateway):
    """Wait until the only idle connection is seen to have ended."""
    (connection,) = idle_connections(gateway)
    while connection.is_connected:
        assert select.select([connection.sock], [], [], PATIENCE)[0]
    return connection


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


# Too late: the gateway must not have it.


@SCHEMES
def test_what_has_become_too_late_is_not_written(open_pair, scheme):
    peer, gateway = open_pair(scheme, ok(1), ok(2))
    gateway.closes = NOON.timestamp()
    assert gateway.send(MESSAGE) is None
    gateway.closes += 1
    assert gateway.send(MESSAGE).code == "OK"
    gateway.closes -= 1
    assert gateway.send(MESSAGE) is None, "on a connection that is there, too"
    gateway.close()
    assert len(peer.finish()) == 1


@SCHEMES
def test_it_is_asked_when_the_connection_stands(open_pair, scheme, monkeypatch):
    peer, gateway = open_pair(scheme, ok(1))
    gateway.closes = NOON.timestamp() + 5
    for connection in (HTTPConnection, HTTPSConnection):
        monkeypatch.setattr(connection, "connect", _after(connection.connect, gateway))
    assert gateway.send(MESSAGE) is None
    gateway.close()
    assert peer.finish() == []


def _after(connect, gateway):
    def slow(connection):
        connect(connection)
        gateway._clock.at += timedelta(seconds=10)

    return slow


# Not written: the gateway can't have it.


@SCHEMES
def test_connection_refused(open_gateway, scheme):
    assert_not_written(open_gateway(f"{scheme}://127.0.0.1:{free_port()}").send(MESSAGE))


@SCHEMES
def test_the_adapter_says_that_there_was_no_connection(open_gateway, scheme):
    gateway = open_gateway(f"{scheme}://127.0.0.1:{free_port()}")
    with pytest.raises(NotWrittenError) as raised:
        gateway._post({}, b"")
    assert not raised.value.connected


@SCHEMES
def test_a_name_that_is_not_known(open_gateway, scheme, monkeypatch):
    gateway = open_gateway(f"{scheme}://gateway.test")

    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert_not_written(gateway.send(MESSAGE))


@SCHEMES
@pytest.mark.parametrize(
    "error", [TimeoutError("timed out"), OSError(113, "No route to host"), PermissionError(13, "no")]
)
def test_a_connection_that_does_not_come_about(open_gateway, scheme, error, monkeypatch):
    gateway = open_gateway(f"{scheme}://127.0.0.1:{free_port()}")

    def fail(*args):
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(socket.socket, "connect", fail)
        assert_not_written(gateway.send(MESSAGE))


def test_a_server_that_speaks_no_tls(open_peer, open_gateway):
    peer = open_peer(greet=lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert_not_written(open_gateway(f"https://127.0.0.1:{peer.port}").send(MESSAGE))


@pytest.mark.parametrize("end", [socket.socket.close, reset], ids=["closed", "reset"])
def test_a_handshake_that_is_cut(open_peer, open_gateway, end):
    peer = open_peer(greet=lambda connection: (connection.recv(1), end(connection)))
    assert_not_written(open_gateway(f"https://127.0.0.1:{peer.port}").send(MESSAGE))


def test_a_handshake_that_hangs(open_peer, open_gateway):
    peer = open_peer(greet=hang)
    assert_not_written(open_gateway(f"https://127.0.0.1:{peer.port}", connect_timeout=SHORT).send(MESSAGE))


def test_a_certificate_that_nobody_vouches_for(open_peer, open_gateway, tls):
    peer = open_peer(ok(1), tls=tls)
    gateway = open_gateway(peer.url)
    assert_not_written(gateway.send(MESSAGE))
    assert peer.finish() == []


def test_a_certificate_of_another_host(open_pair, open_gateway, certificate):
    peer, _ = open_pair("https", ok(1))
    gateway = open_gateway(f"https://localhost:{peer.port}", ca_bundle=str(certificate))
    outcome = gateway.send(MESSAGE)
    assert_not_written(outcome)
    assert peer.finish() == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_bundle_that_is_none(open_gateway, open_peer, tls, tmp_path, content):
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    peer = open_peer(ok(1), tls=tls)
    assert_not_written(open_gateway(peer.url, ca_bundle=str(path)).send(MESSAGE))
    assert peer.finish() == []


@SCHEMES
def test_a_reset_while_the_body_is_written(open_peer, open_gateway, tls, certificate, scheme):
    def read_a_little_then_reset(connection):
        read_head(connection)
        reset(connection)

    if scheme == "https":
        peer = open_peer(greet=lambda plain: read_a_little_then_reset(tls.wrap_socket(plain, server_side=True)))
    else:
        peer = open_peer(greet=read_a_little_then_reset)
    gateway = open_gateway(f"{scheme}://127.0.0.1:{peer.port}", ca_bundle=str(certificate))
    assert_not_written(gateway.send(BIG), "net.NOT_WRITTEN")


def test_the_adapter_says_that_there_was_a_connection(open_peer, open_gateway):
    def read_a_little_then_reset(connection):
        read_head(connection)
        reset(connection)

    gateway = open_gateway(open_peer(greet=read_a_little_then_reset).url)
    with pytest.raises(NotWrittenError) as raised:
        gateway._post({}, b"x" * (32 << 20))
    assert raised.value.connected


def test_a_body_that_the_peer_does_not_take(open_peer, open_gateway):
    stop = threading.Event()
    peer = open_peer(greet=lambda connection: (read_head(connection), stop.wait(PATIENCE)))
    try:
        assert_not_written(open_gateway(peer.url, connect_timeout=SHORT).send(BIG), "net.NOT_WRITTEN")
    finally:
        stop.set()


def test_after_a_failure_the_next_message_has_a_connection_of_its_own(open_peer, open_gateway):
    peer = open_peer(reset, ok(2), ok(3))
    gateway = open_gateway(peer.url)
    assert_in_doubt(gateway.send(MESSAGE), "net.CONNECTION_LOST")
    assert [gateway.send(MESSAGE).biz_id for _ in range(2)] == ["2^0", "3^0"]
    assert [seen.connection for seen in peer.seen] == [1, 2, 2]


# Written, and no clear answer: in doubt, and never written again.


@BOTH
@SCHEMES
def test_a_gateway_that_hangs_sees_one_request(open_pair, scheme, signature):
    peer, gateway = open_pair(scheme, hang, signature=signature, read_timeout=SHORT)
    assert_in_doubt(gateway.send(MESSAGE), "net.READ_TIMEOUT")
    gateway.close()
    assert len(peer.finish()) == 1


@BOTH
@SCHEMES
@pytest.mark.parametrize(
    "step",
    [
        reset,
        leave,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{",
        b"HTTP/1.1 100 Continue\r\n\r\nConnection: close",
    ],
    ids=["reset", "closed", "half a body", "continue, then closed"],
)
def test_an_answer_that_is_lost(open_pair, scheme, signature, step):
    peer, gateway = open_pair(scheme, step, signature=signature)
    assert_in_doubt(gateway.send(MESSAGE), "net.CONNECTION_LOST")
    gateway.close()
    assert len(peer.finish()) == 1


def test_an_answer_that_hangs_half_way(open_peer, open_gateway):
    def half(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        hang(connection)

    peer = open_peer(half)
    gateway = open_gateway(peer.url, read_timeout=SHORT)
    assert gateway.send(MESSAGE).action is Action.IN_DOUBT
    gateway.close()
    assert len(peer.finish()) == 1


GOOD = b'{"Code":"OK","BizId":"1^0"}'


@pytest.mark.parametrize(
    "data",
    [
        b"HELLO\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + GOOD[:-1],
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"Content-Length: 27\r\n\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\nContent-Length: 27\r\n\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n" + GOOD,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 27\r\n\r\n" + GOOD,
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 500 Error\r\nContent-Length: 0\r\nSet-Cookie: ;;==\r\nContent-Type: ;;=\r\nDate: x\r\n\r\n",
    ],
)
def test_an_answer_that_can_not_be_read(open_peer, open_gateway, data):
    def say(connection):
        connection.sendall(data)

    peer = open_peer(say)
    gateway = open_gateway(peer.url)
    assert gateway.send(MESSAGE).action is Action.IN_DOUBT
    gateway.close()
    assert len(peer.finish()) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("elsewhere", ["/elsewhere", "http://127.0.0.1:1/", "//", "http://[", ""])
def test_a_redirect_is_not_followed(open_peer, open_gateway, status, elsewhere):
    peer = open_peer(answer(b"", status, f"Location: {elsewhere}"), ok(2))
    gateway = open_gateway(peer.url)
    assert_in_doubt(gateway.send(MESSAGE), f"net.HTTP_{status}")
    gateway.close()
    assert len(peer.finish()) == 1


@pytest.mark.parametrize("status", [408, 413, 425, 429, 500, 502, 503, 504])
def test_a_retry_after_is_no_reason_to_write_again(open_peer, open_gateway, status):
    peer = open_peer(answer(b"<html>", status, "Retry-After: 0"), ok(2))
    gateway = open_gateway(peer.url)
    assert_in_doubt(gateway.send(MESSAGE), f"net.HTTP_{status}")
    gateway.close()
    assert len(peer.finish()) == 1


def test_a_late_answer_is_not_taken_for_the_next_message(open_peer, open_gateway):
    first_is_over = threading.Event()

    def late(connection):
        assert first_is_over.wait(PATIENCE)
        connection.sendall(ok(1))

    peer = open_peer(late, ok(2))
    gateway = open_gateway(peer.url)
    hurried = open_gateway(peer.url, read_timeout=1.0)
    assert_in_doubt(hurried.send(MESSAGE), "net.READ_TIMEOUT")
    first_is_over.set()
    assert gateway.send(MESSAGE).biz_id == "2^0"
    peer.script.append(ok(3))
    assert hurried.send(MESSAGE).biz_id == "3^0"


def test_a_second_answer_to_one_request_is_not_taken_for_the_next_message(open_peer, open_gateway):
    peer = open_peer(ok(1) + ok("stray"), ok(2))
    gateway = open_gateway(peer.url)
    assert [gateway.send(MESSAGE).biz_id for _ in range(2)] == ["1^0", "2^0"]


# Connections.


@SCHEMES
def test_one_connection_serves_one_message_after_the_other(open_pair, scheme):
    peer, gateway = open_pair(scheme, ok(1), ok(2), ok(3))
    assert [gateway.send(MESSAGE).biz_id for _ in range(3)] == ["1^0", "2^0", "3^0"]
    assert [seen.connection for seen in peer.seen] == [1, 1, 1]


@SCHEMES
def test_an_idle_connection_that_was_closed_is_noticed(open_pair, scheme):
    def answer_as_if_it_stayed(connection):
        connection.sendall(ok(1))

    peer, gateway = open_pair(scheme, answer_as_if_it_stayed, ok(2))
    assert gateway.send(MESSAGE).biz_id == "1^0"
    until_closed_by_peer(gateway)
    assert gateway.send(MESSAGE).biz_id == "2^0"
    gateway.close()
    assert [seen.connection for seen in peer.finish()] == [1, 2]


def test_an_idle_connection_that_was_reset_is_noticed(open_peer, open_gateway):
    gone = threading.Event()

    def answer_then_reset_when_told(connection):
        connection.sendall(ok(1))
        assert gone.wait(PATIENCE)
        reset(connection)

    peer = open_peer(answer_then_reset_when_told, ok(2))
    gateway = open_gateway(peer.url)
    assert gateway.send(MESSAGE).biz_id == "1^0"
    gone.set()
    until_closed_by_peer(gateway)
    assert gateway.send(MESSAGE).biz_id == "2^0"
    gateway.close()
    assert [seen.connection for seen in peer.finish()] == [1, 2]


def test_each_thread_has_a_connection_and_its_own_answer(open_peer, open_gateway):
    threads = 4
    together = threading.Barrier(threads)

    def wait_for_the_others(number):
        def step(connection):
            together.wait(PATIENCE)
            connection.sendall(ok(number))
            return True

        return step

    peer = open_peer(*(wait_for_the_others(number % threads) for number in range(3 * threads)))
    gateway = open_gateway(peer.url, connections=threads)
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(3):
            outcomes = list(pool.map(gateway.send, [MESSAGE] * threads))
            assert sorted(outcome.biz_id for outcome in outcomes) == ["0^0", "1^0", "2^0", "3^0"]
    assert {seen.connection for seen in peer.seen} == {1, 2, 3, 4}


def test_closing_ends_the_idle_connection_at_once(open_peer, open_gateway):
    peer = open_peer(ok(1))
    gateway = open_gateway(peer.url)
    gateway.send(MESSAGE)
    pools = gateway._adapter.poolmanager.pools
    still_referred_to = [pools[key] for key in pools.keys()]  # noqa: SIM118 - it can't be iterated
    gateway.close()
    assert len(peer.finish()) == 1
    assert still_referred_to


def test_a_cookie_is_not_kept(open_peer, open_gateway):
    peer = open_peer(answer(b"{}", 200, "Set-Cookie: a=b"), ok(2))
    gateway = open_gateway(peer.url)
    gateway.send(MESSAGE)
    gateway.send(MESSAGE)
    assert "cookie" not in peer.seen[1].headers


# Opened ahead.


@SCHEMES
def test_a_message_takes_a_connection_that_was_opened_ahead(open_pair, scheme):
    peer, gateway = open_pair(scheme, ok(1), ok(2), connections=3)
    assert [gateway.open(), gateway.open()] == [True, True]
    if scheme == "https":  # TLS 1.3 sends session tickets after the handshake; nobody has read them yet
        for connection in idle_connections(gateway):
            assert select.select([connection.sock], [], [], PATIENCE)[0]
    assert [gateway.send(MESSAGE).biz_id for _ in range(2)] == ["1^0", "2^0"]
    assert len(idle_connections(gateway)) == 2
    gateway.close()
    assert [seen.connection for seen in peer.finish()] in ([1, 1], [2, 2])


@SCHEMES
@pytest.mark.parametrize("end", [leave, reset])
def test_one_that_was_closed_meanwhile_is_not_used(open_peer, open_gateway, tls, certificate, scheme, end):
    """The peer shakes hands, and closes; the message finds that out before it writes."""
    gone = threading.Event()

    def greet(connection):
        with tls.wrap_socket(connection, server_side=True) if scheme == "https" else connection as server:
            assert gone.wait(PATIENCE)
            end(server)

    first, second = open_peer(greet=greet), open_peer(ok(1), tls=tls if scheme == "https" else None)
    gateway = open_gateway(first.url.replace("http", scheme, 1) if scheme == "https" else first.url,
                           ca_bundle=str(certificate))  # fmt: skip
    assert gateway.open()
    gone.set()
    connection = until_ended(gateway)
    connection.port = second.port
    assert gateway.send(MESSAGE).biz_id == "1^0"


def test_an_answer_that_nobody_asked_for_ends_it(open_peer, open_gateway, tls, certificate):
    def say_something(connection):
        with tls.wrap_socket(connection, server_side=True) as server:
            server.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            hang(server)

    peer = open_peer(greet=say_something)
    gateway = open_gateway(f"https://127.0.0.1:{peer.port}", ca_bundle=str(certificate))
    assert gateway.open()
    connection = until_ended(gateway)
    assert connection.sock.gettimeout() == PATIENCE, "a look at it leaves its time-out as it was"


@SCHEMES
def test_one_that_can_not_be_opened_is_said_by_the_message(open_gateway, scheme):
    gateway = open_gateway(f"{scheme}://127.0.0.1:{free_port()}")
    assert not gateway.open()
    assert_not_written(gateway.send(MESSAGE))


def test_through_a_proxy_too(open_peer, open_gateway, tls, certificate):
    peer = open_peer(ok(1), tls=tls, proxy=ESTABLISHED)
    gateway = behind(peer, open_gateway, certificate)
    assert gateway.open()
    assert gateway.send(MESSAGE).biz_id == "1^0"
    assert len(peer.tunnels) == 1


def test_one_that_does_not_come_about_is_given_up(open_peer, open_gateway, certificate):
    peer = open_peer(greet=hang)
    gateway = open_gateway(f"https://127.0.0.1:{peer.port}", ca_bundle=str(certificate), connect_timeout=SHORT)
    assert not gateway.open()


def test_a_proxy_that_refuses_opens_nothing(open_peer, open_gateway, certificate):
    peer = open_peer(proxy=b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    assert not behind(peer, open_gateway, certificate).open()


def test_there_are_no_more_than_there_is_room_for(open_peer, open_gateway):
    peer = open_peer(ok(1))
    gateway = open_gateway(peer.url, connections=2)
    assert all(gateway.open() for _ in range(5))
    assert len(idle_connections(gateway)) == 2


def test_the_turn_to_write_comes_when_the_connection_stands_and_before_the_first_byte(open_peer, open_gateway):
    turns = []

    def turn():
        turns.append((len(peer._threads), len(peer.seen)))

    peer = open_peer(ok(1), ok(2))
    gateway = open_gateway(peer.url)
    gateway.wait_turn = turn
    gateway.send(MESSAGE)
    gateway.send(MESSAGE)
    assert [seen for _, seen in turns] == [0, 1]


# What is on the wire.


@BOTH
def test_the_request_on_the_wire(open_peer, open_gateway, signature):
    peer = open_peer(ok(1))
    gateway = open_gateway(peer.url, signature=signature)
    assert gateway.send(MESSAGE).action is Action.OK
    (seen,) = peer.seen
    assert seen.head.startswith("POST / HTTP/1.1\r\n")
    names = [line.partition(":")[0].lower() for line in seen.head.split("\r\n")[1:]]
    assert len(names) == len(set(names))
    assert seen.headers["host"] == f"127.0.0.1:{peer.port}"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["user-agent"] == "batch-sms"
    assert "expect" not in seen.headers
    assert not [text for text in ("61234567", "kiko", "row-1") if text in seen.head]
    assert KEY.secret.reveal() not in seen.head + seen.body.decode("ascii")
    form = dict(parse_qsl(seen.body.decode("ascii"), strict_parsing=True))
    assert {name: form[name] for name in ("PhoneNumbers", "CountryCode", "SignName", "TemplateParam", "OutId")} == {
        "PhoneNumbers": "61234567",
        "CountryCode": "HK",
        "SignName": "云通信",
        "TemplateParam": '{"intlmsg":"kiko"}',
        "OutId": "row-1",
    }


@BOTH
def test_every_request_has_a_nonce_of_its_own(open_peer, open_gateway, signature):
    peer = open_peer(*(ok(number) for number in range(20)))
    gateway = open_gateway(peer.url, signature=signature)
    for _ in range(20):
        gateway.send(MESSAGE)
    if signature == "v3":
        nonces = {seen.headers["x-acs-signature-nonce"] for seen in peer.seen}
    else:
        nonces = {dict(parse_qsl(seen.body.decode("ascii")))["SignatureNonce"] for seen in peer.seen}
    assert len(nonces) == 20


# Proxies.


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_for_loopback(open_peer, open_gateway, monkeypatch, host):
    peer, proxy = open_peer(ok(1)), open_peer(ok("proxy"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    endpoint = f"http://{host}:{peer.port}"
    assert Wire.proxies_for(endpoint) == {}
    assert open_gateway(endpoint, proxies=Wire.proxies_for(endpoint)).send(MESSAGE).biz_id == "1^0"
    assert proxy.finish() == []


def test_the_environment_is_read_only_when_asked(open_peer, open_gateway, monkeypatch):
    peer, proxy = open_peer(ok(1)), open_peer(ok("proxy"))
    gateway = open_gateway(peer.url)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    assert gateway.send(MESSAGE).biz_id == "1^0"
    assert proxy.finish() == []


def test_the_proxies_of_the_environment(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    assert Wire.proxies_for("https://dysmsapi.aliyuncs.com")["https"] == "http://proxy.test:3128"
    monkeypatch.setenv("NO_PROXY", "aliyuncs.com")
    assert Wire.proxies_for("https://dysmsapi.aliyuncs.com") == {}


ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def behind(peer, open_gateway, certificate, **settings):
    proxies = {"https": f"http://user:geheim@127.0.0.1:{peer.port}"}
    return open_gateway("https://gateway.test", proxies=proxies, ca_bundle=str(certificate), **settings)


def test_through_a_proxy_only_the_name_of_the_gateway_is_told(open_peer, open_gateway, tls, certificate):
    peer = open_peer(ok(1), ok(2), tls=tls, proxy=ESTABLISHED)
    gateway = behind(peer, open_gateway, certificate)
    assert [gateway.send(MESSAGE).biz_id for _ in range(2)] == ["1^0", "2^0"]
    (tunnel,) = peer.tunnels
    assert tunnel.startswith("CONNECT gateway.test:443 HTTP/1.")
    assert not [text for text in ("61234567", "kiko", KEY.key_id, "x-acs") if text in tunnel]
    assert "proxy-authorization" not in peer.seen[0].headers


@pytest.mark.parametrize("step", [hang, reset, leave], ids=["hang", "reset", "closed"])
def test_through_a_proxy_a_lost_answer_is_in_doubt(open_peer, open_gateway, tls, certificate, step):
    peer = open_peer(step, tls=tls, proxy=ESTABLISHED)
    gateway = behind(peer, open_gateway, certificate, read_timeout=SHORT if step is hang else PATIENCE)
    assert_in_doubt(gateway.send(MESSAGE), "net.READ_TIMEOUT" if step is hang else "net.CONNECTION_LOST")
    gateway.close()
    assert len(peer.finish()) == 1


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        b"HELLO\r\n\r\n",
    ],
)
def test_a_proxy_that_refuses(open_peer, open_gateway, certificate, said):
    peer = open_peer(proxy=said)
    outcome = behind(peer, open_gateway, certificate).send(MESSAGE)
    assert_not_written(outcome)
    assert "geheim" not in repr(outcome)


def test_a_proxy_that_hangs(open_peer, open_gateway, certificate):
    peer = open_peer(greet=hang)
    assert_not_written(behind(peer, open_gateway, certificate, connect_timeout=SHORT).send(MESSAGE))


def test_a_proxy_that_speaks_tls_itself_is_known_by_the_same_bundle(open_peer, open_gateway, tls, certificate):
    heads = []

    def refuse(plain):
        with tls.wrap_socket(plain, server_side=True) as connection:
            heads.append(read_head(connection))
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    peer = open_peer(greet=refuse)
    proxies = {"https": f"https://127.0.0.1:{peer.port}"}
    assert_not_written(open_gateway("https://gateway.test", proxies=proxies).send(MESSAGE))
    assert heads == []
    assert_not_written(open_gateway("https://gateway.test", proxies=proxies, ca_bundle=str(certificate)).send(MESSAGE))
    assert [head.split()[0] for head in heads] == [b"CONNECT"]


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:geheim@127.0.0.1:{port}",
        "http:///",
        "http://user:geheim@proxy.test:port",
        "http://user:geheim@[::1",
    ],
)
def test_a_proxy_that_can_not_be_used(open_gateway, proxy):
    gateway = open_gateway("https://gateway.test", proxies={"https": proxy.format(port=free_port())})
    outcome = gateway.send(MESSAGE)
    assert_not_written(outcome)
    assert "geheim" not in repr(outcome)


# Words.


def test_the_reason_is_the_innermost_one():
    outer = RuntimeError("object at 0x7f")
    outer.__cause__ = ConnectionResetError(104, "Connection reset by peer")
    assert failure_reason(outer) == "[Errno 104] Connection reset by peer"


def test_a_reason_without_words_is_its_name():
    assert failure_reason(TimeoutError()) == "TimeoutError"
    assert str(NotWrittenError(TimeoutError(), connected=False)) == "TimeoutError"
