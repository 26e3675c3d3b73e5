"""``batch-sms run --print``: the settings as they will hold, as TOML, each with where it came from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence

from batch_sms.campaign import LEDGER_VARIABLE
from batch_sms.campaign_files.keys import FILE, TABLES
from batch_sms.campaign_files.settings import CampaignFile, Resolved, Setting, Source
from batch_sms.connecting import credentials_of
from batch_sms.errors import CredentialsError
from batch_sms.notices.addresses import shown
from batch_sms.options import ALL, Kind, Option
from batch_sms.words import say

_BARE = re.compile("[A-Za-z0-9_-]+")


class Settings:
    """Prints the settings of a campaign file for its lists; the first list stands for all, as far as they are alike."""

    def __init__(self, file: CampaignFile, lists: Sequence[Resolved], lang: str) -> None:
        self._file, self._lists, self._lang = file, lists, lang
        self._settings = {FILE.name: self._of_list(), **lists[0].settings}
        self._campaign = lists[0].campaign

    def lines(self) -> Iterator[str]:
        """All of it, as a campaign file of its own."""
        yield f"# {self._file.path}"
        for table in TABLES:
            yield ""
            yield f"[{table}]"
            options = [option for option in (FILE, *ALL) if option.table == table]
            groups = [option for option in options if option.kind in (Kind.ROLES, Kind.PARAMS)]
            yield from (self._line(option) for option in options if option not in groups)
            for group in groups:
                yield from self._group(group)
        yield ""
        if len(self._lists) > 1:
            yield f"# {say('settings.lists', self._lang, count=len(self._lists))}"
            for resolved in self._lists:
                campaign = resolved.campaign
                yield f"#   {campaign.list_path} -> {campaign.output_path}  {campaign.run}".rstrip()
        yield f"# {self._key()}"

    def _of_list(self) -> Setting:
        given = self._file.given[FILE.name]
        return Setting(self._lists[0].list, given.source, given.where)

    def _line(self, option: Option) -> str:
        if (setting := self._settings.get(option.name)) is not None:
            if option.name == "report":
                return f"report = {_toml(shown(setting.value))}  # {self._came_from('', setting)}"
            return f"{option.name} = {_toml(setting.value)}  # {self._came_from(option.name, setting)}"
        default, source = option.default, say("settings.default", self._lang)
        if option.name == "ledger":
            default = self._campaign.ledger_path
            if os.environ.get(LEDGER_VARIABLE):
                source = say("settings.environment", self._lang, variable=LEDGER_VARIABLE)
        if option.name == "output":
            default = self._campaign.output_path
        if option.name == "endpoint":
            default = self._campaign.called_endpoint
        if option.name == "region":
            default = self._campaign.called_region
        if default in (None, ""):
            return f"# {option.name}: {say('settings.not_set', self._lang)}"
        return f"{option.name} = {_toml(default)}  # {source}"

    def _group(self, group: Option) -> Iterator[str]:
        members = {
            name.partition(".")[2]: setting
            for name, setting in self._settings.items()
            if name.startswith(f"{group.name}.")
        }
        if members:
            yield ""
            yield f"[{group.table}.{group.name}]"
        for name, setting in members.items():
            spelt = name if _BARE.fullmatch(name) else _toml(name)
            yield f"{spelt} = {_toml(setting.value)}  # {self._came_from(f'{group.name}.{name}', setting)}"

    def _came_from(self, name: str, setting: Setting) -> str:
        """Where it came from, and how it is written there if something was filled in."""
        if setting.source is Source.FLAG:
            return say("settings.flag", self._lang)
        said = say("settings.file", self._lang, where=setting.where)
        if not name:
            return said
        written = self._file.given[name].value
        return (
            f"{said} ({_toml(written)})" if _toml(written) != _toml(setting.value) and "{" in _toml(written) else said
        )

    def _key(self) -> str:
        try:
            return say("settings.key", self._lang, source=credentials_of(self._campaign).source)
        except CredentialsError as error:
            return error.say(self._lang)


def _toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]" if len(value) != 1 else _toml(value[0])
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
