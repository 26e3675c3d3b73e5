"""What a listing proves depends on when it was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import SkippingClock

from batch_sms.gateway.answers import Answer
from batch_sms.ledger.deliveries import Deliveries
from batch_sms.model import Checked, Message, Row, Settled, Status
from batch_sms.reconciling import Finding, Reconciliation
from batch_sms.signals import Stopper

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
PHONE = "+85291234567"
NOTHING = json.dumps({"Code": "OK", "TotalCount": 0, "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}}).encode()


class SlowGateway:
    """Has no message, and takes half an hour to say so."""

    def __init__(self, clock: SkippingClock) -> None:
        self._clock = clock

    def call(self, action: str, version: str, parameters: Mapping[str, str]) -> Answer:
        self._clock.skip(1800)
        return Answer(200, NOTHING)


@pytest.mark.parametrize(("minutes", "finding"), [(9, Finding.TOO_EARLY), (11, Finding.NOT_FOUND)])
def test_the_moment_of_the_question_counts_and_not_that_of_the_answer(
    tmp_path: Path, minutes: int, finding: Finding
) -> None:
    clock = SkippingClock(AT + timedelta(minutes=minutes))
    row = Checked(
        Row(2, ("x",)), Message(PHONE, "91234567", "HK", "S", "T", "{}", "o"), identity=b"i" * 16, occurrence=1
    )
    with Deliveries(tmp_path / "ledger.db") as ledger:
        run = ledger.enter("spring", "list.csv", "f", ["n"], [row], now=AT)
        (pending,) = ledger.pending(run)
        ledger.record(run, [pending], [], AT)
        ledger.record(run, [], [Settled(pending.id, Status.IN_DOUBT)], AT)
        reconciliation = Reconciliation(
            ledger,
            {run.api: SlowGateway(clock)},
            clock,
            Stopper(),
            1000.0,
            timedelta(minutes=10),
            lambda _: nullcontext(lambda: None),
        )
        done = reconciliation.settle_all(run)
    assert {found for found, count in done.findings.items() if count} == {finding}
