"""What the demo sets up besides its story."""

from __future__ import annotations

import re

import msgspec

from comity import samples
from comity.agree.approval import Person
from comity.doors.cli import demo_scenery
from comity.intake import approve
from comity.intake.govern import add_agreement
from comity.release.approvals import standing
from comity.release.techniques import atlas
from tests.consortium import Body

AROUND = list(demo_scenery._around())


def test_each_technique_has_its_ties():
    patterns = [each["external_references"][0]["external_id"] for each in AROUND if each["type"] == "attack-pattern"]
    assert patterns == [each[0] for each in demo_scenery.TECHNIQUES]
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", each) for each in patterns)
    assert len({each["id"] for each in AROUND}) == len(AROUND)
    body = Body()
    kz = body.member("KZ")
    story = msgspec.json.decode(samples.read("kz-threat-report.stix.json"))["objects"]
    kz.submits(*(each for each in story if each["type"] in ("malware", "indicator")), tlp="green")
    kz.submits(*AROUND, tlp="green")
    found = {each.id: each.count for each in atlas(body.desk, kz.reader).techniques}
    assert found == {id_: count + used for id_, _, _, count, used in demo_scenery.TECHNIQUES}


def test_the_incident_waits_for_two_persons_of_its_origin():
    body = Body(agreement=demo_scenery.CAREFUL, party="KZ")
    kz = body.member("KZ")
    body.member("UZ")
    (made,) = kz.submits(demo_scenery._incident(), tlp="amber", purposes=("incident-response",))
    assert made.outcome == "accepted"
    (row,) = body.world.store.by_id([demo_scenery._incident()["id"]])
    (request,) = approve.ask(body.world, [row.item], ["UZ"], Person(party="KZ", id="kz.analyst"))
    (waiting,) = standing(body.desk, None, "requested")
    assert (waiting.request.approval.id, waiting.procedure.kind) == (request.id, "two-persons")
    add_agreement(body.world, samples.read("sco-ict-sample.toml").decode(), "sample", by="test")
    assert standing(body.desk, None, "requested"), "the story's own agreement does not give it"
