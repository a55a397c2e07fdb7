"""Bodies are bounded in size and in time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from comity.doors.received import TooLarge, TooSlow, UnknownContent, read_body


def arriving(*pieces: bytes, pause: float = 0, **headers: str) -> Request:
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    told = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": told}, receive)


def test_pieces_are_put_together():
    assert asyncio.run(read_body(arriving(b"ab", b"", b"c"), 3, 5)) == b"abc"


def test_what_is_too_long_is_refused_as_soon_as_it_is():
    request = arriving(b"ab", b"cd", b"never read")
    with pytest.raises(TooLarge):
        asyncio.run(read_body(request, 3, 5))


def test_what_takes_too_long_is_refused():
    with pytest.raises(TooSlow):
        asyncio.run(read_body(arriving(b"a", pause=0.5), 3, 0.05))


def test_coded_bodies_are_not_taken():
    with pytest.raises(UnknownContent):
        asyncio.run(read_body(arriving(b"a", content_encoding="gzip"), 3, 5))
