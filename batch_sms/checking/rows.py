"""One row of the list made into a message, or into all of its problems. Pure: no file, no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from batch_sms.characters import tidy
from batch_sms.checking.countries import hint_at_country, regions_of
from batch_sms.checking.opt_outs import OptOuts
from batch_sms.checking.params import ParamPlan, Params
from batch_sms.checking.phone_cells import NoPhone
from batch_sms.checking.phones import MOBILES, Phone, Rules, read_phone
from batch_sms.checking.plain_texts import is_sender_id
from batch_sms.checking.seen import Seen, Sighting
from batch_sms.checking.texts import TextFacts, Values, control_in, facts_of, facts_of_plain
from batch_sms.model import PHONE_NUMBERS, Checked, Columns, Demands, Flaw, Message, Problem, Role, Row, Status

_MISSING = {Role.SIGN: "check.SIGN_MISSING", Role.TEMPLATE: "check.TEMPLATE_MISSING"}
_MAINLAND = "CN"
DUPLICATE = "skip.DUPLICATE"
OPTED_OUT = "skip.OPTED_OUT"
FIELDS = "check.CELLS"
"""A row of more or fewer fields than the header has: what it holds may stand in the wrong columns."""
STATUS, CODE = "sms_status", "sms_code"
"""The columns of a result sheet, which may come back as a list, that tell what became of a row, and why."""
_MAY_HAVE_GONE = frozenset({Status.ACCEPTED.value, Status.IN_DOUBT.value})
NOT_MENDED = "check.NOT_MENDED"
_OF_THE_FILE = frozenset(
    {
        *(FIELDS, NOT_MENDED, "check.MERGED", "check.FORMULA", "check.CELL_ERROR"),
        *("check.NUMBER_LONG", "check.NUMBER_ROUNDED", "check.NUMBER_SHOWN", "check.NUMBER_FORMAT", "check.PHONE_DATE"),
    }
)
"""What was wrong with a row in its file, and can't be seen in the texts of a result: a short row has all its cells there."""
_MOST_REMEMBERED = 1000
"""Countries, signatures, templates and texts that come again and again are read once."""
_NO_NAMES: tuple[int, frozenset[str]] = (0, frozenset())
_ROUND = "00000"
"""How a number ends that a spreadsheet has shortened to six digits on its way; one in 100,000 ends so by itself."""

_TOTAL = re.compile(r"\s*(?:(?:grand |sub)?-?totals?\b|sum\s*[:=]|(?:合|总|總|小|共)[计計])", re.IGNORECASE)
_FEWEST_DIGITS = 7
"""Fewer are no phone that somebody mistyped."""

ANY_TEMPLATE = Demands()


class Served(NamedTuple):
    """The alpha-2 codes that a gateway sends to, by its list of a day (``2026-01-02``)."""

    regions: frozenset[str]
    day: str


class Checker:
    """Checks the rows of one list in their order; knows which messages it has seen."""

    def __init__(
        self,
        columns: Columns,
        *,
        sign: str = "",
        template: str = "",
        params: Mapping[str, str] | None = None,
        country: str = "",
        rules: Rules = MOBILES,
        send_duplicates: bool = False,
        opted_out: frozenset[str] = frozenset(),
        seen: Seen | None = None,
        demands: Demands = ANY_TEMPLATE,
        served: Served | None = None,
    ) -> None:
        self._columns = columns
        self._defaults = {Role.SIGN: sign, Role.TEMPLATE: template, Role.OUT_ID: ""}
        self._demands, self._served = demands, served
        self._plan = ParamPlan.of(columns, params or {}, plain=not demands.template)
        self._used = {*columns.roles.values(), *self._plan.used_columns()}
        earlier = {tidy(name).casefold(): index for index, name in enumerate(columns.headers)}
        self._earlier_status, self._earlier_code = earlier.get(STATUS), earlier.get(CODE)
        self._fallback = regions_of(country) if country else ()
        self._rules = rules
        self._send_duplicates = send_duplicates
        self._opt_outs = OptOuts(opted_out)
        self._seen = seen or Seen()
        self._texts: dict[tuple[str, Values], TextFacts] = {}
        self._first_names: dict[str, tuple[int, frozenset[str]]] = {}

    def check(self, row: Row) -> Checked:
        """The row as a message with its identity, or with every problem it has."""
        problems: list[Problem] = []
        if len(row.cells) > len(self._columns.headers):
            problems.append(_too_many(row, len(self._columns.headers)))
        if self._earlier_code is not None and (code := tidy(row.cells[self._earlier_code])) in _OF_THE_FILE:
            problems.append(Problem(NOT_MENDED, self._columns.headers[self._earlier_code], {"code": code}))
        phone = self._phone(row, problems)
        sign = self._text(row, Role.SIGN, problems)
        template = self._text(row, Role.TEMPLATE, problems) if self._demands.template else ""
        out_id = self._text(row, Role.OUT_ID, problems)
        params = self._plan.make(row)
        problems += params.problems
        if self._lacks_params(template, params):
            problems.append(Problem("check.PARAM_EMPTY", self._columns.header(Role.TEMPLATE_PARAM)))
        if row.flaws:
            problems = self._causes(row, problems)
        if phone is None or problems:
            return Checked(row, None, tuple(problems))
        message = Message(phone.e164, phone.national, phone.country, sign, template, params.text, out_id)
        return self._placed(row, message, params.values)

    def _causes(self, row: Row, problems: list[Problem]) -> list[Problem]:
        """What the reader saw in cells that are used, and the problems of the others: all else in such a cell follows from it."""
        headers, phone = self._columns.headers, self._columns.roles[Role.PHONE]
        flaws = [
            Problem(flaw.code, headers[flaw.index], flaw.facts)
            for flaw in row.flaws
            if flaw.code != FIELDS
            and flaw.is_fault
            and flaw.index in self._used
            and (flaw.code not in PHONE_NUMBERS or flaw.index == phone)
        ]
        flawed = {flaw.column for flaw in flaws}
        for flaw in row.flaws:
            missing = [
                index for index in range(flaw.index, len(headers)) if flaw.code == FIELDS and index in self._used
            ]
            if missing:
                flaws.insert(0, Problem(FIELDS, "", {**self._missing(flaw), "hint": "too_few"}))
                flawed.update(headers[index] for index in missing)
        return flaws + [problem for problem in problems if problem.column not in flawed]

    def _missing(self, flaw: Flaw) -> dict[str, str]:
        """The facts of a row with too few fields, and which columns it does not reach."""
        return {**flaw.facts, "missing": ", ".join(filter(None, self._columns.headers[flaw.index :]))}

    def _phone(self, row: Row, problems: list[Problem]) -> Phone | None:
        country, regions = _read_country(self._columns.cell(row, Role.COUNTRY))
        unknown = country and not regions
        fallback = () if unknown else self._fallback
        found = read_phone(self._columns.cell(row, Role.PHONE), regions, self._rules, fallback)
        if unknown:
            facts = {"cell": country, **(hint_at_country(country) or _hint_at_own(found))}
            problems.append(Problem("check.COUNTRY_UNKNOWN", self._columns.header(Role.COUNTRY), facts))
        if isinstance(found, Phone):
            if found.country == _MAINLAND and not self._demands.mainland:
                problems.append(Problem("check.MAINLAND", self._columns.header(Role.PHONE), {"phone": found.e164}))
            return found
        if found.code != "check.COUNTRY_MISSING":
            hint = {"hint": "total"} if _is_total(row, self._columns.cell(row, Role.PHONE)) else {}
            problems.append(Problem(found.code, self._columns.header(Role.PHONE), found.facts | hint))
        elif not unknown:
            problems.append(Problem(found.code, self._columns.header(Role.COUNTRY), found.facts))
        return None

    def _text(self, row: Row, role: Role, problems: list[Problem]) -> str:
        text, fault = _read_text(self._columns.cell(row, role), self._defaults[role])
        if fault:
            problems.append(Problem("check.PARAM_CONTROL", self._columns.header(role), {"char": fault}))
        elif not text and role in _MISSING and self._demands.template:
            problems.append(Problem(_MISSING[role], self._columns.header(role)))
        elif role is Role.SIGN and text and not self._demands.template and not is_sender_id(text):
            problems.append(Problem("check.SENDER_ID", self._columns.header(role), {"cell": text}))
        return text

    def _placed(self, row: Row, message: Message, values: Mapping[str, str]) -> Checked:
        """The message in its place in the list: held back if it must be, else with what a person should know of it."""
        identity = identity_of(message)
        sighting = self._seen.add(message.phone, identity, row.number)
        held: tuple[Problem, ...] = ()
        warnings: tuple[Problem, ...] = ()
        skip = ""
        segments, of_text = self._facts(message.sign, tuple(values.items()))
        if self._opt_outs.hold(message, self._columns.cell(row, Role.PHONE)):
            skip = OPTED_OUT
        elif sighting.repeats and not self._send_duplicates:
            skip = DUPLICATE
            held = (Problem(DUPLICATE, "", {"row": str(sighting.repeats)}),)
        else:
            warnings = (*self._warnings(row, message, values, sighting), *of_text)
        return Checked(row, message, held, skip, identity, sighting.occurrence, warnings, segments)

    def _facts(self, sign: str, values: Values) -> TextFacts:
        """The facts of a text. The first ones are remembered: a list may have one text for all, or one for each language."""
        facts = self._texts.get((sign, values))
        if facts is None:
            facts = facts_of(sign, values) if self._demands.template else facts_of_plain(*values[0])
            if len(self._texts) < _MOST_REMEMBERED:
                self._texts[sign, values] = facts
        return facts

    def _warnings(self, row: Row, message: Message, values: Mapping[str, str], sighting: Sighting) -> list[Problem]:
        found = [Problem("warn.FIELDS", "", self._missing(flaw)) for flaw in row.flaws if flaw.code == FIELDS]
        if self._earlier_status is not None and (status := tidy(row.cells[self._earlier_status])) in _MAY_HAVE_GONE:
            found.append(Problem("warn.SENT_BEFORE", self._columns.headers[self._earlier_status], {"status": status}))
        if message.phone.endswith(_ROUND):
            found.append(Problem("warn.ROUNDED", self._columns.header(Role.PHONE), {"phone": message.phone}))
        if self._served is not None and message.country not in self._served.regions:
            role = Role.COUNTRY if Role.COUNTRY in self._columns.roles else Role.PHONE
            facts = {"country": message.country, "day": self._served.day}
            found.append(Problem("warn.DESTINATION", self._columns.header(role), facts))
        if sighting.same_phone and not sighting.repeats:
            facts = {"phone": message.phone, "row": str(sighting.same_phone)}
            found.append(Problem("warn.SAME_PHONE", self._columns.header(Role.PHONE), facts))
        if row.flaws:
            headers, said = self._columns.headers, self._used - {self._columns.roles[Role.PHONE]}
            seen = (flaw for flaw in row.flaws if not flaw.is_fault and flaw.index in said)
            found += [Problem(flaw.code, headers[flaw.index], flaw.facts) for flaw in seen]
        if Role.TEMPLATE_PARAM in self._columns.roles and self._demands.template:
            found += self._names(row, message.template, frozenset(values))
        return found

    def _lacks_params(self, template: str, params: Params) -> bool:
        """Whether a row has no parameters at all where the first row with the same template has some."""
        return not (params.values or params.problems) and bool(self._first_names.get(template, _NO_NAMES)[1])

    def _names(self, row: Row, template: str, names: frozenset[str]) -> Iterator[Problem]:
        """Other parameters than the first row with this template has: one of the two lacks a variable, or misspells it."""
        first_row, first_names = self._first_names.setdefault(template, (row.number, names))
        if names != first_names:
            facts = {"names": _spoken(names), "row": str(first_row), "others": _spoken(first_names)}
            yield Problem("warn.PARAM_NAMES", self._columns.header(Role.TEMPLATE_PARAM), facts)


def _too_many(row: Row, headers: int) -> Problem:
    facts = {"fields": str(len(row.cells)), "count": str(headers), "extra": " ".join(row.cells[headers:])}
    of_line = next((flaw.facts for flaw in row.flaws if flaw.code == FIELDS), {})
    return Problem(FIELDS, "", {**of_line, **facts, "hint": "too_many"})


def _is_total(row: Row, phone: str) -> bool:
    """Whether a row is likely no row of the list, but the line of a total below it."""
    return sum(map(str.isdecimal, phone)) < _FEWEST_DIGITS and any(_TOTAL.match(cell) for cell in row.cells if cell)


def _hint_at_own(phone: Phone | NoPhone) -> dict[str, str]:
    """The hint at the country that a phone names itself, where its country cell is not understood."""
    return {"hint": "own_country", "found": phone.country} if isinstance(phone, Phone) else {}


@lru_cache(_MOST_REMEMBERED)
def _read_country(cell: str) -> tuple[str, tuple[str, ...]]:
    """What a country cell says, and the alpha-2 codes that it can mean; none for a country that is not given or not known."""
    country = tidy(cell)
    return country, regions_of(country) if country else ()


@lru_cache(_MOST_REMEMBERED)
def _read_text(cell: str, default: str) -> tuple[str, str]:
    """A signature, a template or an id of the person's own, and the control character that spoils it."""
    text = cell.strip() or default
    return text, control_in(text)


def _spoken(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def identity_of(message: Message) -> bytes:
    """What would be sent, as 16 bytes: phone, sign, template and parameters (design, section 3.4)."""
    parts = (message.phone, message.sign, message.template, message.params)
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()
