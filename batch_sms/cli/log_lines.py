"""The log of a batch job on standard error: one line for each change of state, as text or as JSON. No phone, no secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import click

from batch_sms.clock import Clock
from batch_sms.words import say


class LogLines:
    """Writes the lines, by ``put``. ``form`` is ``text`` or ``json``; ``list_name`` is the list that they are about."""

    def __init__(
        self, form: str, lang: str, clock: Clock, list_name: str, put: Callable[[str], None] | None = None
    ) -> None:
        self._form, self._lang, self._clock, self._put = form, lang, clock, put or _to_standard_error
        self._about: dict[str, object] = {"list": list_name}

    def name_run(self, run: str) -> None:
        """From now on each JSON line tells the run."""
        self._about["run"] = run

    def write(self, event: str, facts: Mapping[str, object], words: str = "") -> None:
        """One line: an event and its facts, or, as text, a sentence. Moments are written as ISO 8601 with their offset."""
        now = self._clock.now().isoformat(timespec="seconds")
        facts = {name: _plain(value) for name, value in facts.items()}
        if self._form == "json":
            line = {"time": now, "event": event, **self._about, **facts}
            self._put(json.dumps(line, ensure_ascii=False))
            return
        self._put(f"{now} {self._about['list']}: {words or sentence(event, self._lang, facts)}")


def _to_standard_error(line: str) -> None:
    click.echo(line, err=True)


def sentence(event: str, lang: str, facts: Mapping[str, object]) -> str:
    """An event in words; there is one for each reason to wait."""
    key = f"log.{event}_{facts['why']}" if "why" in facts else f"log.{event}"
    return say(key, lang, **{name: _plain(value) for name, value in facts.items()})


def _plain(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
