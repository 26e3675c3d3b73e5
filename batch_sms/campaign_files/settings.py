"""The settings of a campaign as they will hold: the file's, overridden by flags, with what is to be filled in filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from batch_sms.campaign import Campaign
from batch_sms.campaign_files.document import read_document
from batch_sms.campaign_files.keys import FILE, checked_keys
from batch_sms.campaign_files.matching import ANYTHING, is_pattern, matching, refuse_equal_names
from batch_sms.campaign_files.placeholders import with_environment, with_names
from batch_sms.errors import SettingsError
from batch_sms.options import ALL, MANNERS, Kind
from batch_sms.sheets.reading import STANDARD_INPUT

_OPTIONS = {option.name: option for option in (FILE, *ALL)}
_DATED = frozenset({"file", "output", "run", "report_file", "opt_outs", "prices"})
"""The names and paths that ``{date}`` and its kin are filled into."""
_SERVING = ("opt_outs", "prices", "ledger")
_OWN = ("output", "run", "report_file")
"""What each list has of its own: ``{list}`` is filled in, or added where several lists would share one name."""


class Source(StrEnum):
    """Where a setting came from."""

    FLAG = "flag"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting's value, where it came from, and where that is in the file."""

    value: Any
    source: Source
    where: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is filled into names: when it is, and the environment."""

    now: datetime
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The settings for one list, by the options' names (``columns.ROLE``, ``params.NAME``); the defaults are not among them."""

    path: Path
    list: Path
    settings: Mapping[str, Setting]

    @property
    def campaign(self) -> Campaign:
        """They as a campaign. Raises SettingsError for one that can't hold."""
        values: dict[str, Any] = {"columns": {}, "params": {}}
        for name, setting in self.settings.items():
            group, dot, key = name.partition(".")
            if dot:
                values[group][key] = setting.value
            elif name != FILE.name and name not in MANNERS:
                values[name] = setting.value
        try:
            return Campaign(list=self.list, **values)
        except SettingsError as error:
            raise SettingsError("campaign_setting", path=self.path, error=error) from error

    @property
    def manners(self) -> dict[str, Any]:
        """Those that say how the command behaves."""
        return {name: setting.value for name, setting in self.settings.items() if name in MANNERS}


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A campaign file whose keys and types are good; ``given`` is all that it and the flags say, as it was written."""

    path: Path
    given: Mapping[str, Setting]

    def overridden(self, flags: Mapping[str, Any]) -> CampaignFile:
        """With what was given on the command line in place of the file's; one parameter or column for the one of its name."""
        over = {}
        for name, value in flags.items():
            if _OPTIONS[name].kind in (Kind.ROLES, Kind.PARAMS):
                over.update({f"{name}.{key}": Setting(text, Source.FLAG) for key, text in value.items()})
            else:
                over[name] = Setting(value, Source.FLAG)
        return replace(self, given={**self.given, **over})

    def lists(self, moment: Moment) -> tuple[Path, ...]:
        """The lists that the file names or matches, in their order. Raises SettingsError."""
        path = self._list(moment)
        if path == STANDARD_INPUT or not is_pattern(path):
            return (path,)
        outputs = [self._filled(name, moment, _Open()) for name in ("output", "report_file") if name in self.given]
        lists = matching(path, self.serving(moment), [out.value for out in outputs])
        if any(name in self.given for name in _OWN):
            refuse_equal_names(lists)
        return lists

    def alone(self, name: str, moment: Moment) -> Any:
        """One setting, however wrong the others are; None where it is not given, or is wrong itself."""
        try:
            return self._filled(name, moment, {"list": self.path.stem}).value
        except (KeyError, SettingsError):
            return None

    def serving(self, moment: Moment) -> frozenset[Path]:
        """The files that serve the campaign and are no lists, whatever folder they are in. Raises SettingsError."""
        named = (self._filled(name, moment, {}).value for name in _SERVING if name in self.given)
        return frozenset({self.path, *named})

    def resolved(self, path: Path, moment: Moment, apart: Collection[str] = ()) -> Resolved:
        """The settings for one list; ``apart`` are names that each has of its own. Raises SettingsError."""
        names = {"list": "stdin" if path == STANDARD_INPUT else path.stem}
        settings = {name: self._filled(name, moment, names) for name in self.given if name != FILE.name}
        if FILE.name in self.given and is_pattern(self._list(moment)):
            apart = _OWN
        settings.update({name: self._apart(name, settings[name], path) for name in apart if name in settings})
        return Resolved(self.path, path, settings)

    def _list(self, moment: Moment) -> Path:
        if FILE.name not in self.given:
            raise SettingsError("campaign_no_list", path=self.path)
        path: Path = self._filled(FILE.name, moment, {}).value
        return path

    def _filled(self, name: str, moment: Moment, names: Mapping[str, str]) -> Setting:
        """A setting with what is to be filled in filled in, and its path from the file's folder. Flags hold as they are."""
        setting = self.given[name]
        option = _OPTIONS.get(name)
        if setting.source is Source.FLAG or option is None:
            return setting

        def fill(text: str) -> str:
            if name in _DATED:
                return with_names(text, names, moment.now, moment.environment, setting.where)
            return with_environment(text, moment.environment, setting.where, secret=name == "report")

        if option.kind is Kind.PATH:
            if not (path := fill(setting.value).strip()):
                raise SettingsError("campaign_wants_path", where=setting.where, name=name, value=setting.value)
            value = STANDARD_INPUT if Path(path) == STANDARD_INPUT else self.path.parent / Path(path).expanduser()
            return replace(setting, value=value)
        if option.kind is Kind.TEXT:
            return replace(setting, value=fill(setting.value))
        if option.kind is Kind.TEXTS:
            return replace(setting, value=tuple(map(fill, setting.value)))
        return setting

    def _apart(self, name: str, setting: Setting, path: Path) -> Setting:
        """A name that each of several lists has of its own."""
        if setting.source is Source.FILE and "{list}" in str(self.given[name].value):
            return setting
        value = setting.value
        if isinstance(value, Path):
            return replace(setting, value=value.with_name(f"{value.stem}-{path.stem}{value.suffix}"))
        return replace(setting, value=f"{value}-{path.stem}")


class _Open(dict[str, str]):
    """Every name is known, and stands for anything."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> str:
        return ANYTHING


def read_campaign(path: Path) -> CampaignFile:
    """Read a campaign file. Raises SettingsError for the first thing that is wrong with it."""
    document = read_document(path)
    given = {name: Setting(value, Source.FILE, where) for name, value, where in checked_keys(document)}
    return CampaignFile(path, given)
