"""Which object stands in which sealed object here: of two such items one was made of the other, and goes when that goes.

At the origin the sealed object is made of the object; where it was opened, the object of the sealed one. The ids that belong together are
kept in private space, which version was made of which stands in the made one's envelope.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from comity.store.protocol import Row, Store, Tx
from comity.terms.item import read_envelope

_SPACE, _OPENED = "wrapped", "opened"


def keep_pair(tx: Tx, origin: str, of: str, made: str) -> None:
    """Keep that an origin's object `made` is made of its object `of`."""
    tx.put_private(_SPACE, f"{origin}|{of}", made.encode())


def made_of(store: Store, rows: Sequence[Row]) -> list[Row]:
    """What was made of these items: the sealed objects around them, or what stood in them."""
    items = {row.item for row in rows}
    raw = {(row.origin, row.id): store.private(_SPACE, f"{row.origin}|{row.id}") for row in rows}
    pairs = {(origin, made.decode()) for (origin, _), made in raw.items() if made}
    found = [row for row in store.by_id([id_ for _, id_ in pairs]) if (row.origin, row.id) in pairs] if pairs else []
    said = store.envelopes([row.item for row in found])
    return [row for row in found if row.item in said and read_envelope(said[row.item]).made_of in items]


def ids_of_made(store: Store, rows: Sequence[Row]) -> dict[str, str]:
    """Id of what is made of an object -> that object's id, for the objects that these items are versions of."""
    raw = {row.id: store.private(_SPACE, f"{row.origin}|{row.id}") for row in rows}
    return {made.decode(): id_ for id_, made in raw.items() if made}


def forget_pairs(store: Store, tx: Tx, rows: Sequence[Row]) -> None:
    """Forget what became of opening these items, which are going; and of objects of which no other is left, what they belong to."""
    going = {row.item for row in rows}
    for item in going:
        tx.put_private(_OPENED, f"{item:020d}", None)
    for origin, id_ in {(row.origin, row.id) for row in rows}:
        if all(row.item in going or row.origin != origin for row in store.by_id([id_])):
            tx.put_private(_SPACE, f"{origin}|{id_}", None)


def keep_opened(tx: Tx, item: int, said: bytes) -> None:
    """Keep what became of opening a sealed object, as long as that is here."""
    tx.put_private(_OPENED, f"{item:020d}", said)


def all_opened(store: Store) -> Iterator[bytes]:
    """What became of opening each sealed object that is here, in the order in which they came."""
    return (raw for _, raw in store.privates(_OPENED))
