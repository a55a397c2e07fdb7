"""The words by which objects are found: what they are called and described with, in one form for any script.

A word is a run of letters and digits, without case and accents. Han and kana are written without spaces: their runs are pairs of
characters, and the last one alone. An indicator is found by the domains, hosts and file names in its pattern too. Persons are not looked up
(product.md, G6): an individual's identity and accounts have no words; mail addresses, telephone numbers, long keys in a text are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

#: Different words of one object at most, the first ones; characters of a text that are looked at; characters of a word.
MOST, LOOKED, LONGEST = 24, 300, 31
_LOOKED_PATTERN = 2_000
#: Characters from which on the beginning of a word is enough.
BEGUN = 3

_NAMES = ("name", "value")
_TEXTS = ("abstract", "description", "content", "explanation")
_LISTS = ("aliases", "x_mitre_aliases", "labels")
_PATTERN = re.compile(r"(domain-name:value|url:value|file:name)\s*(?:=\s*('[^']*')|IN\s*\(([^)]*)\))")
_LITERAL = re.compile(r"'([^'\\]{1,255})'")
_HOST = re.compile(r"[^/?#]*//(?:[^/?#@]*@)?([^/?#:]+)")
_PERSONS = frozenset({"email-addr", "email-message", "user-account"})
_ORGANISED = frozenset({"organization", "group", "class", "system"})
_PRIVATE = re.compile(r"\S+(?:@|\[at\]|\(at\))\S+|\+\d[\d ().-]{6,}\d", re.IGNORECASE)
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ASCII = re.compile("[a-z0-9]+")
_RUN = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")


def words(text: str) -> list[str]:
    """The words of a text, in its order, each as often as it is said."""
    runs = _runs(text)
    if text.isascii():
        return [run for run in runs if len(run) <= LONGEST]
    return [word for run in runs for word in _words(run)]


def _words(run: str) -> list[str]:
    if _is_han(run):
        return [run[at : at + 2] for at in range(len(run))]
    return [run] if len(run) <= LONGEST else []


def found_by(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that an object is found by."""
    type_ = obj.get("type")
    if type_ in _PERSONS or (type_ == "identity" and obj.get("identity_class") not in _ORGANISED):
        return ()
    found: dict[str, None] = {}
    for text in _said(obj):
        found.update(dict.fromkeys(words(text)))
    return tuple(found)[:MOST]


def asked(text: str) -> tuple[str, ...]:
    """What to look for: the words of a question, the last with `*` behind it where its beginning is enough."""
    runs = _runs(text)
    found: list[str] = []
    for at, run in enumerate(runs):
        last = at == len(runs) - 1
        if _is_han(run):
            found += [run[place : place + 2] for place in range(len(run) - 1)] or [f"{run}*"]
        elif len(run) <= LONGEST:
            found.append(f"{run}*" if last and len(run) >= BEGUN and not text[-1:].isspace() else run)
    return tuple(dict.fromkeys(found))


def _said(obj: Mapping[str, Any]) -> Iterator[str]:
    yield from (text for name in _NAMES if isinstance(text := obj.get(name), str))
    if isinstance(pattern := obj.get("pattern"), str) and obj.get("type") == "indicator":
        yield from _compared(pattern[:_LOOKED_PATTERN])
    yield from (text for name in _TEXTS if isinstance(text := obj.get(name), str))
    for name in _LISTS:
        if isinstance(many := obj.get(name), list):
            yield from (text for text in many if isinstance(text, str))


def _compared(pattern: str) -> Iterator[str]:
    """Domains, hosts of URLs and file names that a pattern compares with. The rest of a URL may lead to a person."""
    for path, one, many in _PATTERN.findall(pattern):
        for value in _LITERAL.findall(one or many):
            if path != "url:value":
                yield value
            elif host := _HOST.match(value):
                yield host.group(1)


def _runs(text: str) -> list[str]:
    text = text[:LOOKED]
    if "@" in text or "+" in text or "at]" in text or "at)" in text:
        text = _PRIVATE.sub(" ", text)
    if text.isascii():
        return _ASCII.findall(text.lower())
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _RUN.findall("".join(each for each in plain if not unicodedata.combining(each)))


def _is_han(run: str) -> bool:
    return run[0] >= "\u3040" and re.match(f"[{_HAN}]", run) is not None
