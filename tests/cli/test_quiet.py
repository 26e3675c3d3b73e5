"""What is said with ``--quiet`` too, where nobody sees the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

if TYPE_CHECKING:
    from harness import Said

SEND = ("--sandbox", "--sign", "ACME", "--template", "SMS_1", "--quiet", "--yes", "--dry-run")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("手机,name\n+85291234567,李伟\n".encode("gb18030"), ["gb18030", "李伟", "--encoding"]),
        (b"Members\nphone,name\n+85291234567,Chan\n", ["passed over", "Members"]),
        (b"phone,name\n+85291234567,Chan\n", []),
        ("phone,name\n+85291234567,José\n".encode(), []),
    ],
)
def test_what_was_guessed_of_a_list_is_said(
    batch_sms: Callable[..., Said], tmp_path: Path, content: bytes, says: list[str]
) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    said = batch_sms("send", tmp_path / "list.csv", *SEND)
    assert said.code == 0
    assert all(word in said.err for word in says)
    assert bool(said.err) is bool(says)


def test_rows_that_are_left_out_are_counted(batch_sms: Callable[..., Said], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ("phone", "+85291234567", "+85291234568"):
        book.active.append([row])
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "list.xlsx")
    assert "--hidden send" in batch_sms("send", tmp_path / "list.xlsx", *SEND).err


def test_an_encoding_that_can_not_be_told_sends_nothing(batch_sms: Callable[..., Said], tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes("phone,name\n+4915112345678,Jürgen\n".encode("cp1252"))
    said = batch_sms("send", tmp_path / "list.csv", *SEND)
    assert (said.code, said.out) == (2, "")
    assert "--encoding cp1252: 'Jürgen'" in said.err
