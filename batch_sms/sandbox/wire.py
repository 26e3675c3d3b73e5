"""Just enough HTTP/1.1 to be a gateway: reads requests, writes replies. Knows nothing of SMS or signatures.

``http.server`` would do, but its e-mail parser costs more than all the rest of a request, and under ``send --sandbox``
that time is the client's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import BinaryIO

MAX_BODY = 1 << 20
MAX_LINE = 1 << 16
MAX_HEAD = 1 << 17
MAX_HEADERS = 100


class BadRequestError(Exception):
    """A request that cannot be read any further: the HTTP status of the refusal, its code, and what is wrong."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are in lower case, the query is as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    keep_alive: bool


class Ending(StrEnum):
    """What happens on the connection once the reply is decided."""

    ANSWER = "answer"
    TRUNCATE = "truncate"
    """Half of the body is written, then the connection is closed."""
    CUT = "cut"
    """The connection is closed without a byte."""
    HANG = "hang"
    """Nothing is written; the connection stays open until the client or the sandbox closes it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response, when it is written (``delay`` in seconds) and how it ends."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = Ending.ANSWER
    delay: float = 0.0


def reply_bytes(reply: Reply, date: str, *, keep_alive: bool, with_body: bool = True) -> bytes:
    """The response as one buffer, so that it leaves in one write."""
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        f"Date: {date}",
        f"Content-Length: {len(reply.body)}",
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
    ]
    if reply.content_type:
        lines.append(f"Content-Type: {reply.content_type}")
    lines.extend(f"{name}: {value}" for name, value in reply.headers)
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head + reply.body if with_body else head


def read_request(stream: BinaryIO, proceed: Callable[[], None]) -> Request | None:
    """The next request of a connection; None when the client is gone. ``proceed`` is called if it waits for a 100."""
    first = _read_line(stream) or _read_line(stream)  # RFC 9112 2.2: an empty line before a request is to be forgiven
    if not first:
        return None
    method, target, version = _request_line(first)
    headers = _read_headers(stream)
    if headers is None:
        return None
    if version == "HTTP/1.1" and "host" not in headers:
        raise _malformed("A request needs a Host header.")
    length = _body_length(headers)
    if length and headers.get("expect", "").lower() == "100-continue":
        proceed()
    body = stream.read(length) if length else b""
    if len(body) < length:
        return None
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, body, _keeps_alive(version, headers))


def _malformed(message: str) -> BadRequestError:
    return BadRequestError(HTTPStatus.BAD_REQUEST, "MalformedRequest", message)


def _read_line(stream: BinaryIO) -> str | None:
    """A line without its end; None when the stream ended before the line did."""
    line = stream.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE:
        raise BadRequestError(HTTPStatus.REQUEST_URI_TOO_LONG, "RequestTooLong", f"A line is over {MAX_LINE} bytes.")
    if not line.endswith(b"\n"):
        return None
    return line.rstrip(b"\r\n").decode("latin-1")


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3:  # noqa: PLR2004 - method, target, version
        raise _malformed("The first line is not METHOD TARGET VERSION.")
    method, target, version = parts
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequestError(
            HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "UnsupportedVersion", "Only HTTP/1.0 and 1.1 are spoken here."
        )
    if not (method.isascii() and method.isalpha()):
        raise _malformed("The method is not a word.")
    if not target.startswith("/"):
        raise _malformed("The target does not begin with a slash.")
    return method, target, version


def _read_headers(stream: BinaryIO) -> dict[str, str] | None:
    headers: dict[str, str] = {}
    size = count = 0
    while line := _read_line(stream):
        size += len(line)
        count += 1
        if size > MAX_HEAD or count > MAX_HEADERS:
            raise BadRequestError(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HeadersTooLarge", "The headers are too many or too long."
            )
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise _malformed("A header is not NAME: VALUE.")
        name, value = name.lower(), value.strip()
        # RFC 9110 5.3: a repeated header is one list; a repeated Content-Length thereby stops being a number
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return None if line is None else headers


def _body_length(headers: Mapping[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadRequestError(HTTPStatus.LENGTH_REQUIRED, "MissingContentLength", "Send a body with a Content-Length.")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise _malformed("Content-Length is not a number.")
    # the number of digits is looked at first: int() of a thousand digits is slow, of five thousand an error
    if len(text.lstrip("0")) > len(str(MAX_BODY)) or int(text) > MAX_BODY:
        raise BadRequestError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestTooLarge", f"A body is at most {MAX_BODY} bytes."
        )
    return int(text)


def _keeps_alive(version: str, headers: Mapping[str, str]) -> bool:
    connection = headers.get("connection", "").lower()
    return "close" not in connection if version == "HTTP/1.1" else "keep-alive" in connection
