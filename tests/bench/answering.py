"""A server that answers every request alike after a while, over TLS, and writes down when each one came.

A process of its own: ``python answering.py CERTIFICATE KEY ARRIVALS LATENCY JITTER``. It prints its port, runs until it
is ended, and then writes the arrivals (seconds of the monotonic clock, one a line).
"""

from __future__ import annotations

import asyncio
import random
import signal
import ssl
import sys
import time
from pathlib import Path

BODY = b'{"Code":"OK","Message":"OK","RequestId":"F655A8D5-B967-440B-8683-DAD6FF8DE990","BizId":"900619746936498440^0"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Answering(asyncio.Protocol):
    """One connection: requests one after the other, none answered before it is whole."""

    arrivals: list[float]
    latency: float
    jitter: float

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._seen = transport, b""

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or more than one."""
        self._seen += data
        while (head_end := self._seen.find(_END_OF_HEAD)) >= 0:
            head = self._seen[:head_end].lower()
            at = head.find(_LENGTH)
            length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            end = head_end + len(_END_OF_HEAD) + length
            if len(self._seen) < end:
                return
            self._seen = self._seen[end:]
            self._answer()

    def _answer(self) -> None:
        self.arrivals.append(time.monotonic())
        if not self.latency:
            self._transport.write(ANSWER)
            return
        wait = self.latency + random.uniform(-self.jitter, self.jitter)
        asyncio.get_running_loop().call_later(wait, self._transport.write, ANSWER)


async def serve(certificate: str, key: str, latency: float, jitter: float) -> list[float]:
    """Serve until SIGTERM; returns the arrivals."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    Answering.arrivals, Answering.latency, Answering.jitter = [], latency, jitter
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    server = await loop.create_server(Answering, "127.0.0.1", 0, ssl=tls, backlog=2048)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await over.wait()
    return Answering.arrivals


if __name__ == "__main__":
    _, chain, private, noted, wait, around = sys.argv
    came = asyncio.run(serve(chain, private, float(wait), float(around)))
    Path(noted).write_text("".join(f"{at}\n" for at in came), encoding="ascii")
