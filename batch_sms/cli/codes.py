"""``batch-sms codes``: what an error code means and what to do."""

from __future__ import annotations

import click

from batch_sms import words
from batch_sms.errors import SettingsError


@click.command(short_help="List the error codes, or explain one.")
@click.argument("code", required=False)
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of meaning and advice.")  # fmt: skip
def codes(code: str | None, lang: str) -> int:
    """List the codes that a result sheet can hold, or explain CODE: its meaning, and what to do."""
    from batch_sms.gateway.codes import all_codes, find  # noqa: PLC0415 (help answers without it)

    if code is None:
        for known in all_codes():
            click.echo(f"{known.code:<36} {known.action.value:<9} {known.meaning(lang)}")
        return 0
    found = find(code)
    if found is None:
        raise SettingsError("code_unknown", code=code)
    click.echo(f"{found.code} ({found.layer}, {found.action.value})\n{found.meaning(lang)}\n{found.advice(lang)}")
    return 0
