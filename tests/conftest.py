"""What most tests need: a sandbox, a home without anybody's keys, and the command line as a function."""

from __future__ import annotations

import csv
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Said
from hypothesis import settings

from batch_sms.cli import main
from batch_sms.sandbox import SANDBOX_KEY_ID, SANDBOX_KEY_SECRET, Sandbox

settings.register_profile("by hand", deadline=None)
settings.register_profile("gate", derandomize=True, deadline=None)
# the gate tries the same examples each time; new ones are found by who runs the tests by hand
settings.load_profile("gate" if os.environ.get("CI") else "by hand")


@pytest.fixture(autouse=True, scope="session")
def nothing_ignored() -> None:
    """Signals as a terminal has them: a suite that runs in the background ignores some, and so would what it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def nobody_at_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a data folder and an environment that hold nothing of the person who runs the tests."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(home))
    for variable in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "ALIBABA_CLOUD_CREDENTIALS_FILE"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv("BATCH_SMS_LEDGER", str(home / "ledger.db"))
    return home


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's key in the environment."""
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", SANDBOX_KEY_ID)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", SANDBOX_KEY_SECRET)


@pytest.fixture
def gateway(key: None) -> Iterator[Sandbox]:
    """A sandbox that listens, with its key in the environment."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def batch_sms(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """``batch-sms`` as a function of its arguments."""

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["batch-sms", *map(str, arguments)])
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        with pytest.raises(SystemExit) as left:
            main()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        out, err = capsys.readouterr()
        return Said(int(str(left.value.code)), out, err)

    return run


@pytest.fixture
def csv_list(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV list: a header and rows, as sequences of cells."""

    def write(*rows: tuple[str, ...], name: str = "list.csv") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return write
