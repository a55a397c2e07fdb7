"""Two hubs and their members in memory, each a node of its own: what goes from one body into the other, through both hubs, and no further."""

from __future__ import annotations

import msgspec
import pytest

from comity import samples
from comity.admin import logbook
from comity.forms.parcel import Given
from comity.forms.sealing_key import OpeningKey, write
from comity.intake.govern import add_agreement, add_key, add_standing
from comity.intake.opening import open_arrived
from comity.intake.withdraw import withdraw
from comity.peer import receipts
from comity.release.holdings import envelope_of
from comity.terms.party import Standing
from tests.consortium import START, Ticking, indicator
from tests.linked import Node, altered, entries, link, offer, parcel, sync

LATER = START.replace(day=2)
SCO, CICA = "SCO-CENTRE", "CICA-SECRETARIAT"
#: Party -> body -> standing. KZ and UZ stand in both, AF is an observer of the SCO and a member of the CICA, KR and TH are of the CICA alone.
STANDINGS = {
    "KZ": {"sco": "member", "cica": "member"},
    "UZ": {"sco": "member", "cica": "member"},
    "AF": {"sco": "observer", "cica": "member"},
    "KR": {"cica": "member"},
    "TH": {"cica": "member"},
    "JP": {"cica": "observer"},
}
SCO_TEXT = """
[agreement]
id = "sco-ict"
version = 1
title = "Members"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "a-1"
text = "Members receive up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
types = ["@threat", "@observables"]
tlp_max = "amber"

[party.SCO-CENTRE]
role = "centre"
"""
CICA_TEXT = """
[agreement]
id = "cica-cbm"
version = 1
title = "Whoever takes part"
body = "cica"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "m-1"
text = "Members and observers receive up to TLP:GREEN."
effect = "permit"
to = { standing = ["member", "observer"] }
types = ["@threat", "@observables"]
tlp_max = "green"

[party.CICA-SECRETARIAT]
role = "centre"
"""
PROTOCOL = samples.read("hub-protocol-sample.toml").decode()


def node(code: str, body: str, protocol: str = PROTOCOL) -> Node:
    made = Node(code, agreement=None, clock=Ticking(LATER), body=body)
    for text in (SCO_TEXT, CICA_TEXT, protocol):
        add_agreement(made.world, text, "text.toml", by="test")
    for party, held in STANDINGS.items():
        for where, standing in held.items():
            add_standing(made.world, Standing(party=party, body=where, standing=standing, since=START.replace(year=2001)), by="test")
    return made


class Bodies:
    """The two hubs and whoever takes part; members of both bodies are linked to both hubs."""

    def __init__(self, protocol: str = PROTOCOL) -> None:
        self.sco, self.cica = node(SCO, "sco", protocol), node(CICA, "cica", protocol)
        link(self.sco, self.cica)
        self.members = {code: node(code, "sco" if "sco" in held else "cica", protocol) for code, held in STANDINGS.items()}
        for code, member in self.members.items():
            for body in STANDINGS[code]:
                link(member, self.hub(body), centre=self.hub(body).code)

    def hub(self, body: str) -> Node:
        return self.sco if body == "sco" else self.cica

    def settle(self) -> None:
        """Everybody talks with everybody it is linked to, three times round."""
        for _ in range(3):
            for code, member in self.members.items():
                for body in STANDINGS[code]:
                    sync(member, self.hub(body))
            sync(self.sco, self.cica)

    def have(self, id_: str) -> set[str]:
        """Whose nodes hold an object that is not their own."""
        return {code for code, member in self.members.items() if id_ in member.holds()}


@pytest.fixture(scope="module")
def bodies() -> Bodies:
    return Bodies()


def test_green_goes_to_members_of_the_other_body_and_amber_stays(bodies: Bodies) -> None:
    green, amber = indicator(), indicator()
    bodies.members["KZ"].adds(green, tlp="green")
    bodies.members["KZ"].adds(amber, tlp="amber")
    bodies.settle()
    # By a-1 UZ, as a member of the SCO. By the protocol the members of the CICA: UZ again, AF, KR and TH. JP, an observer there, is none.
    assert bodies.have(green["id"]) == {"UZ", "AF", "KR", "TH"}
    assert bodies.have(amber["id"]) == {"UZ"}


def test_the_receiving_hub_adds_nobody(bodies: Bodies) -> None:
    found = indicator()
    bodies.members["UZ"].adds(found, tlp="green")
    bodies.settle()
    row = next(row for row in bodies.cica.world.store.by_id([found["id"]]))
    envelope = envelope_of(bodies.cica.desk, row)
    assert envelope.to == ("AF", "KR", "KZ", "TH")  # m-1 would let JP have it, too
    assert envelope.origin == "UZ"
    assert envelope.hops == ("UZ/UZ-sco", "SCO-CENTRE/SCO-CENTRE-sco")
    assert "JP" not in bodies.have(found["id"])


def test_back_the_other_way(bodies: Bodies) -> None:
    found = indicator()
    bodies.members["KR"].adds(found, tlp="green")
    bodies.settle()
    # By m-1 all of the CICA, KZ and UZ with them; by the protocol KZ and UZ once more, as members of the SCO.
    assert bodies.have(found["id"]) == {"KZ", "UZ", "AF", "TH", "JP"}
    kz = bodies.members["KZ"]
    assert [row.origin for row in kz.world.store.by_id([found["id"]])] == ["KR"]


def test_amber_that_names_its_recipients_goes_to_them(bodies: Bodies) -> None:
    found = indicator()
    bodies.members["KZ"].adds(found, tlp="amber", to=("KR", "UZ", "JP"))
    bodies.settle()
    assert bodies.have(found["id"]) == {"KR", "UZ"}  # JP is an observer: no clause gives it AMBER


def test_a_member_of_both_has_it_once_and_both_hubs_say_by_which_agreement(bodies: Bodies) -> None:
    found = indicator()
    bodies.members["KZ"].adds(found, tlp="green")
    bodies.settle()
    uz = bodies.members["UZ"]
    assert len(list(uz.world.store.by_id([found["id"]]))) == 1
    grounds = {
        ground.partition("@")[0]
        for hub in (bodies.sco, bodies.cica)
        for entry in logbook.entries(hub.world, 0, 1 << 40)
        if entry["kind"] == "disclose" and entry["party"] == "UZ"
        for ground in entry["agreements"]
    }
    assert grounds == {"sco-ict", "cica-cbm", "hub-protocol-sample"}


def test_nothing_new_makes_no_parcel_and_writes_nothing(bodies: Bodies) -> None:
    bodies.settle()
    before = [each.world.store.head().size for each in (bodies.sco, bodies.cica, *bodies.members.values())]
    bodies.settle()
    assert [each.world.store.head().size for each in (bodies.sco, bodies.cica, *bodies.members.values())] == before


def test_a_hub_speaks_for_its_own_parties_alone(bodies: Bodies) -> None:
    bodies.members["KZ"].adds(indicator(), tlp="green")
    sync(bodies.members["KZ"], bodies.sco)
    raw = parcel(bodies.sco, bodies.cica)
    (first, *_) = entries(bodies.sco, raw)
    assert isinstance(first, Given)
    forged = altered(bodies.sco, raw, entries=(msgspec.structs.replace(first, origin="KR", vouch=None),))
    answer = offer(bodies.sco, bodies.cica, forged)
    assert [why for _, why in answer.refused] == ["SCO-CENTRE/SCO-CENTRE-sco speaks for parties of sco, and KR is none"]


def test_words_are_read_as_the_protocol_says_and_what_was_signed_stays_beside() -> None:
    stricter = PROTOCOL.replace("[map.sco]\n", '[map.sco]\nhandling = { H0 = "H1" }\npap = { green = "amber" }\n')
    bodies = Bodies(stricter)
    kz, kr = bodies.members["KZ"], bodies.members["KR"]
    found = indicator()
    kz.adds(found, tlp="green", handling=("H0",))
    bodies.settle()
    (row,) = kr.world.store.by_id([found["id"]])
    assert envelope_of(kr.desk, row).handling == ("H0", "H1")
    assert {envelope_of(bodies.sco.desk, each).handling for each in bodies.sco.world.store.by_id([found["id"]])} == {("H0",)}


def test_what_its_origin_takes_back_goes_from_every_node_and_each_says_so() -> None:
    bodies = Bodies()
    found, kr = indicator(), bodies.members["KR"]
    kr.adds(found, tlp="green")
    bodies.settle()
    assert bodies.have(found["id"]) == {"KZ", "UZ", "AF", "TH", "JP"}
    withdraw(kr.world, "KR", found["id"], reason="a mistake", cause="recalled")
    bodies.settle()
    assert bodies.have(found["id"]) == set()
    answered = {each.confirmed.receipt.party for _, each in receipts.since(kr.world, 0) if each.confirmed.receipt.outcome == "deleted"}
    assert {"KZ", "UZ", "AF", "TH", "JP"} <= answered


def suspend(bodies: Bodies, party: str, body: str) -> None:
    """Both hubs learn of it."""
    for hub in (bodies.sco, bodies.cica):
        add_standing(hub.world, Standing(party=party, body=body, standing="suspended", since=hub.clock.at), by="test")


def test_who_is_suspended_in_either_body_loses_what_crossed_and_nobody_gets_what_it_shares() -> None:
    bodies = Bodies()
    found, later = indicator(), indicator()
    bodies.members["KZ"].adds(found, tlp="green")
    bodies.settle()
    assert bodies.have(found["id"]) == {"UZ", "AF", "KR", "TH"}
    suspend(bodies, "TH", "cica")
    bodies.settle()
    assert bodies.have(found["id"]) == {"UZ", "AF", "KR"}
    suspend(bodies, "KZ", "sco")
    bodies.members["KZ"].adds(later, tlp="green")
    bodies.settle()
    assert bodies.have(found["id"]) == set()
    assert bodies.have(later["id"]) == set()


@pytest.mark.parametrize(
    ("said", "tlp", "handling"),
    [
        ({"tlp": "restricted"}, "amber+strict", ()),
        ({"handling": ("no-court",)}, "green", ("H1",)),
        ({"tlp": "secret"}, "red", ()),
        ({"handling": ("burn-it",)}, "green", ("H1", "H2", "H3")),
        ({"purposes": ("confidence-building", "network-defence", "gossip")}, "green", ()),
    ],
)
def test_words_of_the_other_body_mean_what_the_map_says_and_unknown_ones_the_strictest(
    said: dict[str, object], tlp: str, handling: tuple[str, ...]
) -> None:
    bodies = Bodies()
    found = indicator()
    bodies.members["KR"].adds(found, tlp="green")
    sync(bodies.members["KR"], bodies.cica)
    raw = parcel(bodies.cica, bodies.sco)
    (entry,) = (each for each in entries(bodies.cica, raw) if isinstance(each, Given))
    foreign = msgspec.structs.replace(entry, said=msgspec.structs.replace(entry.said, **said), vouch=None)
    assert offer(bodies.cica, bodies.sco, altered(bodies.cica, raw, entries=(foreign,))).applied
    (row,) = bodies.sco.world.store.by_id([found["id"]])
    envelope = envelope_of(bodies.sco.desk, row)
    assert (envelope.tlp, envelope.handling, envelope.purposes) == (tlp, handling, ("network-defence",))


def test_an_object_for_a_purpose_that_nobody_knows_is_not_taken() -> None:
    bodies = Bodies()
    bodies.members["KR"].adds(indicator(), tlp="green")
    sync(bodies.members["KR"], bodies.cica)
    raw = parcel(bodies.cica, bodies.sco)
    (entry,) = (each for each in entries(bodies.cica, raw) if isinstance(each, Given))
    foreign = msgspec.structs.replace(entry, said=msgspec.structs.replace(entry.said, purposes=("gossip",)), vouch=None)
    (refused,) = offer(bodies.cica, bodies.sco, altered(bodies.cica, raw, entries=(foreign,))).refused
    assert "purpose" in refused[1]


def test_who_joins_or_leaves_the_other_body_later_gets_or_loses_what_had_crossed() -> None:
    bodies = Bodies()
    found = indicator()
    bodies.members["KZ"].adds(found, tlp="green")
    bodies.settle()
    assert bodies.have(found["id"]) == {"UZ", "AF", "KR", "TH"}  # JP is an observer of the CICA
    for each in (bodies.sco, bodies.cica):
        add_standing(each.world, Standing(party="JP", body="cica", standing="member", since=each.clock.at), by="test")
    bodies.settle()
    assert bodies.have(found["id"]) == {"UZ", "AF", "KR", "TH", "JP"}
    (row,) = bodies.cica.world.store.by_id([found["id"]])
    assert envelope_of(bodies.cica.desk, row).to == ("AF", "JP", "KR", "TH", "UZ")
    for each in (bodies.sco, bodies.cica):
        add_standing(each.world, Standing(party="TH", body="cica", standing="withdrawn", since=each.clock.at), by="test")
    bodies.settle()
    assert bodies.have(found["id"]) == {"UZ", "AF", "KR", "JP"}
    (row,) = bodies.cica.world.store.by_id([found["id"]])
    assert envelope_of(bodies.cica.desk, row).to == ("AF", "JP", "KR", "UZ")
    before = [each.world.store.head().size for each in (bodies.sco, bodies.cica, *bodies.members.values())]
    bodies.settle()
    assert [each.world.store.head().size for each in (bodies.sco, bodies.cica, *bodies.members.values())] == before


def test_what_is_sealed_crosses_both_hubs_and_neither_can_read_it() -> None:
    bodies = Bodies(PROTOCOL.replace('tlp_max = "amber"', 'tlp_max = "red"'))
    key = OpeningKey("comity.example/cica/KR/KR-cica/sealing", b"KR" * 16)
    add_key(bodies.members["KZ"].world, "KR", write(key.public), by="test")
    secret = indicator(pattern="[domain-name:value = 'secret.example']")
    bodies.members["KZ"].adds(secret, tlp="red", to=("KR",))
    bodies.settle()
    for hub in (bodies.sco, bodies.cica, bodies.members["TH"]):
        held = [row.item for row in hub.world.store.recent(1_000)]
        assert b"secret.example" not in b"".join(hub.world.store.bodies(held).values())
    (opened,) = open_arrived(bodies.members["KR"].world, lambda: (key,))
    assert (opened.outcome, opened.id) == ("accepted", secret["id"])
    assert bodies.have(secret["id"]) == {"KR"}
