"""Messages without a template: which parameter is the text, and what can be a sender id (reference aliyun.md, section 5.3)."""

from __future__ import annotations

import re
from collections.abc import Collection

from batch_sms.characters import key
from batch_sms.model import THE_TEXT

_SENDER_ID = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 ]{1,11}|[0-9]{1,15}")


def text_among(names: Collection[str]) -> str | None:
    """The parameter that is the whole text: the one named ``message``, else the only one; None where that can't be told."""
    named = [name for name in names if key(name) == THE_TEXT]
    chosen = named or list(names)
    return chosen[0] if len(chosen) == 1 else None


def is_sender_id(sign: str) -> bool:
    """Up to 11 letters and digits, or up to 15 digits. Spaces are let through: an approved one may have them."""
    return bool(_SENDER_ID.fullmatch(sign))
