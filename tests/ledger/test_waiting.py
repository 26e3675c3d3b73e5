"""What waits, by the zones that phones may be in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from batch_sms.ledger import Ledger
from batch_sms.model import Checked, Message, Row

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)
HK, US, RU = ("Asia/Hong_Kong",), ("America/New_York",), ("Europe/Moscow", "Asia/Omsk")


def row(number, country, zones):
    message = Message(f"+{number}", "1", country, "S", "T", "{}", "")
    return Checked(Row(number, ("x",)), message, identity=str(number).encode(), occurrence=1, zones=zones)


@pytest.fixture
def ledger(tmp_path):
    with Ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def enter(ledger, *places, name="r"):
    rows = (row(number, zones[-1][-2:].upper() if zones else "XX", zones) for number, zones in enumerate(places, 2))
    return ledger.enter(name, "l.csv", name, ["n"], rows, now=AT)


def test_rows_are_counted_by_country_and_zones(ledger):
    run = enter(ledger, HK, US, RU, HK, ())
    enter(ledger, HK, name="another")
    assert ledger.waiting_by_country(run, None) == {("NG", HK): 2, ("RK", US): 1, ("SK", RU): 1, ("XX", ()): 1}
    assert ledger.waiting_by_country(run, 2) == {("NG", HK): 1, ("RK", US): 1}
    assert ledger.zones_waiting(run, None) == {HK, US, RU}
    assert ledger.zones_waiting(run, 2) == {HK, US}


def test_those_of_some_zones_are_read_in_the_order_of_the_list(ledger):
    run = enter(ledger, *[HK, US, RU] * 200)
    found = [pending.row for pending in ledger.pending_in(run, None, [RU, HK])]
    assert found == [number for number in range(2, 602) if (number - 2) % 3 != 1]
    assert [pending.row for pending in ledger.pending_in(run, 5, [US])] == [3, 6]
    assert list(ledger.pending_in(run, None, [("Asia/Tokyo",)])) == []


def test_what_is_on_its_way_does_not_wait(ledger):
    run = enter(ledger, HK, HK, US)
    ledger.record(run, list(ledger.pending_in(run, None, [HK]))[:1], [], AT)
    ledger.record(run, list(ledger.pending_in(run, None, [US])), [], AT)
    assert ledger.zones_waiting(run, None) == {HK}
    assert ledger.waiting_by_country(run, None) == {("NG", HK): 1}


def test_reading_them_uses_the_index(ledger):
    run, said = enter(ledger, HK, US), []
    ledger._db.set_trace_callback(said.append)
    list(ledger.pending_in(run, None, [HK]))
    ledger.zones_waiting(run, None)
    ledger._db.set_trace_callback(None)
    for sql in said:
        plan = " ".join(step for *_, step in ledger._query(f"EXPLAIN QUERY PLAN {sql}"))
        assert "INDEX row_waiting" in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan
