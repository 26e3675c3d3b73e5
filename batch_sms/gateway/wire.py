"""Connections that know whether a request was wholly written. What was not, the gateway can't have taken.

urllib3 tells a failed connection from a lost answer in most cases, but not in all (a TLS fault can be either; a broken
pipe while writing is passed over in silence and shows up as a lost answer). So our connection classes say it themselves:
whatever fails inside ``connect`` or before the last byte of the body was given to the operating system raises
``NotWrittenError``. The signature covers the whole body, so a request that lacks its end is never valid. Whatever fails
after that is ambiguous, also on a keep-alive connection that the server had closed while it was idle: a reset tells that
the server did not take the connection's bytes any more, or that it took them and died. urllib3 looks before each request
whether an idle connection was closed and then opens a new one, which leaves only the race between the look and the write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext, SSLWantReadError
from typing import Any

from requests import Request
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Retry, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import LocationValueError, ProtocolError
from urllib3.exceptions import TimeoutError as TookTooLongError
from urllib3.util import create_urllib3_context

from batch_sms.clock import Clock
from batch_sms.gateway.tls_socket import TlsSocket

_NEVER = Retry(total=False, redirect=False)
_PIECE = 65536
_LONGEST_ANSWER = 1 << 20


class NotWrittenError(Exception):
    """The request did not go out whole. ``connected`` tells whether there was a connection at all."""

    def __init__(self, reason: BaseException, *, connected: bool) -> None:
        super().__init__(failure_reason(reason))
        self.connected = connected


class TooLateError(Exception):
    """The request may not go out any more: not a byte of it was written."""


MayWrite = Callable[[], bool]
"""Asked when the connection stands, right before the first byte of a request."""


class _KnowsWhatItWrote:
    """Mixed into urllib3's connections. No OSErrors, our errors pass through urllib3 and requests as they are.

    It writes head and body of a request as one piece: half as many packets and waits for the interpreter's lock.
    """

    may_write: MayWrite = staticmethod(lambda: True)
    _held: list[bytes] | None = None

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc] # the class it is mixed into has it
        except Exception as error:
            raise NotWrittenError(error, connected=False) from error

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._held = []
        try:
            super().request(*args, **kwargs)  # type: ignore[misc] # as above
            whole, self._held = b"".join(self._held), None
            self._ask()
            self.send(whole)
        except (NotWrittenError, TooLateError):
            raise
        except Exception as error:
            raise NotWrittenError(error, connected=True) from error
        finally:
            self._held = None

    def _ask(self) -> None:
        """Whether it may be written, with the connection there: that may have taken its time."""
        if self.sock is None:  # type: ignore[attr-defined] # as above
            self.connect()
        if not self.may_write():
            raise TooLateError

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)  # type: ignore[misc] # as above
        else:
            self._held.append(data)


class _TlsConnection(_KnowsWhatItWrote, HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, TlsSocket):  # behind a proxy that speaks TLS itself it is something else
            self.sock.settle()

    @property
    def is_connected(self) -> bool:
        """Also where all that came is what TLS 1.3 sends after a handshake: urllib3 takes that for the end of the connection."""
        if self.sock is None or super().is_connected:
            return self.sock is not None
        before = self.sock.gettimeout()
        try:
            self.sock.settimeout(0)
            self.sock.recv(1)  # nothing, which is the end; or an answer to what nobody asked
        except SSLWantReadError:
            return True
        except OSError:
            return False
        finally:
            self.sock.settimeout(before)
        return False


@dataclass(frozen=True, slots=True)
class Route:
    """The way to the gateway, found once: the connections that requests chose (proxy, TLS, CA bundle), and what to ask for."""

    pool: HTTPConnectionPool
    method: str
    target: str
    timeout: Timeout

    def open(self) -> None:
        """Have one more open connection ahead of a request. Raises NotWrittenError, or what a proxy can do wrong."""
        connection = self.pool._new_conn()  # noqa: SLF001 (a pool opens connections only when it is asked to send)
        connection.timeout = Timeout.resolve_default_timeout(self.timeout.connect_timeout)
        if self.pool.proxy is None:
            connection.connect()
        else:
            self.pool._prepare_proxy(connection)  # noqa: SLF001 (as above)
        idle = self.pool.pool
        with idle.mutex if idle is not None else nullcontext():
            if idle is not None and idle.queue and idle.queue[0] is None:  # a place that is kept for a connection
                del idle.queue[0]
                idle.queue.append(connection)
                return
        connection.close()

    def carry(self, headers: Mapping[str, str], body: bytes) -> BaseHTTPResponse:
        """Put one request on the wire, once, and wait for the head of its answer. Raises NotWrittenError, or what urllib3 does."""
        return self.pool.urlopen(
            self.method,
            self.target,
            body,
            headers,
            retries=_NEVER,
            redirect=False,
            assert_same_host=False,
            timeout=self.timeout,
            preload_content=False,
            decode_content=False,
        )


class Adapter(HTTPAdapter):
    """An adapter that repeats nothing by itself and keeps as many connections as there are threads.

    All connections share one TLS context: to read a CA bundle takes many times as long as the handshake, and requests
    would do it for each of them. ``ca_bundle`` is a file or a folder, ``""`` for the one that requests brings.
    """

    def __init__(self, connections: int, ca_bundle: str = "", may_write: MayWrite = lambda: True) -> None:
        self._may_write = may_write
        self._ca_bundle = ca_bundle
        self._trust: SSLContext | None = None
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=_NEVER)

    def route(self, method: str, url: str, timeout: Timeout, proxies: Mapping[str, str]) -> Route:
        """Find the way: what requests works out for every request anew is the same for all of a run. Raises NotWrittenError.

        Nothing is written yet: a proxy or a CA bundle that can't be used must not look like a lost answer.
        """
        behind = dict(proxies)
        try:
            request = Request(method, url).prepare()
            secure = str(request.url).startswith("https:")
            self._trust = _trust(self._ca_bundle or DEFAULT_CA_BUNDLE_PATH) if secure else None
            pool: Any = self.get_connection_with_tls_context(request, verify=True, proxies=behind)
            return Route(pool, method, self.request_url(request, behind), timeout)
        except LocationValueError:  # its text is the proxy's URL, and a password may be part of that
            raise NotWrittenError(ValueError("the proxy's address can't be read"), connected=False) from None
        except Exception as error:
            raise NotWrittenError(error, connected=False) from error

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our connection classes."""
        super().init_poolmanager(*args, **kwargs)
        _teach(self.poolmanager, self._may_write)

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """Use our TLS context."""
        host, settings = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {**settings, "ssl_context": self._trust}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Use both behind a proxy too, and the TLS context for a proxy that speaks TLS itself."""
        manager = super().proxy_manager_for(proxy, proxy_ssl_context=self._trust, **kwargs)
        _teach(manager, self._may_write)
        return manager

    def close(self) -> None:
        """Close the idle connections now; urllib3 by itself leaves that to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 (this container refuses to be iterated)
                manager.pools[key].close()
        super().close()


def _trust(ca_bundle: str) -> SSLContext:
    """A TLS context as urllib3 makes it, that trusts those of a file or a folder alone. Raises OSError."""
    path, context = Path(ca_bundle), create_urllib3_context()
    context.sslsocket_class = TlsSocket
    if not path.exists():
        raise FileNotFoundError(f"there is no CA bundle at {path}")
    if path.is_dir():
        context.load_verify_locations(capath=path)
    else:
        context.load_verify_locations(cafile=path)
    return context


def _teach(manager: PoolManager, ask: MayWrite) -> None:
    class PlainConnection(_KnowsWhatItWrote, HTTPConnection):
        may_write = staticmethod(ask)

    class TlsConnection(_TlsConnection):
        may_write = staticmethod(ask)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    manager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}


def read_within(response: BaseHTTPResponse, seconds: float, clock: Clock) -> bytes:
    """The body of an answer, decoded. Raises TookTooLongError where it takes longer in all, ProtocolError if it ends early.

    urllib3's own time-out is for each piece; a peer that lets single bytes drip would hold a thread for good.
    """
    deadline, pieces, size = clock.monotonic() + seconds, [], 0
    while piece := response.read1(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > _LONGEST_ANSWER:
            raise ProtocolError("the answer is far too long")
        if clock.monotonic() > deadline:
            raise TookTooLongError("the answer did not end in time")
    if response.length_remaining:
        raise ProtocolError("the answer ended early")
    return b"".join(pieces)


def failure_reason(error: BaseException) -> str:
    """The innermost word on a failure, without addresses of objects or the URL."""
    inner = error
    while (below := inner.__cause__ or inner.__context__) is not None:
        inner = below
    return str(inner) or type(inner).__name__
