"""The report before sending and the summary after it, as text for a terminal."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from batch_sms.campaign import Campaign
from batch_sms.characters import shortened
from batch_sms.checking.prices import Price
from batch_sms.checking.report import OF_COLUMNS, ProblemLine, Report
from batch_sms.drafting import Plan
from batch_sms.explain import Explainer
from batch_sms.gateway import codes
from batch_sms.gateway.apis import APIS, NOT_OFFERED
from batch_sms.model import THE_TEXT, Action, Checked, Note, Outcome, Status
from batch_sms.rounds import why_it_stops
from batch_sms.schedule.forecast import Forecast, moment_here
from batch_sms.sheets import results
from batch_sms.sheets.result_workbook import SHEET
from batch_sms.signals import ASKED
from batch_sms.summary import Summary
from batch_sms.words import say

_MOST_CODES = 12
_LONGEST_SAMPLE = 300
_NEVER_QUIET = frozenset(
    {
        "encoding_guessed",
        "phone_column",
        "headless_columns",
        "encoding_doubtful",
        "hidden_left_out",
        "title_lines",
        "other_sheets",
        "country_column",
        "opt_outs_beside",
        "opt_outs_none",
        "opt_outs_passed",
        "opt_outs_unknown",
    }
)
"""What was guessed of a list, or left out of it: said with --quiet too, where nobody sees the report."""


def plan(plan: Plan) -> str:
    """What is about to be sent: the report, rate and duration."""
    lang, limit = plan.campaign.lang, plan.campaign.limit
    lines = _report(plan.report, plan.campaign)
    if plan.campaign.test_to:
        lines.append(say("report.test", lang, phone=plan.campaign.test_phone.e164))
    if limit is not None and limit < plan.report.sendable:
        lines.append(say("report.limited", lang, count=limit))
    if plan.resumed:
        lines.append(say("report.resumed", lang, count=plan.to_send))
    lines += _schedule(plan.forecast, lang)
    lines.append(_pace(plan) if plan.to_send else say("report.nothing", lang))
    return "\n".join(lines)


def checked(report: Report, campaign: Campaign) -> str:
    """What a check found, and when it would all go."""
    lines = _report(report, campaign)
    return "\n".join(lines + (_schedule(report.forecast, campaign.lang) if report.forecast else []))


def _report(report: Report, campaign: Campaign) -> list[str]:
    """What a list holds: how it was read, counts and cost by country, problems and warnings, the first messages."""
    lang, explain = campaign.lang, Explainer(campaign.lang)
    lines = [say("report.source", lang, name=report.name, source=report.source, rows=report.rows)]
    lines += [f"  {_note(note, lang)}" for note in report.notes]
    lines.append(say("report.to_send", lang, count=report.sendable, segments=report.segments))
    lines += _countries(report, lang)
    for code, count in report.skipped.items():
        known = codes.find(code)
        lines.append(say("report.skipped", lang, count=count, meaning=known.meaning(lang) if known else code))
    if report.invalid:
        lines.append(say("report.invalid", lang, count=report.invalid))
        lines += _kinds(report.problems, explain)
        lines += [say(f"mistake.{mistake.key}", lang, **mistake.facts) for mistake in report.mistakes()]
    if report.warnings:
        lines.append(say("report.warnings", lang))
        lines += _kinds(report.warnings, explain)
    if report.samples:
        lines.append(say("report.samples", lang))
        lines += [_sample(checked, lang) for checked in report.samples[: campaign.limit]]
    return lines


def never_quiet(plan: Plan) -> list[str]:
    """What a person must be told of how the list was read, even where the report is not wanted."""
    report, lang = plan.report, plan.campaign.lang
    return [f"{report.name}: {_note(note, lang)}" for note in report.notes if note.key in _NEVER_QUIET]


def _note(note: Note, lang: str) -> str:
    return say(f"note.{note.key}", lang, **note.facts)


def _countries(report: Report, lang: str) -> list[str]:
    lines = []
    for country, line in sorted(report.countries.items(), key=lambda item: -item[1].messages):
        cost = report.cost_of(country)
        spoken = f"   {cost}" if cost is not None else ""
        sums = {"country": country, "messages": line.messages, "segments": line.segments}
        lines.append(say("report.country", lang, **sums) + spoken)
    if report.costs:
        lines.append(say("report.cost", lang, cost=_sum(report)))
    if report.unpriced:
        lines.append(say("report.unpriced", lang, countries=", ".join(report.unpriced)))
    return lines


def _sum(report: Report) -> str:
    return " + ".join(str(Price(amount, currency)) for currency, amount in report.costs.items())


def question(plan: Plan) -> str:
    """What a person says yes to: how many messages, and what they cost as far as prices were given."""
    lang, report, facts = plan.campaign.lang, plan.report, {"count": plan.to_send}
    if not report.costs:
        return say("report.question", lang, **facts)
    cost = _sum(report) if plan.to_send == report.sendable else say("report.at_most", lang, cost=_sum(report))
    if report.unpriced:
        cost = say("report.and_unpriced", lang, cost=cost, countries=", ".join(report.unpriced))
    return say("report.question_cost", lang, **facts, cost=cost)


def _kinds(kinds: Mapping[str, ProblemLine], explain: Explainer) -> list[str]:
    """Problems grouped by their kind, the most frequent first, each with its first rows."""
    lines = []
    for code, line in sorted(kinds.items(), key=lambda item: -item[1].rows):
        lines.append(say("report.kind", explain.lang, rows=line.rows, code=code))
        for row, problem in line.first:
            lines.append(
                say(
                    "report.problem",
                    explain.lang,
                    row=row,
                    sentence=shortened(explain.problem(problem), _LONGEST_SAMPLE),
                )
            )
            if code in OF_COLUMNS and (more := line.columns[problem.column] - 1):
                lines[-1] += say("report.more_in_column", explain.lang, count=more)
        if code in OF_COLUMNS:
            lines.append(say(f"report.why_{code.partition('.')[2]}", explain.lang))
    return lines


def report_as_dict(report: Report, lang: str) -> dict[str, object]:
    """A report for machines."""
    explain = Explainer(lang)

    def kinds(lines: Mapping[str, ProblemLine]) -> list[dict[str, object]]:
        return [
            {
                "code": code,
                "rows": line.rows,
                "first": [
                    {"row": row, "column": problem.column, "message": explain.problem(problem)}
                    for row, problem in line.first
                ],
            }
            for code, line in lines.items()
        ]

    return {
        "list": report.name,
        "source": report.source,
        "notes": [_note(note, lang) for note in report.notes],
        "rows": report.rows,
        "sendable": report.sendable,
        "invalid": report.invalid,
        "skipped": dict(report.skipped),
        "segments": report.segments,
        "countries": {
            country: {"messages": line.messages, "segments": line.segments} | _cost_as_dict(report.cost_of(country))
            for country, line in report.countries.items()
        },
        **(report.forecast.as_dict() if report.forecast else {}),
        "cost": {currency: f"{amount:f}" for currency, amount in report.costs.items()},
        "unpriced": report.unpriced,
        "problems": kinds(report.problems),
        "mistakes": [say(f"mistake.{mistake.key}", lang, **mistake.facts) for mistake in report.mistakes()],
        "warnings": kinds(report.warnings),
        "exit_code": 1 if report.invalid else 0,
    }


def _cost_as_dict(cost: Price | None) -> dict[str, object]:
    return {} if cost is None else {"cost": f"{cost.amount:f}", "currency": cost.currency}


def _sample(checked: Checked, lang: str) -> str:
    message = checked.message
    assert message is not None
    facts = {"row": checked.row.number, "phone": message.phone, "country": message.country}
    if not message.template:
        text = shortened(json.loads(message.params)[THE_TEXT], _LONGEST_SAMPLE)
        return say("report.sample_plain", lang, **facts, sign=message.sign or say("report.no_sender", lang), text=text)
    return say(
        "report.sample",
        lang,
        **facts,
        sign=message.sign,
        template=message.template,
        params=shortened(message.params, _LONGEST_SAMPLE) or say("report.no_params", lang),
    )


def _schedule(forecast: Forecast, lang: str) -> list[str]:
    """The first and the last moment of each country, where something has to wait."""
    lines = []
    if forecast.sleeps and forecast.countries:
        lines.append(say("report.schedule", lang))
        for country, moments in sorted(forecast.countries.items(), key=lambda item: item[1]):
            first, last = (f"{moment_here(at):%Y-%m-%d %H:%M}" for at in moments)
            line = say("report.schedule_line", lang, country=country, first=first, last=last)
            lines.append(line if first != last else say("report.schedule_moment", lang, country=country, at=first))
    if forecast.left:
        stop = forecast.stopped_by
        key = "schedule_left" if stop is None or stop.instead is None else "schedule_left_as"
        reason = why_it_stops(stop, lang) if stop is not None else ""
        lines.append(say(f"report.{key}", lang, count=forecast.left, reason=reason))
    return lines


def _pace(plan: Plan) -> str:
    lang, speed = plan.campaign.lang, plan.campaign.speed
    rates = [rate if "/" in rate else f"{rate}/s" for rate in plan.campaign.rates]
    spoken = ", ".join(rates) if speed.per_second < math.inf or speed.caps else say("report.no_limit", lang)
    if plan.forecast.left and not plan.forecast.countries:
        return say("report.pace_none", lang, rate=spoken, run=plan.run_name)
    duration = timedelta(seconds=math.ceil(plan.forecast.seconds))
    return say("report.pace", lang, rate=spoken, duration=duration, run=plan.run_name)


def summary(summary: Summary, campaign: Campaign, *, in_folder: bool = False) -> str:
    """What became of the rows, by status, country and code, and what to do next; ``in_folder`` for a hot folder's list."""
    lang = campaign.lang
    lines = [say("summary.run", lang, run=summary.run, rows=summary.rows, list=summary.list_name)]
    lines += [
        say("summary.status", lang, status=status.value, count=count)
        for status in Status
        if (count := summary.by_status()[status])
    ]
    countries = summary.by_country()
    if len(countries) > 1:
        lines.append(say("summary.countries", lang))
        for country, counts in countries.items():
            spoken = ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])
            lines.append(say("summary.country", lang, country=country, counts=spoken))
    lines += _codes(summary, lang)
    lines += _ending(summary, campaign, in_folder=in_folder)
    return "\n".join(lines)


def _codes(summary: Summary, lang: str) -> list[str]:
    unaccepted = [(key, count) for key, count in summary.by_code().most_common() if key[0] is not Status.ACCEPTED]
    lines = [say("summary.codes", lang)] if unaccepted else []
    for (status, code), count in unaccepted[:_MOST_CODES]:
        known = codes.find(code)
        meaning = known.meaning(lang) if known else ""
        lines.append(say("summary.code", lang, count=count, code=code, status=status.value, meaning=meaning).rstrip())
        lines.append(say("summary.advice", lang, advice=codes.advice(code, lang)))
    return lines


def _ending(summary: Summary, campaign: Campaign, *, in_folder: bool) -> list[str]:
    lang, status = campaign.lang, summary.by_status()
    lines = [_what_was_sent(summary, campaign)]
    if campaign.test_to:
        lines.append(say("summary.test", lang, phone=campaign.test_phone.e164))
    if summary.stopped_by is not None:
        lines.append(say("summary.stopped", lang, reason=_reason(summary.stopped_by, campaign)))
    if summary.clock_offset:
        offset = timedelta(minutes=round(abs(summary.clock_offset.total_seconds()) / 60))
        key = "summary.clock_behind" if summary.clock_offset > timedelta(0) else "summary.clock_ahead"
        lines.append(say(key, lang, offset=offset))
    limited = summary.by_code()[Status.NOT_SENT, "run.LIMIT"]
    if limited:
        lines.append(say("summary.limited", lang, count=limited))
    if left := summary.left:
        lines.append(_way_on_in_folder(summary, left, lang) if in_folder else _way_on(summary, left, campaign))
    if status[Status.INVALID] and not summary.unsent_by:
        lines.append(say("summary.corrected", lang, run=summary.run))
    if campaign.again and not summary.unsent_by:
        lines.append(say("summary.of_repetition", lang, run=summary.run))
    return lines + _where(summary, lang)


def _way_on(summary: Summary, left: int, campaign: Campaign) -> str:
    """How the rows that are left can go: by the same command, unless the account does not have the API that it calls."""
    lang, stop = campaign.lang, summary.stopped_by
    if stop is None or stop.code not in NOT_OFFERED:
        return say("summary.go_on", lang, count=left)
    others = say("summary.other", lang).join(name for name in APIS if name != campaign.api)
    facts = {"count": left, "api": campaign.api, "others": others, "run": summary.run}
    return say("summary.go_on_by_another", lang, **facts)


def _way_on_in_folder(summary: Summary, left: int, lang: str) -> str:
    """How the rows that are left of a dropped list can go: its watcher tries them again, unless a person stopped them."""
    stop = summary.stopped_by
    by_person = stop is not None and stop.message == ASKED
    key = "summary.go_on_dropped" if by_person else "summary.go_on_in_work"
    return say(key, lang, count=left, list=summary.list_name, run=summary.run)


def _reason(outcome: Outcome, campaign: Campaign) -> str:
    """Why a run was stopped: a signal, a failure of the ledger (in its own words), like failures, or the gateway's word."""
    if outcome.code.startswith("run.") and outcome.action is Action.STOP:
        by_person = outcome.message.startswith("SIG") or outcome.message == ASKED
        return say("summary.signal", campaign.lang, signal=outcome.message) if by_person else outcome.message
    if outcome.action in (Action.ROW, Action.IN_DOUBT):
        return say("summary.alike", campaign.lang, count=campaign.breaker, code=outcome.code)
    known = codes.find(outcome.code)
    meaning = known.meaning(campaign.lang) if known else ""
    return " ".join(part for part in (outcome.code, meaning, f"({outcome.message})" if outcome.message else "") if part)


def why_left(summary: Summary, lang: str) -> tuple[str, str]:
    """The code of why rows are left, and it in words for a log: none of the gateway's own are among them."""
    stop = summary.stopped_by
    if stop is not None and stop.code.startswith("run."):
        by_signal = stop.message.startswith("SIG")
        return stop.code, say("summary.signal", lang, signal=stop.message) if by_signal else stop.message
    if stop is not None:
        code = stop.code
    else:
        code = next((code for (status, code), _ in summary.by_code().most_common() if status is Status.NOT_SENT), "")
    known = codes.find(code)
    return code, f"{code}: {known.meaning(lang)}" if known else code


def _what_was_sent(summary: Summary, campaign: Campaign) -> str:
    lang, status = campaign.lang, summary.by_status()
    if summary.unsent_by == "run.STRICT":
        return say("summary.refused", lang, count=status[Status.INVALID])
    if summary.unsent_by:
        return say("summary.dry_run", lang)
    if summary.sent_now:
        rate = say("summary.rate", lang, rate=f"{summary.rate:.1f}") if summary.rate else ""
        return say("summary.sent", lang, count=summary.sent_now, seconds=f"{summary.seconds:.1f}", rate=rate)
    if summary.stopped_by is not None and status[Status.IN_DOUBT] > summary.in_doubt_before:
        return say("summary.nothing_known", lang)
    if status[Status.IN_DOUBT]:
        return say("summary.nothing_sent_in_doubt", lang, count=status[Status.IN_DOUBT], run=summary.run)
    if status[Status.NOT_SENT] or summary.stopped_by is not None:
        return say("summary.nothing_sent", lang)
    tried = any(status[name] for name in (Status.ACCEPTED, Status.REJECTED))
    return say("summary.sent_before" if tried else "summary.nothing_to_send", lang)


def _where(summary: Summary, lang: str) -> list[str]:
    """Where the result sheet is, or why there is none."""
    if summary.output_problem is not None:
        return [say("summary.no_result", lang, problem=summary.output_problem.say(lang), run=summary.run)]
    if summary.output is None:
        return []
    return where(summary.output, summary.rows, lang, summary.output_wanted)


def where(path: Path, rows: int, lang: str, wanted: Path | None = None) -> list[str]:
    """Where a result sheet of so many rows is, and whether it was wanted elsewhere or goes on in another sheet."""
    key = "summary.result" if wanted in (None, path) else "summary.result_elsewhere"
    lines = [say(key, lang, path=path, wanted=wanted)]
    if (sheets := results.sheets_of(path, rows)) > 1:
        first, last = SHEET, f"{SHEET} {sheets}"
        lines.append(say("summary.sheets", lang, sheets=sheets, first=first, last=last, most=results.MOST_ROWS))
    return lines
