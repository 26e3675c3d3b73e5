from __future__ import annotations

from itertools import cycle, islice

import pytest

from batch_sms.checking.spool import Spool
from batch_sms.model import Checked, Flaw, Message, Problem, Row

MESSAGE = Message("+8613800138000", "13800138000", "CN", "示例", "SMS_1", "{}", "id-1")
FAULT = Problem("check.CELLS", "x", {"a": "b"})
KINDS = (
    Checked(Row(0, ("a", "中")), MESSAGE, identity=b"i" * 16, occurrence=1, segments=2),
    Checked(Row(0, ("a", "\ud800"), (Flaw("check.FORMULA", 1, {"cell": "#"}),)), None, (FAULT, FAULT)),
    Checked(Row(0, ()), MESSAGE, (Problem("skip.DUPLICATE"),), "skip.DUPLICATE", b"i" * 16, 3),
    Checked(Row(0, ("",)), MESSAGE, identity=b"i" * 16, occurrence=1, warnings=(FAULT,)),
)


def rows(count):
    return [kind._replace(row=kind.row._replace(number=n)) for n, kind in zip(range(count), cycle(KINDS), strict=False)]


@pytest.fixture
def spool():
    spool = Spool()
    yield spool
    spool.close()


def filled(spool, some):
    for row in some:
        spool.append(row)
    return spool


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_rows_come_back_as_they_went_in(spool, count):
    assert list(filled(spool, rows(count))) == rows(count)


def test_it_can_be_read_again_and_again(spool):
    filled(spool, rows(1500))
    assert list(spool) == list(spool) == rows(1500)


def test_a_reader_that_stops_halfway_leaves_all_rows_to_the_next(spool):
    filled(spool, rows(2500))
    assert len(list(islice(spool, 3))) == 3
    assert list(spool) == rows(2500)


def test_two_readers_at_once_each_get_all_rows(spool):
    filled(spool, rows(2500))
    assert list(zip(spool, spool, strict=True)) == [(row, row) for row in rows(2500)]


def test_rows_that_come_after_a_reading_stand_behind_the_others(spool):
    filled(spool, rows(1200))
    next(iter(spool))
    filled(spool, rows(1300)[1200:])
    assert list(spool) == rows(1300)
