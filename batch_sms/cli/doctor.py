"""``batch-sms doctor``: whether all is in place for sending."""

from __future__ import annotations

from json import dumps as to_json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batch_sms import words
from batch_sms.cli.options import PATH, put_on
from batch_sms.options import CALLING

if TYPE_CHECKING:
    from batch_sms.doctor.findings import Finding


@click.command(short_help="Check key, network, clock, send APIs and ledger.")
@put_on(CALLING)
@click.option("--ledger", type=PATH, metavar="FILE",
              help="The ledger (default: $BATCH_SMS_LEDGER, else your data folder).")  # fmt: skip
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of what it says.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the findings as one JSON object.")
def doctor(*, ledger: Path | None, lang: str, as_json: bool, **calling: Any) -> int:
    """Check whether all is in place for sending, and say what to do about what is not.

    It calls each send API with the number 0, which is no number and which nothing can be sent to. Exit codes: 0 no
    fault; 1 sending would fail.
    """
    from batch_sms.campaign import find_ledger  # noqa: PLC0415 (help answers without it)
    from batch_sms.clock import RealClock  # noqa: PLC0415
    from batch_sms.connecting import WayOut  # noqa: PLC0415
    from batch_sms.doctor.examination import examine  # noqa: PLC0415
    from batch_sms.doctor.findings import Health  # noqa: PLC0415

    findings = []
    for finding in examine(WayOut(**calling), find_ledger(ledger, sandbox=False), RealClock()):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding, lang))
    exit_code = int(any(finding.health is Health.FAULT for finding in findings))
    unsettled = words.say("doctor.unsettled", lang).strip().splitlines()
    if as_json:
        told = [
            {"topic": finding.topic, "health": finding.health.value, "text": finding.say(lang)} for finding in findings
        ]
        click.echo(to_json({"findings": told, "unsettled": unsettled, "exit_code": exit_code}, ensure_ascii=False))
    else:
        click.echo("\n".join([words.say("doctor.only_live", lang), *(f"  {line}" for line in unsettled)]))
    return exit_code


def _line(finding: Finding, lang: str) -> str:
    health = words.say(f"doctor.{finding.health.value}", lang)
    return words.say("doctor.line", lang, health=health, topic=finding.topic, text=finding.say(lang))
