"""What lint says of a text of an agreement, and faults and outcomes of what was asked for, in other languages.

The rooms below say it in English, by templates with values in them; `remarks.po` and `refusals_<room>.po` have a counterpart of each.
A key there is the English itself and stands for all texts of its form: `{field}` for any text, `{field!r}` for one in quotes, as Python
writes it. What a field holds may be a remark again: a label, a complaint about a word, the fault beneath. Texts are looked through by their
literal parts, from left to right and once: whoever chooses the values cannot make that slow.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from comity.doors.web.words.catalogue import remarks

#: The fields that hold remarks, those that hold names joined by words, those that hold one word, and those that hold a number.
_SAID = {
    "decision", "error", "example", "fault", "ground", "kind", "kinds", "limit", "msg", "nth", "other", "outcome", "place",
    "problem", "result", "said", "shown", "since", "sort", "state", "waiting", "what", "why", "wrong",
}  # fmt: skip
_NAMES = {"names"}
_WORD = {"guard", "key", "type", "where"}
_NUMBER = {"all", "line", "n", "number"}
FIELD = re.compile(r"\{([a-z]+)(?:!r)?\}")
#: Characters of its own that a template is told by.
_TELLING = 8
#: Longer texts are left as they are: what was written would be most of them.
_LONGEST = 2_000
#: What no words are of, of a longer text; its beginning is enough.
_ENDLESS = re.compile(r"([^\s'\"]{80})[^\s'\"]+")
#: What joins remarks, those that stand beside each other and those that say where; and how deep they are looked for within one another.
_SENTENCE, _WHERE, _DEEPEST = ". ", ": ", 4
_BESIDE = ("; ", _SENTENCE, ", ")


class Piece(NamedTuple):
    """A part of a remark: `kind` is `ours` for words of its language, `value` for what was written or named, `english` for the rest."""

    kind: str
    text: str


Pieces = tuple[Piece, ...]


def remark(lang: str, text: str) -> str:
    """The counterpart of a remark or of what to do about it; `text` itself where there is none."""
    return "".join(piece.text for piece in pieces(lang, text) or (Piece("english", text),))


@lru_cache(maxsize=1_000)
def pieces(lang: str, text: str) -> Pieces:
    """The counterpart of a remark in its pieces; nothing where there is none."""
    if len(text) > _LONGEST:
        text = _ENDLESS.sub(lambda found: f"{found[1]}…", text)
    return _found(lang, text.removesuffix("."), 0) if len(text) <= _LONGEST else ()


def _found(lang: str, text: str, depth: int) -> Pieces:
    """A counterpart of the whole, or else of what it is joined from."""
    words = remarks(lang)
    if text in words:
        return (Piece("ours", words[text]),)
    if not words or depth > _DEEPEST:
        return ()
    for template in _templates(lang):
        held = template.held(text)
        if held is not None and (template.plain or all(_found(lang, held[name], depth + 1) for name in held if name in _SAID)):
            return tuple(_put(lang, template.counterpart, held, depth))
    return _joined(lang, text, depth) or _placed(lang, text, depth)


def _put(lang: str, counterpart: str, held: dict[str, str], depth: int) -> list[Piece]:
    """A counterpart with its fields filled in."""
    parts, made = FIELD.split(counterpart), list[Piece]()
    for at, part in enumerate(parts):
        if at % 2:
            made += _field(lang, part, held[part], depth)
        elif part:
            made.append(Piece("ours", part))
    return made


def _field(lang: str, name: str, value: str, depth: int) -> Pieces:
    if name in _SAID and _quoted(value, 0) != len(value):
        return _found(lang, value, depth + 1) or (Piece("english" if " " in value else "value", value),)
    if name in _NAMES:
        for joint in (" or ", " and "):
            value = value.replace(joint, remarks(lang).get(joint, joint))
    return (Piece("value", value),)


def _joined(lang: str, text: str, depth: int) -> Pieces:
    """Several remarks one after the other, if each has its counterpart."""
    for joint in _BESIDE:
        if joint in text:
            found = [_found(lang, each, depth + 1) for each in _apart(text.removesuffix(joint.strip()), joint, 20)]
            if len(found) > 1 and all(found):
                between = Piece("ours", remarks(lang).get(joint, joint))
                return tuple(piece for at, each in enumerate(found) for piece in ((between,) if at else ()) + each)
    return ()


def _placed(lang: str, text: str, depth: int) -> Pieces:
    """A remark behind what it is about: `number[2]: must be a string`."""
    where, *said = _apart(text, _WHERE, 1)
    found = _found(lang, said[0], depth + 1) if said else ()
    if not found:
        return ()
    return (*(_found(lang, where, depth + 1) or (Piece("value", where),)), Piece("ours", remarks(lang).get(_WHERE, _WHERE)), *found)


def _apart(text: str, joint: str, most: int) -> list[str]:
    """A text parted at the first joints, but for those that stand in quotes."""
    found, begin, at, open_ends = list[str](), 0, 0, set[str]()
    while at < len(text) and len(found) < most:
        quote = text[at] if text[at] not in open_ends and not text[at - 1 : at].isalnum() else ""
        end = _quoted(text, at) if quote in ("'", '"') else None
        if end is not None:
            at = end
        elif text.startswith(joint, at):
            found.append(text[begin:at])
            at = begin = at + len(joint)
        else:
            open_ends.add(quote)  # so that no quote is looked for to the end twice
            at += 1
    return [*found, text[begin:]]


class _Template(NamedTuple):
    """The English in its parts: literals, and between them the names of fields and whether they are quoted."""

    literals: tuple[str, ...]
    fields: tuple[tuple[str, bool], ...]
    counterpart: str

    @property
    def plain(self) -> bool:
        """Whether its own words tell it from others: `{key} of {place}` is one only if that is a place."""
        return sum(map(len, self.literals)) >= _TELLING

    def held(self, text: str) -> dict[str, str] | None:
        """What the fields hold in a text; None if it is not of this form."""
        if not (text.startswith(self.literals[0]) and text.endswith(self.literals[-1])):
            return None
        at, held, last = len(self.literals[0]), dict[str, str](), len(text) - len(self.literals[-1])
        for index, ((name, quoted), behind) in enumerate(zip(self.fields, self.literals[1:], strict=True), 1):
            end = _quoted(text, at)
            whole = end is not None and text.startswith(behind, end)
            if not whole and not quoted:
                end = last if index == len(self.fields) else text.find(behind, at + bool(behind))
            if end is None or not at <= end <= last or not text.startswith(behind, end):
                return None
            if held.setdefault(name, text[at:end]) != text[at:end] or not (whole or at or _begins(name, text[:end])):
                return None
            if not (quoted or _fits(name, text[at:end], whole)):
                return None
            at = end + len(behind)
        return held if at == len(text) else None


def _quoted(text: str, at: int) -> int | None:
    """Where a text in quotes ends, as Python's `repr` writes it; None where none begins."""
    quote = text[at : at + 1]
    if quote not in ("'", '"'):
        return None
    while (at := at + 1) < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at + 1
    return None


def _begins(name: str, value: str) -> bool:
    """Whether a field at the beginning may hold a value: where something is said of is none of it, but in front of a fault in full."""
    return name == "fault" or _WHERE not in value


def _fits(name: str, value: str, quoted: bool) -> bool:
    """Whether a field may hold a value. What joins remarks is in none that is not in quotes, so that each is found by itself."""
    if name in _NUMBER:
        return value.isdecimal()
    if name in _WORD:
        return not any(map(str.isspace, value))
    return quoted or (_SENTENCE not in value and (name in _SAID or _WHERE not in value))


@cache
def _templates(lang: str) -> list[_Template]:
    """The keys with fields, those that say most themselves first."""
    with_fields = [(key, text) for key, text in remarks(lang).items() if FIELD.search(key)]
    with_fields.sort(key=lambda pair: len(FIELD.sub("", pair[0])), reverse=True)
    return [
        _Template(tuple(FIELD.split(key)[::2]), tuple((at[1], at[0].endswith("!r}")) for at in FIELD.finditer(key)), text)
        for key, text in with_fields
    ]
