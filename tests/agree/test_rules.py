"""Which version of which agreement governs between whom."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from comity.agree.acts import Deed
from comity.agree.agreement import read
from comity.agree.approval import Act, Approval, Person, Procedure
from comity.agree.decide import decide
from comity.agree.limits import Cap
from comity.agree.rules import H3, Rules
from comity.errors import AgreementFault
from comity.terms.party import Register
from tests.agree.treaty import HEAD, MEMBERS, TREATY, ask, day, item, register

FIRST = read(TREATY)
SECOND = msgspec.structs.replace(FIRST, version=2, in_force=day(12))
#: The second version, in force for UZ a month later than for KZ, and for IR not at all.
LATER = msgspec.structs.replace(
    SECOND,
    parties=tuple(
        msgspec.structs.replace(each, in_force={"KZ": day(12), "UZ": day(1, 1, 2022)}.get(each.party), until=None)
        for each in SECOND.parties
    ),
)


def versions(rules: Rules, origin: str, recipient: str, at: datetime, known_at: datetime | None = None) -> list[int]:
    return [each.version for each in rules.governing(origin, recipient, at, known_at)]


def test_the_version_that_has_come_or_the_first_to_come() -> None:
    rules = Rules((SECOND, FIRST))
    assert rules.governing("KZ", "UZ", day(11)) == (FIRST,)
    assert rules.governing("KZ", "UZ", day(12)) == (SECOND,)
    assert rules.governing("KZ", "UZ", day(1)) == (FIRST,)
    draft = msgspec.structs.replace(FIRST, in_force=None)
    assert Rules((draft, SECOND)).governing("KZ", "UZ", day(1)) == (SECOND,)
    assert Rules((draft,)).governing("KZ", "UZ", day(1)) == (draft,)
    other = msgspec.structs.replace(FIRST, id="another")
    assert Rules((FIRST, other)).governing("KZ", "UZ", day(11)) == (other, FIRST)


def test_until_both_have_entered_a_version_the_one_they_share_governs() -> None:
    rules = Rules((FIRST, LATER))
    assert versions(rules, "KZ", "UZ", day(11)) == [1]
    assert versions(rules, "KZ", "UZ", day(12, 31)) == [1]  # KZ has entered the second version, UZ has not
    assert versions(rules, "KZ", "KZ", day(12)) == [2]
    assert versions(rules, "KZ", "UZ", day(1, 1, 2022)) == [2]
    assert versions(rules, "UZ", "IR", day(1, 1, 2022)) == [1]
    assert versions(rules, "IR", "UZ", day(1, 1, 2022)) == [1]


def test_after_the_transition_an_earlier_version_governs_for_nobody() -> None:
    rules = Rules((FIRST, msgspec.structs.replace(LATER, transition=day(12, 15))))
    assert versions(rules, "KZ", "UZ", day(12, 14)) == [1]
    assert versions(rules, "KZ", "UZ", day(12, 15)) == [2]  # named in the refusal: it does not bind UZ yet
    early = Rules((FIRST, msgspec.structs.replace(LATER, in_force=day(12, 20), transition=day(12, 15))))
    assert versions(early, "KZ", "UZ", day(12, 16)) == [1]  # a version that has not come sweeps nothing away


def test_a_version_that_has_ended_does_not_give_way_to_an_earlier_one() -> None:
    ended = msgspec.structs.replace(SECOND, until=day(12, 15))
    assert versions(Rules((FIRST, ended)), "KZ", "UZ", day(12, 20)) == [2]
    left = msgspec.structs.replace(
        SECOND, parties=tuple(msgspec.structs.replace(each, until=day(12, 15)) for each in SECOND.parties if each.in_force)
    )
    assert versions(Rules((FIRST, left)), "KZ", "UZ", day(12, 20)) == [2]


def test_a_version_for_all_needs_no_section() -> None:
    for_all = msgspec.structs.replace(SECOND, entry="all", parties=())
    assert versions(Rules((FIRST, for_all)), "KZ", "UZ", day(12)) == [2]


def test_a_version_counts_once_it_is_known() -> None:
    rules = Rules((FIRST, msgspec.structs.replace(SECOND, known=day(12, 10))))
    assert versions(rules, "KZ", "UZ", day(12, 5)) == [2]
    assert versions(rules, "KZ", "UZ", day(12, 5), day(12, 9)) == [1]
    assert versions(rules, "KZ", "UZ", day(12, 5), day(12, 10)) == [2]
    alone = Rules((msgspec.structs.replace(FIRST, known=day(12)),))
    assert versions(alone, "KZ", "UZ", day(11), day(11)) == []


def test_two_texts_may_not_share_a_version_and_one_text_was_known_when_it_first_came() -> None:
    assert Rules((FIRST, FIRST)).agreements == (FIRST,)
    with pytest.raises(AgreementFault, match="example-ict@1"):
        Rules((FIRST, msgspec.structs.replace(FIRST, title="Another")))
    early, late = msgspec.structs.replace(FIRST, known=day(1)), msgspec.structs.replace(FIRST, known=day(2))
    assert Rules((late, early)).agreements == Rules((early, late)).agreements == (early,)
    assert Rules((late, FIRST)).agreements == Rules((FIRST, late)).agreements == (FIRST,)


def test_a_centre_holds_for_the_parties_of_its_body() -> None:
    rules = Rules((FIRST,), register(KZ="member"))
    assert rules.custody("HUB", "sco", day(11))
    assert not rules.custody("HUB", "cica", day(11))
    assert not rules.custody("HUB", "sco", day(9, 30))
    assert not rules.custody("KZ", "sco", day(11))


def test_what_a_clause_asks_for() -> None:
    asks = msgspec.structs.replace(FIRST.clauses[0], approval=Procedure(kind="two-persons"))
    rules = Rules((msgspec.structs.replace(FIRST, clauses=(asks, *FIRST.clauses[1:])),))
    assert rules.procedure("example-ict@1/art-4.2") == Procedure(kind="two-persons")
    assert rules.procedure("example-ict@1/art-4.3") is None
    assert rules.procedure("example-ict@2/art-4.2") is None
    assert rules.procedure(H3) == Procedure(kind="origin")


def test_where_a_request_stands_by_the_clause_it_is_under() -> None:
    asks = msgspec.structs.replace(FIRST.clauses[0], approval=Procedure(kind="silence", window="P10D"))
    rules = Rules((msgspec.structs.replace(FIRST, clauses=(asks,)),), register(KZ="member", UZ="member", IR="suspended"))
    no = Act(kind="object", by=Person(party="UZ", id="b"), at=day(11, 5))
    asked = Approval(
        id="r", clause="example-ict@1/art-4.2", origin="KZ", recipients=("UZ",), requested=day(11), by=Person(party="KZ", id="a")
    )

    def name(approval: Approval, number: int, known: int | None = None) -> str:
        found = rules.state(approval, day(11, number), day(11, known) if known else None)
        return found.name if found else "none"

    assert [name(asked, number) for number in (10, 11)] == ["requested", "adopted"]
    assert rules.state(asked, day(10)) is None
    objected = msgspec.structs.replace(asked, acts=(no,))
    assert (name(objected, 6), name(objected, 12, known=4)) == ("objected", "adopted")
    foreign = msgspec.structs.replace(no, by=Person(party="IR", id="c"))
    assert name(msgspec.structs.replace(asked, acts=(foreign,)), 6) == "requested"  # suspended, so not bound
    assert name(msgspec.structs.replace(asked, clause="example-ict@2/art-4.2"), 6) == "none"
    assert rules.bound("example-ict@1/art-4.2", "UZ", day(11)) and not rules.bound("example-ict@1/art-4.2", "IR", day(11))
    assert not rules.bound("example-ict@1/art-4.2", "UZ", day(9)) and not rules.bound(H3, "UZ", day(11))
    assert name(msgspec.structs.replace(asked, clause=H3, acts=(no,)), 6) == "requested"


def test_requests_for_approval_are_one_per_id_however_often_they_come() -> None:
    asked = Approval(id="r", clause=H3, origin="KZ", recipients=("UZ",), requested=day(1), by=Person(party="KZ", id="a"))
    acts = [Act(kind="approve", by=Person(party="KZ", id=name), at=day(2)) for name in "ab"]
    one, two = (msgspec.structs.replace(asked, acts=(act,)) for act in acts)
    assert set(Rules((), Register(), (one, two, one)).approvals["r"].acts) == set(acts)
    with pytest.raises(AgreementFault, match="two different requests"):
        Rules((), Register(), (asked, msgspec.structs.replace(asked, recipients=("IR",))))


def test_the_caps_that_bind_a_partys_people() -> None:
    capped = msgspec.structs.replace(FIRST, caps=(Cap(role="analyst", tlp_max="green"),))
    rules = Rules((capped,), register(KZ="member", TJ="member"))
    assert rules.caps("KZ", "sco", day(11)) == [("example-ict@1", Cap(role="analyst", tlp_max="green"))]
    assert rules.caps("TJ", "sco", day(11)) == []
    assert rules.caps("KZ", "cica", day(11)) == []


def test_acts_of_parties_count_from_when_they_were_known() -> None:
    bare = read(HEAD + MEMBERS)
    at, learnt = day(11), day(12)
    signed = Deed(ref=bare.ref, sha256=bare.sha256, party="KZ", act="sign", on=day(9, 24), known=learnt)
    ratified = msgspec.structs.replace(signed, act="ratify", in_force=day(10))
    deeds = [msgspec.structs.replace(deed, party=party) for party in ("KZ", "UZ") for deed in (signed, ratified)]
    found = Rules([bare], register(KZ="member", UZ="member"), deeds=[*deeds, *deeds])
    assert found.deeds == tuple(deeds)
    assert found.agreements[0].binds("KZ", found.register, at)
    for known, bound in ((day(11, 30), False), (learnt, True), (None, True)):
        (governing,) = found.governing("KZ", "UZ", at, known)
        assert governing.binds("UZ", found.register, at, known) is bound
        question = msgspec.structs.replace(ask("UZ", holder="KZ", at=at), known_at=known)
        assert decide(question, item(), found).effect == ("permit" if bound else "deny")
