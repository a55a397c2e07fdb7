"""How values are put on a page: defanged, isolated from the text around them, never a link to where they point."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from unicodedata import bidirectional, east_asian_width
from urllib.parse import quote, urlencode

import msgspec
from markupsafe import Markup, escape

from comity.clock import from_micros
from comity.doors.web.hosts import written
from comity.doors.web.words import Words
from comity.terms.observable import defang, guess

#: Characters that change how the text around them is ordered or drawn: a name must not be able to disguise another.
_DRAWN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
#: The marks around a text in another language (`foreign.py`): characters that no text has (Unicode section 23.7), so none may bring them.
BEGIN, END = "\ufdd0", "\ufdd1"
_UNSAFE, _UNSETTLED = re.compile(f"[{_DRAWN}{BEGIN}{END}]"), re.compile(f"[{_DRAWN}]")
_TOKEN = re.compile(r"(\s+|\|)")
#: A range of addresses, as far as it looks like one; and a port behind a host.
_RANGE = re.compile(r"(?<![\w.:/@-])([0-9a-fA-F.:]{1,44}[0-9a-fA-F:])(\s?[-\u2013]\s?)([0-9a-fA-F.:]{1,44}[0-9a-fA-F:])(?![\w:/@-])")
_PORT = re.compile(r"(\[[^\]]*\]|[^:]+):[0-9]{1,5}")
#: Brackets that are part of what they stand around.
_BRACKETED = re.compile(r"\[[0-9a-fA-F.:]+\]:[0-9]")
#: A JSON string.
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
#: What may stand before and after a word that is not part of it.
_BEFORE, _AFTER = "\"'(<[", "\"')>],;:!?"
#: A literal of a pattern; one that is not closed goes on to the end, so that no text is gone over twice.
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)('|\\?\Z)", re.DOTALL)
#: Longer words are shown as they are: nothing that long is an observable a person could read.
_LONGEST = 2048
#: The most characters of one text that a page shows; the raw object has all of it.
SHOWN = 20_000


def clean(text: str) -> str:
    """Text without control characters and direction overrides; each becomes U+FFFD, so that one sees something was there."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))


def settled(drawn: Markup) -> Markup:
    """What is drawn already, without such characters but for our own marks: a second look, for whatever filter was forgotten."""
    return Markup(_UNSETTLED.sub("\ufffd", drawn.replace("\r\n", "\n")))


def value(text: str, words: Words | None = None) -> Markup:
    """An observable value: defanged, left to right whatever is around it, not clickable.

    An internationalised name has its other form and its scripts beside it. They are no part of the text: whoever copies it gets the value.
    """
    also = _also(text, words or Words("en"))
    if not also:
        return Markup('<bdi dir="ltr" class="value">{}</bdi>').format(clean(defang(text)))
    return Markup('<bdi dir="ltr" class="value" data-also="{}">{}</bdi>').format(clean(also), clean(defang(text)))


def _also(text: str, words: Words) -> str:
    host = written(text) if len(text) <= _LONGEST else None
    if host is None:
        return ""
    scripts = ", ".join(words.name("script", name) for name in host.scripts)
    said = words("value.mixed", scripts=scripts) if host.mixed else scripts
    return f"{defang(host.other)} · {said}" if said else defang(host.other)


def prose(text: str, words: Words | None = None) -> Markup:
    """Text of others: escaped and isolated, with every observable in it shown as `value` shows one. At most `SHOWN` characters of it."""
    pieces = (_word(piece, words) for piece in _pieces(clean(_cut(text))))
    return Markup("<bdi>{}</bdi>").format(Markup("").join(pieces))


def told(text: str, words: Words | None = None) -> Markup:
    """What a fault, an outcome or lint says, in the page's language, with every value in it as `prose` shows it.

    What has no counterpart there is shown in English, and said to be.
    """
    words = words or Words("en")
    found = words.pieces(text)
    if not found:
        return _said_in_english(text, words) if text.isascii() and not words.tag.startswith("en") else prose(text, words)
    shown = {
        "ours": lambda part: escape(clean(part)),
        "value": lambda part: prose(part, words),
        "english": lambda part: _said_in_english(part, words),
    }
    return Markup("").join(shown[piece.kind](piece.text) for piece in found)


def _said_in_english(text: str, words: Words) -> Markup:
    return Markup('<span lang="en" dir="ltr">{}</span>').format(prose(text, words))


def _pieces(text: str) -> Iterator[str]:
    """Text as words and what stands between them; a range of addresses is one word."""
    at = 0
    for found in _RANGE.finditer(text):
        if _is_range(found):
            yield from _TOKEN.split(text[at : found.start()])
            yield found[0]
            at = found.end()
    yield from _TOKEN.split(text[at:])


def _is_range(found: re.Match[str]) -> bool:
    first, last = guess(found[1]), guess(found[3])
    return first is not None and last is not None and first[0] == last[0] in ("ipv4", "ipv6")


def line(text: str, most: int = 60) -> str:
    """Text of others as one plain line for a picture: every observable in it defanged, its middle left out beyond `most` columns.

    A wide character takes two columns. The end stays: of a name, it says whose it is. Beside letters that are written from right to left
    every observable is isolated.
    """
    pieces = [_defanged(piece) for piece in _pieces(clean(text[:1_000]).replace("\n", " "))]
    said = "".join(pieces)
    if _columns(said) > most:
        end = most // 3
        head, tail = _fitting(said, most - end - 1), _fitting(said[::-1], end)[::-1]
        said = f"{head.rstrip()}\N{HORIZONTAL ELLIPSIS}{tail.lstrip()}"
        pieces = _TOKEN.split(said)
    return "".join(map(_isolated, pieces)) if _from_right(said) else said


def _from_right(text: str) -> bool:
    return any(bidirectional(character) in ("R", "AL") for character in text)


def _isolated(piece: str) -> str:
    """A word that has been defanged, apart from what is written from right to left around it, where there is no markup to do so."""
    return f"\N{LEFT-TO-RIGHT ISOLATE}{piece}\N{POP DIRECTIONAL ISOLATE}" if "[" in piece and not _from_right(piece) else piece


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _fitting(text: str, room: int) -> str:
    """As many characters from the beginning as have room."""
    for index, character in enumerate(text):
        room -= _columns(character)
        if room < 0:
            return text[:index]
    return text


def _defanged(piece: str) -> str:
    before, core, after = _parted(piece)
    return before + defang(core) + after if len(core) > 3 and _observable(core) else piece


def _parted(piece: str) -> tuple[str, str, str]:
    """A word, and what stands before and after it that is not part of it."""
    rest = piece if _BRACKETED.match(piece) else piece.lstrip(_BEFORE)
    core = rest.removesuffix(".").rstrip(_AFTER)
    return piece[: len(piece) - len(rest)], core, rest[len(core) :]


def _word(piece: str, words: Words | None) -> Markup:
    if not 3 < len(piece) <= _LONGEST:
        return escape(piece)
    before, core, after = _parted(piece)
    return Markup("{}{}{}").format(before, value(core, words), after) if _observable(core) else escape(piece)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "\N{HORIZONTAL ELLIPSIS}"


def _observable(text: str) -> bool:
    """Whether a word evidently is one, with a port or a range of them, and not an abbreviation (`e.g`)."""
    if span := _RANGE.fullmatch(text):
        return _is_range(span)
    if port := _PORT.fullmatch(text):
        return _observable(port[1].strip("[]"))
    found = guess(text)
    return found is not None and (found[0] != "domain" or len(text.rpartition(".")[2]) > 1)


def pattern(text: str) -> Markup:
    """A pattern with its literals defanged. At most `SHOWN` characters of it."""

    def literal(found: re.Match[str]) -> str:
        return f"'{defang(found[1])}{found[2]}" if _observable(found[1]) else found[0]

    return Markup('<code dir="ltr" class="wrap">{}</code>').format(clean(_LITERAL.sub(literal, _cut(text))))


def indented(data: object) -> Markup:
    """Plain data as indented JSON. Values in it are as received, so it is a block to read or copy, shown left to right."""
    text = clean(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())
    found, at = Markup(""), 0
    for string in _STRING.finditer(text):
        if _from_right(string[1]):
            found += escape(text[at : string.start(1)]) + Markup("<bdi>{}</bdi>").format(_kept(string[1]))
            at = string.end(1)
    return Markup('<pre dir="ltr">{}</pre>').format(found + escape(text[at:]))


def _kept(text: str) -> Markup:
    """Text with the observables in it isolated, and as they are."""
    parted = ((piece, *_parted(piece)) for piece in _pieces(text))
    return Markup("").join(
        Markup('{}<bdi dir="ltr">{}</bdi>{}').format(before, core, after) if len(core) > 3 and _observable(core) else escape(piece)
        for piece, before, core, after in parted
    )


def moment(text: str) -> Markup:
    """An RFC 3339 timestamp as `2021-11-01 09:00:12`, exact in its tooltip."""
    plain = text.replace("T", " ").partition(".")[0].removesuffix("Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, text, plain)


def stamped(micros: int) -> str:
    """A moment in microseconds as RFC 3339 text in UTC."""
    return from_micros(micros).isoformat(timespec="microseconds").replace("+00:00", "Z")


def address(id_: str) -> str:
    """The path of an object's page."""
    return f"/o/{quote(id_, safe='')}"


def day(text: str) -> Markup:
    """A day of the law, `2021-09-17` where it begins at midnight UTC, else the whole moment: no time zone makes another day of it."""
    if not text.endswith("T00:00:00Z"):
        return moment(text)
    plain = text.removesuffix("T00:00:00Z")
    return Markup('<time datetime="{}">{}</time>').format(plain, plain)


def asked(fields: Mapping[str, object]) -> str:
    """Fields as they stand in an address after `?`; the empty ones are left out."""
    return urlencode({name: text for name, text in fields.items() if text not in ("", None)})
