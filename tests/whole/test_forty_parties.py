"""One GREEN and one AMBER item to forty parties: the delivered sets, worked out by hand from the texts below, with the reasoning.

The forty are all who stand in the CICA on 2021-11-01: 27 members, 8 observer states, 5 observer organisations. Eight of the members are the
members of the SCO, and AF, BY, IR and MN are its observers (BY is an observer of both; the others are members of the CICA). KZ, a member of
both, shares at the hub of the SCO; KR, of the CICA alone, shares at the hub of the CICA. Nothing here is worked out by `agree`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from comity.agree.decide import Question, decide
from comity.intake.govern import add_agreement, add_standing
from comity.intake.withdraw import withdraw
from comity.release.sight import Reader
from comity.terms.party import Standing
from comity.terms.traits import Traits
from tests.consortium import Member, Ticking, indicator, sdo
from tests.linked import Node, give, link

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "parties.json"
MORNING = datetime(2021, 11, 1, 9, tzinfo=UTC)


def codes(text: str) -> set[str]:
    return set(text.split())


SCO_MEMBERS = codes("CN IN KG KZ PK RU TJ UZ")
SCO_OBSERVERS = codes("AF BY IR MN")
#: Dialogue partners of the SCO, for whom no clause below says anything.
SCO_PARTNERS = codes("AM AZ KH LK NP TR")
CICA_MEMBERS = codes("AE AF AZ BD BH CN EG IL IN IQ IR JO KG KH KR KZ LK MN PK PS QA RU TH TJ TR UZ VN")
CICA_OBSERVERS = codes("BY ID JP LA MY PH UA US IOM LAS OSCE TURKPA UN")
FORTY = CICA_MEMBERS | CICA_OBSERVERS

SCO = """
[agreement]
id = "sco"
version = 1
title = "Between members and observers of the SCO"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "s-1"
text = "Members receive from members threat objects and observables up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["@threat", "@observables"]
tlp_max = "amber"
onward = "parties"

[[clause]]
id = "s-2"
text = "Observers receive from members indicators and observables up to TLP:GREEN, and pass nothing on."
effect = "permit"
to = { standing = ["observer"] }
from = { standing = ["member"] }
types = ["indicator", "@observables"]
tlp_max = "green"

[party.SCO-CENTRE]
role = "centre"
"""
CICA = """
[agreement]
id = "cica"
version = 1
title = "Among those who take part in the CICA"
body = "cica"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "m-1"
text = "Members and observers receive from members threat objects and observables up to TLP:GREEN."
effect = "permit"
to = { standing = ["member", "observer"] }
from = { standing = ["member"] }
types = ["@threat", "@observables"]
tlp_max = "green"
onward = "parties"

[[clause]]
id = "m-2"
text = "Members receive from members threat objects and observables up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["@threat", "@observables"]
tlp_max = "amber"
onward = "parties"

[party.CICA-CENTRE]
role = "centre"
"""
PROTOCOL = """
[agreement]
id = "hubs"
version = 1
title = "Between the two hubs"
kind = "protocol"
bodies = ["sco", "cica"]
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "p-1"
text = "Members of the one receive from members of the other indicators up to TLP:GREEN."
effect = "permit"
to = { standing = ["member"], body = ["sco", "cica"] }
from = { standing = ["member"], body = ["sco", "cica"] }
types = ["indicator"]
tlp_max = "green"
onward = "parties"

[[clause]]
id = "p-2"
text = "Members of the one receive from members of the other indicators up to TLP:AMBER, above TLP:GREEN only such as name them."
effect = "permit"
to = { standing = ["member"], body = ["sco", "cica"] }
from = { standing = ["member"], body = ["sco", "cica"] }
types = ["indicator"]
tlp_max = "amber"
onward = "parties"

[party.SCO-CENTRE]
role = "centre"

[party.CICA-CENTRE]
role = "centre"
"""
#: (party, body, standing), as facts.
STANDINGS = [
    *((party, "sco", "member") for party in SCO_MEMBERS),
    *((party, "sco", "observer") for party in SCO_OBSERVERS),
    *((party, "sco", "dialogue-partner") for party in SCO_PARTNERS),
    *((party, "cica", "member") for party in CICA_MEMBERS),
    *((party, "cica", "observer") for party in CICA_OBSERVERS),
]


def hub(code: str, body: str) -> Node:
    made = Node(code, agreement=None, clock=Ticking(MORNING), body=body)
    for text in (SCO, CICA, PROTOCOL):
        add_agreement(made.world, text, "text.toml", by="test")
    for party, where, standing in STANDINGS:
        add_standing(made.world, Standing(party=party, body=where, standing=standing, since=datetime(2001, 6, 15, tzinfo=UTC)), by="test")
    return made


class Hubs:
    """The two hubs with a link between them; parties poll the hubs of the bodies in which they stand."""

    def __init__(self) -> None:
        self.sco, self.cica = hub("SCO-CENTRE", "sco"), hub("CICA-CENTRE", "cica")
        link(self.sco, self.cica)

    def delivered(self, origin: str, tlp: str, to: tuple[str, ...] | None = None) -> set[str]:
        """Who of the forty has an indicator that its origin shared so: KZ at the hub of the SCO, KR at that of the CICA."""
        home = self.sco if origin == "KZ" else self.cica
        obj = indicator()
        (outcome,) = Member(home, origin).submits(obj, tlp=tlp, to=to)
        assert outcome.outcome == "accepted"
        give(self.sco, self.cica)
        give(self.cica, self.sco)
        readers = [(self.sco, party) for party, body, _ in STANDINGS if body == "sco"]
        readers += [(self.cica, party) for party, body, _ in STANDINGS if body == "cica"]
        return {party for at, party in readers if party in FORTY - {origin} and obj["id"] in self.reads(at, party)}

    def reads(self, at: Node, party: str) -> list[str]:
        member = Member(at, party)
        member.reader = Reader(party=party, body=at.world.settings.body, purposes=("network-defence",))
        return member.reads()


@pytest.fixture(scope="module")
def hubs() -> Hubs:
    return Hubs()


EVERYBODY = tuple(sorted(FORTY))


@pytest.mark.parametrize(
    ("origin", "tlp", "to", "delivered"),
    [
        # GREEN, to whomever the texts let have it. By s-1 the seven other members of the SCO, by s-2 its observers AF, BY, IR and MN. Across go,
        # by p-1, the other 26 members of the CICA: with the seven again, and AF, IR and MN, who are members there. The other observers of
        # the CICA are in no clause across, and m-1, which would let them have it, decides only among those named. 26 members and BY.
        ("KZ", "green", None, CICA_MEMBERS - {"KZ"} | {"BY"}),
        # The same with all forty named: naming gives nobody a right.
        ("KZ", "green", EVERYBODY, CICA_MEMBERS - {"KZ"} | {"BY"}),
        # AMBER that names nobody: s-1 gives it to the seven. Nothing above GREEN goes across by itself (G10), though p-2 goes up to AMBER.
        ("KZ", "amber", None, SCO_MEMBERS - {"KZ"}),
        # AMBER that names all forty: by s-1 the seven; across, by p-2, the 26 members of the CICA. BY, JP and the others: no clause.
        ("KZ", "amber", EVERYBODY, CICA_MEMBERS - {"KZ"}),
        # AMBER that names five. UZ by s-1; KR and IR, members of the CICA, by p-2 (as an observer of the SCO, IR would not: s-2 ends at GREEN);
        # JP and BY, observers of the CICA, by nothing.
        ("KZ", "amber", ("BY", "IR", "JP", "KR", "UZ"), {"UZ", "KR", "IR"}),
        # RED names its recipients, and yet no clause goes up to it.
        ("KZ", "red", EVERYBODY, set()),
        # From KR, of the CICA alone. GREEN: by m-1 all other 39. Across, by p-1, the members of the SCO, who have it already.
        ("KR", "green", None, FORTY - {"KR"}),
        # AMBER: by m-2 the 26 other members; nothing goes across.
        ("KR", "amber", None, CICA_MEMBERS - {"KR"}),
        # AMBER to a member of the SCO by name: by m-2 at its own hub, and by p-2 at the other. JP, named too, is an observer.
        ("KR", "amber", ("UZ", "JP"), {"UZ"}),
    ],
)
def test_who_is_delivered_what(hubs: Hubs, origin: str, tlp: str, to: tuple[str, ...] | None, delivered: set[str]) -> None:
    assert hubs.delivered(origin, tlp, to) == delivered


#: KZ's GREEN indicator, passed on by one that has it, to whom of the forty, in which body.
PASSED_ON = [
    # UZ has it in the SCO by s-1 and by p-1 and p-2 (it is a member of the CICA too), so both agreements have to reach the next. The six other members, and AF, IR and MN. BY is in no clause of the protocol.
    ("UZ", "sco", "green", SCO_MEMBERS - {"KZ", "UZ"} | {"AF", "IR", "MN"}),
    # In the CICA it has it by m-1, m-2, p-1 and p-2: members, not observers, whom the protocol does not reach.
    ("UZ", "cica", "green", CICA_MEMBERS - {"KZ", "UZ"}),
    # IR has it in the SCO by s-2, which lets it pass nothing on, and by p-1: both would have to.
    ("IR", "sco", "green", set()),
    # JP was given nothing of KZ's across, but by m-1 KZ itself would give it in the CICA: what it holds it holds by that, and passes on to all.
    ("JP", "cica", "green", FORTY - {"KZ", "JP"}),
    # AMBER goes on nowhere by itself, whatever the clauses say (G10).
    ("UZ", "sco", "amber", set()),
    ("UZ", "cica", "amber", set()),
]


@pytest.mark.parametrize(("holder", "body", "tlp", "onward"), PASSED_ON)
def test_to_whom_a_recipient_may_pass_it_on(hubs: Hubs, holder: str, body: str, tlp: str, onward: set[str]) -> None:
    _, rules = hubs.sco.world.rulebook.current()
    traits = Traits(type="indicator", origin="KZ", received_from="SCO-CENTRE", purposes=("network-defence",), tlp=tlp)
    found = set()
    for party in FORTY - {"KZ", holder}:
        question = Question(recipient=party, body=body, purposes=("network-defence",), holder=holder, valid_at=MORNING)
        if decide(question, traits, rules).permits:
            found.add(party)
    assert found == onward


@pytest.mark.parametrize("handling", ["H1", "H2", "H3"])
def test_nothing_with_a_handling_code_goes_on_or_across_by_itself(hubs: Hubs, handling: str) -> None:
    _, rules = hubs.sco.world.rulebook.current()
    traits = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="green", handling=(handling,))
    for party in FORTY - {"KZ", "UZ"}:
        for asked in ({"holder": "UZ"}, {"holder": "SCO-CENTRE", "across": "cica"}):
            question = Question(recipient=party, body="sco", purposes=("network-defence",), valid_at=MORNING, **asked)
            assert not decide(question, traits, rules).permits


def test_there_are_forty_and_eight_stand_in_both() -> None:
    assert (len(FORTY), len(CICA_MEMBERS), len(CICA_OBSERVERS), len(SCO_MEMBERS)) == (40, 27, 13, 8)
    assert SCO_MEMBERS <= CICA_MEMBERS
    assert {"BY"} == SCO_OBSERVERS - CICA_MEMBERS


#: When IR became a member of the SCO: the very instant from which it has a member's rights.
ADMITTED = datetime(2023, 7, 4, tzinfo=UTC)


def test_iran_has_an_observers_rights_until_it_is_a_member_and_then_the_backlog_of_its_agreement() -> None:
    body = hub("SCO-CENTRE", "sco")
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=ADMITTED), by="test")
    kz, iran = Member(body, "KZ"), Member(body, "IR")
    green, amber, malware, for_uz, gone, stale = indicator(), indicator(), sdo("malware"), indicator(), indicator(), indicator()
    kz.submits(green, malware, tlp="green")
    kz.submits(amber, gone, tlp="amber")
    kz.submits(for_uz, tlp="amber", to=("UZ",))
    kz.submits(stale, tlp="amber", expires=datetime(2022, 1, 1, tzinfo=UTC))
    assert iran.polls() == [green["id"]]  # s-2: of indicators, those up to GREEN; an accession under way adds nothing
    withdraw(body.world, "KZ", gone["id"])
    body.clock.at = ADMITTED - timedelta(seconds=1)
    assert iran.polls() == []
    body.clock.at = ADMITTED
    # s-1: what members shared before, up to AMBER and of every type; not what names others, has expired or was taken back, nothing twice.
    assert set(iran.polls()) == {amber["id"], malware["id"]}
    assert iran.polls() == []


@pytest.mark.skipif(not REAL.is_file(), reason="no real register: put parties.json in ../shared/data")
def test_the_facts_are_those_of_the_delivered_register() -> None:
    rows = json.loads(REAL.read_text("utf-8"))["memberships"]
    found = {(row["party"], row["org"].lower(), row["rights_status"].replace("_", "-")) for row in rows if row["rights_status"] != "none"}
    assert found == set(STANDINGS)
