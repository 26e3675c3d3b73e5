"""What a person should know of a text before it is sent: links, lengths, characters that cost. Warnings hold no row back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from batch_sms.characters import shortened
from batch_sms.checking.segments import Size, costly_characters, size_of, with_sign
from batch_sms.model import Problem

LONGEST_VALUE = 200
"""Characters of one variable: PARAM_LENGTH_LIMIT of the international code table (reference aliyun.md, section 4)."""
LONGEST_TEXT = 500
"""Characters of a whole message with its signature, as the mainland site bounds it (reference aliyun.md, section 6)."""
LONGEST_PLAIN_TEXT = 2000
"""Characters of a message without template, as the international site bounds it (the same section)."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
"""What no phone shows. Tabs and line ends are text; halves of surrogate pairs are no text at all; U+FFFD stands for lost text."""
_LOST = "\ufffd"
_LINK = re.compile(
    r"\w+://\S|\bwww\.\w|\w\.[a-z]{2,}/\w|\w\.(?:com|cn|net|org|io|co|me|app|link|ly|cc|top|xyz|shop|info|gl|biz|dev|ai|tv"
    r"|vip|club|site|online|store|tech|asia|eu|hk|tw|sg|jp|kr|vn|th|ph|de|fr|nl|uk|ru|br|中国|公司|网络)\b",
    re.IGNORECASE,
)
"""Endings that are words too (``.in``, ``.it``, ``.no``) are left out: a full stop without a space would be a link."""
_LONGEST_LINK = 60
_SIGN = "sign"
_DOT_WORD = re.compile(r"\.(?=\w)")


def control_in(text: str) -> str:
    """The first character of a text that is none, by its number (``U+0007``, ``U+FFFD``); ``""`` where there is none such."""
    if text.isprintable() and _LOST not in text:
        return ""
    found = _CONTROL.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


Values = tuple[tuple[str, str], ...]
"""A message's parameters: names and values."""


class TextFacts(NamedTuple):
    """What there is to know of a text before it is sent: the segments it takes, and what a person should see of it."""

    segments: int
    warnings: tuple[Problem, ...]


def facts_of(sign: str, values: Values) -> TextFacts:
    """The facts of the text that these values make with the signature."""
    text = text_of(sign, values)
    size = size_of(text)
    return TextFacts(size.segments, tuple(_warnings(text, size, values)))


def facts_of_plain(name: str, text: str) -> TextFacts:
    """The facts of a text that is sent as it is, without template and signature; ``name`` is its parameter's."""
    size = size_of(text)
    warnings = [*_costly(text, size, ((name, text),))]
    if len(text) > LONGEST_PLAIN_TEXT:
        warnings.append(Problem("warn.LONG_TEXT", name, {"length": str(len(text)), "most": str(LONGEST_PLAIN_TEXT)}))
    return TextFacts(size.segments, tuple(warnings))


def text_of(sign: str, values: Values) -> str:
    """The text as far as it is known here: signature and parameter values (international templates are all variable)."""
    return with_sign(sign, " ".join([value for _, value in values]))


def _warnings(text: str, size: Size, values: Values) -> Iterator[Problem]:
    for name, value in values:
        if link := _link_in(value):
            yield Problem("warn.LINK", name, {"link": link})
        if len(value) > LONGEST_VALUE:
            yield Problem("warn.LONG", name, {"length": str(len(value)), "most": str(LONGEST_VALUE)})
    if len(text) > LONGEST_TEXT:
        yield Problem("warn.LONG_TEXT", "", {"length": str(len(text)), "most": str(LONGEST_TEXT)})
    yield from _costly(text, size, values)


def _costly(text: str, size: Size, values: Values) -> Iterator[Problem]:
    odd, plain = costly_characters(text, size)
    if not odd:
        return
    of_values = "".join(value for _, value in values)
    of_sign = [char for char in odd if text.count(char) > of_values.count(char)]
    places = {name: [char for char in odd if char in value] for name, value in values} | (
        {"": of_sign} if of_sign else {}
    )
    costly = {name: chars for name, chars in places.items() if chars}
    sizes = {"segments": str(size.segments), "plain": str(plain.segments)}
    for name, chars in costly.items():
        others = ", ".join(other or _SIGN for other in costly if other != name)
        hint = {"hint": "costly_too", "others": others} if others else {}
        yield Problem("warn.UCS2", name, {"chars": ", ".join(map(_spoken, chars)), **sizes, **hint})


def _spoken(char: str) -> str:
    """A character with its number and its name, since many can't be seen or told apart."""
    name = unicodedata.name(char, "TAB" if char == "\t" else "")
    shown = f"{char} " if char.isprintable() and not unicodedata.combining(char) else ""
    return f"{shown}U+{ord(char):04X} {name}".rstrip()


def _link_in(text: str) -> str:
    """The first word that is a web address, with or without its scheme; ``""`` where there is none."""
    if "://" not in text and not _DOT_WORD.search(text):
        return ""  # nearly every text: quicker than to look at each of its words
    word, found = next(((word, found) for word in text.split() if (found := _LINK.search(word))), ("", None))
    if found is None or len(word) <= _LONGEST_LINK:
        return word
    return shortened(
        word[max(0, found.start() - _LONGEST_LINK // 3) :], _LONGEST_LINK
    )  # Chinese has no spaces around it
