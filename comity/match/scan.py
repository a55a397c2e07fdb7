"""Logs against the index: every line, every indicator it shows, one hit each (model.md, Matching rule).

One hit per line and indicator: where several fields of a line show the same indicator, the exact one is reported, else the
first. Names repeat in logs, so each distinct text is looked up once and remembered, within bounds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial

import msgspec

from comity.errors import NotFound, OperatorFault, SenderFault
from comity.forms import detect, eve, zeek
from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL, Candidate, Reader, Remembers, State
from comity.forms.columns import ColumnsReader
from comity.forms.event_time import moment_of
from comity.forms.json_pretty import PrettyReader
from comity.match import blocks
from comity.match.blocks import Chosen, Line, Steers
from comity.match.hit import Hit, Shown
from comity.match.index import Index, Match, host_of_url
from comity.match.joined import Joined
from comity.match.openfile import DAMAGED, MAX_LINE, RATIO, damaged, opened
from comity.match.prefilter import Prefilter
from comity.match.recode import recoded
from comity.match.watch import Mark, Watch
from comity.match.workers import cores
from comity.terms.observable import HASH_KINDS

FORMATS = ("auto", *detect.LOG_FORMATS)
_REMEMBERED = 200_000
#: Threads for passes where there are several cores.
_CORES = cores() if cores() > 1 else 0


class Scanned(msgspec.Struct, frozen=True, kw_only=True):
    """A log that was read: how, how many of its lines and (unpacked) bytes, why it is likely no log ("" if nothing speaks for that), and
    of its lines that were cut the number and where they begin."""

    file: str
    format: str
    lines: int
    oddity: str
    bytes: int = 0
    long: tuple[tuple[int, int], ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know of how it was read."""
        cut = (
            f"line {number}, from byte {offset:,}, is longer than {MAX_LINE:,} bytes: read in pieces, as plain text"
            for number, offset in self.long
        )
        return (*([self.oddity] if self.oddity else []), *cut)


def scan(
    paths: Iterable[str], index: Index, format: str = "auto", on_problem: Callable[[str], None] | None = None,
    on_file: Callable[[Scanned], None] | None = None, *, ratio: int = RATIO, on_block: Callable[[int, int], None] | None = None,
) -> Iterator[Hit]:  # fmt: skip
    """The hits in some logs, in order, as they are found. `-` is standard input; how a file is packed is told by its content.

    Raises NotFound or OperatorFault for a file that cannot be opened, SenderFault for an unknown format. A compressed file
    that ends early or grows more than `ratio`-fold is told to `on_problem` and the next one is read, and so is a file that cannot be
    opened; without `on_problem` that is a fault. Each file that was read, if only in part, is told to `on_file`.
    """
    shown = lines_of(paths, index, format, on_problem, on_file, ratio=ratio, on_block=on_block)
    return Joined(index.patterns, on_problem or refuse).of(shown)


def refuse(problem: str) -> None:
    """What a problem comes to where nobody listens. Raises SenderFault."""
    raise SenderFault(problem, next="the hits before it are complete")


def lines_of(
    paths: Iterable[str], index: Index, format: str, on_problem: Callable[[str], None] | None,
    on_file: Callable[[Scanned], None] | None, *, ratio: int, on_block: Callable[[int, int], None] | None,
) -> Iterator[Hit | Shown]:  # fmt: skip
    """As `scan`, where it is still to be put together what lines show of patterns."""
    if format not in FORMATS:
        raise SenderFault(f"{format!r} is not a log format", next="one of " + ", ".join(FORMATS))
    seeker = Seeker(index)
    paths = list(paths)
    prefilter, small = cache(lambda: index.prefilter(much=blocks.much(paths))), blocks.SMALL
    for path in paths:
        log = Log(path, format, on_block, small=small)
        try:
            with opened(path, ratio=ratio) as file:
                for line, found, marks in log.found(file, seeker, prefilter):
                    yield from hits(path, line, found, marks)
        except (NotFound, OperatorFault, SenderFault) as fault:
            if on_problem is None:
                raise
            on_problem(str(fault))
        small = max(0, small - log.scanned().bytes)
        if on_file is not None and log.format != "auto":
            on_file(log.scanned())


class Log:
    """One log, or a part of one, while it is read; afterwards it knows what it was.

    `state` is what its reader knows when it begins (of the header that stands before a part) and, afterwards, when it has ended. `threads`
    are those of `Chosen`, one for each core if not said; `small` is its.
    """

    def __init__(
        self, path: str, format: str = "auto", on_block: Callable[[int, int], None] | None = None, *, threads: int | None = None,
        state: State = None, part: bool = False, small: int | None = None,
    ) -> None:  # fmt: skip
        self.format = format
        self._part = part
        self.state = state
        self._on_block = on_block
        self._threads = threads
        self._small = small
        self._path = path
        self._oddity = ""
        self._lines = self._bytes = 0
        self._long: list[tuple[int, int]] = []

    def found(
        self, file: io.BufferedReader, seeker: Seeker, prefilter: Callable[[], Prefilter]
    ) -> Iterator[tuple[Line, Found, list[Mark]]]:
        """Its lines that show something, and what. Raises SenderFault where the file is damaged, OperatorFault where it cannot
        be read, after what stands before that."""
        chosen = None
        try:
            file = file if self._part else recoded(file, live=self._path == "-")
            head = file.peek(detect.HEAD)
            if self.format == "auto":
                self.format = detect.log_format(head)
            self._oddity = detect.oddity(head, self.format)
            chosen = Chosen(
                file, prefilter, live=self._path == "-", steers=STEERED.get(self.format),
                on_long=lambda number, at: self._long.append((number, at)), on_block=self._on_block,
                threads=_CORES if self._threads is None else self._threads, small=self._small,
            )  # fmt: skip
            yield from self._shown(chosen, seeker)
        except DAMAGED as error:
            # Of a part the lines are counted from its own beginning.
            raise damaged(self._path, error, "" if self._part else f" after line {chosen.last if chosen else 0:,}") from None
        finally:
            if chosen is not None:
                self._lines, self._bytes = chosen.last, chosen.bytes

    def _shown(self, chosen: Chosen, seeker: Seeker) -> Iterator[tuple[Line, Found, list[Mark]]]:
        reader, text = reader_for(self.format, self.state, addresses=seeker.addresses), reader_for("text")
        number, shown = 0, set[tuple[str, str]]()
        for line in chosen:
            found, marks = seeker.shown(line.raw, text if line.piece else reader)
            if not found and not marks:
                continue
            if line.piece:  # one hit of the whole line
                shown = shown if line.number == number else set()
                number, found = line.number, {key: value for key, value in found.items() if key not in shown}
                marks = [mark for mark in marks if ("", f"{mark.part}.{mark.leaves}") not in shown]
                shown |= found.keys() | {("", f"{mark.part}.{mark.leaves}") for mark in marks}
            yield line, found, marks
        self.state = state_of(reader)

    def scanned(self) -> Scanned:
        """What is known of the log when it has been read."""
        return Scanned(
            file=self._path, format=self.format, lines=self._lines, oddity=self._oddity, bytes=self._bytes, long=tuple(self._long)
        )


def reader_for(format: str, state: State = None, *, addresses: bool = True) -> Reader:
    """A fresh reader of one of `detect.LOG_FORMATS`, or one that knows a header already. Without `addresses` it need not give any that
    stands where only addresses count."""
    makers: dict[str, Callable[[], Reader]] = {
        "zeek": partial(zeek.ZeekReader, addresses=addresses),
        "zeek-json": partial(zeek.zeek_json, addresses=addresses),
        "eve": partial(eve.eve_json, addresses=addresses),
        "json": eve.any_json,
        "csv": ColumnsReader,
        "w3c": ColumnsReader,
        "json-text": PrettyReader,
        "text": eve.any_text,
    }
    reader = makers[format]()
    if state is not None and isinstance(reader, Remembers):
        reader.state = state
    return reader


def state_of(reader: Reader) -> State:
    """What a reader knows of headers; None for a format without them."""
    return reader.state if isinstance(reader, Remembers) else None


#: Formats with lines that steer those after them, besides those that begin with `#`.
STEERED: dict[str, Steers] = {"csv": ColumnsReader.steers, "w3c": ColumnsReader.steers}


#: What one line shows: (kind, value) -> (match, field, observed text).
Found = dict[tuple[str, str], tuple[Match, str, str]]


class Seeker:
    """Looks candidates up in an index, those whose role may match anything, and remembers the answers."""

    def __init__(self, index: Index) -> None:
        addresses = not index.kinds.isdisjoint(("ipv4", "ipv6", "cidr"))
        hosts = addresses or "domain" in index.kinds
        of_use = {
            HOST: hosts, ADDRESS: addresses, URL: hosts or "url" in index.kinds, HASH: not index.kinds.isdisjoint(HASH_KINDS),
            EMAIL: "email" in index.kinds,
        }  # fmt: skip
        self._ask: dict[str, Callable[[str], tuple[tuple[Match, str], ...]]] = {
            HOST: lambda text: _with_text(index.host(text), text),
            ADDRESS: lambda text: _with_text(index.address(text), text),
            URL: lambda text: _of_url(index, text),
            HASH: lambda text: _with_text(index.hash(text), text),
            EMAIL: lambda text: _with_text(index.email(text), text),
        }
        self._known: dict[str, dict[str, tuple[tuple[Match, str], ...]]] = {role: {} for role in self._ask if of_use[role]}
        self._watch = None if index.atoms is None else Watch(index.patterns, Seeker(index.atoms).seek)
        #: Whether what only counts as an address is of use.
        self.addresses = addresses or self._watch is not None

    def shown(self, line: bytes, reader: Reader) -> tuple[Found, list[Mark]]:
        """What one line shows, read by its reader: values, and `[ ... ]` of patterns that it meets."""
        candidates = reader.candidates(line)
        return self.seek(candidates), [] if self._watch is None else self._watch.marks(line, candidates, reader)

    def seek(self, candidates: list[Candidate]) -> Found:
        """What the candidates of one line match; empty for nearly every line."""
        found: Found = {}
        for field, role, text in candidates:
            known = self._known.get(role)
            if known is None:
                continue
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
    return ((matches[0], text),) if len(matches) == 1 else tuple([(match, text) for match in matches])


def _of_url(index: Index, text: str) -> tuple[tuple[Match, str], ...]:
    """A URL as a whole, then its host, which is what is observed then."""
    host = host_of_url(text)
    bare = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
    return (*_with_text(index.url(text), text), *_with_text(index.host(host), bare))


def hits(path: str, line: Line, found: Found, marks: Sequence[Mark] = ()) -> Iterator[Hit | Shown]:
    """What one line shows: a hit for each indicator, and what it has for patterns."""
    if not found and not marks:
        return
    at = moment_of(line.raw)
    for match, field, observed in found.values():
        for id_ in match.indicators:
            yield Hit(
                file=path, line=line.number, field=field, kind=match.kind, value=match.value, observed=observed, how=match.how,
                indicator=id_, at=at,
            )  # fmt: skip
    for mark in marks:
        yield Shown(
            file=path, line=line.number, part=mark.part, leaves=mark.leaves, field=mark.field, observed=mark.observed, at=at,
        )  # fmt: skip
