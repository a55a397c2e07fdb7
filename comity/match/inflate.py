"""What unpacks logs and lists: gzip by ISA-L, more than twice as fast as zlib, where its package is installed, else by zlib; zstandard,
bzip2 and xz."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple, Protocol, cast

import zstandard


class Unpacker(Protocol):
    """What unpacks one member, frame or stream; all of them have it."""

    @property
    def eof(self) -> bool:
        """Whether the member is at its end."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came behind it."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """What some more bytes unpack to."""
        ...


#: The most bytes that an xz file may ask for; `xz -9` needs 65 MiB.
_XZ_MEMORY = 256 << 20
_PIECE = 1 << 20
_FAST = find_spec("isal") is not None
#: What unpackers raise for damage.
DAMAGE: tuple[type[Exception], ...] = (zlib.error, zstandard.ZstdError, lzma.LZMAError, OSError)
if _FAST:
    from isal import isal_zlib

    DAMAGE += (cast(type[Exception], isal_zlib.error),)


class Piecemeal:
    """bzip2 or xz: gives a piece at a time and keeps the rest, since a few bytes may hold a lot."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        """As `Unpacker`."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """As `Unpacker`."""
        return self._inner.unused_data

    @property
    def full(self) -> bool:
        """Whether it has more to give before it is given more."""
        return not (self._inner.needs_input or self._inner.eof)

    def decompress(self, data: bytes, /) -> bytes:
        """As `Unpacker`."""
        return self._inner.decompress(data, _PIECE)


def _gzip() -> Unpacker:
    """For one member of a gzip file (RFC 1952)."""
    return isal_zlib.decompressobj(wbits=31) if _FAST else zlib.decompressobj(wbits=31)


class Packing(NamedTuple):
    """How a way of packing is undone: with a `fresh` unpacker for each member, and so many bytes at a `step`, which bounds what a bomb may
    cost at once."""

    fresh: Callable[[], Unpacker]
    step: int


#: By the names of `detect.packed`.
PACKINGS = {
    "gzip": Packing(_gzip, 16_384),
    "zstd": Packing(lambda: zstandard.ZstdDecompressor().decompressobj(), 1_024),
    "bzip2": Packing(lambda: Piecemeal(bz2.BZ2Decompressor()), 16_384),
    "xz": Packing(lambda: Piecemeal(lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)), 16_384),
}
