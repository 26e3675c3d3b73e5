"""The ledger's version: an older one is brought up step by step, and keeps what it knows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batch_sms.ledger import Ledger, database, schema

AT = datetime(2026, 1, 2, tzinfo=UTC)


def test_an_older_ledger_is_brought_up_and_keeps_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.enter("r", "list.csv", "f", ["phone"], [], now=AT)
    step = "ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT 'kept'; CREATE INDEX run_note ON run (note)"
    monkeypatch.setattr(database, "STEPS", (*schema.STEPS, step))
    monkeypatch.setattr(database, "VERSION", len(schema.STEPS) + 1)
    for _ in range(2):
        with Ledger(tmp_path / "ledger.db") as ledger:
            assert ledger._query("SELECT name, note FROM run") == [("r", "kept")]
            assert ledger._query("PRAGMA user_version") == [(len(schema.STEPS) + 1,)]


def test_a_step_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger(tmp_path / "ledger.db").close()
    with monkeypatch.context() as broken:
        broken.setattr(database, "STEPS", (*schema.STEPS, "CREATE TABLE extra (id); ALTER TABLE nowhere ADD COLUMN x"))
        broken.setattr(database, "VERSION", len(schema.STEPS) + 1)
        with pytest.raises(database.LedgerError):
            Ledger(tmp_path / "ledger.db")
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger._query("SELECT name FROM sqlite_master WHERE name = 'extra'") == []


def test_a_ledger_of_the_first_version_counts_what_it_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(database, "STEPS", schema.STEPS[:1])
        before.setattr(database, "VERSION", 1)
        with Ledger(tmp_path / "ledger.db") as ledger:
            ledger._db.execute(
                "INSERT INTO list (run_id, name, fingerprint, headers, entered_at) VALUES (1, '', '', '', 0)"
            )
            ledger._db.executemany(
                "INSERT INTO row (list_id, number, cells, problems, state, sent_at) VALUES (1, 2, '', '', ?, ?)",
                [("accepted", 100.5), ("rejected", 109.0), ("sending", 110.0), ("pending", 110.0), ("pending", None)],
            )
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert ledger._query("SELECT slot, count FROM tally") == [(10, 2), (11, 1)]
