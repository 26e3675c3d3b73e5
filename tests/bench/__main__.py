"""The bench: measures the program beside its peers and limits, prints a table, and saves the figures as JSON.

``python tests/bench [PART …]``: from a clone, with the extra ``bench`` installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import certificate
import checks
import long_lists
import rates
import starting
import tables
import throughput
from figures import Figure, table
from programs import ProgramFailedError
from setting import Setting, say

PARTS = {part.PART: part.figures for part in (starting, throughput, rates, checks, tables, long_lists)}


def machine(folder: Path) -> dict[str, object]:
    """What it ran on, and how long a write to the disk takes there."""
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = (
            line.partition(":")[2].strip() for line in info.read_text("utf-8").splitlines() if "model name" in line
        )
        model = next(named, model)
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "fsync_ms": round(_fsync_ms(folder), 3),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _fsync_ms(folder: Path, times: int = 50) -> float:
    with (folder / "fsync").open("wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
        return (time.perf_counter() - began) * 1000 / times


def main() -> int:
    """Measure what was asked for; 1 if a part failed or a goal is not met."""
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__.partition("\n")[0])
    names = ", ".join(PARTS)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{names} (default: all of them)")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it works, not how fast it is")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of what is taken in turn (default: 5, quick 2)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="where the figures go (default: bench.json in the folder)"
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where lists and ledgers lie (default: a new one)")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {names}")
    folder = (asked.folder or Path(tempfile.mkdtemp(prefix="batch-sms-bench-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    ran_on = machine(folder)
    setting = Setting(folder, certificate.make(folder), asked.quick, asked.rounds or (2 if asked.quick else 5))
    found: list[Figure] = []
    broken = []
    for name in asked.parts or PARTS:
        try:
            found += PARTS[name](setting)
        except ProgramFailedError as error:
            broken.append(f"{name}: {error}")
    saved = asked.json or folder / "bench.json"
    saved.write_text(
        json.dumps({"machine": ran_on, "quick": asked.quick, "figures": [each.as_dict() for each in found]}, indent=1),
        encoding="utf-8",
    )
    sys.stdout.write(f"{ran_on}\n{table(found)}\n")
    for failure in broken:
        say(f"FAILED {failure}")
    say(f"Saved: {saved}")
    return int(bool(broken) or any(each.met is False for each in found))


if __name__ == "__main__":
    sys.exit(main())
