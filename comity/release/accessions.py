"""Accessions as far as they are somebody's business: those of bodies whose register one may read, and one's own party's."""

from __future__ import annotations

from comity import registry
from comity.agree.accession import FINAL, OF_MEMBERS, Accession, Kind, Stage, Step, check, stage
from comity.errors import Denied, Fault, NotFound
from comity.release import account
from comity.release.desk import Desk
from comity.terms.party import NO_STANDING
from comity.wire_register import Accession as Told
from comity.wire_register import AccessionDocument, AccessionStep


def accessions(desk: Desk, party: str, body: str | None = None) -> list[Told]:
    """Those that a party may know of (in one body, or in any), those that go on first, then the latest first."""
    readable = account.bodies(desk, party)
    seen = [each for each in registry.accessions(desk.world.store) if each.body in readable or each.party == party]
    found = [_told(desk, each) for each in seen if body in (None, each.body)]
    return sorted(sorted(found, key=lambda each: each.begun, reverse=True), key=lambda each: each.stage in FINAL)


def find(desk: Desk, party: str, id_: str) -> Told:
    """One of them. Raises NotFound for one that is not there, or not for this party."""
    found = next((each for each in accessions(desk, party) if each.accession == id_), None)
    if found is None:
        raise NotFound("there is no such accession for you")
    return found


def check_may(desk: Desk, party: str, kind: Kind) -> None:
    """Refuse a party that may not take such a step, whatever the accession: members speak and object, the rest is the node's own to record.

    Raises Denied.
    """
    if kind not in OF_MEMBERS and party != desk.world.settings.party:
        raise Denied(f"{desk.world.settings.party} records that, not {party}", next="a member may speak for a party, or object")


def open_to(desk: Desk, party: str, told: Told) -> list[Kind]:
    """What a party may do now about an accession that it knows of."""
    held = next(each for each in registry.accessions(desk.world.store) if each.accession == told.accession)
    return [kind for kind in told.next if _open(desk, party, held, kind)]


def _open(desk: Desk, party: str, held: Accession, kind: Kind) -> bool:
    _, rules = desk.world.rulebook.current()
    now = desk.world.clock()
    document = next((each.title for each in held.missing(now)), "")
    try:
        check_may(desk, party, kind)
        check(
            held, Step(kind=kind, party=party, on=now, document=document, since=now), now,
            lambda each, at: rules.register.has("member", held.body, each, at),
        )  # fmt: skip
    except Fault:
        return False
    return kind not in OF_MEMBERS or all((step.kind, step.party) != (kind, party) for step in held.steps)


def _told(desk: Desk, held: Accession) -> Told:
    _, rules = desk.world.rulebook.current()
    now = desk.world.clock()
    found = stage(held, now, lambda party, at: rules.register.has("member", held.body, party, at)) or Stage(
        name="applied", since=held.begun
    )
    late = {each.title for each in held.late(now)} if found.name not in FINAL else set()
    admitted = held.first("admit")
    return Told(
        accession=held.accession, party=held.party, body=held.body, target=held.target, mode=held.mode, stage=found.name,
        since=found.since, standing=rules.register.standing(held.party, held.body, now) or NO_STANDING, next=found.next,
        deadline=found.deadline, effect=admitted.since if admitted else held.effect if held.mode == "notice" else None, late=len(late),
        begun=held.begun, sponsors=held.sponsors, window=held.window, note=held.note,
        documents=tuple(
            AccessionDocument(title=each.title, due=each.due, deposited=step.on if (step := held.deposited(each.title)) else None,
                              late=each.title in late)
            for each in held.documents
        ),
        steps=tuple(
            AccessionStep(kind=each.kind, party=each.party, on=each.on, document=each.document, since=each.since, note=each.note)
            for each in sorted(held.steps, key=lambda each: each.on)
        ),
    )  # fmt: skip
