"""A whole list, read and checked: what ``check`` reports and ``send`` sends. Reads files, sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from batch_sms.campaign import Campaign
from batch_sms.checking.opt_outs import OptOutList
from batch_sms.checking.phones import Rules
from batch_sms.checking.prices import Price, read_prices
from batch_sms.checking.report import Report
from batch_sms.checking.rows import Checker, Served
from batch_sms.checking.seen import Seen
from batch_sms.checking.spool import Spool
from batch_sms.checking.zones import zoned
from batch_sms.country_column import country_column_notes
from batch_sms.destinations import kept_destinations
from batch_sms.errors import ListError, SettingsError
from batch_sms.gateway.endpoints import check_endpoint
from batch_sms.model import Checked, Columns, Role, Row
from batch_sms.opt_out_file import opt_out_notes, read_opt_outs
from batch_sms.phone_column import columns_of, likely_cure, phone_column_notes
from batch_sms.sheets.headless import Headless
from batch_sms.sheets.reading import STANDARD_INPUT, Table, beside, open_frame, open_list
from batch_sms.watching import Unwatched, Watcher, step

NOT_KNOWN_YET = "?"
"""Stands for a signature or a template in a check that was given none."""


@dataclass(frozen=True, slots=True)
class CheckedList:
    """A checked list; a context manager, because its rows are kept in a temporary file.

    ``fingerprint`` tells lists apart by their rows and by what is sent (design, section 3.4).
    """

    table: Table
    columns: Columns
    report: Report
    spool: Spool | None
    """Its rows; none where they are not kept."""
    fingerprint: str
    entry: str
    """Tells entries into the ledger apart: the fingerprint, which rows are held back, and the zones of the others."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.spool is not None:
            self.spool.close()

    def __iter__(self) -> Iterator[Checked]:
        assert self.spool is not None
        return iter(self.spool)


def check_list(
    campaign: Campaign,
    watch: Watcher | None = None,
    *,
    complete: bool = True,
    keep: bool = True,
    now: datetime | None = None,
) -> CheckedList:
    """Read and check the whole list. Raises ListError, SettingsError.

    Where it is not to be sent, it need not be ``complete``: no signature and no template are no fault then. From ``now`` on
    the recipients' hours are looked for, where there are any. The rows are kept for another look, unless ``keep`` is false.
    """
    watch = watch or Unwatched()
    with step(watch, "reading"):
        table = _open(campaign)
    columns = columns_of(table, campaign)
    of_columns = (*phone_column_notes(table, columns, campaign), *country_column_notes(table, columns, campaign))
    table = replace(table, notes=(*table.notes, *of_columns))
    demands = campaign.send_api.demands
    complete = complete and demands.template
    for role, default in ((Role.SIGN, campaign.sign), (Role.TEMPLATE, campaign.template)):
        if complete and role not in columns.roles and not default:
            raise SettingsError(f"no_{role.value}")
    with step(watch, "reading"):
        opted_out = read_opt_outs(campaign.opt_outs) if campaign.opt_outs else OptOutList()
    if campaign.opt_outs:
        table = replace(table, notes=(*table.notes, *opt_out_notes(campaign.opt_outs, opted_out)))
    unknown = NOT_KNOWN_YET if not complete and demands.template else ""
    with closing(Seen()) as seen:
        checker = Checker(
            columns,
            sign=campaign.sign or unknown,
            template=campaign.template or unknown,
            params=campaign.params,
            country=campaign.country,
            rules=Rules(landlines=campaign.landlines == "allow", possible=campaign.accept_possible),
            send_duplicates=campaign.duplicates == "send",
            opted_out=opted_out.digits,
            seen=seen,
            demands=demands,
            served=_served_by(campaign),
        )
        return _checked(campaign, table, columns, _check_of(checker, campaign, now), watch, keep=keep)


def _check_of(checker: Checker, campaign: Campaign, now: datetime | None) -> Callable[[Row], Checked]:
    """How a row is checked: where hours matter, its phone's zones too."""
    hours = campaign.open_hours
    if hours is None or now is None:
        return checker.check
    at = now.timestamp()
    return lambda row: zoned(checker.check(row), lambda zones: hours.opening(zones, at) is not None)


def _checked(
    campaign: Campaign, table: Table, columns: Columns, check: Callable[[Row], Checked], watch: Watcher, *, keep: bool
) -> CheckedList:
    digest, entry = _digest_of(campaign, table), hashlib.sha256()
    report = Report(
        table.name, table.source, table.notes, prices=open_prices(campaign.prices) if campaign.prices else {}
    )
    spool, number, headless = Spool() if keep else None, 0, Headless(table)
    rows = table.rows()
    watch.begin("checking", table.size, table.place or (lambda: number))
    try:
        for row in rows:
            number = row.number
            checked = check(row)
            digest.update("\x1f".join(row.cells).encode("utf-8", "surrogatepass") + b"\x1e" + checked.identity)
            entry.update(" ".join((checked.skip, *checked.zones)).encode() + b"\x1e")
            report.add(checked)
            headless.look_at(row)
            if spool is not None:
                spool.append(checked)
            watch.moved()
    except BaseException:
        if spool is not None:
            spool.close()
        raise
    finally:
        rows.close()
        watch.end()
    report.notes = (*table.notes, *headless.notes())
    if report.has_no_phone:
        report.cure = likely_cure(table, columns, campaign)
    return CheckedList(table, columns, report, spool, digest.hexdigest(), entry.hexdigest() + digest.hexdigest())


def _served_by(campaign: Campaign) -> Served | None:
    """Where the gateway sends by the list that it gave last; None where it was never asked. Asks nobody."""
    kept = None if campaign.sandbox else kept_destinations(check_endpoint(campaign.called_endpoint))
    if kept is None:
        return None
    return Served(kept.regions(by_country=campaign.send_api.by_country), f"{kept.taken_at:%Y-%m-%d}")


def open_prices(path: Path) -> dict[str, Price]:
    """The prices of a file by alpha-2 code. Raises ListError."""
    with beside(path, "--prices"):
        table = open_list(path, header_only=True, hidden="send", stored=True)
        with closing(table.rows()) as rows:
            prices = read_prices(table.headers, rows, path)
    if not prices:
        raise ListError("no_prices", path=path)
    return prices


def _open(campaign: Campaign) -> Table:
    path = campaign.list_path
    if path is None:
        return open_frame(campaign.list, campaign.list_name)
    table = open_list(path, campaign.sheet, campaign.encoding, columns=campaign.columns, hidden=campaign.hidden)
    return table if path != STANDARD_INPUT else replace(table, name=campaign.list_name)


def _digest_of(campaign: Campaign, table: Table) -> hashlib._Hash:
    where = "sandbox" if campaign.sandbox else campaign.called_endpoint
    sent = (campaign.sign, campaign.template, campaign.country, campaign.api, where, campaign.duplicates)
    params = tuple(part for pair in campaign.params.items() for part in pair)
    return hashlib.sha256("\x1f".join((*sent, *params, *table.headers)).encode("utf-8", "surrogatepass"))
