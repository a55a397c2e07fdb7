"""The rules of this node's body, on their way to the nodes of its parties: decided and in the log before they leave.

They go to every party that has or had a standing in the body, also one that is suspended: it has to know. To nobody else. The other records
of the register go to those that may read it now. What this node's own party signed goes the other way, to its centre.

Crash story: the log's entry is durable when `rules` returns. If the parcel is then not made, what it says was not given after all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from comity import registry
from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.registry import RECORDS
from comity.release import account
from comity.release.desk import Desk
from comity.rulebook import RULES, body_of
from comity.store.protocol import Row
from comity.terms.stix import ACCESSION_STEP_TYPE, ACT_TYPE, CONTACT_TYPE, DISPUTE_TYPE, PARTY_TYPE, SOURCE_TYPE


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """Rules in the order in which this node learnt them, how far they reach (a stamp), and whether more follow."""

    objects: tuple[bytes, ...]
    reached: int
    more: bool


def rules(desk: Desk, party: str, link: str, after: int, limit: int) -> Ruled:
    """The next rules for a party's node after a stamp, recorded as given to it."""
    world = desk.world
    body = world.settings.body
    _, known = world.rulebook.current()
    rows = sorted((row for type_ in RULES for row in world.store.by_type(type_) if row.added > after), key=lambda row: row.added)
    if not rows or party not in known.register.parties(body):
        return Ruled(objects=(), reached=after, more=False)
    agreements = {each.ref: each.body for each in known.agreements}
    return _leaving(desk, party, link, rows, limit, lambda obj: body_of(obj, agreements) in (None, body))


def records(desk: Desk, party: str, link: str, after: int, limit: int) -> Ruled:
    """What else the register of this node's body says, after a stamp, for the node of a party that may read it now; recorded as given to
    it. Whose standing has ended gets nothing, and later what it has missed.
    """
    world, body = desk.world, desk.world.settings.body
    rows = sorted((row for type_ in RECORDS for row in world.store.by_type(type_) if row.added > after), key=lambda row: row.added)
    if not rows or body not in account.bodies(desk, party):
        return Ruled(objects=(), reached=after, more=False)
    parties = frozenset(world.rulebook.current()[1].register.parties(body))
    begun = {each.accession: each.body for each in registry.accessions(world.store)}

    def goes(obj: dict[str, Any]) -> bool:
        if obj["type"] in (PARTY_TYPE, CONTACT_TYPE):
            return obj["party"] in parties
        of = begun.get(obj["accession"], "") if obj["type"] == ACCESSION_STEP_TYPE else obj.get("body", "")
        return of == body or (of == "" and obj["type"] in (SOURCE_TYPE, DISPUTE_TYPE))

    return _leaving(desk, party, link, rows, limit, goes)


def acts(desk: Desk, party: str, link: str, after: int, limit: int) -> Ruled:
    """The next acts that this node's own party signed, after a stamp, for its centre; recorded as given to it."""
    own = desk.world.settings.party
    rows = sorted((row for row in desk.world.store.by_type(ACT_TYPE) if row.added > after), key=lambda row: row.added)
    if not rows:
        return Ruled(objects=(), reached=after, more=False)
    return _leaving(desk, party, link, rows, limit, lambda obj: obj["party"] == own and "note" in obj)


def _leaving(desk: Desk, party: str, link: str, rows: list[Row], limit: int, goes: Callable[[dict[str, Any]], bool]) -> Ruled:
    """Those of the first rows that go, put into the log as given."""
    world, most = desk.world, min(limit, MAX_OBJECTS)
    rows, more = rows[:most], len(rows) > most
    bodies = world.store.bodies([row.item for row in rows])
    found = [row for row in rows if goes(msgspec.json.decode(bodies[row.item]))]
    if found:
        entry = Entry(kind="push", at=world.clock(), party=party, count=len(found), detail={"peer": link, "rules": world.settings.body})
        with world.store.write() as tx:
            world.journal.append(tx, entry, [row.sha for row in found])
    return Ruled(objects=tuple(bodies[row.item] for row in found), reached=rows[-1].added, more=more)
