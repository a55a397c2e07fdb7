"""What parties' nodes say they did with objects: kept for their origin, given on to its node, and looked up by object.

A receipt comes with the answer of the node that wrote it, and from there on as an entry, under that node's signature, until it is at the
origin. A centre that leaves out an object for one member cannot write that member's receipt: at the origin it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from comity.forms import dsse
from comity.forms.dsse import pae
from comity.forms.parcel import (
    ANSWER_TYPE,
    MOST_BYTES,
    RECEIPT_TYPE,
    Confirmed,
    Outcome,
    Receipt,
    read_answer,
    write_answer,
    write_receipt,
)
from comity.ledger.keys import LogKey, Verifier
from comity.peer.partner import node_of
from comity.peer.signing import seal, valid
from comity.store.copied import original_bytes
from comity.store.protocol import Tx
from comity.store.reports import Report
from comity.world import World

_SPACE = "receipts"
#: What a node says of its redacted copy -> what is said of the original.
_OF_COPIES: dict[Outcome, Outcome] = {"arrived": "fetched", "fetched": "fetched", "deleted": "told", "kept": "told", "told": "told"}
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


def signed(world: World, key: LogKey, report: Report) -> Confirmed:
    """A report as this node's receipt."""
    settings = world.settings
    receipt = Receipt(
        party=settings.party, node=node_of(settings), origin=report.origin, outcome=report.outcome, objects=report.sha, of=report.of,
        at=report.at,
    )  # fmt: skip
    return _by(key, receipt)


def of_original(world: World, key: LogKey, receipt: Receipt) -> Confirmed | None:
    """What a party's node says of redacted copies, in this node's words of their originals, as its origin knows it; None for none.

    Nobody says for another that it erased something: whoever erased or keeps its copy was told.
    """
    outcome = _OF_COPIES.get(receipt.outcome)
    originals = [of for sha in sorted(hashes(receipt.objects)) if (of := original_bytes(world.store, sha))] if outcome else []
    if not (outcome and originals):
        return None
    settings, why = world.settings, f"it keeps its redacted copy: {receipt.why}" if receipt.outcome == "kept" else ""
    said = Receipt(
        party=settings.party, node=node_of(settings), origin=receipt.origin, outcome=outcome, objects=b"".join(originals), why=why,
        of=receipt.of or receipt.party, at=receipt.at,
    )  # fmt: skip
    return _by(key, said)


def _by(key: LogKey, receipt: Receipt) -> Confirmed:
    """A receipt under this node's signature."""
    signature = key.sign(pae(RECEIPT_TYPE, write_receipt(receipt)))
    return Confirmed(receipt=receipt, key=key.verifier.key_id.hex(), signature=signature)


def under(key: LogKey, own: Iterable[Confirmed]) -> tuple[Confirmed, ...]:
    """This node's own receipts under its key for parcels as it is now: it may have changed since they were written."""
    return tuple(each if each.key == key.verifier.key_id.hex() else _by(key, each.receipt) for each in own)


def anew(answer: bytes, key: LogKey) -> bytes:
    """An answer of this node that waited, under its key for parcels as it is now, with the receipts in it: it may have changed since."""
    envelope = dsse.read(answer, MOST_BYTES)
    if [each.keyid for each in envelope.signatures] == [key.verifier.key_id.hex()]:
        return answer
    said = read_answer(envelope.payload)
    again = under(key, said.receipts)
    return seal(ANSWER_TYPE, write_answer(msgspec.structs.replace(said, receipts=again)), key)


def keep(world: World, tx: Tx, kept: Kept) -> None:
    """Keep a receipt, in the critical section."""
    tx.put_private(_SPACE, f"{tx.bump(_SPACE):012d}", msgspec.msgpack.encode(kept))


def since(world: World, number: int) -> Iterator[tuple[int, Kept]]:
    """The receipts after a number, in the order in which they were heard, with their numbers."""
    while found := list(world.store.privates(_SPACE, f"{number:012d}", _READ)):
        for key, value in found:
            number = int(key)
            yield number, msgspec.msgpack.decode(value, type=Kept)


def about(world: World, origin: str, sha: bytes, since: int = 0, until: int | None = None, gone: bool = False) -> dict[str, Kept]:
    """Party -> the last receipt about an origin's object (SHA-256), of those heard from a stamp on and before another: the same object may
    have been taken back and shared anew. `gone`: only of those that say what became of it when it was to go. Looks through all receipts,
    and reads those that have its hash.
    """
    found: dict[str, Kept] = {}
    after = ""
    while page := list(world.store.privates(_SPACE, after, _READ)):
        after = page[-1][0]
        for _, value in page:
            if sha in value:
                kept = msgspec.msgpack.decode(value, type=Kept)
                receipt = kept.confirmed.receipt
                if not (kept.heard >= since and (until is None or kept.heard < until)):
                    continue
                if gone and receipt.outcome not in ("deleted", "kept"):
                    continue
                if receipt.origin == origin and sha in hashes(receipt.objects):
                    before = found.get(receipt.of or receipt.party)
                    if not receipt.of or before is None or before.confirmed.receipt.of:  # what its own node says stands
                        found[receipt.of or receipt.party] = kept
    return found


def later(world: World, origin: str, party: str, heard: int) -> datetime | None:
    """When a party said last that objects of an origin arrived, of what was heard after a stamp; None for nothing. Looks through all."""
    found: datetime | None = None
    for _, kept in since(world, 0):
        receipt = kept.confirmed.receipt
        if kept.heard > heard and (receipt.party, receipt.origin, receipt.outcome, receipt.of) == (party, origin, "arrived", ""):
            found = receipt.at
    return found


def hashes(objects: bytes) -> set[bytes]:
    """The objects of a receipt, by SHA-256."""
    return {objects[at : at + 32] for at in range(0, len(objects), 32)}
