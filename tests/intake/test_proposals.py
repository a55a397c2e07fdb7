"""What one person proposes and another takes in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.fsck import fsck
from comity.agree.accession import Step
from comity.agree.approval import Person
from comity.errors import AgreementFault, Conflict, Denied, NotFound, SenderFault
from comity.intake import acceding, proposals
from comity.ledger.journal import read_entry
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body

ANNA, BORIS = Person(party="SCO-CENTRE", id="anna"), Person(party="SCO-CENTRE", id="boris")
SECOND = MEMBERS.replace("version = 1", "version = 2")
GUEST = Standing(party="TM", body="sco", standing="guest", since=START, source="a letter")


@pytest.fixture
def world():
    return Body().world


def refs(world):
    return {each.ref for each in world.rulebook.current()[1].agreements}


def test_a_text_governs_once_another_person_takes_it_in(world):
    made = proposals.propose_agreement(world, SECOND, ANNA)
    assert (made.ref, made.state) == ("test@2", "waiting")
    assert refs(world) == {"test@1"}
    with pytest.raises(Denied):
        proposals.decide(world, made.id, True, ANNA)
    assert refs(world) == {"test@1"}
    taken = proposals.decide(world, made.id, True, BORIS)
    assert (taken.state, taken.decided_by) == ("taken", BORIS)
    assert refs(world) == {"test@1", "test@2"}
    assert proposals.decide(world, made.id, True, BORIS) == taken


def test_a_standing_too(world):
    made = proposals.propose_standing(world, GUEST, ANNA)
    register = world.rulebook.current()[1].register
    assert register.standing("TM", "sco", START) is None
    proposals.decide(world, made.id, True, BORIS)
    assert world.rulebook.current()[1].register.standing("TM", "sco", START) == "guest"


def test_refused_is_refused(world):
    made = proposals.propose_agreement(world, SECOND, ANNA)
    assert proposals.decide(world, made.id, False, ANNA).state == "refused"
    with pytest.raises(Conflict):
        proposals.decide(world, made.id, True, BORIS)
    assert refs(world) == {"test@1"}


def test_what_was_overtaken_is_not_taken_in(world):
    first = proposals.propose_agreement(world, SECOND, ANNA)
    other = proposals.propose_agreement(world, SECOND.replace('tlp_max = "green"', 'tlp_max = "clear"'), ANNA)
    proposals.decide(world, first.id, True, BORIS)
    with pytest.raises(Conflict):
        proposals.decide(world, other.id, True, BORIS)
    assert proposals.find(world, other.id).state == "waiting"


def test_taking_in_goes_on_after_a_crash(world, monkeypatch):
    made = proposals.propose_agreement(world, SECOND, ANNA)
    with monkeypatch.context() as broken:
        broken.setattr(proposals, "_entry", None)
        with pytest.raises(TypeError):
            proposals.decide(world, made.id, True, BORIS)
    assert refs(world) == {"test@1", "test@2"}
    assert proposals.find(world, made.id).state == "waiting"
    assert proposals.decide(world, made.id, True, BORIS).state == "taken"


def test_what_is_being_taken_in_is_not_refused_meanwhile(world, monkeypatch):
    """The first outcome is final: what governs was taken in."""
    made = proposals.propose_agreement(world, SECOND, ANNA)
    real = proposals.add_agreement

    def add(*given, **named):
        with pytest.raises(Conflict):
            proposals.decide(world, made.id, False, ANNA)
        return real(*given, **named)

    monkeypatch.setattr(proposals, "add_agreement", add)
    assert proposals.decide(world, made.id, True, BORIS).state == "taken"


def test_faults_are_the_senders(world):
    with pytest.raises(AgreementFault):
        proposals.propose_agreement(world, "nothing", ANNA)
    with pytest.raises(Conflict):
        proposals.propose_agreement(world, MEMBERS, ANNA)
    with pytest.raises(SenderFault):
        proposals.propose_standing(world, Standing(party="TM", body="sco", standing="guest", since=START, until=START), ANNA)
    with pytest.raises(SenderFault):
        proposals.propose_standing(world, Standing(party="T", body="sco", standing="guest", since=START), ANNA)
    with pytest.raises(NotFound):
        proposals.decide(world, "prp_absent", True, BORIS)


def test_there_is_an_end_to_waiting_proposals(world, monkeypatch):
    monkeypatch.setattr(proposals, "MOST", 1)
    made = proposals.propose_standing(world, GUEST, ANNA)
    with pytest.raises(SenderFault):
        proposals.propose_agreement(world, SECOND, ANNA)
    proposals.propose_agreement(world, SECOND, Person(party="KZ", id="kz"))
    proposals.decide(world, made.id, False, BORIS)
    proposals.propose_standing(world, GUEST, ANNA)


def test_the_log_vouches_for_each_step(world):
    made = proposals.propose_agreement(world, SECOND, ANNA)
    proposals.decide(world, made.id, True, BORIS)
    acts = [(entry.actor, entry.detail["act"]) for leaf in world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "proposal"]
    assert acts == [("anna", "propose"), ("boris", "taken")]
    (governed,) = [entry for leaf in world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "govern"][1:]
    assert governed.actor == "anna, boris"
    assert list(fsck(world)) == []
    assert [each.state for each in proposals.proposals(world)] == ["taken"]


def test_an_admission_is_taken_in_by_a_second_person_and_judged_again_then(world):
    made = acceding.start(world, "TM", "member", by="anna")
    for kind in ("launch", "recommend"):
        acceding.take(world, made.accession, Step(kind=kind, party="SCO-CENTRE", on=world.clock()), by="anna")
    first = proposals.propose_admission(world, made.accession, START.replace(month=12), BORIS)
    other = proposals.propose_admission(world, made.accession, START.replace(year=2022), BORIS)
    with pytest.raises(Denied):
        proposals.decide(world, first.id, True, BORIS)
    assert world.rulebook.current()[1].register.standing("TM", "sco", START.replace(year=2023)) is None
    proposals.decide(world, other.id, True, ANNA)
    register = world.rulebook.current()[1].register
    assert (register.standing("TM", "sco", START.replace(month=12)), register.standing("TM", "sco", START.replace(year=2022))) == (
        None,
        "member",
    )
    with pytest.raises(Conflict):
        proposals.decide(world, first.id, True, ANNA)
    assert proposals.find(world, first.id).state == "waiting"


def test_a_notice_runs_from_when_it_was_proposed_and_is_recorded_once(monkeypatch):
    body = Body()
    body.member("KZ")
    planned = acceding.plan(body.world, "KZ", "withdrawn", note="a letter")
    made = proposals.propose_notice(body.world, planned, ANNA)
    body.clock.at += timedelta(days=30)
    with monkeypatch.context() as broken:
        broken.setattr(proposals, "_entry", None)
        with pytest.raises(TypeError):
            proposals.decide(body.world, made.id, True, BORIS)
    assert proposals.decide(body.world, made.id, True, BORIS).state == "taken"
    held = acceding.find(body.world, planned.accession)
    assert held.begun == planned.begun and held.effect == made.standing.since
    register = body.world.rulebook.current()[1].register
    assert [register.standing("KZ", "sco", held.effect + timedelta(days=day)) for day in (-1, 0)] == ["member", "withdrawn"]
    assert [each.id for each in proposals.proposals(body.world)] == [made.id]


def test_nobody_is_proposed_whose_accession_has_not_come_so_far(world):
    made = acceding.start(world, "TM", "member", by="anna")
    with pytest.raises(Conflict):
        proposals.propose_admission(world, made.accession, world.clock(), ANNA)
    with pytest.raises(NotFound):
        proposals.propose_admission(world, "acc_0", world.clock(), ANNA)
    assert proposals.proposals(world) == []
