"""The question before sending, on a terminal of the operating system."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_sms.sandbox import Sandbox

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on Windows")
PATIENCE = 20.0


def on_a_terminal(arguments: list[str], answer: bytes) -> tuple[int, str]:
    """Run the program on a pseudo-terminal, answer its question, and return its exit code and all it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "batch_sms", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while select.select([ours], [], [], PATIENCE)[0]:
        try:
            block = os.read(ours, 65536)
        except OSError:  # the program has left its terminal
            break
        shown += block
        if b"[y/N]" in block and answer == b"^C":
            process.send_signal(signal.SIGINT)
        elif b"[y/N]" in block:
            os.write(ours, answer)
    code = process.wait(PATIENCE)
    os.close(ours)
    return code, shown.decode()


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ((), "Send them now (2) for 0.45 USD and what SG cost?"),
        (("--limit", "1"), "Send them now (1) for at most 0.45 USD and what SG cost?"),
        (("--lang", "zh", "-q"), "现在发送（2 条，费用 0.45 USD，另加 SG 的费用）？"),
    ],
)
def test_the_sum_is_asked_about(
    csv_list: Callable[..., Path], gateway: Sandbox, tmp_path: Path, options: tuple[str, ...], asks: str
) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("country,price,currency\nHK,0.45,USD\n")
    path = csv_list(("phone", "name"), ("+85291234567", "Chan"), ("+6581234567", "Tan"))
    arguments = ["send", str(path), "--sign", "ACME", "--template", "SMS_1", "--endpoint", gateway.url]
    code, shown = on_a_terminal([*arguments, "--prices", str(prices), *options], b"n\n")
    assert asks in shown
    assert (code, len(gateway.accepted)) == (2, 0)


@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 1, 1), (b"n\n", 2, 0), (b"\n", 2, 0), (b"^C", 2, 0)])
def test_only_a_yes_sends(csv_list: Callable[..., Path], gateway: Sandbox, answer: bytes, code: int, sent: int) -> None:
    path = csv_list(("phone", "name"), ("+85291234567", "Chan"), ("123", "Li"))
    arguments = ["send", str(path), "--sign", "ACME", "--template", "SMS_1", "--endpoint", gateway.url]
    left, shown = on_a_terminal(arguments, answer)
    assert "+85291234567 HK, sign ACME, template SMS_1" in shown, "the first message is shown before the question"
    assert "Send them now (1)?" in shown
    assert len(gateway.accepted) == sent
    assert left == code
