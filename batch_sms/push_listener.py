"""Takes the receipts that the provider pushes by HTTP: answers only when they are durable, and lets nobody in without the token.

The provider wants HTTP 200 with ``{"code": 0}``, and pushes what it did not get that for again (reference aliyun.md, section
5.2). Whatever comes before its run is known is kept, and finds its row later.
"""

from __future__ import annotations

import hmac
import json
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import Any

from batch_sms.errors import SettingsError
from batch_sms.gateway.pushed import Unreadable, read_pushed
from batch_sms.model import Receipt

LARGEST_PUSH = 4 << 20
"""Bytes; a push of a thousand receipts has less than a half of that."""
_PATIENCE = 30.0
"""Seconds for a caller to send its request, and for the ledger to take it."""
_BETWEEN_LOOKS = 0.2


@dataclass(slots=True)
class _Push:
    """Receipts on their way to the ledger; the one who brought them waits until they are there."""

    receipts: Sequence[Receipt]
    junk: int
    over: threading.Event = field(default_factory=threading.Event)
    is_durable: bool = False


class PushListener:
    """Listens on an address (host and port; port 0 takes a free one) for pushes to ``/TOKEN``."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._pushes: SimpleQueue[_Push] = SimpleQueue()
        self.junk = 0
        """How much stood beside receipts that were taken and was none."""
        try:
            self._server = _Server((host, port), partial(_Door, self._brought, f"/{token}"))
        except (OSError, OverflowError) as error:
            raise SettingsError("listen_taken", address=f"{host}:{port}", reason=error) from error
        bound = self._server.server_address
        self.url = f"http://{bound[0]!s}:{bound[1]}/{token}"

    def run(self, keep: Callable[[Sequence[Receipt]], bool], is_over: Callable[[], bool]) -> None:
        """Take pushes until it is over. ``keep`` makes receipts durable, or answers False: the provider pushes them again."""
        thread = threading.Thread(target=self._server.serve_forever, args=(_BETWEEN_LOOKS,), name="pushes", daemon=True)
        thread.start()
        try:
            while not is_over():
                with suppress(Empty):
                    self._take(self._pushes.get(timeout=_BETWEEN_LOOKS), keep)
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def _take(self, push: _Push, keep: Callable[[Sequence[Receipt]], bool]) -> None:
        try:
            push.is_durable = keep(push.receipts)
            self.junk += push.junk * push.is_durable
        finally:
            push.over.set()

    def _brought(self, found: Sequence[Receipt | Unreadable]) -> bool:
        """Hand receipts to the one who writes, and wait; whether they are durable."""
        receipts = [one for one in found if isinstance(one, Receipt)]
        push = _Push(receipts, len(found) - len(receipts))
        self._pushes.put(push)
        return push.over.wait(_PATIENCE) and push.is_durable


class _Server(ThreadingHTTPServer):
    """Lets each caller in at a door of its own."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that breaks off is no fault: what it got no answer for, it pushes again."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Door(BaseHTTPRequestHandler):
    """One caller at the door."""

    timeout = _PATIENCE
    default_request_version = "HTTP/1.0"  # else junk is answered without a status
    server_version, sys_version = "batch-sms", ""

    def __init__(self, keep: Callable[[Sequence[Receipt | Unreadable]], bool], path: str, *args: Any) -> None:
        self._keep, self._path = keep, path.encode()
        super().__init__(*args)

    def do_POST(self) -> None:
        """A push."""
        if not hmac.compare_digest(self.path.encode("utf-8", "replace"), self._path):
            return self._say(404, 404, "not found")
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit()):
            return self._say(411, 411, "a Content-Length is needed")
        if len(size) > len(str(LARGEST_PUSH)) or int(size) > LARGEST_PUSH:
            return self._say(413, 413, "too large")
        found = list(read_pushed(self.rfile.read(int(size)).decode("utf-8", "replace")))
        if not any(isinstance(one, Receipt) for one in found):
            return self._say(400, 400, "no receipts")
        if not self._keep(found):
            return self._say(503, 503, "not kept; push it again")
        return self._say(200, 0, "ok")

    def do_GET(self) -> None:
        """Anything else."""
        self._say(405, 405, "POST receipts here")

    do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 (as above)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses, as we do; its words, which repeat the request, are left out."""
        del message, explain
        self._say(code, code, self.responses[HTTPStatus(code)][0].lower())

    def _say(self, status: int, code: int, words: str) -> None:
        body = json.dumps({"code": code, "msg": words}).encode()
        self.close_connection = self.close_connection or status != 200  # noqa: PLR2004 (its body may not have been read)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: a log of requests would hold the token."""
