"""The roof: options in, one call, words and an exit code out. Starts without pandas, openpyxl or requests."""

from __future__ import annotations

import os
import sys
import traceback

import click

from batch_sms.cli.codes import codes
from batch_sms.cli.new import new
from batch_sms.cli.runs import result, runs
from batch_sms.cli.sandbox import sandbox
from batch_sms.cli.send import send
from batch_sms.errors import BatchSmsError

UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h: 1 would read as "finished, but some rows…" (design, section 3.1)."""


class _Version(str):
    """The installed version, looked up only when it is printed."""

    __slots__ = ()

    def __str__(self) -> str:
        from batch_sms import __version__  # noqa: PLC0415 (reading it takes longer than all the rest of --help)

        return str(__version__)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(message="%(prog)s %(version)s", version=_Version())
def cli() -> None:
    """Send SMS to many countries from a spreadsheet, through Alibaba Cloud's SendInterSms.

    Never twice, never lost, and nothing is sent before the whole list is checked.
    """


cli.add_command(codes)
cli.add_command(new)
cli.add_command(result)
cli.add_command(runs)
cli.add_command(sandbox)
cli.add_command(send)


def main() -> None:
    """Run a command and exit with the code of the contract; what stops it is one plain sentence."""
    try:
        code = cli.main(prog_name="batch-sms", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        code = 2
    except BatchSmsError as error:
        click.echo(f"batch-sms: {error.say(_asked_for('--lang') or 'en')}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = UNEXPECTED
    except Exception as error:  # noqa: BLE001 (the last resort: nobody above would say anything)
        if "-v" in sys.argv:
            traceback.print_exc()
        click.echo(f"batch-sms: {BatchSmsError('unexpected', reason=type(error).__name__)}", err=True)
        code = UNEXPECTED
    sys.exit(code)


def _asked_for(option: str) -> str | None:
    """The value of an option as given, for a sentence that is said after the command's own context is gone."""
    for word, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.removeprefix(f"{option}=")
    return None
