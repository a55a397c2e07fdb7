"""A register comes in whole: bodies, parties, sources, claims and disputes, as `comity party import` reads them from a file.

Nothing that was said before is changed or removed: what is new stands beside it, and what is here already is not recorded again.

Crash story: all of it is one commit, as `govern.enter_all` makes it. Before it nothing has come in; the same file again finds all of it.
"""

from __future__ import annotations

import msgspec

from comity.intake.govern import Fact, check_length, enter_all, standing_fact
from comity.terms.registry import Body, Dispute, Entries, Known, Source
from comity.terms.stix import BODY_TYPE, DISPUTE_TYPE, PARTY_TYPE, SOURCE_TYPE, derived_id
from comity.world import World


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """How many of some entries are new here, and how many were here."""

    new: int
    known: int


def take(world: World, entries: Entries, by: str) -> dict[str, Taken]:
    """Record all entries, in one commit; for each kind, how many. Raises SenderFault for a malformed name, and then takes nothing."""
    facts = {
        "bodies": [record_fact(BODY_TYPE, each, each.title) for each in entries.bodies],
        "parties": [record_fact(PARTY_TYPE, each, each.title) for each in entries.parties],
        "sources": [record_fact(SOURCE_TYPE, each, each.title) for each in entries.sources],
        "claims": [standing_fact(each) for each in entries.standings],
        "disputes": [record_fact(DISPUTE_TYPE, each, each.about) for each in entries.disputes],
    }
    every = [fact for group in facts.values() for fact in group]
    held = {row.id for row in world.store.by_id([fact.id for fact in every]) if row.origin == world.settings.party}
    enter_all(world, every, by)
    taken = {}
    for kind, group in facts.items():
        ids = {fact.id for fact in group}
        taken[kind] = Taken(new=len(ids - held), known=len(ids & held))
    return taken


def record_fact(type_: str, value: Body | Known | Source | Dispute, name: str) -> Fact:
    """A value as an item, whose id follows from all that it says, and the name of the item. Raises SenderFault for one that is too long."""
    check_length(value.party if isinstance(value, Known) else name, name)
    written = msgspec.json.encode({"name": name, **msgspec.to_builtins(value)}, order="deterministic")
    return Fact(type=type_, id=derived_id(type_, written.decode()), fields=msgspec.json.decode(written))
