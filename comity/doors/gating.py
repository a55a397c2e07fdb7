"""The gate for persons, for every door: what waits as far as it is somebody's business, and what a person does about it.

Whose business it is says `intake.review`; of what passed by its producer's word, people are shown what they may see anyway.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.approval import Person
from comity.errors import Conflict, Denied, NotFound
from comity.intake import review
from comity.release import views
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.store.protocol import Row
from comity.terms.party import PEOPLE
from comity.wire_gate import Place, Quarantined, QuarantinedObject, Reviewed, Sample
from comity.world import World

#: Who of a party looks at what waits, and who decides: an auditor and an administrator see no values of persons for their office alone.
LOOKING = frozenset(PEOPLE) - {"auditor", "administrator"}
REVIEWING = review.REVIEWING


def look(role: str, roles: frozenset[str] = LOOKING) -> None:
    """Raise Denied for a person whose role is not one of these."""
    if role not in roles:
        raise Denied(f"a person of the role {role} sees nothing of this", next="people of these do: " + ", ".join(sorted(roles)))


def told(item: review.Waiting) -> Quarantined:
    """What lists tell of it."""
    said = item.review
    return Quarantined(
        id=item.row.id, version=item.row.version, type=item.row.type, origin=item.row.origin, person=item.envelope.person,
        deadline=item.deadline, found=tuple(Place(kind=kind, where=where) for kind, where in _places(item)), other=item.other,
        review=Reviewed(
            category=said.category, basis=said.basis, expires=said.expires, party=said.by.party, person=said.by.id, at=said.at
        ) if said else None,
    )  # fmt: skip


def whole(item: review.Waiting) -> QuarantinedObject:
    """The same, with the object."""
    return QuarantinedObject(**msgspec.structs.asdict(told(item)), object=msgspec.Raw(item.body))


def _places(item: review.Waiting) -> dict[tuple[str, str], None]:
    return dict.fromkeys((each.kind, each.where or "/") for each in item.found)


def approve(world: World, name: str, by: Person, role: str, reviewed: datetime) -> review.Waiting:
    """Approve the review that was made at a moment. Raises Conflict where another took its place, and what `review.approve` raises."""
    found = review.find(world, by, name).review
    if found is not None and found.at != reviewed:
        raise Conflict("it was reviewed anew meanwhile", next="look at it again, and approve what it says now")
    return review.approve(world, name, by, role)


def sampled(desk: Desk, reader: Reader) -> list[Sample]:
    """What passed by its producer's word and should be looked at, as far as the reader may see it."""
    rows = review.sampled(desk.world)
    seen = views.named(desk, reader, list(dict.fromkeys(row.id for row in rows)))
    return [
        Sample(id=row.id, version=row.version, type=row.type, origin=row.origin)
        for row in rows
        if row.id in seen and _theirs(desk, reader, row)
    ]


def looked_at(desk: Desk, reader: Reader, id_: str) -> None:
    """Take an object off that list. Raises NotFound for one that is not on it for this reader."""
    if id_ not in {each.id for each in sampled(desk, reader)}:
        raise NotFound(f"{id_} is not on the list")
    review.looked_at(desk.world, id_)


def _theirs(desk: Desk, reader: Reader, row: Row) -> bool:
    """Whoever is of another party than the node's looks at their own."""
    return reader.party in (row.origin, desk.world.settings.party)
