"""The one way in. Every door, form and link translates onto `submit`; governance has its own narrow entry in `intake.govern`.

    1. read    a form gives drafts (and refusals) from bytes, one by one   outside the critical section
    2. check   size, STIX, gate; envelope and traits                       outside
    3. settle  what the rest of the submission says about an object        outside; such objects wait for its end
    4. enter   duplicates, versions, stamps, conditions, rows, log leaf    one critical section per batch, durable when it returns
    5. answer  an outcome per object, only after 4

Memory holds one batch; what waits is in a temporary file. Objects that name others wait too, so that what they name is there before them.

Crash story: an outcome is given only after its batch is durable. Cut off anywhere before, the batch is wholly absent and the sender, who
has no answer, sends again; whatever had been stored then turns out a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache

import msgspec

from comity.clock import micros
from comity.errors import SenderFault
from comity.forms.sealed import ALGORITHM
from comity.intake.addressed import addressed
from comity.intake.ceiling import ceiling
from comity.intake.claimed import mark
from comity.intake.gate import SAMPLED, Gated, gated, held_back, refusal
from comity.intake.producers import producers
from comity.intake.ready import Ready
from comity.intake.sealing import SHELLS, as_sealed, sealing, shells
from comity.intake.settle import Rest
from comity.intake.versions import sort_out
from comity.ledger.journal import Entry
from comity.store.placing import new_item, place
from comity.terms.item import HANDLING, PERSONS, PURPOSES, Draft, Envelope, Outcome, Refused, Sealed, item_hash, write_envelope
from comity.terms.stix import OWN_TYPES, SEALED_TYPE, check, version
from comity.terms.tlp import RANK
from comity.terms.traits import RETURNED
from comity.world import World

#: Objects per critical section, and so per log leaf (model.md, How it is recorded).
BATCH = 1_000
#: A batch ends early when it holds more than this many bytes.
BATCH_BYTES = 16 << 20


class Submitter(msgspec.Struct, frozen=True, kw_only=True):
    """Who submits, and what holds for objects that do not say otherwise.

    `party` is the origin: the authenticated party, or the peer that it was pulled from (then `received_from` too). `tlp` applies to
    objects without a TLP marking. `to` None leaves the audience to the agreement. `by` names the token or person for the log.
    `role` is that of the person or tool, whose caps then hold (`ceiling`); "": nobody's, as for the administrator and for links.
    `named` consents for its sightings: without, they are counted only (G16). `sealed` asks that all of it leaves sealed only, which
    nobody can ask but the node's own party. `person` is what it says of the persons that values in its objects lead to (G3).
    """

    party: str
    by: str = ""
    role: str = ""
    tlp: str = "amber"
    purposes: tuple[str, ...] = ("network-defence",)
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    received_from: str | None = None
    hops: tuple[str, ...] = ()
    expires: datetime | None = None
    named: bool = False
    sealed: bool = False
    person: str = "unknown"

    def __post_init__(self) -> None:
        for name in self.purposes:
            if name not in PURPOSES:
                raise SenderFault(f"{name!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
        for code in self.handling:
            if code not in HANDLING:
                raise SenderFault(f"{code!r} is not a handling code", next="one of " + ", ".join(HANDLING))
        if self.person not in PERSONS:
            raise SenderFault(f"{self.person!r} says nothing of persons", next="one of " + ", ".join(PERSONS))
        if self.tlp not in RANK:
            raise SenderFault(f"{self.tlp!r} is not a TLP level", next="one of " + ", ".join(RANK))


def submit(world: World, drafts: Iterable[Draft | Refused], by: Submitter) -> Iterator[Outcome]:
    """Take objects in; one outcome per draft or refusal as they are read, in no fixed order, each only once it is durable.

    Raises SenderFault, before anything is read, when somebody else than the node's own party asks for sealing.
    """
    if by.sealed and not _own(world, by):
        raise SenderFault(f"only {world.settings.party} itself seals here", next=f"seal at the node of {by.party}")
    return _submitted(world, drafts, by)


def _own(world: World, by: Submitter) -> bool:
    """Whether it is this node's own party that submits, here."""
    return by.party == world.settings.party and by.received_from is None


def _submitted(world: World, drafts: Iterable[Draft | Refused], by: Submitter) -> Iterator[Outcome]:
    with Rest(world, by.party, by.tlp) as rest:
        finish = _finishing(world, by)
        yield from _entered(world, _checked(world, drafts, by, rest), by, finish)
        yield from _entered(world, rest.settled(), by, finish)


def _finishing(world: World, by: Submitter) -> Callable[[Ready], Ready | Outcome]:
    """The end of step 3: what is beyond the submitter's role is rejected, what leaves only sealed gets the sealed object around it."""
    beyond, own = ceiling(world, by.party, by.role), _own(world, by)
    sealed = sealing(world, asked=by.sealed)

    def finish(ready: Ready) -> Ready | Outcome:
        if why := beyond(ready.new.traits):
            return ready.became("rejected", why)
        return sealed(ready) if own else ready

    return finish


def _checked(world: World, drafts: Iterable[Draft | Refused], by: Submitter, rest: Rest) -> Iterator[Ready | Outcome]:
    """Step 2 for all drafts: refusals, and what need not wait."""
    strangers = addressed(world)
    for draft in drafts:
        ready = _prepare(world, draft, by, strangers)
        if isinstance(ready, Outcome) or not rest.keeps(ready):
            yield ready


def _entered(
    world: World, flow: Iterable[Ready | Outcome], by: Submitter, finish: Callable[[Ready], Ready | Outcome]
) -> Iterator[Outcome]:  # fmt: skip
    """Outcomes as they pass, and those of the objects between them, batch by batch."""
    batch, count, size = list[Ready](), 0, 0
    for each in flow:
        ready = each if isinstance(each, Outcome) else finish(each)
        if isinstance(ready, Outcome):
            yield ready
            continue
        weight = 1 if ready.shell is None else 2
        if count + weight > BATCH or size > BATCH_BYTES:
            yield from _enter(world, batch, by)
            batch, count, size = [], 0, 0
        batch.append(ready)
        count += weight
        size += len(ready.new.body)
    yield from _enter(world, batch, by)


def _prepare(
    world: World, draft: Draft | Refused, by: Submitter, strangers: Callable[[tuple[str, ...] | None], str]
) -> Ready | Outcome:  # fmt: skip
    """Step 2 for one draft: what it will be stored as, or why not."""
    if isinstance(draft, Refused):
        return Outcome(outcome="rejected", position=draft.position, id=draft.id, why=draft.why)
    obj = draft.obj
    limit = world.settings.limits.object_bytes
    if len(draft.raw) > limit:
        return _rejected(draft, f"the object has {len(draft.raw)} bytes, more than the {limit} allowed")
    why = check(obj) or refusal(draft)
    if not why and obj["type"] in OWN_TYPES:
        why = "agreements and standings come from the node's administrator or the body's key, never from a submission"
    if why:
        return _rejected(draft, why)
    try:
        draft = as_sealed(draft, by.to)
    except SenderFault as fault:
        return _rejected(draft, str(fault))
    person = draft.person or by.person
    # Only the origin's own people review, so what they did counts where the origin's node signed it: in a parcel, or in what it sealed.
    reviewed = bool(draft.category) and (draft.came is not None or draft.made_of is not None)
    persons = Gated() if reviewed else gated(draft, person, world.settings.gate.sample)
    held = "; ".join(filter(None, (held_back(draft), persons.why)))
    sighting = obj["type"] == "sighting"
    named = sighting and (by.named or draft.named)
    gate = "quarantine" if held else "open" if named or not sighting else "counted"
    envelope, written = _envelope(by, draft.tlp, draft.pap, draft.to, draft.purposes, draft.handling, draft.expires, gate, named, person)
    if reviewed:
        envelope = msgspec.structs.replace(envelope, category=draft.category, basis=draft.basis)
        written = write_envelope(envelope)
    if draft.came is not None:
        envelope = msgspec.structs.replace(envelope, came=draft.came)
        written = write_envelope(envelope)
    if not envelope.purposes:
        return _rejected(draft, f"none of its purposes is one this sender may use: {', '.join(by.purposes)}")
    if draft.made_of is not None:
        envelope = msgspec.structs.replace(envelope, sealed=Sealed(alg=ALGORITHM, key_ids=()), made_of=draft.made_of)
        written = write_envelope(envelope)
    new = new_item(draft.raw, obj, envelope, written)
    return Ready(
        new=new._replace(traits=msgspec.structs.replace(new.traits, about=draft.about)) if draft.about else new,
        position=draft.position,
        held=held,
        personal=bool(persons.why),
        sampled=persons.sampled and not held,
        silent=draft.tlp is None,
        undefined=draft.undefined,
        derived=draft.derived,
        dated=draft.dated,
        note="; ".join(filter(None, (draft.note, strangers(envelope.to)))),
        made_of=draft.made_of,
    )


@lru_cache(maxsize=1_000)
def _envelope(
    by: Submitter, tlp: str | None, pap: str | None, to: tuple[str, ...] | None, purposes: tuple[str, ...] | None,
    handling: tuple[str, ...], expires: datetime | None, gate: str, named: bool, person: str,
) -> tuple[Envelope, bytes]:  # fmt: skip
    """The envelope of an object about which this was said, and its bytes. One object's is most often that of the one before it."""
    envelope = Envelope(
        origin=by.party,
        received_from=by.received_from,
        hops=by.hops,
        purposes=tuple(sorted(set(by.purposes if purposes is None else purposes) & set(by.purposes))),
        tlp=tlp or by.tlp,
        pap=pap,
        handling=tuple(sorted({*by.handling, *handling})),
        to=_narrower(to, by.to),
        gate=gate,
        named=named,
        person=person,
        expires=min((moment for moment in (by.expires, expires) if moment), default=None),
    )
    return envelope, write_envelope(envelope)


def _narrower(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The addressed set that both allow; None allows whoever the agreement permits."""
    if one is None or other is None:
        chosen = other if one is None else one
        return None if chosen is None else tuple(sorted(set(chosen)))
    return tuple(sorted(set(one) & set(other)))


def _enter(world: World, ready: list[Ready], by: Submitter) -> list[Outcome]:
    """Step 4 and 5 for one batch."""
    if not ready:
        return []
    ready = _returned(world, ready, by)
    with world.store.write() as tx:
        fresh, outcomes = sort_out(world, tx, ready, by.party)
        if fresh:
            new = [*(item.new for item in fresh), *shells(world, tx, fresh)]
            rows = place(tx, new, micros(world.clock()), tx.head().size)
            entry = Entry(kind="accept", at=world.clock(), party=by.party, actor=by.by, count=len(rows))
            world.journal.append(tx, entry, [item_hash(item.sha, item.envelope) for item in new])
            mark(world, tx, [row for item, row in zip(fresh, rows, strict=False) if "modified" in item.obj])
            if any(item.type == SEALED_TYPE for item in new):
                tx.bump(SHELLS)
            for item, row in zip(fresh, rows, strict=False):
                if item.sampled and not item.held:
                    tx.put_private(SAMPLED, f"{row.item:020d}", b"")
            for item, row in zip(fresh, rows, strict=False):
                state = "quarantined" if item.held else "accepted"
                outcomes += [item.became(state, item.held, row.version)] if item.position else []
    return outcomes


def _returned(world: World, ready: list[Ready], by: Submitter) -> list[Ready]:
    """The batch with the producers of what each sighting or opinion is of among its facts."""
    subjects = {at: ids for at, item in enumerate(ready) if not item.new.traits.about and (ids := _subjects(item))}
    if not subjects:
        return ready
    about = producers(world, by.party, by.purposes, (id_ for ids in subjects.values() for id_ in ids))
    changed = list(ready)
    for at, ids in subjects.items():
        new = ready[at].new
        parties = {party for id_ in ids for party in about[id_]}
        traits = msgspec.structs.replace(new.traits, about=tuple(sorted(parties)))
        changed[at] = msgspec.structs.replace(ready[at], new=new._replace(traits=traits))
    return changed


def _subjects(item: Ready) -> tuple[str, ...]:
    """What a sighting or an opinion is of; nothing for any other object."""
    if item.new.type not in RETURNED:
        return ()
    obj = item.obj
    return (obj["sighting_of_ref"],) if item.new.type == "sighting" else tuple(obj["object_refs"])


def _rejected(draft: Draft, why: str) -> Outcome:
    obj = draft.obj
    id_, type_ = obj.get("id"), obj.get("type")
    return Outcome(
        outcome="rejected",
        position=draft.position,
        id=id_ if isinstance(id_, str) else None,
        type=type_ if isinstance(type_, str) else None,
        version=version(obj) or None,
        why=why,
    )
