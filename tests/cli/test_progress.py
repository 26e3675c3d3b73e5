"""Progress on a terminal of the operating system, and in a log: what is drawn, and that nothing of it is left."""

from __future__ import annotations

import os
import re
import select
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from batch_sms.cli import progress
from batch_sms.cli.bottom_line import BottomLine
from batch_sms.cli.progress import Progress
from batch_sms.model import Action, Attempt, Message, Outcome, Pending, Status
from batch_sms.watching import step, told

fcntl = pytest.importorskip("fcntl", reason="there are no pseudo-terminals on Windows")
termios = pytest.importorskip("termios")
AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
PENDING = Pending(1, 7, 0, Message("+85291234567", "91234567", "HK", "ACME", "SMS_1", "", ""))


def attempt(status: Status, code: str = "OK") -> Attempt:
    return Attempt(PENDING, Outcome(Action.OK, code, AT), status)


class Terminal:
    """A pseudo-terminal: what was written to it since the last look, and what a person sees of its last line."""

    def __init__(self, columns: int) -> None:
        self._ours, self._theirs = os.openpty()
        self.stream = os.fdopen(self._theirs, "w", encoding="utf-8", buffering=1)
        self.resize(columns)

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def progress(self, lang: str = "en", **settings: Any) -> Progress:
        """Progress with standard error on this terminal."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stderr", self.stream)
            return Progress(lang, **settings)

    def written(self) -> str:
        os.set_blocking(self._ours, False)
        written = b""
        with suppress(BlockingIOError):
            while True:
                written += os.read(self._ours, 65536)
        return written.decode()

    def wait(self) -> str:
        """What is written next."""
        assert select.select([self._ours], [], [], 30)[0]
        return self.written()

    def close(self) -> None:
        self.stream.close()
        os.close(self._ours)


def seen(written: str) -> list[str]:
    """The lines that stand on the screen after this: later text over earlier, from where a carriage return put it."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    made = Terminal(80)
    monkeypatch.setattr(progress, "_SECONDS_TO_BAR", 3600)  # it is drawn when the test says so
    yield made
    made.close()


@pytest.fixture
def clock() -> Iterator[Callable[[], float]]:
    times = iter(range(1000))
    return lambda: float(next(times))


def test_a_bar_is_drawn_and_taken_away(terminal: Terminal, clock: Callable[[], float]) -> None:
    with terminal.progress(monotonic=clock) as shown:
        shown.begin("sending", 4)
        for status in (Status.ACCEPTED, Status.REJECTED, Status.NOT_SENT):
            shown.moved(attempt(status))
        shown.show()
        assert seen(terminal.written()) == [
            "sending 50% █████████          2 of 4, 2.0/s, 0:01 left, accepted 1, rejected 1"
        ]
        shown.moved(attempt(Status.IN_DOUBT))
        shown.show()
        [line] = seen(terminal.written())
        assert line.startswith("sending 75% ")
        assert line.endswith("accepted 1, rejected 1, in_doubt 1")
        shown.end()
        assert seen(terminal.written()) == [""]


def test_a_bar_that_an_error_ends_is_taken_away(terminal: Terminal) -> None:
    def rows() -> Iterator[int]:
        yield 1
        shown.show()
        assert "entering" in terminal.written()
        raise RuntimeError

    shown = terminal.progress()
    with pytest.raises(RuntimeError), shown, step(shown, "entering", 2):
        list(told(rows(), shown))
    assert seen(terminal.written()) == [""]


def test_lines_stand_above_the_bar_and_stay(terminal: Terminal) -> None:
    with terminal.progress("zh", verbose=True) as shown:
        shown.begin("sending", 2)
        shown.show()
        shown.moved(attempt(Status.ACCEPTED))
        assert [line.split()[0] for line in seen(terminal.written())] == ["第", "发送"]
        shown.end()
    assert seen(terminal.written()) == [""]


def test_a_narrower_window_leaves_no_piece_of_the_bar(terminal: Terminal) -> None:
    with terminal.progress() as shown:
        shown.begin("sending", 100)
        shown.show()
        width = len(seen(terminal.written())[0])
        assert 30 < width < 80
        terminal.resize(15)
        shown.show()
        drawn = terminal.written()
        assert drawn.startswith(f"\r\x1b[{(width - 1) // 15}A\x1b[J")
        assert len(seen(drawn)[0]) < 15 + len("\x1b[1A\x1b[J")
        shown.show()
        assert "\x1b" not in terminal.written()


def test_what_moves_only_counts_and_a_quiet_step_shows_nothing(terminal: Terminal) -> None:
    before = threading.active_count()
    with terminal.progress(quiet=True) as shown, step(shown, "checking", None):
        assert threading.active_count() == before
        for _ in told(range(10_000), shown):
            shown.show()
        assert terminal.written() == ""
    with terminal.progress() as shown, step(shown, "checking", None):
        for _ in told(range(10_000), shown):
            pass
        assert terminal.written() == ""
        shown.show()
        assert "checking 10000" in terminal.written()


def test_a_step_has_a_thread_while_it_lasts(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SECONDS_TO_BAR", 0.0)
    with terminal.progress() as shown:
        shown.begin("reading", None)
        thread = next(thread for thread in threading.enumerate() if thread.name == "progress")
        assert "reading" in terminal.wait()
        shown.end()
        thread.join(30)
        assert not thread.is_alive()


def test_without_a_terminal_there_are_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    place = iter((50, 100))
    with Progress("en", monotonic=iter((0.0, 30.0, 60.0)).__next__) as shown:
        shown.begin("checking", 200, lambda: next(place))
        shown.moved()
        shown.show()
        shown.moved()
        shown.show()
        shown.end()
        shown.show()
    assert capsys.readouterr().err.splitlines() == [
        "checking: 25%, 1, 0.0/s, 1:30 left",
        "checking: 50%, 2, 0.0/s, 1:00 left",
    ]


def test_a_terminal_that_says_no_width_has_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert BottomLine(sys.stderr).columns == 80
    assert re.fullmatch(r"[\r ]*", capsys.readouterr().err)
