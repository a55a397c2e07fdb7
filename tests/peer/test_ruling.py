"""Rules over links, between nodes in memory."""

from __future__ import annotations

import json

import msgspec
import pytest

from comity import registry
from comity.clock import parse
from comity.forms.parcel import Governed
from comity.intake.contacting import set_contact
from comity.intake.deeds import deed, opened, record, sign
from comity.intake.govern import add_key, add_standing
from comity.intake.registering import take as take_records
from comity.ledger.keys import LogKey, write_verifier
from comity.ledger.note import Note, cosign
from comity.peer import enrol
from comity.peer.incoming import incoming
from comity.peer.outgoing import outgoing, settled
from comity.peer.partner import Place
from comity.peer.ruling import fill, take, text_of
from comity.terms.party import Standing
from comity.terms.registry import Dispute, Entries
from tests.consortium import START
from tests.linked import Node, give, link, offer

BODY, OTHER = LogKey.generate("comity.example/sco/body"), LogKey.generate("comity.example/sco/body")


class Met:
    """A centre that makes the rules, and KZ, which pinned its key and has no rules of its own."""

    def __init__(self, *, pinned: LogKey | None = BODY) -> None:
        self.centre, self.kz = Node("SCO-CENTRE"), Node("KZ", None)
        self.centre.member("KZ")
        link(self.kz, self.centre, centre="SCO-CENTRE")
        if pinned:
            with self.kz.world.store.write() as tx:
                enrol.pin_rules(self.kz.world, tx, "sco", write_verifier(pinned.verifier), "test")

    def gives(self):
        raw = outgoing(self.centre.desk, self.centre.partners["KZ"], self.centre.key, rules=BODY)
        assert raw is not None
        answer = incoming(self.kz.world, self.kz.partners["SCO-CENTRE"], self.kz.key, raw)
        return settled(self.centre.world, self.centre.partners["KZ"], answer)

    def standing(self, party: str = "KZ") -> str | None:
        return self.kz.world.rulebook.current()[1].register.standing(party, "sco", START)


def test_a_member_has_the_rules_of_its_body():
    met = Met()
    assert met.gives().refused == ()
    assert met.standing() == "member"
    assert [each.ref for each in met.kz.world.rulebook.current()[1].agreements] == ["test@1"]


def test_a_suspension_follows():
    met = Met()
    met.gives()
    met.centre.member("UZ")
    add_standing(met.centre.world, Standing(party="UZ", body="sco", standing="suspended", since=parse("2021-10-01")), by="test")
    assert met.gives().refused == ()
    assert met.standing("UZ") == "suspended"


@pytest.mark.parametrize("pinned", [None, OTHER])
def test_who_did_not_pin_the_key_takes_no_rules(pinned):
    met = Met(pinned=pinned)
    answer = met.gives()
    assert answer.applied
    assert len(answer.refused) == 2
    assert met.standing() is None


def test_a_member_makes_no_rules():
    met = Met()
    met.gives()
    raw = next(iter(_rules(met)))
    forged = Governed(object=raw, note=cosign(Note(text=text_of("sco", raw), signatures=()), OTHER))
    uz = Node("UZ")
    met.kz.knows(uz)
    assert "none of the given keys" in take(met.kz.world, met.kz.partners["UZ"], [(0, forged)])[0][1]
    assert "no key is known here" in take(met.centre.world, met.centre.partners["KZ"], [(3, forged)])[0][1]


def test_a_signature_is_for_one_rule_of_one_body():
    met = Met()
    one, two = _rules(met)
    for text in (text_of("sco", two), text_of("cica", one), "x\n"):
        entry = Governed(object=one, note=cosign(Note(text=text, signatures=()), BODY))
        assert take(met.kz.world, met.kz.partners["SCO-CENTRE"], [(0, entry)]) == [(0, "the signature is about another rule")]


def test_without_the_key_none_are_given():
    met = Met()
    entries: list = []
    partner = met.centre.partners["KZ"]
    assert fill(met.centre.desk, partner, entries, Place(), 10, None) == (Place(), False)
    place, more = fill(met.centre.desk, partner, entries, Place(), 1, BODY)
    assert (len(entries), more) == (1, True)
    assert fill(met.centre.desk, partner, entries, place, 1, BODY) == (place, True)
    assert outgoing(met.centre.desk, partner, met.centre.key) is None


@pytest.fixture
def signed():
    """KZ has signed the agreement on its own node; its centre knows its key."""
    met, key = Met(), LogKey.generate("comity.example/sco/KZ/KZ-sco/acts")
    met.gives()
    record(met.kz.world, deed(met.kz.world, "test", "sign", party="KZ", on=parse("2021-02-01")), "officer", key)
    add_key(met.centre.world, "KZ", write_verifier(key.verifier), by="test")
    return met


def acts(node: Node) -> list[tuple[str, bool]]:
    return [(each.party, each.signed) for each in node.world.rulebook.current()[1].deeds]


def test_what_a_party_signed_goes_to_its_centre_and_on_to_all(signed):
    assert give(signed.kz, signed.centre)[0].refused == ()
    assert acts(signed.centre) == [("KZ", True)]
    assert give(signed.kz, signed.centre) == []
    uz = Node("UZ", None)
    signed.centre.member("UZ")
    link(uz, signed.centre, centre="SCO-CENTRE")
    with uz.world.store.write() as tx:
        enrol.pin_rules(uz.world, tx, "sco", write_verifier(BODY.verifier), "test")
    raw = outgoing(signed.centre.desk, signed.centre.partners["UZ"], signed.centre.key, rules=BODY)
    assert raw is not None
    assert offer(signed.centre, uz, raw).refused == ()
    assert acts(uz) == [("KZ", True)]


def test_an_act_counts_by_its_partys_signature_alone(signed):
    entries: list = []
    fill(signed.kz.desk, signed.kz.partners["SCO-CENTRE"], entries, Place(), 10, None)
    (entry,) = entries
    obj = json.loads(entry.object)
    bare = {key: value for key, value in obj.items() if key != "note"}
    partner, world = signed.centre.partners["KZ"], signed.centre.world
    other = LogKey.generate("comity.example/sco/KZ/KZ-sco/acts")
    forged = sign(msgspec.structs.replace(opened(entry.note)), other)
    for changed in (
        Governed(object=json.dumps(bare).encode(), note=entry.note),
        Governed(object=json.dumps({**bare, "text": obj["text"]}).encode(), note=forged),
        Governed(object=json.dumps({**obj, "note": forged.decode()}).encode(), note=forged),
        Governed(object=json.dumps({**obj, "note": "x"}).encode(), note=b"x"),
    ):
        assert len(take(world, partner, [(0, changed)])) == 1
    uz = Node("UZ")
    signed.centre.knows(uz)
    assert len(take(world, signed.centre.partners["UZ"], [(0, entry)])) == 1  # of another party than the sender's
    assert acts(signed.centre) == []
    assert take(world, partner, [(0, entry)]) == []
    assert acts(signed.centre) == [("KZ", True)]


def _rules(met: Met) -> list[bytes]:
    entries: list = []
    fill(met.centre.desk, met.centre.partners["KZ"], entries, Place(), 10, BODY)
    return [each.object for each in entries]


def test_the_other_records_of_the_register_follow_for_whoever_may_read_it():
    met = Met()
    met.gives()
    take_records(met.centre.world, Entries(disputes=(Dispute(about="who took part", body="sco", positions=()),)), by="test")
    met.centre.member("UZ")
    set_contact(met.centre.world, "UZ", {"team": "CERT of UZ"}, by="test")
    assert met.gives().refused == ()
    assert [each.about for each in registry.disputes(met.kz.world.store)] == ["who took part"]
    assert registry.contacts(met.kz.world.store)["UZ"].team == "CERT of UZ"
    assert outgoing(met.centre.desk, met.centre.partners["KZ"], met.centre.key, rules=BODY) is None
    add_standing(met.centre.world, Standing(party="KZ", body="sco", standing="suspended", since=met.centre.clock()), by="test")
    set_contact(met.centre.world, "UZ", {"mail": "cert@uz.example"}, by="test")
    met.gives()
    assert registry.contacts(met.kz.world.store)["UZ"].mail == ""
    add_standing(met.centre.world, Standing(party="KZ", body="sco", standing="member", since=met.centre.clock()), by="test")
    met.gives()
    assert registry.contacts(met.kz.world.store)["UZ"].mail == "cert@uz.example"
