"""The catalogue: every text of the pages, in each language. A language is one module with one table."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from comity.doors.web.words import en, ru
from comity.doors.web.words.phrases import phrase

#: Language tag -> its own name, in the order in which they are offered. The first is the fallback.
LANGUAGES = {"en": "English", "ru": "Русский"}
CATALOGUE: Mapping[str, Mapping[str, str]] = {"en": en.TEXTS, "ru": ru.TEXTS}
_TAG = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?\Z")
_PERIOD = re.compile(r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?\Z")


class Words(msgspec.Struct, frozen=True):
    """One language's texts."""

    lang: str

    def __call__(self, key: str, **fields: object) -> str:
        """The text of a key with its fields filled in. Raises KeyError for a key that the catalogue lacks."""
        text = CATALOGUE[self.lang][key]
        return text.format(**fields) if fields else text

    def rule(self, rule: str, text: str) -> str:
        """The text of a rule that no agreement gives; `text` for one that the catalogue does not have."""
        return CATALOGUE[self.lang].get(f"rule.{rule}.text", text)

    def name(self, group: str, word: str) -> str:
        """What a term of an open vocabulary (`type`, `kind`, `property` ...) is called: itself when the catalogue has no name for it."""
        return CATALOGUE[self.lang].get(f"{group}.{word}", word)

    def phrase(self, text: str) -> str:
        """What a decision's fact says (`at most amber`), in this language."""
        return phrase(self.lang, text)

    def period(self, text: str) -> str:
        """An ISO 8601 duration in words (`P1Y` -> `1 year`); itself if it has hours or another shape."""
        found = _PERIOD.match(text)
        if not found or not any(found.groups()):
            return text
        parts = zip(found.groups(), ("years", "months", "weeks", "days"), strict=True)
        return " ".join(self(f"period.{unit}", n=number) for number, unit in parts if number)


def choose(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language to answer in: asked for in the address, kept in the cookie, or the best that `Accept-Language` lists."""
    for tag in (asked, kept):
        if tag in LANGUAGES:
            return tag
    best = (0.0, next(iter(LANGUAGES)))
    for part in accepted[:1000].split(","):
        found = _TAG.match(part.strip())
        tag = found[1].lower() if found else ""
        if found and tag in LANGUAGES and float(found[2] or 1) > best[0]:
            best = (float(found[2] or 1), tag)
    return best[1]
