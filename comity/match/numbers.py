"""Numbers of eight bytes that may be more than memory should hold: written one after another, and taken a bucket at a time."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np

from comity.match.keys import Keys
from comity.match.section import Section, mapped, section

#: Numbers in a bucket, some more or fewer; but at most so many buckets, for each reads all of the file.
BUCKET, BUCKETS = 1 << 18, 64
#: Numbers read at a time.
_PIECE = 1 << 16


class Numbers:
    """Numbers in a file, or in memory where what they stand `beside` is."""

    def __init__(self, beside: IO[bytes]) -> None:
        self._file: IO[bytes] = io.BytesIO() if isinstance(beside, io.BytesIO) else tempfile.TemporaryFile()  # noqa: SIM115 - it stays open
        self.count = 0

    def add(self, numbers: Keys) -> None:
        """Write some more."""
        self._file.write(numbers.data)
        self.count += len(numbers)

    def pieces(self) -> Iterator[Keys]:
        """All of them, some at a time."""
        for first in range(0, self.count, _PIECE):
            piece = np.empty(min(_PIECE, self.count - first), np.uint64)
            self._file.seek(8 * first)
            self._file.readinto(piece)  # type: ignore[attr-defined]
            yield piece

    def all(self) -> Keys:
        """All of them: of a file, mapped. Nothing is added after that."""
        return np.frombuffer(mapped(self._file, 8 * self.count), np.uint64)

    def section(self) -> Section:
        """All of them, to be looked into."""
        return section(self._file)


def buckets(numbers: Numbers, *beside: Numbers) -> Iterator[tuple[Keys, ...]]:
    """Some numbers by their highest bits, and of each what stands at its place in the others; within a bucket in the order they came."""
    bits = min(numbers.count // BUCKET, BUCKETS - 1).bit_length()
    for bucket in range(1 << bits):
        parts: list[tuple[Keys, ...]] = []
        for piece, *others in zip(numbers.pieces(), *(each.pieces() for each in beside), strict=True):
            here = piece >> np.uint64(64 - bits) == bucket if bits else np.ones(len(piece), bool)
            parts.append(tuple(each[here] for each in (piece, *others)))
        if parts:
            yield tuple(np.concatenate(each) for each in zip(*parts, strict=True))
