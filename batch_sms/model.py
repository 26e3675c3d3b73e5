"""The data that flows: what a row, a message, a problem and an outcome are. The ground floor: imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What became of a row: the values of the column ``sms_status``."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    INVALID = "invalid"
    SKIPPED = "skipped"
    NOT_SENT = "not_sent"


class Action(StrEnum):
    """What a code asks of the sender, as the code table says it."""

    OK = "ok"
    ROW = "row"
    RETRY = "retry"
    STOP = "stop"
    IN_DOUBT = "in_doubt"


class Retry(StrEnum):
    """How a row whose attempt certainly was not sent is tried again."""

    SLOW = "slow"
    """The gateway throttles: the whole pool slows down, the row waits."""
    CONNECT = "connect"
    """No connection came about: the row waits, longer each time."""
    CLOCK = "clock"
    """This machine's clock was off: once, after it was corrected."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many in any so many seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The caps that hold over all runs of a ledger: on everything that is sent, and on what one phone gets."""

    caps: tuple[Cap, ...] = ()
    per_recipient: Cap | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the account, as the gateway said it."""

    code: str
    message: str


class Delivery(StrEnum):
    """The operator's word on a message that was accepted: the values of the column ``sms_delivery``."""

    DELIVERED = "delivered"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an operator said of one message. ``phone`` in digits as they came; ``biz_id`` or ``out_id`` may be missing.

    ``code`` is the operator's, ``received_at`` when the phone got it or it was given up.
    """

    biz_id: str
    phone: str
    out_id: str
    delivery: Delivery
    code: str = ""
    received_at: datetime | None = None


class Further(StrEnum):
    """What a result sheet tells only of runs that know it, in columns behind the others."""

    DELIVERY = "delivery"
    SEGMENTS = "segments"


class Role(StrEnum):
    """What a column of the list can be to the program, besides a template parameter."""

    PHONE = "phone"
    COUNTRY = "country"
    SIGN = "sign"
    TEMPLATE = "template"
    TEMPLATE_PARAM = "template_param"
    OUT_ID = "out_id"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each role and each template parameter (by its name) stands in a row, as indexes from 0."""

    headers: tuple[str, ...]
    roles: Mapping[Role, int]
    params: tuple[tuple[str, int], ...]

    def header(self, role: Role) -> str:
        """The header of a role's column as the list has it; the role's own name where there is no such column."""
        return self.headers[self.roles[role]] if role in self.roles else role.value

    def cell(self, row: Row, role: Role) -> str:
        """A row's cell for this role, ``""`` where there is no such column."""
        index = self.roles.get(role)
        return "" if index is None else row.cells[index]


@dataclass(frozen=True, slots=True)
class Flaw:
    """What the reader saw of a cell beside its text: a ``check.*`` code, the cell's index in its row, and its facts.

    It is a problem only where the cell is used: a formula without a value in a column that nobody sends harms nobody.
    With a ``warn.*`` code it is no problem there either, but is said before sending.
    """

    code: str
    index: int
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether the cell can't be used as it is."""
        return self.code.startswith("check.")


PHONE_NUMBERS = frozenset({"check.NUMBER_ROUNDED", "check.NUMBER_SHOWN", "check.PHONE_DATE"})
"""What is wrong with a number where it is a phone, and with no other: an amount may be round, shown rounded, or a date."""


class Row(NamedTuple):
    """One line of the list: the number a person sees in Excel (header = row 1), its cells as text, what is wrong with them.

    A named tuple, as what is checked of it: they are made a million times for a long list, and faster than dataclasses.
    """

    number: int
    cells: tuple[str, ...]
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a person should know of how a list was read: the key of a sentence in ``words`` (table ``note``) and its facts."""

    key: str
    facts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row (or one of its cells) failed the check: a ``check.*`` code, the header it is about, and its facts.

    The same form carries a warning: what a person should see before sending, but what does not hold the row back.
    """

    code: str
    column: str = ""
    facts: dict[str, str] = field(default_factory=dict)


THE_TEXT = "message"
"""The one parameter of a message that has no template: its whole text."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a send API demands of a message beside a phone, and where it does not send."""

    template: bool = True
    """An approved signature and template with parameters; else a sender id, or none, and one text (``THE_TEXT``)."""
    mainland: bool = True
    """It sends to mainland China too."""


@dataclass(frozen=True, slots=True)
class Message:
    """A row that passed the check, in the form the gateway gets it. ``phone`` is E.164, ``country`` alpha-2, ``params`` JSON."""

    phone: str
    national: str
    country: str
    sign: str
    template: str
    params: str
    out_id: str


class Checked(NamedTuple):
    """What the check made of a row: a message to send, or problems, or a message held back with a ``skip.*`` code.

    ``identity`` is what would be sent, hashed; ``occurrence`` counts equal ones in the list from 1 (design, section 3.4), a test
    has 0; ``segments`` are those of its text, as far as the list can tell; ``zones`` those its phone may be in, where hours
    matter.
    """

    row: Row
    message: Message | None
    problems: tuple[Problem, ...] = ()
    skip: str = ""
    identity: bytes = b""
    occurrence: int = 0
    warnings: tuple[Problem, ...] = ()
    segments: int = 0
    zones: tuple[str, ...] = ()

    @property
    def sendable(self) -> bool:
        """Whether it is to be sent."""
        return self.message is not None and not self.skip


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that waits in the ledger: the ledger's id of it, its row number, and how often it was tried before."""

    id: int
    row: int
    attempts: int
    message: Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gateway, or the network on the way to it, said about one attempt.

    ``retry_after`` is in seconds, ``sent_at`` the moment before the request was written; ``segments`` as the gateway counts
    them, 0 where it does not say.
    """

    action: Action
    code: str
    sent_at: datetime
    message: str = ""
    biz_id: str = ""
    request_id: str = ""
    retry: Retry | None = None
    retry_after: float | None = None
    segments: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one message that is over: what came of it, and the status its row has now (``not_sent``: it waits).

    There is no outcome where the try was called off before it began.
    """

    pending: Pending
    outcome: Outcome | None
    status: Status


@dataclass(frozen=True, slots=True)
class Settled:
    """What the ledger keeps of an attempt: the row by its id, its status now, what was said; ``tried`` is 0 if called off."""

    id: int
    status: Status
    code: str = ""
    biz_id: str = ""
    message: str = ""
    request_id: str = ""
    tried: int = 1
    segments: int = 0

    @classmethod
    def of(cls, attempt: Attempt) -> Settled:
        """The part of an attempt that is kept."""
        said = attempt.outcome
        if said is None:
            return cls(attempt.pending.id, attempt.status, tried=0)
        known = (said.code, said.biz_id, said.message, said.request_id)
        return cls(attempt.pending.id, attempt.status, *known, segments=said.segments)


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger knows of a row: what one row of the result sheet is made from. ``sent_at`` of the last attempt."""

    row: Row
    status: Status
    code: str
    problems: tuple[Problem, ...] = ()
    biz_id: str = ""
    message: str = ""
    request_id: str = ""
    attempts: int = 0
    sent_at: datetime | None = None
    out_id: str = ""
    phone: str = ""
    country: str = ""
    segments: int = 0
    delivery: Delivery | None = None
    delivery_code: str = ""
    delivered_at: datetime | None = None
