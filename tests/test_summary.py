from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch_sms.errors import ListError, ResultError, SettingsError
from batch_sms.model import Action, Outcome, Status
from batch_sms.summary import Summary, failure_as_dict

STOP = Outcome(Action.STOP, "isv.AMOUNT_NOT_ENOUGH", datetime(2026, 3, 1, tzinfo=UTC), "No balance")
ACCEPTED = (Status.ACCEPTED, "OK", "CN")
INVALID = (Status.INVALID, "check.PHONE_INVALID", "")
REJECTED = (Status.REJECTED, "isv.MOBILE_NUMBER_ILLEGAL", "CN")
IN_DOUBT = (Status.IN_DOUBT, "net.READ_TIMEOUT", "HK")
SKIPPED = (Status.SKIPPED, "skip.DUPLICATE", "CN")
LEFT = (Status.NOT_SENT, "run.STOPPED", "CN")
LIMITED = (Status.NOT_SENT, "run.LIMIT", "CN")


def summary(*rows, **fields):
    counts = {row: rows.count(row) for row in rows}
    return Summary("list-1", "list", Path("out.csv"), Path("out.csv"), fields.pop("counts", counts), **fields)


@pytest.mark.parametrize(
    ("rows", "fields", "code"),
    [
        ((ACCEPTED,), {}, 0),
        ((), {}, 0),
        ((ACCEPTED, SKIPPED), {}, 0),
        ((SKIPPED,), {}, 0),
        ((ACCEPTED, LIMITED), {}, 0),
        ((ACCEPTED, INVALID), {}, 1),
        ((ACCEPTED, REJECTED), {}, 1),
        ((ACCEPTED, IN_DOUBT), {}, 1),
        ((INVALID,), {}, 1),
        ((INVALID, LIMITED), {}, 1),
        ((ACCEPTED, LEFT), {}, 3),
        ((LEFT, INVALID), {}, 3),
        ((LEFT, LIMITED), {}, 3),
        ((ACCEPTED,), {"stopped_by": STOP}, 3),
        ((REJECTED,), {"stopped_by": STOP}, 3),
        ((LEFT, INVALID), {"unsent_by": "run.STRICT"}, 2),
    ],
)
def test_the_exit_code_says_how_it_ended(rows, fields, code):
    assert summary(*rows, **fields).exit_code == code


def test_rows_are_summed_by_status_code_and_country():
    found = summary(ACCEPTED, ACCEPTED, IN_DOUBT, INVALID)
    assert found.rows == 4
    assert found.by_status() == {Status.ACCEPTED: 2, Status.IN_DOUBT: 1, Status.INVALID: 1}
    assert found.by_code()[Status.ACCEPTED, "OK"] == 2
    assert found.by_country() == {"CN": {Status.ACCEPTED: 2}, "HK": {Status.IN_DOUBT: 1}}


def test_one_code_in_two_countries_is_one_code():
    assert summary(ACCEPTED, (Status.ACCEPTED, "OK", "HK")).by_code() == {(Status.ACCEPTED, "OK"): 2}


def test_countries_stand_in_order():
    rows = [(Status.ACCEPTED, "OK", country) for country in ("US", "CN", "HK")]
    assert list(summary(*rows).by_country()) == ["CN", "HK", "US"]


def test_a_machine_gets_all_of_it_as_plain_values():
    found = summary(ACCEPTED, ACCEPTED, INVALID, sent_now=2, seconds=0.12345, rate=16.2045, stopped_by=STOP).as_dict()
    assert json.loads(json.dumps(found)) == {
        "run": "list-1",
        "list": "list",
        "output": "out.csv",
        "rows": 3,
        "clock_offset": 0.0,
        "status": {"accepted": 2, "rejected": 0, "in_doubt": 0, "invalid": 1, "skipped": 0, "not_sent": 0},
        "codes": [
            {"status": "accepted", "code": "OK", "rows": 2},
            {"status": "invalid", "code": "check.PHONE_INVALID", "rows": 1},
        ],
        "countries": {"CN": {"accepted": 2}},
        "sent_now": 2,
        "seconds": 0.123,
        "rate": 16.2,
        "stopped_by": {"code": "isv.AMOUNT_NOT_ENOUGH", "message": "No balance"},
        "error": None,
        "exit_code": 3,
    }


def test_a_result_that_could_not_be_written_is_its_error_and_what_is_quoted_from_a_list_is_left_out():
    problem = ResultError("output_not_writable", path="out.csv", reason="full")
    found = summary(ACCEPTED, output_problem=problem).as_dict("zh")
    assert found["error"] == {"code": "output_not_writable", "message": problem.say("zh")}
    error = ListError("row_above_header", path="a.csv", row=1, cell="+85291234567", header=2)
    told = failure_as_dict(SettingsError("campaign_setting", path="c.toml", error=error), "a", "", "en")
    assert (told["run"], told["list"], told["exit_code"]) == (None, "a", 2)
    assert "'…' looks like a phone" in told["error"]["message"]


def test_what_there_is_not_is_null():
    found = Summary("r", "frame", None, None, {}).as_dict()
    assert (found["output"], found["stopped_by"]) == (None, None)
