"""``batch-sms sandbox``: the local gateway as a process of its own."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import closing
from typing import Any

import click

from batch_sms import words
from batch_sms.durations import duration_of
from batch_sms.errors import SettingsError

_CALLS = (
    *("SendInterSms", "SendSms", "SendMessageToGlobe"),
    *("QueryInterSmsIsoInfo", "QuerySendDetails", "QueryMessage"),
)
_SHARE = re.compile(r"(\d+(?:\.\d+)?)(%)?")


def _seconds(_: click.Context, param: click.Parameter, value: str) -> float:
    """A duration such as ``200ms`` or ``1.5s``, in seconds; without a unit, seconds."""
    return duration_of(value if value[-1:].isalpha() else f"{value}s", str(param.name)).total_seconds()


def _share(_: click.Context, __: click.Parameter, value: str) -> float:
    """A share such as ``5%`` or ``0.05``, from 0 to 1."""
    match = _SHARE.fullmatch(value)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1
    if not 0 <= share <= 1:
        raise click.BadParameter(f"'{value}' is no share; write 5% or 0.05.")
    return share


@click.command(short_help="Run the local gateway, to try things out.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8025, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--latency", callback=_seconds, default="0", metavar="TIME", help="Time to an answer, such as 200ms.")
@click.option("--jitter", callback=_seconds, default="0", metavar="TIME", help="How much the latency varies.")
@click.option("--qps", type=click.FloatRange(min=0, min_open=True), metavar="N",
              help="Throttle what comes faster than N a second.")  # fmt: skip
@click.option(
    "--errors", callback=_share, default="0", metavar="SHARE", help="Share of messages that fail, such as 5%."
)
@click.option("--cuts", callback=_share, default="0", metavar="SHARE",
              help="Share of messages whose connection is cut without an answer; every other one is accepted.")  # fmt: skip
@click.option("--receipts-after", callback=_seconds, default="0", metavar="TIME",
              help="Time until queries know what became of a message.")  # fmt: skip
@click.option("--without", "closed", type=click.Choice(_CALLS), multiple=True, metavar="CALL",
              help=f"Do not offer a call, as to an account that may not use it: {', '.join(_CALLS)}.")  # fmt: skip
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of what it prints.")  # fmt: skip
def sandbox(*, port: int, errors: float, cuts: float, lang: str, **weather: Any) -> int:
    """Serve the gateway's protocol on this machine, with test numbers for every answer. Nothing real is sent.

    It listens on 127.0.0.1 until Ctrl-C. GET /sandbox/messages shows what it accepted, GET /sandbox/numbers the test
    numbers. Send to it with `batch-sms send LIST --endpoint http://127.0.0.1:PORT`.
    """
    from batch_sms import sandbox as local  # noqa: PLC0415 (help answers without it)

    gateway = local.Sandbox(port, error_share=errors, cut_share=cuts, **weather)
    over = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: over.set())
    try:
        gateway.start()
    except OSError as error:
        raise SettingsError("port_taken", port=port, reason=error.strerror) from error
    with closing(gateway):
        click.echo(words.say("sandbox.listening", lang, url=gateway.url))
        click.echo(words.say("sandbox.keys", lang))
        click.echo(f"  export ALIBABA_CLOUD_ACCESS_KEY_ID={local.SANDBOX_KEY_ID}")
        click.echo(f"  export ALIBABA_CLOUD_ACCESS_KEY_SECRET={local.SANDBOX_KEY_SECRET}")
        click.echo(f"  batch-sms send LIST --endpoint {gateway.url}")
        click.echo(words.say("sandbox.numbers", lang, url=gateway.url))
        for number in local.TEST_NUMBERS.values():
            click.echo(words.say("sandbox.number", lang, phone=number.phone, text=number.text))
        click.echo(words.say("sandbox.accepted", lang, url=gateway.url))
        over.wait()
    return 0
