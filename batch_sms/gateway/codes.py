"""What each code in the column ``sms_code`` means and asks for: the typed reader of ``codes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from batch_sms.model import Action, Retry

UNKNOWN_ADVICE = {
    "en": (
        "This program does not know the code. Read sms_message, look the code up in Alibaba Cloud's SMS documentation, "
        "and look in the console's send records for this number before you send the row again."
    ),
    "zh": (
        "本程序不认识此代码。请查看 sms_message，并在阿里云短信服务文档中查找该代码；"
        "重新发送该行之前，请先在控制台的发送记录中查询该号码。"
    ),
}


@dataclass(frozen=True, slots=True)
class Text:
    """One language's words for a code: what happened, and what to do next."""

    meaning: str
    advice: str


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the table; ``code`` is what was asked for or, in a listing, the key, which may end in ``*``."""

    code: str
    layer: str
    action: Action
    retry: Retry | None
    en: Text
    zh: Text

    def meaning(self, lang: str = "en") -> str:
        """Say in one sentence what happened."""
        return self._text(lang).meaning

    def advice(self, lang: str = "en") -> str:
        """Say what a person can do next."""
        return self._text(lang).advice

    def _text(self, lang: str) -> Text:
        return self.zh if lang == "zh" else self.en


@cache
def all_codes() -> tuple[Code, ...]:
    """Every entry, in the order of the file."""
    table = tomllib.loads(files("batch_sms.gateway").joinpath("codes.toml").read_text(encoding="utf-8"))
    return tuple(_entry(key, fields) for key, fields in table.items())


def find(code: str) -> Code | None:
    """Find the entry for a code: an exact key, else the longest pattern that fits; None for an unknown code."""
    exact = _exact().get(code)
    if exact is not None:
        return exact
    fitting = next((entry for prefix, entry in _patterns() if code.startswith(prefix)), None)
    return None if fitting is None else replace(fitting, code=code)


def advice(code: str, lang: str = "en") -> str:
    """Say what to do about a code, for the column ``sms_advice``: empty for OK, honest when it is unknown."""
    known = find(code)
    if known is None:
        return UNKNOWN_ADVICE["zh" if lang == "zh" else "en"]
    return "" if known.action is Action.OK else known.advice(lang)


@cache
def _exact() -> dict[str, Code]:
    return {entry.code: entry for entry in all_codes()}


@cache
def _patterns() -> tuple[tuple[str, Code], ...]:
    # longest first, so that the first that fits is the closest
    prefixes = [(entry.code[:-1], entry) for entry in all_codes() if entry.code.endswith("*")]
    return tuple(sorted(prefixes, key=lambda pair: len(pair[0]), reverse=True))


def _entry(key: str, fields: dict[str, Any]) -> Code:
    retry = fields.get("retry")
    return Code(
        code=key,
        layer=fields["layer"],
        action=Action(fields["action"]),
        retry=None if retry is None else Retry(retry),
        en=Text(fields["en"], fields["en_advice"]),
        zh=Text(fields["zh"], fields["zh_advice"]),
    )
