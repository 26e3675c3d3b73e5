from __future__ import annotations

from datetime import datetime

import pytest

from batch_sms.sheets.date_formats import SeenDate, date_as_seen, parts_shown

MOMENT = datetime.fromisoformat("2026-03-01 09:05:07")


@pytest.mark.parametrize(
    ("code", "text", "certain"),
    [
        *(
            ("mm/yyyy", "03/2026", True),
            ("m/yy", "3/26", True),
            ('yyyy"年"m"月"', "2026年3月", True),
            ("yyyy", "2026", True),
        ),
        *(
            ("yyyy年m月", "2026年3月", True),
            ("m\\月d\\日", "3月1日", True),
            ("dd.mm.", "01.03.", True),
            ("d", "1", True),
        ),
        *(("[$-409]dd/mm", "01/03", True), ("[$-804]yyyy-mm", "2026-03", True), ("mm/yyyy;@", "03/2026", True)),
        *(("mmm-yy", "Mar-26", False), ("mmmm yyyy", "March 2026", False), ("dddd", "Sunday", False)),
        *(("d-mmm", "1-Mar", False), ("MMM", "Mar", False), ('ddd", "d', "Sun, 1", False)),
        *(
            ("[$-41E]mm/yyyy", "03/2026", False),
            ("[$-?]m\\月d\\日", "3月1日", False),
            ("mm/yyyy h:mm", "03/2026 09:05", True),
        ),
        *(("mmmmm", "mmmmm", False), ("ge.m", "ge.m", False), ("bbbb", None, False)),
    ],
)
def test_a_part_of_a_date_is_as_it_is_seen_or_not_certain(code, text, certain):
    found = date_as_seen(MOMENT, code)
    assert found == (SeenDate(text, certain, whole=False) if text else None)


@pytest.mark.parametrize(
    ("code", "text", "certain"),
    [
        *(("yyyy-mm-dd", "2026-03-01", True), ("d/m/yy", "1/3/26", True), ("dd.mm.yyyy;@", "01.03.2026", True)),
        *(('yyyy"年"m"月"d"日"', "2026年3月1日", True), ("[$-804]yyyy\\-m\\-d", "2026-3-1", True)),
        *(("dd.mm.yyyy hh:mm", "01.03.2026 09:05", True), ("yyyy-mm-dd\\ h:mm:ss", "2026-03-01 09:05:07", True)),
        *(("m/d/yy h:mm AM/PM", None, False), ("dddd, d mmmm yyyy", None, False), ("d-mmm-yy", None, False)),
        *(("[$-F800]dddd, mmmm dd, yyyy", None, False), ("[$-411]ge.m.d", None, False), ("yyyy-mm-dd h", None, False)),
        ("[$-41E]d/m/yyyy", None, False),
    ],
)
def test_a_whole_date_is_as_it_is_seen_or_not_certain(code, text, certain):
    found = date_as_seen(MOMENT, code)
    assert (found.certain, found.whole) == (certain, True)
    assert found.text == text or not certain


@pytest.mark.parametrize(
    "code",
    [
        "h:mm",
        "[h]:mm:ss",
        "mm:ss",
        "h:mm AM/PM",
        'h"时"mm"分"',
        'h"时"mm"分"ss"秒"',
        "hhmm",
        "[mm]:ss",
        "ss.00",
        "0.00",
    ],
)
def test_a_time_alone_is_no_date(code):
    assert date_as_seen(MOMENT, code) is None


@pytest.mark.parametrize(
    ("code", "parts"),
    [("mm/yyyy", "d"), ("yyyy-mm-dd h:mm", "dh"), ("h:mm:ss", "hs"), ('"day "h:mm', "h"), ("[ss]", "s")],
)
def test_the_parts_of_a_format(code, parts):
    assert parts_shown(code) == parts
