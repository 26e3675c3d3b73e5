"""Programs that are measured from outside: how long they took, what they cost, how large they grew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "bench-key", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "bench-secret"}
MESSAGE = (
    *("--sign", "ACME", "--template", "SMS_0000002"),
    *("--param", "intlmsg=Hi {name}, your code is {code}, valid for 10 minutes"),
)


@dataclass(frozen=True)
class Ran:
    """A program that ran: seconds by the clock, seconds of the processors, most memory in MB, what it printed."""

    seconds: float
    processor: float
    peak: float
    out: str


class ProgramFailedError(Exception):
    """A program ended with another code than it should; its last words."""


def ran(words: Sequence[str | Path], environment: Mapping[str, str], folder: Path, codes: Sequence[int] = (0,)) -> Ran:
    """Run a program to its end. Raises ProgramFailedError.

    Its memory is the largest that it had, or that the bench had when it started it: so the bench stays small.
    """
    out, err = folder / "out.txt", folder / "err.txt"
    with out.open("wb") as said, err.open("wb") as complained:
        began = time.perf_counter()
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise ProgramFailedError(f"{words}\n{err.read_text('utf-8', 'replace')[-2000:]}")
    kilobyte = 1024 if sys.platform != "darwin" else 1
    return Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * kilobyte / 1e6, out.read_text("utf-8"))


def module(name: str, *words: object) -> list[str]:
    """The command that runs one of the modules beside this one."""
    return [sys.executable, str(HERE / f"{name}.py"), *map(str, words)]


def batch_sms(*words: object) -> list[str]:
    """The command as a person has it, else as a module."""
    script = Path(sys.executable).with_name("batch-sms")
    return [*([str(script)] if script.exists() else [sys.executable, "-m", "batch_sms"]), *map(str, words)]


def send(list_file: Path, url: str, environment: Mapping[str, str], *options: object) -> tuple[Ran, dict[str, Any]]:
    """Send a list with a new ledger; how it ran, and its summary. Raises ProgramFailedError unless all of it was accepted."""
    folder = list_file.parent
    for old in (*folder.glob("ledger.db*"), *folder.glob("ledger.db.locks/*")):
        if old.is_file():
            old.unlink()
    where = ("--endpoint", url, "--ledger", folder / "ledger.db", "-o", folder / "result.csv")
    words = batch_sms("send", list_file, *MESSAGE, *where, "--yes", "--json", "--quiet", *options)
    there = ran(words, {**environment, **KEYS, "HOME": str(folder)}, folder)
    summary: dict[str, Any] = json.loads(there.out)
    return there, summary
