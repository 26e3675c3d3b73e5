"""What a run costs, counted and not timed: writes to the disk and connections by its rows and threads, modules loaded."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from batch_sms import Campaign, send
from batch_sms.ledger import Ledger
from batch_sms.sandbox import Sandbox

ROWS, THREADS = 300, 8


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts commits of intents and outcomes, and connections opened."""
    calls: Counter[str] = Counter()

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            calls[name] += 1
            return real(*args)

        return call

    monkeypatch.setattr(Ledger, "record", counting("commits", Ledger.record))
    monkeypatch.setattr(HTTPConnection, "connect", counting("connections", HTTPConnection.connect))
    return calls


def test_intents_and_outcomes_share_commits_and_connections_are_kept(
    gateway: Sandbox, tmp_path: Path, counted: Counter[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n" + "".join(f"+447400{number:06}\n" for number in range(ROWS)))
    campaign = Campaign(list=path, sign="A", template="SMS_1", endpoint=gateway.url, rate=0, workers=THREADS)
    assert send(campaign).sent_now == ROWS
    # an intent goes out in the commit of an outcome that made room for it; only the first and the last have none beside them
    assert counted["commits"] <= ROWS + THREADS + 1
    assert 1 <= counted["connections"] <= THREADS


def test_a_csv_list_is_checked_without_the_libraries_that_send_or_make_workbooks(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("phone\n+85291234567\n")
    script = (
        "import sys\nfrom batch_sms.cli import cli\n"
        f"cli.main(['check', {str(tmp_path / 'list.csv')!r}], standalone_mode=False)\n"
        "print(sorted({'requests', 'urllib3', 'pandas', 'openpyxl', 'python_calamine', 'pycountry'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.splitlines()[-1] == "[]"
