"""A report posted to a web hook. It takes no longer than it may, and whatever goes wrong with it is a NoticeError."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

import requests

from batch_sms.connecting import ca_bundle
from batch_sms.errors import NoticeError
from batch_sms.gateway.aliyun import Wire
from batch_sms.gateway.wire import failure_reason
from batch_sms.notices.addresses import shown

_TIMEOUT = 10.0
"""Seconds for a connection, and for each part of an answer."""
_LONGEST = 20.0
"""Seconds for all of it: a name that no server resolves, or an answer that comes in drops, would take longer."""


def post(url: str, facts: Mapping[str, object], longest: float = _LONGEST) -> None:
    """Post the facts as JSON, once. Raises NoticeError where they were not taken, or not in ``longest`` seconds."""
    failed = ["timed out"]

    def carry() -> None:
        failed[0] = _post(url, json.dumps(facts, ensure_ascii=False).encode())

    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    carrier.join(longest)
    if failed[0]:
        raise NoticeError("report_not_posted", where=shown(url), reason=failed[0])


def _post(url: str, body: bytes) -> str:
    """Why it failed, without the address; ``""`` if it did not."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # the proxies are read as the gateway's are, and nothing of a .netrc goes along
            answer = session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "batch-sms"},
                timeout=_TIMEOUT,
                allow_redirects=False,
                stream=True,  # what it answers is not read
                proxies=Wire.proxies_for(url),
                verify=ca_bundle() or True,
            )
            taken = requests.codes.ok <= answer.status_code < requests.codes.multiple_choices
            return "" if taken else f"HTTP {answer.status_code}"
    except Exception as error:  # noqa: BLE001 (whatever it is, the run is over and its exit code stands)
        return failure_reason(error)
