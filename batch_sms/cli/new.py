"""``batch-sms new``: a starter list to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from batch_sms import words
from batch_sms.errors import SettingsError


@click.command(short_help="Write a starter list to fill in.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.xlsx")
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of what it says; the notes in the workbook are in both.")  # fmt: skip
def new(file: Path, lang: str) -> int:
    """Write FILE.xlsx, a workbook to fill in.

    It has the right headers, cells in which Excel keeps zeros and plus signs, a choice of countries, an example row, and
    a page of notes in English and Chinese.
    """
    from batch_sms.checking.countries import names_for_people  # noqa: PLC0415 (help answers without it)
    from batch_sms.sheets.starter import write_starter  # noqa: PLC0415

    if file.suffix.lower() != ".xlsx":
        raise SettingsError("starter_ending", path=file)
    notes = [line for language in words.LANGUAGES for line in (words.say("starter.notes", language).splitlines(), [""])]
    write_starter(file, names_for_people(), [line for lines in notes for line in lines])
    click.echo(words.say("starter.written", lang, path=file))
    return 0
