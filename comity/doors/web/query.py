"""What an address asks for behind `?`: read in one place, so that whatever cannot be is refused in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from comity.clock import parse
from comity.doors.web.words import Words
from comity.errors import SenderFault

#: Characters of what was asked that are said again.
_SAID = 60
#: Choices that are listed.
_LISTED = 16


def number(words: Words, name: str, text: str) -> int:
    """A whole number. Raises SenderFault."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _wrong(words, name, text, words("query.number"))
    return int(text)


def moment(words: Words, name: str, text: str) -> datetime:
    """A date or a moment. Raises SenderFault."""
    try:
        return parse(text)
    except ValueError:
        raise _wrong(words, name, text, words("query.moment")) from None


def one_of(words: Words, name: str, text: str, choices: Collection[str]) -> str:
    """One of some words. Raises SenderFault."""
    if text not in choices:
        raise _wrong(words, name, text, words("query.choice", choices=", ".join([each for each in choices if each][:_LISTED])))
    return text


def _wrong(words: Words, name: str, text: str, next_: str) -> SenderFault:
    said = text if len(text) <= _SAID else f"{text[:_SAID]}…"
    return SenderFault(words("query.wrong", name=name, text=said), next=next_)
