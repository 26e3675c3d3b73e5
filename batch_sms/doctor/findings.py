"""What the doctor says: one finding a line, and its sentence in a person's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from batch_sms import words
from batch_sms.errors import BatchSmsError
from batch_sms.gateway import codes


class Health(StrEnum):
    """How it stands with what was looked at."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its topic, how it stands with it, and the key of a sentence in ``words`` with its facts.

    A fact may be one of our exceptions, which then says its own sentence. With a fact ``code``, the sentence may have
    the ``meaning`` and the ``advice`` of that code too.
    """

    topic: str
    health: Health
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: str) -> str:
        """The sentence."""
        facts = {name: fact.say(lang) if isinstance(fact, BatchSmsError) else fact for name, fact in self.facts.items()}
        if "code" in facts:
            known = codes.find(str(facts["code"]))
            facts["meaning"] = known.meaning(lang) if known is not None else facts.get("message", "")
            facts["advice"] = codes.advice(str(facts["code"]), lang)
        return words.say(f"doctor.{self.key}", lang, **facts).strip()


def ok(topic: str, key: str, /, **facts: object) -> Finding:
    """All is well."""
    return Finding(topic, Health.OK, key, facts)


def warning(topic: str, key: str, /, **facts: object) -> Finding:
    """It can go on, but a person should know."""
    return Finding(topic, Health.WARNING, key, facts)


def fault(topic: str, key: str, /, **facts: object) -> Finding:
    """Sending would fail."""
    return Finding(topic, Health.FAULT, key, facts)
