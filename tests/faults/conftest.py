"""Real processes: the program and the sandbox, each in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import PATIENCE, OtherSandbox


@pytest.fixture
def other_sandbox(key: None) -> Iterator[Callable[..., OtherSandbox]]:
    """Start sandboxes with options; they end with the test."""
    started: list[OtherSandbox] = []

    def start(*options: str) -> OtherSandbox:
        started.append(OtherSandbox(*options))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.close()


@pytest.fixture
def start_send(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``batch-sms send`` as a process; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(path: Path, url: str, *more: object, quiet: bool = True, **how: Any) -> subprocess.Popen[str]:
        settings = ("--sign", "ACME", "--template", "SMS_1", "--yes", *["--quiet"] * quiet, "--endpoint", url)
        command = [sys.executable, "-m", "batch_sms", "send", str(path), *settings, *map(str, more)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
        started.append(subprocess.Popen(command, **{**pipes, **how}))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def long_list(csv_list: Callable[..., Path]) -> Callable[[int], Path]:
    """A list of so many rows, each with a phone of its own."""

    def write(rows: int) -> Path:
        return csv_list(
            ("phone", "name"), *((f"+8529{n:07d}", f"person {n}") for n in range(1_000_000, 1_000_000 + rows))
        )

    return write
