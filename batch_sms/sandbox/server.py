"""The sandbox as a server on loopback: sockets and threads around the desk, one thread a connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from types import TracebackType
from typing import BinaryIO, Self

from batch_sms.sandbox.answers import refused
from batch_sms.sandbox.desk import Conditions, Desk
from batch_sms.sandbox.replies import new_request_id, reply_for
from batch_sms.sandbox.wire import BadRequestError, Ending, Reply, read_request, reply_bytes

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
"""Connections that may wait to be taken: as many as a big pool opens at once, since one too many waits a second."""

_POLL = 0.2
"""Seconds after which the accepting thread looks whether to stop, where shutting the listener does not wake it."""

_LINGER = 1.0
_LINGER_BYTES = 1 << 24
_JOIN = 5.0


def now_utc() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class Sandbox:
    """A local gateway: speaks the protocol of the send APIs and of their queries on loopback, and sends nothing.

    ``latency`` and ``jitter`` are in seconds: an answer takes ``latency`` and at random up to ``jitter`` more. At most
    ``qps`` calls of an action go through in any second, the others get ``Throttling.User``. The share ``error_share`` of
    messages that would be accepted gets, by turn, ``isp.SYSTEM_ERROR``, ``ServiceUnavailable`` and a proxy's 502 page; the
    share ``cut_share`` of them gets no answer but a closed connection, and every other one of those is accepted all the
    same. Test numbers keep their documented answers. Queries know of a receipt ``receipts_after`` seconds after the
    message. The ``closed`` actions (``SendInterSms``) are not offered, as to an account that may not use them.

    Port 0 takes any free port. A context manager, or ``start`` and ``close``.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        latency: float = 0.0,
        jitter: float = 0.0,
        qps: float | None = None,
        error_share: float = 0.0,
        cut_share: float = 0.0,
        receipts_after: float = 0.0,
        closed: Collection[str] = (),
        clock: Callable[[], datetime] = now_utc,
        random: Random | None = None,
    ) -> None:
        self.port = port
        self._clock = clock
        chance = random or Random()  # noqa: S311 - faults and jitter are no secrets
        weather = Conditions(latency, jitter, qps, error_share, cut_share, receipts_after, frozenset(closed))
        self._desk = Desk(weather, clock, chance)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._conversations: dict[socket.socket, threading.Thread] = {}
        self._listener: socket.socket | None = None
        self._doorman: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The endpoint to call; its port is known once the sandbox is started."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def accepted(self) -> list[dict[str, str]]:
        """The accepted messages so far, in order, as the sandbox's page ``/sandbox/messages`` shows them."""
        return self._desk.accepted_messages()

    @property
    def requests(self) -> Counter[str]:
        """How many calls came, by outcome: the code answered, ``HTTP_<status>`` or ``NO_ANSWER``."""
        return self._desk.outcomes()

    def start(self) -> Self:
        """Bind the port and answer from now on."""
        self._listener = socket.create_server((LOOPBACK, self.port), backlog=BACKLOG)
        self._listener.settimeout(_POLL)
        self.port = self._listener.getsockname()[1]
        self._doorman = threading.Thread(target=self._receive, args=(self._listener,), name="sandbox", daemon=True)
        self._doorman.start()
        return self

    def close(self) -> None:
        """Stop: close all connections, let go of answers that hang, end the threads. A second call does nothing."""
        self._stopping.set()
        if self._listener is None or self._doorman is None:
            return
        _shut(self._listener)
        self._doorman.join()
        self._listener.close()
        with self._lock:
            conversations = dict(self._conversations)
        for connection in conversations:
            _shut(connection)
        for thread in conversations.values():
            thread.join(_JOIN)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _receive(self, listener: socket.socket) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                # too many open files, or the listener was shut: either is over after a moment
                self._stopping.wait(_POLL / 10)
                continue
            self._welcome(connection)

    def _welcome(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._converse, args=(connection,), name="sandbox-connection", daemon=True)
        with self._lock:
            self._conversations[connection] = thread
        try:
            thread.start()
        except RuntimeError:
            # no more threads to be had: the client sees a cut connection, as with a real server that is full
            with self._lock:
                del self._conversations[connection]
            connection.close()

    def _converse(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), connection, connection.makefile("rb") as stream:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._exchange(connection, stream):
                    pass
        finally:
            with self._lock:
                del self._conversations[connection]

    def _exchange(self, connection: socket.socket, stream: BinaryIO) -> bool:
        """One request and its reply; whether the connection goes on."""
        try:
            request = read_request(stream, lambda: connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n"))
        except BadRequestError as bad:
            reply = reply_for(refused(bad.status, bad.code, bad.message), new_request_id())
            connection.sendall(reply_bytes(reply, self._date(), keep_alive=False))
            _linger(connection)
            return False
        if request is None:
            return False
        reply = self._desk.answer(request)
        if reply.delay and self._stopping.wait(reply.delay):
            return False
        return self._deliver(connection, reply, keep_alive=request.keep_alive, with_body=request.method != "HEAD")

    def _deliver(self, connection: socket.socket, reply: Reply, *, keep_alive: bool, with_body: bool) -> bool:
        if reply.ending is Ending.HANG:
            while connection.recv(1 << 16):
                pass
            return False
        if reply.ending is Ending.CUT:
            return False
        data = reply_bytes(reply, self._date(), keep_alive=keep_alive, with_body=with_body)
        if reply.ending is Ending.TRUNCATE:
            connection.sendall(data[: -len(reply.body) // 2])
            return False
        connection.sendall(data)
        return keep_alive

    def _date(self) -> str:
        """The Date header; by the sandbox's clock, so that a client whose clock seems off can correct it."""
        return format_datetime(self._clock().astimezone(UTC), usegmt=True)


def _shut(connection: socket.socket) -> None:
    """Wake whoever waits on the socket, in whatever thread."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _linger(connection: socket.socket) -> None:
    """Read on for a moment: closing with unread data resets the connection, and the client loses the refusal."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(_LINGER)
    read = 0
    while read < _LINGER_BYTES and (data := connection.recv(1 << 16)):
        read += len(data)
