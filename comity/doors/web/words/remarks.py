"""What lint says of a text of an agreement, in other languages.

`agree` says it in English, by templates with values in them; `remarks.po` has a counterpart of each. A key there is the English itself, and
stands for all texts of its form. What a field holds may be a remark again: a label, a complaint about a word, the ground of a guardrail.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from comity.doors.web.words.catalogue import REMARKS, english

#: The fields that hold remarks, those that hold names joined by words, and those that hold one word or a number.
_SAID = {"said", "what", "place", "ground", "kind", "other", "nth"}
_NAMES = {"names"}
_SHAPES = {"key": r"\S+", "n": r"\d+", "all": r"\d+", "line": r"\d+", "number": r"\d+", "guard": r"G\d+"}
FIELD = re.compile(r"\{([a-z]+)\}")
#: Longer texts are left as they are: what was written would be most of them.
_LONGEST = 500


@lru_cache(maxsize=2_000)
def remark(lang: str, text: str) -> str:
    """The counterpart of a remark or of what to do about it; `text` itself where there is none."""
    words = english(lang, REMARKS)
    if text in words or len(text) > _LONGEST:
        return words.get(text, text)
    for form, counterpart in _forms(lang):
        found = form.fullmatch(text)
        if found:
            held = {name: _field(lang, name, value) for name, value in found.groupdict().items()}
            return FIELD.sub(lambda at, held=held: held[at[1]], counterpart)  # type: ignore[misc]
    return text


def _field(lang: str, name: str, value: str) -> str:
    if name in _NAMES:
        for joint in (" or ", " and "):
            value = value.replace(joint, english(lang, REMARKS).get(joint, joint))
    return remark(lang, value) if name in _SAID else value


@cache
def _forms(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """The keys with fields as patterns, those that say most themselves first."""
    with_fields = [(key, text) for key, text in english(lang, REMARKS).items() if FIELD.search(key)]
    with_fields.sort(key=lambda pair: len(FIELD.sub("", pair[0])), reverse=True)
    return [(re.compile(_pattern(key), re.DOTALL), text) for key, text in with_fields]


def _pattern(key: str) -> str:
    """A key as a pattern: what stands between its fields as it is, each field by its shape, one that comes again as the first time."""
    parts, known = FIELD.split(key), set[str]()
    for at in range(1, len(parts), 2):
        name = parts[at]
        parts[at] = f"(?P={name})" if name in known else f"(?P<{name}>{_SHAPES.get(name, '.+')})"
        known.add(name)
    return "".join(part if at % 2 else re.escape(part) for at, part in enumerate(parts))
