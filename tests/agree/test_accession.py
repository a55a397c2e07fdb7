"""Accessions as a state machine over what was done and time."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agree.accession import FINAL, KINDS, OPEN, STATES, Accession, Document, Step, acceding, check, stage, targets
from comity.clock import parse
from comity.errors import Conflict, Denied, Fault, SenderFault

START = parse("2021-09-01")
MEMBERS = ("KZ", "UZ", "CN")


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def is_member(party: str, at: datetime) -> bool:
    return party in MEMBERS


def made(*steps: Step, mode: str = "consensus", **more) -> Accession:
    given = {"documents": (Document(title="Charter", due=day(100)),) if mode == "consensus" else (), "target": "member", **more}
    return Accession(accession="acc_1", party="IR", body="sco", mode=mode, begun=START, steps=steps, **given)


def step(kind: str, number: float, party: str = "SCO-CENTRE", **more) -> Step:
    return Step(kind=kind, party=party, on=day(number), **more)


WHOLE = [
    step("launch", 10), step("document", 50, document="Charter"), step("recommend", 60), step("admit", 70, since=day(90)),
]  # fmt: skip


def name(accession: Accession, number: float) -> str | None:
    found = stage(accession, day(number), is_member)
    return found.name if found else None


def test_by_consensus_each_step_follows_the_one_before():
    accession = made(*WHOLE)
    assert [name(accession, at) for at in (-1, 0, 9, 10, 50, 60, 69, 70, 900)] == [
        None, "applied", "applied", "launched", "launched", "recommended", "recommended", "admitted", "admitted",
    ]  # fmt: skip
    waits = [stage(accession, day(at), is_member).next for at in (0, 10, 50, 60, 70)]
    assert waits == [
        ("launch", "object", "end"), ("document", "object", "end"), ("recommend", "object", "end"), ("admit", "object", "end"), (),
    ]  # fmt: skip


@pytest.mark.parametrize("at", range(4))
def test_no_step_by_consensus_can_be_left_out(at):
    left_out = made(*WHOLE[:at])
    for later in WHOLE[at + 1 :]:
        with pytest.raises(Conflict) as caught:
            check(left_out, msgspec.structs.replace(later, on=day(95)), day(100), is_member)
        assert caught.value.next
    check(left_out, WHOLE[at], day(100), is_member)


def test_what_is_due_and_not_in_is_late():
    accession = made(step("launch", 10))
    assert accession.late(day(99)) == []
    assert [each.title for each in accession.late(day(100))] == ["Charter"]
    in_time = made(step("launch", 10), step("document", 99, document="Charter"))
    assert in_time.late(day(200)) == []
    too_late = made(step("launch", 10), step("document", 150, document="Charter"))
    assert [bool(too_late.late(day(at))) for at in (99, 100, 149, 150)] == [False, True, True, False]


def sponsored(*more: Step) -> Accession:
    return made(step("sponsor", 1, "KZ"), step("sponsor", 3, "UZ"), *more, mode="sponsors")


def test_two_members_speak_and_nobody_objects_for_three_weeks():
    accession = sponsored()
    assert [name(accession, at) for at in (0, 2, 3, 23.9, 24)] == ["applied", "applied", "sponsored", "sponsored", "unopposed"]
    assert stage(accession, day(4), is_member).deadline == day(24)
    with pytest.raises(Conflict):
        check(accession, step("admit", 23, since=day(30)), day(23), is_member)
    check(accession, step("admit", 24, since=day(30)), day(24), is_member)


def test_an_objection_within_the_window_ends_it_and_one_after_is_too_late():
    assert name(sponsored(step("object", 23.9, "CN")), 30) == "objected"
    with pytest.raises(Conflict):
        check(sponsored(), step("object", 24, "CN"), day(24), is_member)
    check(sponsored(), step("object", 20, "CN"), day(30), is_member)


@pytest.mark.parametrize("party", ["IR", "TM"])
@pytest.mark.parametrize("kind", ["sponsor", "object"])
def test_only_members_have_a_say_and_none_about_itself(party, kind):
    accession = made(mode="sponsors")
    with pytest.raises(Denied) as caught:
        check(accession, step(kind, 2, party), day(2), lambda who, at: who in (*MEMBERS, "IR"))
    assert "member of sco" in caught.value.next
    counted = made(step("sponsor", 1, party), step("sponsor", 2, party), step("sponsor", 2, "KZ"), mode="sponsors")
    assert name(counted, 3) == "applied"


def test_one_party_counts_once_however_often_it_speaks():
    assert name(made(step("sponsor", 1, "KZ"), step("sponsor", 2, "KZ"), mode="sponsors"), 3) == "applied"


def test_documents_hold_up_an_admission_by_sponsors_too():
    accession = sponsored()
    accession = msgspec.structs.replace(accession, documents=(Document(title="Charter", due=day(100)),))
    assert stage(accession, day(25), is_member).next == ("document", "end")
    with pytest.raises(Conflict):
        check(accession, step("admit", 25, since=day(30)), day(25), is_member)


def test_a_notice_has_effect_once_it_has_run_and_can_be_taken_back_before():
    accession = made(mode="notice", target="withdrawn", notice="P12M")
    assert accession.effect == parse("2022-09-01")
    assert [name(accession, at) for at in (0, 364.9, 365)] == ["noticed", "noticed", "in effect"]
    assert stage(accession, day(1), is_member).deadline == accession.effect
    check(accession, step("end", 364), day(364), is_member)
    with pytest.raises(Conflict):
        check(accession, step("end", 364), day(366), is_member)
    assert name(made(step("end", 300), mode="notice", target="withdrawn", notice="P12M"), 900) == "ended"
    assert name(made(mode="notice", target="suspended"), 0) == "in effect"


@pytest.mark.parametrize(
    ("taken", "now"),
    [
        (step("launch", -1), 5),
        (step("launch", 6), 5),
        (step("document", 5, document="Treaty"), 5),
        (step("admit", 5), 5),
        (step("admit", 5, since=day(-1)), 5),
    ],
)
def test_what_cannot_have_been_is_refused(taken, now):
    with pytest.raises(SenderFault) as caught:
        check(made(), taken, day(now), is_member)
    assert caught.value.next


def test_an_admission_does_not_hold_from_before_what_led_to_it():
    accession = made(*WHOLE[:3])
    with pytest.raises(SenderFault, match="recommended"):
        check(accession, step("admit", 70, since=day(59)), day(80), is_member)
    check(accession, step("admit", 70, since=day(60)), day(80), is_member)


@pytest.mark.parametrize("last", [step("object", 20, "KZ"), step("end", 20)])
def test_nothing_follows_an_outcome_also_not_before_it(last):
    accession = made(step("launch", 10), last)
    with pytest.raises(Conflict):
        check(accession, step("document", 15, document="Charter"), day(30), is_member)


def test_who_accedes_has_that_status_from_the_launch_to_the_instant():
    assert acceding(made(), is_member) is None
    claim = acceding(made(*WHOLE), is_member)
    assert (claim.standing, claim.status_only, claim.since, claim.until) == ("acceding", True, day(10), day(90))
    assert acceding(made(step("launch", 10)), is_member).until is None
    assert acceding(made(step("launch", 10), step("end", 20)), is_member).until == day(20)
    assert acceding(made(step("end", 20)), is_member) is None
    assert acceding(made(mode="notice", target="withdrawn", notice="P12M"), is_member) is None
    assert acceding(made(mode="sponsors"), is_member).since == START
    assert acceding(made(step("launch", 10), step("object", 10, "KZ")), is_member) is None


def test_a_way_leads_to_its_targets():
    assert targets("notice", "withdrawn") == "withdrawn"
    assert targets("consensus", "observer") == "observer"
    for mode, target in (("notice", "member"), ("consensus", "suspended"), ("sponsors", "withdrawn")):
        with pytest.raises(SenderFault):
            targets(mode, target)


_STEPS = st.builds(
    lambda kind, number, party: step(kind, number, party, document="Charter" if kind == "document" else "", since=day(number)),
    st.sampled_from(KINDS), st.integers(0, 60), st.sampled_from(["SCO-CENTRE", *MEMBERS, "IR", "TM"]),
)  # fmt: skip


@given(st.sampled_from(sorted(OPEN)), st.lists(_STEPS, max_size=8), st.integers(0, 90), st.randoms())
def test_the_state_follows_from_the_steps_as_a_set(mode, steps, at, random):
    kept = {"notice": "P1M", "target": "withdrawn"} if mode == "notice" else {}
    accession = made(*steps, mode=mode, **kept)
    mixed = list(steps)
    random.shuffle(mixed)
    found = stage(accession, day(at), is_member)
    again = stage(msgspec.structs.replace(accession, steps=(*mixed, *steps)), day(at), is_member)
    assert found.name == again.name
    assert found.name in STATES
    assert (found.next == ()) == (found.name in FINAL)


@given(st.sampled_from(sorted(OPEN)), st.lists(_STEPS, max_size=10))
def test_what_is_checked_is_open_and_an_outcome_is_final(mode, steps):
    kept = {"notice": "P1M", "target": "withdrawn"} if mode == "notice" else {}
    accession = made(mode=mode, **kept)
    for each in sorted(steps, key=lambda each: each.on):
        before = stage(accession, each.on, is_member)
        try:
            check(accession, each, each.on, is_member)
        except Fault:
            continue
        assert each.kind in before.next
        accession = msgspec.structs.replace(accession, steps=(*accession.steps, each))
        assert before.name not in FINAL
