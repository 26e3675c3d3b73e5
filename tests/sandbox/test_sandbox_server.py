"""The sandbox as a server: many clients, throttling, faults, its pages, malformed requests, and how it stops."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from batch_sms.sandbox import Sandbox


def exchange(sandbox, data, *, timeout=5.0):
    """All that the sandbox answers to these bytes on one connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout) as connection:
        connection.sendall(data)
        with contextlib.suppress(ConnectionError):
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                received += part
    return received


def test_50_clients_with_20_requests_each_are_accepted_exactly_once(sandbox, open_caller):
    def talk(client):
        caller = open_caller(sandbox)
        return [caller.send(OutId=f"{client}-{number}").json for number in range(20)]

    with ThreadPoolExecutor(50) as pool:
        answers = [answer for talked in pool.map(talk, range(50)) for answer in talked]
    assert {answer["Code"] for answer in answers} == {"OK"}
    accepted = sandbox.accepted
    assert len({message["BizId"] for message in accepted}) == len(accepted) == 1000
    assert {answer["BizId"] for answer in answers} == {message["BizId"] for message in accepted}
    assert {message["OutId"] for message in accepted} == {f"{c}-{n}" for c in range(50) for n in range(20)}
    assert sandbox.requests == {"OK": 1000}


@pytest.fixture
def many_files():
    """Both ends of a connection are files of this process: a thousand of them are over the usual limit of 1024."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit to raise")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != hard < 4096:
        pytest.skip(f"this machine allows {hard} open files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_connections_are_held_at_once(many_files):
    with Sandbox() as sandbox, contextlib.ExitStack() as connections:
        held = [
            connections.enter_context(socket.create_connection(("127.0.0.1", sandbox.port), 5)) for _ in range(1000)
        ]
        for connection in held:
            connection.sendall(b"GET /sandbox/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert all(connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n") for connection in held)


def test_a_connection_is_kept_and_both_requests_of_a_pipeline_are_answered(sandbox):
    get = b"GET /sandbox/messages HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert exchange(sandbox, get + b"\r\n" + get).count(b"HTTP/1.1 200 OK") == 2


def test_the_date_is_right(caller):
    date = parsedate_to_datetime(caller.send().headers["Date"])
    assert abs((datetime.now(UTC) - date).total_seconds()) < 5


def test_more_than_qps_are_throttled(open_caller):
    with Sandbox(qps=5) as sandbox:
        caller = open_caller(sandbox)
        answers = [caller.send() for _ in range(12)]
        assert [answer.status for answer in answers] == [200] * 5 + [400] * 7
        assert answers[-1].json["Code"] == "Throttling.User"
        assert answers[-1].json["Message"] == "Request was denied due to user flow control."
        time.sleep(1.05)
        assert caller.send().status == 200
    assert len(sandbox.accepted) == 6


def test_a_qps_of_nothing_is_a_mistake():
    with pytest.raises(ValueError, match="qps"):
        Sandbox(qps=0)


def test_the_share_of_faults_comes_by_turn_and_is_not_accepted(open_caller):
    with Sandbox(error_share=0.5, random=random.Random(7)) as sandbox:
        caller = open_caller(sandbox)
        for _ in range(60):
            caller.send()
        counts = sandbox.requests
    assert 15 < counts["OK"] < 45
    assert counts["OK"] == len(sandbox.accepted)
    faults = [counts[code] for code in ("isp.SYSTEM_ERROR", "ServiceUnavailable", "HTTP_502")]
    assert sum(faults) == 60 - counts["OK"]
    assert max(faults) - min(faults) <= 1


def test_latency_delays_the_answer_not_the_page(open_caller):
    with Sandbox(latency=0.2, jitter=0.1) as sandbox:
        caller = open_caller(sandbox)
        begun = time.monotonic()
        caller.send()
        assert 0.19 < time.monotonic() - begun < 1
        begun = time.monotonic()
        caller.request("GET", "/sandbox/messages")
        assert time.monotonic() - begun < 0.15


def test_the_messages_page_lists_what_was_accepted(sandbox, caller):
    for number in range(5):
        caller.send(OutId=str(number))
    page = caller.request("GET", "/sandbox/messages").json
    assert page == {"count": 5, "messages": sandbox.accepted}
    some = caller.request("GET", "/sandbox/messages?offset=1&limit=2").json
    assert (some["count"], [message["OutId"] for message in some["messages"]]) == (5, ["1", "2"])


@pytest.mark.parametrize(
    ("method", "target", "host", "status"),
    [
        ("GET", "/sandbox/messages?limit=x", "127.0.0.1", 400),
        ("GET", "/sandbox/messages?offset=-1", "127.0.0.1", 400),
        ("GET", "/sandbox/nothing", "localhost", 404),
        ("POST", "/sandbox/messages", "localhost", 405),
        ("GET", "/sandbox/messages", "evil.example", 403),
        ("PUT", "/", "localhost", 405),
        ("GET", "/elsewhere", "localhost", 404),
        ("GET", "/?a=%ff", "localhost", 400),
        ("GET", "/?" + "a=1&" * 1000, "localhost", 400),
    ],
)
def test_what_the_sandbox_does_not_know_is_refused_in_json(caller, method, target, host, status):
    answer = caller.request(method, target, headers={"Host": host})
    assert answer.status == status
    assert answer.json["Code"]
    assert answer.json["Message"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"HELLO\r\n\r\n", 400),
        (b"GET / HTTP/1.1 more\r\n\r\n", 400),
        (b"GET http://example.com/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n", 400),
        (b"G\xc3\xa9T / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n" + b"x" * 1048577, 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 411),
        (b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_malformed_requests_are_refused_in_json(sandbox, data, status):
    head, _, body = exchange(sandbox, data).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"Connection: close" in head
    assert json.loads(body)["Code"]


def test_a_request_that_ends_too_early_is_no_request(sandbox, capfd):
    for data in (
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
    ):
        assert exchange(sandbox, data) == b""
    assert sandbox.requests == {}
    assert capfd.readouterr() == ("", "")


def test_noise_never_brings_a_traceback(sandbox, caller, capfd):
    noise = random.Random(1)
    for _ in range(200):
        exchange(sandbox, noise.randbytes(noise.randint(1, 200)) + b"\r\n\r\n")
    for _ in range(200):
        query = bytes(noise.choice(b"%&=?;+ab\xe9") for _ in range(40)).decode("latin-1")
        exchange(sandbox, f"GET /?AccessKeyId=sandbox-key-id&{query} HTTP/1.0\r\n\r\n".encode("latin-1"))
    assert caller.send().status == 200
    assert capfd.readouterr() == ("", "")


def test_expect_100_continue(sandbox):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port), 5) as connection:
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ab")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_http_1_0_is_closed_after_the_answer(sandbox):
    answer = exchange(sandbox, b"GET /sandbox/messages HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert b"Connection: close" in answer


def test_head_is_refused_without_a_body(caller):
    assert caller.request("HEAD", "/").body == b""
    assert caller.send().status == 200


def test_only_loopback_is_bound(sandbox):
    assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
    assert sandbox._listener.getsockname()[0] == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error_at_once(sandbox):
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=sandbox.port).start()


@pytest.mark.parametrize("number", ["2025550125", "2025550141"])
def test_closing_lets_go_of_answers_that_hang(open_caller, number):
    sandbox = Sandbox().start()
    caller = open_caller(sandbox)
    idle = open_caller(sandbox)
    idle.send()
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(caller.send, CountryCode="US", PhoneNumbers=number)
        while len(sandbox.accepted) < 2:
            time.sleep(0.01)
        sandbox.close()
        with pytest.raises(ConnectionError):
            hanging.result(timeout=5)
    sandbox.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sandbox")]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sandbox.port), 1)


def test_closing_before_the_start_does_nothing():
    Sandbox().close()
