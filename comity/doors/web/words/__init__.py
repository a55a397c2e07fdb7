"""The words of the pages, in the language of whoever reads them. The texts are in `<language>/<area>.po`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

import msgspec
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from comity.doors.web.words.catalogue import FALLBACK, PSEUDO, own, texts
from comity.doors.web.words.phrases import phrase
from comity.doors.web.words.remarks import Pieces, pieces, remark

#: Language tag -> its own name, in the order in which they are offered. The first is the fallback.
LANGUAGES = {"en": "English", "ru": "Русский", "zh": "中文", "fa": "فارسی"}
#: Those written from right to left.
RIGHT_TO_LEFT = frozenset({"fa"})
_TAG = re.compile(r"([A-Za-z]{1,8})(?:-[A-Za-z0-9-]{1,40})?(?:\s*;\s*q=([01](?:\.[0-9]{0,3})?))?\Z")
_PERIOD = re.compile(r"P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?\Z")


def offered() -> dict[str, str]:
    """`LANGUAGES`, and the pseudo-locale if `COMITY_PSEUDO` is set."""
    return {**LANGUAGES, PSEUDO: "Pseudo"} if os.environ.get("COMITY_PSEUDO") else LANGUAGES


class Foreign(str):
    """A text in English on a page of another language, written in the other direction."""


class Words(msgspec.Struct, frozen=True):
    """One language's texts."""

    lang: str

    def __call__(self, key: str, **fields: object) -> str:
        """The text of a key with its fields filled in, in the plural form that a whole number `n` asks for.

        Raises KeyError for a key that the catalogue lacks.
        """
        found, n = texts(self.lang), fields.get("n")
        if isinstance(n, int):
            text = found.ngettext(key, key, n)
            if text != key:
                return self._told(key, text.format(**{**fields, "n": self.number(n)}))
        text = found.gettext(key)
        if text == key:
            raise KeyError(key)
        return self._told(key, text.format(**fields) if fields else text)

    def _told(self, key: str, text: str) -> str:
        """A text; as `Foreign` where it falls back to English and all around it is written from right to left."""
        return Foreign(text) if self.direction == "rtl" and key not in own(self.lang) else text

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML's `dir` has it."""
        return "rtl" if self.lang in RIGHT_TO_LEFT else "ltr"

    @property
    def tag(self) -> str:
        """The language as HTML's `lang` has it (BCP 47)."""
        return "en-x-pseudo" if self.lang == PSEUDO else self.lang

    def rule(self, rule: str, text: str) -> str:
        """The text of a rule that no agreement gives; `text` for one that the catalogue does not have."""
        return self._or(f"rule.{rule}.text", text)

    def name(self, group: str, word: str) -> str:
        """What a term of an open vocabulary (`type`, `kind`, `property` ...) is called: itself when the catalogue has no name for it."""
        return self._or(f"{group}.{word}", word)

    def names(self, group: str, words: Iterable[str]) -> str:
        """What several terms of a vocabulary are called, for a text that has room for them."""
        return ", ".join(self.name(group, word) for word in words)

    def _or(self, key: str, text: str) -> str:
        found = texts(self.lang).gettext(key)
        return text if found == key else self._told(key, found)

    def number(self, n: int) -> str:
        """A whole number with its digits grouped as the language does; always in European digits."""
        return format_decimal(n, locale=self._locale)

    def size(self, n: int) -> str:
        """Bytes in the unit that suits them (`3.2 GB`)."""
        step = max(0, min(4, (max(n, 1).bit_length() - 1) // 10))
        unit = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")[step]
        return format_unit(round(n / 1024**step, 1 if step else 0), f"digital-{unit}", length="short", locale=self._locale)

    def together(self, names: Iterable[str]) -> str:
        """Several names in one phrase (`KZ, UZ and IR`)."""
        return format_list(list(names), locale=self._locale)

    @property
    def _locale(self) -> str:
        return FALLBACK if self.lang == PSEUDO else self.lang

    def phrase(self, text: str) -> str:
        """What a decision's fact says (`at most amber`), in this language."""
        return phrase(self.lang, text)

    def remark(self, text: str) -> str:
        """What lint, a fault or an outcome says, or to do about it, in this language; itself where that is English."""
        return remark(self.lang, text)

    def pieces(self, text: str) -> Pieces:
        """A remark in this language, in pieces that say which are values; nothing where it is English."""
        return pieces(self.lang, text)

    def period(self, text: str) -> str:
        """An ISO 8601 duration in words (`P1Y` -> `1 year`); itself if it has hours or another shape."""
        found = _PERIOD.match(text)
        if not found or not any(found.groups()):
            return text
        parts = zip(found.groups(), ("years", "months", "weeks", "days"), strict=True)
        return " ".join(self(f"period.{unit}", n=int(number)) for number, unit in parts if number)


def choose(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language to answer in: asked for in the address, kept in the cookie, or the best that `Accept-Language` lists."""
    tags = offered()
    for tag in (asked, kept):
        if tag in tags:
            return tag
    best = (0.0, FALLBACK)
    for part in accepted[:1000].split(","):
        found = _TAG.match(part.strip())
        tag = found[1].lower() if found else ""
        if found and tag in tags and float(found[2] or 1) > best[0]:
            best = (float(found[2] or 1), tag)
    return best[1]
