"""What tests of the whole program share: what it said, its result sheets, a sandbox in another process."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from batch_sms.clock import Bell

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


class Hook:
    """A web hook on loopback: keeps what is posted to it, and answers with a status. As a proxy, it lets nobody through."""

    def __init__(self, status: int = 204) -> None:
        self.got: list[dict[str, Any]] = []
        self.asked: list[str] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.append(f"{self.path} {self.headers['Content-Type']}")
                hook.got.append(json.loads(body))
                self._answer(status)

            def do_CONNECT(self) -> None:
                hook.asked.append(f"CONNECT {self.path}")
                self._answer(403)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Location", hook.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks/S3CRET"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)


class SkippingClock:
    """A clock that begins at a moment that the test names. It runs as the machine's does, but long sleeps take no time.

    ``asleep`` is called in each sleep with the moment at which it is to end; the sleep ends at the one it gives.
    """

    def __init__(self, begins: datetime, zone: tzinfo = UTC) -> None:
        self.zone = zone
        self._ahead = begins.timestamp() - time.time()
        self.sleeps: list[datetime] = []
        self.asleep: Callable[[datetime], datetime] = lambda until: until

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._ahead, self.zone)

    def skip(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += seconds

    def be(self, moment: datetime) -> None:
        """Let it be this time."""
        self._ahead = moment.timestamp() - time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def sleep_until(self, moment: float, bell: Bell) -> None:
        until = datetime.fromtimestamp(moment, self.zone)
        self.sleeps.append(until)
        ends = self.asleep(until)
        if not bell.heard(0):
            self.be(ends)


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
