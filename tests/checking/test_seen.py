from __future__ import annotations

import tracemalloc
from collections import Counter
from contextlib import closing

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
@given(
    st.sampled_from([1, 3, 1000]),
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from([b"1", b"2", b"3"])), max_size=60),
)
def test_it_counts_as_a_plain_table_would_in_memory_and_out_of_it(most, messages):
    counts, rows, phones = Counter(), {}, {}
    with closing(Seen(most)) as seen:
        for row, (phone, text) in enumerate(messages, start=2):
            identity = (b"%d" % phone + text).ljust(16, b"0")
            found = seen.add(f"+861380013800{phone}", identity, row)
            counts[identity] += 1
            assert found == Sighting(counts[identity], rows.get(identity, 0), phones.get(phone, 0))
            rows.setdefault(identity, row)
            phones.setdefault(phone, row)


def memory_of(count):
    """The most bytes that Python's own objects take while so many messages are noted."""
    tracemalloc.start()
    with closing(Seen(100)) as seen:
        for number in range(count):
            seen.add(f"+{8613000000000 + number // 2}", (number // 3).to_bytes(16), number + 2)
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_its_memory_does_not_grow_with_the_list():
    assert memory_of(20_000) < 1.05 * memory_of(2_000)
