"""A report is posted once, as JSON, through the proxies of the environment, and never takes long."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from batch_sms import words
from batch_sms.errors import NoticeError
from batch_sms.notices.web_hook import post

FACTS = {"run": "frühling", "exit_code": 0}


def why(url, longest=20.0):
    with pytest.raises(NoticeError) as error:
        post(url, FACTS, longest)
    for lang in words.LANGUAGES:
        assert "S3CRET" not in error.value.say(lang)
        assert "/…" in error.value.say(lang)
    return error.value.facts["reason"]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_it_is_posted_once_as_json(open_hook, status):
    hook = open_hook(status)
    post(hook.url, FACTS)
    assert hook.got == [FACTS]
    assert hook.asked == ["/hooks/S3CRET application/json; charset=utf-8"]


@pytest.mark.parametrize("status", [302, 307, 400, 404, 500])
def test_an_answer_that_is_no_yes_is_said_and_no_other_place_is_asked(open_hook, status):
    hook = open_hook(status)
    assert why(hook.url) == f"HTTP {status}"
    assert len(hook.got) == 1


def test_nobody_there_is_said():
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "refused" in why(f"http://127.0.0.1:{port}/S3CRET").lower()


def test_an_answer_that_never_comes_is_not_waited_for():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        assert why(f"http://127.0.0.1:{silent.getsockname()[1]}/S3CRET", longest=0.2) == "timed out"


def test_the_proxy_of_the_environment_is_used(open_hook, monkeypatch):
    proxy = open_hook()
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert "403" in why("https://hooks.example.com/S3CRET")
    assert proxy.asked == ["CONNECT hooks.example.com:443"]


def test_no_proxy_is_asked_for_this_machine(open_hook, monkeypatch):
    hook, proxy = open_hook(), open_hook()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    post(hook.url, FACTS)
    assert (len(hook.got), proxy.got) == (1, [])
