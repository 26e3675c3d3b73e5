"""What tests of the whole program share: what it said, its result sheets, a sandbox in another process."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0


class OtherSandbox:
    """A sandbox in another process, which remembers what it accepted."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "batch_sms", "sandbox", "--port", "0", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"http://[\d.]+:\d+", said)
        assert found, said
        self.url = found[0]

    def messages(self) -> list[dict[str, str]]:
        """What it accepted, in order."""
        with urllib.request.urlopen(f"{self.url}/sandbox/messages", timeout=PATIENCE) as page:
            answer: dict[str, Any] = json.load(page)
        messages: list[dict[str, str]] = answer["messages"]
        return messages

    def until(self, accepted: int, sender: subprocess.Popen[str]) -> None:
        """Wait until it has accepted so many messages; a sender that ends before is a failure."""
        while len(self.messages()) < accepted:
            assert sender.poll() is None, "the sender ended early"
            time.sleep(0.02)

    def close(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


def read_result(path: Path) -> list[dict[str, str]]:
    """A CSV result sheet as dictionaries."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
