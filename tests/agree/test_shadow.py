"""When one clause makes another superfluous; checked against the decisions themselves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from comity.agree.agreement import read
from comity.agree.approval import Procedure
from comity.agree.clauses import Clause, Selector
from comity.agree.decide import Question, Rules, decide
from comity.agree.shadow import covers
from comity.terms.traits import Traits
from tests.agree.treaty import TREATY, day
from tests.agree.worlds import items, permit_worlds, questions

AGREEMENT = read(TREATY)
WIDE = AGREEMENT.clauses[0]


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"types": ("indicator",)}, True),
        ({"types": ("*",)}, False),
        ({"types": ("x-odd",)}, False),
        ({"tlp_max": "green"}, True),
        ({"tlp_max": "red"}, False),
        ({"tlp_max": None}, False),
        ({"threat": ("phishing",)}, True),
        ({"purposes": ("statistics",)}, True),
        ({"to": Selector(standing=("member",), party=("KZ",))}, True),
        ({"to": Selector(standing=("member",), party=("HUB",))}, False),  # a standing alone does not reach the centre
        ({"to": Selector(standing=("member",), role=("centre",))}, False),
        ({"to": Selector(standing=("member",), role=("party",))}, True),
        ({"to": Selector(party=("KZ",))}, False),
        ({"to": Selector(standing=("member", "observer"))}, False),
        ({"to": Selector(standing=("member",), body=("cica",))}, False),
        ({"from_": None}, False),
        ({"since": day(12)}, True),
        ({"onward": "none"}, True),
        ({"effect": "forbid", "to": None}, False),
        ({"pap_max": "green"}, True),
        ({"handling": ("H0",)}, True),
        ({"redact": "p"}, True),
        ({"approval": Procedure(kind="origin")}, True),
        ({"onward": "data"}, False),  # it lets go on where the wide one does not
    ],
)
def test_what_the_members_clause_covers(change: dict[str, Any], covered: bool) -> None:
    assert covers(AGREEMENT, WIDE, msgspec.structs.replace(WIDE, **change)) is covered


def test_a_wide_clause_that_gives_less_covers_none() -> None:
    for narrower, covered in (
        ({"redact": "p"}, False),
        ({"approval": Procedure(kind="origin")}, False),
        ({"pap_max": "green"}, False),
        ({"handling": ("H0",)}, False),
    ):
        assert covers(AGREEMENT, msgspec.structs.replace(WIDE, **narrower), WIDE) is covered
    for same in ({"redact": "p"}, {"approval": Procedure(kind="origin")}, {"pap_max": "green"}, {"handling": ("H0",)}):
        one = msgspec.structs.replace(WIDE, **same)
        assert covers(AGREEMENT, one, one)
    assert covers(AGREEMENT, WIDE, msgspec.structs.replace(WIDE, onward="none"))
    narrow = msgspec.structs.replace(WIDE, handling=("H0",), pap_max="clear")
    assert covers(AGREEMENT, msgspec.structs.replace(WIDE, handling=("H0", "H1"), pap_max="green"), narrow)
    assert not covers(AGREEMENT, msgspec.structs.replace(WIDE, handling=("H1",)), narrow)


def test_a_clause_that_somebody_reserved_covers_none_that_he_did_not() -> None:
    reserved = msgspec.structs.replace(AGREEMENT.parties[0], reservations=(WIDE.id,))
    agreement = msgspec.structs.replace(AGREEMENT, parties=(reserved, *AGREEMENT.parties[1:]))
    narrow = msgspec.structs.replace(WIDE, id="narrow", tlp_max="green")
    assert not covers(agreement, WIDE, narrow)
    assert covers(agreement, narrow, narrow)
    both = msgspec.structs.replace(reserved, reservations=(WIDE.id, "narrow"))
    assert covers(msgspec.structs.replace(agreement, parties=(both,)), WIDE, narrow)


@pytest.mark.parametrize(
    "change", [{"onward": "none"}, {"threat": ("phishing",)}, {"since": day(9)}, {"until": day(12)}, {"purposes": ("statistics",)}]
)
def test_a_narrower_clause_covers_no_wider_one(change: dict[str, Any]) -> None:
    assert not covers(AGREEMENT, msgspec.structs.replace(WIDE, **change), WIDE)


@given(permit_worlds, questions, items)
@settings(max_examples=80, deadline=None)
def test_removing_a_covered_permit_changes_no_answer(world: Rules, question: Question, traits: Traits) -> None:
    answer = decide(question, traits, world).permits
    for at, agreement in enumerate(world.agreements):
        for clause in agreement.clauses:
            others = tuple(other for other in agreement.clauses if other is not clause)
            if any(covers(agreement, other, clause) for other in others if not _open(other)):
                fewer = msgspec.structs.replace(agreement, clauses=others)
                rest = (*world.agreements[:at], fewer, *world.agreements[at + 1 :])
                assert decide(question, traits, Rules(rest, world.register)).permits is answer


def _open(clause: Clause) -> bool:
    """A permit that names nobody permits nothing, and `read` refuses it: `covers` is not asked about it."""
    return clause.names_nothing
