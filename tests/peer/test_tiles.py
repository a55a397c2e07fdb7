"""Another's log read as tiles: checkpoints that extend each other, and those that do not."""

from __future__ import annotations

from hashlib import sha256

import httpx2
import pytest

from comity.errors import IntegrityFault, NotFound, PeerFault
from comity.ledger.keys import LogKey
from comity.ledger.merkle import root
from comity.ledger.note import MAX_NOTE, Checkpoint, sign
from comity.ledger.tiles import listed, read_path
from comity.peer.channel import Channel
from comity.peer.tiles import checkpoint, compare, over_http

KEY = LogKey("log.kz.example", bytes(32))
LEAVES = [sha256(number.to_bytes(3, "big")).digest() for number in range(70_000)]
OTHER = [*LEAVES[:300], sha256(b"another").digest(), *LEAVES[301:1_000]]


def shown(size: int, leaves: list[bytes] = LEAVES, name: str = KEY.name) -> bytes:
    return sign(Checkpoint(origin=name, size=size, root=root(leaves[:size])), KEY)


class Log:
    """A log's tiles, and how often one was asked for."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.hashes, self.asked = listed(leaves), 0

    def __call__(self, path: str) -> bytes:
        tile = read_path(path)
        self.asked += 1
        return b"".join(self.hashes(tile.level, tile.number * 256, tile.width))


@pytest.mark.parametrize(
    ("less", "more"), [(0, 70_000), (1, 70_000), (255, 256), (256, 257), (300, 999), (65_536, 70_000), (69_999, 70_000), (5, 5)]
)
def test_one_past(less, more):
    log = Log(LEAVES)
    for one, other in ((less, more), (more, less)):
        assert compare(shown(one), shown(other), [KEY.verifier], log).size == more
    assert log.asked <= 12


def test_two_pasts_whatever_tiles_are_shown():
    with pytest.raises(IntegrityFault, match="two pasts"):
        compare(shown(900), shown(900, OTHER), [KEY.verifier])
    for log in (Log(LEAVES), Log(OTHER), lambda path: bytes(8192)):
        with pytest.raises(IntegrityFault):
            compare(shown(400), shown(999, OTHER), [KEY.verifier], log)
    assert compare(shown(300), shown(999, OTHER), [KEY.verifier], Log(OTHER)).size == 999


def test_what_cannot_be_compared():
    with pytest.raises(NotFound, match="tiles"):
        compare(shown(4), shown(9), [KEY.verifier])
    with pytest.raises(IntegrityFault, match="two logs"):
        compare(shown(4), shown(4, name="log.uz.example"), [KEY.verifier])
    with pytest.raises(IntegrityFault):
        compare(shown(4), shown(4), [LogKey.generate("x").verifier])
    with pytest.raises(IntegrityFault):
        compare(shown(4), shown(900), [KEY.verifier], lambda path: b"short")


def test_over_http():
    log = Log(LEAVES)

    def answer(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/tlog/")
        if path == "checkpoint":
            return httpx2.Response(200, content=shown(999))
        try:
            return httpx2.Response(200, content=log(path))
        except IntegrityFault:
            return httpx2.Response(404)

    fetch = over_http("http://localhost/tlog/", Channel("", "", headers={}, transport=httpx2.MockTransport(answer)))
    assert compare(checkpoint(fetch), shown(300), [KEY.verifier], fetch).size == 999
    with pytest.raises(PeerFault, match="not there"):
        fetch("nothing")
    with pytest.raises(IntegrityFault):
        checkpoint(lambda _: b"x" * (MAX_NOTE + 1))
