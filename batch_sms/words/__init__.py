"""Text for people, one file per language; the code holds keys only.

``say("report.rows", "zh", n=3)`` finds ``rows`` in the table ``[report]`` of ``zh.toml`` and fills the braces.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

DEFAULT = "en"
LANGUAGES = ("en", "zh")


@cache
def sentences(lang: str) -> dict[str, str]:
    """All sentences of a language by ``table.key``."""
    tables: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath(f"{lang}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}


def say(key: str, lang: str = DEFAULT, **facts: object) -> str:
    """The sentence under this key with its facts filled in."""
    return sentences(lang)[key].format(**facts)
