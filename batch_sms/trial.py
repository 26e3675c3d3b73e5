"""A test run: the first message of a list to the sender's own number, in a run of its own that counts for nothing else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from batch_sms.campaign import Campaign
from batch_sms.checked_list import CheckedList
from batch_sms.checking.opt_outs import OptOuts
from batch_sms.checking.report import Report
from batch_sms.checking.spool import Spool
from batch_sms.errors import ListError, SettingsError
from batch_sms.opt_out_file import read_opt_outs

SUFFIX = "-test"
"""What the name of a test run ends with; the next ones end with ``-test-2``, ``-test-3`` and so on."""


def as_trial(campaign: Campaign) -> Campaign:
    """The settings of a test run: what says which rows go out, go out again, and when, says nothing about a test."""
    always = replace(campaign, not_before="", not_after="", max_age="", hours=(), days=(), per_recipient="")
    return replace(always, again=True, limit=None, strict=False, retry_rejected=False, resend_in_doubt=False)


@contextmanager
def first_alone(campaign: Campaign, checked: CheckedList) -> Iterator[CheckedList]:
    """A list of one row: the first that is to be sent, with the campaign's test number in place of its own.

    Raises ListError where there is none, SettingsError where that number has opted out.
    """
    phone = campaign.test_phone
    first = next((row for row in checked if row.sendable), None)
    if first is None or first.message is None:
        raise ListError("nothing_to_test", path=checked.table.name)
    message = replace(first.message, phone=phone.e164, national=phone.national, country=phone.country, out_id="")
    if campaign.opt_outs and message in OptOuts(read_opt_outs(campaign.opt_outs).digits):
        raise SettingsError("test_to_opted_out", path=campaign.opt_outs)
    row = first._replace(message=message, identity=_apart(first.identity), occurrence=0)
    report = Report(checked.table.name, checked.table.source, checked.report.notes, prices=checked.report.prices)
    report.add(row)
    spool = Spool()
    spool.append(row)
    with replace(checked, report=report, spool=spool, entry=secrets.token_hex(16)) as alone:
        yield alone


def _apart(identity: bytes) -> bytes:
    """An identity that no message of a list has: a test never makes a real row count as sent, whatever its number."""
    return hashlib.blake2b(b"test" + identity, digest_size=len(identity)).digest()
