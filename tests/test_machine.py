"""Room for connections: the limit of open files is raised where it can be, and never lowered."""

from __future__ import annotations

import sys

import pytest

from batch_sms.machine import make_room_for, short_turns

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
def test_turns_are_short_while_messages_are_paced_and_as_before_afterwards(wanted, turn):
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        with short_turns(wanted=wanted):
            assert sys.getswitchinterval() == pytest.approx(turn)
        assert sys.getswitchinterval() == pytest.approx(0.005)
    finally:
        sys.setswitchinterval(before)
