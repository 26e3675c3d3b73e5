"""Runs as the ledger has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch_sms.ledger.values import time_of

RUNS = (
    "SELECT run.id, run.name, again, list.id, list.name, fingerprint, headers, created_at, output, finished, api"
    " FROM run JOIN list ON list.id = run.list_id"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the ledger has it, with the list it is sending. ``again`` says that it was asked for with ``--again``."""

    id: int
    name: str
    again: bool
    list_id: int
    list_name: str
    fingerprint: str
    headers: tuple[str, ...]
    created_at: datetime
    output: str
    """Where its result sheet was to be written, ``""`` if nowhere."""
    finished: bool
    """Nothing was left to send, and the result sheet was in its place."""
    api: str
    """The API that it is sent by."""


def run_of(values: tuple[Any, ...]) -> Run:
    """A run from a line of RUNS."""
    run_id, name, again, list_id, list_name, fingerprint, headers, created_at, output, finished, api = values
    names = tuple(json.loads(headers))
    begun = time_of(created_at)
    return Run(run_id, name, bool(again), list_id, list_name, fingerprint, names, begun, output, bool(finished), api)
