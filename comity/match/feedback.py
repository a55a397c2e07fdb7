"""What a party's people found out about an indicator, told to whoever produced it: a false positive, or confirmed.

It is an opinion (STIX 2.1 section 4.14) of that party, taken in like any item and given back by the clauses that name producers.
A party has one opinion of a thing: a later one is its next version. An opinion names its author, which a sighting need not (docs/loop.md).
"""

from __future__ import annotations

from typing import Any

import msgspec

from comity.intake.submit import submit
from comity.match.saying import Person, submitter
from comity.release.desk import Desk
from comity.release.holdings import envelope_of, get, own_named, own_reader
from comity.release.sight import Reader
from comity.terms.item import Draft, Outcome
from comity.terms.stix import derived_id, timestamp

FALSE_POSITIVE, CONFIRMED = "strongly-disagree", "strongly-agree"


def opinion_id(party: str, id_: str) -> str:
    """The id of a party's opinion of an object."""
    return derived_id("opinion", party, id_)


def feedback(
    desk: Desk, id_: str, opinion: str, note: str = "", by: str = "", *, reader: Reader | None = None, role: str = ""
) -> Outcome:  # fmt: skip
    """Take in an opinion of an object by a reader's party that sees it, marked and addressed no wider than the object. Raises NotFound.

    Without `reader` it is the node's own party; `by` and `role` are the person's.
    """
    world, reader = desk.world, reader or own_reader(desk)
    row, _ = get(desk, id_, purposes=reader.purposes, reader=reader)
    about = envelope_of(desk, row)
    own, now = opinion_id(reader.party, id_), timestamp(world.clock())
    earlier = [msgspec.json.decode(body) for _, _, body, _ in own_named(desk, [own], reader)]
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
    who = Person(reader=reader, by=by, role=role)
    (outcome,) = submit(world, [Draft(raw=msgspec.json.encode(obj), obj=obj, position=id_)], submitter(who, row, about))
    return outcome
