"""The ledger's version: an older one is brought up step by step, and keeps what it knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch_sms.ledger import Ledger, book, schema

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_an_older_ledger_is_brought_up_and_keeps_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.enter("r", "list.csv", "f", ["phone"], [], now=AT)
    step = "ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT 'kept'; CREATE INDEX run_note ON run (note)"
    monkeypatch.setattr(book, "STEPS", (*schema.STEPS, step))
    monkeypatch.setattr(book, "VERSION", len(schema.STEPS) + 1)
    for _ in range(2):
        with Ledger(tmp_path / "ledger.db") as ledger:
            assert ledger._query("SELECT name, note FROM run") == [("r", "kept")]
            assert ledger._query("PRAGMA user_version") == [(len(schema.STEPS) + 1,)]


def test_a_step_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(tmp_path / "ledger.db").close()
    with monkeypatch.context() as broken:
        broken.setattr(book, "STEPS", (*schema.STEPS, "CREATE TABLE extra (id); ALTER TABLE nowhere ADD COLUMN x"))
        broken.setattr(book, "VERSION", len(schema.STEPS) + 1)
        with pytest.raises(book.LedgerError):
            Ledger(tmp_path / "ledger.db")
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger._query("SELECT name FROM sqlite_master WHERE name = 'extra'") == []
