"""``batch-sms countries``: where the gateway sends."""

from __future__ import annotations

from json import dumps as to_json
from typing import TYPE_CHECKING, Any

import click

from batch_sms import words
from batch_sms.cli.options import put_on
from batch_sms.options import CALLING

if TYPE_CHECKING:
    from batch_sms.destinations import Destinations


@click.command(short_help="Show where the gateway sends.")
@click.argument("name", default="")
@click.option("--offline", is_flag=True,
              help="Ask nobody: show the list that came last, else what the libraries here know.")  # fmt: skip
@put_on(CALLING)
@click.option("--lang", type=click.Choice(words.LANGUAGES), default=words.DEFAULT, show_default=True,
              help="Language of the names and of what it says.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the list as one JSON object.")
def countries(*, name: str, offline: bool, lang: str, as_json: bool, **calling: Any) -> int:
    """List the countries and regions that the gateway sends to, or those that NAME can mean: a name, HK, HKG or 852.

    The list is kept with its date, and check and send warn of destinations that it does not have.
    Exit codes: 0 found; 1 there is none such; 2 the gateway did not give its list.
    """
    from batch_sms.clock import RealClock  # noqa: PLC0415 (help answers without it)
    from batch_sms.connecting import WayOut, check_environment, gateway_at, own_credentials  # noqa: PLC0415
    from batch_sms.destinations import ask_for_destinations, kept_destinations, known_destinations  # noqa: PLC0415
    from batch_sms.gateway.apis import SEND_INTER_SMS  # noqa: PLC0415

    way_out = WayOut(**calling)
    endpoint = way_out.endpoint_of(SEND_INTER_SMS)
    if offline:
        destinations = kept_destinations(endpoint) or known_destinations(lang)
    else:
        check_environment(endpoint)
        clock = RealClock()
        with gateway_at(way_out, own_credentials(), clock) as gateway:
            destinations = ask_for_destinations(gateway, endpoint, clock)
    click.echo(_as_json(destinations, name, lang) if as_json else _as_text(destinations, name, lang, endpoint))
    return 0 if destinations.named(name) else 1


def _as_json(destinations: Destinations, name: str, lang: str) -> str:
    from batch_sms.destinations import spoken_name  # noqa: PLC0415 (as above)

    listed = [
        {"country": found.country, "dial_code": found.dial_code, "name": spoken_name(found, lang)}
        for found in destinations.named(name)
    ]
    taken_at = destinations.taken_at.isoformat(timespec="seconds") if destinations.taken_at else None
    return to_json({"source": destinations.source.value, "taken_at": taken_at, "countries": listed}, ensure_ascii=False)


def _as_text(destinations: Destinations, name: str, lang: str, endpoint: str) -> str:
    from batch_sms.destinations import spoken_name  # noqa: PLC0415 (as above)

    found = destinations.named(name)
    day = f"{destinations.taken_at:%Y-%m-%d}" if destinations.taken_at else ""
    count = len(destinations.listed)
    lines = [words.say(f"countries.{destinations.source.value}", lang, endpoint=endpoint, day=day, count=count)]
    lines += [
        words.say("countries.line", lang, country=one.country, dial_code=one.dial_code, name=spoken_name(one, lang))
        for one in found
    ]
    return "\n".join(lines if found else [*lines, words.say("countries.none", lang, name=name)])
