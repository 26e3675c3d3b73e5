"""Calls that broke off at a bad moment, and what the same command makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import PATIENCE, OtherSandbox, Said, read_result

from batch_sms.sandbox import Sandbox

Start = Callable[..., subprocess.Popen[str]]
List = Callable[[int], Path]
Run = Callable[..., Said]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--quiet", "--rate", "0")


def test_a_repetition_that_was_killed_is_gone_on_with_and_not_begun_anew(
    other_sandbox: Callable[..., OtherSandbox], start_send: Start, long_list: List
) -> None:
    path = long_list(20)
    gateway = other_sandbox("--latency", "2s")
    assert start_send(path, gateway.url, "--rate", 0, "--run", "r").wait(PATIENCE) == 0
    first = start_send(path, gateway.url, "--rate", 0, "--run", "r", "--again")
    gateway.until(40, first)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=PATIENCE)
    second = start_send(path, gateway.url, "--rate", 0, "--run", "r", "--again")
    second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert len(gateway.messages()) == 40, "all twenty were on their way when it was killed"
    assert {row["sms_code"] for row in read_result(path.with_name("list.result.csv"))} == {"run.CRASHED"}


def test_an_opt_out_given_when_a_run_goes_on_is_heeded(batch_sms: Run, long_list: List, gateway: Sandbox) -> None:
    path = long_list(10)
    command = ("send", path, *SETTINGS, "--endpoint", gateway.url)
    batch_sms(*command, "--limit", 4)
    (path.parent / "stop.txt").write_text("".join(f"+8529100000{n}\n" for n in (1, 7, 8)))
    said = batch_sms(*command, "--opt-outs", path.parent / "stop.txt")
    assert said.code == 0
    codes = [row["sms_code"] for row in read_result(path.with_name("list.result.csv"))]
    assert codes == ["OK"] * 7 + ["skip.OPTED_OUT"] * 2 + ["OK"], "the second was sent before it opted out"
    assert len(gateway.accepted) == 8


def test_a_reader_that_goes_away_costs_neither_messages_nor_the_exit_code(
    other_sandbox: Callable[..., OtherSandbox], start_send: Start, long_list: List
) -> None:
    path = long_list(60)
    gateway = other_sandbox()
    ours, theirs = os.pipe()
    process = start_send(path, gateway.url, "--rate", "60/s", "-v", stderr=theirs, stdout=theirs)
    os.close(theirs)
    gateway.until(1, process)
    os.close(ours)
    assert process.wait(PATIENCE) == 0
    assert {row["sms_status"] for row in read_result(path.with_name("list.result.csv"))} == {"accepted"}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_while_the_result_is_written_waits_for_it(
    batch_sms: Run, long_list: List, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = long_list(5)
    from batch_sms.sheets import results  # noqa: PLC0415

    write = results.write

    def interrupted(*arguments: object) -> Path:
        signal.raise_signal(getattr(signal, name))
        return write(*arguments)

    monkeypatch.setattr("batch_sms.run.results.write", interrupted)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url)
    assert said.code == 0
    assert len(read_result(path.with_name("list.result.csv"))) == 5


def test_two_signals_while_the_result_is_written_give_it_up_and_say_how_to_get_it(
    batch_sms: Run, long_list: List, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = long_list(5)
    from batch_sms.sheets import results  # noqa: PLC0415

    write = results.write

    def interrupted(*arguments: object) -> Path:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        return write(*arguments)

    monkeypatch.setattr("batch_sms.run.results.write", interrupted)
    said = batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", "r")
    assert said.code == 3
    assert "batch-sms result r" in said.out
    monkeypatch.undo()


def test_a_ledger_that_is_deleted_in_the_middle_stops_the_run(
    other_sandbox: Callable[..., OtherSandbox], start_send: Start, long_list: List, nobody_at_home: Path
) -> None:
    path = long_list(400)
    gateway = other_sandbox()
    process = start_send(path, gateway.url, "--rate", "100/s")
    gateway.until(1, process)
    for file in nobody_at_home.glob("ledger.db*"):
        if file.is_file():
            file.unlink()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, (out, err)
    assert "deleted or replaced" in out
    assert len(gateway.messages()) < 200


def test_a_ledger_that_is_spoilt_in_the_middle_is_said_and_is_no_exit_2(
    other_sandbox: Callable[..., OtherSandbox], start_send: Start, long_list: List, nobody_at_home: Path
) -> None:
    path = long_list(3000)
    gateway = other_sandbox()
    process = start_send(path, gateway.url, "--rate", "300/s")
    gateway.until(20, process)
    ledger = nobody_at_home / "ledger.db"
    for file in (ledger, ledger.with_name("ledger.db-wal")):
        if file.exists():
            with file.open("r+b") as spoilt:
                spoilt.seek(4096)
                spoilt.write(os.urandom(max(file.stat().st_size - 8192, 0)))
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    assert process.returncode in {3, 0}, (out, err)
    phones = Counter(message["PhoneNumbers"] for message in gateway.messages())
    assert set(phones.values()) == {1}


def test_an_answer_that_drips_is_given_up(batch_sms: Run, long_list: List, key: None) -> None:
    import socket  # noqa: PLC0415
    import threading  # noqa: PLC0415

    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = threading.Thread(target=drip, args=(server,))
        peer.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        said = batch_sms("send", long_list(1), *SETTINGS, "--endpoint", url, "--read-timeout", 0.5, "--json")
        over.set()
        peer.join(PATIENCE)
    assert said.code == 1
    assert '"in_doubt": 1' in said.out
    assert "net.READ_TIMEOUT" in said.out


def test_rows_held_back_for_a_run_that_then_did_not_send_them_are_sent_by_the_same_command(
    batch_sms: Run, csv_list: Callable[..., Path], gateway: Sandbox, nobody_at_home: Path
) -> None:
    from batch_sms.ledger import Ledger  # noqa: PLC0415
    from batch_sms.model import Settled, Status  # noqa: PLC0415

    one = csv_list(("phone", "name"), ("+85291234567", "x"), ("+85291234568", "x"), name="one.csv")
    two = csv_list(("phone", "name"), ("+85291234567", "x"), name="two.csv")
    command = ("send", two, *SETTINGS, "--endpoint", gateway.url, "--run", "two")
    batch_sms("send", one, *SETTINGS, "--endpoint", gateway.url, "--run", "one", "--limit", 1)
    batch_sms(*command)
    assert read_result(two.with_name("two.result.csv"))[0]["sms_code"] == "skip.ALREADY_SENT"
    with Ledger(nobody_at_home / "ledger.db") as ledger:
        run = ledger.run("one")
        first = next(iter(ledger._query("SELECT id FROM row ORDER BY id LIMIT 1")))[0]
        ledger.record(run, [], [Settled(first, Status.NOT_SENT, "isv.AMOUNT_NOT_ENOUGH")], run.created_at)
    batch_sms(*command)
    assert read_result(two.with_name("two.result.csv"))[0]["sms_code"] == "OK"
