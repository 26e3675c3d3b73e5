"""One process holds a run at a time, and its lock dies with it."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from batch_sms.errors import LedgerError, RunHeldError
from batch_sms.ledger.lock import hold, holder

AT = datetime(2025, 6, 1, 12, tzinfo=UTC)

HOLDER = textwrap.dedent("""
    import sys
    from datetime import datetime
    from pathlib import Path
    from batch_sms.ledger.lock import hold, holder
    with hold(Path(sys.argv[1]), sys.argv[2], datetime.now().astimezone()):
        print("held", flush=True)
        sys.stdin.read()
""")


@contextmanager
def other_process(ledger, run):
    """A process that holds a run until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(ledger), run], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger.db"


def test_a_second_process_is_told_who_holds_the_run(ledger):
    with other_process(ledger, "spring") as process:
        with pytest.raises(RunHeldError) as refused, hold(ledger, "spring", AT):
            pytest.fail("held twice")
        assert refused.value.exit_code == 4
        assert refused.value.facts["run"] == "spring"
        assert refused.value.facts["holder"].startswith(f"process {process.pid} on ")
        assert str(process.pid) in str(refused.value)
        process.stdin.close()
        assert process.wait(60) == 0
    with hold(ledger, "spring", AT):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_the_lock_dies_with_a_holder_that_is_killed(ledger):
    with other_process(ledger, "spring") as process:
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    with hold(ledger, "spring", AT):
        pass


def test_a_holder_is_no_hindrance_to_another_run_or_another_ledger(ledger, tmp_path):
    with other_process(ledger, "spring"), hold(ledger, "summer", AT), hold(tmp_path / "sandbox.db", "spring", AT):
        pass


def test_a_run_is_held_once_in_one_process_too(ledger):
    with hold(ledger, "春季 / ../..", AT), pytest.raises(RunHeldError), hold(ledger, "春季 / ../..", AT):
        pytest.fail("held twice")


def test_a_fault_inside_lets_go(ledger):
    with pytest.raises(ValueError, match="ours"), hold(ledger, "spring", AT):
        raise ValueError("ours")
    with hold(ledger, "spring", AT):
        pass


def test_a_refusal_leaves_the_holders_name_in_place(ledger):
    with other_process(ledger, "spring") as process:
        for _ in range(3):
            with pytest.raises(RunHeldError) as refused, hold(ledger, "spring", AT):
                pytest.fail("held twice")
            assert f"process {process.pid} " in refused.value.facts["holder"]


def test_a_later_holder_replaces_the_name(ledger):
    with other_process(ledger, "spring"):
        pass
    with hold(ledger, "spring", AT):
        (file,) = (ledger.parent / "ledger.db.locks").iterdir()
        text = file.read_text()
    assert text.startswith(f"process {os.getpid()} on ")
    assert text.endswith("since 2025-06-01 12:00:00+00:00")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_to_the_ledger_is_the_same_ledger(ledger, tmp_path):
    ledger.touch()
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "mine.db"
    link.symlink_to(ledger)
    with hold(ledger, "spring", AT), pytest.raises(RunHeldError), hold(link, "spring", AT):
        pytest.fail("held twice")


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are another thing there")
def test_locks_are_for_their_owner_alone(ledger):
    with hold(ledger, "spring", AT):
        (file,) = (ledger.parent / "ledger.db.locks").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_folder_that_can_not_be_made_is_a_ledger_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError) as refused, hold(tmp_path / "file" / "ledger.db", "spring", AT):
        pytest.fail("held")
    assert refused.value.key == "ledger_not_opened"


def test_a_look_says_who_holds_a_run_and_takes_it_from_nobody(ledger):
    assert holder(ledger, "spring") == ""
    with other_process(ledger, "spring") as process:
        assert holder(ledger, "spring").startswith(f"process {process.pid} on ")
        process.stdin.close()
        process.wait(60)
    assert holder(ledger, "spring") == ""


def test_a_lock_that_is_free_a_moment_later_is_taken(ledger):
    with other_process(ledger, "spring") as process:

        def sleep(_):
            process.stdin.close()
            process.wait(60)

        with hold(ledger, "spring", AT, sleep):
            pass
