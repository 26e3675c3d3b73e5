"""What there is on this machine: versions, the access key, the ledger and its locks."""

from __future__ import annotations

import platform
import shutil
import ssl
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from batch_sms.doctor.findings import Finding, fault, ok, warning
from batch_sms.errors import CredentialsError, LedgerError, RunHeldError
from batch_sms.gateway.credentials import Credentials
from batch_sms.ledger.health import examine
from batch_sms.ledger.lock import hold

_LIBRARIES = ("requests", "urllib3", "certifi", "phonenumbers", "pycountry", "pandas", "openpyxl", "python-calamine")
_TEMPORARY = "STS."
_SHOWN = 4
_LONG_ENOUGH = 12
_MEGABYTE = 1 << 20
_LITTLE_ROOM = 100 * _MEGABYTE
_LOCK = "batch-sms doctor"


def versions() -> Finding:
    """What this runs on."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return ok(
        "versions",
        "versions",
        program=version("batch-sms"),
        python=platform.python_version(),
        system=platform.system(),
        tls=ssl.OPENSSL_VERSION,
        libraries=libraries,
    )


def key(found: Credentials | CredentialsError) -> Iterator[Finding]:
    """The access key: of which kind it is and where it comes from; never more of it than its ends."""
    if isinstance(found, CredentialsError):
        yield fault("key", "problem", problem=found)
        return
    facts = {"key_id": shortened_key(found.key_id), "source": found.source}
    if found.key_id.startswith(_TEMPORARY) and not found.token:
        yield fault("key", "key_without_token", **facts)
    else:
        yield ok("key", "key_temporary" if found.token else "key_permanent", **facts)
    with suppress(OSError):
        if sys.platform != "win32" and Path(found.source).stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield warning("key", "key_open", source=found.source)


def shortened_key(key_id: str) -> str:
    """The ends of a key's id, by which its owner knows it."""
    if len(key_id) < _LONG_ENOUGH:
        return f"{key_id[:2]}…"
    return f"{key_id[:_SHOWN]}…{key_id[-_SHOWN:]}"


def ledger(path: Path, now: datetime) -> Iterator[Finding]:
    """Whether the ledger is whole and can be written, and runs can be locked; one that is not there is not made."""
    yield from _room(path)
    if not path.exists():
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        try:
            tempfile.TemporaryFile(dir=folder).close()  # a disk that can only be read gives leave to write all the same
        except OSError:
            yield fault("ledger", "ledger_nowhere", path=path)
        else:
            yield ok("ledger", "ledger_none", path=path)
        return
    try:
        health = examine(path)
    except LedgerError as error:
        yield fault("ledger", "problem", problem=error)
        return
    facts = {"path": path, "runs": health.runs, "size": f"{health.bytes / _MEGABYTE:.1f}"}
    if health.damage:
        yield fault("ledger", "ledger_damaged", path=path, reason=health.damage)
    else:
        yield ok("ledger", "ledger_whole", **facts)
    yield _lock(path, now)


def _room(path: Path) -> Iterator[Finding]:
    with suppress(OSError, StopIteration):
        free = shutil.disk_usage(next(parent for parent in path.absolute().parents if parent.exists())).free
        if free < _LITTLE_ROOM:
            yield warning("ledger", "little_room", path=path, free=free // _MEGABYTE)


def _lock(path: Path, now: datetime) -> Finding:
    try:
        with hold(path, _LOCK, now) as lock:
            pass
        with suppress(OSError):
            lock.unlink()
    except RunHeldError:  # another doctor, at this very moment
        return ok("lock", "lock_works", path=path)
    except LedgerError as error:
        return fault("lock", "problem", problem=error)
    return ok("lock", "lock_works", path=path)
