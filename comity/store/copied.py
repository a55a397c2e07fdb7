"""Which items this node has made of others: redacted copies, and the relationships between them and their originals (ADR 10).

One copy id stands for all versions of one origin's object under one profile. It is kept in private space, with the id of the relationship
that says `derived-from`; which version a copy was made of stands in the copy's own envelope. By the bytes of a copy those of its original
are known longer than both: what a receiver says of the one, its origin is told of the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from comity.clock import micros
from comity.store.protocol import Row, Store, Tx
from comity.terms.item import DERIVED_FROM, Envelope, read_envelope

_SPACE, _BYTES = "copies", "copies-bytes"
_READ = 100


class _Bytes(msgspec.Struct, frozen=True, array_like=True):
    """Of a copy's bytes: the SHA-256 of its original's, the copy's id, and when it was made (microseconds)."""

    of: bytes
    copy: str
    at: int


class Ids(msgspec.Struct, frozen=True, array_like=True):
    """The id of an object's copies under one profile, and that of the relationship which leads from them to the object."""

    copy: str
    link: str


def ids_of(store: Store, origin: str, id_: str) -> dict[str, Ids]:
    """Profile key -> the ids under which copies of an origin's object stand."""
    raw = store.private(_SPACE, _key(origin, id_))
    return msgspec.json.decode(raw, type=dict[str, Ids]) if raw else {}


def keep_ids(tx: Tx, origin: str, id_: str, ids: dict[str, Ids]) -> None:
    """Keep these ids, and no others, for the copies of an origin's object."""
    tx.put_private(_SPACE, _key(origin, id_), msgspec.json.encode(ids) if ids else None)


def copies_of(store: Store, rows: Iterable[Row]) -> list[Row]:
    """The redacted copies of these items, in the order they were made. Whatever befalls an item befalls them."""
    rows = list(rows)
    items = {row.item for row in rows}
    return [row for row, envelope in _made(store, rows) if envelope.made_of in items and envelope.profile != DERIVED_FROM]


def all_made(store: Store, rows: Iterable[Row]) -> list[Row]:
    """The redacted copies of all versions of these items' objects, and the relationships between the two."""
    return [row for row, _ in _made(store, rows)]


def leaving_with(store: Store, tx: Tx, rows: Sequence[Row]) -> list[Row]:
    """What is to be removed when these items are: their copies, and with the last of a copy's versions its relationship.

    What is then no copy's any more is forgotten: the same object sent again is copied under another id.
    """
    made = _made(store, rows)
    gone = {row.item for row in rows}
    going = [row for row, envelope in made if envelope.made_of in gone and envelope.profile != DERIVED_FROM]
    gone |= {row.item for row in going}
    left = {(row.origin, row.id) for row, envelope in made if row.item not in gone and envelope.profile != DERIVED_FROM}
    links: set[tuple[str, str]] = set()
    for origin, id_ in dict.fromkeys((row.origin, row.id) for row in rows):
        ids = ids_of(store, origin, id_)
        kept = {key: each for key, each in ids.items() if (origin, each.copy) in left}
        links |= {(origin, each.link) for key, each in ids.items() if key not in kept}
        if kept != ids:
            keep_ids(tx, origin, id_, kept)
    return going + [row for row, _ in made if (row.origin, row.id) in links and row.item not in gone]


def ids_of_copies(store: Store, rows: Iterable[Row]) -> dict[str, str]:
    """Id of a redacted copy -> that of the object that it is a copy of, for the objects that these items are versions of."""
    objects = dict.fromkeys((row.origin, row.id) for row in rows)
    return {each.copy: id_ for origin, id_ in objects for each in ids_of(store, origin, id_).values()}


def envelopes(store: Store, items: Collection[int]) -> dict[int, Envelope]:
    """item -> its envelope."""
    return {item: read_envelope(raw) for item, raw in store.envelopes(list(items)).items()}


def originals(store: Store, items: Collection[int]) -> dict[int, Row]:
    """item -> its original, for those of these items that are redacted copies."""
    said = envelopes(store, items)
    made = {item: each.made_of for item, each in said.items() if each.made_of is not None and each.profile != DERIVED_FROM}
    rows = store.rows(list(made.values()))
    return {item: rows[of] for item, of in made.items() if of in rows}


def all_copies(store: Store) -> dict[str, tuple[str, str]]:
    """Copy id -> (origin, id) of the object that it is a copy of."""
    found: dict[str, tuple[str, str]] = {}
    for key, raw in store.privates(_SPACE):
        origin, _, id_ = key.partition("|")
        found |= {ids.copy: (origin, id_) for ids in msgspec.json.decode(raw, type=dict[str, Ids]).values()}
    return found


def keep_bytes(tx: Tx, copy: Row, of: Row) -> None:
    """Keep whose copy a copy's bytes are, in the critical section."""
    tx.put_private(_BYTES, copy.sha.hex(), msgspec.msgpack.encode(_Bytes(of=of.sha, copy=copy.id, at=copy.added)))


def original_bytes(store: Store, sha: bytes) -> bytes | None:
    """The SHA-256 of the object that a copy was made of, by the copy's own; None for what is no copy of this node's."""
    raw = store.private(_BYTES, sha.hex())
    return None if raw is None else msgspec.msgpack.decode(raw, type=_Bytes).of


def forget_bytes(store: Store, before: datetime) -> int:
    """Forget whose copies they were that were made before a moment and are gone; how many."""
    found = {key: msgspec.msgpack.decode(raw, type=_Bytes) for key, raw in store.privates(_BYTES)}
    old = [(key, each.copy) for key, each in found.items() if each.at < micros(before)]
    over: list[str] = []
    for start in range(0, len(old), _READ):
        part = old[start : start + _READ]
        held = {row.sha.hex() for row in store.by_id([id_ for _, id_ in part])}
        over += [key for key, _ in part if key not in held]
    for start in range(0, len(over), _READ):
        with store.write() as tx:
            for key in over[start : start + _READ]:
                tx.put_private(_BYTES, key, None)
    return len(over)


def _made(store: Store, rows: Iterable[Row]) -> list[tuple[Row, Envelope]]:
    """All that was made of the objects that these items are versions of, with their envelopes."""
    known = {(origin, id_) for origin, id_ in dict.fromkeys((row.origin, row.id) for row in rows)}
    named = {(origin, made) for origin, id_ in known for ids in ids_of(store, origin, id_).values() for made in (ids.copy, ids.link)}
    found = [row for row in store.by_id([id_ for _, id_ in named]) if (row.origin, row.id) in named] if named else []
    said = envelopes(store, [row.item for row in found])
    return [(row, said[row.item]) for row in found if row.item in said and said[row.item].profile is not None]


def _key(origin: str, id_: str) -> str:
    return f"{origin}|{id_}"
