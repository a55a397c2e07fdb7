"""What stands around an object, as far as a reader may see it: what it names, what names it, and what relationships tie it to.

    1. gather   what refers to the object, in the order it came, until there is enough that the reader may see
    2. choose   of several versions of one id the last that the reader may see, if it still refers to the object
    3. tie      a relationship ties the object to its other end; anything else that refers to it, or that it refers to, is tied itself
    4. see      both ends of a tie are visible, or there is no tie

Nothing is released here, so nothing is recorded: a tie says no more of an object than its id. What is hidden takes time, and leaves no
other trace: not in a count, not in an order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

import msgspec

from comity.clock import micros
from comity.release.desk import Desk
from comity.release.feed import Feed
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.stix import PUBLIC_TYPES, version_moment

#: Ties of one object that are looked at unless fewer are asked for.
MOST = 10_000
_CHUNK = 1_000


class Tie(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A visible connection of an object with another. `outward`: the object is its source, or names the other.

    `label` is the relationship's type and `via` its id; both are "" where one of the two simply names the other.
    """

    other: str
    outward: bool
    label: str = ""
    via: str = ""

    @property
    def type(self) -> str:
        """The STIX type of the other object."""
        return self.other.partition("--")[0]


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """The ties of an object, what came first first; `more` when there are more than were asked for."""

    ties: tuple[Tie, ...]
    more: bool

    @property
    def others(self) -> list[str]:
        """The objects it is tied to, each once."""
        return list(dict.fromkeys(tie.other for tie in self.ties))


class _Ends(msgspec.Struct, gc=False):
    """Of a relationship, what ties."""

    relationship_type: str = ""
    source_ref: str = ""
    target_ref: str = ""


def around(desk: Desk, reader: Reader, ids: Iterable[str], most: int = MOST) -> dict[str, Around]:
    """id -> what is around it, of those of these objects that the reader may see; about `most` ties of each."""
    look = _Look(desk, reader)
    return look.around(look.visible(ids), most)


def visible(desk: Desk, reader: Reader, ids: Iterable[str]) -> list[str]:
    """Those of these ids under which the reader may see something, each once, in their order."""
    return list(_Look(desk, reader).visible(ids))


class _Look:
    """One reader's look at the store."""

    def __init__(self, desk: Desk, reader: Reader) -> None:
        self._store = desk.world.store
        self._feed: Feed = desk.feed(reader)
        self._now = micros(desk.world.clock())
        #: id -> the item of its last visible version; None where nothing is visible.
        self._last: dict[str, int | None] = {}

    def around(self, ids: Collection[str], most: int) -> dict[str, Around]:
        met = {id_: list(islice(self._naming(id_), most + 1)) for id_ in ids}
        rows = {row.item: row for found in met.values() for row in found}
        ends = self._ends([row.item for row in rows.values() if row.type == "relationship"])
        named = self._named(ids)
        found = {}
        for id_ in ids:
            ties = [_tie(id_, row, ends) for row in met[id_][:most]]
            known = {tie.other for tie in ties}
            ties += [Tie(other=other, outward=True) for other in named[id_] if other not in known]
            found[id_] = ties, len(met[id_]) > most or len(ties) > most
        # 4.
        seen = self.visible(tie.other for ties, _ in found.values() for tie in ties)
        return {
            id_: Around(ties=tuple(tie for tie in ties if tie.other in seen and tie.other != id_)[:most], more=more)
            for id_, (ties, more) in found.items()
        }

    def _naming(self, id_: str) -> Iterator[Row]:
        """Steps 1 and 2."""
        rows = self._store.naming(id_)
        while chunk := list(islice(rows, _CHUNK)):
            shown = self._feed.stamps([row for row, _ in chunk])
            alive = [(row, plain) for row, plain in chunk if row.item in shown and (row.expires is None or row.expires > self._now)]
            self.visible(row.id for row, plain in alive if not plain)
            yield from (row for row, plain in alive if plain or self._last[row.id] == row.item)

    def visible(self, ids: Iterable[str]) -> dict[str, None]:
        """Those of these ids under which something is visible, in their order; `_last` is filled in for all."""
        asked = dict.fromkeys(ids)
        new = [id_ for id_ in asked if id_ not in self._last]
        if new:
            self._last.update(dict.fromkeys(new))
            rows = [row for row in self._store.by_id(new) if row.expires is None or row.expires > self._now]
            shown = self._feed.stamps(rows)
            best: dict[str, Row] = {}
            for row in rows:
                if row.item in shown and (row.id not in best or version_moment(best[row.id].version) <= version_moment(row.version)):
                    best[row.id] = row
            self._last.update({id_: row.item for id_, row in best.items()})
        return {id_: None for id_ in asked if self._last[id_] is not None}

    def _named(self, ids: Collection[str]) -> dict[str, list[str]]:
        """id -> what its last visible version names, markings left out."""
        items = {id_: item for id_ in ids if (item := self._last[id_]) is not None}
        links = self._store.links(list(items.values()))
        return {
            id_: [ref for ref in links.get(items.get(id_, 0), ()) if ref.partition("--")[0] not in PUBLIC_TYPES and ref != id_]
            for id_ in ids
        }

    def _ends(self, items: list[int]) -> Mapping[int, _Ends]:
        return {item: msgspec.json.decode(body, type=_Ends) for item, body in self._store.bodies(items).items()}


def _tie(id_: str, row: Row, ends: Mapping[int, _Ends]) -> Tie:
    """Step 3."""
    said = ends.get(row.item)
    if said is None or id_ not in (said.source_ref, said.target_ref):
        return Tie(other=row.id, outward=False)
    outward = said.source_ref == id_
    return Tie(other=said.target_ref if outward else said.source_ref, outward=outward, label=said.relationship_type, via=row.id)
