"""The story of a hot folder: look, wait until a list has arrived, take it, send it, put it where it belongs.

It polls: that works on every file system, network drives among them, where notices of change do not come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from batch_sms import run, words
from batch_sms.campaign import Campaign
from batch_sms.clock import Clock
from batch_sms.drafting import Plan
from batch_sms.errors import BatchSmsError, InterruptedBeforeError, ListError, NotConfirmedError, SettingsError
from batch_sms.hot_folder.arrivals import UNFINISHED, Arrival, Look, arrived, watched
from batch_sms.hot_folder.folder import Claim, Folder, Place
from batch_sms.model import Status
from batch_sms.rounds import STOPPED
from batch_sms.signals import ASKED, Stopper
from batch_sms.summary import Summary
from batch_sms.watching import Watcher

_BETWEEN_LOOKS = 1.0
_BETWEEN_TRIES = 60.0
"""Seconds until a list that could not be brought to its end is tried again."""
_NAP = 0.2
_LEFT = 3
"""The exit code of rows that are left (design, section 3.1)."""


class Onlooker(Watcher, Protocol):
    """Who looks on at the sending of a list, and hears how it ended."""

    def ended(self, summary: Summary) -> None:
        """It ended so."""


class Sender(Protocol):
    """What the folder's campaign is to its watcher."""

    def campaign(self, path: Path, taken_at: datetime) -> Campaign:
        """The campaign for a list, as it was when the list was taken. Raises SettingsError, NoticeError."""

    def serving(self) -> frozenset[Path]:
        """The files that serve the campaign and are no lists: opt-outs, prices. Raises SettingsError."""

    def looking_on(self, campaign: Campaign) -> AbstractContextManager[Onlooker]:
        """Who looks on while it is sent."""

    def report(self, campaign: Campaign, path: Path, came: Summary | BatchSmsError) -> None:
        """Tell those whom the campaign names how the sending of a list ended."""

    def summary_text(self, summary: Summary, campaign: Campaign) -> str:
        """A summary in words, for who dropped the list in."""

    def text(self, error: BatchSmsError, lang: str) -> str:
        """What went wrong in words, for who dropped the list in."""


class Listener(Protocol):
    """Who hears what goes on in the folder. Where it was no summary that decided, the error did."""

    def took(self, path: Path) -> None:
        """A list was taken into work."""

    def left(self, path: Path, place: Place, exit_code: int, error: BatchSmsError | None) -> None:
        """A list is over, and stands there now."""

    def stays(self, path: Path, came: Summary | BatchSmsError, *, again: bool) -> None:
        """A list stays in work because of what came of it, to be tried ``again`` by this watcher, or else by the next."""

    def hindered(self, error: BatchSmsError | None) -> None:
        """Nothing can be done in the folder at the moment, or (None) it can again."""


class Watch:
    """One watcher of a folder. ``settle`` is how many seconds a file must stand still before it is taken."""

    def __init__(
        self,
        folder: Folder,
        sender: Sender,
        *,
        settle: float,
        clock: Clock,
        signals: Stopper,
        listener: Listener,
    ) -> None:
        self._folder, self._sender, self._listener = folder, sender, listener
        self._settle, self._clock, self._signals = settle, clock, signals
        self._arrivals: Mapping[Path, Arrival] = {}
        self._next_try: dict[Path, float] = {}
        self._growing: set[Path] = set()
        self._reported: dict[Path, object] = {}
        self._looks_once = False

    def once(self) -> int:
        """Send what has arrived, waiting for what is arriving; returns the worst exit code, 3 if a list stays in work."""
        self._looks_once = True
        codes, until = [0], self._clock.monotonic() + (UNFINISHED + 1) * self._settle
        while True:
            codes += self._turn()
            if self._is_over or not (self._arrivals or self._growing) or self._clock.monotonic() > until:
                return max(*codes, self._left)
            self._nap()

    def for_ever(self) -> int:
        """Go on until a signal comes; returns 3 if a list stays in work then, else 0."""
        while not self._is_over:
            self._turn()
            self._nap()
        return self._left

    @property
    def _is_over(self) -> bool:
        return bool(self._signals.first)

    @property
    def _left(self) -> int:
        return _LEFT if any(self._folder.claims()) else 0

    def _nap(self) -> None:
        until = self._clock.monotonic() + _BETWEEN_LOOKS
        while not self._is_over and self._clock.monotonic() < until:
            self._clock.sleep(_NAP)

    def _turn(self) -> list[int]:
        """One look at the folder, and all that can be done now; the exit codes of the lists that were tried."""
        try:
            codes = self._work()
        except OSError as error:  # a drive that is not there, a disk that is full
            return self._hindered(
                SettingsError("folder_not_writable", path=self._folder.path, reason=error.strerror or error)
            )
        except SettingsError as error:  # somebody edits the campaign
            return self._hindered(error)
        self._listener.hindered(None)
        return codes

    def _hindered(self, error: BatchSmsError) -> list[int]:
        self._listener.hindered(error)
        return [error.exit_code]

    def _work(self) -> list[int]:
        now = self._clock.monotonic()
        looks = self._folder.waiting(self._sender.serving())
        self._arrivals = watched(self._arrivals, looks, now)
        for path in arrived(self._arrivals, self._settle, now):
            if claim := self._folder.claim(path, looks[path], self._clock.now()):
                self._reported.pop(claim.path, None)
                self._listener.took(claim.path)
        self._arrivals = {path: known for path, known in self._arrivals.items() if path.exists()}
        due = [claim for claim in self._folder.claims() if now >= self._next_try.get(claim.path, now)]
        return [self._try(claim) for claim in due if not self._is_over]

    def _try(self, claim: Claim) -> int:
        self._next_try[claim.path] = self._clock.monotonic() + _BETWEEN_TRIES
        if self._has_grown(claim):
            return 0
        try:
            campaign = replace(self._sender.campaign(claim.path, claim.taken_at), output=claim.result)
        except BatchSmsError as error:  # the folder's fault, not the list's
            return self._stays(claim, self._sender.text(error, words.DEFAULT), error)
        try:
            with self._signals.step(), self._sender.looking_on(campaign) as watcher:
                summary = run.send(campaign, confirm=self._may_go(claim), watch=watcher, clock=self._clock)
        except NotConfirmedError:  # it grew while it was read, or a signal came
            if self._has_grown(claim):
                return 0
            called_off = InterruptedBeforeError("interrupted_before", signal=self._signals.first)
            return self._stays(claim, self._sender.text(called_off, campaign.lang), called_off)
        except (ListError, SettingsError) as error:
            named = self._folder.named(claim)
            moved = error.moved(claim.path, self._folder.list_in(Place.FAILED, named))
            code = self._leaves(named, Place.FAILED, self._sender.text(moved, campaign.lang), error.exit_code, moved)
            self._report(claim, campaign, moved)
            return code
        except BatchSmsError as error:
            self._report(claim, campaign, error)
            return self._stays(claim, self._sender.text(error, campaign.lang), error)
        watcher.ended(summary)
        return self._ended(claim, summary, campaign)

    def _may_go(self, claim: Claim) -> Callable[[Plan], bool]:
        """Asked once the whole list is checked: it must be the list that was taken, and nobody may have called us off."""
        return lambda _: not self._is_over and Look.at(claim.path) == claim.look

    def _has_grown(self, claim: Claim) -> bool:
        """Whether somebody wrote to the list after it was taken; it has to stand still once more then."""
        look = Look.at(claim.path)
        if look is None or look == claim.look:
            self._growing.discard(claim.path)
            return look is None
        self._folder.seen_anew(claim, look)
        self._growing.add(claim.path)
        self._next_try[claim.path] = self._clock.monotonic() + self._settle
        return True

    def _ended(self, claim: Claim, summary: Summary, campaign: Campaign) -> int:
        code, stop = summary.exit_code, summary.stopped_by
        why = stop.message if stop is not None and stop.code == STOPPED else ""
        if code == _LEFT and why != ASKED:
            self._report(claim, campaign, summary)
            return self._stays(claim, self._sender.summary_text(summary, campaign), summary)
        failed = code > 1 or (code == 1 and not summary.by_status()[Status.ACCEPTED])
        place, claim = Place.FAILED if failed else Place.DONE, self._folder.named(claim)
        if summary.output == claim.result:
            there = self._folder.result_in(place, claim)
            summary = replace(summary, output=there, output_wanted=there)
        self._leaves(claim, place, self._sender.summary_text(summary, campaign), code)
        self._report(claim, campaign, summary)
        return code

    def _report(self, claim: Claim, campaign: Campaign, came: Summary | BatchSmsError) -> None:
        """Report what came of a try; not once more what came of the one before, for a list in work is tried each minute."""
        news = (came.exit_code, came.counts if isinstance(came, Summary) else came.key)
        if self._reported.get(claim.path) != news:
            self._sender.report(campaign, claim.path, came)
        self._reported[claim.path] = news

    def _leaves(self, claim: Claim, place: Place, text: str, code: int, error: BatchSmsError | None = None) -> int:
        self._listener.left(self._folder.leave(claim, place, f"{text}\n"), place, code, error)
        self._next_try.pop(claim.path, None)
        return code

    def _stays(self, claim: Claim, text: str, came: Summary | BatchSmsError) -> int:
        claim.text.write_text(f"{text}\n", encoding="utf-8")
        self._listener.stays(claim.path, came, again=not (self._looks_once or self._is_over))
        return came.exit_code
