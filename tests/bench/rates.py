"""Whether the rate that was asked for is met and never passed, as the server sees it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from figures import Figure, Goal, mean_rate, most_in_window
from lists import write_csv
from programs import ProgramFailedError, send
from servers import answering
from setting import Setting, say

PART = "rate"
_LEAST_SHARE, _MOST_SHARE = 0.99, 1.02


def figures(setting: Setting) -> Iterator[Figure]:
    """Every rate with every latency, and two limits at once."""
    rates = (20, 500) if setting.quick else (20, 100, 500, 1000)
    latencies = (0.02, 0.2) if setting.quick else (0.02, 0.2, 1.0)
    for rate, latency in product(rates, latencies):
        yield from _of_one(setting, (f"{rate}/s",), float(rate), latency)
    yield from _of_one(setting, ("50/s", "2000/m"), 2000 / 60, 0.2)


def _of_one(setting: Setting, rates: tuple[str, ...], target: float, latency: float) -> Iterator[Figure]:
    count = round(target * setting.of(20, 4)) + 1
    messages = write_csv(setting.folder / f"list-{count}.csv", count)
    options = [word for rate in rates for word in ("--rate", rate)]
    with answering(setting.identity, setting.folder, latency, latency / 2) as server:
        send(messages, server.url, server.environment, *options)
    mean, most = mean_rate(server.arrivals), most_in_window(server.arrivals)
    name = f"{' and '.join(rates)}, latency {latency * 1000:.0f} ms"
    say(f"{PART}: {name}: mean {mean:.2f}/s, at most {most} in a second")
    if len(server.arrivals) != count:
        raise ProgramFailedError(f"{name}: {len(server.arrivals)} requests came for {count} rows")
    enough, bound = Goal(least=_LEAST_SHARE, of_ratio=True), Goal(most=target * _MOST_SHARE + 1)
    yield Figure(PART, f"{name}: mean", mean, "messages/s", "asked for", target, mean / target, enough)
    yield Figure(PART, f"{name}: most in 1 s", float(most), "messages", "asked for", target, most / target, bound)
