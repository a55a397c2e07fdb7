"""Bodies that go packed over a link, by gzip (RFC 9110 section 8.4), where the other node says that it reads that (RFC 7694)."""

from __future__ import annotations

import zlib

from comity.errors import SenderFault

CODING = "gzip"
#: What is shorter goes as it is.
LEAST = 1_024
#: zlib's word for the gzip format.
_GZIP = 31


def packed(raw: bytes) -> bytes:
    """The bytes as gzip, by its quickest way."""
    return zlib.compress(raw, 1, wbits=_GZIP)


def unpacked(body: bytes, most: int) -> bytes:
    """What was packed, of at most so many bytes: no more is ever made of it. Raises SenderFault for more, and for what is no gzip."""
    reader = zlib.decompressobj(wbits=_GZIP)
    try:
        raw = reader.decompress(body, most + 1)
    except zlib.error as error:
        raise SenderFault(f"the body is not {CODING}: {error}") from None
    if len(raw) > most:
        raise SenderFault(f"the body is more than {most} bytes when it is unpacked")
    if not reader.eof or reader.unused_data:
        raise SenderFault(f"the body is not one whole piece of {CODING}")
    return raw
