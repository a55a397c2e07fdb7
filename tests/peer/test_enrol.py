from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.errors import Conflict, IntegrityFault, NotAuthenticated, SenderFault
from comity.ledger.keys import LogKey, write_verifier
from comity.peer import book, enrol, media
from comity.peer.identity import open_identity, sign
from tests.peer.linking import URL, Node, linked


def admit(host: Node, guest: Node, text: str):
    return enrol.admit(host.world, guest.hello(text), guest.own.identity)


def test_both_nodes_know_each_other(tmp_path):
    centre, kz = linked(tmp_path)
    there, here = book.peer(centre.world, "kz"), book.peer(kz.world, "centre")
    assert enrol.known(there) == kz.own.identity
    assert enrol.known(here) == centre.own.identity
    assert (there.url, here.url) == ("", URL)
    assert (there.party, here.party) == ("KZ", "SCO-CENTRE")
    for node, other in ((centre, kz), (kz, centre)):
        entry = node.log()[-1]
        assert (entry.kind, entry.party, entry.detail["key"]) == ("peer", other.own.identity.party, other.own.identity.key_id)


def test_an_invitation_is_for_one_party(tmp_path):
    centre, kz, uz = (Node(tmp_path / name, name) for name in ("SCO-CENTRE", "KZ", "UZ"))
    text = centre.invites("KZ")
    with pytest.raises(SenderFault, match="for KZ"):
        uz.joins(text, centre)
    with pytest.raises(NotAuthenticated):
        admit(centre, uz, text)
    assert centre.log()[-1].detail["refused"] == "it is for KZ"
    assert admit(centre, kz, text).name == "kz"


def test_an_invitation_is_good_once(tmp_path):
    centre, kz, thief = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ"), Node(tmp_path / "t", "KZ")
    text = centre.invites("KZ")
    kz.joins(text, centre)
    with pytest.raises(NotAuthenticated):
        admit(centre, thief, text)
    assert centre.log()[-1].detail["refused"] == "used by another key"
    assert [each.name for each in book.peers(centre.world)] == ["kz"]


def test_there_is_one_link_to_a_node(tmp_path):
    centre, kz = linked(tmp_path)
    text = centre.invites("KZ", name="second")
    with pytest.raises(Conflict, match="is that node already"):
        kz.joins(text, centre, "second")
    with pytest.raises(NotAuthenticated):
        admit(centre, kz, text)
    assert centre.log()[-1].detail["refused"] == "there is a link to that node"


def test_an_answer_that_was_lost_is_given_again_to_the_same_node(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    text = centre.invites("KZ")
    first = admit(centre, kz, text)
    before = len(centre.log())
    assert admit(centre, kz, text) == first
    assert len(centre.log()) == before


def test_an_invitation_expires(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    text = centre.invites("KZ", hours=1)
    later = centre.world.clock() + timedelta(hours=1)
    object.__setattr__(centre.world, "clock", lambda: later)
    with pytest.raises(NotAuthenticated):
        kz.joins(text, centre)
    assert book.peers(centre.world) == []


def test_a_guess_finds_nothing(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    hello = msgspec.structs.replace(kz.hello(centre.invites("KZ")), secret="g" * 43)
    before = len(centre.log())
    with pytest.raises(NotAuthenticated):
        enrol.admit(centre.world, hello, kz.own.identity)
    assert len(centre.log()) == before


def test_names_are_not_taken_twice(tmp_path):
    centre, kz = linked(tmp_path)
    with pytest.raises(Conflict):
        centre.invites("KZ")
    text = centre.invites("KZ", name="kz-2")
    with pytest.raises(Conflict):
        kz.joins(text, centre, "centre")
    with pytest.raises(SenderFault, match="wrote the invitation itself"):
        centre.joins(centre.invites("SCO-CENTRE", name="self"), centre)


def test_the_key_of_a_bodys_rules_is_pinned_once(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    rules, other = (write_verifier(LogKey.generate(f"sco/body-{n}").verifier) for n in (1, 2))
    kz.joins(centre.invites("KZ", rules=rules), centre, "one")
    assert enrol.rules_key(kz.world, "sco") == rules
    assert book.peer(kz.world, "one").centre
    second = Node(tmp_path / "second", "SCO-HUB")
    with pytest.raises(Conflict, match="another key"):
        kz.joins(second.invites("KZ", rules=other), second, "two")
    assert enrol.rules_key(kz.world, "sco") == rules
    assert enrol.rules_key(kz.world, "cica") == ""


def test_a_centre_says_to_all_by_which_key_an_invited_node_signs(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    rules = write_verifier(LogKey.generate("sco/body").verifier)
    text = centre.invites("KZ", rules=rules)
    kz.joins(text, centre)
    book_of = centre.world.rulebook
    assert book_of.parcel_keys("KZ") == [kz.own.parcels.verifier]
    assert book_of.keys("KZ") == []  # it signs no acts
    admit(centre, kz, text)
    first = kz.own.parcels.verifier
    enrol.turn(centre.world, kz.keys.rotate(parcels=True).note)
    assert book_of.parcel_keys("KZ") == [kz.own.parcels.verifier] != [first]
    enrol.revoke(centre.world, "kz", "stolen")
    assert book_of.parcel_keys("KZ") == []


def test_who_makes_no_rules_enters_no_keys(tmp_path):
    centre, kz = linked(tmp_path)
    enrol.turn(centre.world, kz.keys.rotate(parcels=True).note)
    enrol.revoke(centre.world, "kz", "stolen")
    assert centre.world.rulebook.party_keys() == []


def test_the_next_keys_take_the_place_of_those_before(tmp_path):
    centre, kz = linked(tmp_path)
    before = kz.own.identity
    note = kz.keys.rotate().note
    assert enrol.known(enrol.turn(centre.world, note)) == kz.own.identity != before
    entry = centre.log()[-1]
    assert (entry.detail["before"], entry.detail["key"]) == (before.key_id, kz.own.identity.key_id)
    size = len(centre.log())
    enrol.turn(centre.world, note)
    assert len(centre.log()) == size


def test_keys_are_had_by_all_once_every_link_or_its_bundles_said_so(tmp_path):
    _, kz = linked(tmp_path)
    assert enrol.had_by_all(kz.world, 3) == 0
    enrol.told(kz.world, book.peer(kz.world, "centre"), 2)
    assert enrol.had_by_all(kz.world, 3) == 2
    uz = Node(tmp_path / "uz", "UZ")
    enrol.link_by_hand(kz.world, uz.own.note)
    assert enrol.had_by_all(kz.world, 3) == 0
    media.change(kz.world, "uz", lambda now: msgspec.structs.replace(now, turn=1))
    assert enrol.had_by_all(kz.world, 3) == 1
    enrol.revoke(kz.world, "uz", "gone")
    enrol.revoke(kz.world, "centre", "gone")
    assert enrol.had_by_all(kz.world, 3) == 3


def test_nobody_else_can_turn_a_nodes_keys(tmp_path):
    centre, kz = linked(tmp_path)
    forged = Node(tmp_path / "forged", "KZ")
    forged.own  # noqa: B018
    with pytest.raises(IntegrityFault):
        enrol.turn(centre.world, forged.keys.rotate().note)
    alone = sign(forged.own.identity, forged.own.requests)
    with pytest.raises(IntegrityFault):
        enrol.turn(centre.world, alone)
    assert enrol.known(book.peer(centre.world, "kz")) == kz.own.identity
    stranger = Node(tmp_path / "uz", "UZ")
    with pytest.raises(NotAuthenticated):
        enrol.turn(centre.world, stranger.own.note)


def test_nobody_has_another_nodes_keys_in_its_name(tmp_path):
    centre, kz = linked(tmp_path)
    uz = Node(tmp_path / "uz", "UZ")
    text = centre.invites("UZ")
    uz.joins(text, centre)
    admit(centre, uz, text)
    stolen = msgspec.structs.replace(uz.own.identity, turn=1, tls=kz.own.identity.tls)
    with pytest.raises(NotAuthenticated, match="another node's"):
        enrol.turn(centre.world, sign(stolen, uz.own.requests, uz.own.parcels))
    stolen = msgspec.structs.replace(uz.own.identity, turn=1, parcels=kz.own.identity.parcels)
    with pytest.raises(IntegrityFault):
        enrol.turn(centre.world, sign(stolen, uz.own.requests, uz.own.parcels))
    enrol.revoke(centre.world, "uz", "hostile")
    assert enrol.known(enrol.turn(centre.world, kz.keys.rotate().note)) == kz.own.identity


def test_keys_that_were_turned_do_not_come_back(tmp_path):
    centre, kz = linked(tmp_path)
    first = kz.own.note
    enrol.turn(centre.world, kz.keys.rotate().note)
    with pytest.raises(IntegrityFault):
        enrol.turn(centre.world, first)


def test_a_revoked_link_is_over_until_a_new_invitation_with_new_keys(tmp_path):
    centre, kz = linked(tmp_path)
    waiting = centre.invites("KZ", name="other")
    enrol.revoke(centre.world, "kz", "the laptop was stolen")
    kept = book.peer(centre.world, "kz")
    assert kept.ended and kept.why == "the laptop was stolen"
    assert centre.log()[-1].detail["revoked"] == "the laptop was stolen"
    with pytest.raises(NotAuthenticated):
        admit(centre, kz, waiting)
    with pytest.raises(NotAuthenticated):
        enrol.turn(centre.world, kz.keys.rotate().note)
    with pytest.raises(Conflict):
        enrol.revoke(centre.world, "kz", "again")
    again = Node(tmp_path / "again", "KZ")
    text = centre.invites("KZ")
    assert admit(centre, again, text).ended == ""


def test_a_revoked_key_is_not_linked_again(tmp_path):
    centre, kz = linked(tmp_path)
    enrol.revoke(centre.world, "kz", "stolen")
    with pytest.raises(NotAuthenticated):
        admit(centre, kz, centre.invites("KZ"))
    assert centre.log()[-1].detail["refused"] == "one of its keys was revoked"


def test_only_links_to_nodes_are_revoked(tmp_path):
    centre, _ = linked(tmp_path)
    book.add_peer(centre.world, book.Peer(name="x", party="UZ", url="https://x.example/", user="", token=""))
    with pytest.raises(SenderFault):
        enrol.revoke(centre.world, "x", "")


def test_which_keys_the_other_has_is_noted_when_it_changes(tmp_path):
    centre, _ = linked(tmp_path)
    size = len(centre.log())
    enrol.told(centre.world, book.peer(centre.world, "kz"), 3)
    assert book.peer(centre.world, "kz").turn == 3
    assert len(centre.log()) == size


def test_a_record_that_was_tampered_with_is_no_identity(tmp_path):
    centre, kz = linked(tmp_path)
    link = book.peer(centre.world, "kz")
    assert open_identity(kz.own.note) == enrol.known(link)
    with pytest.raises(IntegrityFault):
        enrol.known(msgspec.structs.replace(link, node=link.node[:-9]))
