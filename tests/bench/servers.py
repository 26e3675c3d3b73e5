"""The servers that the figures are taken against, as processes of their own; TLS, keep-alive, on 127.0.0.1."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from answering import BODY
from certificate import Identity

_PATIENCE = 10.0
_CONNECTIONS = 32
_BETWEEN_LOOKS = 0.02
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  keepalive_requests 100000000;
  keepalive_timeout 300s;
  server {{
    listen 127.0.0.1:{port} ssl backlog=2048;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    location / {{ default_type application/json; return 200 '{body}'; }}
  }}
}}
"""
_WRK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.body = string.rep("x", 300)
"""


@dataclass(frozen=True)
class Server:
    """A server that runs: what it is, where, and whom to trust to reach it."""

    kind: str
    url: str
    identity: Identity
    pid: int

    @contextmanager
    def watched(self) -> Iterator[list[tuple[float, float]]]:
        """Note again and again, at what moment it has had how many seconds of the processors."""
        noted, over = [(time.perf_counter(), self._processor())], Event()

        def note() -> None:
            while not over.wait(_BETWEEN_LOOKS):
                noted.append((time.perf_counter(), self._processor()))

        thread = Thread(target=note)
        thread.start()
        try:
            yield noted
        finally:
            over.set()
            thread.join()

    def _processor(self) -> float:
        """Seconds of the processors that it and its workers have had so far; 0 where the system doesn't say (proc(5))."""
        with suppress(OSError):
            workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text("ascii").split()
            stats = [Path(f"/proc/{pid}/stat").read_text("ascii", "replace") for pid in (self.pid, *workers)]
            spent = [stat.rpartition(")")[2].split()[11:13] for stat in stats]
            return sum(int(ticks) for pair in spent for ticks in pair) / os.sysconf("SC_CLK_TCK")
        return 0.0

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a client: it trusts our authority alone, and goes through no proxy."""
        proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
        kept = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
        return kept | {"REQUESTS_CA_BUNDLE": str(self.identity.authority)}


@dataclass(frozen=True)
class TimedServer(Server):
    """A server that answers after a while; ``arrivals`` are there when it has ended."""

    arrivals: list[float] = field(default_factory=list)


@contextmanager
def quickest(identity: Identity, folder: Path) -> Iterator[Server]:
    """The quickest server there is here: nginx with a static answer, else one on asyncio."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None:
        with answering(identity, folder) as server:
            yield server
        return
    port = _free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _NGINX.format(
            folder=folder, port=port, certificate=identity.certificate, key=identity.key, body=BODY.decode("ascii")
        ),
        encoding="ascii",
    )
    process = subprocess.Popen([nginx, "-c", configuration, "-p", folder], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        version = subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr
        found = re.search(r"nginx/[\d.]+", version)
        kind = f"{found[0] if found else 'nginx'}, one worker"
        yield Server(kind, f"https://127.0.0.1:{port}", identity, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


@contextmanager
def answering(identity: Identity, folder: Path, latency: float = 0.0, jitter: float = 0.0) -> Iterator[TimedServer]:
    """The server of ``answering.py``; ``latency`` and ``jitter`` (either way) in seconds."""
    noted = folder / "arrivals.txt"
    words = (sys.executable, Path(__file__).with_name("answering.py"), identity.certificate, identity.key, noted)
    process = subprocess.Popen([*words, str(latency), str(jitter)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    server = TimedServer("asyncio", f"https://127.0.0.1:{int(process.stdout.readline())}", identity, process.pid)
    try:
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)
        process.stdout.close()
    server.arrivals.extend(map(float, noted.read_text(encoding="ascii").split()))


def most_by_wrk(server: Server, folder: Path, seconds: int) -> float | None:
    """The requests a second that wrk gets from a server, None where wrk is not installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return None
    script = folder / "wrk.lua"
    script.write_text(_WRK, encoding="ascii")
    words: list[str | Path] = [wrk, "-t", "1", "-c", str(_CONNECTIONS), "-d", f"{seconds}s", "-s", script, server.url]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert found, said
    return float(found[1])


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    given_up = time.monotonic() + _PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > given_up:
                raise
            time.sleep(0.02)
        else:
            return
