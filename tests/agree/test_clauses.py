"""Each fact of a clause, alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.agree.clauses import Actor, Case, Clause, Fact, Selector, covered, day, facts, onward_allowed, words
from comity.terms.stix import GROUPS
from tests.agree.treaty import day as on
from tests.agree.treaty import item

STANDINGS = {("UZ", "sco"): "member", ("IR", "sco"): "observer", ("IR", "cica"): "member", ("XX", "cica"): "suspended"}
PERMIT = Clause(id="a", text="A.", effect="permit", to=Selector(standing=("member",)), types=("@threat",))


def case(recipient: str = "UZ", producer: bool = False, **change: Any) -> Case:
    roles = frozenset({"party", "producer"} if producer else {"party"})
    base = Case(
        body="sco",
        purposes=("network-defence",),
        valid_at=on(11),
        traits=item(),
        origin=Actor(side="origin", party="KZ", roles=frozenset({"party"})),
        recipient=Actor(side="recipient", party=recipient, roles=roles),
        agreement_purposes=("network-defence", "statistics"),
        holder="HUB",
        custodian=True,
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
        (case(custodian=False, traits=item(tlp="green")), {"onward": "parties"}, []),
        (case(custodian=False), {"effect": "forbid"}, []),
    ],
)  # fmt: skip
def test_what_fails(where: Case, change: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert failed(where, **change) == expected


def test_the_onward_fact_says_all_that_stands_in_the_way() -> None:
    ((fact, _, actual),) = failed(case(custodian=False, traits=item(handling=("H0", "H2"))))
    assert fact == "onward transfer"
    assert actual == "held by HUB, onward = none, TLP amber, handling H2"


@pytest.mark.parametrize(
    ("onward", "tlp", "handling", "allowed"),
    [
        ("parties", "clear", (), True),
        ("parties", "green", ("H0",), True),
        ("parties", "amber", (), False),
        ("parties", "green", ("H1",), False),
        ("parties", "green", ("H3",), False),
        ("none", "clear", (), False),
        ("other-ict", "clear", (), False),
    ],
)
def test_onward_by_the_guardrail(onward: str, tlp: str, handling: tuple[str, ...], allowed: bool) -> None:
    assert onward_allowed(onward, item(tlp=tlp, handling=handling)) is allowed


def test_groups_are_spelt_out() -> None:
    assert covered(("@links", "indicator")) == GROUPS["@links"] | {"indicator"}
    assert covered(()) is None
    assert covered(("indicator", "*")) is None


def test_specificity_counts_recipients_before_origins() -> None:
    def of(to: Selector | None, from_: Selector | None = None) -> tuple[int, int]:
        return msgspec.structs.replace(PERMIT, to=to, from_=from_).specificity

    named, standing = Selector(party=("KZ",)), Selector(standing=("member",))
    assert of(named) > of(standing, named) > of(standing, standing) > of(standing) > of(None)
    assert Selector(role=("centre",)).specificity == Selector(body=("sco",)).specificity == 1


def test_words_for_people() -> None:
    assert (words(["a", "b"]), words([])) == ("a, b", "none")
    assert day(on(9, 17)) == "2021-09-17"
    assert day(on(9, 17).replace(hour=5)) == "2021-09-17T05:00:00Z"
    assert (
        Fact(fact="type", expected="a", actual="b", holds=False)
        == facts(msgspec.structs.replace(PERMIT, types=("a",)), case(traits=item(type="b")))[2]
    )
