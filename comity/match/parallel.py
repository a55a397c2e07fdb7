"""Logs against the index on all cores: files side by side, and parts of a large plain file. The hits and their order are those of `scan`.

A part of a log is read by the header that stands at the log's beginning. Where another header turns out to stand between, the part is read
again by that one before anything of it is handed on (`_Order`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from comity.errors import Fault
from comity.forms.candidates import State
from comity.match.hit import Hit, Row, Shown, of_row, row_of
from comity.match.index import Index
from comity.match.joined import Joined
from comity.match.openfile import DAMAGED, RATIO, damaged, opened
from comity.match.scan import Log, Scanned, Seeker, hits, lines_of, refuse
from comity.match.units import Unit, part_of, units_of
from comity.match.workers import Lost, Pool

#: Less than this is read by one process: others would take longer to begin.
_SMALL = 32 << 20
#: Hits in one answer, and blocks that are told of at once.
_TOGETHER, _BLOCKS = 500, 4


class Ended(NamedTuple):
    """The end of a unit: what it was, what its reader knows then, and why it was not read to its end ("" if it was)."""

    scanned: Scanned
    state: State
    fault: str


#: What a unit answers, in this order: how much was read, what lines show (counted in the unit), its end.
Answer = tuple[int, int] | list[Row] | Ended


class Work:
    """What a worker does with a unit."""

    def __init__(self, index: Index, ratio: int) -> None:
        self._ratio = ratio
        self._prefilter = index.prefilter()
        self._seeker = Seeker(index)
        self._prefilter.lines(np.frombuffer(b"once\n", np.uint8))  # compiled before there are workers

    def __call__(self, unit: Unit) -> Iterator[Answer]:
        """The answers to one unit."""
        read: list[tuple[int, int]] = []
        # Where the pass and unpacking take turns, a thread for it uses what cores are idle.
        threads = 1 if unit.packed else 0
        log = Log(
            unit.path,
            unit.format,
            lambda lines, size: read.append((lines, size)),
            threads=threads,
            state=unit.state,
            part=unit.end > 0,
            small=0,
        )
        together: list[Row] = []
        fault = ""
        try:
            with opened(unit.path, ratio=self._ratio) as file:
                for line, found, marks in log.found(part_of(file, unit), self._seeker, lambda: self._prefilter):
                    # Blocks that were read are told of after what their lines show, which stands before this line.
                    if len(together) >= _TOGETHER or len(read) >= _BLOCKS:
                        if together:
                            yield together
                            together = []
                        if read:
                            yield _all(read)
                            read.clear()
                    together += map(row_of, hits(unit.path, line, found, marks))
        except Fault as error:
            fault = str(error)
        except DAMAGED as error:
            fault = str(damaged(unit.path, error))
        if together:
            yield together
        if read:
            yield _all(read)
        yield Ended(log.scanned(), log.state, fault)


def _all(read: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Lines and bytes of some blocks."""
    lines, sizes = zip(*read, strict=True)
    return sum(lines), sum(sizes)


def scan_all(
    paths: Sequence[str], index: Index, format: str = "auto", on_problem: Callable[[str], None] | None = None,
    on_file: Callable[[Scanned], None] | None = None, *, jobs: int, ratio: int = RATIO,
    on_block: Callable[[int, int], None] | None = None, on_workers: Callable[[list[int]], None] | None = None,
) -> Iterator[Hit]:  # fmt: skip
    """The hits in some logs as `scan` gives them, by so many processes; by this one alone where there is little to read, standard input
    among it, or no way to share the index. What lines show of patterns is put together here, in their order. `on_workers` is told the
    workers' process ids."""
    if jobs < 2 or "-" in paths or not hasattr(os, "fork") or sum(map(_size, paths)) < _SMALL:
        shown = lines_of(paths, index, format, on_problem, on_file, ratio=ratio, on_block=on_block)
    else:
        order = _Order(Work(index, ratio), on_problem or refuse, on_file, on_block)
        shown = order.all(paths, format, jobs, on_workers)
    return Joined(index.patterns, on_problem or refuse).of(shown)


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


class _Order:
    """Puts the answers of units together: line numbers of the file, one report for each file, each part read by the right header."""

    def __init__(
        self,
        work: Work,
        tell: Callable[[str], None],
        on_file: Callable[[Scanned], None] | None,
        on_block: Callable[[int, int], None] | None,
    ) -> None:
        self._work = work
        self._tell = tell
        self._on_file = on_file
        self._on_block = on_block
        #: Of the file whose turn it is: what was read of it, and what its reader knows now.
        self._whole: Scanned | None = None
        self._state: State = None
        self._passed_over: Unit | None = None
        #: Whether the log whose turn it was could be read no further: how many lines stand where it could not, nobody knows.
        self._broken = False
        #: Lines and bytes of the unit whose turn it is.
        self._read = (0, 0)

    def all(
        self, paths: Sequence[str], format: str, jobs: int, on_workers: Callable[[list[int]], None] | None
    ) -> Iterator[Hit | Shown]:  # fmt: skip
        """What the lines of all logs show, by so many workers."""
        pool = Pool(self._work, jobs)
        if on_workers is not None:
            on_workers(pool.pids())
        for unit, answer in pool.answers(self.units(paths, format)):
            yield from self.taken(unit, answer)

    def units(self, paths: Iterable[str], format: str) -> Iterator[Unit]:
        """The units of all logs. A log that cannot be opened or read is one too: its worker will say why."""
        for path in paths:
            try:
                for unit in units_of(path, format):
                    # By the newest header that is known: what stands far behind a second one need not be read again.
                    known = self._whole is not None and self._whole.file == path and unit.start > 0
                    yield unit._replace(state=self._state) if known else unit
            except (Fault, *DAMAGED):
                yield Unit(path, format)

    def taken(self, unit: Unit, answer: Answer | Lost) -> Iterator[Hit | Shown]:
        """What an answer comes to."""
        self._broken = self._broken and unit.start > 0
        if self._broken or unit is self._passed_over:
            return
        if unit.start and self._state != unit.state and not isinstance(answer, Lost):
            self._passed_over = unit
            for each in self._work(unit._replace(state=self._state)):
                yield from self._put(unit, each)
        else:
            yield from self._put(unit, answer)

    def _put(self, unit: Unit, answer: Answer | Lost) -> Iterator[Hit | Shown]:
        before = self._whole.lines if self._whole is not None else 0
        if isinstance(answer, list):
            yield from (of_row(row, before) for row in answer)
        elif isinstance(answer, Ended):
            self._end(unit, answer)
        elif isinstance(answer, Lost):
            lines, size = self._read
            self._tell(
                f"{unit.path}: from line {before + lines + 1:,}, byte {unit.start + size:,}, to "
                f"{f'byte {unit.end:,}' if unit.end else 'its end'} not all was read: {answer}; the hits before are complete"
            )
            self._end(unit, _unread(unit, lines, size))
        else:
            self._read = self._read[0] + answer[0], self._read[1] + answer[1]
            if self._on_block is not None:
                self._on_block(*answer)

    def _end(self, unit: Unit, ended: Ended) -> None:
        if ended.fault:
            self._tell(ended.fault)
        self._read = (0, 0)
        whole, part = self._whole, ended.scanned
        if whole is not None:
            part = msgspec.structs.replace(
                whole, lines=whole.lines + part.lines, bytes=whole.bytes + part.bytes,
                long=whole.long + tuple((line + whole.lines, at + whole.bytes) for line, at in part.long),
            )  # fmt: skip
        self._whole, self._state = part, ended.state
        self._broken = ended.fault != ""
        if unit.last or self._broken:
            self._whole = None
            if self._on_file is not None and part.format != "auto":
                self._on_file(part)


def _unread(unit: Unit, lines: int, size: int) -> Ended:
    """What is known of a unit that was read only so far. The lines of a part are counted, for the numbers of those behind it."""
    fault = ""
    try:
        if unit.end:
            with opened(unit.path) as file:
                part = part_of(file, unit)
                lines = size = 0
                while piece := part.read(1 << 20):
                    lines, size = lines + piece.count(b"\n"), size + len(piece)
    except Fault as error:
        fault = str(error)
    except DAMAGED as error:
        fault = str(damaged(unit.path, error))
    return Ended(Scanned(file=unit.path, format=unit.format, lines=lines, oddity="", bytes=size), unit.state, fault)
