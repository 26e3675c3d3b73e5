"""One row of the list made into a message, or into all of its problems. Pure: no file, no network, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

import phonenumbers

from batch_sms.characters import tidy
from batch_sms.checking.countries import regions_of
from batch_sms.checking.params import ParamPlan
from batch_sms.checking.phones import NoPhone, Phone, read_phone
from batch_sms.model import Checked, Columns, Message, Problem, Role, Row

DUPLICATE = "skip.DUPLICATE"
OPTED_OUT = "skip.OPTED_OUT"


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
        send_duplicates: bool = False,
        opted_out: frozenset[str] = frozenset(),
    ) -> None:
        self._columns = columns
        self._sign = sign
        self._template = template
        self._plan = ParamPlan.of(columns, params or {})
        self._used = {*columns.roles.values(), *self._plan.used_columns()}
        self._country = country
        self._send_duplicates = send_duplicates
        self._opted_out = opted_out
        self._seen: Counter[bytes] = Counter()

    def check(self, row: Row) -> Checked:
        """The row as a message with its identity, or with every problem it has."""
        problems: list[Problem] = []
        if len(row.cells) > len(self._columns.headers):
            extra = " ".join(row.cells[len(self._columns.headers) :])
            problems.append(Problem("check.CELLS", "", {"count": str(len(self._columns.headers)), "extra": extra}))
        problems += self._flaws(row)
        phone = self._phone(row, problems)
        sign = self._text(row, Role.SIGN, self._sign, "check.SIGN_MISSING", problems)
        template = self._text(row, Role.TEMPLATE, self._template, "check.TEMPLATE_MISSING", problems)
        params, param_problems = self._plan.make(row)
        problems += param_problems
        if phone is None or problems:
            return Checked(row, None, tuple(problems))
        out_id = self._columns.cell(row, Role.OUT_ID).strip()
        message = Message(phone.e164, phone.national, phone.country, sign, template, params, out_id)
        return self._counted(Checked(row, message, identity=identity_of(message)))

    def _flaws(self, row: Row) -> list[Problem]:
        """What the reader saw in cells that are used."""
        headers = self._columns.headers
        return [Problem(flaw.code, headers[flaw.index], flaw.facts) for flaw in row.flaws if flaw.index in self._used]

    def _phone(self, row: Row, problems: list[Problem]) -> Phone | None:
        country = tidy(self._columns.cell(row, Role.COUNTRY)) or self._country
        regions = regions_of(country) if country else ()
        if country and not regions:
            problems.append(
                Problem("check.COUNTRY_UNKNOWN", self._columns.header(Role.COUNTRY), {"cell": country}),
            )
            return None
        found = read_phone(self._columns.cell(row, Role.PHONE), regions)
        if isinstance(found, NoPhone):
            role = Role.COUNTRY if found.code == "check.COUNTRY_MISSING" else Role.PHONE
            problems.append(Problem(found.code, self._columns.header(role), found.facts))
            return None
        return found

    def _text(self, row: Row, role: Role, default: str, code: str, problems: list[Problem]) -> str:
        text = self._columns.cell(row, role).strip() or default
        if not text:
            problems.append(Problem(code, self._columns.header(role)))
        return text

    def _counted(self, checked: Checked) -> Checked:
        self._seen[checked.identity] += 1
        occurrence = self._seen[checked.identity]
        skip = ""
        if checked.message is not None and self._opted_out and _digits(checked.message) & self._opted_out:
            skip = OPTED_OUT
        elif occurrence > 1 and not self._send_duplicates:
            skip = DUPLICATE
        return replace(checked, occurrence=occurrence, skip=skip)


def identity_of(message: Message) -> bytes:
    """What would be sent, as 16 bytes: phone, sign, template and parameters (design, section 3.4)."""
    parts = (message.phone, message.sign, message.template, message.params)
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _digits(message: Message) -> set[str]:
    """The forms in which an opt-out list may name this phone."""
    number = phonenumbers.parse(message.phone)
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)  # with a trunk prefix
    national = (message.national, "".join(filter(str.isdecimal, dialled)))
    return {message.phone.removeprefix("+"), *(digits.lstrip("0") for digits in national)}
