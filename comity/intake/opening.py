"""Opening what came sealed to this node's party (ADR 17): the object inside enters as any other, from the origin of the sealed one.

    1. choose   sealed objects addressed to the node's party that were not looked at, or that no key opened when the keys were others
    2. open     with the node's keys, all it ever had; what was altered, or lies about its inside, is refused
    3. enter    by `intake.submit`, handled as the sealed object is here, for the node's party alone and not to be passed on
    4. tell     the origin of what was refused, by an opinion of the sealed object: that it was, and nothing of what is inside

Crash story: what became of each is kept after it entered. Cut off before, it is opened again, and what is inside is a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from comity.errors import Fault, OperatorFault
from comity.forms import stix_json
from comity.forms.markings import strictest_pap
from comity.forms.sealed import read, unseal
from comity.forms.sealing_key import OpeningKey
from comity.intake.sealing import SHELLS
from comity.intake.submit import Submitter, submit
from comity.store.protocol import Row
from comity.store.wrapped import all_opened, keep_opened
from comity.terms.item import Draft, Envelope, Refused, read_envelope
from comity.terms.stix import SEALED_TYPE, derived_id, timestamp
from comity.terms.tlp import strictest
from comity.world import World

#: Sealed objects looked at in one step.
STEP = 500
_MARK_SPACE, _MARK = "sealing", "mark"
#: What became of a sealed object that no key of the node opens: it is tried again when its keys are others.
WAITING = "waiting"


class Opened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one sealed object: `waiting` for a key, `refused`, or the outcome of what was inside.

    `sealed` is its id, `id` that of the object inside.
    """

    sealed: str
    version: str
    origin: str
    at: datetime
    outcome: str
    id: str = ""
    why: str = ""
    next: str = ""


class _Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far it was looked: the counter of sealed objects, the last stamp, the keys that were tried, the items that wait for others."""

    count: int = 0
    added: int = 0
    keys: tuple[str, ...] = ()
    waiting: tuple[int, ...] = ()


def open_arrived(world: World, keys: Callable[[], Iterable[OpeningKey]]) -> list[Opened]:
    """Open what is new, or opens now; what became of it. `keys` gives the node's, and is called only when there is something to do."""
    mark, count = _mark(world), world.store.counter(SHELLS)
    if mark.count == count and not mark.waiting:
        return []
    own = tuple(keys())
    ids = tuple(key.public.key_id for key in own)
    if mark.count == count and mark.keys == ids:
        return []
    # 1.
    rows, last = _since(world, mark.added)
    if mark.keys != ids:
        rows = [*world.store.rows(mark.waiting).values(), *rows]
    found: dict[int, Opened] = {}
    for start in range(0, len(rows), STEP):
        done = dict(_opened(world, rows[start : start + STEP], own))
        with world.store.write() as tx:
            for item, opened in done.items():
                keep_opened(tx, item, msgspec.json.encode(opened))
        found.update(done)
    waiting = {item for item in mark.waiting if item not in found} | {item for item, each in found.items() if each.outcome == WAITING}
    mark = _Mark(count=count, added=last, keys=ids, waiting=tuple(sorted(waiting)))
    with world.store.write() as tx:
        tx.put_private(_MARK_SPACE, _MARK, msgspec.json.encode(mark))
    return list(found.values())


def _since(world: World, added: int) -> tuple[list[Row], int]:
    """The sealed objects after a stamp, in the order they came, and the stamp up to which that is all. What came since is walked through;
    at the first time, all that are here are asked for."""
    newest = world.store.recent(1)
    last = newest[0].added if newest else added
    if not added:
        return [row for row in world.store.by_type(SEALED_TYPE) if row.added <= last], last
    found: list[Row] = []
    before: int | None = None
    while rows := world.store.recent(STEP, before):
        found += [row for row in rows if row.type == SEALED_TYPE and added < row.added <= last]
        before = rows[-1].added
        if before <= added:
            break
    return found[::-1], last


def outcomes(world: World) -> list[Opened]:
    """What became of all sealed objects that came and are here still, in the order in which they did."""
    return [msgspec.json.decode(raw, type=Opened) for raw in all_opened(world.store)]


def _opened(world: World, rows: Sequence[Row], keys: Sequence[OpeningKey]) -> Iterator[tuple[int, Opened]]:
    """Steps 2 to 4 for some sealed objects: item -> what became of it. Own ones, and those for others, are passed over."""
    items = [row.item for row in rows]
    envelopes, bodies = world.store.envelopes(items), world.store.bodies(items)
    entering: dict[Submitter, list[tuple[Row, Draft | Refused]]] = {}
    for row in rows:
        envelope = read_envelope(envelopes[row.item])
        if row.origin == world.settings.party or envelope.gate != "open" or world.settings.party not in (envelope.to or ()):
            continue
        try:
            # 2.
            inside = _inside(world, row, bodies[row.item], envelope, keys)
        except OperatorFault as fault:
            yield row.item, _said(world, row, WAITING, why=str(fault), next=fault.next)
        except Fault as fault:
            yield row.item, _said(world, row, "refused", why=str(fault), next=fault.next)
            _tell(world, row, envelope, str(fault))
        else:
            entering.setdefault(_submitter(world, envelope), []).append((row, inside))
    # 3.
    for by, drafts in entering.items():
        known = {str(row.item): row for row, _ in drafts}
        for outcome in submit(world, [inside for _, inside in drafts], by):
            row = known[outcome.position]
            yield row.item, _said(world, row, outcome.outcome, id=outcome.id or "", why=outcome.why)
            if outcome.outcome == "rejected":
                _tell(world, row, read_envelope(envelopes[row.item]), "its checks reject it")


def _inside(world: World, row: Row, body: bytes, envelope: Envelope, keys: Sequence[OpeningKey]) -> Draft | Refused:
    """The object inside, handled as the sealed one is here, which is no less strictly than its origin said (`intake.sealing`).

    Raises OperatorFault where no key fits, SenderFault for what was altered or lies.
    """
    obj = msgspec.json.decode(body)
    said = read(obj).said
    raw = unseal(obj, row.origin, world.settings.party, keys)
    (inside,) = stix_json.read(raw, stix_json.Limits(object_bytes=world.settings.limits.object_bytes))
    if isinstance(inside, Refused):
        return msgspec.structs.replace(inside, position=str(row.item))
    return msgspec.structs.replace(
        inside,
        position=str(row.item),
        tlp=strictest(level for level in (envelope.tlp, inside.tlp) if level),
        pap=strictest_pap(level for level in (envelope.pap, inside.pap) if level),
        named=said.named,
        person=said.person,
        category=said.category,
        basis=said.basis,
        made_of=row.item,
    )


def _submitter(world: World, envelope: Envelope) -> Submitter:
    """As whom it enters: from its origin, by the way that the sealed object came."""
    return Submitter(
        party=envelope.origin,
        by="opening",
        tlp=envelope.tlp,
        purposes=envelope.purposes,
        handling=tuple(sorted({*envelope.handling, "H2"})),
        to=(world.settings.party,),
        received_from=envelope.received_from,
        hops=envelope.hops,
        expires=envelope.expires,
    )


def _tell(world: World, row: Row, envelope: Envelope, why: str) -> None:
    """Step 4: an opinion of the sealed object, for its origin alone. It goes where the agreements let opinions go."""
    now = timestamp(world.clock())
    obj = {
        "type": "opinion",
        "spec_version": "2.1",
        "id": derived_id("opinion", world.settings.party, row.id, row.version),
        "created": now,
        "modified": now,
        "opinion": "strongly-disagree",
        "explanation": f"{world.settings.party} refused what is sealed in it: {why}",
        "object_refs": [row.id],
    }
    draft = Draft(raw=msgspec.json.encode(obj), obj=obj, position=row.id, derived=True)
    by = Submitter(party=world.settings.party, by="opening", tlp=envelope.tlp, purposes=envelope.purposes, to=(row.origin,))
    list(submit(world, [draft], by))


def _said(world: World, row: Row, outcome: str, **more: str) -> Opened:
    return Opened(sealed=row.id, version=row.version, origin=row.origin, at=world.clock(), outcome=outcome, **more)


def _mark(world: World) -> _Mark:
    raw = world.store.private(_MARK_SPACE, _MARK)
    return msgspec.json.decode(raw, type=_Mark) if raw else _Mark()
