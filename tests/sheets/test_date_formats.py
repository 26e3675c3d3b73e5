from __future__ import annotations

from datetime import date

import pytest

from batch_sms.sheets.date_formats import part_of_date, parts_shown

DAY = date(2026, 3, 1)


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
            ("mm/yyyy h:mm", "mm/yyyy h:mm", False),
        ),
        *(("mmmmm", "mmmmm", False), ("ge.m", "ge.m", False), ("bbbb", None, False)),
    ],
)
def test_a_part_of_a_date_is_as_it_is_seen_or_not_certain(code, text, certain):
    part = part_of_date(DAY, code)
    assert (part.text, part.certain) == (text, certain) if text else part is None


@pytest.mark.parametrize(
    "code",
    [
        *("yyyy-mm-dd", "d/m/yy", 'yyyy"年"m"月"d"日"', "dd.mm.yyyy hh:mm", "yyyy-mm-dd h:mm:ss", "m/d/yy h:mm AM/PM"),
        *("dddd, d mmmm yyyy", 'dddd", "d mmmm yyyy', "[$-F800]dddd, mmmm dd, yyyy", "[$-411]ge.m.d", "d-mmm-yy"),
        *("h:mm", "[h]:mm:ss", "mm:ss", "h:mm AM/PM", 'h"时"mm"分"', 'h"时"mm"分"ss"秒"', "hhmm", "[mm]:ss", "ss.00"),
    ],
)
def test_a_whole_date_or_none_at_all_is_no_part_of_one(code):
    assert part_of_date(DAY, code) is None


@pytest.mark.parametrize(
    ("code", "parts"),
    [("mm/yyyy", "d"), ("yyyy-mm-dd h:mm", "dh"), ("h:mm:ss", "hs"), ('"day "h:mm', "h"), ("[ss]", "s")],
)
def test_the_parts_of_a_format(code, parts):
    assert parts_shown(code) == parts
