"""``runs`` and ``result``: what was sent when, from the ledger alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Said, read_result

from batch_sms.sandbox import Sandbox

if TYPE_CHECKING:
    import pytest

Run = Callable[..., Said]
Write = Callable[..., Path]
SETTINGS = ("--sign", "ACME", "--template", "SMS_1", "--yes", "--rate", "0")


def test_every_run_is_shown_with_its_counts(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    for name in ("one", "two"):
        path = csv_list(("phone", "name"), ("+85291234567", name), ("12", name), name=f"{name}.csv")
        batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", f"{name}-run")
    said = batch_sms("runs")
    assert said.code == 0
    assert [line.split()[1:] for line in said.out.splitlines()] == [
        ["one-run", "one.csv:", "1", "accepted,", "1", "invalid"],
        ["two-run", "two.csv:", "1", "accepted,", "1", "invalid"],
    ]
    facts = [json.loads(line) for line in batch_sms("runs", "--json").out.splitlines()]
    assert [(fact["run"], fact["status"]["accepted"], fact["status"]["not_sent"]) for fact in facts] == [
        ("one-run", 1, 0),
        ("two-run", 1, 0),
    ]


def test_a_result_is_written_again_when_the_list_is_gone(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(("phone", "name"), ("+85291234567", "Chan"))
    batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", "r")
    written = path.with_name("list.result.csv")
    before = written.read_bytes()
    path.unlink()
    written.unlink()
    said = batch_sms("result", "r")
    assert (said.code, said.out.strip()) == (0, f"Result: {written}")
    assert said.err.endswith(" list.csv: writing the result\n")
    assert written.read_bytes() == before
    assert batch_sms("result", "r", "-o", path.with_name("x.xlsx")).code == 0
    assert path.with_name("x.xlsx").exists()
    assert read_result(written)[0]["phone"] == "+85291234567"


def test_the_advice_is_written_in_the_language_asked_for_now(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(("phone", "name"), ("12", "Chan"))
    batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--country", "HK", "--run", "r")
    batch_sms("result", "r", "--lang", "zh")
    assert "不是 HK 的有效号码" in read_result(path.with_name("list.result.csv"))[0]["sms_message"]


def test_refusals(batch_sms: Run, csv_list: Write, gateway: Sandbox, nobody_at_home: Path) -> None:
    said = batch_sms("runs")
    assert (said.code, list(nobody_at_home.iterdir())) == (2, []), "a look makes no ledger"
    assert "There is no ledger" in said.err
    batch_sms("send", csv_list(("phone",), ("+85291234567",)), *SETTINGS, "--endpoint", gateway.url, "--run", "r")
    said = batch_sms("result", "other")
    assert said.code == 2
    assert "The latest are: r." in said.err
    assert batch_sms("result", "r", "-o", "x.doc").code == 2
    assert batch_sms("result", "r", "-o", "/no/such/folder/x.csv").code == 0, "it is put beside the ledger"
    assert (nobody_at_home / "r.result.csv").exists()


def test_watching_prints_what_has_changed_where_there_is_no_terminal(
    batch_sms: Run, csv_list: Write, gateway: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_list(("phone", "name"), ("+85291234567", "Chan"))
    batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", "r")
    once = batch_sms("runs").out
    looks = iter(range(3))

    def sleep(_: object, seconds: float) -> None:
        if next(looks, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr("batch_sms.clock.RealClock.sleep", sleep)
    said = batch_sms("runs", "--watch")
    assert (said.code, said.out) == (0, once)


def test_a_result_written_again_leaves_alone_what_is_none(batch_sms: Run, csv_list: Write, gateway: Sandbox) -> None:
    path = csv_list(("phone",), ("+85291234567",))
    other = path.with_name("other.csv")
    other.write_text("phone\n+85291234568\n")
    batch_sms("send", path, *SETTINGS, "--endpoint", gateway.url, "--run", "r")
    said = batch_sms("result", "r", "-o", other)
    assert (said.code, said.out.strip()) == (0, f"Result: {other.with_name('other (2).csv')}")
    assert other.read_text() == "phone\n+85291234568\n"
