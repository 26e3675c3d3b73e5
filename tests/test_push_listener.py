"""Receipts that the provider pushes: kept before they are answered for, and nobody gets in without the token."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from batch_sms import push_listener
from batch_sms.errors import SettingsError
from batch_sms.push_listener import LARGEST_PUSH, PushListener

REPORT = {"phone_number": "85291234567", "success": True, "biz_id": "b"}


@contextmanager
def listening(keep):
    """A listener that runs, as its host and port."""
    listener, over = PushListener("127.0.0.1", 0, "secret"), threading.Event()
    running = threading.Thread(target=listener.run, args=(keep, over.is_set))
    running.start()
    try:
        yield listener.url.removeprefix("http://").partition("/")[0]
    finally:
        over.set()
        running.join()


def push(address, path, body=b"", method="POST", headers=()):
    """Status and answer."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or "{}")
    finally:
        connection.close()


def test_it_answers_when_the_receipts_are_kept():
    kept = []
    with listening(lambda receipts: kept.extend(receipts) is None) as address:
        assert push(address, "/secret", json.dumps([REPORT, REPORT])) == (200, {"code": 0, "msg": "ok"})
        assert [receipt.biz_id for receipt in kept] == ["b", "b"]


def test_what_stands_beside_receipts_is_counted():
    listener = PushListener("127.0.0.1", 0, "secret")
    address = listener.url.removeprefix("http://").partition("/")[0]
    kept = []
    running = threading.Thread(
        target=listener.run, args=(lambda receipts: kept.extend(receipts) is None, lambda: bool(kept))
    )
    running.start()
    assert push(address, "/secret", json.dumps([REPORT, {"phone_number": "1"}, 7]))[0] == 200
    running.join()
    assert (len(kept), listener.junk) == (1, 2)


def test_what_could_not_be_kept_is_to_be_pushed_again():
    with listening(lambda _: False) as address:
        assert push(address, "/secret", json.dumps([REPORT]))[0] == 503


@pytest.mark.parametrize(
    ("path", "body", "method", "headers", "status"),
    [
        ("/", b"[]", "POST", {}, 404),
        ("/secre", b"[]", "POST", {}, 404),
        ("/secret/", b"[]", "POST", {}, 404),
        ("/%73ecret", b"[]", "POST", {}, 404),
        ("/secret", b"junk", "POST", {}, 400),
        ("/secret", b"[]", "POST", {}, 400),
        ("/secret", b"[]", "POST", {"Content-Length": str(LARGEST_PUSH + 1)}, 413),
        ("/secret", b"[]", "POST", {"Content-Length": "9" * 5000}, 413),
        ("/secret", b"[]", "POST", {"Content-Length": "-1"}, 411),
        ("/secret", b"[]", "POST", {"Content-Length": "many"}, 411),
        ("/secret", b"", "GET", {}, 405),
        ("/secret", b"", "DELETE", {}, 405),
    ],
)
def test_what_is_no_push_is_refused_and_keeps_nothing(path, body, method, headers, status):
    kept = []
    with listening(lambda receipts: kept.extend(receipts) is None) as address:
        assert push(address, path, body, method, headers)[0] == status
        assert push(address, "/secret", json.dumps(REPORT))[0] == 200, "and it goes on"
    assert len(kept) == 1


def test_an_address_that_is_taken_is_said():
    with listening(lambda _: True) as address, pytest.raises(SettingsError, match=address):
        PushListener(*address.split(":")[:1], int(address.split(":")[1]), "secret")


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_caller_that_breaks_off_is_no_fault(monkeypatch, capsys, share):
    told, broke_off, gone = push_listener._Server.handle_error, threading.Event(), threading.Event()

    def handle_error(*args):
        told(*args)
        broke_off.set()

    monkeypatch.setattr(push_listener._Server, "handle_error", handle_error)
    body = json.dumps([REPORT]).encode()
    request = b"POST /secret HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with listening(lambda _: gone.wait(60)) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), 60) as caller:
            caller.sendall(request[: len(request) - int(len(body) * (1 - share))])
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        gone.set()
        assert broke_off.wait(60)
        assert push(address, "/secret", body)[0] == 200, "and it goes on"
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("request_line", "status"),
    [("JUNK", 400), ("junk of / HTTP/1.1 s3cret", 400), ("BREW /secret HTTP/1.1", 501)],
)
def test_a_request_that_is_none_is_answered_as_all_others_are(request_line, status):
    with listening(lambda _: True) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), 60) as caller:
            caller.sendall(f"{request_line}\r\n\r\n".encode())
            answer = http.client.HTTPResponse(caller)
            answer.begin()
            said = json.loads(answer.read())
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert said["code"] == status
    assert "s3cret" not in said["msg"]
