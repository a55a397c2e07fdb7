"""Whose an entry is, and what becomes of it."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from comity.forms.parcel import Given
from comity.peer.partner import state
from comity.terms.item import read_envelope
from tests.consortium import indicator
from tests.linked import Node, altered, entries, forged, offer, parcel, sync
from tests.peer.test_outgoing import body


def known(uz: Node, kz: Node) -> None:
    """UZ's node knows KZ's key."""
    uz.world.rulebook.keys = lambda party: (kz.key.verifier,) if party == "KZ" else ()  # type: ignore[method-assign,assignment,return-value]


def test_a_member_speaks_for_itself_alone() -> None:
    hub, kz, uz = body()
    kz.adds(indicator(), indicator())
    answer = offer(kz, hub, forged(kz, parcel(kz, hub), origin="UZ"))
    assert answer.refused == ((0, "KZ/KZ-sco is no centre and speaks for KZ alone, not for UZ"),)
    assert {origin for origin, _, _ in hub.stored()} == {"KZ"} and len(hub.stored()) == 1
    assert uz.stored() == set()


@pytest.mark.parametrize(
    ("said", "why"),
    [({"tlp": "clear"}, "wider"), ({"purposes": ("network-defence", "statistics")}, "wider"), ({"handling": ("H1",)}, "")],
)
def test_a_centre_may_narrow_what_an_origin_signed_and_never_widen_it(said: dict[str, Any], why: str) -> None:
    hub, kz, uz = body()
    known(uz, kz)
    kz.adds(indicator())
    sync(kz, hub)
    raw = parcel(hub, uz)
    (entry,) = entries(hub, raw)
    assert isinstance(entry, Given) and entry.vouch is not None
    stated = msgspec.structs.replace(entry.vouch, said=msgspec.structs.replace(entry.said, to=None))
    answer = offer(hub, uz, forged(hub, raw, said=msgspec.structs.replace(entry.said, **said), vouch=stated))
    assert why in answer.refused[0][1] if why else not answer.refused


@pytest.mark.parametrize("field", ["object", "entered"])
def test_what_an_origin_signed_cannot_be_altered_on_the_way(field: str) -> None:
    hub, kz, uz = body()
    known(uz, kz)
    kz.adds(indicator())
    sync(kz, hub)
    value = {"object": msgspec.json.encode(indicator()), "entered": 5}[field]
    answer = offer(hub, uz, forged(hub, parcel(hub, uz), **{field: value}))
    assert "not KZ's" in answer.refused[0][1] and uz.stored() == set()


def test_more_than_one_object_in_an_entry_is_none() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    two = msgspec.json.encode([indicator(), indicator()])
    answer = offer(kz, hub, forged(kz, parcel(kz, hub), object=two, vouch=None))
    assert "not one STIX object" in answer.refused[0][1]


def test_what_arrived_says_how_it_came_and_who_vouches() -> None:
    hub, kz, uz = body()
    kz.adds(indicator(), to=("UZ", "RU"))
    hub.adds(indicator(), tlp="green")
    sync(kz, hub)
    sync(hub, uz)
    rows = {row.origin: row for row in uz.world.store.recent(10) if row.type == "indicator"}
    said = {origin: read_envelope(uz.world.store.envelopes([row.item])[row.item]) for origin, row in rows.items()}
    assert set(said) == {"KZ", "SCO-CENTRE"}
    came = said["KZ"].came
    assert said["KZ"].hops == ("KZ/KZ-sco", "SCO-CENTRE/SCO-CENTRE-sco") and said["KZ"].to == ("UZ",)
    assert came and came.grounds == ("test@1/members",) and came.vouch and came.vouch.addressed and came.vouch.salt == b""
    assert came.vouch.key == kz.key.verifier.key_id.hex()


def test_nothing_unsigned_stands_beside_what_an_origin_signed_nor_takes_its_place() -> None:
    hub, kz, uz = body()
    known(uz, kz)
    obj = indicator(name="true")
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    for changes in ({"name": "false"}, {"name": "false", "modified": "2031-01-01T00:00:00.000Z"}):
        kz.adds(indicator())
        sync(kz, hub)
        raw = msgspec.json.encode({**obj, **changes})
        next_ = altered(hub, parcel(hub, uz), sequence=next(_numbers), previous=state(uz.world, "sco-centre").last)
        answer = offer(hub, uz, forged(hub, next_, object=raw, vouch=None))
        assert [why for _, why in answer.refused] == ["KZ signed what is here under this id, and not this"]
    assert [msgspec.json.decode(each)["name"] for each in bodies(uz, obj["id"])] == ["true"]


def test_what_an_origin_signed_takes_the_place_of_what_was_said_in_its_name() -> None:
    hub, kz, uz = body()
    known(uz, kz)
    obj = indicator(name="true")
    kz.adds(obj)
    sync(kz, hub)
    raw = parcel(hub, uz)
    offer(hub, uz, forged(hub, raw, object=msgspec.json.encode({**obj, "name": "false"}), vouch=None))
    assert [msgspec.json.decode(each)["name"] for each in bodies(uz, obj["id"])] == ["false"]
    (entry,) = entries(hub, raw)
    offer(hub, uz, altered(hub, raw, sequence=7, previous=state(uz.world, "sco-centre").last, entries=(entry,)))
    assert [msgspec.json.decode(each)["name"] for each in bodies(uz, obj["id"])] == ["true"]


def bodies(node: Node, id_: str) -> list[bytes]:
    store = node.world.store
    return list(store.bodies([row.item for row in store.by_id([id_])]).values())


_numbers = itertools.count(100)
