"""What parties' nodes say they did with objects: kept for their origin, given on to its node, and looked up by object.

A receipt comes with the answer of the node that wrote it, and from there on as an entry, under that node's signature, until it is at the
origin. A centre that leaves out an object for one member cannot write that member's receipt: at the origin it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from comity.forms.parcel import RECEIPT_TYPE, Confirmed, write_receipt
from comity.ledger.keys import Verifier
from comity.peer.signing import valid
from comity.store.protocol import Tx
from comity.world import World

_SPACE = "receipts"
#: Receipts looked through at once.
_READ = 100


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as it is kept, with the stamp of when it was heard. `proven`: its signature is by a key of its party that is known here."""

    confirmed: Confirmed
    proven: bool
    heard: int


def proven(confirmed: Confirmed, keys: Iterable[Verifier]) -> bool:
    """Whether one of a party's keys signed the receipt."""
    return valid(RECEIPT_TYPE, write_receipt(confirmed.receipt), confirmed.key, confirmed.signature, tuple(keys))


def keep(world: World, tx: Tx, kept: Kept) -> None:
    """Keep a receipt, in the critical section."""
    tx.put_private(_SPACE, f"{tx.bump(_SPACE):012d}", msgspec.msgpack.encode(kept))


def since(world: World, number: int) -> Iterator[tuple[int, Kept]]:
    """The receipts after a number, in the order in which they were heard, with their numbers."""
    while found := list(world.store.privates(_SPACE, f"{number:012d}", _READ)):
        for key, value in found:
            number = int(key)
            yield number, msgspec.msgpack.decode(value, type=Kept)


def about(world: World, origin: str, sha: bytes) -> dict[str, Kept]:
    """Party -> the last receipt about an origin's object (SHA-256). Looks through all receipts, and reads those that have its hash."""
    found: dict[str, Kept] = {}
    after = ""
    while page := list(world.store.privates(_SPACE, after, _READ)):
        after = page[-1][0]
        for _, value in page:
            if sha in value:
                kept = msgspec.msgpack.decode(value, type=Kept)
                receipt = kept.confirmed.receipt
                if receipt.origin == origin and sha in _hashes(receipt.objects):
                    found[receipt.party] = kept
    return found


def _hashes(objects: bytes) -> set[bytes]:
    return {objects[at : at + 32] for at in range(0, len(objects), 32)}
