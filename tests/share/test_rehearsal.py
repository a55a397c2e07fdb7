"""A rehearsal leaves nothing behind and says exactly what the sending then does; what was not looked at is not sent."""

from __future__ import annotations

import json
from random import Random

import pytest

from comity.admin import users
from comity.admin.fsck import fsck
from comity.errors import Conflict, NotFound, SenderFault
from comity.intake.govern import add_agreement, add_standing
from comity.release import explain
from comity.share import drafts
from comity.share.drafts import Said
from comity.share.rehearsal import MOST, Changed, rehearse, send
from comity.share.written import objects, submitter
from comity.terms.item import PURPOSES
from comity.terms.party import Standing
from comity.terms.tlp import LEVELS
from tests.approving import Meeting
from tests.consortium import MEMBERS, START, Body, indicator, relationship

REDACTING = MEMBERS.replace('tlp_max = "green"', 'tlp_max = "green"\nredact = "p"').replace(
    "[party", '[profile.p]\nremove = ["name"]\n[party'
)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(agreement=REDACTING, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    furnish(body)
    yield body
    body.world.store.close()


def furnish(body):
    body.kz, body.uz, body.ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    body.ann = users.add(body.world, "ann", "KZ", "analyst")


def written(body, **said):
    kept = drafts.begin(body.world, body.ann, Said(**said))
    return kept, objects(body.desk, kept, "KZ"), submitter(kept, "KZ", "analyst")


def state(body):
    """Everything that a store tells."""
    store = body.world.store
    rows = store.recent(1_000)
    spaces = ("drafts", "recalls", "users", "approvals")
    return (
        store.head(), store.counters(), store.last_added(), rows, store.trait_rows(0), store.counts(),
        {space: list(store.privates(space)) for space in spaces}, store.envelopes([row.item for row in rows]),
    )  # fmt: skip


def effects(rehearsal):
    return {item.id: {party: answer.effect for party, answer in item.answers.items()} for item in rehearsal.items}


def audience(body, id_):
    return {each.party: each.decision.effect for each in explain.audience(body.desk, id_, "sco", ("network-defence",))}


def test_a_rehearsal_leaves_nothing_behind(body):
    body.kz.submits(indicator())
    _, found, by = written(body, text="bad.example\n203.0.113.7", title="Two", tlp="green")
    before = state(body)
    for _ in range(3):
        rehearse(body.desk, found, by)
    assert state(body) == before
    body.uz.polls()
    assert list(fsck(body.world)) == []
    body.kz.submits(indicator(name="the store goes on"))
    assert len(body.uz.polls()) == 1


def test_what_is_said_is_what_then_is(body):
    kept, found, by = written(body, text="bad.example\n203.0.113.7", title="Two", tlp="green")
    said = rehearse(body.desk, found, by)
    assert said.reaches == ["IR", "SCO-CENTRE", "UZ"] or said.reaches == ["IR", "UZ"]
    sent = send(body.desk, kept, found, by, said.mark)
    assert [each.outcome for each in sent.sent] == ["accepted"] * 3
    assert len(effects(said)) == 3
    for id_, told in effects(said).items():
        real = audience(body, id_)
        assert {party: real[party] for party in told} == told
        assert (id_ in body.uz.reads()) == (told["UZ"] == "permit")
    assert drafts.find(body.world, body.ann, kept.id).sent == sent.sent


def test_fields_that_a_copy_lacks_are_named(body):
    old = indicator(name="inner name", description="kept")
    kept, found, by = written(body, text=json.dumps(old), tlp="green")
    said = rehearse(body.desk, found, by)
    assert said.left_out == {(old["id"], "IR"): ("name",)}
    send(body.desk, kept, found, by, said.mark)
    (copy,) = [body_ for body_ in body.ir.page(limit=10).bodies if b"kept" in body_]
    assert b"inner name" not in copy


def test_a_new_version_is_set_beside_the_one_that_stands(body):
    old = indicator(name="a host")
    body.kz.submits(old, tlp="amber")
    kept, found, by = written(body, ids=(old["id"],), tlp="green")
    said = rehearse(body.desk, found, by)
    assert {party: said.before[old["id"]][party].effect for party in ("UZ", "IR")} == {"UZ": "permit", "IR": "deny"}
    assert effects(said)[old["id"]]["IR"] == "redact"
    assert said.was[old["id"]]["modified"] < said.now[old["id"]]["modified"]
    send(body.desk, kept, found, by, said.mark)
    assert audience(body, old["id"])["IR"] == "redact"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "nothing"), ({"text": "bad.example", "tlp": "red"}, "nobody"), ({"text": "bad.example", "to": ()}, "nobody"),
        ({"text": '{"type": "indicator", "id": "indicator--x"}'}, "rejected"), ({"ids": ("indicator--x",)}, "rejected"),
        ({"text": "bad.example", "to": ("KZ",)}, "nobody"), ({"text": "bad.example", "to": ("XX",)}, "nobody"),
    ],
)  # fmt: skip
def test_what_reaches_nobody_or_cannot_be_taken_is_not_sent(body, said, why):
    kept, found, by = written(body, **said)
    before = state(body)
    rehearsed = rehearse(body.desk, found, by)
    assert rehearsed.hindrance == why
    with pytest.raises(Conflict):
        send(body.desk, kept, found, by, rehearsed.mark)
    assert state(body) == before


def test_what_was_shared_already_is_not_shared_again(body):
    kept, found, by = written(body, text="bad.example", tlp="green")
    send(body.desk, kept, found, by, rehearse(body.desk, found, by).mark)
    kept, found, by = written(body, text="bad.example", tlp="green")
    assert rehearse(body.desk, found, by).hindrance == "known"


@pytest.mark.parametrize("what", ["standing", "agreement", "draft"])
def test_what_was_not_looked_at_is_not_sent(body, what):
    kept, found, by = written(body, text="bad.example", tlp="amber")
    mark = rehearse(body.desk, found, by).mark
    if what == "standing":
        add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=START), by="test")
    elif what == "agreement":
        add_agreement(body.world, MEMBERS.replace("version = 1", "version = 2").replace('["member"]', '["guest"]'), "v2", by="test")
    else:
        kept, found, by = written(body, text="bad.example", tlp="green")
    before = state(body)
    with pytest.raises(Conflict) as refused:
        send(body.desk, kept, found, by, mark)
    assert isinstance(refused.value, Changed) == (what != "agreement")
    if what == "standing":
        assert refused.value.found.items[0].answers["IR"].effect == "permit"
    assert state(body) == before


def test_objects_that_name_hidden_ones_go_to_nobody_who_does_not_see_those(body):
    theirs, mine = indicator(), indicator()
    body.uz.submits(theirs, tlp="red", to=("KZ",))
    body.kz.submits(mine)
    text = json.dumps(relationship(mine["id"], theirs["id"]))
    _, found, by = written(body, text=text, tlp="amber")
    (item,) = rehearse(body.desk, found, by).items
    assert item.answers["SCO-CENTRE"].rule in ("references", "no-clause")


def test_what_awaits_approval_is_an_audience_to_come():
    meeting = Meeting()
    meeting.body.ann = users.add(meeting.body.world, "ann", "KZ", "analyst")
    _, found, by = written(meeting.body, text="bad.example", tlp="amber")
    said = rehearse(meeting.body.desk, found, by)
    assert effects(said)[said.items[0].id]["UZ"] == "approve"
    assert said.hindrance == ""
    assert "UZ" in said.awaits
    assert said.receives == []


def test_who_is_named_and_gets_nothing_is_told(body):
    _, found, by = written(body, text="bad.example", tlp="green", to=("UZ", "ZZ"))
    said = rehearse(body.desk, found, by)
    assert (said.receives, said.awaits, said.passed_over) == (["UZ"], [], ["ZZ"])


def test_too_many_objects_are_refused_before_anybody_waits(body):
    _, found, by = written(body, text="\n".join(f"host{n}.example" for n in range(MOST + 1)), tlp="green")
    with pytest.raises(SenderFault):
        rehearse(body.desk, found, by)


@pytest.mark.parametrize("seed", range(8))
def test_any_draft_is_sent_as_it_was_rehearsed(seed):
    random, body = Random(seed), Body(agreement=REDACTING)
    furnish(body)
    body.guest = body.party("BY", "guest")
    known = [indicator() for _ in range(3)]
    body.uz.submits(*known, tlp=random.choice(["green", "amber"]))
    new = [indicator(name=f"n{n}") for n in range(3)]
    ties = [relationship(random.choice(new)["id"], random.choice(known + new)["id"]) for _ in range(3)]
    bundle = {"type": "bundle", "id": "bundle--1f2e3d4c-0000-4000-8000-000000000000", "objects": new + ties}
    to = random.choice([None, ("UZ",), ("UZ", "IR"), ("IR", "BY")])
    kept, found, by = written(
        body, text=json.dumps(bundle), tlp=random.choice(LEVELS), to=to,
        purposes=tuple(random.sample(PURPOSES, 2)), handling=random.choice([(), ("H1",), ("H3",)]),
    )  # fmt: skip
    said = rehearse(body.desk, found, by)
    if said.hindrance:
        return
    send(body.desk, kept, found, by, said.mark)
    for item in said.items:
        real = {each.party: each for each in explain.audience(body.desk, item.id, "sco", by.purposes)}
        for party, answer in item.answers.items():
            assert answer.effect == real[party].decision.effect, (item.id, party)


@pytest.mark.parametrize("what", ["saved", "discarded", "sent", "removed"])
def test_a_draft_that_is_another_by_now_is_not_sent(body, what):
    """Each of these is done after the form was read, and before its sending has the store for itself."""
    kept, found, by = written(body, text="bad.example", tlp="amber")
    mark = rehearse(body.desk, found, by).mark
    if what == "saved":
        drafts.save(body.world, body.ann, kept.id, kept.version, Said(text="bad.example", tlp="red"))
    elif what == "discarded":
        drafts.discard(body.world, body.ann, kept.id)
    elif what == "sent":
        with body.world.store.write() as tx:
            drafts.close(body.world, tx, kept, ())
    else:
        users.remove(body.world, "ann")
    before = state(body)
    with pytest.raises((Conflict, NotFound)):
        send(body.desk, kept, found, by, mark)
    assert state(body) == before


def test_what_a_colleague_wrote_since_the_preview_is_not_sent_unseen(body):
    """A new version takes over what stands: a text that its writer gave to fewer must not go to all whom the preview named."""
    obj = indicator(name="harmless")
    body.kz.submits(obj, tlp="amber")
    kept, found, by = written(body, ids=(obj["id"],), tlp="green")
    mark = rehearse(body.desk, found, by).mark
    later = {**obj, "name": "for KZ alone", "modified": "2021-10-31T23:00:00.000Z"}
    body.kz.submits(later, tlp="amber")
    again = objects(body.desk, kept, "KZ")
    assert "for KZ alone" in json.dumps([each.obj for each in again])
    before = state(body)
    with pytest.raises(Changed):
        send(body.desk, kept, again, by, mark)
    assert state(body) == before
