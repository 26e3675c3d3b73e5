"""What ``receipts`` and ``reconcile`` do at the command line: open, ask or take, write the result again, and sum up."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self

import click

from batch_sms import signals
from batch_sms.campaign import check_output, find_ledger
from batch_sms.cli.progress import Progress
from batch_sms.clock import Clock, RealClock
from batch_sms.connecting import WayOut, check_environment, gateway_at, own_credentials
from batch_sms.errors import BatchSmsError, InterruptedBeforeError, ListError, SettingsError
from batch_sms.gateway import codes
from batch_sms.gateway.aliyun import AliyunGateway
from batch_sms.gateway.apis import APIS, NOT_OFFERED
from batch_sms.gateway.pushed import Unreadable, read_pushed
from batch_sms.history import found_run
from batch_sms.inquiry import NO_CONNECTION
from batch_sms.ledger import Run
from batch_sms.ledger.deliveries import Deliveries
from batch_sms.ledger.lock import hold
from batch_sms.ledger.spare import Spare
from batch_sms.model import Receipt
from batch_sms.push_listener import PushListener
from batch_sms.receipts import Asked, Receipts
from batch_sms.reconciling import Finding, Reconciled, Reconciliation
from batch_sms.run import write_result
from batch_sms.schedule.rates import read_rates
from batch_sms.signals import Stopper
from batch_sms.watching import step
from batch_sms.words import say

_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class WordBack:
    """The settings of both commands."""

    way_out: WayOut
    ledger: Path
    rate: float
    output: Path | None
    lang: str
    as_json: bool
    quiet: bool

    @classmethod
    def of(
        cls,
        *,
        ledger: Path | None,
        sandbox: bool,
        rate: str,
        output: Path | None,
        lang: str,
        as_json: bool,
        quiet: bool,
        **calling: Any,
    ) -> Self:
        """They as the command line gives them. Raises SettingsError."""
        if output is not None:
            check_output(output)
        questions = read_rates([rate]).per_second
        if questions == math.inf:
            raise SettingsError("rate_needed", rate=rate)
        return cls(WayOut(**calling), find_ledger(ledger, sandbox=sandbox), questions, output, lang, as_json, quiet)

    def ask(self, name: str, patience: timedelta) -> int:
        """Ask for the receipts of a run."""
        with self._opened() as (ledger, taken), self._gateways(ledger, run := found_run(ledger, name)) as gateways:
            asking = Receipts(ledger, gateways, RealClock(), taken, self.rate, partial(self._step, run.list_name))
            asked = asking.ask(run, patience)
            written = self._written(ledger, run)
        self._say(_asked_as_dict(asked, written), self._asked(asked, written))
        return asked.exit_code

    def reconcile(self, name: str, settle: timedelta) -> int:
        """Settle the rows of a run that are in doubt; nobody may send it meanwhile."""
        clock = RealClock()
        with self._opened() as (ledger, taken):
            found_run(ledger, name)
            return self._reconciled(ledger, taken, name, settle, clock)

    def _reconciled(self, ledger: Deliveries, taken: Stopper, name: str, settle: timedelta, clock: Clock) -> int:
        with hold(ledger.path, name, clock.now()) as lock:
            run, spare = found_run(ledger, name), Spare(lock.with_suffix(".spare"))
            ledger.recover(run, spare.kept())
            spare.remove()
            with self._gateways(ledger, run) as gateways:
                asking = partial(self._step, run.list_name)
                done = Reconciliation(ledger, gateways, clock, taken, self.rate, settle, asking).settle_all(run)
            written = self._written(ledger, run)
        self._say(_done_as_dict(done, written), self._done(done, written))
        return done.exit_code

    def take(self, pushed: Path, name: str) -> int:
        """Take receipts from a file."""
        try:
            text = pushed.read_bytes().decode("utf-8-sig", "replace")
        except OSError as error:
            raise ListError("list_not_readable", path=pushed, reason=error.strerror or error) from error
        found = list(read_pushed(text))
        junk = [one for one in found if isinstance(one, Unreadable)]
        taken = [one for one in found if isinstance(one, Receipt)]
        if not taken:
            raise ListError("no_receipts", path=pushed)
        with self._opened() as (ledger, _):
            run = found_run(ledger, name) if name else None
            new, joined = ledger.keep(taken), ledger.join()
            unmatched = ledger.unmatched(taken)
            written = self._written(ledger, run) if run is not None else None
        facts = {"receipts": len(taken), "new": new, "joined": joined, "unmatched": len(unmatched), "junk": len(junk)}
        lines = [say("receipts.taken", self.lang, **facts)]
        lines += [say("receipts.junk", self.lang, line=one.line, text=one.text) for one in junk[:_MOST_SHOWN]]
        lines += [
            say("receipts.unmatched", self.lang, phone=one.phone, biz_id=one.biz_id, out_id=one.out_id)
            for one in unmatched[:_MOST_SHOWN]
        ]
        self._say({**facts, "output": str(written) if written else None}, lines + self._where(written))
        return 1 if junk or unmatched else 0

    def listen(self, host: str, port: int, token: str, name: str) -> int:
        """Take receipts as they are pushed, until a signal comes."""
        listener = PushListener(host, port, token)
        kept = 0
        with self._opened() as (ledger, taken):
            run = found_run(ledger, name) if name else None

            def keep(receipts: Sequence[Receipt]) -> bool:
                nonlocal kept
                try:
                    kept += ledger.keep(receipts)
                    ledger.join()
                except BatchSmsError as error:
                    click.echo(f"batch-sms: {error.say(self.lang)}", err=True)
                    return False
                return True

            click.echo(say("receipts.listening", self.lang, url=listener.url), err=True)
            listener.run(keep, lambda: bool(taken.first))
            unmatched = ledger.count_unmatched()
            written = self._written(ledger, run) if run is not None else None
        facts = {
            "new": kept,
            "unmatched": unmatched,
            "junk": listener.junk,
            "output": str(written) if written else None,
        }
        self._say(facts, [say("receipts.listened", self.lang, **facts), *self._where(written)])
        return 0

    @contextmanager
    def _opened(self) -> Iterator[tuple[Deliveries, Stopper]]:
        if not self.ledger.is_file():
            raise SettingsError("no_ledger", path=self.ledger)
        with Deliveries(self.ledger) as ledger, signals.stopper() as taken:
            try:
                with taken.step():
                    yield ledger, taken
            except KeyboardInterrupt as error:
                raise InterruptedBeforeError("asking_interrupted") from error

    @contextmanager
    def _gateways(self, ledger: Deliveries, run: Run) -> Iterator[Mapping[str, AliyunGateway]]:
        """A gateway for each API that messages of the run went by."""
        apis = [APIS[name] for name in ledger.apis(run)]
        for api in apis:
            check_environment(self.way_out.to(api).endpoint)
        with ExitStack() as stack:
            key, clock = own_credentials(), RealClock()
            yield {api.name: stack.enter_context(gateway_at(self.way_out, key, clock, api)) for api in apis}

    @contextmanager
    def _step(self, list_name: str, count: int) -> Iterator[Callable[[], None]]:
        with Progress(self.lang, list_name, quiet=self.quiet) as progress, step(progress, "asking", count):
            yield progress.moved

    def _written(self, ledger: Deliveries, run: Run) -> Path | None:
        path = self.output or (Path(run.output) if run.output else None)
        if path is None:
            return None
        with Progress(self.lang, run.list_name, quiet=self.quiet) as progress:
            return write_result(ledger, run, path, self.lang, rows=ledger.counts(run).total(), watch=progress)

    def _say(self, facts: Mapping[str, object], lines: Sequence[str]) -> None:
        click.echo(json.dumps(facts, ensure_ascii=False) if self.as_json else "\n".join(lines))

    def _where(self, written: Path | None) -> list[str]:
        return [say("summary.result", self.lang, path=written)] if written is not None else []

    def _asked(self, asked: Asked, written: Path | None) -> list[str]:
        lines = [say("receipts.asked", self.lang, run=asked.run, count=asked.asked)]
        for (delivery, code), count in asked.deliveries.items():
            known = delivery or say("receipts.not_known", self.lang)
            lines.append(say("receipts.delivery", self.lang, delivery=known, code=code, count=count).rstrip())
        if asked.too_old:
            lines.append(say("receipts.too_old", self.lang, count=asked.too_old))
        return lines + self._trouble(asked) + self._where(written)

    def _done(self, done: Reconciled, written: Path | None) -> list[str]:
        lines = [say("reconcile.run", self.lang, run=done.run, count=sum(done.findings.values()))]
        for finding, count in done.findings.items():
            if count:
                lines.append(say(f"reconcile.{finding}", self.lang, count=count))
        return lines + self._trouble(done) + self._where(written)

    def _trouble(self, came: Asked | Reconciled) -> list[str]:
        lines = [say("receipts.refused", self.lang, code=code, count=count) for code, count in came.refusals.items()]
        if came.stopped_by is not None:
            reason = f"{came.stopped_by.code} {came.stopped_by.message}".strip()
            lines.append(say("summary.stopped", self.lang, reason=reason))
            lines.append(self._way_on(came.stopped_by.code))
        return lines

    def _way_on(self, code: str) -> str:
        """What to do about a refusal that befalls every question."""
        if code in NOT_OFFERED:
            return say("receipts.not_offered", self.lang)
        return say("receipts.no_connection", self.lang) if code == NO_CONNECTION else codes.advice(code, self.lang)


def _asked_as_dict(asked: Asked, written: Path | None) -> dict[str, object]:
    return {
        "run": asked.run,
        "asked": asked.asked,
        "deliveries": [
            {"delivery": delivery or None, "code": code, "rows": rows}
            for (delivery, code), rows in asked.deliveries.items()
        ],
        "waiting": asked.waiting,
        "too_old": asked.too_old,
        **_trouble_as_dict(asked, written),
    }


def _done_as_dict(done: Reconciled, written: Path | None) -> dict[str, object]:
    found = {finding.value: done.findings[finding] for finding in Finding}
    return {"run": done.run, "findings": found, "in_doubt": done.left, **_trouble_as_dict(done, written)}


def _trouble_as_dict(came: Asked | Reconciled, written: Path | None) -> dict[str, object]:
    stop = came.stopped_by
    return {
        "refusals": dict(came.refusals),
        "stopped_by": {"code": stop.code, "message": stop.message} if stop is not None else None,
        "output": str(written) if written is not None else None,
        "exit_code": came.exit_code,
    }
