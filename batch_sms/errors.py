"""What stops the command: one family of exceptions whose messages say what is wrong, where, and what to do.

Each carries the key of a sentence in ``words`` and its facts, so that the roof can say it in the user's language.
What happens to a single row is never an exception: it is an ``Outcome`` or a ``Problem``.
"""

from __future__ import annotations

from pathlib import Path

from batch_sms import words
from batch_sms.characters import shortened

_STANDARD_INPUT = Path("-")
_LONGEST_FACT = 1000
"""Characters of a cell, of all headers or of another program's words that a sentence shows."""


class BatchSmsError(Exception):
    """Base of all our exceptions. ``exit_code`` is the one of the contract (design, section 3.1)."""

    exit_code = 2

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def say(self, lang: str = words.DEFAULT) -> str:
        """The sentence in one of the languages of ``words``."""
        return words.say(f"error.{self.key}", lang, **{key: _spoken(fact, lang) for key, fact in self.facts.items()})

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


class NotConfirmedError(BatchSmsError):
    """The person said no, or nobody was there to say yes."""


class RunHeldError(BatchSmsError):
    """Another process holds this run."""

    exit_code = 4


def _spoken(fact: object, lang: str) -> object:
    if fact == _STANDARD_INPUT:
        return words.say("error.standard_input", lang)
    return shortened(fact, _LONGEST_FACT) if isinstance(fact, str) else fact
