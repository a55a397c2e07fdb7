"""What this node's people found out about an indicator, told to whoever produced it: a false positive, or confirmed.

It is an opinion (STIX 2.1 section 4.14) of the node's own party, taken in like any item and given back by the clauses that name producers.
A party has one opinion of a thing: a later one is its next version. An opinion names its author, which a sighting need not (docs/loop.md).
"""

from __future__ import annotations

from typing import Any

import msgspec

from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.holdings import envelope_of, get, own_named
from comity.terms.item import Draft, Outcome
from comity.terms.stix import derived_id, timestamp

FALSE_POSITIVE, CONFIRMED = "strongly-disagree", "strongly-agree"


def feedback(desk: Desk, id_: str, opinion: str, note: str = "", by: str = "") -> Outcome:
    """Take in the own party's opinion of an object it sees, marked and addressed no wider than the object. Raises NotFound."""
    world = desk.world
    row, _ = get(desk, id_)
    about = envelope_of(desk, row)
    own, now = derived_id("opinion", world.settings.party, id_), timestamp(world.clock())
    earlier = [msgspec.json.decode(body) for _, _, body, _ in own_named(desk, [own])]
    obj: dict[str, Any] = {
        "type": "opinion",
        "spec_version": "2.1",
        "id": own,
        "created": earlier[0]["created"] if earlier else now,
        "modified": now,
        "opinion": opinion,
        "object_refs": [id_],
    }
    if note:
        obj["explanation"] = note
    # RED names its recipients: those who know of it already.
    to = (row.origin,) if about.tlp == "red" else None
    submitter = Submitter(
        party=world.settings.party, by=by, tlp=about.tlp, purposes=about.purposes, handling=about.handling, to=to, expires=about.expires
    )  # fmt: skip
    (outcome,) = submit(world, [Draft(raw=msgspec.json.encode(obj), obj=obj, position=id_)], submitter)
    return outcome
