"""What arrived, told as a person reads it: a report with all that it names, and an object with what is said about it, as one.

    1. names    what each of the arrivals names                                                           store
    2. place    a report, a grouping or observed data has below it what it names; a sighting or an opinion stands below what it is about
    3. gather   each below the first that nothing is above; nothing stands in two places, and what goes round in a circle stays by itself

Only among the arrivals that are given, all of which the reader may see: nothing else is looked at, so nothing else can show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from comity.release.desk import Desk
from comity.store.protocol import Row
from comity.terms.stix import SRO_TYPES

#: What has below it the objects that it names, in the order in which they take them.
_HOLDING = ("report", "grouping", "observed-data")
#: What stands below what it is about.
_ABOUT = SRO_TYPES | {"note", "opinion"}

#: The stamp with which something came, and its row.
Arrival = tuple[int, Row]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One arrival, and those that are told with it, in the order in which they were given."""

    head: Arrival
    below: tuple[Arrival, ...] = ()


def together(desk: Desk, arrivals: Sequence[Arrival]) -> list[Group]:
    """These arrivals as groups, in the order of their heads. Of several of one object the first leads, or stands where it belongs."""
    # 1.
    first: dict[str, Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival[1].id, arrival)
    links = desk.world.store.links([row.item for _, row in first.values()])
    named = {id_: [ref for ref in links.get(row.item, ()) if ref in first and ref != id_] for id_, (_, row) in first.items()}
    # 2.
    above = _placed(named)
    # 3.
    below: dict[str, list[Arrival]] = {id_: [] for id_ in first if id_ not in above}
    for arrival in arrivals:
        id_ = arrival[1].id
        if id_ in above or first[id_] != arrival:
            below[_head(id_, above)].append(arrival)
    return [Group(head=first[id_], below=tuple(each)) for id_, each in below.items()]


def _placed(named: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What stands right above each, going by what each names; nothing that would come to stand below itself."""
    above: dict[str, str] = {}

    def place(id_: str, under: str) -> None:
        if id_ not in above and _head(under, above) != id_:
            above[id_] = under

    for holding in _HOLDING:
        for id_ in named:
            if _type(id_) == holding:
                for ref in named[id_]:
                    place(ref, id_)
    for id_ in named:
        if _type(id_) in _ABOUT:
            for ref in named[id_]:
                # What was sighted stands above a sighting; what it was seen in stands below.
                place(*((ref, id_) if _type(ref) == "observed-data" else (id_, ref)))
    return above


def _head(id_: str, above: dict[str, str]) -> str:
    while id_ in above:
        id_ = above[id_]
    return id_


def _type(id_: str) -> str:
    return id_.partition("--")[0]
