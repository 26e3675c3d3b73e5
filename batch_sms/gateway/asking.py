"""Asks the gateway a question with patience: what it throttles or the network loses is asked again, a few times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from batch_sms.clock import Clock
from batch_sms.gateway.answers import Answer, Unanswered
from batch_sms.gateway.queries import Query, Refusal, answer_to
from batch_sms.model import Retry

TRIES = 4
FIRST_WAIT = 0.5
"""Seconds; each further wait is twice as long."""

T = TypeVar("T")


class Caller(Protocol):
    """What it asks through."""

    def call(self, action: str, version: str, parameters: Mapping[str, str]) -> Answer | Unanswered:
        """One call, not repeated."""


def ask(
    caller: Caller, query: Query[T], clock: Clock, tries: int = TRIES, called_off: Callable[[], bool] = lambda: False
) -> T | Refusal:
    """The answer, or the last refusal: a clear one at once, any other after so many ``tries``, or when it is called off."""
    wait = FIRST_WAIT
    for _ in range(tries - 1):
        said = ask_once(caller, query)
        if not isinstance(said, Refusal) or said.retry is None or called_off():
            return said
        if said.retry is not Retry.CLOCK:  # the caller has corrected its clock by that answer
            clock.sleep(wait if said.retry_after is None else said.retry_after)
            wait *= 2
    return ask_once(caller, query)


def ask_once(caller: Caller, query: Query[T]) -> T | Refusal:
    """The answer to one call."""
    return answer_to(query, caller.call(query.action, query.version, query.parameters))
