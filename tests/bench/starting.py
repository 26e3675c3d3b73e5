"""How long it takes before anything happens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from figures import Figure, Goal, compared
from lists import write_csv
from programs import batch_sms, ran, send
from servers import quickest
from setting import Setting, say

PART = "start"


def figures(setting: Setting) -> Iterator[Figure]:
    """The help beside the loading of click, and a short list from beginning to end."""
    rounds = 4 * setting.rounds
    commands = {"help": batch_sms("--help"), "click": [sys.executable, "-c", "import click"]}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, words in commands.items():
            seconds[name].append(1000 * ran(words, os.environ, setting.folder).seconds)
    say(f"{PART}: {rounds} rounds of --help")
    yield compared(
        PART, "batch-sms --help", "ms", seconds["help"], "import click", seconds["click"], Goal(most=3, of_ratio=True)
    )
    messages = write_csv(setting.folder / "list-10.csv", 10)
    imports = [sys.executable, "-c", "import requests, phonenumbers, sqlite3"]
    sending, loading = [], []
    with quickest(setting.identity, setting.folder) as server:
        for _ in range(setting.rounds):
            sending.append(send(messages, server.url, server.environment)[0].seconds)
            loading.append(ran(imports, os.environ, setting.folder).seconds)
    reference = "import requests, phonenumbers"
    yield compared(PART, "send 10 rows at 20/s", "s", sending, reference, loading, Goal(most=1.5), server.kind)
