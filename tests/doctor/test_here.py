"""What the doctor finds on this machine: key, ledger, locks."""

from __future__ import annotations

import errno
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from batch_sms.doctor import here
from batch_sms.errors import CredentialsError
from batch_sms.gateway.credentials import Credentials, Secret
from batch_sms.ledger import Ledger
from batch_sms.ledger.schema import VERSION

AT = datetime(2026, 1, 2, tzinfo=UTC)


def said(findings):
    return [(finding.topic, finding.health.value, finding.key) for finding in findings]


def credentials(key_id="LTAI5tExampleOfAKey1", token="", source="ALIBABA_CLOUD_ACCESS_KEY_ID"):
    return Credentials(key_id, Secret("the-secret"), Secret(token), source)


@pytest.mark.parametrize(
    ("key_id", "shown"),
    [("LTAI5tExampleOfAKey1", "LTAI…Key1"), ("STS.NUxyz123456", "STS.…3456"), ("short", "sh…"), ("", "…")],
)
def test_only_the_ends_of_a_key_are_shown(key_id, shown):
    assert here.shortened_key(key_id) == shown


@pytest.mark.parametrize(
    ("found", "health", "key"),
    [
        (credentials(), "ok", "key_permanent"),
        (credentials("STS.NUxyz123456", "token"), "ok", "key_temporary"),
        (credentials("STS.NUxyz123456"), "fault", "key_without_token"),
        (CredentialsError("no_credentials"), "fault", "problem"),
    ],
)
def test_the_key(found, health, key):
    assert said(here.key(found)) == [("key", health, key)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_neither_secret_nor_token_nor_the_whole_id_is_said(lang):
    spoken = " ".join(finding.say(lang) for finding in here.key(credentials(token="the-token")))
    assert "LTAI…Key1" in spoken
    assert not [word for word in ("the-secret", "the-token", "5tExample") if word in spoken]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")
@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_credentials_file_that_others_can_read(tmp_path, mode, told):
    path = tmp_path / "credentials.ini"
    path.write_text("x")
    path.chmod(mode)
    found = said(here.key(credentials(source=str(path))))
    assert (("key", "warning", "key_open") in found) == told


def test_a_ledger_that_is_not_there_is_not_made(tmp_path):
    path = tmp_path / "new" / "ledger.db"
    assert said(here.ledger(path, AT)) == [("ledger", "ok", "ledger_none")]
    assert not path.parent.exists()


def test_a_ledger_that_can_not_be_made(tmp_path):
    (tmp_path / "file").write_text("x")
    assert said(here.ledger(tmp_path / "file" / "ledger.db", AT)) == [("ledger", "fault", "ledger_nowhere")]


def test_a_ledger_on_a_disk_that_can_only_be_read(tmp_path, monkeypatch):
    def refused(**_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    assert said(here.ledger(tmp_path / "ledger.db", AT)) == [("ledger", "fault", "ledger_nowhere")]


def test_a_whole_ledger_stays_as_it_was(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        ledger.enter("r", "list.csv", "f", ["phone"], [], now=AT)
    before = path.read_bytes()
    found = list(here.ledger(path, AT))
    assert said(found) == [("ledger", "ok", "ledger_whole"), ("lock", "ok", "lock_works")]
    assert found[0].facts["runs"] == 1
    assert path.read_bytes() == before
    assert list(path.with_name("ledger.db.locks").iterdir()) == []


def test_a_ledger_that_is_being_written_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("batch_sms.ledger.health._PATIENCE", 0.1)
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger, ledger._transaction():
        assert said(here.ledger(path, AT))[0] == ("ledger", "ok", "ledger_whole")


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda path: path.write_bytes(b"not a database at all" * 100), "ledger_not_read"),
        (lambda path: path.write_bytes(b""), None),
        (lambda path: _execute(path, f"PRAGMA user_version = {VERSION + 1}"), "ledger_newer"),
        (lambda path: _execute(path, "DROP TABLE run"), "ledger_not_read"),
    ],
)
def test_a_ledger_that_can_not_be_used(tmp_path, spoil, key):
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    spoil(path)
    found = list(here.ledger(path, AT))
    if key is None:
        assert found[0].health.value == "ok"
        return
    assert said(found) == [("ledger", "fault", "problem")]
    assert found[0].facts["problem"].key == key


def test_a_damaged_ledger(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger(path) as ledger:
        ledger.enter("r", "list.csv", "f", ["phone"], [], now=AT)
    _execute(path, "PRAGMA writable_schema = ON", "UPDATE sqlite_master SET rootpage = 3 WHERE name = 'row_of_list'")
    found = list(here.ledger(path, AT))
    assert said(found)[0] == ("ledger", "fault", "ledger_damaged")


def test_little_room(tmp_path, monkeypatch):
    monkeypatch.setattr("batch_sms.doctor.here._LITTLE_ROOM", 1 << 62)
    assert said(here.ledger(tmp_path / "ledger.db", AT))[0] == ("ledger", "warning", "little_room")


def test_versions_name_what_the_support_will_ask_for():
    spoken = here.versions().say("en")
    assert all(name in spoken for name in ("batch-sms", "Python", "phonenumbers", "requests", "SSL"))


def _execute(path, *statements):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)
