"""The report of a run, to a file and to a web hook, as its settings ask for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import click

from batch_sms.campaign import Campaign
from batch_sms.cli.progress import Progress
from batch_sms.errors import BatchSmsError, NoticeError, RunHeldError
from batch_sms.notices import report_file
from batch_sms.notices.addresses import check_hook
from batch_sms.summary import failure_as_dict


@dataclass(frozen=True, slots=True)
class Reporter:
    """Whom to tell, and who hears of it when that fails."""

    url: str
    file: Path | None
    lang: str
    unheard: Callable[[BatchSmsError], None]

    @classmethod
    def of(cls, campaign: Campaign, unheard: Callable[[BatchSmsError], None]) -> Self:
        """As the campaign asks for it; of a dry run or a test nobody is told."""
        if campaign.dry_run or campaign.test_to:
            return cls("", None, campaign.lang, unheard)
        return cls(campaign.report, campaign.report_file, campaign.lang, unheard)

    def check(self) -> None:
        """Find out, before anything is sent, whether the file can be written. Raises NoticeError."""
        if self.file is not None:
            report_file.check_writable(self.file)

    def tell(self, facts: Mapping[str, object]) -> None:
        """Tell them. What goes wrong with that is said, and changes nothing else."""
        self._write(facts)
        self._post(facts)

    def _write(self, facts: Mapping[str, object]) -> None:
        if self.file is not None:
            try:
                report_file.write(self.file, facts)
            except NoticeError as error:
                self.unheard(error)

    def _post(self, facts: Mapping[str, object]) -> None:
        if self.url:
            from batch_sms.notices import web_hook  # noqa: PLC0415 (with requests: what calls nobody does without)

            try:
                web_hook.post(self.url, facts)
            except NoticeError as error:
                self.unheard(error)

    def tell_failure(self, error: BatchSmsError, list_name: str, run: str = "") -> None:
        """Tell them of a run that ended before its first message.

        Not where another process is sending it: that one reports, and what it says must not be written over.
        """
        if isinstance(error, RunHeldError):
            return
        facts = failure_as_dict(error, list_name, run, self.lang)
        if error.facts.get("path") != self.file:  # that this file can't be written to is what it would tell
            self._write(facts)
        self._post(facts)


def make_folders_for(*paths: Path | None) -> None:
    """The folder of a result or a report that is named by the day may not be there yet."""
    for path in paths:
        if path is not None:
            with suppress(OSError):  # that it can't be written to is said by who writes to it
                path.parent.mkdir(parents=True, exist_ok=True)


def refuse(error: BatchSmsError, list_name: str, settings: Mapping[str, object]) -> int:
    """Say, and report as far as that is known, that there is no campaign to run; gives the exit code."""
    lang, log_format = str(settings.get("lang") or "en"), str(settings.get("log_format") or "text")
    progress = Progress(lang, list_name, log_format=log_format)
    progress.failed(error)
    if settings.get("json"):
        click.echo(json.dumps(failure_as_dict(error, list_name, "", lang), ensure_ascii=False))
    if settings.get("dry_run") or settings.get("test_to"):
        return error.exit_code
    url, file = str(settings.get("report") or ""), settings.get("report_file")
    try:
        check_hook(url)
    except BatchSmsError:
        url = ""
    Reporter(url, file if isinstance(file, Path) else None, lang, progress.unheard).tell_failure(error, list_name)
    return error.exit_code
