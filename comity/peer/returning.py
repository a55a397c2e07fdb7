"""What an origin's node has forgotten that it took back: it was restored from a backup, and offers the object again.

    1. meet    an object of the sender's own that it had taken back by then    where parcels are taken in; it is refused
    2. keep    the sender's own signed word for that, where it gave one        one critical section
    3. give    that word back to it, in the next parcel; it believes its own signature, and nobody else's about its own objects

Crash story: cut off before 2, nothing is kept and the parcel comes again. What is kept stays for as long as items do by default, so that it
is said again to a node that was restored once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.forms import dsse
from comity.forms.parcel import MOST_BYTES, Withdrawn, read_withdrawal
from comity.intake.withdraw import recalls
from comity.world import World

_SPACE = "given-back"
_READ = 100


def keep(world: World, link: str, origin: str, shas: set[bytes]) -> None:
    """Step 2, of objects (SHA-256) of the link's own party."""
    signed = {each.signed: None for each in recalls(world) if each.party == origin and each.signed and bytes.fromhex(each.sha) in shas}
    with world.store.write() as tx:
        kept = {paper for _, paper in since(world, link, 0)}
        for paper in signed:
            if paper not in kept:
                tx.put_private(_SPACE, f"{link}/{tx.bump(_SPACE):012d}", paper)


def since(world: World, link: str, number: int) -> Iterator[tuple[int, bytes]]:
    """The signed withdrawals for a link after a number, with their numbers."""
    start = f"{link}/{number:012d}"
    while found := list(world.store.privates(_SPACE, start, _READ)):
        for key, paper in found:
            start = key
            of, _, at = key.rpartition("/")
            if of != link:
                return
            yield int(at), paper


def forget(world: World, before: datetime) -> int:
    """Forget what was signed before a moment; how many. An origin that was restored from an older backup keeps nothing of it either."""
    over = [key for key, paper in world.store.privates(_SPACE) if as_signed(paper).at < before]
    if over:
        with world.store.write() as tx:
            for key in over:
                tx.put_private(_SPACE, key, None)
    return len(over)


def as_signed(paper: bytes) -> Withdrawn:
    """A withdrawal as its origin signed it."""
    return msgspec.structs.replace(read_withdrawal(dsse.read(paper, MOST_BYTES).payload), signed=paper)
