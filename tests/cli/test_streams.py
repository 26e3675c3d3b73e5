"""A process that is started without standard output or standard error, as by some schedulers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import read_result

LOOK = "import os, sys; from batch_sms.cli import main; sys.argv = ['batch-sms', *sys.argv[1:]]; main()"


def started(arguments: list[str], *closed: int) -> subprocess.CompletedProcess[str]:
    def close() -> None:
        for number in closed:
            os.close(number)

    return subprocess.run(
        [sys.executable, "-c", LOOK, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=close,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no such numbers there")
@pytest.mark.parametrize("closed", [(2,), (1,), (1, 2), (0, 1, 2)])
def test_a_closed_stream_costs_nothing(csv_list: Callable[..., Path], closed: tuple[int, ...]) -> None:
    path = csv_list(("phone", "name"), ("+85291234567", "Chan"), ("12", "Li"))
    output = path.with_name("out.csv")
    said = started(["check", str(path), "-o", str(output)], *closed)
    assert said.returncode == 1
    assert [row["sms_status"] for row in read_result(output)] == ["not_sent", "invalid"]
    assert ("rows: 2" in said.stdout) == (1 not in closed)
