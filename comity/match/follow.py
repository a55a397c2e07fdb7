"""Logs that are still written: what stands in them, then what comes, as `tail -F` reads. A log that is renamed for a new one under its name
is read to its end, and then the new one from its beginning; so is one that was emptied. Packed logs are not followed: they have ended.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from comity.errors import SenderFault
from comity.forms import detect
from comity.forms.candidates import Reader
from comity.match.blocks import Line
from comity.match.hit import Hit, Shown
from comity.match.index import Index
from comity.match.joined import Joined
from comity.match.openfile import MAX_LINE, is_packed
from comity.match.prefilter import Prefilter
from comity.match.recode import encoding_of
from comity.match.scan import STEERED, Scanned, Seeker, hits, reader_for, refuse

#: Seconds between two looks at logs in which nothing came.
PAUSE = 0.2
_PIECE = 4 << 20


class Followed:
    """One log under its name, whichever file that is."""

    def __init__(self, path: str, format: str) -> None:
        if Path(path).exists() and is_packed(path):
            raise SenderFault(f"{path} is compressed: nothing more will come", next="match it without --follow")
        self.path = path
        self._wanted = format
        self._file: IO[bytes] | None = None
        self._open()

    def _open(self) -> None:
        self._rest = b""
        self._line = self._bytes = 0
        self._form = ""
        self._reader: Reader | None = None
        path = Path(self.path)
        self._file = path.open("rb") if path.exists() else None  # it will come

    def lines(self, *, last: bool = False) -> Iterator[Line]:
        """The whole lines that have come since the last call; `last`: also one without an end."""
        if self._file is None:
            self._open()
        while self._file is not None:
            piece = self._file.read(_PIECE)
            replaced = not piece and self._replaced()
            yield from self._whole(piece, last=not piece and (last or replaced))
            if replaced:
                self._file.close()
                self._file = None  # the new one is opened when this one's lines have been read
            if not piece:
                return

    def _whole(self, piece: bytes, *, last: bool) -> Iterator[Line]:
        self._bytes += len(piece)
        pieces = (self._rest + piece).split(b"\n")
        self._rest = pieces.pop()
        if last and self._rest:
            pieces.append(self._rest)
            self._rest = b""
        for each in pieces:
            self._line += 1
            yield Line(self._line, each.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if self._line == 1 else b""))
        if len(self._rest) > MAX_LINE:
            yield Line(self._line + 1, self._rest, piece=True)
            self._rest = b""

    def _replaced(self) -> bool:
        """Whether the name stands for another file now, or this one was emptied."""
        if self._file is None:
            return False
        try:
            now = os.stat(self.path)
        except FileNotFoundError:
            return False  # renamed; the new one will come
        ours = os.fstat(self._file.fileno())
        return (now.st_dev, now.st_ino) != (ours.st_dev, ours.st_ino) or now.st_size < self._file.tell()

    def reader(self, head: bytes) -> Reader:
        """The reader of this file, by its format or by what its first lines look like."""
        if self._reader is None:
            if encoding_of(head) != "UTF-8":
                raise SenderFault(f"{self.path} is UTF-16, which is not followed", next="match it without --follow")
            self._form = detect.log_format(head) if self._wanted == "auto" else self._wanted
            self._reader = reader_for(self._form)
        return self._reader

    def steers(self, line: bytes) -> bool:
        """Whether a line changes how those after it are read."""
        steers = STEERED.get(self._form)
        return self._line <= 100 or line[:1] == b"#" or (steers is not None and steers(line))

    def scanned(self) -> Scanned:
        """What is known of the file under the name now."""
        return Scanned(file=self.path, format=self._form or "none", lines=self._line, oddity="", bytes=self._bytes)


def follow(
    paths: Sequence[str], index: Index, format: str = "auto", *, on_file: Callable[[Scanned], None] | None = None,
    on_block: Callable[[int, int], None] | None = None, ended: Callable[[], bool] = lambda: False,
    on_problem: Callable[[str], None] | None = None, renewed: Callable[[], Index | None] = lambda: None,
) -> Iterator[Hit]:  # fmt: skip
    """The hits in some logs that are still written, until `ended` says so or the caller stops; then each log is told to `on_file`.

    `on_problem` as of `scan`, for what patterns cannot use; `renewed` gives an index that is to be used from then on. Where other patterns
    come with it, all of them begin anew. Raises SenderFault for a packed log or one of UTF-16.
    """
    logs = [Followed(path, format) for path in paths]
    following = _Following(logs, on_block, ended, renewed)
    try:
        while not following.done:
            yield from Joined(index.patterns, on_problem or refuse).of(following.shown(index))
            index = following.index or index
    finally:
        for log in logs:
            if on_file is not None:
                on_file(log.scanned())


class _Following:
    """Reads logs with one index after another. `index` is the one to go on with where `shown` ended for it; `done`: at the end of all."""

    def __init__(
        self, logs: Sequence[Followed], on_block: Callable[[int, int], None] | None, ended: Callable[[], bool],
        renewed: Callable[[], Index | None],
    ) -> None:  # fmt: skip
        self._logs = logs
        self._on_block = on_block
        self._ended = ended
        self._renewed = renewed
        self.index: Index | None = None
        self.done = False

    def shown(self, index: Index) -> Iterator[Hit | Shown]:
        """What the lines show, until there is an index with other patterns, or no more to come."""
        seeker, prefilter = Seeker(index), index.prefilter()
        while True:
            self.done = self._ended()
            idle = True
            for log in self._logs:
                together: list[Line] = []
                for line in log.lines(last=self.done):
                    together.append(line)
                    if len(together) >= 10_000:
                        yield from _shown(log, together, seeker, prefilter, self._on_block)
                        together = []
                idle = idle and not together
                yield from _shown(log, together, seeker, prefilter, self._on_block)
            if self.done:
                return
            if idle:
                time.sleep(PAUSE)
            self.index = self._renewed()
            if self.index is not None:
                if _named(self.index) != _named(index):
                    return
                seeker, prefilter = Seeker(self.index), self.index.prefilter()


def _named(index: Index) -> list[tuple[str, str]]:
    return [(part.id, part.text) for part in index.patterns.parts]


def _shown(
    log: Followed, lines: Sequence[Line], seeker: Seeker, prefilter: Prefilter,
    on_block: Callable[[int, int], None] | None,
) -> Iterator[Hit | Shown]:  # fmt: skip
    """What lines show that came together; most are passed over as they are in a log that has ended."""
    if not lines:
        return
    block = b"".join(line.raw + b"\n" for line in lines)
    found, _ = prefilter.lines(np.frombuffer(block, np.uint8))
    chosen = set(found[:, 0].tolist())
    reader, text = log.reader(block[: detect.HEAD]), reader_for("text")
    for at, line in enumerate(lines):
        if at in chosen or log.steers(line.raw):
            shown, marks = seeker.shown(line.raw, text if line.piece else reader)
            yield from hits(log.path, line, shown, marks)
    if on_block is not None:
        on_block(len(lines), len(block))
