"""Reading the texts: `<language>/<area>.po`, one file per area of the pages, by Babel into gettext's own form.

Keys are symbolic (`inbox.title`), so English is a language as any other. What a language lacks is said in English. The files of a
language are read when the first page in it is drawn, and kept.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from comity.doors.web.words.pseudo import stretched

#: The language that others fall back to.
FALLBACK = "en"
#: The pseudo-locale: English, longer and with accents, to see what clips and what is not in the catalogue.
PSEUDO = "qps"
#: The areas of what decisions say about facts and lint about texts, and how those of what faults and outcomes say begin: their keys are the
#: English of the rooms that say it (`phrases.py`, `remarks.py`).
FACTS, REMARKS, REFUSALS = "facts", "remarks", "refusals_"


def areas(lang: str) -> list[str]:
    """The areas that a language has files for, in order."""
    names = [file.name for file in files(__package__).joinpath(lang).iterdir()]
    return sorted(name.removesuffix(".po") for name in names if name.endswith(".po"))


def is_english(area: str) -> bool:
    """Whether the keys of an area are English themselves."""
    return area in (FACTS, REMARKS) or area.startswith(REFUSALS)


def messages(lang: str, area: str) -> Catalog:
    """One file. Raises Babel's PoFileError for one that is malformed."""
    text = files(__package__).joinpath(lang, f"{area}.po").read_bytes()
    return read_po(io.BytesIO(text), locale=lang, abort_invalid=True)


@cache
def texts(lang: str) -> NullTranslations:
    """All texts of a language, with English behind them. An unknown key is given back as it is."""
    if lang == PSEUDO:
        return _Pseudo()
    whole = Catalog(locale=lang)
    for area in areas(lang):
        if not is_english(area):
            for message in messages(lang, area):
                if message.id:
                    whole.add(message.id, message.string)
    found = _compiled(whole)
    if lang != FALLBACK:
        found.add_fallback(texts(FALLBACK))
    return found


@cache
def own(lang: str) -> frozenset[str]:
    """The keys that a language has itself."""
    return frozenset(
        str(_key(message.id)) for area in areas(lang) if not is_english(area) for message in messages(lang, area) if message.id
    )


def _key(id_: str | list[str] | tuple[str, ...]) -> str:
    return id_ if isinstance(id_, str) else id_[0]


@cache
def english(lang: str, area: str) -> dict[str, str]:
    """English -> its counterpart, of an area whose keys are English; empty for a language that has no such file."""
    if lang == PSEUDO or area not in areas(lang):
        return {}
    return {str(message.id): str(message.string) for message in messages(lang, area) if message.id}


def facts(lang: str) -> dict[str, str]:
    """The counterparts of what decisions say about facts."""
    return english(lang, FACTS)


@cache
def remarks(lang: str) -> dict[str, str]:
    """The counterparts of what lint, faults and outcomes say."""
    if lang == PSEUDO:
        return {}
    said = (REMARKS, *(area for area in areas(lang) if area.startswith(REFUSALS)))
    return {key: text for area in said for key, text in english(lang, area).items() if text}


def _compiled(catalog: Catalog) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


class _Pseudo(NullTranslations):
    """English, stretched."""

    def gettext(self, message: str) -> str:
        text = texts(FALLBACK).gettext(message)
        return text if text == message else stretched(text)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        text = texts(FALLBACK).ngettext(msgid1, msgid2, n)
        return text if text == msgid1 else stretched(text)
