"""Logs against the index: every line, every indicator it shows, one hit each (model.md, Matching rule).

One hit per line and indicator: where several fields of a line show the same indicator, the exact one is reported, else the
first. Names repeat in logs, so each distinct text is looked up once and remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache

import msgspec

from comity.errors import SenderFault
from comity.forms import detect, eve, zeek
from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL, Candidate, Reader
from comity.forms.textlogs import TextReader
from comity.match.blocks import Chosen
from comity.match.index import Index, Match
from comity.match.openfile import DAMAGED, opened

FORMATS = ("auto", *detect.LOG_FORMATS)
_REMEMBERED = 200_000


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator seen on one physical line. `value` is its normal form, `observed` the text that matched."""

    file: str
    line: int
    field: str
    kind: str
    value: str
    observed: str
    how: str
    indicator: str


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """A log that was read: how, how many of its lines, and why it is likely no log ("" if nothing speaks for that)."""

    file: str
    format: str
    lines: int
    oddity: str


def scan(
    paths: Iterable[str], index: Index, format: str = "auto", on_problem: Callable[[str], None] | None = None,
    on_file: Callable[[Scanned], None] | None = None,
) -> Iterator[Hit]:  # fmt: skip
    """The hits in some logs, in order, as they are found. `-` is standard input; .gz and .zst are told by content.

    Raises NotFound or OperatorFault for a file that cannot be opened, SenderFault for an unknown format. A compressed file
    that ends early is told to `on_problem` and the next one is read; without `on_problem` it is a SenderFault. Each file that
    was read, if only in part, is told to `on_file`.
    """
    if format not in FORMATS:
        raise SenderFault(f"{format!r} is not a log format", next="one of " + ", ".join(FORMATS))
    seeker = Seeker(index)
    prefilter = cache(index.prefilter)
    for path in paths:
        form, odd, chosen = format, "", None
        with opened(path) as file:
            try:
                head = file.peek(detect.HEAD)
                form = detect.log_format(head) if format == "auto" else format
                odd = detect.oddity(head, form)
                reader = reader_for(form)
                chosen = Chosen(file, prefilter, live=path == "-")
                for number, line in chosen:
                    found = seeker.seek(reader.candidates(line))
                    if found:
                        yield from _hits(path, number, found, index)
            except DAMAGED as error:
                message = f"{path} is damaged after line {chosen.last if chosen else 0}: {error}"
                if on_problem is None:
                    raise SenderFault(message, next="get the file again; the hits before it are complete") from None
                on_problem(message)
        if on_file is not None:
            on_file(Scanned(file=path, format=form, lines=chosen.last if chosen else 0, oddity=odd))


def reader_for(format: str) -> Reader:
    """A fresh reader of one of `detect.LOG_FORMATS`."""
    makers: dict[str, Callable[[], Reader]] = {
        "zeek": zeek.ZeekReader,
        "zeek-json": zeek.zeek_json,
        "eve": eve.eve_json,
        "json": eve.any_json,
        "json-text": lambda: TextReader(bare=False),
        "text": TextReader,
    }
    return makers[format]()


#: What one line shows: (kind, value) -> (match, field, observed text).
Found = dict[tuple[str, str], tuple[Match, str, str]]


class Seeker:
    """Looks candidates up in an index, and remembers the answers."""

    def __init__(self, index: Index) -> None:
        self._ask: dict[str, Callable[[str], tuple[tuple[Match, str], ...]]] = {
            HOST: lambda text: _with_text(index.host(text), text),
            ADDRESS: lambda text: _with_text(index.address(text), text),
            URL: lambda text: _of_url(index, text),
            HASH: lambda text: _with_text(index.hash(text), text),
            EMAIL: lambda text: _with_text(index.email(text), text),
        }
        self._known: dict[str, dict[str, tuple[tuple[Match, str], ...]]] = {role: {} for role in self._ask}

    def seek(self, candidates: list[Candidate]) -> Found:
        """What the candidates of one line match; empty for nearly every line."""
        found: Found = {}
        for field, role, text in candidates:
            known = self._known[role]
            matches = known.get(text)
            if matches is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                matches = known[text] = self._ask[role](text)
            for match, observed in matches:
                key = match.kind, match.value
                before = found.get(key)
                if before is None or (before[0].how != "exact" and match.how == "exact"):
                    found[key] = match, field, observed
        return found


def _with_text(matches: tuple[Match, ...], text: str) -> tuple[tuple[Match, str], ...]:
    return tuple((match, text) for match in matches)


def _of_url(index: Index, text: str) -> tuple[tuple[Match, str], ...]:
    """A URL as a whole, then its host, which is what is observed then."""
    rest = text.partition("://")[2]
    end = next((at for at, char in enumerate(rest) if char in "/?#\\"), len(rest))
    host = rest[:end].rpartition("@")[2]
    bare = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
    return (*_with_text(index.url(text), text), *_with_text(index.host(host), bare))


def _hits(path: str, line: int, found: Found, index: Index) -> Iterator[Hit]:
    for match, field, observed in found.values():
        for id_ in index.ids(match.kind, match.value):
            yield Hit(
                file=path,
                line=line,
                field=field,
                kind=match.kind,
                value=match.value,
                observed=observed,
                how=match.how,
                indicator=id_,
            )
