"""What leaves only sealed: this node's own party's objects that are asked to be, or by the node's settings (`[sealing]`), for the keys of
those they are addressed to (ADR 17).

The sealed object is stored beside the object, in the same critical section: one is there if and only if the other is.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import msgspec

from comity.errors import SenderFault
from comity.forms.markings import strictest_pap
from comity.forms.sealed import ALGORITHM, UNSEALED, read, seal
from comity.forms.sealing_key import SealingKey
from comity.forms.wire_envelope import said_of
from comity.intake.ready import Ready
from comity.store.placing import new_item
from comity.store.protocol import NewItem, Tx
from comity.store.wrapped import keep_pair
from comity.terms.item import Draft, Outcome, Sealed, read_envelope, write_envelope
from comity.terms.stix import SEALED_TYPE, timestamp
from comity.terms.tlp import strictest
from comity.world import World

_SPACE, _SECRET = "sealing", "secret"
#: The counter that every batch with sealed objects in it advances, so that what came is opened.
SHELLS = "shells"


def as_sealed(draft: Draft, to: tuple[str, ...] | None) -> Draft:
    """A draft of a sealed object, handled no less strictly than it says itself; any other as it is. `to` is whom its sender addresses.

    Raises SenderFault for one that is malformed, or that is addressed to nobody by name.
    """
    if draft.obj["type"] != SEALED_TYPE:
        return draft
    said = read(draft.obj).said
    if draft.to is None and to is None:
        raise SenderFault("a sealed object names its recipients, in the envelope beside it: without any it is of use to nobody")
    expires = [moment for moment in (draft.expires, said.expires) if moment]
    return msgspec.structs.replace(
        draft,
        tlp=strictest(level for level in (draft.tlp, said.tlp) if level),
        pap=strictest_pap(level for level in (draft.pap, said.pap) if level),
        purposes=said.purposes if draft.purposes is None else tuple(each for each in said.purposes if each in draft.purposes),
        handling=(*draft.handling, *said.handling),
        expires=min(expires, default=None),
    )


def sealing(world: World, *, asked: bool) -> Callable[[Ready], Ready | Outcome]:
    """For one submission of the node's own party: an object as it is to be stored, with the sealed object around it if it is to have one.

    `asked`: all of them are to be sealed; one that cannot be is rejected.
    """
    own, policy = world.settings.party, world.settings.sealing

    @cache
    def keys() -> dict[str, list[SealingKey]]:
        return world.rulebook.sealing_keys()

    def sealed(item: Ready) -> Ready | Outcome:
        facts = item.new.traits
        if item.held and asked:
            # It waits for people: what it was asked is kept, and nothing of it leaves by a link meanwhile or unsealed.
            return item.said(msgspec.structs.replace(read_envelope(item.new.envelope), sealed=Sealed(alg=ALGORITHM, key_ids=())))
        if item.held or facts.gate != "open" or facts.type in UNSEALED:
            return item
        if not asked and (facts.tlp not in policy.levels or facts.to == ()):
            return item
        strict = asked or policy.required
        others = [party for party in facts.to or () if party != own]
        missing = [party for party in others if party not in keys()]
        if others and not missing:
            return _wrapped(world, item, {party: keys()[party] for party in others})
        if others:
            why = f"no sealing key of {', '.join(missing)} is known here (comity party key add)"
        elif facts.to is None:
            why = "what is sealed names its recipients (--to)"
        else:
            return item
        if strict:
            return item.became("rejected", f"it cannot be sealed: {why}")
        note = f"not sealed: {why}" if others or keys() else ""  # where nobody seals, there is nothing to say of what names nobody
        if facts.tlp == "red" and facts.to is None:
            note = "TLP:RED that names no recipients (--to) is not given to a centre"
        return msgspec.structs.replace(item, note="; ".join(filter(None, (item.note, note)))) if note else item

    return sealed


def _wrapped(world: World, item: Ready, to: dict[str, list[SealingKey]]) -> Ready:
    """The object under an envelope that says it is sealed, with the sealed object around it."""
    new, envelope = item.new, read_envelope(item.new.envelope)
    at, salt = timestamp(world.clock()), _salt(world, new.id)
    raw = seal(new.body, msgspec.structs.replace(said_of(envelope), to=None), origin=new.origin, to=to, salt=salt, at=at)
    shell = new_item(raw, msgspec.json.decode(raw), envelope, b"")
    ids = tuple(sorted(key.key_id for keys in to.values() for key in keys))
    inside = msgspec.structs.replace(envelope, sealed=Sealed(alg=ALGORITHM, key_ids=ids))
    return msgspec.structs.replace(item, new=new._replace(envelope=write_envelope(inside)), shell=shell)


def _salt(world: World, id_: str) -> str:
    """The secret that goes into the id of the sealed object around an object: always the same here, and nobody else can work it out."""
    secret = world.store.private(_SPACE, _SECRET)
    if secret is None:
        with world.store.write() as tx:
            secret = world.store.private(_SPACE, _SECRET)
            if secret is None:
                secret = secrets.token_bytes(32)
                tx.put_private(_SPACE, _SECRET, secret)
    return hmac.digest(secret, id_.encode(), hashlib.sha256).hex()


def shells(world: World, tx: Tx, fresh: Sequence[Ready]) -> Iterator[NewItem]:
    """The sealed objects around a batch that is about to be placed, in the critical section, to be placed behind it. Keeps what was made
    of what."""
    first = tx.next_item()
    for item, ready in enumerate(fresh, first):
        new = ready.new
        if ready.made_of is not None and (of := world.store.rows([ready.made_of]).get(ready.made_of)):
            keep_pair(tx, new.origin, of.id, new.id)
        if ready.shell is None or ready.held:
            continue
        envelope = msgspec.structs.replace(read_envelope(new.envelope), sealed=None, made_of=item)
        keep_pair(tx, new.origin, new.id, ready.shell.id)
        yield ready.shell._replace(envelope=write_envelope(envelope))
