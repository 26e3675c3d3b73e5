"""The command line's options, made from the table of ``batch_sms.options``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from batch_sms.model import Role
from batch_sms.options import Kind, Option

PATH = click.Path(path_type=Path)


def put_on(options: Sequence[Option]) -> Callable[[Any], Any]:
    """A decorator that gives a command these options, in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = click.option(*option.spelt, option.name, **_kind(option), help=option.help)(command)
        return command

    return decorate


def _kind(option: Option) -> dict[str, Any]:
    """How click reads and shows the value."""
    named = {"metavar": option.metavar or None}
    with_default = {"default": option.default, "show_default": option.default not in ("", None)}
    match option.kind:
        case Kind.FLAG:
            return {"is_flag": True}
        case Kind.PATH:
            return {"type": PATH, **named}
        case Kind.CHOICE:
            return {"type": click.Choice(option.choices), **with_default}
        case Kind.WHOLE:
            return {"type": click.IntRange(min=option.least), **with_default, **named}
        case Kind.SECONDS:
            return {"type": float, **with_default, **named}
        case Kind.TEXTS:
            return {"multiple": True, **with_default, **named}
        case Kind.ROLES:
            return {"multiple": True, "callback": _roles, **named}
        case Kind.PARAMS:
            return {"multiple": True, "callback": _pairs, **named}
        case Kind.TEXT:
            return {**with_default, **named}


def _pairs(_: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``NAME=TEXT``, split at the first equals sign."""
    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{value}' has no name and equals sign; write {param.metavar}.")
        if name.strip() in pairs:
            raise click.BadParameter(f"'{name.strip()}' is given twice.")
        pairs[name.strip()] = text
    return pairs


def _roles(context: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``ROLE=HEADER``, with a role that is known."""
    pairs = {role.lower().replace("-", "_"): header for role, header in _pairs(context, param, values).items()}
    for role in pairs:
        if role not in tuple(Role):
            raise click.BadParameter(f"'{role}' is no role; the roles are {', '.join(Role)}.")
    return pairs
