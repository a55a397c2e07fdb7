"""What waits in quarantine for the persons in it, and how it gets out: reviewed by one person, approved by another (G3, G4).

    1. find     the items in quarantine that are somebody's business: their origin's; what this node took from elsewhere, its own party's
    2. propose  a person says as whose the values are kept (`item.CATEGORIES`), on what legal basis, and until when
    3. approve  another person of the same party agrees: the item goes, and the same bytes enter anew, open, with that expiry
    4. reject   a person says no: the item is erased

What the people of the origin decide stands in the envelope and is signed by the origin's node wherever the object goes; of another's object
it holds at this node alone. What is in quarantine for another reason as well stays there. A tool decides nothing (G10).

Crash story: each step is one critical section, so that an item is there exactly once: in quarantine, or open. What was looked at outside of
it (the sealed object around it, which needs one of its own) is used only if the item is still as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.agree.approval import Person
from comity.clock import from_micros, micros
from comity.errors import Conflict, Denied, IntegrityFault, NotFound, SenderFault
from comity.intake.ceiling import ceiling
from comity.intake.gate import SAMPLED, held_back
from comity.intake.purge import erase_rows
from comity.intake.ready import Ready
from comity.intake.reasons import unnamed
from comity.intake.sealing import SHELLS, sealing, shells
from comity.intake.versions import sort_out
from comity.ledger.journal import Entry, Opening, read_entry
from comity.ledger.leaf import entry_hash
from comity.store.conditions import read_condition
from comity.store.placing import new_item, place
from comity.store.protocol import Row, Source, Tx
from comity.terms.item import BASIS, CATEGORIES, Draft, Envelope, Outcome, item_hash, read_envelope, write_envelope
from comity.terms.persons import Found, findings, held
from comity.terms.stix import SEALED_TYPE
from comity.terms.traits import Traits
from comity.world import World

#: Proposed reviews, by item.
REVIEWS = "gate"
_PAGE = 500

#: The roles whose people review and approve; analysts see what waits, nobody else does.
REVIEWING = frozenset({"duty-officer", "point-of-contact", "agreement-officer"})


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What a person proposed of an item in quarantine."""

    category: str
    basis: str
    expires: datetime
    by: Person
    at: datetime


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An item in quarantine. `found` is what leads to persons in it, `other` why it would stay all the same ("": it would not)."""

    row: Row
    envelope: Envelope
    body: bytes
    found: tuple[Found, ...]
    other: str
    deadline: datetime
    review: Review | None

    @property
    def obj(self) -> dict[str, Any]:
        """The object."""
        return msgspec.json.decode(self.body, type=dict[str, Any])


def waiting(world: World, asker: Person | None = None, *, after: int = 0, limit: int | None = None) -> Iterator[Waiting]:
    """Step 1, the earliest first, of those that came after a moment. `asker` None: whoever works at the node, who is shown all of it."""
    while (room := _PAGE if limit is None else min(limit, _PAGE)) and (page := _page(world, asker, after, room)):
        after = page[-1][0]
        rows = [row for _, row in page]
        envelopes, bodies = (read([row.item for row in rows]) for read in (world.store.envelopes, world.store.bodies))
        for row in rows:
            if row.item in bodies:
                yield _waiting(world, row, read_envelope(envelopes[row.item]), bodies[row.item])
        limit = None if limit is None else limit - len(page)


def first(world: World, asker: Person, limit: int) -> list[tuple[int, Row]]:
    """The first so many that wait and are a person's to review, each with when it came: for counting."""
    return _page(world, asker, 0, limit)


def _page(world: World, asker: Person | None, after: int, limit: int) -> list[tuple[int, Row]]:
    facts = ((row, read_condition(body).base) for row, body in world.store.trait_rows(0))
    homes = [row for row, base in facts if base.gate == "quarantine" and _concerns(world, base, asker)]
    return world.store.page([Source(home=home) for home in homes], after, limit, micros(world.clock()))


def _concerns(world: World, envelope: Envelope | Traits, asker: Person | None) -> bool:
    """Whether an item is a person's to review: the origin's, or one that this node took from elsewhere for its own party."""
    if asker is None or asker.party == envelope.origin:
        return True
    return envelope.received_from is not None and asker.party == world.settings.party


def _waiting(world: World, row: Row, envelope: Envelope, body: bytes) -> Waiting:
    obj = msgspec.json.decode(body)
    limit = from_micros(row.added) + timedelta(days=world.settings.gate.quarantine_days)
    stored = world.store.private(REVIEWS, _key(row))
    return Waiting(
        row=row,
        envelope=envelope,
        body=body,
        found=held(findings(obj, body, envelope.person), envelope.person),
        other=held_back(Draft(raw=body, obj=obj, position="")),
        deadline=limit if row.expires is None else min(limit, from_micros(row.expires)),
        review=msgspec.json.decode(stored, type=Review) if stored else None,
    )


def find(world: World, asker: Person | None, name: str) -> Waiting:
    """The one item in quarantine under an id, or ID@VERSION. Raises NotFound, SenderFault where there are several."""
    id_, _, version = name.partition("@")
    now = micros(world.clock())
    rows = [row for row in world.store.by_id([id_]) if version in ("", row.version) and (row.expires is None or row.expires > now)]
    envelopes = {item: read_envelope(raw) for item, raw in world.store.envelopes([row.item for row in rows]).items()}
    found = [row for row in rows if row.item in envelopes and envelopes[row.item].gate == "quarantine"]
    found = [row for row in found if _concerns(world, envelopes[row.item], asker)]
    if not found:
        raise NotFound(f"there is no {name} in quarantine for you", next="comity gate list shows what waits")
    if len(found) > 1:
        raise SenderFault(f"{id_} waits as {', '.join(f'{id_}@{row.version}' for row in found)}", next="name one of these")
    body = world.store.bodies([found[0].item]).get(found[0].item)
    if body is None:
        raise NotFound(f"there is no {name} in quarantine for you")
    return _waiting(world, found[0], envelopes[found[0].item], body)


def propose(world: World, name: str, by: Person, role: str, *, category: str, basis: str, expires: datetime) -> Waiting:
    """Step 2. A later proposal takes the place of an earlier one. Raises NotFound, Denied, SenderFault for words that are none."""
    item = _reviewable(world, name, by, role)
    if category not in CATEGORIES:
        raise SenderFault(f"{category!r} is no category", next="one of " + ", ".join(CATEGORIES))
    basis = " ".join(basis.split())
    if not basis or len(basis) > BASIS or not basis.isprintable():
        raise SenderFault(f"a legal basis is a line of 1 to {BASIS} characters", next="name the law or article that permits it")
    unnamed(basis, "the legal basis")
    now = world.clock()
    if expires <= now:
        raise SenderFault("that date is past", next="name the day until which it is needed")
    review = Review(category=category, basis=basis, expires=expires, by=by, at=now)
    with world.store.write() as tx:
        _still(world, item)
        record = msgspec.json.encode(review)
        tx.put_private(REVIEWS, _key(item.row), record)
        _note(world, tx, item, "review", by, {"category": category, "record": hashlib.sha256(record).hexdigest()})
    return msgspec.structs.replace(item, review=review)


def approve(world: World, name: str, by: Person, role: str) -> Waiting:
    """Step 3; what left quarantine. Raises NotFound, Denied, Conflict for what nobody reviewed, or what would stay there,
    and IntegrityFault for a review that the log does not vouch for.
    """
    item = _reviewable(world, name, by, role)
    review = item.review
    if review is None:
        raise Conflict(
            "nobody has reviewed it yet", next="comity gate review ID --category C --basis TEXT --expires DATE, by another person"
        )
    if (review.by.party, review.by.id) == (by.party, by.id):
        raise Denied("whoever reviewed it cannot approve it too", next="a second person of the same party approves (G3)")
    ready = _opened(world, item, review)
    _vouched(world, item, review)
    with world.store.write() as tx:
        _still(world, item)
        if world.store.private(REVIEWS, _key(item.row)) != msgspec.json.encode(review):
            raise Conflict("it was reviewed anew meanwhile", next="look at it again: comity gate show ID")
        _remove(world, tx, item, by)
        _place(world, tx, item, ready, by, review)
    return item


def _vouched(world: World, item: Waiting, review: Review) -> None:
    """Raise IntegrityFault unless the log says that this very review was made: by whom decides who may approve it."""
    record = hashlib.sha256(msgspec.json.encode(review)).hexdigest()
    about = item_hash(item.row.sha, write_envelope(item.envelope))
    for leaf in world.store.leaves(item.row.leaf):
        if record.encode() in leaf.entry and entry_hash(leaf.salt, leaf.entry) == leaf.hash:
            entry = read_entry(leaf.entry)
            if entry.kind == "gate" and entry.detail.get("record") == record and about in Opening(records=leaf.opening).hashes():
                return
    raise IntegrityFault("its review is not as it was made: the log says another", next="run comity fsck; review it again")


def reject(world: World, name: str, by: Person, reason: str, role: str = "") -> Waiting:
    """Step 4; what was erased. Raises NotFound, Denied, SenderFault for a tool, or for a reason that is none or leads to a person."""
    _may_review(by, role)
    if not reason.strip():
        raise SenderFault("there is no reason", next="say why, without naming anybody")
    unnamed(reason)
    item = find(world, by, name)
    with world.store.write() as tx:
        _still(world, item)
        _note(world, tx, item, "reject", by, {"reason": reason.strip()})
    if not erase_rows(world, [item.row], by=by.id, why="rejected"):
        raise Conflict("it is held here for another reason", next="comity recall holds says why")
    world.store.scrub()
    return item


def sampled(world: World) -> list[Row]:
    """What passed by its producer's word and nobody has looked at yet, in the order it came; one in `[gate] sample`."""
    items = [int(key) for key, _ in world.store.privates(SAMPLED)]
    return sorted(world.store.rows(items).values())


def looked_at(world: World, id_: str) -> None:
    """Take an object off that list. Raises NotFound."""
    rows = [row for row in sampled(world) if row.id == id_]
    if not rows:
        raise NotFound(f"{id_} is not on the list", next="comity gate sample shows it")
    with world.store.write() as tx:
        for row in rows:
            tx.put_private(SAMPLED, _key(row), None)


def _may_review(by: Person, role: str) -> None:
    """Raise SenderFault for a tool, Denied for a person whose role is not to review (""; within this program, none is asked)."""
    if by.robot:
        raise SenderFault("a tool may not review", next="a person decides (guardrails G3 and G10)")
    if role and role not in REVIEWING:
        raise Denied(f"a person of the role {role} may not review", next="people of these may: " + ", ".join(sorted(REVIEWING)))


def _reviewable(world: World, name: str, by: Person, role: str) -> Waiting:
    """What a person may review. Raises as `propose`."""
    _may_review(by, role)
    item = find(world, by, name)
    if item.other or not item.found:
        raise Conflict(f"it waits for another reason: {item.other or 'beside what came before'}", next="withdraw it, and send it corrected")
    if by.party == item.row.origin and (why := ceiling(world, by.party, role)(_facts(world, item.row))):
        raise Denied(why, next="comity user list says who has another role")
    return item


def _facts(world: World, row: Row) -> Traits:
    return read_condition(world.store.trait_body(row.base)).base


def _still(world: World, item: Waiting) -> None:
    """Raise NotFound for what is gone meanwhile, within the critical section."""
    if item.row.item not in world.store.rows([item.row.item]):
        raise NotFound("it is not in quarantine any more")


def _opened(world: World, item: Waiting, review: Review) -> Ready:
    """The item as it is to enter: open, until it expires by its origin or by its review, sealed if it was to be."""
    row, envelope = item.row, item.envelope
    own = row.origin == world.settings.party and envelope.received_from is None
    asked = own and envelope.sealed is not None and envelope.made_of is None
    opened = msgspec.structs.replace(
        envelope,
        gate="open" if row.type != "sighting" or envelope.named else "counted",
        expires=min(moment for moment in (envelope.expires, review.expires) if moment),
        sealed=None if asked else envelope.sealed,
    )
    if envelope.came is None and review.by.party == row.origin:
        opened = msgspec.structs.replace(opened, category=review.category, basis=review.basis)
    obj = item.obj
    new = new_item(item.body, obj, opened, write_envelope(opened))
    facts = _facts(world, row)
    new = new._replace(
        traits=msgspec.structs.replace(new.traits, about=facts.about), refs=world.store.links([row.item]).get(row.item, new.refs)
    )
    ready = Ready(new=new, position=row.id, made_of=envelope.made_of)
    sealed: Ready | Outcome = sealing(world, asked=asked)(ready) if own and row.type != SEALED_TYPE else ready
    if isinstance(sealed, Outcome):
        raise Conflict(sealed.why, next="withdraw it, and share it again")
    return sealed


def _remove(world: World, tx: Tx, item: Waiting, by: Person) -> None:
    """Take it out of quarantine. Nobody had received it, so there is nothing to recall."""
    tx.put_private(REVIEWS, _key(item.row), None)
    entry = Entry(kind="withdraw", at=world.clock(), party=item.row.origin, actor=by.id, detail={"cause": "reviewed"})
    world.journal.append(tx, entry, [item_hash(item.row.sha, write_envelope(item.envelope))])
    tx.delete([item.row.item])


def _note(world: World, tx: Tx, item: Waiting, act: str, by: Person, more: dict[str, Any]) -> None:
    """An entry about its review."""
    entry = Entry(kind="gate", at=world.clock(), party=item.row.origin, actor=by.id, detail={"act": act, **more})
    world.journal.append(tx, entry, [item_hash(item.row.sha, write_envelope(item.envelope))])


def _place(world: World, tx: Tx, item: Waiting, ready: Ready, by: Person, review: Review) -> None:
    """Enter it anew beside what came meanwhile. Raises Conflict where that puts it into quarantine again."""
    fresh, outcomes = sort_out(world, tx, [ready], item.row.origin)
    if not fresh or fresh[0].held:
        why = fresh[0].held if fresh else outcomes[0].why or "it is here already"
        raise Conflict(f"it would not leave quarantine: {why}", next="reject it, or withdraw the other")
    new: Sequence[Any] = [fresh[0].new, *shells(world, tx, fresh)]
    place(tx, new, micros(world.clock()), tx.head().size)
    detail = {"cause": "reviewed", "category": review.category}
    entry = Entry(kind="accept", at=world.clock(), party=item.row.origin, actor=by.id, count=len(new), detail=detail)
    world.journal.append(tx, entry, [item_hash(each.sha, each.envelope) for each in new])
    if any(each.type == SEALED_TYPE for each in new):
        tx.bump(SHELLS)


def _key(row: Row) -> str:
    return f"{row.item:020d}"
