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
from comity.store.protocol import Row
from comity.terms.stix import OWN_TYPES, version_moment
from comity.world import World


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks of a collection: the reader's `own` items, those of `others`, or both (`exchange`).

    `versions` holds `first`, `last`, `all` or exact versions; `spec_versions` None asks for each object's latest.
    """

    own: bool = True
    others: bool = True
    after: int = 0
    limit: int = 100
    ids: tuple[str, ...] | None = None
    types: frozenset[str] | None = None
    versions: tuple[str, ...] = ("last",)
    spec_versions: frozenset[str] | None = None


class Selection(msgspec.Struct, frozen=True):
    """Rows to release with their stamps, ascending, and whether more follow."""

    found: list[tuple[int, Row]]
    more: bool


def select(world: World, feed: Feed, query: Query) -> Selection:
    """The next page of the merged streams after `query.after`."""
    if query.ids is not None:
        return select_ids(world, feed, query)
    sources = feed.sources(query.own, query.others, query.types)
    chosen: list[tuple[int, Row]] = []
    after, now, want = query.after, micros(world.clock()), query.limit + 1
    size = want
    while len(chosen) < want:
        met = world.store.page(sources, after, size, now)
        if met:
            after = met[-1][0]
            chosen.extend(_filter(world, feed, query, met))
        if len(met) < size:
            break
        size = min(2 * size, 1_000)  # filters leave few: look further at a time
    return Selection(chosen[: query.limit], len(chosen) > query.limit)


def select_ids(world: World, feed: Feed, query: Query) -> Selection:
    """The same for named objects: their claims are few, so they are looked up and then ordered."""
    rows = world.store.by_id(query.ids or ())
    now = micros(world.clock())
    alive = [row for row in rows if row.expires is None or row.expires > now]
    stamps = feed.stamps(alive)
    met = sorted((stamps[row.item], row) for row in alive if row.item in stamps)
    kept = [(at, row) for at, row in _filter(world, feed, query, met) if at > query.after]
    return Selection(kept[: query.limit], len(kept) > query.limit)


def _filter(world: World, feed: Feed, query: Query, met: Sequence[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """Of rows met in the streams, those the query asks for."""
    party = feed.sight.reader.party
    stamps = feed.stamps([row for _, row in met])
    rows = [(at, row) for at, row in met if stamps.get(row.item) == at and (query.own or row.origin != party)]
    if query.types is not None:
        rows = [(at, row) for at, row in rows if row.type in query.types]
    elif query.ids is None:  # registers and agreements stand on a page only where asked for
        rows = [(at, row) for at, row in rows if row.type not in OWN_TYPES]
    if not rows:
        return []
    families = _families(world, feed, query, [row.id for _, row in rows])
    return [(at, row) for at, row in rows if row.item in families[row.id]]


def _families(world: World, feed: Feed, query: Query, ids: Sequence[str]) -> dict[str, set[int]]:
    """id -> the items of that id that answer the query's version filters, among all the reader may see."""
    now = micros(world.clock())
    party = feed.sight.reader.party
    by_id: dict[str, list[Row]] = {}
    for row in world.store.by_id(list(dict.fromkeys(ids))):
        if (row.expires is None or row.expires > now) and (query.own or row.origin != party):
            by_id.setdefault(row.id, []).append(row)
    found: dict[str, set[int]] = {}
    for id_, rows in by_id.items():
        if len(rows) > 1:
            shown = feed.stamps(rows)
            rows = [row for row in rows if row.item in shown]
        found[id_] = _chosen(rows, query, party)
    return found


def _chosen(rows: list[Row], query: Query, party: str) -> set[int]:
    """Steps: 1. spec_version, 2. one representation per (origin, version), 3. first/last/exact within each origin, 4. one per version."""
    # 1. By default the latest specification version of the object (TAXII 2.1 section 3.4.1).
    specs = query.spec_versions if query.spec_versions is not None else {max(row.spec for row in rows)}
    rows = [row for row in rows if row.spec in specs]
    if len(rows) == 1 and query.versions == ("last",):
        return {rows[0].item}
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
    # 4. An observable has no versions: copies that are the same to the byte stand for each other, others side by side.
    best: dict[datetime | bytes, Row] = {}
    for row in kept:
        moment = row.sha if row.version == stamp(row.added) else version_moment(row.version)
        if moment not in best or (row.origin != party, row.added) < (best[moment].origin != party, best[moment].added):
            best[moment] = row
    return {row.item for row in best.values()}
