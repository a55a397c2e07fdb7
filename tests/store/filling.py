"""Items to put into a store, with little said of each."""

from __future__ import annotations

import hashlib
from typing import Any

from comity.ledger.journal import Head, Leaf
from comity.store import Store
from comity.store.protocol import NewItem, Row
from comity.terms.traits import Traits

NOW = 1_000
FACTS = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="amber")
HOMES = (b"first facts", b"second facts", b"third facts")


def new(id_: str, **changes: Any) -> NewItem:
    """An item about to be stored, with bytes of its own."""
    body = changes.pop("body", id_.encode() + str(changes).encode())
    plain = NewItem(
        origin="KZ", id=id_, type="indicator", version="2021-10-01T00:00:00.000Z", spec="2.1", sha=hashlib.sha256(body).digest(),
        body=body, envelope=b"envelope of " + id_.encode(), traits=FACTS, refs=(), values=(), expires=None,
    )  # fmt: skip
    return plain._replace(**changes)


def put(tx, item: NewItem, home: bytes = HOMES[0], added: int | None = None, **changes: Any) -> Row:
    """Store one item as `place` would: the next number, the next ordinal of its home, a stamp after the last."""
    number = tx.intern(home)
    at = tx.last_added() + 10 if added is None else added
    row = Row(
        item=tx.next_item(), added=at, home=number, ordinal=tx.take_ordinals(number, 1), base=number, traits=number, origin=item.origin,
        id=item.id, type=item.type, version=item.version, spec=item.spec, sha=item.sha, leaf=tx.head().size, expires=item.expires,
    )._replace(**changes)  # fmt: skip
    tx.set_last_added(at)
    tx.insert([(row, item)])
    return row


def puts(store: Store, *items: NewItem, home: bytes = HOMES[0]) -> list[Row]:
    with store.write() as tx:
        return [put(tx, item, home) for item in items]


def leaf(index: int) -> tuple[Leaf, Head]:
    made = Leaf(index=index, hash=bytes([index]) * 32, salt=bytes([index]) * 16, entry=b"entry %d" % index, opening=b"opening %d" % index)
    return made, Head(size=index + 1, frontier=b"frontier %d" % index, root=bytes([index]) * 32, checkpoint=b"checkpoint %d" % index)
