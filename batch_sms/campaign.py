"""A campaign: one frozen object with every setting of a run, wherever it came from."""

from __future__ import annotations

import errno
import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from batch_sms import words
from batch_sms.characters import shortened
from batch_sms.checking.countries import regions_of
from batch_sms.checking.phone_cells import NoPhone
from batch_sms.checking.phones import Phone, Rules, read_phone
from batch_sms.clock import MACHINE_ZONE
from batch_sms.durations import duration_of
from batch_sms.errors import Sentence, SettingsError
from batch_sms.gateway.apis import APIS, MESSAGE_TYPES, SEND_INTER_SMS, SendApi
from batch_sms.gateway.endpoints import check_endpoint, endpoint_of
from batch_sms.gateway.signed_requests import SIGNATURES
from batch_sms.model import Limits, Role, Status
from batch_sms.notices.addresses import check_hook
from batch_sms.schedule.agenda import Agenda
from batch_sms.schedule.hours import Hours, read_hours
from batch_sms.schedule.rates import DEFAULT_RATE, Rates, read_per_recipient, read_rates
from batch_sms.schedule.window import check_window, window_of
from batch_sms.sheets.reading import STANDARD_INPUT, WORKBOOKS
from batch_sms.sheets.results import FORMATS

if TYPE_CHECKING:
    import pandas as pd

LEDGER_VARIABLE = "BATCH_SMS_LEDGER"
_FEWEST_THREADS, _MOST_THREADS = 32, 2000
_FREE_THREADS, _FREE_THREADS_APART = 64, 128
"""Threads of a process that keeps to no rate: while some of their messages wait for a commit, the others keep its core at work.

Of a sender process apart from the ledger's more messages wait: they go through pipes too, and are gathered on their way.
"""
_EASY_RATE = 600.0
"""Messages a second that one process keeps even where the machine has other work: about half of what it can."""


_LONGEST_NAME = 60
"""Characters of a name that is too long that its sentence shows."""


def find_ledger(named: Path | None, *, sandbox: bool) -> Path:
    """The ledger named, else the environment's, else the user's. The sandbox has its own: a try-out never blocks a real run."""
    if named is not None:
        return named
    if from_environment := os.environ.get(LEDGER_VARIABLE):
        path = Path(from_environment)
        return path.with_name(f"{path.stem}.sandbox{path.suffix}") if sandbox else path
    return user_data_path("batch-sms", appauthor=False) / ("sandbox.db" if sandbox else "ledger.db")


def check_output(path: Path) -> None:
    """Refuse a result sheet of a kind that can't be written. Raises SettingsError."""
    if path == Path("-"):
        raise SettingsError("output_is_dash")
    if path.suffix.lower() not in FORMATS:
        raise SettingsError("output_ending", path=path)


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What to send, to whom and how. ``list`` is a file or a pandas frame; the options are those of ``batch-sms send``.

    Raises SettingsError for a value that can't hold, as soon as it is made.
    """

    list: str | Path | pd.DataFrame
    output: Path | None = None
    sign: str = ""
    template: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    sheet: str | None = None
    encoding: str | None = None
    hidden: str = "skip"
    rate: str | float | Sequence[str | float] = (DEFAULT_RATE,)
    workers: int | None = None
    processes: int | None = None
    breaker: int = 50
    connect_timeout: float = 10.0
    read_timeout: float = 10.0
    endpoint: str = ""
    region: str = ""
    api: str = SEND_INTER_SMS.name
    message_type: str = MESSAGE_TYPES[0]
    signature: str = SIGNATURES[0]
    sandbox: bool = False
    dry_run: bool = False
    limit: int | None = None
    duplicates: str = "skip"
    opt_outs: Path | None = None
    landlines: str = "refuse"
    accept_possible: bool = False
    prices: Path | None = None
    strict: bool = False
    run: str = ""
    again: bool = False
    retry_rejected: bool = False
    resend_in_doubt: bool = False
    ledger: Path | None = None
    not_before: str = ""
    not_after: str = ""
    max_age: str = ""
    hours: str | Sequence[str] = ()
    days: str | Sequence[str] = ()
    per_recipient: str = ""
    wait_lock: str = "0s"
    report: str = ""
    report_file: Path | None = None
    test_to: str = ""
    lang: str = words.DEFAULT

    def __post_init__(self) -> None:
        """Refuse what can't hold before anything is read; take paths and rates in their simple forms too."""
        self._take_simple_forms()
        self._check_names()
        self._check_schedule()
        if self.endpoint:
            check_endpoint(self.endpoint)
        if self.report:
            check_hook(self.report)
        self._check_report_file()
        if self.sandbox and self.endpoint:
            raise SettingsError("sandbox_endpoint")
        if self.country and not regions_of(self.country):
            raise SettingsError("country_unknown", country=self.country)
        self._check_output()
        if self.test_to:
            self.test_phone  # noqa: B018 (it is made to see whether it can be)
        self._check_choices()
        self._check_numbers()

    def _take_simple_forms(self) -> None:
        for name in ("not_before", "not_after"):
            if isinstance(moment := getattr(self, name), datetime | time):  # as a TOML file has them
                object.__setattr__(self, name, moment.isoformat())
        for name in ("hours", "days"):
            texts = getattr(self, name)
            object.__setattr__(self, name, (texts,) if isinstance(texts, str) else tuple(texts))
        for name in ("output", "opt_outs", "prices", "ledger", "report_file"):
            if isinstance(path := getattr(self, name), str):
                object.__setattr__(self, name, Path(path))
        rates = (self.rate,) if isinstance(self.rate, str | int | float) else tuple(self.rate)
        if not all(isinstance(rate, str | int | float) for rate in rates):
            raise SettingsError("rate_type")
        object.__setattr__(self, "rate", tuple(str(rate) for rate in rates))
        object.__setattr__(self, "params", {name: str(text) for name, text in self.params.items()})
        for name, text in self.params.items():
            if not text.strip():
                raise SettingsError("param_empty", param=name)

    def _check_names(self) -> None:
        """A name that is too long for the file system fails at its first use, whatever is asked of it."""
        for path in (self.list_path, self.output, self.opt_outs, self.prices, self.ledger, self.report_file):
            try:
                if path is not None:
                    path.lstat()
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    raise SettingsError("name_too_long", name=shortened(str(path), _LONGEST_NAME)) from error

    def _check_output(self) -> None:
        """A result must not be written over what is read."""
        if self.output is None:
            return
        check_output(self.output)
        if self.list_path is not None and self.output.resolve() == self.list_path.resolve():
            raise SettingsError("output_is_list", path=self.list_path)
        if self.output.resolve() in {path.resolve() for path in (self.opt_outs, self.prices) if path is not None}:
            raise SettingsError("output_is_other", path=self.output)

    def _check_report_file(self) -> None:
        """A report must not be written over what is read or written beside it."""
        if self.report_file is None:
            return
        others = (self.list_path, self.output_path, self.opt_outs, self.prices, self.ledger)
        if self.report_file.resolve() in {path.resolve() for path in others if path is not None}:
            raise SettingsError("report_is_other", path=self.report_file)

    def _check_schedule(self) -> None:
        read_rates(self.rates)
        read_hours(self.hours, self.days)
        read_per_recipient(self.per_recipient)
        check_window(self.not_before, self.not_after, MACHINE_ZONE)
        if self.max_age and duration_of(self.max_age, "max-age") and not self.not_before:
            raise SettingsError("max_age_alone", value=self.max_age)
        duration_of(self.wait_lock, "wait-lock")

    def _check_choices(self) -> None:
        choices = {
            "api": (self.api, tuple(APIS)),
            "message-type": (self.message_type, MESSAGE_TYPES),
            "signature": (self.signature, SIGNATURES),
            "hidden": (self.hidden, ("skip", "send")),
            "duplicates": (self.duplicates, ("skip", "send")),
            "landlines": (self.landlines, ("refuse", "allow")),
            "lang": (self.lang, words.LANGUAGES),
        }
        roles = (("column", (role, tuple(Role))) for role in self.columns)
        for option, (value, known) in (*choices.items(), *roles):
            if value not in known:
                raise SettingsError("not_a_choice", option=option, value=value, choices=", ".join(known))

    def _check_numbers(self) -> None:
        least = {
            "workers": (self.workers, 1),
            "processes": (self.processes, 1),
            "limit": (self.limit, 1),
            "breaker": (self.breaker, 0),
            "connect-timeout": (self.connect_timeout, sys.float_info.min),
            "read-timeout": (self.read_timeout, sys.float_info.min),
        }
        for option, (number, smallest) in least.items():
            if number is not None and not smallest <= number < math.inf:
                raise SettingsError("not_positive", option=option, value=number)

    @property
    def reopened(self) -> tuple[Status, ...]:
        """The statuses whose rows are to be sent once more."""
        statuses = ((self.retry_rejected, Status.REJECTED), (self.resend_in_doubt, Status.IN_DOUBT))
        return tuple(status for asked, status in statuses if asked)

    @property
    def list_path(self) -> Path | None:
        """The list's file (``-`` is standard input), None where it is a frame."""
        return Path(self.list) if isinstance(self.list, str | Path) else None

    @property
    def list_name(self) -> str:
        """What the list is called in names of runs."""
        if self.list_path == STANDARD_INPUT:
            return "stdin"
        return self.list_path.stem if self.list_path else "frame"

    @property
    def test_phone(self) -> Phone:
        """The number of a test run. Raises SettingsError for one that can't be sent to."""
        rules = Rules(landlines=self.landlines == "allow", possible=self.accept_possible)
        phone = read_phone(self.test_to, regions_of(self.country) if self.country else (), rules)
        if isinstance(phone, NoPhone):
            somewhere = phone.facts.get("country") or Sentence("report.any_country", {})
            reason = Sentence(f"problem.{phone.code.removeprefix('check.')}", {**phone.facts, "country": somewhere})
            hint = Sentence(f"hint.{phone.facts['hint']}", {}) if "hint" in phone.facts else ""
            raise SettingsError("test_to_unreadable", reason=reason, hint=hint)
        return phone

    @property
    def output_path(self) -> Path | None:
        """Where the result goes: ``-o``, else beside the list; None for a frame without ``output``, and for a test."""
        if self.test_to:
            return None
        if self.output is not None or self.list_path is None:
            return self.output
        ending = ".xlsx" if self.list_path.suffix.lower() in WORKBOOKS else ".csv"
        return self.list_path.parent / f"{self.list_name}.result{ending}"

    @property
    def send_api(self) -> SendApi:
        """The call that sends."""
        return APIS[self.api].of_type(self.message_type)

    @property
    def called_region(self) -> str:
        """The gateway's region: ``region``, else the one where the API is at home."""
        return self.region or self.send_api.region

    @property
    def called_endpoint(self) -> str:
        """The gateway's address: ``endpoint``, else the one of the region."""
        return self.endpoint or endpoint_of(self.called_region)

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return find_ledger(self.ledger, sandbox=self.sandbox)

    @property
    def lock_patience(self) -> timedelta:
        """How long to wait for another process that is sending this run."""
        return duration_of(self.wait_lock, "wait-lock")

    @property
    def messages_per_second(self) -> float:
        """The slowest pace; infinite without a limit."""
        return self.speed.per_second

    @property
    def speed(self) -> Rates:
        """The rates together: pace and caps."""
        return read_rates(self.rates)

    @property
    def limits(self) -> Limits:
        """The caps that the ledger keeps over all of its runs."""
        return Limits(self.speed.caps, read_per_recipient(self.per_recipient))

    @property
    def open_hours(self) -> Hours | None:
        """The hours and days of the recipients; None where any will do."""
        return read_hours(self.hours, self.days)

    def agenda(self, now: datetime, zone: tzinfo) -> Agenda:
        """When a call that begins now may send; ``zone`` is this machine's. Raises SettingsError."""
        max_age = duration_of(self.max_age, "max-age") if self.max_age else None
        return Agenda(window_of(self.not_before, self.not_after, max_age, now, zone), self.open_hours)

    @property
    def rates(self) -> tuple[str, ...]:
        """The rates, each as it was written."""
        return tuple(str(rate) for rate in self.rate) if isinstance(self.rate, tuple) else (str(self.rate),)

    @property
    def most_threads(self) -> int:
        """The threads a run may have: enough for every request to wait out its time-outs at the full rate."""
        if self.workers is not None:
            return self.workers
        if self.messages_per_second == math.inf:
            processes = self.processes or 1
            return min(_MOST_THREADS, _FREE_THREADS_APART * processes if processes > 1 else _FREE_THREADS)
        needed = math.ceil(self.messages_per_second * (self.connect_timeout + self.read_timeout))
        return max(_FEWEST_THREADS, min(_MOST_THREADS, needed))

    def processes_for(self, most: int, cores: int) -> int:
        """How many processes send with ``most`` threads: as many as were named, else as the rate needs, but no more than cores.

        But one alone where there is less to send than in a second.
        """
        if self.processes is not None:
            return min(self.processes, most)
        rate = self.messages_per_second
        if rate == math.inf or most < min(rate, _MOST_THREADS):
            return 1
        return min(math.ceil(rate / _EASY_RATE), cores)
