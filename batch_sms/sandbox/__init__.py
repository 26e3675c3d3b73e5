"""The sandbox: a local gateway that speaks the send APIs and their queries, for try-outs and tests. It sends nothing."""

from __future__ import annotations

from batch_sms.sandbox.answers import Answer, Behaviour
from batch_sms.sandbox.keys import (
    SANDBOX_KEY_ID,
    SANDBOX_KEY_SECRET,
    SANDBOX_STS_KEY_ID,
    SANDBOX_STS_KEY_SECRET,
    SANDBOX_STS_TOKEN,
)
from batch_sms.sandbox.numbers import TEST_NUMBERS, TestNumber
from batch_sms.sandbox.server import Sandbox

__all__ = [
    "SANDBOX_KEY_ID",
    "SANDBOX_KEY_SECRET",
    "SANDBOX_STS_KEY_ID",
    "SANDBOX_STS_KEY_SECRET",
    "SANDBOX_STS_TOKEN",
    "TEST_NUMBERS",
    "Answer",
    "Behaviour",
    "Sandbox",
    "TestNumber",
]
