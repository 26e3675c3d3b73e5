"""A disk that is full, a ledger that is broken or held: no intent, no message; what was sent is kept."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import OtherSandbox, read_result

from batch_sms.ledger.spare import Spare

resource = pytest.importorskip("resource", reason="Windows has no limits of this kind")
PATIENCE = 60.0
ROWS = 3000


def test_a_full_disk_stops_the_run_and_costs_no_outcome(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    nobody_at_home: Path,
) -> None:
    """Files may not grow past what entering the list needs and a little more: the ledger fails in the middle."""
    path = long_list(ROWS)
    gateway = other_sandbox()
    assert start_send(path, gateway.url, "--limit", 1).wait(PATIENCE) == 0
    ledger = nobody_at_home / "ledger.db"
    entered = max(file.stat().st_size for file in nobody_at_home.glob("ledger.db*") if file.is_file())

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (entered + 100_000, entered + 100_000))

    with sqlite3.connect(ledger) as other:  # who reads keeps the write-ahead log from being emptied
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM row").fetchone()
        process = start_send(path, gateway.url, "--rate", 0, "--workers", 8, preexec_fn=limit)
        out, err = process.communicate(timeout=PATIENCE)
        other.rollback()
    other.close()
    assert process.returncode == 3, (out, err)
    assert "can't be written" in out
    sent = len(gateway.messages())
    assert 0 < sent < ROWS, "it failed in the middle"
    process = start_send(path, gateway.url, "--rate", 0)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, (out, err)
    messages = gateway.messages()
    assert Counter(Counter(message["PhoneNumbers"] for message in messages).values()) == {1: ROWS}
    result = read_result(path.with_name("list.result.csv"))
    assert {row["sms_out_id"]: row["sms_biz_id"] for row in result} == {m["OutId"]: m["BizId"] for m in messages}


def test_a_spare_keeps_outcomes_within_the_room_it_took(tmp_path: Path) -> None:
    from batch_sms.model import Settled, Status  # noqa: PLC0415

    spare = Spare(tmp_path / "run.spare")
    spare.make_room(3)
    size = (tmp_path / "run.spare").stat().st_size
    ends = [Settled(n, Status.ACCEPTED, "OK", f"{n}^0", "好" * 100, "R") for n in range(3)]
    spare.keep(ends)
    assert list(spare.kept()) == ends
    assert (tmp_path / "run.spare").stat().st_size == size
    assert (tmp_path / "run.spare").stat().st_mode & 0o777 == 0o600
    spare.remove()
    assert list(spare.kept()) == []


def test_the_second_process_on_a_run_is_told_who_holds_it(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
) -> None:
    path = long_list(100)
    gateway = other_sandbox()
    first = start_send(path, gateway.url, "--rate", "5/s")
    gateway.until(1, first)
    second = start_send(path, gateway.url, "--rate", 0)
    _, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 4
    assert f"process {first.pid} " in err
    first.send_signal(signal.SIGKILL)
    first.wait(PATIENCE)
    third = start_send(path, gateway.url, "--rate", 0)
    third.communicate(timeout=PATIENCE)
    assert third.returncode in {0, 1}, "the lock died with its process"


def test_two_lists_side_by_side_share_the_ledger_and_their_common_rows(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    csv_list: Callable[..., Path],
) -> None:
    rows = [(f"+8529{n:07d}", "x") for n in range(1_000_000, 1_000_600)]
    one = csv_list(("phone", "name"), *rows[:400], name="one.csv")
    two = csv_list(("phone", "name"), *reversed(rows[200:]), name="two.csv")
    gateway = other_sandbox("--latency", "5ms")
    processes = [start_send(path, gateway.url, "--rate", 0, "--workers", 4) for path in (one, two)]
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, (out, err)
    sent = Counter(message["PhoneNumbers"] for message in gateway.messages())
    assert set(sent.values()) == {1}
    assert len(sent) == len(rows)
    codes = Counter(
        row["sms_code"] for name in ("one", "two") for row in read_result(one.with_name(f"{name}.result.csv"))
    )
    assert codes == {"OK": 600, "skip.ALREADY_SENT": 200}


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 100), "can't be opened"),
        (lambda path: sqlite3.connect(path).execute("PRAGMA user_version = 99").connection.close(), "newer version"),
    ],
)
def test_a_ledger_that_cannot_be_trusted_sends_nothing(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    nobody_at_home: Path,
    spoil: Callable[[Path], object],
    says: str,
) -> None:
    spoil(nobody_at_home / "ledger.db")
    gateway = other_sandbox()
    process = start_send(long_list(5), gateway.url)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert says in err
    assert "Traceback" not in err
    assert not gateway.messages()


@pytest.mark.parametrize("gone", ["folder", "replaced"])
def test_a_result_that_cannot_be_put_in_its_place_is_put_elsewhere(
    other_sandbox: Callable[..., OtherSandbox],
    start_send: Callable[..., subprocess.Popen[str]],
    long_list: Callable[[int], Path],
    tmp_path: Path,
    nobody_at_home: Path,
    gone: str,
) -> None:
    path = long_list(40)
    gateway = other_sandbox()
    folder = tmp_path / "results"
    folder.mkdir()
    process = start_send(path, gateway.url, "--rate", "40/s", "--run", "r", "-o", folder / "out.csv")
    gateway.until(1, process)
    if gone == "folder":
        folder.rmdir()
        expected = nobody_at_home / "r.result.csv"
    else:
        (folder / "out.csv").mkdir()
        expected = folder / "out (2).csv"
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert f"Result: {expected} " in out
    assert len(read_result(expected)) == 40
