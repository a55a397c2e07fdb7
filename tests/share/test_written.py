"""What a draft comes to: what was pasted by its content, one's own objects in a new version, a report of all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from comity import samples
from comity.admin import users
from comity.errors import SenderFault
from comity.share import drafts
from comity.share.drafts import Said
from comity.share.written import objects, submitter
from comity.terms.item import Draft, Refused
from comity.terms.tlp import TLP2_IDS
from tests.consortium import Body, indicator


@pytest.fixture
def body():
    body = Body()
    body.kz = body.member("KZ")
    body.uz = body.member("UZ")
    body.ann = users.add(body.world, "ann", "KZ", "analyst")
    return body


def read(body, **said):
    return objects(body.desk, drafts.begin(body.world, body.ann, Said(**said)), "KZ")


BUNDLE = {"type": "bundle", "id": "bundle--1f2e3d4c-0000-4000-8000-000000000000", "objects": [indicator(), indicator()]}


@pytest.mark.parametrize(
    "text",
    [
        "bad.example\n203.0.113.7",
        "bad[.]example\nhxxp://198.51.100[.]1/x",
        "value,type\nbad.example,domain\n203.0.113.7,ipv4",
        json.dumps(BUNDLE),
        samples.read("kz-phishing.misp.json").decode(),
    ],
)
def test_what_is_pasted_is_told_by_its_content(body, text):
    found = read(body, text=text)
    assert sum(isinstance(each, Draft) and each.obj["type"] == "indicator" for each in found) >= 2


def test_nothing_comes_to_nothing():
    body = Body()
    body.ann = users.add(body.world, "ann", "KZ", "analyst")
    assert read(body) == []
    assert read(body, title="alone") == []
    assert isinstance(read(body, text="%PDF-1.4")[0], Refused)


def test_a_title_makes_a_report_of_it_all_always_the_same(body):
    kept = drafts.begin(body.world, body.ann, Said(text="bad.example\n203.0.113.7", title="Two hosts", about="Seen <b>today</b>"))
    first, second = (objects(body.desk, kept, "KZ") for _ in range(2))
    assert first[-1] == second[-1]
    report = first[-1].obj
    assert (report["type"], report["name"], report["description"]) == ("report", "Two hosts", "Seen <b>today</b>")
    assert report["object_refs"] == [each.obj["id"] for each in first[:-1]]


def test_an_object_of_ones_own_gets_a_new_version_under_the_markings_chosen(body):
    statement = "marking-definition--9ccd2b9a-0000-4000-8000-000000000000"
    old = indicator(object_marking_refs=[TLP2_IDS["red"], statement])
    body.kz.submits(old)
    (made,) = read(body, ids=(old["id"],), tlp="green", pap="amber")
    assert made.obj["modified"] > old["modified"]
    assert made.obj["object_marking_refs"] == [statement]
    assert {key: value for key, value in made.obj.items() if key not in ("modified", "object_marking_refs")} == {
        key: value for key, value in old.items() if key not in ("modified", "object_marking_refs")
    }
    assert made.pap == "amber"


def test_a_version_from_the_future_is_followed_by_a_later_one(body):
    ahead = (body.clock.at + timedelta(days=300)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    old = indicator(modified=ahead)
    body.kz.submits(old)
    (made,) = read(body, ids=(old["id"],))
    assert made.obj["modified"] > ahead


def test_somebody_elses_hidden_and_absent_objects_get_none(body):
    theirs, hidden = indicator(), indicator()
    body.uz.submits(theirs)
    body.uz.submits(hidden, tlp="red", to=("SCO-CENTRE",))
    address = {"type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd", "value": "198.51.100.3"}
    body.kz.submits(address)
    absent = "indicator--00000000-0000-4000-8000-000000000000"
    found = read(body, ids=(theirs["id"], hidden["id"], absent, address["id"]))
    assert [type(each) for each in found] == [Refused] * 4
    assert "it is UZ's" in found[0].why
    assert found[1].why == found[2].why
    assert "no versions" in found[3].why


def test_words_that_are_none_are_refused(body):
    for said in (Said(tlp="beige"), Said(purposes=("fun",)), Said(handling=("H9",))):
        with pytest.raises(SenderFault):
            submitter(drafts.begin(body.world, body.ann, said), "KZ", "analyst")
