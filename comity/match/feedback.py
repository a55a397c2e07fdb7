"""What a party's people found out about an indicator, told to whoever produced it: a false positive, or confirmed.

It is an opinion (STIX 2.1 section 4.14) of that party, taken in like any item and given back by the clauses that name producers.
A party has one opinion of a thing: a later one is its next version. An opinion names its author, which a sighting need not (docs/loop.md).
"""

from __future__ import annotations

from typing import Any

from comity.match.saying import Person, said_before, say, subject, submitter, version
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.sight import Reader
from comity.terms.item import Outcome
from comity.terms.stix import derived_id

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
    who = Person(reader=reader or own_reader(desk), by=by, role=role)
    row, about = subject(desk, who, id_)
    own = opinion_id(who.reader.party, id_)
    obj: dict[str, Any] = {
        **version(desk, "opinion", own, said_before(desk, who, own)),
        "opinion": opinion,
        "object_refs": [id_],
        **({"explanation": note} if note else {}),
    }
    return say(desk, obj, submitter(who, row, about), position=id_)
