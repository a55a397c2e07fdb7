"""Redacted copies: made for the first reader that is to have them, once per item and profile; from then on items like any other (ADR 10).

    1. choose   the items in the rows that go to a reader as copies, beyond those that were copied before
    2. copy     what is left of each under the profile, under an id that tells nothing; the first copy of an object under a profile
                comes with a relationship that says it is `derived-from` it (STIX 2.1 section 3.7)
    3. record   a log leaf for the batch, and how far its row has been copied, or which items have

A copy has its original's origin, version, facts and expiry. What of an item is left under a profile may be no STIX object: then there is no
copy, and nothing leaves.

Crash story: 2 and 3 are one critical section per batch, so a copy is there if and only if its row's mark, or its item's, says so. Cut off
between batches, the next request goes on where this one ended. Of two processes that copy at once the second finds the first one's mark.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from comity.agree.redact import Profile, copied
from comity.clock import micros
from comity.forms.markings import marking_refs
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.release.sight import Sight
from comity.store.conditions import read_condition
from comity.store.copied import Ids, copies_of, envelopes, ids_of, keep_bytes, keep_ids
from comity.store.placing import new_item, place, refit
from comity.store.protocol import NewItem, Row, Source, Tx
from comity.terms.item import DERIVED_FROM, Envelope, item_hash, read_envelope, write_envelope
from comity.terms.stix import references, timestamp
from comity.terms.traits import Traits
from comity.world import World

#: Items per critical section: each gives a copy and at most one relationship, and a log entry has room for MAX_OBJECTS.
BATCH = MAX_OBJECTS // 2
_MARKS = "copied"


def make(world: World, sight: Sight, batches: int | None = None) -> bool:
    """Make the copies that the reader is to have and that are not there yet, `batches` of them at most (None: all); whether all are."""
    # 1.
    for number, (home, profile, rows) in enumerate(_waiting(world, sight)):
        if number == batches:
            return False
        _enter(world, home, profile, rows)
    return True


def _waiting(world: World, sight: Sight) -> Iterator[tuple[int | None, Profile, list[Row]]]:
    """Batches of what goes to the reader as copies and was not copied: the home row whose next items they are, if any."""
    for home, profile in list(sight.copied.items()):
        while rows := _beyond(world, home, profile):
            yield home, profile, rows
    for profile, rows in _refitted(world, sight):
        yield None, profile, rows


def _beyond(world: World, home: int, profile: Profile) -> list[Row]:
    """The next items of a home row that were not copied under a profile."""
    first = _mark(world, home, profile) + 1
    return [row for _, row in world.store.page([Source(home=home, first=first)], 0, BATCH, micros(world.clock()))]


def _refitted(world: World, sight: Sight) -> Iterator[tuple[Profile, list[Row]]]:
    """Items that go to the reader as copies by facts they have got since they entered: an approval. Batches of one origin and profile."""
    found: dict[tuple[str, str], tuple[Profile, list[Row]]] = {}
    for row in world.store.moved():
        profile = sight.copy(row.base)
        if profile is None or sight.traits(row.home) == sight.traits(row.base):
            continue
        if world.store.private(_MARKS, _done(row, profile)) is None:
            found.setdefault((row.origin, profile.key), (profile, []))[1].append(row)
    for profile, rows in found.values():
        yield from ((profile, rows[start : start + BATCH]) for start in range(0, len(rows), BATCH))


def _mark(world: World, home: int, profile: Profile) -> int:
    """The number up to which the items of a home row have been copied."""
    return int(world.store.private(_MARKS, f"{home}.{profile.key}") or 0)


def _done(row: Row, profile: Profile) -> str:
    """The mark of an item that was copied by itself."""
    return f"item {row.item}.{profile.key}"


def _enter(world: World, home: int | None, profile: Profile, rows: Sequence[Row]) -> None:
    """Steps 2 and 3 for one batch, of a home row or of none; what was copied, or has gone, meanwhile is left out."""
    with world.store.write() as tx:
        there = world.store.rows([row.item for row in rows])
        # 2.
        new = list(_Batch(world, tx, profile).made_of(list(there.values())))
        # 3.
        if new:
            at = world.clock()
            # Streams go by the facts that an item enters with; what was approved of the original comes to it afterwards (`placing.refit`).
            entering = [item._replace(traits=msgspec.structs.replace(item.traits, approvals=())) for item in new]
            placed = place(tx, entering, micros(at), tx.head().size)
            entry = Entry(kind="derive", at=at, party=new[0].origin, count=len(new))
            world.journal.append(tx, entry, [item_hash(item.sha, item.envelope) for item in new])
            for row, item in zip(placed, new, strict=True):
                if item.traits.approvals:
                    refit(tx, [row], _become(item.traits))
                envelope = read_envelope(item.envelope)
                if envelope.made_of in there and envelope.profile != DERIVED_FROM:
                    keep_bytes(tx, row, there[envelope.made_of])
        if home is not None:
            tx.put_private(_MARKS, f"{home}.{profile.key}", str(max(_mark(world, home, profile), rows[-1].ordinal)).encode())
            return
        for row in rows:
            tx.put_private(_MARKS, _done(row, profile), b"")


def _become(traits: Traits) -> Callable[[Traits], Traits]:
    return lambda _: traits


class _Batch:
    """Some items of one origin on their way to being copied under one profile, in the critical section."""

    def __init__(self, world: World, tx: Tx, profile: Profile) -> None:
        self._world = world
        self._tx = tx
        self._profile = profile

    def made_of(self, rows: Sequence[Row]) -> Iterator[NewItem]:
        """The copies of these items, each object's first one followed by the relationship."""
        store, items = self._world.store, [row.item for row in rows]
        said, bodies, named = envelopes(store, items), store.bodies(items), store.links(items)
        done = envelopes(store, [row.item for row in copies_of(store, rows)]).values()
        known = {each.made_of for each in done if each.profile == self._profile.key}
        for row in rows:
            if row.item in known:
                continue
            obj = msgspec.json.decode(bodies[row.item], type=dict[str, Any])
            # Besides what it says itself it may name markings that nobody has defined (`intake.settle`).
            undefined = set(named.get(row.item, ())) - set(references(obj))
            for made in self._made_of(row, obj, said[row.item]):
                still = sorted(undefined.intersection(marking_refs(msgspec.json.decode(made.body)))) if undefined else ()
                yield made._replace(refs=(*made.refs, *still))

    def _made_of(self, row: Row, obj: Mapping[str, Any], envelope: Envelope) -> Iterator[NewItem]:
        ids = ids_of(self._world.store, row.origin, row.id)
        mine = ids.get(self._profile.key) or Ids(copy=_random(row.type), link=_random("relationship"))
        raw = copied(obj, self._profile, mine.copy)
        if raw is None:
            return
        base = read_condition(self._tx.trait_body(row.base)).base
        # Decided by the facts of the original, though the copy may not say them.
        traits = msgspec.structs.replace(base, profile=self._profile.key)
        yield _item(raw, envelope, self._profile.key, row)._replace(traits=traits)
        if self._profile.key not in ids:
            keep_ids(self._tx, row.origin, row.id, {**ids, self._profile.key: mine})
            yield _item(msgspec.json.encode(self._link(obj, mine)), envelope, DERIVED_FROM, row)

    def _link(self, obj: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
        """The relationship from a copy to its original, marked as the original is."""
        now = timestamp(self._world.clock())
        return {
            "type": "relationship",
            **{name: obj[name] for name in ("spec_version", "object_marking_refs") if name in obj},
            "id": ids.link,
            "created": now,
            "modified": now,
            "relationship_type": DERIVED_FROM,
            "source_ref": ids.copy,
            "target_ref": obj["id"],
        }


def _item(raw: bytes, envelope: Envelope, profile: str, of: Row) -> NewItem:
    """What was made of an item, under that item's envelope."""
    envelope = msgspec.structs.replace(envelope, profile=profile, made_of=of.item)
    return new_item(raw, msgspec.json.decode(raw), envelope, write_envelope(envelope))


def _random(type_: str) -> str:
    return f"{type_}--{uuid.uuid4()}"
