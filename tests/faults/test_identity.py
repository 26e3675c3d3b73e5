"""What a run is, and what a message is in it (design, section 3.4), as a table of two calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Said, read_result

from batch_sms.sandbox import Sandbox

HEADER = ("phone", "country", "name")
A, B, C = ("91234567", "HK", "Chan"), ("81234567", "SG", "Tan"), ("0412345678", "AU", "Ana")
A_TOO = ("+852 9123 4567", "", "Chan")
A_OTHER_WORDS = ("91234567", "HK", "Chan!")
BAD = ("12", "HK", "Bad")
REJECTED = ("2025550111", "US", "R")
DOUBT = ("2025550123", "US", "D")

CASES = [
    # first list, options of both, second list, further options of the second: codes of the second result, sent in all
    ("the same list again", [A, B], [], [A, B], [], ["OK", "OK"], 2),
    ("sorted anew", [A, B], ["--run", "r"], [B, A], [], ["OK", "OK"], 2),
    ("saved in another form", [A, B], ["--run", "r"], [A_TOO, B], [], ["OK", "OK"], 2),
    ("a row corrected", [A, BAD], ["--run", "r"], [A, B], [], ["OK", "OK"], 2),
    ("a row added", [A], ["--run", "r"], [A, B], [], ["OK", "OK"], 2),
    ("a row taken out", [A, B], ["--run", "r"], [B], [], ["OK"], 2),
    ("other words to the same phone", [A], ["--run", "r"], [A_OTHER_WORDS], [], ["OK"], 2),
    ("a row twice in one list", [A, A], [], [A, A], [], ["OK", "skip.DUPLICATE"], 1),
    ("a row twice, both wanted", [A, A], ["--duplicates", "send"], [A, A], [], ["OK", "OK"], 2),
    ("a third of two that were wanted", [A, A], ["--duplicates", "send", "--run", "r"], [A, A, A], [], ["OK"] * 3, 3),
    ("another list without --run", [A], [], [A, B], [], ["skip.ALREADY_SENT", "OK"], 2),
    ("another list with --again", [A], [], [A, B], ["--again"], ["OK", "OK"], 3),
    ("the same list with --again", [A, B], [], [A, B], ["--again"], ["OK", "OK"], 4),
    ("rejected stays rejected", [A, REJECTED], [], [A, REJECTED], [], ["OK", "isv.MOBILE_NUMBER_ILLEGAL"], 2),
    ("rejected, tried again", [REJECTED], [], [REJECTED], ["--retry-rejected"], ["isv.MOBILE_NUMBER_ILLEGAL"], 2),
    ("in doubt stays in doubt", [A, DOUBT], [], [A, DOUBT], [], ["OK", "ServiceUnavailable"], 2),
    ("in doubt in another run", [DOUBT], [], [DOUBT, A], [], ["skip.ALREADY_SENT", "OK"], 2),
    ("in doubt, sent again knowingly", [DOUBT], [], [DOUBT], ["--resend-in-doubt"], ["ServiceUnavailable"], 2),
    ("rejected in another run", [REJECTED], [], [REJECTED, A], [], ["isv.MOBILE_NUMBER_ILLEGAL", "OK"], 3),
    ("another signature", [A], [], [A], ["--sign", "OTHER"], ["OK"], 2),
]


@pytest.mark.parametrize(
    ("first", "options", "second", "more", "codes", "sent"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_the_second_call_sends(
    *,
    batch_sms: Callable[..., Said],
    csv_list: Callable[..., Path],
    gateway: Sandbox,
    first: list[tuple[str, ...]],
    options: list[str],
    second: list[tuple[str, ...]],
    more: list[str],
    codes: list[str],
    sent: int,
) -> None:
    settings = ["--sign", "ACME", "--template", "SMS_1", "--endpoint", gateway.url, "--yes", "--rate", "0", *options]
    batch_sms("send", csv_list(HEADER, *first), *settings)
    path = csv_list(HEADER, *second)
    said = batch_sms("send", path, *settings, *more)
    assert [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))] == codes, said
    assert sum(gateway.requests.values()) == sent
