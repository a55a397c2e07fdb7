"""What a client that polls meets where objects were taken back that its party had received: a tombstone, at its stamp in the page.

    1. meet    those behind the reader's cursor and within the page; not of what it sees in another version, of the same origin
    2. choose  the object's last version, which says `revoked`; a note where there is none, or another party's copy is still seen
    3. record  a log leaf, and that the party was told                   durable before 4
    4. give    page and tombstones, in the order of their stamps

Crash story: cut off after 3, the party counts as told, and meets the same at its next poll, whose cursor has not moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from comity.forms import tombstone
from comity.forms.tombstone import Tombstone
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.release.desk import Desk, Pull
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store import tombstones
from comity.terms.stix import spec_version
from comity.world import World

T = TypeVar("T")


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A tombstone as an object at a stamp."""

    at: int
    tomb: Tombstone
    obj: dict[str, Any]
    body: bytes


def joined(
    desk: Desk, reader: Reader, query: Query, page: Pull, given: Sequence[T], told: Callable[[Met], T]
) -> tuple[list[int], list[T], bool]:  # fmt: skip
    """What a page gives, with what is `told` of each tombstone between: stamps, entries, and whether more follow.

    Who asks for objects by name is told nothing: what was taken back is not found (TAXII 2.1 section 5.7).
    """
    met = [] if query.named else _met(desk, reader, query, page)
    if not met:
        return list(page.stamps), list(given), page.more
    found = sorted([*zip(page.stamps, given, strict=True), *((each.at, told(each)) for each in met)], key=lambda each: each[0])
    more, found = page.more or len(found) > query.limit, found[: query.limit]
    # 3.
    if left := [(each.tomb, each.body) for each in met if each.at <= found[-1][0]]:
        record(desk.world, reader.party, [body for _, body in left], {"body": reader.body})
        keep_told(desk.world, reader.party, [tomb for tomb, _ in left])
    # 4.
    return [at for at, _ in found], [each for _, each in found], more


def _met(desk: Desk, reader: Reader, query: Query, page: Pull) -> list[Met]:
    """Steps 1 and 2, ascending by stamp: one more than a page holds, or all there are."""
    found: list[Met] = []
    for at, tomb in tombstones.after(desk.world.store, reader.party, query.after):
        if (page.more and at > page.stamps[-1]) or len(found) > query.limit:
            break
        body = written(desk, reader, tomb)
        if body is not None and _asked(query, obj := msgspec.json.decode(body, type=dict[str, Any])):
            found.append(Met(at=at, tomb=tomb, obj=obj, body=body))
    return found


def _asked(query: Query, obj: Mapping[str, Any]) -> bool:
    """Whether a query asks for what a tombstone is given as."""
    return (
        (query.types is None or obj["type"] in query.types)
        and (query.spec_versions is None or spec_version(obj) in query.spec_versions)
        and not {"last", "all", obj["modified"]}.isdisjoint(query.versions)
    )


def written(desk: Desk, reader: Reader, tomb: Tombstone) -> bytes | None:
    """Step 2; None where the reader sees the object again, or in another version."""
    seen = desk.seen(reader, Query(ids=(tomb.id,), versions=("all",), copies=True))
    if any(row.origin == tomb.origin for row in seen):
        return None
    return tombstone.note(tomb) if seen or not tomb.revoked else tomb.revoked


def record(world: World, party: str, given: Sequence[bytes], detail: dict[str, Any]) -> None:
    """Put into the log what a party is about to be told, in entries of at most MAX_OBJECTS."""
    with world.store.write() as tx:
        for start in range(0, len(given), MAX_OBJECTS):
            part = given[start : start + MAX_OBJECTS]
            entry = Entry(kind="tell", at=world.clock(), party=party, count=len(part), detail=detail)
            world.journal.append(tx, entry, [hashlib.sha256(body).digest() for body in part])


def keep_told(world: World, party: str, given: Sequence[Tombstone]) -> None:
    """Keep that a party was told."""
    with world.store.write() as tx:
        at = world.clock()
        for tomb in given:
            tombstones.keep_told(world.store, tx, party, tomb, at)
