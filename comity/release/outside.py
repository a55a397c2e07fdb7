"""Telling somebody outside the body: the clients of a party, of what it sees about their networks. Decided by each item's own marking.

    1. seen       the party sees it for network defence or incident response, real and not in quarantine
    2. TLP        CLEAR, GREEN or AMBER: the last is for an organisation and its clients; AMBER+STRICT and RED are for no client (TLP 2.0)
    3. handling   not H2 (no onward dissemination) of another origin
    4. record     a log entry with the party, the digest of the owner's record, and a commitment to each object, durable before it is told

Crash story: the entry and what the caller keeps with it are one commit. A crash after it counts as told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from comity.ledger.journal import MAX_OBJECTS, Entry
from comity.release.desk import Desk
from comity.release.record import counted
from comity.release.select import Query
from comity.release.sight import Reader
from comity.store.protocol import Row, Tx
from comity.terms import tlp
from comity.terms.traits import Traits

#: What clients are told for.
PURPOSES = ("incident-response", "network-defence")
#: The strictest level that clients may be told of (TLP 2.0, FIRST).
CLIENTS = "amber"
_NO_CLIENTS = {"amber+strict": "TLP:AMBER+STRICT is for the organisation alone", "red": "TLP:RED is for its recipients alone"}


def teller(party: str, body: str) -> Reader:
    """A party as it tells its clients."""
    return Reader(party=party, body=body, purposes=PURPOSES)


def hindrance(facts: Traits, party: str) -> str:
    """Steps 1 to 3 by an item's own facts: why a client of a party may not be told; "" if it may."""
    if facts.realm != "real" or facts.gate != "open":
        return "in quarantine or of an exercise"
    if not tlp.within(facts.tlp, CLIENTS):
        return _NO_CLIENTS[facts.tlp]
    return "H2: no onward dissemination" if "H2" in facts.handling and facts.origin != party else ""


def enter(desk: Desk, reader: Reader, rows: Sequence[Row], detail: Mapping[str, Any], keep: Callable[[Tx], None]) -> bool:
    """Step 4, with what `keep` writes. False, and nothing is written, when one of the items is not to be seen any more."""
    world = desk.world
    ids, items = tuple({row.id for row in rows}), {row.item for row in rows}
    while True:
        before = counted(world.store.counters())
        seen = {row.item for row in desk.seen(reader, Query(ids=ids, versions=("all",), copies=True, limit=len(rows) + MAX_OBJECTS))}
        if not items <= seen:
            return False
        with world.store.write() as tx:
            if counted(world.store.counters()) != before:
                continue
            for start in range(0, len(rows), MAX_OBJECTS):
                part = rows[start : start + MAX_OBJECTS]
                entry = Entry(kind="notify", at=world.clock(), party=reader.party, count=len(part), detail=dict(detail))
                world.journal.append(tx, entry, [row.sha for row in part])
            keep(tx)
        return True
