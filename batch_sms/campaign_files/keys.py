"""The keys of a campaign file held against the table of options: unknown keys, secrets and wrong types are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any

from batch_sms.campaign_files.document import Document
from batch_sms.errors import SettingsError
from batch_sms.model import Role
from batch_sms.options import ALL, Kind, Option

TABLES = ("list", "message", "sending", "schedule", "result")
FILE = Option("file", "list", Kind.PATH, "The list, or a pattern of several.")
"""What is the command line's LIST."""
OPTIONS = {(option.table, option.name): option for option in (FILE, *ALL)}

_SECRET = re.compile(r"accesskey|secret|token|passw|passphrase|credential|apikey|privatekey|^(?:ak|sk|pwd)$")
_ACCESS_KEY_ID = re.compile(r"(?:LTAI|STS\.)[0-9A-Za-z]{12,}")


def looks_secret(name: str) -> bool:
    """Whether a key, or an environment variable, is named like a secret."""
    return _SECRET.search(re.sub(r"[^a-z0-9]", "", name.lower())) is not None


def checked_keys(document: Document) -> Iterator[tuple[str, object, str]]:
    """Each setting of the file: its name, its value in its kind, and where it stands. Raises SettingsError.

    The name is the option's, ``columns.ROLE`` for a column and ``params.NAME`` for a parameter.
    """
    for table, keys in document.tables.items():
        _refuse_secret(document, table)
        if table not in TABLES:
            raise _unknown_table(document, table, keys)
        if not isinstance(keys, dict):
            raise _wrong(document, (table,), "table", keys)
        for key, value in keys.items():
            names = (table, key)
            _refuse_secret(document, *names)
            option = OPTIONS.get(names)
            if option is None:
                raise _unknown_key(document, table, key)
            if option.kind in (Kind.ROLES, Kind.PARAMS):
                yield from _pairs(document, option, value)
            else:
                yield option.name, _typed(document, names, option, value), document.where(*names)


def _pairs(document: Document, option: Option, value: object) -> Iterator[tuple[str, object, str]]:
    names = (option.table, option.name)
    if not isinstance(value, dict):
        raise _wrong(document, names, "table", value)
    for key, text in value.items():
        if option.kind is Kind.ROLES and key not in tuple(Role):
            known = tuple(role.value for role in Role)
            facts = {"table": ".".join(names), "name": key, "nearest": _nearest(key, known) or ", ".join(known)}
            raise SettingsError("campaign_key", where=document.where(*names, key), **facts)
        if isinstance(text, bool) or not isinstance(text, str | int):
            raise _wrong(document, (*names, key), "text", text)
        yield f"{option.name}.{key}", str(text), document.where(*names, key)


def _typed(document: Document, names: tuple[str, str], option: Option, value: Any) -> object:
    """The value as Campaign takes it."""
    taken = _TAKEN[option.kind](value)
    none_of_several = taken == () != option.default
    if taken is None or none_of_several or (option.kind is Kind.WHOLE and value < option.least):
        raise _wrong(
            document, names, f"{option.kind}_from" if option.kind is Kind.WHOLE else option.kind, value, option
        )
    if option.kind is Kind.CHOICE and taken not in option.choices:
        raise _wrong(document, names, "choice", value, option)
    if isinstance(taken, str) and _ACCESS_KEY_ID.search(taken):
        raise SettingsError("campaign_secret", where=document.where(*names), name=option.name)
    return taken


def _text(value: Any) -> str | None:
    if isinstance(value, date | time):  # TOML has them as values of their own; so can be a moment without quotes
        return value.isoformat()
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _texts(value: Any) -> tuple[str, ...] | None:
    several = value if isinstance(value, list) else [value]
    if any(isinstance(one, bool) or not isinstance(one, str | int | float) for one in several):
        return None
    return tuple(str(one) for one in several)


_TAKEN: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.PATH: lambda value: value if isinstance(value, str) and value.strip() else None,
    Kind.CHOICE: lambda value: value if isinstance(value, str) else None,
    Kind.WHOLE: lambda value: value if isinstance(value, int) and not isinstance(value, bool) else None,
    Kind.SECONDS: lambda value: (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    ),
    Kind.FLAG: lambda value: value if isinstance(value, bool) else None,
    Kind.TEXTS: _texts,
}
"""A value as Campaign takes it, by its kind; None for one of another kind."""


def _wrong(
    document: Document, names: tuple[str, ...], wanted: str, value: object, option: Option | None = None
) -> SettingsError:
    facts = {"choices": ", ".join(option.choices), "least": option.least} if option else {}
    shown = (
        "[…]"
        if isinstance(value, list)
        else "{…}"
        if isinstance(value, dict)
        else json.dumps(value, ensure_ascii=False, default=str)
    )
    key = f"campaign_wants_{wanted}"
    return SettingsError(key, where=document.where(*names), name=names[-1], value=shown, **facts)


def _refuse_secret(document: Document, *names: str) -> None:
    if looks_secret(names[-1]) and (len(names) == 1 or names not in OPTIONS):
        raise SettingsError("campaign_secret", where=document.where(*names), name=names[-1])


def _unknown_table(document: Document, table: str, keys: object) -> SettingsError:
    """A table that is not there; or a key that stands above the first table."""
    where = document.where(table)
    homes = [home for home, name in OPTIONS if name == _plain(table)]
    if homes and not isinstance(keys, dict):
        return SettingsError("campaign_key_elsewhere", where=where, name=table, table=homes[0], there=_plain(table))
    if not isinstance(keys, dict):
        return SettingsError("campaign_key_alone", where=where, name=table)
    nearest = _nearest(table, TABLES) or (f"{homes[0]}.{_plain(table)}" if homes else ", ".join(TABLES))
    return SettingsError("campaign_table", where=where, table=table, nearest=nearest)


def _unknown_key(document: Document, table: str, key: str) -> SettingsError:
    where = document.where(table, key)
    own = [name for home, name in OPTIONS if home == table]
    elsewhere = {name: home for home, name in OPTIONS if home != table}
    if _plain(key) not in own and (name := _nearest(key, tuple(elsewhere))) == _plain(key):
        return SettingsError("campaign_key_elsewhere", where=where, name=key, table=elsewhere[name], there=name)
    if nearest := _nearest(key, own):
        return SettingsError("campaign_key", where=where, table=table, name=key, nearest=nearest)
    if name := _nearest(key, tuple(elsewhere)):
        return SettingsError("campaign_key_elsewhere", where=where, name=key, table=elsewhere[name], there=name)
    return SettingsError("campaign_key", where=where, table=table, name=key, nearest=", ".join(own))


def _nearest(key: str, known: tuple[str, ...] | list[str]) -> str:
    found = get_close_matches(_plain(key), known, n=1, cutoff=0.6)
    return found[0] if found else ""


def _plain(key: str) -> str:
    """``notBefore`` and ``not-before`` as ``not_before``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower().replace("-", "_").replace(" ", "_")
