"""A report written to a file: the whole of it or none."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from batch_sms.errors import NoticeError

_LONGEST = 1 << 20


def check_writable(path: Path) -> None:
    """Find out, before anything is sent, whether a report can be written there. Raises NoticeError."""
    _refuse_other(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise NoticeError("report_not_writable", path=path, reason=error.strerror or error) from error
    os.close(handle)
    Path(name).unlink()


def write(path: Path, facts: Mapping[str, object]) -> None:
    """Write the facts as JSON, to a temporary file that is renamed; readable by its owner alone. Raises NoticeError."""
    _refuse_other(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 (mkstemp gives a handle)
                file.write(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        finally:
            with suppress(OSError):
                Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise NoticeError("report_not_writable", path=path, reason=error.strerror or error) from error


def _refuse_other(path: Path) -> None:
    """Only an older report is written over: a slip must not cost a list, a ledger or a device."""
    if path.is_dir():
        raise NoticeError("report_is_folder", path=path)
    if path.exists() and not _is_report(path):
        raise NoticeError("report_is_other", path=path)


def _is_report(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST:
            return False
        text = path.read_text("utf-8")
        return not text.strip() or "exit_code" in json.loads(text)
    except (OSError, ValueError, TypeError):
        return False
