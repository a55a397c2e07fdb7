"""What `comity match` says: hits as they are found, counts, how each log was read, and how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from comity.doors.cli.output import amount, chosen, coloured, note, safe, write
from comity.errors import Fault
from comity.match.hit import Hit
from comity.match.looked import Looked, look
from comity.match.scan import Scanned
from comity.match.tally import Tally, Value

COLUMNS = ("file", "line", "field", "kind", "value", "observed", "how", "indicator", "at")
#: Seconds between two looks at the status line.
_OFTEN = 0.2
#: What a list of strangers' indicators and one's own logs must not become.
CAUTION = "A hit shows that a machine met a name, an address or a file, not what a person did: never use hits to watch or judge persons."


class Status:
    """How much was read and found. On a terminal's stderr one line says so meanwhile, written over in place; elsewhere nothing does."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._last = 0.0
        self.files: list[Scanned] = []
        self.lines = self.bytes = self.hits = 0
        self.interrupted = False

    def file(self, each: Scanned) -> None:
        """A log was read."""
        self.files.append(each)

    def block(self, lines: int, size: int) -> None:
        """So much more was read."""
        self.lines += lines
        self.bytes += size
        at = time.monotonic()
        if self._shown and at - self._last >= _OFTEN:
            self._last = at
            print(f"\r\033[K{self.text()} ", end="", file=sys.stderr, flush=True)

    def counted(self, hits: Iterable[Hit]) -> Iterator[Hit]:
        """Hits, counted as they are found; they end where somebody interrupts."""
        try:
            for hit in hits:
                self.hits += 1
                yield hit
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self.clear()

    def clear(self) -> None:
        """Leave an empty line for other words."""
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def text(self) -> str:
        """The figures so far."""
        seconds = max(time.monotonic() - self._began, 1e-3)
        size = self.bytes / 1e6
        read = f"{amount(len(self.files), 'log')}, {size:,.1f} MB, {size / seconds:,.1f} MB/s"
        return f"{amount(self.hits, 'hit')} in {seconds:.1f} s: {read}, {amount(self.lines, 'event')}, {self.lines / seconds:,.0f} events/s"


def listed(hits: Iterable[Hit], output: str | None, before: Callable[[], None] = lambda: None) -> int:
    """Print hits as they are found; how many. `before` is called before each that goes to a terminal."""
    if chosen(output) != "table":
        return write((_record(hit, before) for hit in hits), output, COLUMNS)
    count = 0
    for hit in hits:
        count += 1
        before()
        observed = f"\033[1m{safe(hit.observed)}\033[0m" if coloured() else safe(hit.observed)
        print(f"{safe(hit.file)}:{hit.line}  {safe(hit.field)}  {observed}  {hit.how} {safe(hit.value)}", flush=True)
    return count


def _record(hit: Hit, before: Callable[[], None]) -> dict[str, object]:
    if sys.stdout.isatty():
        before()
    return msgspec.structs.asdict(hit)


def summarised(hits: Iterable[Hit], by: str, output: str | None, sources: Callable[[set[Value]], Callable[[Value], Iterable[str]]]) -> None:
    """Print counts by indicator, source, day or file. `sources` is asked once who gave the indicators that were hit."""
    tally = Tally(by)
    tally.take(hits)
    write(tally.rows(sources(tally.values()) if by == "source" else lambda _: ()), output)


def _looks(paths: Sequence[str], form: str, tell: Callable[[str], None]) -> Iterator[Looked]:
    for path in paths:
        try:
            yield look(path, form)
        except Fault as fault:
            tell(str(fault))


def told(files: Iterable[Scanned], problems: Iterable[str]) -> None:
    """Say how each log was read, and what was not."""
    for problem in problems:
        note(problem)
    for each in files:
        note(f"{each.file}: {each.format}, {amount(each.lines, 'line')}")
        for remark in each.remarks:
            note(f"warning: {each.file}: {remark}")


def explained(paths: Sequence[str], form: str, output: str | None, tell: Callable[[str], None]) -> None:
    """Print how each log would be read, and why. One that cannot be read is told."""
    looks = _looks(paths, form, tell)
    if chosen(output) != "table":
        write(
            ({**msgspec.structs.asdict(each), "fields": {name: list(roles) for name, roles in each.fields.items()}} for each in looks),
            output,
        )
        return
    for each in looks:
        print(f"{safe(each.file)}: {each.format}: {safe(each.why)}")
        print(f"  {each.encoding}, lines end with {each.line_ends}, compression {each.compression}")
        if each.columns:
            print(f"  columns: {safe(', '.join(each.columns))}")
        fields = [f"{name} ({', '.join(roles)})" for name, roles in each.fields.items()]
        print(f"  looked at: {safe(', '.join(fields)) or 'nothing in its first lines'}")
        if each.oddity:
            print(f"  warning: {each.oddity}")
