from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from batch_sms.checking.seen import Seen, Sighting

PHONE, OTHER = "+8613800138000", "+85291234567"
A, B = b"a" * 16, b"b" * 16


def test_the_first_of_everything_repeats_nothing():
    seen = Seen()
    assert seen.add(PHONE, A, 2) == seen.add(OTHER, B, 3) == Sighting(1, 0, 0)


def test_a_repetition_names_the_first_row():
    seen = Seen()
    found = [seen.add(PHONE, A, row) for row in (2, 7, 900_000)]
    assert found == [Sighting(1, 0, 0), Sighting(2, 2, 2), Sighting(3, 2, 2)]


def test_another_message_of_the_same_phone_names_the_first_row_of_the_phone():
    seen = Seen()
    seen.add(PHONE, A, 2)
    assert [seen.add(PHONE, B, row) for row in (3, 4)] == [Sighting(1, 0, 2), Sighting(2, 3, 2)]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from([PHONE, OTHER]), st.sampled_from([b"1", b"2", b"3"])), max_size=30))
def test_it_counts_as_a_plain_table_would(messages):
    seen, counts, rows, phones = Seen(), Counter(), {}, {}
    for row, (phone, text) in enumerate(messages, start=2):
        identity = (phone.encode() + text).ljust(16, b"0")[:16]
        found = seen.add(phone, identity, row)
        counts[identity] += 1
        assert found == Sighting(counts[identity], rows.get(identity, 0), phones.get(phone, 0))
        rows.setdefault(identity, row)
        phones.setdefault(phone, row)
