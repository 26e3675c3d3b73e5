from __future__ import annotations

from contextlib import closing

import pytest

from batch_sms.checking import overflow
from batch_sms.checking.overflow import Overflow
from batch_sms.errors import ListError


def test_it_gives_what_was_put_last_wherever_it_is_kept():
    with closing(Overflow(3)) as table:
        for number in range(10):
            table.put(number % 7, b"%d" % number)
        assert [table.get(key) for key in range(8)] == [b"7", b"8", b"9", b"3", b"4", b"5", b"6", None]


def test_keys_that_share_a_place_in_the_filter_are_told_apart(monkeypatch):
    monkeypatch.setattr(overflow, "_FILTER_BITS", 8)
    with closing(Overflow(2)) as table:
        table.put(1, b"a")
        table.put(2, b"b")
        assert [table.get(key) for key in (1, 9, 2, 10, 3)] == [b"a", None, b"b", None, None]


def test_what_was_never_put_is_not_looked_for_in_the_database():
    with closing(Overflow(1000)) as table:
        for number in range(1000):
            table.put(b"%d" % number, b"")
        asked = []
        table._older.set_trace_callback(asked.append)
        assert [table.get(b"-%d" % number) for number in range(1000)] == [None] * 1000
        assert len(asked) < 10


def test_a_full_disk_is_said(monkeypatch):
    with closing(Overflow(2)) as table:
        table.put(1, b"a")
        table.put(2, b"b")
        table._older.execute("PRAGMA max_page_count = 2")
        table.put(3, b"c")
        with pytest.raises(ListError) as error:
            table.put(4, b"d" * 10_000)
    assert error.value.key == "temp_full"
