"""Servers on loopback that do as they are told, and what they are told."""

from __future__ import annotations

import contextlib
import json
import queue
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.model import Message
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET

PATIENCE = 20.0
"""Seconds until a test that hangs is given up; no test waits so long when all is well."""

KEY = Credentials(SANDBOX_KEY_ID, Secret(SANDBOX_KEY_SECRET), Secret(""), "test")
MESSAGE = Message("+85261234567", "61234567", "HK", "云通信", "SMS_0000", '{"intlmsg":"kiko"}', "row-1")
NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


@dataclass
class MadeClock:
    """Stands still."""

    at: datetime = NOON

    def now(self):
        return self.at

    def monotonic(self):
        return 0.0

    def sleep(self, seconds):
        raise AssertionError("the gateway waits for nothing by itself")


@dataclass
class Seen:
    """A request that a peer read to its end, and the number of the connection it came on."""

    connection: int
    head: str
    body: bytes

    @property
    def headers(self):
        lines = self.head.split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@dataclass
class Peer:
    """A server on loopback, a thread a connection: reads whole requests and does with each what the script says.

    A step is bytes to answer with or a function of the connection. After the last step of the script, requests are
    counted and hung up on. With ``tls`` it speaks TLS, with ``proxy`` only after a CONNECT.
    """

    script: list
    tls: object = None
    proxy: bytes = b""
    greet: object = None
    seen: list = field(default_factory=list)
    tunnels: list = field(default_factory=list)
    arrived: queue.Queue = field(default_factory=queue.Queue)

    def __post_init__(self):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self._listener.settimeout(PATIENCE)
        self.port = self._listener.getsockname()[1]
        self._last = None
        self._lock = threading.Lock()
        self._threads = []
        self._doorman = threading.Thread(target=self._receive, daemon=True)
        self._doorman.start()

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def finish(self):
        """Let in all who knocked, wait until their connections have ended: then what was seen is all there was."""
        with contextlib.suppress(OSError), socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(("127.0.0.1", self.port))
            self._doorman.join(PATIENCE)
            assert not self._doorman.is_alive()
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        return self.seen

    def _receive(self):
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            # the visitor who closes the door sends nothing, so its first read ends at once
            thread = threading.Thread(target=self._converse, args=(connection, len(self._threads) + 1), daemon=True)
            self._threads.append(thread)
            thread.start()
            if address == self._last:
                return

    def _converse(self, connection, number):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            connection.settimeout(PATIENCE)
            if self.greet:
                self.greet(connection)
                return
            if self.proxy:
                tunnel = read_head(connection)
                if not tunnel:
                    return
                self.tunnels.append(tunnel.decode("latin-1"))
                connection.sendall(self.proxy)
                if b" 200 " not in self.proxy:
                    return
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
            while self._exchange(connection, number):
                pass

    def _exchange(self, connection, number):
        head = read_head(connection)
        if not head:
            return False
        seen = Seen(number, head.decode("latin-1"), b"")
        seen.body = read_exactly(connection, int(seen.headers["content-length"]))
        with self._lock:
            self.seen.append(seen)
            step = self.script[len(self.seen) - 1] if len(self.seen) <= len(self.script) else None
        self.arrived.put(seen)
        if isinstance(step, bytes):
            connection.sendall(step)
            return b"Connection: close" not in step
        return bool(step and step(connection))


def read_head(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head.removesuffix(b"\r\n\r\n")


def read_exactly(connection, size):
    body = bytearray()
    while len(body) < size:
        data = connection.recv(min(size - len(body), 1 << 16))
        if not data:
            raise ConnectionError
        body += data
    return bytes(body)


def answer(fields, status=200, *headers):
    """An HTTP answer with these JSON fields (or bytes) that keeps the connection."""
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def ok(number):
    return answer({"Code": "OK", "Message": "OK", "RequestId": f"R{number}", "BizId": f"{number}^0"})


def hang(connection):
    """Say nothing until the client has gone."""
    while connection.recv(1 << 16):
        pass


def leave(_):
    """Say nothing and close."""


def reset(connection):
    """Close with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def until_closed_by_peer(gateway):
    """Wait until the end of the gateway's only idle connection has come to our side."""
    pools = gateway._adapter.poolmanager.pools
    idle = [connection for key in pools.keys() for connection in pools[key].pool.queue if connection]  # noqa: SIM118
    (connection,) = idle
    readable, _, _ = select.select([connection.sock], [], [], PATIENCE)
    assert readable
