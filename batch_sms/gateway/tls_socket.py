"""A TLS socket that waits outside of OpenSSL: for a thousand threads that share one interpreter.

Python's own, when it has a time-out, asks the system at every step: before each write whether it may, at each read first for
what can't be there yet, and at each change of the time-out. Every such question gives the interpreter away and has to wait for
it again, which is most of what a message costs while many are on their way. This one asks once, for the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from ssl import SSLSocket, SSLWantReadError, SSLWantWriteError
from typing import TYPE_CHECKING, TypeVar

from urllib3.util.wait import wait_for_read, wait_for_write

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_Size = TypeVar("_Size")


class TlsSocket(SSLSocket):
    """Like any, until ``settle``; from then on it keeps its time-out itself, for each piece that is read or written."""

    _settled = False
    _timeout: float | None = None

    def settle(self) -> None:
        """The connection stands, and there will be requests."""
        self._timeout = super().gettimeout()
        super().settimeout(0)
        self._settled = True

    def settimeout(self, value: float | None, /) -> None:
        """Wait so many seconds at most for each piece, None for as long as it takes."""
        self._timeout = value
        if not self._settled:
            super().settimeout(value)

    def gettimeout(self) -> float | None:
        """How long it waits."""
        return self._timeout if self._settled else super().gettimeout()

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Read what is there. Raises TimeoutError, and what a TLS socket does."""
        if self._settled and not self.pending():
            self._wait(wait_for_read)
        return self._tried(lambda: super(TlsSocket, self).recv_into(buffer, nbytes, flags))

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        """Write some of it. Raises TimeoutError, and what a TLS socket does."""
        return self._tried(lambda: super(TlsSocket, self).send(data, flags))

    def _tried(self, step: Callable[[], _Size]) -> _Size:
        """What comes of it, when OpenSSL has got all that it wants for it: that may be more than the answer."""
        while True:
            try:
                return step()
            except SSLWantReadError:
                self._wait(wait_for_read)
            except SSLWantWriteError:
                self._wait(wait_for_write)

    def _wait(self, until_ready: Callable[[SSLSocket, float | None], bool]) -> None:
        if not until_ready(self, self._timeout):
            raise TimeoutError("timed out")
