"""What the dispatcher's process and a sender process say to each other: JSON arrays, one a line; the first item says what it is.

Down go ``serve`` (until when), ``rate``, ``add`` (so many threads) and ``carry`` (messages); up come ``ready`` (a thread, and how
long it took), ``less`` (threads that can't be had), ``came`` (what came of messages) and ``here`` (nothing came). Both ways go
with the messages how far the gateway's clock is ahead, for one process finds out and all need it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from batch_sms.model import Action, Message, Outcome, Retry

Parts = Sequence[Any]

_of_message = attrgetter(*(field.name for field in fields(Message)))
_of_outcome = attrgetter(*(field.name for field in fields(Outcome)))


def line_of(*parts: object) -> bytes:
    """Something said, as a line."""
    return json.dumps(parts, separators=(",", ":")).encode("ascii") + b"\n"


def parts_of(line: bytes) -> Parts:
    """What a line says."""
    parts: Parts = json.loads(line)
    return parts


def whole_lines(pipe: Iterable[bytes]) -> Iterator[bytes]:
    """What is said, up to its end; not half a line, which is all that came of one who ended in the middle of it."""
    return (line for line in pipe if line.endswith(b"\n"))


def from_message(message: Message) -> Parts:
    """A message as it is said."""
    said: Parts = _of_message(message)
    return said


def to_message(said: Parts) -> Message:
    """The message that was said."""
    return Message(*said)


def from_outcome(outcome: Outcome) -> Parts:
    """An outcome as it is said."""
    action, code, sent_at, *rest = _of_outcome(outcome)
    return action, code, sent_at.isoformat(), *rest


def to_outcome(said: Parts) -> Outcome:
    """The outcome that was said."""
    action, code, sent_at, message, biz_id, request_id, retry, *rest = said
    known = (message, biz_id, request_id, Retry(retry) if retry else None)
    return Outcome(Action(action), code, datetime.fromisoformat(sent_at), *known, *rest)


def finite(number: float) -> float | None:
    """A number that JSON can hold."""
    return None if number == math.inf else number


def endless(number: float | None) -> float:
    """The number that ``finite`` was told."""
    return math.inf if number is None else number
