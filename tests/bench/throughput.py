"""Messages a second without a limit, the ledger on: beside bare loops, and the official SDKs in pools of threads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from figures import Figure, Goal, compared, cores_at_the_end
from lists import write_csv
from programs import module, ran, send
from servers import Server, most_by_wrk, quickest
from setting import THREADS, Setting, say

PART = "throughput"
_OURS = "batch-sms"
_ONE = "batch-sms --processes 1"
_TWO = "batch-sms --processes 2"
_SIDE_BY_SIDE = "two runs at once"
_SDKS = {
    "aliyun-python-sdk-core": "aliyunsdkcore",
    "alibabacloud-dysmsapi20170525": "alibabacloud_dysmsapi20170525",
}
_LIMITS = ("urllib3", "bare socket")
_UNIT, _COST = "messages/s", "us of processor"
_CORES = 2
_SHARED = len(os.sched_getaffinity(0)) <= _CORES if sys.platform == "linux" else False
"""Whether two sender processes have no cores that are free of the server."""


def figures(setting: Setting) -> Iterator[Figure]:
    """Alternate the programs, round after round, against one server."""
    with quickest(setting.identity, setting.folder) as server:
        sdks = [name for name, package in _SDKS.items() if find_spec(package)]
        taken = _taken(setting, server, sdks)
        wrk = most_by_wrk(server, setting.folder, setting.of(5, 2))
    rates = {name: [one.rate for one in several] for name, several in taken.items()}
    costs = {name: [one.cost for one in several] for name, several in taken.items()}
    ours, note = rates[_OURS], f"{server.kind}; {THREADS} threads"
    if wrk is not None:
        yield Figure(PART, f"wrk, of {server.kind}", wrk, "requests/s", note=note)
    session = rates["requests.Session"]
    yield compared(PART, _OURS, _UNIT, ours, "requests.Session", session, Goal(least=0.9, of_ratio=True), note)
    if sdks:
        better = [max(several) for several in zip(*(rates[name] for name in sdks), strict=True)]
        yield compared(PART, _OURS, _UNIT, ours, "the better SDK", better, Goal(least=1.3, of_ratio=True), note)
    for peer in (*sdks, *_LIMITS):
        yield compared(PART, _OURS, _UNIT, ours, peer, rates[peer], note=note)
    yield from _of_processes(taken, f"{server.kind}; threads as by default")
    for peer in (*sdks, "requests.Session"):
        yield compared(PART, f"{_OURS}, check to result", _COST, costs[_OURS], peer, costs[peer], note=note)


def _of_processes(taken: Mapping[str, Sequence[Taken]], note: str) -> Iterator[Figure]:
    """Where there are no more than two cores, also with the server's part of them given back; the goal is for what was measured."""
    (one, one_costs), (two, two_costs), (beside, _) = (
        ([turn.rate for turn in taken[name]], [turn.cost for turn in taken[name]])
        for name in (_ONE, _TWO, _SIDE_BY_SIDE)
    )
    yield compared(PART, _TWO, _UNIT, two, _ONE, one, Goal(least=1.7, of_ratio=True), note)
    if _SHARED:
        alone = [turn.rate_alone for turn in taken[_TWO]]
        yield compared(PART, f"{_TWO}, the server's part of two cores given back", _UNIT, alone, _ONE, one, note=note)
    yield compared(PART, _TWO, _UNIT, two, _SIDE_BY_SIDE, beside, note=note)
    yield compared(PART, f"{_SIDE_BY_SIDE}, each with a ledger", _UNIT, beside, _ONE, one, note=note)
    yield compared(PART, f"{_TWO}, check to result", _COST, two_costs, _ONE, one_costs, note=note)


@dataclass(frozen=True)
class Taken:
    """One turn: messages a second, and microseconds of the processors for each, all of the process counted.

    ``served`` is how many cores the server had while messages went.
    """

    rate: float
    cost: float
    served: float = 0.0

    @property
    def rate_alone(self) -> float:
        """Messages a second if the server had not had its part of the two cores."""
        return self.rate * _CORES / (_CORES - self.served)


def _taken(setting: Setting, server: Server, sdks: list[str]) -> dict[str, list[Taken]]:
    count = setting.of(10_000, 1_000)
    names = [_OURS, _ONE, _TWO, _SIDE_BY_SIDE, "requests.Session", *_LIMITS, *sdks]
    taken: dict[str, list[Taken]] = {name: [] for name in names}
    for turn in range(setting.rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            taken[name].append(_turn(setting, server, name, count))
        said = ", ".join(f"{name} {several[-1].rate:.0f}" for name, several in taken.items())
        say(f"{PART}, round {turn + 1} of {setting.rounds}: {said}")
    return taken


def _turn(setting: Setting, server: Server, name: str, count: int) -> Taken:
    """The rate is that of the sending alone, from the first message to the last answer."""
    if name == _OURS:
        return _ours(setting.folder, server, count, "--workers", THREADS)
    if name in (_ONE, _TWO):
        return _ours(setting.folder, server, count, "--processes", name.rpartition(" ")[2])
    if name == _SIDE_BY_SIDE:
        return _side_by_side(setting.folder, server, count)
    there = ran(module("peers", name, server.url, count, THREADS), server.environment, setting.folder)
    return Taken(count / float(there.out), there.processor / count * 1e6)


def _ours(folder: Path, server: Server, count: int, *options: object) -> Taken:
    messages = write_csv(folder / f"list-{count}.csv", count)
    with server.watched() as spent:
        there, summary = send(messages, server.url, server.environment, "--rate", 0, *options)
    seconds = summary["seconds"]
    return Taken(count / seconds, there.processor / count * 1e6, cores_at_the_end(spent, seconds))


def _side_by_side(folder: Path, server: Server, count: int) -> Taken:
    """Half of the messages in each of two runs that know nothing of each other: the most that two processes can do here."""
    halves = [folder / "one", folder / "other"]
    for half in halves:
        half.mkdir(exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda half: _ours(half, server, count // 2), halves)
    return Taken(one.rate + other.rate, (one.cost + other.cost) / 2)
