"""What stops the command: one family of exceptions whose messages say what is wrong, where, and what to do.

Each carries the key of a sentence in ``words`` and its facts, so that the roof can say it in the user's language.
What happens to a single row is never an exception: it is an ``Outcome`` or a ``Problem``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from batch_sms import words
from batch_sms.characters import shortened

_STANDARD_INPUT = Path("-")
_LONGEST_FACT = 1000
"""Characters of a cell, of all headers or of another program's words that a sentence shows."""

_PRIVATE = frozenset({"cell", "cells", "sample"})
"""The facts that are quoted from a list."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of ``words`` by its key, with its facts; a fact may be a sentence itself, or a tuple of facts."""

    key: str
    facts: Mapping[str, object]

    def say(self, lang: str = words.DEFAULT) -> str:
        """It in one of the languages of ``words``."""
        return words.say(self.key, lang, **{name: _spoken(fact, lang) for name, fact in self.facts.items()})

    def say_to_others(self, lang: str = words.DEFAULT) -> str:
        """It for a log: without what is quoted from a list, which may be a phone."""
        facts = {name: "…" if name in _PRIVATE else fact for name, fact in self.facts.items()}
        said = {
            name: fact.say_to_others(lang) if isinstance(fact, Sentence | BatchSmsError) else _spoken(fact, lang)
            for name, fact in facts.items()
        }
        return words.say(self.key, lang, **said)


class BatchSmsError(Exception):
    """Base of all our exceptions. ``exit_code`` is the one of the contract (design, section 3.1)."""

    exit_code = 2

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    @property
    def _sentence(self) -> Sentence:
        return Sentence(f"error.{self.key}", self.facts)

    def say(self, lang: str = words.DEFAULT) -> str:
        """The sentence in one of the languages of ``words``."""
        return self._sentence.say(lang)

    def say_to_others(self, lang: str = words.DEFAULT) -> str:
        """The sentence for a log: without what is quoted from a list, which may be a phone."""
        return self._sentence.say_to_others(lang)

    def moved(self, was: Path, now: Path) -> Self:
        """The same of a file that stands elsewhere now."""
        facts = {
            name: now if fact == was else fact.moved(was, now) if isinstance(fact, BatchSmsError) else fact
            for name, fact in self.facts.items()
        }
        return type(self)(self.key, **facts)

    def __str__(self) -> str:
        return self.say()


class SettingsError(BatchSmsError):
    """An option, a campaign file or an environment that can't hold."""


class ListError(BatchSmsError):
    """A list that can't be read."""


class CredentialsError(BatchSmsError):
    """No access key, or one that can't be used."""


class ResultError(BatchSmsError):
    """A result sheet that can't be written where it was asked for."""


class GatewayError(BatchSmsError):
    """A gateway that did not answer a question, or not as asked."""


class LedgerError(BatchSmsError):
    """A ledger that can't be opened or written."""


class NoticeError(BatchSmsError):
    """A report that can't be written or posted where it was asked for."""


class SendersError(BatchSmsError):
    """Sender processes that can't be started, or have ended."""


class NotConfirmedError(BatchSmsError):
    """The person said no, or nobody was there to say yes."""


class RunHeldError(BatchSmsError):
    """Another process holds this run."""

    exit_code = 4


class UnexpectedError(BatchSmsError):
    """A fault of ours."""

    exit_code = 70
    """EX_SOFTWARE of sysexits.h: 1 would read as "finished, but some rows…" (design, section 3.1)."""


class NotBegunError(BatchSmsError):
    """What stopped the list before would stop this one too."""

    exit_code = 3


class InterruptedBeforeError(BatchSmsError):
    """A signal came before the first message, or a second one before the last answer to a question."""

    exit_code = 3


def _spoken(fact: object, lang: str) -> object:
    if isinstance(fact, Sentence | BatchSmsError):
        return fact.say(lang)
    if isinstance(fact, tuple):
        return shortened(", ".join(str(_spoken(part, lang)) for part in fact) or "-", _LONGEST_FACT)
    if fact == _STANDARD_INPUT:
        return words.say("error.standard_input", lang)
    return shortened(fact, _LONGEST_FACT) if isinstance(fact, str) else fact
