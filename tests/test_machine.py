"""What the machine is asked for: room for connections, short turns, one core."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from batch_sms.machine import cores, kept_to, make_room_for, short_turns

resource = pytest.importorskip("resource", reason="there are no such limits here")
NO_LIMIT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "expected"),
    [
        (1024, 4096, 100, None),
        (1024, 4096, 412, None),
        (1024, 4096, 413, (1026, 4096)),
        (1024, 4096, 1000, (2200, 4096)),
        (1024, 1500, 1000, (1500, 1500)),
        (256, NO_LIMIT, 1000, (2200, NO_LIMIT)),
        (NO_LIMIT, NO_LIMIT, 1000, None),
    ],
)
def test_the_soft_limit_is_raised_as_far_as_the_hard_one_allows(monkeypatch, soft, hard, connections, expected):
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: asked.append((which, limits)))
    make_room_for(connections)
    assert asked == ([] if expected is None else [(resource.RLIMIT_NOFILE, expected)])


def test_on_windows_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(resource, "getrlimit", lambda _: pytest.fail("asked"))
    make_room_for(100_000)


@pytest.mark.parametrize(("wanted", "turn"), [(True, 0.001), (False, 0.005)])
def test_turns_are_short_where_that_is_wanted_and_as_before_afterwards(wanted, turn):
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        with short_turns(wanted=wanted):
            assert sys.getswitchinterval() == pytest.approx(turn)
        assert sys.getswitchinterval() == pytest.approx(0.005)
    finally:
        sys.setswitchinterval(before)


on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="no other system says, or lets itself be told, where threads are"
)


@on_linux
def test_the_cores_are_those_that_this_process_may_use():
    assert set(cores()) == os.sched_getaffinity(0)
    with kept_to(cores()[-1]):
        assert cores() == list(os.sched_getaffinity(0))


@on_linux
def test_threads_are_kept_to_one_core_with_those_that_they_start_and_let_go_afterwards():
    before, seen = os.sched_getaffinity(0), []
    with kept_to(core := cores()[-1]):
        seen.append(os.sched_getaffinity(0))
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
    assert (seen, os.sched_getaffinity(0)) == ([{core}, {core}], before)


@on_linux
def test_a_core_that_is_gone_and_none_change_nothing():
    before = os.sched_getaffinity(0)
    for core in (None, 1023):
        with kept_to(core):
            assert os.sched_getaffinity(0) == before


def test_other_systems_are_not_asked_for_cores(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cores() == []
    with kept_to(0):
        pass
