"""A hot folder's campaign as its file says it at the moment, and the log of what goes on in the folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from batch_sms import words
from batch_sms.campaign import Campaign
from batch_sms.campaign_files.settings import CampaignFile, Moment, read_campaign
from batch_sms.cli import show
from batch_sms.cli.log_lines import LogLines
from batch_sms.cli.progress import Progress
from batch_sms.cli.reporting import Reporter, make_folders_for
from batch_sms.clock import Clock
from batch_sms.errors import BatchSmsError, SettingsError
from batch_sms.hot_folder.folder import CAMPAIGN, Folder, Place
from batch_sms.options import ALL, MANNERS, Kind, Option
from batch_sms.summary import Summary

_USELESS = frozenset({"file", "output", "yes", "json", "dry_run", "test_to"})
"""The keys that say nothing about a folder: what is dropped in is the list, all of it goes out, and nobody is asked."""
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")


@dataclass
class FolderCampaign:
    """What sends the lists of a folder (a ``Sender``), and who says what becomes of them (a ``Listener``).

    ``flags`` are the command line's settings, which override the file's.
    """

    folder: Folder
    flags: Mapping[str, Any]
    clock: Clock
    _manners: dict[str, Any] = field(default_factory=dict, init=False)
    _lang: str = field(default=words.DEFAULT, init=False)
    _hindrance: str = field(default="", init=False)

    def file(self) -> CampaignFile:
        """The file, read anew: it may be mended while the folder is watched. Raises SettingsError."""
        file = read_campaign(self.folder.campaign)
        for name in _USELESS & file.given.keys():
            raise SettingsError("campaign_not_in_folder", where=file.given[name].where, name=name)
        file = file.overridden(self.flags)
        self._manners = {name: file.given[name].value for name in MANNERS & file.given.keys()}
        self._lang = file.given["lang"].value if "lang" in file.given else words.DEFAULT
        return file

    def campaign(self, path: Path, taken_at: datetime) -> Campaign:
        """The campaign for a list, as it was when the list was taken. Raises SettingsError, NoticeError."""
        campaign = self.file().resolved(path, Moment(taken_at, os.environ), apart=("report_file",)).campaign
        make_folders_for(campaign.report_file)
        self._reporter(campaign, path).check()
        return campaign

    def serving(self) -> frozenset[Path]:
        """The files that serve the campaign and are no lists. Raises SettingsError."""
        served = self.file().serving(Moment(self.clock.now(), os.environ))
        return frozenset(path.resolve() for path in served)

    def looking_on(self, campaign: Campaign) -> AbstractContextManager[Progress]:
        """A bar, or log lines, that name the list as the folder's own lines do."""
        path = campaign.list_path
        return Progress(campaign.lang, path.name if path else campaign.list_name, **self._manners)

    def summary_text(self, summary: Summary, campaign: Campaign) -> str:
        """A summary in words, for who dropped the list in."""
        return show.summary(summary, campaign, in_folder=True)

    def text(self, error: BatchSmsError, lang: str) -> str:
        """What went wrong in words, for who dropped the list in."""
        return _with_keys(error.say(lang), lang)

    def report(self, campaign: Campaign, path: Path, came: Summary | BatchSmsError) -> None:
        """Tell those whom the campaign names how the sending of a list ended."""
        reporter = self._reporter(campaign, path)
        if isinstance(came, Summary):
            reporter.tell(came.as_dict(campaign.lang))
        else:
            reporter.tell_failure(came, campaign.list_name, campaign.run)

    def _reporter(self, campaign: Campaign, path: Path) -> Reporter:
        return Reporter.of(campaign, lambda error: self._say("report_failed", path, {}, error))

    def took(self, path: Path) -> None:
        """A list was taken into work."""
        self._say("taken", path, {})

    def left(self, path: Path, place: Place, exit_code: int, error: BatchSmsError | None) -> None:
        """A list is over, and stands there now."""
        self._say(place.value, path, {"exit_code": exit_code, "path": str(path)}, error)

    def stays(self, path: Path, came: Summary | BatchSmsError, *, again: bool) -> None:
        """A list stays in work because of what came of it, to be tried again by this watcher, or else by the next."""
        facts: dict[str, object] = {"exit_code": came.exit_code, "again": again}
        error = came if isinstance(came, BatchSmsError) else came.output_problem
        reason = ""
        if isinstance(came, Summary) and error is None:
            code, reason = show.why_left(came, self._lang)
            facts |= {"code": code, "message": reason}
        key = "stays" if again else "stays_for_the_next"
        self._say("stays", path, facts, error, spoken=self._words(key, facts, reason))

    def hindered(self, error: BatchSmsError | None) -> None:
        """Nothing can be done in the folder at the moment; said once, until that changes."""
        said, self._hindrance = self._hindrance, str(error or "")
        if error is not None and self._hindrance != said:
            self._say("hindered", self.folder.path, {"exit_code": error.exit_code}, error)

    def _words(self, key: str, facts: Mapping[str, object], reason: str = "") -> str:
        return f"{words.say(f'watch.{key}', self._lang, **facts)} {reason}".rstrip()

    def _say(
        self, event: str, path: Path, facts: dict[str, object], error: BatchSmsError | None = None, spoken: str = ""
    ) -> None:
        spoken = spoken or self._words(event, facts)
        if error is not None:
            facts = {**facts, "error": error.key, "message": error.say_to_others(self._lang)}
            spoken = f"{spoken} {facts['message']}"
        LogLines(self._manners.get("log_format", "text"), self._lang, self.clock, path.name).write(event, facts, spoken)


def _with_keys(text: str, lang: str) -> str:
    """A text with the keys of the campaign file for the options that it names: nobody can give an option to a hot folder."""
    named = set(_OPTION.findall(text))
    options = [option for option in ALL if option.name not in _USELESS and named & set(option.spelt)]
    if not options:
        return text
    keys = "; ".join(_key(option, lang) for option in options)
    return f"{text}\n{words.say('watch.keys', lang, name=CAMPAIGN, keys=keys)}"


def _key(option: Option, lang: str) -> str:
    facts = {"option": option.spelt[-1], "table": option.table, "name": option.name}
    pairs = option.kind in (Kind.ROLES, Kind.PARAMS)
    return words.say("watch.key_of_pair" if pairs else "watch.key", lang, **facts)
