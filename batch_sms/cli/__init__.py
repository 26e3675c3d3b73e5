"""The roof: options in, one call, words and an exit code out. Starts without pandas, openpyxl or requests."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import click

from batch_sms import words
from batch_sms.cli.check import check
from batch_sms.cli.codes import codes
from batch_sms.cli.countries import countries
from batch_sms.cli.doctor import doctor
from batch_sms.cli.new import new
from batch_sms.cli.receipts import receipts, reconcile
from batch_sms.cli.run import run
from batch_sms.cli.runs import result, runs, stop
from batch_sms.cli.sandbox import sandbox
from batch_sms.cli.send import send
from batch_sms.cli.streams import unbreakable
from batch_sms.cli.watch import watch
from batch_sms.errors import BatchSmsError, UnexpectedError


class _Version(str):
    """The installed version, looked up only when it is printed."""

    __slots__ = ()

    def __str__(self) -> str:
        from batch_sms import __version__  # noqa: PLC0415 (reading it takes longer than all the rest of --help)

        return str(__version__)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(message="%(prog)s %(version)s", version=_Version())
def cli() -> None:
    """Send SMS to many countries from a spreadsheet, through Alibaba Cloud's SMS service.

    Never twice, never lost, and nothing is sent before the whole list is checked.
    """


cli.add_command(check)
cli.add_command(codes)
cli.add_command(countries)
cli.add_command(doctor)
cli.add_command(new)
cli.add_command(receipts)
cli.add_command(reconcile)
cli.add_command(result)
cli.add_command(run)
cli.add_command(runs)
cli.add_command(sandbox)
cli.add_command(send)
cli.add_command(stop)
cli.add_command(watch)


def main() -> None:
    """Run a command and exit with the code of the contract; what stops it is one plain sentence."""
    with unbreakable():
        code = _run()
    try:
        sys.stdout.flush()
    except OSError:  # what was left in it can't be read by anybody; Python would exit with a code of its own over it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run() -> int:
    try:
        return int(cli.main(prog_name="batch-sms", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"\n{words.say('error.not_confirmed', _language())}", err=True)
        return 2
    except BatchSmsError as error:
        click.echo(f"batch-sms: {error.say(_language())}", err=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the last resort: nobody above would say anything)
        if "-v" in sys.argv or "--verbose" in sys.argv:
            traceback.print_exc()
        key = "unexpected" if _sends() else "unexpected_unsent"
        click.echo(f"batch-sms: {UnexpectedError(key, reason=_place(error)).say(_language())}", err=True)
        return UnexpectedError.exit_code


def _place(error: Exception) -> str:
    """What a fault of ours is and where, without what the list holds."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"


def _sends() -> bool:
    """Whether the command that was called can send: those have a line for every attempt to show."""
    name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    return name in cli.commands and any(option.name == "verbose" for option in cli.commands[name].params)


def _language() -> str:
    """The language asked for, for a sentence that is said after the command's own settings are gone."""
    for word, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        asked = following if word == "--lang" else word.partition("--lang=")[2]
        if asked in words.LANGUAGES:
            return asked
    return words.DEFAULT
