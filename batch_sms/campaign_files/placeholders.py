"""What is filled into a campaign file's values: ``${ENV}`` into texts and paths, ``{date}`` and its kin into names.

Names are ``{date}`` (2026-12-01), ``{time}`` (093000), ``{list}`` (the list's name without its ending), and strftime forms:
``{date:%Y%m%d}``, ``{time:%H%M}`` or just ``{%Y-%m}``. A brace that is meant is doubled; ``$${ENV}`` is ``${ENV}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from batch_sms.campaign_files.keys import looks_secret
from batch_sms.errors import SettingsError

_VARIABLE = r"\$\$(?P<kept>\{[^{}]*\})|\$\{(?P<variable>[^{}]*)\}"
_NAME = r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]"
_FORMS = {"date": "%Y-%m-%d", "time": "%H%M%S"}
_KNOWN = frozenset("YymdHMSjVGuUWaAbBpI%")
"""The directives of strftime that mean the same everywhere."""
_DIRECTIVE = re.compile(r"%(.?)")


def with_environment(text: str, environment: Mapping[str, str], where: str, *, secret: bool = False) -> str:
    """The text with ``${NAME}`` filled in; ``secret`` where one may stand. Raises SettingsError for a variable that may not."""
    return re.sub(_VARIABLE, _variables(environment, where, secret=secret), text)


def with_names(text: str, names: Mapping[str, str], now: datetime, environment: Mapping[str, str], where: str) -> str:
    """The text with environment variables, the date and ``names`` filled in, in one go: nothing is filled in twice.

    Raises SettingsError for a name that is not known.
    """
    variable = _variables(environment, where, secret=False)

    def fill(match: re.Match[str]) -> str:
        if match[0].startswith("$"):
            return variable(match)
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match["name"] is None:
            raise SettingsError("campaign_brace", where=where, text=text)
        return _named(match["name"], names, now, where)

    return re.sub(f"{_VARIABLE}|{_NAME}", fill, text)


def _variables(environment: Mapping[str, str], where: str, *, secret: bool) -> Callable[[re.Match[str]], str]:
    def fill(match: re.Match[str]) -> str:
        name = match["variable"]
        if name is None:
            return f"${match['kept']}"
        if name.upper().startswith("ALIBABA_CLOUD_") or (looks_secret(name) and not secret):
            raise SettingsError("campaign_variable_secret", where=where, variable=name)
        if name not in environment:
            raise SettingsError("campaign_variable", where=where, variable=name)
        return environment[name]

    return fill


def _named(name: str, names: Mapping[str, str], now: datetime, where: str) -> str:
    if name in names:
        return names[name]
    kind, colon, form = name.partition(":")
    if "%" in name and not colon:
        kind, form = "date", name
    if kind not in _FORMS or (colon and not form):
        known = ", ".join(f"{{{known}}}" for known in (*_FORMS, *names))
        raise SettingsError("campaign_placeholder", where=where, name=name, known=known)
    form = form or _FORMS[kind]
    for letter in _DIRECTIVE.findall(form):
        if letter not in _KNOWN:
            raise SettingsError("campaign_strftime", where=where, form=form, letter=letter)
    return now.strftime(form)
