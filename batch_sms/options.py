"""The options of a campaign: one table from which both the command line and the campaign file are made.

So an option of ``send`` is a key of the same name in a file, with the same kinds, choices and defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from batch_sms import words


class Kind(StrEnum):
    """What the value of an option is."""

    TEXT = "text"
    PATH = "path"
    CHOICE = "choice"
    WHOLE = "whole"
    SECONDS = "seconds"
    FLAG = "flag"
    TEXTS = "texts"
    """One text or several."""
    ROLES = "roles"
    """A header for each role: a table of its own in a file."""
    PARAMS = "params"
    """A text for each template parameter: a table of its own in a file."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its key in a file and its field of Campaign, the file's table it stands in, what its value is.

    ``default`` is the one of Campaign; ``metavar`` and ``help`` are the command line's; ``least`` is for whole numbers.
    """

    name: str
    table: str
    kind: Kind
    help: str
    default: object = None
    metavar: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    flags: tuple[str, ...] = ()

    @property
    def spelt(self) -> tuple[str, ...]:
        """How it is written on the command line."""
        return self.flags or (f"--{self.name.replace('_', '-')}",)


LIST = (
    Option("sheet", "list", Kind.TEXT, "Sheet of a workbook, by name or place among visible ones (default: 1).", None, "NAME|N"),
    Option("encoding", "list", Kind.TEXT, "Encoding of a CSV file (default: found out and shown).", None, "NAME"),
    Option("hidden", "list", Kind.CHOICE, "What to do with rows that are hidden or filtered out in the workbook.",
           "skip", choices=("skip", "send")),
    Option("columns", "list", Kind.ROLES,
           "The column that holds a role: phone, country, sign, template, template_param, out_id.",
           metavar="ROLE=HEADER", flags=("--column",)),
    Option("country", "list", Kind.TEXT, "Country for rows without one: HK, HKG, 852 or a name.", "", "XX"),
    Option("duplicates", "list", Kind.CHOICE, "What to do with a message that stands in the list already.",
           "skip", choices=("skip", "send")),
    Option("opt_outs", "list", Kind.PATH, "Phones that must get nothing, one a line.", None, "FILE"),
    Option("landlines", "list", Kind.CHOICE, "Whether landline numbers are sent to; few of them take SMS.",
           "refuse", choices=("refuse", "allow")),
    Option("accept_possible", "list", Kind.FLAG,
           "Take numbers that are long enough for a mobile, though no numbering plan known here has them.", False),
    Option("prices", "list", Kind.PATH,
           "Price per segment by country (columns country, price, currency): shows the cost first.", None, "FILE"),
)  # fmt: skip
MESSAGE = (
    Option("sign", "message", Kind.TEXT, "Signature or sender id, where the list has no column for it.", "", "NAME"),
    Option("template", "message", Kind.TEXT, "Template code, where the list has no column for it.", "", "CODE"),
    Option("params", "message", Kind.PARAMS,
           "A template parameter; {header} in TEXT is filled from the row. Then only these are sent.",
           metavar="NAME=TEXT", flags=("--param",)),
    Option("api", "message", Kind.CHOICE, "The call that sends; 'batch-sms doctor' shows which ones your account has.",
           "send-inter-sms", choices=("send-inter-sms", "send-sms", "send-message-to-globe")),
)  # fmt: skip
RATE = Option("rate", "sending", Kind.TEXTS,
              "Most messages a second, minute, hour or day; several hold together; 0 is no limit.",
              ("20/s",), "N[/s|/m|/h|/d]")  # fmt: skip
SENDING = (
    Option("message_type", "message", Kind.CHOICE, "What send-message-to-globe is told the messages are.",
           "notify", choices=("notify", "otp", "mkt")),
    RATE,
    Option("workers", "sending", Kind.WHOLE, "Most threads, over all processes (default: as many as needed).", None, "N", least=1),
    Option("processes", "sending", Kind.WHOLE, "Processes that send (default: as many as the rate needs).", None, "N", least=1),
    Option("breaker", "sending", Kind.WHOLE, "Stop when N rows in a row fail alike; 0 never does.", 50, "N"),
    Option("connect_timeout", "sending", Kind.SECONDS, "Seconds to wait for a connection.", 10.0, "S"),
    Option("read_timeout", "sending", Kind.SECONDS, "Seconds to wait for an answer.", 10.0, "S"),
    Option("endpoint", "sending", Kind.TEXT,
           "The gateway (default: https://dysmsapi.aliyuncs.com, or the region's own).", "", "URL"),
    Option("region", "sending", Kind.TEXT,
           "The gateway's region (default: cn-hangzhou; ap-southeast-1 with send-message-to-globe).", "", "ID"),
    Option("signature", "sending", Kind.CHOICE,
           "How requests are signed: v3 is ACS3-HMAC-SHA256, v1 is HMAC-SHA1.", "v3", choices=("v3", "v1")),
    Option("sandbox", "sending", Kind.FLAG, "Send to a gateway inside this program: nothing real is sent.", False),
    Option("yes", "sending", Kind.FLAG, "Send without asking.", False, flags=("-y", "--yes")),
    Option("dry_run", "sending", Kind.FLAG, "Check and show only; send nothing.", False),
    Option("limit", "sending", Kind.WHOLE, "Only the first N sendable rows.", None, "N", least=1),
    Option("test_to", "sending", Kind.TEXT,
           "Send the first message of the list to this number of your own, and stop.", "", "PHONE"),
    Option("strict", "sending", Kind.FLAG, "Send nothing if any row is invalid.", False),
    Option("again", "sending", Kind.FLAG, "Start a new run of a list that was sent before.", False),
    Option("retry_rejected", "sending", Kind.FLAG, "Send the rejected rows of this run again.", False),
    Option("resend_in_doubt", "sending", Kind.FLAG, "Send the rows in doubt again; some may arrive twice.", False),
)  # fmt: skip
TIMES = (
    Option("not_before", "schedule", Kind.TEXT,
           "Wait until this time of day (09:00), or this date and time with zone.", "", "TIME"),
    Option("not_after", "schedule", Kind.TEXT, "Send nothing from this time of day, or date and time, on.", "", "TIME"),
    Option("hours", "schedule", Kind.TEXTS,
           "When people may get messages, by their own clocks, such as 09:00-20:00.", (), "FROM-TO"),
    Option("days", "schedule", Kind.TEXTS, "On which days of theirs, such as mon-fri.", (), "DAYS"),
)  # fmt: skip
SCHEDULE = (
    *TIMES,
    Option("max_age", "schedule", Kind.TEXT,
           "Send nothing if it begins so much later than --not-before says, such as 2h.", "", "TIME"),
    Option("per_recipient", "schedule", Kind.TEXT,
           "Most messages to one phone in a time, over all runs, such as 2/7d.", "", "N/TIME"),
    Option("wait_lock", "schedule", Kind.TEXT,
           "How long to wait where another process is sending this run, such as 10m.", "0s", "TIME"),
)  # fmt: skip
RESULT = (
    Option("output", "result", Kind.PATH, "Result sheet, .csv or .xlsx (default: beside LIST).", None, "FILE",
           flags=("-o", "--output")),
    Option("run", "result", Kind.TEXT, "Name of the run (default: made from the list).", "", "NAME"),
    Option("ledger", "result", Kind.PATH,
           "Database that remembers what was sent (default: $BATCH_SMS_LEDGER, else your data folder).", None, "FILE"),
    Option("lang", "result", Kind.CHOICE, "Language of reports and result sheets.", words.DEFAULT, choices=words.LANGUAGES),
    Option("report", "result", Kind.TEXT, "Web hook that gets the summary as JSON when the run is over.", "", "URL"),
    Option("report_file", "result", Kind.PATH, "File that the summary is written to as JSON when the run is over.",
           None, "FILE"),
    Option("json", "result", Kind.FLAG, "Print the summary as one JSON object.", False),
    Option("quiet", "result", Kind.FLAG, "No report and no progress before the summary.", False, flags=("-q", "--quiet")),
    Option("verbose", "result", Kind.FLAG, "A line for every attempt (without phone numbers).", False,
           flags=("-v", "--verbose")),
    Option("log_format", "result", Kind.CHOICE,
           "What is said on standard error where it is no terminal: lines of text, or of JSON (then always).",
           "text", choices=("text", "json")),
)  # fmt: skip
CALLING = tuple(
    option
    for option in SENDING
    if option.name in {"connect_timeout", "read_timeout", "endpoint", "region", "signature"}
)
"""The options of a command that only asks the gateway."""
ALL = (*LIST, *MESSAGE, *SENDING, *SCHEDULE, *RESULT)
MANNERS = frozenset({"yes", "json", "quiet", "verbose", "log_format"})
"""Those that say how the command behaves. All others are fields of Campaign."""
