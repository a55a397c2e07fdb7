"""Each fact of a clause, alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.agree.clauses import Actor, Case, Clause, Selector, common, covered, facts
from comity.terms.stix import GROUPS
from comity.terms.traits import Traits
from tests.agree.treaty import day as on
from tests.agree.treaty import item

STANDINGS = {("UZ", "sco"): "member", ("IR", "sco"): "observer", ("IR", "cica"): "member", ("XX", "cica"): "suspended"}
PERMIT = Clause(id="a", text="A.", effect="permit", to=Selector(standing=("member",)), types=("@threat",))


def case(recipient: str = "UZ", producer: bool = False, **change: Any) -> Case:
    roles = frozenset({"party", "producer"} if producer else {"party"})
    base = Case(
        bodies=("sco",),
        purposes=("network-defence",),
        valid_at=on(11),
        traits=item(),
        origin=Actor(side="origin", party="KZ", roles=frozenset({"party"})),
        recipient=Actor(side="recipient", party=recipient, roles=roles),
        agreement_purposes=("network-defence", "statistics"),
        standing=lambda party, body: STANDINGS.get((party, body)),
    )
    return msgspec.structs.replace(base, **change)


def failed(case: Case, **change: Any) -> list[tuple[str, str, str]]:
    clause = msgspec.structs.replace(PERMIT, **change)
    return [(fact.fact, fact.expected, fact.actual) for fact in facts(clause, case) if not fact.holds]


@pytest.mark.parametrize(
    ("where", "change", "expected"),
    [
        (case(), {}, []),
        (case("IR"), {}, [("recipient standing", "member", "observer")]),
        (case("ZZ"), {"to": Selector(standing=("member", "observer"))}, [("recipient standing", "member or observer", "none")]),
        (case("IR"), {"to": Selector(standing=("member",), body=("cica",))}, []),
        (case("UZ"), {"to": Selector(body=("cica",))}, [("recipient body", "cica", "none")]),
        (case("XX"), {"to": Selector(body=("cica",))}, [("recipient body", "cica", "none")]),
        (case("UZ"), {"to": Selector(party=("KZ", "IR"))}, [("recipient party", "KZ or IR", "UZ")]),
        (case("UZ"), {"to": Selector(standing=("member",), party=("IR",))}, [("recipient party", "IR", "UZ")]),
        (case("UZ"), {"to": Selector(role=("producer",))}, [("recipient role", "producer", "party")]),
        (case("UZ", True), {"to": Selector(role=("producer",))}, []),
        (case("UZ"), {"from_": Selector(role=("centre",))}, [("origin role", "centre", "party")]),
        (case("UZ"), {"from_": Selector(standing=("member",))}, [("origin standing", "member", "none")]),
        (case(), {"to": None}, [("clause", "names recipients and types", "names none")]),
        (case(), {"to": Selector()}, [("clause", "names recipients and types", "names none")]),
        (case(), {"types": ()}, [("clause", "names recipients and types", "names none")]),
        (case(), {"to": None, "types": (), "effect": "forbid"}, []),
        (case(), {"types": ("@links", "x-odd")}, [("type", "@links or x-odd", "indicator")]),
        (case(), {"types": ("@links", "*")}, []),
        (case(), {"threat": ("phishing",)}, [("threat", "phishing", "none")]),
        (case(traits=item(threat=("benign", "phishing"))), {"threat": ("phishing", "worm")}, []),
        (case(), {"tlp_max": "green"}, [("TLP", "at most green", "amber")]),
        (case(), {"tlp_max": "amber"}, []),
        (case(), {"purposes": ("statistics",)}, [("purpose", "statistics", "network-defence")]),
        (case(agreement_purposes=()), {}, [("purpose", "", "network-defence")]),
        (case(), {"since": on(11, 2)}, [("clause in force", "from 2021-11-02", "2021-11-01")]),
        (case(), {"until": on(11)}, [("clause in force", "from the agreement's start until 2021-11-01", "2021-11-01")]),
        (case(), {"since": on(11), "until": on(11, 2)}, []),
        (case(), {"pap_max": "clear"}, []),
        (case(traits=item(pap="green")), {"pap_max": "green"}, []),
        (case(traits=item(pap="amber")), {"pap_max": "green"}, [("PAP", "at most green", "amber")]),
        (case(), {"handling": ("H0",)}, []),
        (case(traits=item(handling=("H0", "H2"))), {"handling": ("H0", "H1")}, [("handling", "H0 or H1", "H0, H2")]),
    ],
)  # fmt: skip
def test_what_fails(where: Case, change: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert failed(where, **change) == expected


@pytest.mark.parametrize(
    ("asked", "traits", "left"),
    [
        (("training", "statistics"), item(purposes=("statistics",)), ("statistics",)),
        (("criminal-investigation",), item(purposes=("criminal-investigation",)), ("criminal-investigation",)),
        (("criminal-investigation",), item(purposes=("criminal-investigation",), handling=("H1",)), ()),
        (("criminal-investigation",), item(purposes=("criminal-investigation",), handling=("H2", "H3")), ("criminal-investigation",)),
    ],
)
def test_h1_takes_judicial_use_away(asked: tuple[str, ...], traits: Traits, left: tuple[str, ...]) -> None:
    assert common(asked, traits) == left


def test_groups_are_spelt_out() -> None:
    assert covered(("@links", "indicator")) == GROUPS["@links"] | {"indicator"}
    assert covered(()) is None
    assert covered(("indicator", "*")) is None


def test_specificity_counts_recipients_before_origins() -> None:
    def of(to: Selector | None, from_: Selector | None = None) -> tuple[int, int]:
        return msgspec.structs.replace(PERMIT, to=to, from_=from_).specificity

    named, standing = Selector(party=("KZ",)), Selector(standing=("member",))
    assert of(named) > of(standing, named) > of(standing, standing) > of(standing) > of(None)
    assert (Selector().specificity, named.specificity) == (0, 2)
    assert Selector(role=("centre",)).specificity == Selector(body=("sco",)).specificity == 1


def test_an_item_may_bear_all_the_codes_that_a_clause_accepts_and_no_other() -> None:
    accepts = msgspec.structs.replace(PERMIT, handling=("H0", "H2"))
    for codes, holds in (((), True), (("H0",), True), (("H0", "H2"), True), (("H0", "H1"), False), (("H1",), False)):
        (fact,) = [each for each in facts(accepts, case(traits=item(handling=codes))) if each.fact == "handling"]
        assert fact.holds is holds


def test_a_clause_made_by_hand_stands_on_no_line() -> None:
    assert Clause(id="a", text="A.", effect="permit").line == 0
