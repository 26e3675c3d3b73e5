"""Receipts that the provider pushes: kept before they are answered for, and nobody gets in without the token."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager

import pytest

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
