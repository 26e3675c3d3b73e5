"""Send SMS to many countries from a spreadsheet: never twice, never lost, nothing before the check, in plain words.

from batch_sms import Campaign, check, send

summary = send(Campaign(list="customers.csv", sign="ACME", template="SMS_0000002"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batch_sms.campaign import Campaign
    from batch_sms.errors import BatchSmsError
    from batch_sms.history import result_frame
    from batch_sms.run import check, send
    from batch_sms.summary import Summary

__all__ = ["BatchSmsError", "Campaign", "Summary", "check", "result_frame", "send"]

_HOME = {
    "BatchSmsError": "batch_sms.errors",
    "Campaign": "batch_sms.campaign",
    "Summary": "batch_sms.summary",
    "check": "batch_sms.run",
    "result_frame": "batch_sms.history",
    "send": "batch_sms.run",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that ``batch-sms --help`` answers at once."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 (as above)

        return version("batch-sms")
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(_HOME[name]), name)
