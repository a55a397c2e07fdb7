"""Which of the visible items stand on a page: filters, versions, one representation per (id, version) (TAXII 2.1 section 3.4).

Every answer here depends on what the reader may see alone. "The last version" is the last *visible* one; of several parties'
copies of one version the reader's own stands for all, else the one that came first of those it may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from comity.clock import micros, stamp
from comity.release.feed import Feed
from comity.store.placing import value_hash
from comity.store.protocol import Row, Stretch
from comity.terms.stix import OWN_TYPES, version_moment
from comity.world import World

#: Version filters that an object's only version answers.
_ENDS = frozenset({"first", "last", "all"})


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks of a collection: the reader's `own` items, those of `others`, or both (`exchange`).

    `versions` holds `first`, `last`, `all` or exact versions; `spec_versions` None asks for each object's latest. `values` asks for
    the objects that carry any of these (kind, normal form); with `copies`, every origin's copy of a version stands side by side.
    `about`: something of them is told, and not they themselves.
    """

    own: bool = True
    others: bool = True
    after: int = 0
    limit: int = 100
    ids: tuple[str, ...] | None = None
    types: frozenset[str] | None = None
    versions: tuple[str, ...] = ("last",)
    spec_versions: frozenset[str] | None = None
    values: tuple[tuple[str, str], ...] | None = None
    copies: bool = False
    about: bool = False

    @property
    def named(self) -> bool:
        """Whether it names what it asks for, by ids or values; such a look-up is no reading on."""
        return self.ids is not None or self.values is not None


class Selection(msgspec.Struct, frozen=True):
    """Rows to release with their stamps, ascending, and whether more follow."""

    found: list[tuple[int, Row]]
    more: bool


class Cut(msgspec.Struct, frozen=True):
    """The same as a stretch."""

    found: Stretch
    more: bool


def select(world: World, feed: Feed, query: Query) -> Selection:
    """The next page of the merged streams after `query.after`, as rows."""
    if query.named:
        return select_ids(world, feed, query)
    met = cut(world, feed, query)
    rows = world.store.rows(met.found.item)
    return Selection([(at, rows[item]) for at, item in zip(met.found.at, met.found.item) if item in rows], met.more)


def cut(world: World, feed: Feed, query: Query, room: int | None = None) -> Cut:
    """The next page with its bytes, of at most `room` (but one item at least); with `room` None, without them."""
    chosen, ended = _named(world, feed, query, room) if query.named else _met(world, feed, query, room)
    found = chosen.first(query.limit)
    if room is not None and len(found.at) > 1 and sum(map(len, found.body)) > room:
        found = found.first(len(found.at) - 1)
    return Cut(found, not ended or len(chosen.at) > len(found.at))


def _met(world: World, feed: Feed, query: Query, room: int | None) -> tuple[Stretch, bool]:
    """What stands next in the streams and is asked for: one item more than fits, or all there is; and whether it is all."""
    sources = feed.sources(query.own, query.others, query.types)
    chosen, after, now, want, left = Stretch(), query.after, micros(world.clock()), query.limit + 1, room
    size = want
    while True:
        met = world.store.stretch(sources, after, size, now, left)
        ended = not met.at or (len(met.at) < size and (left is None or sum(map(len, met.body)) <= left))
        if met.at:
            after = met.at[-1]
            chosen = chosen.then(_asked(world, feed, query, met))
        if room is not None:
            left = room - sum(map(len, chosen.body))
        if ended or len(chosen.at) >= want or (left is not None and left < 0 and len(chosen.at) > 1):
            return chosen, ended
        size = min(2 * size, 1_000)  # filters leave few: look further at a time


def _asked(world: World, feed: Feed, query: Query, met: Stretch) -> Stretch:
    """Of what was met in the streams, that which the query asks for."""
    facts = {base: feed.sight.traits(base) for base in set(met.base)}
    # Registers and agreements stand on a page only where asked for.
    barred = {base for base, fact in facts.items() if (fact.type in OWN_TYPES if query.types is None else fact.type not in query.types)}
    # Nor do copies, in the stream of their origin's own items.
    barred |= {base for base, fact in facts.items() if fact.profile and feed.sight.spared(base)}
    if barred:
        met = met.only(base not in barred for base in met.base)
    # The only item of its id is its first and its last version.
    plain = met.plain if query.spec_versions is None and not _ENDS.isdisjoint(query.versions) else (0,) * len(met.at)
    if all(plain):
        return met
    shown = _shown(world, feed, query, [item for item, alone in zip(met.item, plain) if not alone])
    return met.only(alone or shown.get(item) == at for at, item, alone in zip(met.at, met.item, plain))


def select_ids(world: World, feed: Feed, query: Query) -> Selection:
    """The same for named objects: their claims are few, so they are looked up and then ordered."""
    hashes = dict.fromkeys(value_hash(*value) for value in query.values or ())
    rows = [row for row in world.store.by_value(hashes) if not feed.sight.spared(row.base)] if hashes else []
    rows += world.store.by_id(query.ids or ())
    found = {row.item: row for row in rows if query.types is None or row.type in query.types}
    shown = _shown(world, feed, query, list(found))
    kept = sorted((shown[item], row) for item, row in found.items() if shown.get(item, 0) > query.after)
    return Selection(kept[: query.limit], len(kept) > query.limit)


def _named(world: World, feed: Feed, query: Query, room: int | None) -> tuple[Stretch, bool]:
    """`select_ids` as a stretch, which ends early with the item that takes the bytes of all beyond `room`."""
    selection = select_ids(world, feed, query)
    bodies = world.store.bodies([row.item for _, row in selection.found], room) if room is not None else {}
    read = [(at, row) for at, row in selection.found if room is None or row.item in bodies]
    columns = zip(*((at, row.item, row.base, 0, row.sha, bodies.get(row.item, b"")) for at, row in read))
    return Stretch(*columns) if read else Stretch(), not selection.more and read[-1:] == selection.found[-1:]


def _shown(world: World, feed: Feed, query: Query, items: Sequence[int]) -> dict[int, int]:
    """item -> the stamp at which the reader meets it, of those of these items and their kin that answer the query's version filters.

    Every answer is worked out among what the reader may see of an id, which is why the kin are looked at too.
    """
    now, party = micros(world.clock()), feed.sight.reader.party
    kin = [row for row in world.store.kin(items) if (row.expires is None or row.expires > now) and (query.own or row.origin != party)]
    stamps = feed.stamps(kin)
    families: dict[str, list[Row]] = {}
    for row in kin:
        if row.item in stamps:
            families.setdefault(row.id, []).append(row)
    return {item: stamps[item] for rows in families.values() for item in _chosen(world, rows, query, party)}


def _chosen(world: World, rows: list[Row], query: Query, party: str) -> set[int]:
    """Steps: 1. spec_version, 2. one representation per (origin, version), 3. first/last/exact within each origin, 4. one per version,
    5. nobody revokes what is another's.
    """
    if len(rows) == 1 and query.spec_versions is None and not _ENDS.isdisjoint(query.versions):
        return {rows[0].item}
    # 1. By default the latest specification version of the object (TAXII 2.1 section 3.4.1), within one origin too.
    latest: dict[str, str] = {}
    for row in rows:
        latest[row.origin] = max(row.spec, latest.get(row.origin, ""))
    asked = query.spec_versions
    rows = [row for row in rows if (row.spec == latest[row.origin] if asked is None else row.spec in asked)]
    # 2. and 3. Versions are counted within one origin: nobody's copy hides another's (model.md, Stored identity).
    families: dict[str, dict[str, Row]] = {}
    for row in rows:
        families.setdefault(row.origin, {}).setdefault(row.version, row)
    kept: list[Row] = []
    for versions in families.values():
        ordered = sorted(versions.values(), key=lambda row: (version_moment(row.version), row.added))
        for wanted in query.versions:
            if wanted == "all":
                kept.extend(ordered)
            elif wanted == "last":
                kept.append(ordered[-1])
            elif wanted == "first":
                kept.append(ordered[0])
            else:
                kept.extend(row for row in ordered if version_moment(row.version) == version_moment(wanted))
    if query.copies:
        return {row.item for row in kept}
    # 4. An observable has no versions: copies that are the same to the byte stand for each other, others side by side.
    best: dict[datetime | bytes, Row] = {}
    for row in kept:
        moment = row.sha if row.version == stamp(row.added) else version_moment(row.version)
        if moment not in best or (row.origin != party, row.added) < (best[moment].origin != party, best[moment].added):
            best[moment] = row
    # 5.
    return {row.item for row in best.values()} - _revoking_anothers(world, list(best.values()), party)


def _revoking_anothers(world: World, rows: list[Row], party: str) -> set[int]:
    """Of what stands under one id, what revokes it and is not of the first origin, where that stands by it: a client takes the latest for
    all there is (STIX 2.1 section 3.6), and nobody revokes another's (model.md, Stored identity).
    """
    if len({row.origin for row in rows}) < 2:
        return set()
    first = min(rows, key=lambda row: (row.origin != party, row.added)).origin
    bodies = world.store.bodies([row.item for row in rows])
    found = {item: msgspec.json.decode(body) for item, body in bodies.items() if b'"revoked"' in body}
    revoking = {row.item: row.origin for row in rows if found.get(row.item, {}).get("revoked") is True}
    return set() if first in revoking.values() else set(revoking)
