"""Opening logs and lists as they lie about: plain, gzip, zstandard, or standard input; told by content, not by name."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from comity.errors import NotFound, OperatorFault

#: A line longer than this is read in pieces that all have its number: binary junk must not fill the memory.
MAX_LINE = 4 * 1024 * 1024
_BUFFER = 1 << 20
#: What a damaged compressed file raises while it is read.
DAMAGED = (EOFError, gzip.BadGzipFile, zstandard.ZstdError, zlib.error, OSError)


@contextmanager
def opened(path: str) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of a file, or of standard input for `-`. Raises NotFound or OperatorFault."""
    if path == "-":
        yield _decompressed(sys.stdin.buffer)
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(path).open("rb"))
        except FileNotFoundError:
            raise NotFound(f"no such file: {path}") from None
        except OSError as error:
            raise OperatorFault(f"cannot read {path}: {error.strerror}") from None
        yield _decompressed(file)


def _decompressed(file: BinaryIO) -> io.BufferedReader:
    plain: io.BufferedReader = io.BufferedReader(cast(io.RawIOBase, file), _BUFFER)
    head = plain.peek(4)[:4]
    if head[:2] == b"\x1f\x8b":
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=plain)), _BUFFER)
    if head == b"\x28\xb5\x2f\xfd":
        reader = zstandard.ZstdDecompressor().stream_reader(plain, read_across_frames=True)
        return io.BufferedReader(cast(io.RawIOBase, reader), _BUFFER)
    return plain


def lines(file: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """(1-based physical line number, line without its end); a byte order mark before the first line is dropped."""
    number = 1
    readline = file.readline
    while True:
        line = readline(MAX_LINE)
        if not line:
            return
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line[-1:] == b"\n":
            yield number, line[:-2] if line[-2:-1] == b"\r" else line[:-1]
            number += 1
        else:
            yield number, line
