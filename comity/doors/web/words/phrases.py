"""What decisions say about facts, in other languages. `agree` states facts in short fixed English; `facts.po` has its counterparts.

A key there is the English text itself. A key with fields (`from {since} until {end}`) stands for all texts of that form.
"""

from __future__ import annotations

import re
from functools import cache

from comity.doors.web.words.catalogue import facts, texts

#: What a field stands for where it is more than one word.
_SHAPES = {"n": r"\d+", "all": r"\d+", "tlp": "[a-z+]+", "grounds": ".+", "codes": ".+", "names": ".+", "level": ".+", "when": ".+"}
_FIELD = re.compile(r"\\\{([a-z]+)\\\}")
#: What joins several words of which each has its counterpart; keys of `facts.po` themselves.
_JOINTS = (" or ", ", ")


def phrase(lang: str, text: str) -> str:
    """The counterpart of a fact's name or of what it expects or is; `text` itself where there is none (names, codes, dates)."""
    words = facts(lang)
    if text in words:
        return words[text]
    for form, counterpart in _forms(lang):
        found = form.fullmatch(text)
        if found:
            return counterpart.format(**found.groupdict())
    for joint in _JOINTS:
        if joint in text and joint in words:
            return words[joint].join(words.get(part) or _type(lang, part) for part in text.split(joint))
    return _type(lang, text) if words else text


def _type(lang: str, word: str) -> str:
    """What a type of objects is called within a sentence; the word itself if it is none."""
    key = f"type.{word}"
    name = texts(lang).gettext(key)
    return word if name == key else name[:1].lower() + name[1:] if name[1:2].islower() else name


@cache
def _forms(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """The keys with fields as patterns, those that say most themselves first."""
    with_fields = [(key, text) for key, text in facts(lang).items() if "{" in key]
    with_fields.sort(key=lambda pair: len(re.sub(r"\{[a-z]+\}", "", pair[0])), reverse=True)
    return [(re.compile(_FIELD.sub(_shape, re.escape(key)), re.DOTALL), text) for key, text in with_fields]


def _shape(found: re.Match[str]) -> str:
    shape = _SHAPES.get(found[1], r"\S+")
    return f"(?P<{found[1]}>{shape})"
