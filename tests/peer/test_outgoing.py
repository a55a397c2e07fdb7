"""What is given to another node, how far, and what its answers mean."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import IntegrityFault, PeerFault
from comity.forms.parcel import ANSWER_TYPE, MOST_BYTES, read_answer, write_answer
from comity.ledger.journal import read_entry
from comity.ledger.keys import LogKey
from comity.peer import outgoing as leaving
from comity.peer import partner as partners
from comity.peer import receipts
from comity.peer.incoming import incoming
from comity.peer.outgoing import outgoing, settled
from comity.peer.signing import opened, seal
from comity.release.desk import Desk
from tests.consortium import indicator
from tests.linked import Node, entries, give, link, parcel, sync


def body() -> tuple[Node, Node, Node]:
    """A centre, KZ and UZ, each with a node that knows who is a member."""
    hub, kz, uz = Node("SCO-CENTRE"), Node("KZ"), Node("UZ")
    for node in (hub, kz, uz):
        node.member("KZ")
        node.member("UZ")
    link(hub, kz, centre="SCO-CENTRE")
    link(hub, uz, centre="SCO-CENTRE")
    return hub, kz, uz


def test_an_object_goes_over_the_centre_to_whom_the_agreement_permits_and_is_in_the_log_first() -> None:
    hub, kz, uz = body()
    seen = [indicator() for _ in range(3)]
    kz.adds(*seen)
    kz.adds(indicator(), to=("RU",))
    sync(kz, hub)
    sync(hub, uz)
    assert uz.holds() == {obj["id"] for obj in seen}
    assert len(hub.stored()) == 4
    given = [entry for leaf in hub.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "disclose"]
    assert [(entry.party, entry.count, entry.agreements) for entry in given] == [("UZ", 3, ("test@1/members",))]


def test_when_nothing_is_new_nothing_is_made_and_nothing_written() -> None:
    hub, kz, uz = body()
    kz.adds(indicator())
    for _ in range(2):
        sync(kz, hub)
        sync(uz, hub)
        for node in (hub, kz, uz):
            node.desk.flush(reads=False)
    before = [(node.world.store.head(), node.world.store.counters(), list(node.world.store.privates("parcels"))) for node in (hub, kz, uz)]
    sync(kz, hub)
    sync(uz, hub)
    for node in (hub, kz, uz):
        node.desk.flush(reads=False)
    after = [(node.world.store.head(), node.world.store.counters(), list(node.world.store.privates("parcels"))) for node in (hub, kz, uz)]
    assert after == before


def test_nothing_comes_back_to_its_origin_nor_to_a_node_that_it_has_passed() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    sync(kz, hub)
    assert outgoing(hub.desk, hub.partners["KZ"], hub.key) is None


def test_a_lost_answer_is_made_up_for_by_the_next() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    first = outgoing(kz.desk, kz.partners["SCO-CENTRE"], kz.key)
    assert first is not None
    incoming(hub.world, hub.partners["KZ"], hub.key, first)
    kz.adds(indicator())
    answers = give(kz, hub)
    assert [answer.applied for answer in answers] == [True] and len(hub.stored()) == 2
    assert [kept.confirmed.receipt.outcome for _, kept in receipts.since(kz.world, 0)] == ["arrived", "arrived"]


def test_receipts_in_an_answer_that_was_lost_are_heard_though_its_node_has_a_new_key_since() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    incoming(hub.world, hub.partners["KZ"], hub.key, parcel(kz, hub))
    before = hub.key
    hub.key = LogKey.generate(before.name)
    kz.knows(hub, centre=True)
    kz.adds(indicator())
    give(kz, hub)
    assert [kept.confirmed.key for _, kept in receipts.since(kz.world, 0)] == [hub.key.verifier.key_id.hex()] * 2


def test_receipts_that_the_others_key_did_not_sign_do_not_count_and_are_in_the_log() -> None:
    hub, kz, uz = body()
    kz.adds(indicator())
    raw = incoming(hub.world, hub.partners["KZ"], hub.key, parcel(kz, hub))
    said = read_answer(opened(raw, ANSWER_TYPE, (hub.key.verifier,), MOST_BYTES))
    forged = msgspec.structs.replace(said, receipts=receipts.under(uz.key, said.receipts))
    assert settled(kz.world, kz.partners["SCO-CENTRE"], seal(ANSWER_TYPE, write_answer(forged), hub.key)).applied
    assert not list(receipts.since(kz.world, 0))
    last = read_entry(list(kz.world.store.leaves())[-1].entry)
    assert last.detail["noticed"] == "receipts that its key did not sign do not count: 1"


def test_a_medium_without_answers_goes_on_from_the_parcel_made_last() -> None:
    hub, kz, _ = body()
    kz.adds(indicator())
    raws = [outgoing(kz.desk, kz.partners["SCO-CENTRE"], kz.key)]
    kz.adds(indicator())
    raws.append(outgoing(kz.desk, kz.partners["SCO-CENTRE"], kz.key, after=partners.state(kz.world, "sco-centre").made))
    for raw in raws:
        assert raw is not None
        incoming(hub.world, hub.partners["KZ"], hub.key, raw)
    assert len(hub.stored()) == 2
    with pytest.raises(PeerFault, match="not remembered"):
        outgoing(kz.desk, kz.partners["SCO-CENTRE"], kz.key, after=9)


def test_an_answer_of_another_node_or_key_moves_nothing() -> None:
    hub, kz, uz = body()
    kz.adds(indicator())
    raw = outgoing(kz.desk, kz.partners["SCO-CENTRE"], kz.key)
    assert raw is not None
    answer = incoming(hub.world, hub.partners["KZ"], hub.key, raw)
    with pytest.raises(IntegrityFault, match="an answer of"):
        settled(uz.world, uz.partners["SCO-CENTRE"], answer)
    forged = incoming(hub.world, hub.partners["KZ"], uz.key, raw)
    with pytest.raises(IntegrityFault, match="none of the keys"):
        settled(kz.world, kz.partners["SCO-CENTRE"], forged)
    assert partners.state(kz.world, "sco-centre").reached == 0


def test_receipts_and_reasons_never_make_a_parcel_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "RECEIPT_BYTES", 32)
    hub, kz, uz = body()
    for _ in range(5):
        kz.adds(indicator())
        give(kz, hub)
        give(hub, uz)
    sizes = []
    for _ in range(5):
        raw = parcel(hub, kz)
        sizes.append(len(entries(hub, raw)))
        settled(hub.world, hub.partners["KZ"], incoming(kz.world, kz.partners["SCO-CENTRE"], kz.key, raw))
        if sum(sizes) == 5:
            break
    assert sum(sizes) == 5 and max(sizes) == 2
    assert outgoing(hub.desk, hub.partners["KZ"], hub.key) is None


def test_a_place_behind_what_is_for_others_is_kept_once() -> None:
    hub, kz, uz = body()
    kz.adds(indicator(), to=("RU",))
    sync(kz, hub)
    hub.member("KZ").submits(indicator(), hops=(uz.node,))
    assert outgoing(hub.desk, hub.partners["UZ"], hub.key) is None
    kept = partners.made(hub.world, "uz", 0)
    assert kept is not None and kept.place.shared > 0
    before = hub.world.store.head(), hub.world.store.counters(), list(hub.world.store.privates("parcels-made"))
    hub.desk = Desk(hub.world)  # as after a restart
    assert outgoing(hub.desk, hub.partners["UZ"], hub.key) is None
    assert (hub.world.store.head(), hub.world.store.counters(), list(hub.world.store.privates("parcels-made"))) == before
    kz.adds(obj := indicator())
    sync(kz, hub)
    sync(hub, uz)
    assert uz.holds() == {obj["id"]}


def test_members_linked_with_each_other_give_what_is_their_own_and_no_word_for_others() -> None:
    hub, kz, uz = body()
    ru = Node("RU")
    for node in (hub, kz, uz, ru):
        node.member("RU")
    link(uz, ru)
    kz.adds(indicator())
    sync(kz, hub)
    sync(hub, uz)
    own = indicator()
    uz.adds(own)
    before = uz.world.store.head().size
    answers = give(uz, ru)
    assert ru.holds() == {own["id"]} and not any(each.refused for each in answers)
    entries = [read_entry(leaf.entry) for leaf in uz.world.store.leaves(before)]
    assert sum(entry.count for entry in entries if entry.party == "RU" and entry.kind in ("disclose", "push")) == 1
