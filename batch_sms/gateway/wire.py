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

from typing import Any

from requests import ConnectionError, ReadTimeout, Response  # noqa: A004 (requests' own, which is what is meant)
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import LocationValueError, ReadTimeoutError

from batch_sms.clock import Clock

_PIECE = 65536
_LONGEST_ANSWER = 1 << 20


class NotWrittenError(Exception):
    """The request did not go out whole. ``connected`` tells whether there was a connection at all."""

    def __init__(self, reason: BaseException, *, connected: bool) -> None:
        super().__init__(failure_reason(reason))
        self.connected = connected


class _KnowsWhatItWrote:
    """Mixed into urllib3's connections. Not an OSError, ``NotWrittenError`` passes through urllib3 and requests as it is."""

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc] # the class it is mixed into has it
        except Exception as error:
            raise NotWrittenError(error, connected=False) from error

    def request(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().request(*args, **kwargs)  # type: ignore[misc] # as above
        except NotWrittenError:
            raise
        except Exception as error:
            raise NotWrittenError(error, connected=True) from error


class _PlainConnection(_KnowsWhatItWrote, HTTPConnection):
    pass


class _TlsConnection(_KnowsWhatItWrote, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Adapter(HTTPAdapter):
    """An adapter that repeats nothing by itself and keeps as many connections as there are threads."""

    def __init__(self, connections: int) -> None:
        never = Retry(total=0, connect=0, read=False, redirect=0, status=0, other=0, raise_on_status=False)
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=never)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our connection classes."""
        super().init_poolmanager(*args, **kwargs)
        _teach(self.poolmanager)

    def close(self) -> None:
        """Close the idle connections now; urllib3 by itself leaves that to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 (this container refuses to be iterated)
                manager.pools[key].close()
        super().close()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Nothing is written yet: a proxy that can't be used must not look like a lost answer."""
        try:
            return super().get_connection_with_tls_context(*args, **kwargs)
        except LocationValueError:  # its text is the proxy's URL, and a password may be part of that
            raise NotWrittenError(ValueError("the proxy's address can't be read"), connected=False) from None
        except Exception as error:
            raise NotWrittenError(error, connected=False) from error

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The same for a CA bundle that is not there."""
        try:
            super().cert_verify(*args, **kwargs)  # type: ignore[no-untyped-call] # requests' types lack it
        except Exception as error:
            raise NotWrittenError(error, connected=False) from error

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Use our connection classes behind a proxy too."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _teach(manager)
        return manager


def _teach(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


def read_within(response: Response, seconds: float, clock: Clock) -> bytes:
    """The body of an answer, decoded. Raises requests.ReadTimeout where it takes longer in all, ConnectionError if it ends early.

    requests' own time-out is for each piece; a peer that lets single bytes drip would hold a thread for good.
    """
    deadline, pieces, size = clock.monotonic() + seconds, [], 0
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > _LONGEST_ANSWER:
                raise ConnectionError("the answer is far too long")
            if clock.monotonic() > deadline:
                raise ReadTimeout("the answer did not end in time")
    except ReadTimeoutError as error:
        raise ReadTimeout(error) from error
    if response.raw.length_remaining:
        raise ConnectionError("the answer ended early")
    return b"".join(pieces)


def failure_reason(error: BaseException) -> str:
    """The innermost word on a failure, without addresses of objects or the URL."""
    inner = error
    while (below := inner.__cause__ or inner.__context__) is not None:
        inner = below
    return str(inner) or type(inner).__name__
