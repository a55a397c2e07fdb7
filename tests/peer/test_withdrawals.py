"""What is to go is told to those who had it, and to nobody else."""

from __future__ import annotations

import itertools

from comity.forms.parcel import Withdrawn
from comity.intake.withdraw import withdraw
from comity.peer.outgoing import outgoing
from comity.peer.partner import state
from tests.consortium import indicator
from tests.linked import Node, altered, entries, forged, give, link, offer, parcel, sync
from tests.peer.test_outgoing import body
from tests.peer.test_taking import known


def gone(one: Node, raw: bytes) -> list[tuple[str, str, str]]:
    return [(each.id, each.cause, each.reason) for each in entries(one, raw) if isinstance(each, Withdrawn)]


def test_a_recall_reaches_over_the_centre_who_had_the_object_and_nobody_else() -> None:
    hub, kz, uz = body()
    ru = Node("RU")
    hub.observer("RU")
    link(hub, ru, centre="SCO-CENTRE")
    obj = indicator()
    kz.adds(obj, tlp="amber")
    for node in (kz, uz, ru):
        sync(node, hub)
    sync(uz, hub)
    assert uz.holds() == {obj["id"]} and ru.stored() == set()
    withdraw(kz.world, "KZ", obj["id"], reason="wrong host", cause="recalled")
    give(kz, hub)
    assert hub.stored() == set()
    assert gone(hub, parcel(hub, uz)) == [(obj["id"], "recalled", "wrong host")]
    assert outgoing(hub.desk, hub.partners["RU"], hub.key) is None
    give(hub, uz)
    assert uz.stored() == set() and kz.stored() == set()


def test_the_same_object_shared_again_arrives_again() -> None:
    hub, kz, uz = body()
    obj = indicator()
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    withdraw(kz.world, "KZ", obj["id"])
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    assert uz.holds() == {obj["id"]}


def test_stricter_handling_takes_the_object_from_those_it_is_no_longer_for() -> None:
    hub, kz, uz = body()
    obj = indicator()
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    kz.adds(obj, tlp="green", to=("RU",))
    sync(kz, hub)
    sync(hub, uz)
    assert uz.stored() == set() and len(hub.stored()) == 1


def test_nobody_takes_back_another_partys_object() -> None:
    hub, kz, uz = body()
    theirs, own = indicator(), indicator()
    uz.adds(theirs)
    kz.adds(own)
    for node in (kz, uz, kz):
        sync(node, hub)
    withdraw(kz.world, "KZ", own["id"])
    answer = offer(kz, hub, forged(kz, parcel(kz, hub), origin="UZ", id=theirs["id"]))
    assert "speaks for KZ alone" in answer.refused[0][1]
    assert ("UZ", theirs["id"]) in {(origin, id_) for origin, id_, _ in hub.stored()}
    uz.adds(indicator())
    give(uz, hub)
    withdraw(hub.world, "UZ", theirs["id"])
    answer = offer(hub, kz, forged(hub, parcel(hub, kz), origin="KZ"))
    assert "takes back itself" in answer.refused[0][1]


def test_a_later_version_for_fewer_takes_the_earlier_one_from_those_who_may_not_have_it() -> None:
    hub, kz, uz = body()
    obj = indicator()
    kz.adds(obj, tlp="green")
    sync(kz, hub)
    sync(hub, uz)
    assert uz.holds() == {obj["id"]}
    kz.adds({**obj, "modified": "2030-01-01T00:00:00.000Z"}, tlp="red", to=("RU",))
    sync(kz, hub)
    sync(hub, uz)
    assert uz.stored() == set() and len(hub.stored()) == 1


def test_a_centre_takes_back_nothing_that_its_origin_signed_without_the_origins_signature() -> None:
    hub, kz, uz = body()
    known(uz, kz)
    obj, other = indicator(), indicator()
    kz.adds(obj, other)
    sync(kz, hub)
    sync(hub, uz)
    withdraw(kz.world, "KZ", other["id"], reason="wrong", cause="recalled")
    give(kz, hub)
    raw = parcel(hub, uz)
    sha = next(row.sha for row in uz.world.store.by_id([obj["id"]])).hex()
    for changes, why in (
        ({"id": obj["id"], "sha256": sha}, "signed something else"),
        ({"id": obj["id"], "sha256": sha, "signed": b""}, "has not signed that it takes it back"),
        ({"reason": "another"}, "signed something else"),
    ):
        answer = offer(
            hub, uz, forged(hub, altered(hub, raw, sequence=next(_numbers), previous=state(uz.world, "sco-centre").last), **changes)
        )
        assert why in answer.refused[0][1]
    assert len(uz.stored()) == 2
    give(hub, uz)
    assert {id_ for _, id_, _ in uz.stored()} == {obj["id"]}


def test_what_its_origins_people_delete_at_the_centre_is_no_longer_given_by_it() -> None:
    hub, kz, uz = body()
    known(uz, kz)
    obj = indicator()
    kz.adds(obj)
    sync(kz, hub)
    sync(hub, uz)
    withdraw(hub.world, "KZ", obj["id"], by="token of KZ")
    assert gone(hub, parcel(hub, uz)) == [(obj["id"], "narrowed", "")]
    give(hub, uz)
    assert uz.stored() == set()


_numbers = itertools.count(100)
