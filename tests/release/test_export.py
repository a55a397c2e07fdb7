from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity.errors import NotFound
from comity.forms.misp import read
from comity.intake.submit import Submitter, submit
from comity.release.export import since, stories, surrounded
from tests.consortium import Body, indicator, relationship, report, sdo, sighting
from tests.forms.misp_events import UUIDS, attribute, event


@pytest.fixture
def body() -> Body:
    """A centre; as the node's own party it sees its own items."""
    return Body()


def ids(found: list) -> set[str]:
    return {each.id for each in found}


def test_a_story_is_what_a_report_names_and_what_is_said_about_it(body: Body) -> None:
    centre = body.party("SCO-CENTRE")
    author, one, other = sdo("identity", name="A"), indicator(), indicator()
    said = report(one["id"], created_by_ref=author["id"])
    seen, elsewhere = sighting(one["id"]), sighting(other["id"])
    centre.submits(author, one, other, said, seen, elsewhere)
    assert ids(stories(body.desk, [said["id"]])) == {each["id"] for each in (author, one, said, seen)}
    assert ids(stories(body.desk, [one["id"]])) == {each["id"] for each in (one, seen)}


def test_a_misp_event_is_whole_with_what_its_report_does_not_name(body: Body) -> None:
    node = event(attribute(1), attribute(2, "text", "words"), attribute(3, distribution="0"))
    list(submit(body.world, read(json.dumps(node).encode()), Submitter(party="SCO-CENTRE")))
    body.party("SCO-CENTRE").submits(indicator())
    found = ids(stories(body.desk, [f"report--{UUIDS[0]}"]))
    assert {f"indicator--{UUIDS[1]}", f"x-misp-attribute--{UUIDS[2]}", f"indicator--{UUIDS[3]}"} <= found
    assert len(found) == 5


def test_since_takes_what_came_and_what_it_names(body: Body) -> None:
    centre = body.party("SCO-CENTRE")
    old, older = indicator(), indicator()
    centre.submits(old, older)
    moment = body.clock()
    body.clock.at += timedelta(days=1)
    new = report(old["id"])
    centre.submits(new)
    assert ids(since(body.desk, moment)) == {old["id"], new["id"]}
    assert len(since(body.desk, moment - timedelta(days=30))) >= 3


def test_hidden_and_absent_are_the_same(body: Body) -> None:
    hidden = indicator()
    body.member("UZ").submits(hidden)
    told = []
    for id_ in (hidden["id"], "indicator--00000000-0000-4000-8000-00000000ffff"):
        with pytest.raises(NotFound) as fault:
            stories(body.desk, [id_])
        told.append(str(fault.value).replace(id_, ""))
    assert told[0] == told[1]
    assert hidden["id"] not in ids(since(body.desk, body.clock() - timedelta(days=30)))


def test_more_than_a_page(body: Body) -> None:
    centre = body.party("SCO-CENTRE")
    many = [indicator() for _ in range(1_100)]
    said = report(*(each["id"] for each in many))
    centre.submits(*many, said)
    assert len(stories(body.desk, [said["id"]])) == 1_101


def test_one_object_goes_with_what_is_tied_to_it_as_far_as_the_reader_sees():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    bad, family, far = indicator(), sdo("malware"), indicator()
    tie, told, hidden = relationship(bad["id"], family["id"]), report(bad["id"], far["id"]), report(bad["id"], family["id"])
    kz.submits(bad, family, far, tie, told, tlp="green")
    kz.submits(hidden, tlp="amber")
    assert {each.id for each in surrounded(body.desk, ir.reader, bad["id"])} == {each["id"] for each in (bad, family, far, tie, told)}
    assert hidden["id"] in {each.id for each in surrounded(body.desk, kz.reader, bad["id"])}
    for id_ in (hidden["id"], "report--x"):
        with pytest.raises(NotFound):
            surrounded(body.desk, ir.reader, id_)
