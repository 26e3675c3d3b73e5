"""A row's outcome in plain words: the columns ``sms_message`` and ``sms_advice``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from batch_sms import words
from batch_sms.characters import shortened
from batch_sms.checking.countries import name_of
from batch_sms.gateway import codes
from batch_sms.model import Problem, Record

_TABLES = {"check": "problem", "warn": "warning", "skip": "skip"}
"""Where the sentence about a cell stands in ``words``, by the first part of its code."""
_LONGEST_FACT = 200
"""Characters of a cell that its sentence shows: enough to find it by."""

_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Explainer:
    """Says what happened to a row and what to do, in one language."""

    lang: str = words.DEFAULT

    def __call__(self, record: Record) -> tuple[str, str]:
        """Message and advice for one row of the result sheet."""
        if record.problems and record.problems[0].code == record.code:  # a row held back once may have been sent since
            advices = dict.fromkeys(codes.advice(problem.code, self.lang) for problem in record.problems)
            return " ".join(self.problem(problem) for problem in record.problems), " ".join(advices)
        message, advice = _answer(record.code, record.message, self.lang)
        warnings = [self.problem(problem) for problem in record.problems if problem.code.startswith("warn.")]
        return " ".join([message, *warnings]).strip() if warnings else message, advice

    def problem(self, problem: Problem) -> str:
        """One problem, or one warning, as a sentence that names its column."""
        layer, _, name = problem.code.partition(".")
        facts = {key: self._spoken(key, fact) for key, fact in problem.facts.items()}
        if name == "PHONE_INVALID" and facts.get("country", "").startswith("+"):
            facts["country"] = words.say("report.dial_code", self.lang, code=facts["country"])
        sentence = words.say(f"{_TABLES[layer]}.{name}", self.lang, **facts)
        if hint := problem.facts.get("hint"):
            sentence += words.say(f"hint.{hint}", self.lang, **facts)
        if line := problem.facts.get("line"):  # which is not the row's number where a row goes over several
            sentence += words.say("hint.line", self.lang, line=line)
        return f"{problem.column}: {sentence}" if problem.column else sentence

    def _spoken(self, key: str, fact: str) -> str:
        if key == "found" and fact.isalpha():  # many a country's neighbour is not known by its code
            return words.say("report.named_country", self.lang, code=fact, name=name_of(fact, self.lang))
        if key == "country" and not fact:
            return words.say("report.any_country", self.lang)
        if key in ("names", "others") and not fact:
            return words.say("report.no_params", self.lang)
        return shortened(fact, _LONGEST_FACT)


@lru_cache(_MOST_REMEMBERED)
def _answer(code: str, said: str, lang: str) -> tuple[str, str]:
    """What a code means, with what was said along with it, and what to do; most rows of a list are given the same answer."""
    known = codes.find(code)
    ours = known is not None and known.layer in {"skip", "net", "run"}
    meaning = known.meaning(lang) if known is not None and (ours or not said) else ""
    message = " ".join(part for part in (meaning, f"({said})" if meaning and said else said) if part)
    return message.strip(), codes.advice(code, lang)
