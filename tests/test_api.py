"""The public API: a campaign from a frame, and its result as a frame."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from batch_sms import BatchSmsError, Campaign, check, result_frame, send
from batch_sms.sandbox import Sandbox


def test_a_frame_goes_in_and_a_frame_comes_back(gateway: Sandbox) -> None:
    people = pd.DataFrame({"phone": ["+85291234567", "12"], "name": ["Chan", "Li"], "age": [41, None]})
    campaign = Campaign(
        list=people, sign="ACME", template="SMS_1", params={"intlmsg": "Hi {name}"}, endpoint=gateway.url, rate=0
    )
    report = check(campaign)
    assert (report.rows, report.sendable, report.invalid) == (2, 1, 1)
    summary = send(campaign)
    assert (summary.exit_code, summary.output) == (1, None)
    rows = result_frame(summary.run)
    assert list(rows["sms_status"]) == ["accepted", "invalid"]
    assert list(rows["name"]) == ["Chan", "Li"]
    assert rows["sms_biz_id"][0] == gateway.accepted[0]["BizId"]


def test_paths_and_rates_may_be_given_in_their_simple_forms(gateway: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("phone\n+85291234567\n")
    campaign = Campaign(
        list=str(tmp_path / "l.csv"), sign="A", template="SMS_1", endpoint=gateway.url, rate="60/s",
        output=str(tmp_path / "o.csv"), ledger=str(tmp_path / "l.db"),
    )  # fmt: skip
    assert send(campaign).exit_code == 0
    assert (tmp_path / "o.csv").exists()


def test_a_person_who_says_no_sends_nothing(gateway: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("phone\n+85291234567\n")
    campaign = Campaign(list=tmp_path / "l.csv", sign="A", template="SMS_1", endpoint=gateway.url)
    with pytest.raises(BatchSmsError):
        send(campaign, confirm=lambda plan: plan.to_send > 1)
    assert not gateway.requests


def test_an_unknown_run_is_said(gateway: Sandbox, nobody_at_home: Path) -> None:
    with pytest.raises(BatchSmsError, match="There is no ledger"):
        result_frame("nope")
