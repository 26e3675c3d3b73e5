"""How our data stands in the ledger's columns, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from batch_sms.ledger.values import code_of, columns_of, stamp_of, state_of, status_of, time_of, to_json
from batch_sms.model import Checked, Message, Problem, Row, Status

MESSAGE = Message("+85261234567", "61234567", "HK", "Sign", "SMS_1", '{"name":"小明"}', "")


def test_a_message_waits_under_an_out_id_of_its_own():
    checked = Checked(Row(7, ("61234567", "小明")), MESSAGE, identity=b"i", occurrence=2)
    assert columns_of(checked, "ab12") == (
        *(7, '["61234567","小明"]', "", b"i", 2, "+85261234567", "61234567", "HK", "Sign", "SMS_1"),
        *('{"name":"小明"}', "ab12-7", "pending", ""),
    )


def test_an_out_id_of_the_list_is_kept():
    message = Message("+1", "1", "US", "", "", "{}", "mine")
    assert columns_of(Checked(Row(2, ()), message), "ab12")[-3] == "mine"


def test_a_message_that_is_held_back_is_skipped_with_its_code():
    checked = Checked(Row(2, ("x",)), MESSAGE, skip="skip.DUPLICATE", identity=b"i", occurrence=1)
    assert columns_of(checked, "ab12")[-2:] == ("skipped", "skip.DUPLICATE")


def test_a_row_with_problems_has_the_first_ones_code():
    problems = (Problem("check.PHONE_INVALID", "手机", {"phone": "1"}), Problem("check.SIGN_MISSING"))
    columns = columns_of(Checked(Row(3, ("x",)), None, problems), "ab12")
    assert columns[3:] == (*(None,) * 9, "invalid", "check.PHONE_INVALID")
    assert [Problem(**problem) for problem in json.loads(columns[2])] == list(problems)


@pytest.mark.parametrize(
    ("state", "code", "left", "status", "shown"),
    [
        ("pending", "", "run.STOPPED", Status.NOT_SENT, "run.STOPPED"),
        ("pending", "Throttling.User", "run.STOPPED", Status.NOT_SENT, "Throttling.User"),
        ("sending", "", "run.STOPPED", Status.IN_DOUBT, "run.CRASHED"),
        ("accepted", "OK", "run.STOPPED", Status.ACCEPTED, "OK"),
        ("rejected", "isv.X", "run.STOPPED", Status.REJECTED, "isv.X"),
        ("in_doubt", "net.READ_TIMEOUT", "run.STOPPED", Status.IN_DOUBT, "net.READ_TIMEOUT"),
        ("invalid", "check.X", "run.STOPPED", Status.INVALID, "check.X"),
        ("skipped", "skip.DUPLICATE", "run.STOPPED", Status.SKIPPED, "skip.DUPLICATE"),
        ("accepted", "", "run.STOPPED", Status.ACCEPTED, ""),
    ],
)
def test_a_state_is_a_status_and_a_code_to_the_outside(state, code, left, status, shown):
    assert (status_of(state), code_of(state, code, left)) == (status, shown)


@pytest.mark.parametrize("status", list(Status))
def test_a_status_goes_to_the_ledger_and_back(status):
    assert status_of(state_of(status)) is status


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2025, 6, 1, 12, 0, 0, 123456, tzinfo=UTC),
        datetime(2025, 6, 1, 12, tzinfo=timezone(timedelta(hours=8))),
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    ],
)
def test_a_moment_goes_to_the_ledger_and_back(moment):
    back = time_of(stamp_of(moment))
    assert back == moment
    assert back.utcoffset() is not None


def test_json_is_compact_and_readable():
    assert to_json(["小明", 'a"b', "😀\n"]) == '["小明","a\\"b","😀\\n"]'
