"""A run held for this process: nobody else sends it meanwhile; and the wait for who holds it before us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from batch_sms.campaign import Campaign
from batch_sms.clock import Clock
from batch_sms.drafting import name_of
from batch_sms.errors import RunHeldError
from batch_sms.ledger import Ledger
from batch_sms.ledger.lock import hold
from batch_sms.ledger.spare import Spare
from batch_sms.watching import Watcher

_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this process holds, by its name, and its lock."""

    name: str
    lock: Path

    @property
    def spare(self) -> Spare:
        """Where its outcomes go if the ledger can't take them."""
        return Spare(self.lock.with_suffix(".spare"))


@contextmanager
def held(campaign: Campaign, ledger: Ledger, base_name: str, watch: Watcher, clock: Clock) -> Iterator[Held]:
    """The run, held for this process. Raises RunHeldError where another one has it, and has not ended within ``wait_lock``.

    A repetition (``--again``) is named while the first of its kind is held, so that two can't take the same name.
    """
    until = clock.monotonic() + campaign.lock_patience.total_seconds()
    with ExitStack() as stack:

        def taken(name: str) -> Path:
            waits = False
            while True:
                try:
                    return stack.enter_context(hold(ledger.path, name, clock.now(), clock.sleep))
                except RunHeldError as error:
                    left = until - clock.monotonic()
                    if left <= 0:
                        raise
                    if not waits:
                        moment = clock.now() + timedelta(seconds=left)
                        watch.told("waiting", why="lock", run=name, holder=error.facts["holder"], until=moment)
                        waits = True
                    clock.sleep(min(left, _BETWEEN_LOOKS))

        lock = taken(base_name)
        name = name_of(campaign, ledger, base_name)
        yield Held(name, lock if name == base_name else taken(name))
