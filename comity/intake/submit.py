"""The one way in. Every door, form and link translates onto `submit`; governance has its own narrow entry in `intake.govern`.

    1. read    a form gave drafts (and refusals) from bytes           outside the critical section
    2. check   size, STIX, gate; envelope and traits are settled      outside
    3. enter   duplicates, stamps, conditions, rows, log leaf         one critical section per batch, durable when it returns
    4. answer  an outcome per object, only after 3

Crash story: an outcome is given only after its batch is durable. Cut off anywhere before, the batch is wholly absent and the sender, who
has no answer, sends again; whatever had been stored then turns out a duplicate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.clock import micros
from comity.errors import SenderFault
from comity.intake.gate import held_back, refusal
from comity.intake.producers import producers
from comity.ledger.journal import Entry
from comity.store.placing import place, value_hash
from comity.store.protocol import NewItem, Row, Tx
from comity.terms.item import HANDLING, PURPOSES, Draft, Envelope, Outcome, Refused, item_hash
from comity.terms.stix import OWN_TYPES, check, references, spec_version, version, version_moment
from comity.terms.tlp import RANK
from comity.terms.traits import base_traits
from comity.terms.values import observables
from comity.world import World

#: Objects per critical section, and so per log leaf (model.md, How it is recorded).
BATCH = 1_000
#: Objects that name others are held to the end of a submission, up to this many, so that what they name is there before them.
LINKED = 20_000

_write_envelope = msgspec.json.Encoder(order="deterministic").encode


class Submitter(msgspec.Struct, frozen=True, kw_only=True):
    """Who submits, and what holds for objects that do not say otherwise.

    `party` is the origin: the authenticated party, or the peer that it was pulled from (then `received_from` too). `tlp` applies to
    objects without a TLP marking. `to` None leaves the audience to the agreement. `by` names the token or person for the log.
    """

    party: str
    by: str = ""
    tlp: str = "amber"
    purposes: tuple[str, ...] = ("network-defence",)
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None
    received_from: str | None = None
    hops: tuple[str, ...] = ()
    expires: datetime | None = None

    def __post_init__(self) -> None:
        for name in self.purposes:
            if name not in PURPOSES:
                raise SenderFault(f"{name!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
        for code in self.handling:
            if code not in HANDLING:
                raise SenderFault(f"{code!r} is not a handling code", next="one of " + ", ".join(HANDLING))
        if self.tlp not in RANK:
            raise SenderFault(f"{self.tlp!r} is not a TLP level", next="one of " + ", ".join(RANK))


class _Ready(msgspec.Struct, frozen=True):
    """A draft that passed step 2."""

    draft: Draft
    new: NewItem
    held: str


def submit(world: World, drafts: Iterable[Draft | Refused], by: Submitter) -> Iterator[Outcome]:
    """Take objects in; yield one outcome per draft or refusal, in no fixed order, each only once it is durable."""
    batch: list[_Ready] = []
    linked: list[_Ready] = []
    for draft in drafts:
        ready = _prepare(world, draft, by)
        if isinstance(ready, Outcome):
            yield ready
            continue
        (linked if ready.new.refs else batch).append(ready)
        if len(batch) >= BATCH:
            yield from _enter(world, batch, by)
            batch = []
        if len(linked) >= LINKED:
            yield from _enter_all(world, batch + linked, by)
            batch, linked = [], []
    yield from _enter_all(world, batch + linked, by)


def _enter_all(world: World, ready: list[_Ready], by: Submitter) -> Iterator[Outcome]:
    for start in range(0, len(ready), BATCH):
        yield from _enter(world, ready[start : start + BATCH], by)


def _prepare(world: World, draft: Draft | Refused, by: Submitter) -> _Ready | Outcome:
    """Step 2 for one draft: what it will be stored as, or why not."""
    if isinstance(draft, Refused):
        return Outcome(outcome="rejected", position=draft.position, id=draft.id, why=draft.why)
    obj = draft.obj
    limit = world.settings.limits.object_bytes
    if len(draft.raw) > limit:
        return _outcome(draft, "rejected", f"the object has {len(draft.raw)} bytes, more than the {limit} allowed")
    why = check(obj) or refusal(draft)
    if not why and obj["type"] in OWN_TYPES:
        why = "agreements and standings come from the node's administrator or the body's key, never from a submission"
    if why:
        return _outcome(draft, "rejected", why)
    purposes = by.purposes if draft.purposes is None else tuple(p for p in draft.purposes if p in by.purposes)
    if not purposes:
        return _outcome(draft, "rejected", f"none of its purposes is one this sender may use: {', '.join(by.purposes)}")
    held = held_back(draft)
    envelope = Envelope(
        origin=by.party,
        received_from=by.received_from,
        hops=by.hops,
        purposes=tuple(sorted(set(purposes))),
        tlp=draft.tlp or by.tlp,
        pap=draft.pap,
        handling=tuple(sorted({*by.handling, *draft.handling})),
        to=_narrower(draft.to, by.to),
        gate="quarantine" if held else "open",
        expires=min((moment for moment in (by.expires, draft.expires) if moment), default=None),
    )
    return _Ready(draft, _new_item(draft, obj, envelope), held)


def _new_item(draft: Draft, obj: Mapping[str, Any], envelope: Envelope) -> NewItem:
    type_: str = obj["type"]
    return NewItem(
        origin=envelope.origin,
        id=obj["id"],
        type=type_,
        version=version(obj),
        spec=spec_version(obj),
        sha=hashlib.sha256(draft.raw).digest(),
        body=draft.raw,
        envelope=_write_envelope(envelope),
        traits=base_traits(obj, envelope),
        refs=references(obj),
        values=tuple((kind, value_hash(kind, value)) for kind, value in observables(obj)),
        expires=micros(envelope.expires) if envelope.expires else None,
    )


def _narrower(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The addressed set that both allow; None allows whoever the agreement permits."""
    if one is None or other is None:
        chosen = other if one is None else one
        return None if chosen is None else tuple(sorted(set(chosen)))
    return tuple(sorted(set(one) & set(other)))


def _enter(world: World, ready: list[_Ready], by: Submitter) -> list[Outcome]:
    """Step 3 and 4 for one batch."""
    if not ready:
        return []
    ready = _returned(world, ready, by)
    outcomes: list[Outcome] = []
    with world.store.write() as tx:
        fresh = _sort_out(world, tx, ready, by, outcomes)
        if fresh:
            rows = place(tx, [item.new for item in fresh], micros(world.clock()), tx.head().size)
            entry = Entry(kind="accept", at=world.clock(), party=by.party, actor=by.by, count=len(rows))
            world.journal.append(tx, entry, [item_hash(item.new.sha, item.new.envelope) for item in fresh])
            for item, row in zip(fresh, rows, strict=True):
                state = "quarantined" if item.held else "accepted"
                outcomes.append(_outcome(item.draft, state, item.held, row.version))
    return outcomes


def _returned(world: World, ready: list[_Ready], by: Submitter) -> list[_Ready]:
    """The batch with each sighting's producers among its facts."""
    subjects = [item.draft.obj["sighting_of_ref"] for item in ready if item.new.type == "sighting"]
    if not subjects:
        return ready
    about = producers(world, by.party, by.purposes, subjects)
    changed = []
    for item in ready:
        if item.new.type == "sighting":
            traits = msgspec.structs.replace(item.new.traits, about=about[item.draft.obj["sighting_of_ref"]])
            item = _Ready(item.draft, item.new._replace(traits=traits), item.held)
        changed.append(item)
    return changed


def _sort_out(world: World, tx: Tx, ready: list[_Ready], by: Submitter, outcomes: list[Outcome]) -> list[_Ready]:
    """Tell what is new from what this origin already gave (model.md, Stored identity): same id and version is the same object if its
    content is; other content under one version is kept in quarantine (STIX 2.1 section 3.6 leaves it undefined)."""
    held = tx.held(by.party, [item.new.id for item in ready])
    fresh: list[_Ready] = []
    batch: dict[str, list[_Ready]] = {}
    for item in ready:
        earlier, before = held.get(item.new.id, []), batch.setdefault(item.new.id, [])
        shas = {row.sha for row in earlier} | {other.new.sha for other in before}
        if item.new.sha in shas or (item.draft.derived and shas and not _newer(item, [*earlier, *(other.new for other in before)])):
            outcomes.append(_outcome(item.draft, "duplicate"))
            continue
        # An object without a version (an observable) may say more each time; a version says one thing only.
        named = bool(item.new.version)
        rows = [row for row in earlier if not named or row.version == item.new.version]
        others = [other for other in before if not named or other.new.version == item.new.version]
        if any(other.draft.obj == item.draft.obj for other in others) or _same_content(world, rows, item.draft):
            outcomes.append(_outcome(item.draft, "duplicate"))
            continue
        if named and (rows or others):
            item = _quarantine(item, "the same id and version was sent before with other content")
        before.append(item)
        fresh.append(item)
    return fresh


def _newer(item: _Ready, known: Sequence[Row | NewItem]) -> bool:
    """Whether a derived object is dated by its source, later than every version that is known."""
    return item.draft.dated and all(version_moment(item.new.version) > version_moment(other.version) for other in known)


def _same_content(world: World, rows: list[Row], draft: Draft) -> bool:
    """Whether one of these stored items says the same, whatever its spelling (white space, order of members)."""
    bodies = world.store.bodies([row.item for row in rows])
    return any(msgspec.json.decode(body) == draft.obj for body in bodies.values())


def _quarantine(item: _Ready, why: str) -> _Ready:
    envelope = msgspec.structs.replace(msgspec.json.decode(item.new.envelope, type=Envelope), gate="quarantine")
    traits = msgspec.structs.replace(item.new.traits, gate="quarantine")
    return _Ready(item.draft, item.new._replace(envelope=_write_envelope(envelope), traits=traits), item.held or why)


def _outcome(draft: Draft, outcome: str, why: str = "", version_: str | None = None) -> Outcome:
    obj = draft.obj
    id_, type_ = obj.get("id"), obj.get("type")
    return Outcome(
        outcome=outcome,
        position=draft.position,
        id=id_ if isinstance(id_, str) else None,
        type=type_ if isinstance(type_, str) else None,
        version=version_ or version(obj) or None,
        why=why,
    )
