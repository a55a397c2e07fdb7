"""What waits for the persons in it: who may look at it and release it, what leaves and until when, and what stays (G3, G4, G10)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.errors import Conflict, Denied, IntegrityFault, NotFound, SenderFault
from comity.intake import review
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import read_entry
from comity.terms.item import Came, Draft, read_envelope
from tests.consortium import START, Body, drafts, indicator, relationship, sdo

MAIL = "anna.b@mail.example"
ANNA, BULAT, VERA = (Person(party="KZ", id=name) for name in ("anna", "bulat", "vera"))
UNTIL = START + timedelta(days=90)


def letter(**more):
    return indicator(pattern=f"[email-message:from_ref.value = '{MAIL}']", **more)


def reviewed(world, id_, by=ANNA, category="victim", basis="Article 6", expires=UNTIL):
    return review.propose(world, id_, by, "", category=category, basis=basis, expires=expires)


def envelope(body: Body, id_: str):
    (row,) = body.world.store.by_id([id_])
    return row, read_envelope(body.world.store.envelopes([row.item])[row.item])


def test_g3_two_persons_release_it(body, kz, uz):
    obj = letter()
    (outcome,) = kz.submits(obj)
    assert outcome.outcome == "quarantined" and "e-mail at /pattern" in outcome.why and MAIL not in outcome.why
    assert uz.reads() == []
    reviewed(body.world, obj["id"])
    assert uz.reads() == []
    review.approve(body.world, obj["id"], BULAT, "")
    assert uz.polls() == [obj["id"]]
    row, said = envelope(body, obj["id"])
    assert (said.gate, said.category, said.basis, said.expires) == ("open", "victim", "Article 6", UNTIL)
    assert uz.gets(obj["id"]) == [msgspec.json.encode(obj)]
    assert row.leaf == body.world.store.head().size - 3  # then it was read twice
    assert list(review.waiting(body.world)) == []
    body.clock.at = UNTIL
    assert uz.reads() == []


def test_it_reaches_a_client_that_polled_past_it(body, kz, uz):
    obj, other = letter(), indicator()
    kz.submits(obj, other)
    assert uz.polls() == [other["id"]]
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    assert uz.polls() == [obj["id"]]


def test_what_names_it_waits_for_it(body, kz, uz):
    obj, malware = letter(), sdo("malware")
    link = relationship(obj["id"], malware["id"])
    kz.submits(obj, malware, link)
    assert uz.reads() == [malware["id"]]
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    assert set(uz.reads()) == {obj["id"], malware["id"], link["id"]}


def test_g3_one_person_is_not_two(body, kz, uz):
    obj = letter()
    kz.submits(obj)
    with pytest.raises(Conflict, match="nobody has reviewed"):
        review.approve(body.world, obj["id"], ANNA, "")
    reviewed(body.world, obj["id"])
    with pytest.raises(Denied):
        review.approve(body.world, obj["id"], ANNA, "")
    assert uz.reads() == []


def test_g10_no_tool_reviews(body, kz):
    obj = letter()
    kz.submits(obj)
    tool = Person(party="KZ", id="token 1", robot=True)
    for act in (
        lambda: reviewed(body.world, obj["id"], by=tool),
        lambda: review.approve(body.world, obj["id"], tool, ""),
        lambda: review.reject(body.world, obj["id"], tool, "x"),
    ):
        with pytest.raises(SenderFault, match="a tool may not"):
            act()


def test_another_partys_is_not_there(body, kz):
    obj = letter()
    kz.submits(obj)
    stranger, centre = Person(party="UZ", id="u"), Person(party="SCO-CENTRE", id="c")
    for who in (stranger, centre):
        assert list(review.waiting(body.world, who)) == []
        with pytest.raises(NotFound):
            reviewed(body.world, obj["id"], by=who)
    assert [item.row.id for item in review.waiting(body.world, ANNA)] == [obj["id"]]


@pytest.mark.parametrize(
    "wrong", [{"category": "suspect"}, {"basis": " "}, {"basis": "x" * 301}, {"basis": "a\x00b"}, {"expires": START - timedelta(days=1)}]
)
def test_what_a_review_has_to_say(body, kz, wrong):
    obj = letter()
    kz.submits(obj)
    with pytest.raises(SenderFault):
        reviewed(body.world, obj["id"], **wrong)
    with pytest.raises(Conflict):
        review.approve(body.world, obj["id"], BULAT, "")


def test_a_rejected_one_is_gone(body, kz, uz):
    obj = letter()
    kz.submits(obj)
    reviewed(body.world, obj["id"])
    with pytest.raises(SenderFault):
        review.reject(body.world, obj["id"], BULAT, " ")
    review.reject(body.world, obj["id"], BULAT, "not needed")
    assert body.world.store.by_id([obj["id"]]) == []
    assert list(body.world.store.privates(review.REVIEWS)) == []
    assert uz.reads() == kz.reads() == []


def test_the_deadline_is_that_of_the_gate_or_its_own(body, kz):
    kz.submits(letter())
    kz.submits(letter(), expires=START + timedelta(days=2))
    first, second = review.waiting(body.world)
    assert first.deadline - timedelta(days=30) < body.clock.at and second.deadline == START + timedelta(days=2)


def test_sent_again_after_its_release_it_stays_released(body, kz, uz):
    obj, address = (
        letter(),
        {"type": "email-addr", "spec_version": "2.1", "id": "email-addr--5b6a7c8d-1f2e-5d3c-8b4a-0123456789ab", "value": MAIL},
    )
    kz.submits(obj, address)
    for id_ in (obj["id"], address["id"]):
        reviewed(body.world, id_)
        review.approve(body.world, id_, BULAT, "")
    assert [each.outcome for each in kz.submits(obj, address)] == ["duplicate", "duplicate"]
    assert set(uz.reads()) == {obj["id"], address["id"]}


def test_narrowed_after_its_release_it_goes_less_far_and_stays_released(body, kz, uz):
    ir, obj = body.observer("IR"), letter()
    kz.submits(obj, tlp="green")
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    assert uz.reads() == ir.reads() == [obj["id"]]
    (outcome,) = kz.submits(obj, tlp="amber")
    assert outcome.outcome == "accepted" and "recalled" in outcome.why
    assert (uz.reads(), ir.reads()) == ([obj["id"]], [])
    _, said = envelope(body, obj["id"])
    assert (said.category, said.tlp) == ("victim", "amber")
    (outcome,) = kz.submits(obj, tlp="green")
    assert outcome.outcome == "duplicate" and "withdraw it first" in outcome.why
    kz.submits(obj, tlp="amber", to=("IR",))
    assert (uz.reads(), ir.reads()) == ([], [])
    assert list(fsck(body.world)) == []


def test_narrowed_by_its_own_node_to_what_is_sealed_it_waits_again():
    body = Body(party="KZ")
    kz, uz, obj = body.member("KZ"), body.member("UZ"), letter()
    kz.submits(obj)
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    assert uz.reads() == [obj["id"]]
    (outcome,) = kz.submits(obj, tlp="red")
    assert outcome.outcome == "quarantined" and uz.reads() == []


def test_that_it_is_a_victims_takes_it_back(body, kz, uz):
    obj = letter()
    kz.submits(obj, person="attacker")
    assert uz.reads() == [obj["id"]]
    (outcome,) = kz.submits(obj, person="victim")
    assert outcome.outcome == "quarantined"
    assert uz.reads() == []


def test_no_assertion_lifts_what_waits(body, kz, uz):
    obj = letter()
    kz.submits(obj)
    (outcome,) = kz.submits(obj, person="attacker")
    assert outcome.outcome == "duplicate" and "withdraw it first" in outcome.why
    assert uz.reads() == []


def test_a_later_version_is_not_covered(body, kz, uz):
    obj = letter()
    kz.submits(obj)
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    later = {**obj, "modified": "2021-10-02T00:00:00.000Z", "description": "ask +7 701 000 00 00"}
    assert kz.submits(later)[0].outcome == "quarantined"
    assert uz.gets(obj["id"], versions=("all",)) == [msgspec.json.encode(obj)]
    assert review.find(body.world, ANNA, f"{obj['id']}@{later['modified']}").row.version == later["modified"]


def test_what_waits_for_another_reason_too_stays(body, kz):
    broken = indicator(pattern=f"[email-addr:value = '{MAIL}'")
    first = indicator()
    clash = {**first, "description": MAIL}
    kz.submits(broken)
    kz.submits(first)
    assert [each.outcome for each in kz.submits(clash)] == ["quarantined"]
    with pytest.raises(Conflict):
        reviewed(body.world, broken["id"])
    reviewed(body.world, clash["id"])
    with pytest.raises(Conflict, match="would not leave"):
        review.approve(body.world, clash["id"], BULAT, "")
    assert len(list(review.waiting(body.world))) == 2


def test_g3_a_review_that_was_changed_in_the_store_is_no_review(body, kz, uz):
    obj, other = letter(), letter()
    kz.submits(obj, other)
    reviewed(body.world, obj["id"])
    ((key, value),) = body.world.store.privates("gate")
    with body.world.store.write() as tx:
        tx.put_private("gate", key, value.replace(ANNA.id.encode(), b"nobody"))
    assert any("not as it was made" in problem for problem in fsck(body.world))
    with pytest.raises(IntegrityFault, match="not as it was made"):
        review.approve(body.world, obj["id"], ANNA, "")
    # Nor is that of another object.
    (row,) = body.world.store.by_id([other["id"]])
    with body.world.store.write() as tx:
        tx.put_private("gate", f"{row.item:020d}", value)
    with pytest.raises(IntegrityFault, match="not as it was made"):
        review.approve(body.world, other["id"], BULAT, "")
    assert uz.reads() == []
    with body.world.store.write() as tx:
        tx.put_private("gate", f"{row.item:020d}", None)
        tx.put_private("gate", key, value)
    review.approve(body.world, obj["id"], BULAT, "")
    assert uz.reads() == [obj["id"]]


def test_the_latest_proposal_counts(body, kz):
    obj = letter()
    kz.submits(obj)
    reviewed(body.world, obj["id"])
    reviewed(body.world, obj["id"], by=BULAT, category="attacker")
    with pytest.raises(Denied):
        review.approve(body.world, obj["id"], BULAT, "")
    review.approve(body.world, obj["id"], VERA, "")
    assert envelope(body, obj["id"])[1].category == "attacker"


def test_the_log_says_what_was_done_and_not_on_what(body, kz):
    obj = letter()
    kz.submits(obj)
    reviewed(body.world, obj["id"])
    review.approve(body.world, obj["id"], BULAT, "")
    said = [read_entry(leaf.entry) for leaf in body.world.store.leaves()][-3:]
    assert [(each.kind, each.actor, each.count) for each in said] == [("gate", "anna", 1), ("withdraw", "bulat", 1), ("accept", "bulat", 1)]
    assert MAIL not in str(said) and "Article 6" not in str(said)


def passed(**more):
    return Draft(raw=msgspec.json.encode(obj := letter()), obj=obj, position="0", **more)


def test_what_its_origin_reviewed_counts_where_that_is_signed(body, kz, uz):
    came = Came(entered=1)
    by = Submitter(party="KZ", received_from="KZ")
    (taken,) = submit(body.world, [passed(category="victim", basis="Article 6", came=came)], by)
    (own_word,) = submit(body.world, [passed(category="victim", basis="Article 6")], by)
    (unsaid,) = submit(body.world, [passed(came=came)], by)
    assert [taken.outcome, own_word.outcome, unsaid.outcome] == ["accepted", "quarantined", "quarantined"]
    assert envelope(body, taken.id)[1].category == "victim"


def test_of_anothers_object_it_holds_here_alone(body, uz):
    """What this node took from elsewhere is its own party's to look at, and says nothing in its origin's name."""
    body.member("RU")
    obj = letter()
    list(submit(body.world, drafts([obj]), Submitter(party="RU", received_from="RU")))
    ours, other = Person(party="SCO-CENTRE", id="c"), Person(party="SCO-CENTRE", id="d")
    reviewed(body.world, obj["id"], by=ours)
    review.approve(body.world, obj["id"], other, "")
    said = envelope(body, obj["id"])[1]
    assert (said.gate, said.category, said.basis) == ("open", "", None)
    assert uz.reads() == [obj["id"]]


def test_g3_of_what_passes_a_fixed_share_is_looked_at(body, kz):
    sent = [letter() for _ in range(200)]
    kz.submits(*sent, indicator(), person="attacker")
    listed = [row.id for row in review.sampled(body.world)]
    assert 1 <= len(listed) < 40 and set(listed) <= {obj["id"] for obj in sent}
    review.looked_at(body.world, listed[0])
    assert [row.id for row in review.sampled(body.world)] == listed[1:]
    with pytest.raises(NotFound):
        review.looked_at(body.world, listed[0])
