"""What arrives in the body of a request, bounded in size and in time, for every door that takes something in."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from comity.errors import SenderFault


class UnknownContent(SenderFault):
    """A body of a media type that the operation does not take."""


class TooLarge(SenderFault):
    """A body, or what is in it, beyond the node's limits."""


class TooSlow(SenderFault):
    """A body that did not arrive in time."""


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The body, refused as soon as it is longer than `limit` bytes or takes longer than that. Raises TooLarge, TooSlow, UnknownContent."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnknownContent(f"the content coding {coding} is not taken here", next="send it as it is")
    pieces, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise TooLarge(f"the body has more than the {limit} bytes taken at once", next="send it in parts")
                pieces.append(piece)
    except TimeoutError:
        raise TooSlow(f"the body has to arrive within {seconds:.0f} seconds", next="send less at once") from None
    return b"".join(pieces)
