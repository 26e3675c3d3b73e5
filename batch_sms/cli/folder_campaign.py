"""A hot folder's campaign as its file says it at the moment, and the log of what goes on in the folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from batch_sms import words
from batch_sms.campaign import Campaign
from batch_sms.campaign_files.settings import CampaignFile, Moment, read_campaign
from batch_sms.cli import show
from batch_sms.cli.log_lines import LogLines
from batch_sms.cli.progress import Progress
from batch_sms.clock import Clock
from batch_sms.errors import BatchSmsError
from batch_sms.hot_folder.folder import Folder, Place
from batch_sms.summary import Summary


@dataclass
class FolderCampaign:
    """What sends the lists of a folder (a ``Sender``), and who says what becomes of them (a ``Listener``).

    ``flags`` are the command line's settings, which override the file's.
    """

    folder: Folder
    flags: Mapping[str, Any]
    clock: Clock
    lang: str
    log_format: str
    _hindrance: str = field(default="", init=False)

    def file(self) -> CampaignFile:
        """The file, read anew: it may be mended while the folder is watched. Raises SettingsError."""
        return read_campaign(self.folder.campaign).overridden(self.flags)

    def campaign(self, path: Path, taken_at: datetime) -> Campaign:
        """The campaign for a list, as it was when the list was taken. Raises SettingsError."""
        return replace(self.file().resolved(path, Moment(taken_at, os.environ)).campaign, dry_run=False)

    def serving(self) -> frozenset[Path]:
        """The files that serve the campaign and are no lists. Raises SettingsError."""
        served = self.file().serving(Moment(self.clock.now(), os.environ))
        return frozenset(path.resolve() for path in served)

    def looking_on(self, campaign: Campaign) -> AbstractContextManager[Progress]:
        """A bar, or log lines."""
        quiet, verbose = bool(self.flags.get("quiet")), bool(self.flags.get("verbose"))
        return Progress(campaign.lang, campaign.list_name, quiet=quiet, verbose=verbose, log_format=self.log_format)

    def text(self, summary: Summary, campaign: Campaign) -> str:
        """A summary in words."""
        return show.summary(summary, campaign)

    def took(self, path: Path) -> None:
        """A list was taken into work."""
        self._say("taken", path, {})

    def left(self, path: Path, place: Place, exit_code: int, error: BatchSmsError | None) -> None:
        """A list is over, and stands there now."""
        self._say(place.value, path, {"exit_code": exit_code, "path": str(path)}, error)

    def stays(self, path: Path, exit_code: int, error: BatchSmsError | None) -> None:
        """A list stays in work, to be tried again."""
        self._say("stays", path, {"exit_code": exit_code}, error)

    def hindered(self, error: BatchSmsError | None) -> None:
        """Nothing can be done in the folder at the moment; said once, until that changes."""
        said, self._hindrance = self._hindrance, str(error or "")
        if error is not None and self._hindrance != said:
            self._say("hindered", self.folder.path, {"exit_code": error.exit_code}, error)

    def _say(self, event: str, path: Path, facts: dict[str, object], error: BatchSmsError | None = None) -> None:
        spoken = words.say(f"watch.{event}", self.lang, **facts)
        if error is not None:
            facts = {**facts, "message": error.say_to_others(self.lang)}
            spoken = f"{spoken} {facts['message']}"
        LogLines(self.log_format, self.lang, self.clock, path.name).write(event, facts, spoken)
