"""The report before sending and the summary after it, as text for a terminal."""

from __future__ import annotations

import math
from datetime import timedelta

from batch_sms.campaign import Campaign
from batch_sms.explain import Explainer
from batch_sms.gateway import codes
from batch_sms.model import Checked, Status
from batch_sms.run import Plan
from batch_sms.summary import Summary
from batch_sms.words import say

_MOST_CODES = 12


def plan(plan: Plan) -> str:
    """What is about to be sent: counts, problems, the first messages, rate and duration."""
    lang, report, table = plan.campaign.lang, plan.report, plan.checked.table
    lines = [say("report.source", lang, name=table.name, source=table.source, rows=report.rows)]
    lines.append(say("report.to_send", lang, count=report.sendable, segments=report.segments))
    for country, line in sorted(report.countries.items(), key=lambda item: -item[1].messages):
        lines.append(say("report.country", lang, country=country, messages=line.messages, segments=line.segments))
    for code, count in report.skipped.items():
        known = codes.find(code)
        lines.append(say("report.skipped", lang, count=count, meaning=known.meaning(lang) if known else code))
    if report.invalid:
        lines.append(say("report.invalid", lang, count=report.invalid))
        lines += _problems(plan)
    if plan.resumed:
        lines.append(say("report.resumed", lang, count=plan.to_send))
    elif report.samples:
        lines.append(say("report.samples", lang))
        lines += [_sample(checked, lang) for checked in report.samples]
    if not report.sendable:
        lines.append(say("report.nothing", lang))
    lines.append(_pace(plan))
    return "\n".join(lines)


def _problems(plan: Plan) -> list[str]:
    lang, explain = plan.campaign.lang, Explainer(plan.campaign.lang)
    lines = []
    for code, line in sorted(plan.report.problems.items(), key=lambda item: -item[1].rows):
        row, problem = line.first[0]
        sentence = explain.problem(problem)
        lines.append(say("report.problem", lang, rows=line.rows, code=code, row=row, sentence=sentence))
    return lines


def _sample(checked: Checked, lang: str) -> str:
    message = checked.message
    assert message is not None
    return say(
        "report.sample",
        lang,
        row=checked.row.number,
        phone=message.phone,
        country=message.country,
        sign=message.sign,
        template=message.template,
        params=message.params or say("report.no_params", lang),
    )


def _pace(plan: Plan) -> str:
    lang, rate = plan.campaign.lang, plan.campaign.messages_per_second
    unlimited = rate == math.inf
    duration = timedelta(seconds=0 if unlimited else math.ceil(plan.to_send / rate))
    spoken = say("report.no_limit", lang) if unlimited else ", ".join(plan.campaign.rate)
    return say("report.pace", lang, rate=spoken, duration=duration, run=plan.run_name)


def summary(summary: Summary, campaign: Campaign) -> str:
    """What became of the rows, by status, country and code, and what to do next."""
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
    lines += _ending(summary, campaign)
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


def _ending(summary: Summary, campaign: Campaign) -> list[str]:
    lang, status = campaign.lang, summary.by_status()
    lines = [_what_was_sent(summary, campaign)]
    if summary.stopped_by is not None:
        reason = f"{summary.stopped_by.code} {summary.stopped_by.message}".strip()
        lines.append(say("summary.stopped", lang, reason=reason))
    if summary.clock_offset:
        offset = timedelta(minutes=round(abs(summary.clock_offset.total_seconds()) / 60))
        key = "summary.clock_behind" if summary.clock_offset > timedelta(0) else "summary.clock_ahead"
        lines.append(say(key, lang, offset=offset))
    limited = summary.by_code()[Status.NOT_SENT, "run.LIMIT"]
    if limited:
        lines.append(say("summary.limited", lang, count=limited))
    if left := summary.left:
        lines.append(say("summary.go_on", lang, count=left))
    if status[Status.INVALID] and not summary.unsent_by:
        lines.append(say("summary.corrected", lang, run=summary.run))
    return lines + _where(summary, lang)


def _what_was_sent(summary: Summary, campaign: Campaign) -> str:
    lang, status = campaign.lang, summary.by_status()
    if summary.unsent_by == "run.STRICT":
        return say("summary.refused", lang, count=status[Status.INVALID])
    if summary.unsent_by:
        return say("summary.dry_run", lang)
    if summary.sent_now:
        rate = say("summary.rate", lang, rate=f"{summary.rate:.1f}") if summary.rate else ""
        return say("summary.sent", lang, count=summary.sent_now, seconds=f"{summary.seconds:.1f}", rate=rate)
    return say("summary.nothing_sent" if status[Status.NOT_SENT] else "summary.sent_before", lang)


def _where(summary: Summary, lang: str) -> list[str]:
    """Where the result sheet is, or why there is none."""
    if summary.output_problem is not None:
        return [say("summary.no_result", lang, problem=summary.output_problem.say(lang), run=summary.run)]
    if summary.output is None:
        return []
    key = "summary.result" if summary.output == summary.output_wanted else "summary.result_elsewhere"
    return [say(key, lang, path=summary.output, wanted=summary.output_wanted)]
