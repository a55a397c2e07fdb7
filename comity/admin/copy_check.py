"""What this node made of items against those items: a redacted copy says what is left of its original, and goes where that goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from comity.agree.redact import copied
from comity.store.conditions import read_condition
from comity.store.copied import ids_of
from comity.store.protocol import Row
from comity.terms.item import DERIVED_FROM, Envelope, read_envelope
from comity.terms.traits import Traits
from comity.world import World


def copy_problems(world: World, row: Row, body: bytes, envelope: Envelope, facts: Traits) -> Iterator[str]:
    """What does not fit of a copy, or of the relationship to its original, one line each; `facts` are those of its trait row."""
    store, of = world.store, envelope.made_of
    original = store.rows([of]).get(of) if of is not None else None
    raw = store.envelopes([original.item]).get(original.item) if original else None
    content = store.bodies([original.item]).get(original.item) if original else None
    if original is None or raw is None or content is None:
        if store.rows([row.item]):  # else both were withdrawn meanwhile
            yield "it was made of an item that is not there"
        return
    if msgspec.structs.replace(read_envelope(raw), profile=envelope.profile, made_of=of) != envelope:
        yield "its envelope is not that of the item it was made of"
    ids = ids_of(store, original.origin, original.id)
    obj = msgspec.json.decode(content, type=dict[str, Any])
    if envelope.profile == DERIVED_FROM:
        if not _leads(msgspec.json.decode(body), original.id, {each.link: each.copy for each in ids.values()}):
            yield "it does not lead from a copy to the item it was made of"
        return
    _, rules = world.rulebook.current()
    profile = next((each for made in rules.agreements for each in made.profiles if each.key == envelope.profile), None)
    if profile is None:
        yield "no agreement has the profile that it was made under"
    elif copied(obj, profile, row.id) != body:
        yield "its bytes are not what is left of the item it was made of"
    if row.id != next((each.copy for key, each in ids.items() if key == envelope.profile), None):
        yield "its id is not the one that copies of this object have"
    before = read_condition(store.trait_body(original.base)).base
    if facts != msgspec.structs.replace(before, profile=envelope.profile):
        yield "its trait row is not that of the item it was made of"


def _leads(link: Mapping[str, Any], original: str, ids: Mapping[str, str]) -> bool:
    return (
        link.get("relationship_type") == DERIVED_FROM
        and link.get("target_ref") == original
        and ids.get(str(link.get("id")), "") == link.get("source_ref")
    )
