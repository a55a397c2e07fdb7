"""Sending items in over the API, and taking one's own back."""

from __future__ import annotations

import json

import msgspec
import pytest

from comity import samples
from comity.admin import users
from comity.intake.govern import add_agreement
from tests.consortium import MEMBERS, Member, indicator, sighting
from tests.doors.api.meeting import Meeting, problem


def bundle(*objects) -> dict:
    return {"type": "bundle", "id": "bundle--a932fcc6-e032-476c-826f-cb970a5a1ade", "objects": list(objects)}


def counts(response) -> tuple[int, ...]:
    assert response.status_code == 200, response.text
    said = response.json()
    return tuple(said[word] for word in ("accepted", "duplicate", "quarantined", "rejected"))


def test_a_bundle_and_its_outcomes(kz, uz):
    item = indicator()
    response = kz("POST", "/items", json=bundle(item, {"type": "indicator", "id": "x"}, item))
    assert counts(response) == (1, 1, 0, 1)
    assert [(o["outcome"], o["position"]) for o in sorted(response.json()["items"], key=lambda o: o["position"])] == [
        ("accepted", "objects[0]"), ("rejected", "objects[1]"), ("duplicate", "objects[2]"),
    ]  # fmt: skip
    assert [each["id"] for each in uz.get("/items")["items"]] == [item["id"]]


@pytest.mark.parametrize("body", [lambda item: item, lambda item: [item], lambda item: {"objects": [item]}, bundle])
def test_every_shape_of_stix(kz, body):
    assert counts(kz("POST", "/items", json=body(indicator()))) == (1, 0, 0, 0)


def test_the_origin_is_the_tokens_party_whatever_is_said(kz, uz):
    item = indicator(created_by_ref="identity--a932fcc6-e032-476c-826f-cb970a5a1ade", name="of UZ")
    kz("POST", "/items", json=item)
    assert [each["origin"] for each in uz.get("/items")["items"]] == ["KZ"]


def test_a_sighting_names_its_sighter_only_with_consent(kz, uz):
    """G16: the sample's members share sightings under another's producer alone; without consent it is counted."""
    item = indicator()
    kz("POST", "/items", json=item)
    hidden, named = sighting(item["id"]), sighting(item["id"])
    assert counts(uz("POST", "/items", json=hidden)) == counts(uz("POST", "/items", json=named, named="true")) == (1, 0, 0, 0)
    assert [each["id"] for each in kz.get("/items", type="sighting")["items"]] == [named["id"]]
    assert uz("POST", "/items", json=named, named="perhaps").status_code == 400


def test_a_party_seals_at_its_own_node_alone(kz, uz):
    response = kz("POST", "/items", json=indicator(), to="UZ", sealed="true")
    assert response.status_code == 400 and "only SCO-CENTRE itself seals here" in response.text
    assert kz("POST", "/items", json=indicator(), sealed="perhaps").status_code == 400
    assert uz.get("/items")["items"] == []
    assert counts(kz("POST", "/items", json=indicator(), sealed="false")) == (1, 0, 0, 0)


def test_other_forms_by_type_and_content(kz):
    misp = samples.read("kz-phishing.misp.json")
    assert counts(kz("POST", "/items", content=misp, headers={"Content-Type": "application/json"}))[0] > 5
    table = b"value,comment\n198.51.100.7,x\nlogin.example.net,y\n"
    assert counts(kz("POST", "/items", content=table, headers={"Content-Type": "text/csv"})) == (2, 0, 0, 0)
    assert counts(kz("POST", "/items", content=b"198.51.100.8\nhxxp://a.example/x\n", headers={"Content-Type": "text/plain"})) == (
        2,
        0,
        0,
        0,
    )
    assert counts(kz("POST", "/items", content=json.dumps(indicator()), headers={"Content-Type": "text/plain"})) == (1, 0, 0, 0)
    page = b"<html><body><p>We saw bad[.]example and 198.51.100.9 today.</p></body></html>"
    assert sum(counts(kz("POST", "/items", content=page, headers={"Content-Type": "text/html"}))) >= 2


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"", "application/json", 400), (b"null", "application/json", 400), (b'"x"', "application/stix+json", 400),
        (b"garbage", "application/json", 400), (b"{}", "application/json", 200), (b"[]", "application/json", 200), (b"{", "application/json", 200),
        (b"\0\1\2", "text/plain", 200), (b"%PDF-1.7", "text/plain", 200), (b"", "text/csv", 200), (b"\xff\xfe\0", "text/csv", 200),
        (b"{}", "application/xml", 415), (b"{}", "application/taxii+json;version=2.1", 415),
    ],
)  # fmt: skip
def test_what_is_no_submission(kz, content, media, status):
    response = kz("POST", "/items", content=content, headers={"Content-Type": media})
    if status == 200:
        assert counts(response)[0] == 0
    else:
        problem(response, status)


def test_what_holds_for_objects_that_do_not_say_otherwise(kz, uz, ir):
    assert counts(kz("POST", "/items", json=indicator(), tlp="green", handling="H1,H2", to="IR"))[0] == 1
    (item,) = ir.get("/items")["items"]
    assert (item["tlp"], item["handling"]) == ("green", ["H1", "H2"])
    assert uz.get("/items")["items"] == []
    for wrong in ({"tlp": "blue"}, {"handling": "H9"}, {"to": ""}, {"to": "kz"}, {"kind": "pdf"}, {"purpose": ""}):
        problem(kz("POST", "/items", json=indicator(), **wrong), 400)


def test_a_marking_is_stricter_than_a_parameter(kz, ir):
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    kz("POST", "/items", json=indicator(object_marking_refs=[red]), tlp="clear")
    assert ir.get("/items")["items"] == []


def test_purposes_are_those_of_the_token(meeting):
    kz = meeting.caller("KZ", purposes=("network-defence", "statistics"))
    assert counts(kz("POST", "/items", json=indicator(), purpose="statistics"))[0] == 1
    problem(kz("POST", "/items", json=indicator(), purpose="training"), 403)
    assert [each["purposes"] for each in kz.get("/items")["items"]] == [["statistics"]]


def test_envelopes_beside_objects_are_not_lost_unread(kz):
    """Ignored, they would widen what their sender narrowed."""
    problem(kz("POST", "/items", json={"objects": [indicator()], "comity_envelopes": [{"tlp": "red", "purposes": []}]}), 400)


def test_outcomes_in_lines(kz):
    response = kz("POST", "/items", json=bundle(indicator(), {"id": 1}), headers={"Accept": "application/x-ndjson"})
    assert sorted(json.loads(line)["outcome"] for line in response.text.splitlines()) == ["accepted", "rejected"]


def test_too_many_objects_are_refused_before_any_is_taken():
    meeting = Meeting()
    settings = meeting.body.world.settings
    limits = msgspec.structs.replace(settings.limits, objects=3)
    object.__setattr__(meeting.body.world, "settings", msgspec.structs.replace(settings, limits=limits))
    meeting.body.member("KZ")
    kz = meeting.caller("KZ")
    text = b"\n".join(b"host%d.example" % n for n in range(4))
    problem(kz("POST", "/items", content=text, headers={"Content-Type": "text/plain"}), 413)
    assert kz.get("/items")["items"] == []
    assert counts(kz("POST", "/items", content=text[: text.rindex(b"\n")], headers={"Content-Type": "text/plain"})) == (3, 0, 0, 0)


def test_a_reader_may_not_write_and_a_writer_not_read(meeting):
    reader, writer = meeting.caller("KZ", ("api:read",)), meeting.caller("KZ", ("api:write",))
    problem(reader("POST", "/items", json=indicator()), 403)
    problem(reader("DELETE", "/items/x"), 403)
    problem(writer("GET", "/items"), 403)
    assert writer("POST", "/items", json=indicator()).status_code == 200


def test_taking_back_ones_own(meeting, kz, uz):
    item = indicator()
    later = {**item, "modified": "2021-10-09T00:00:00.000Z"}
    Member(meeting.body, "KZ").submits(item, later)
    Member(meeting.body, "UZ").submits(item)
    path = f"/items/{item['id']}"
    assert kz("DELETE", path).json() == {"id": item["id"], "versions": [later["modified"]]}
    assert [(each["origin"], each["version"]) for each in uz.get(path)["items"]] == [("KZ", item["modified"]), ("UZ", item["modified"])]
    assert kz("DELETE", path, version="all").status_code == 200
    assert [each["origin"] for each in uz.get(path)["items"]] == ["UZ"]
    problem(kz("DELETE", path), 404)


def test_a_persons_token_shares_up_to_the_ceiling_of_their_role(meeting, kz, uz):
    text = MEMBERS.replace("version = 1", "version = 2") + '\n[cap.analyst]\ntlp_max = "green"\n'
    add_agreement(meeting.body.world, text, "v2", by="test")
    users.add(meeting.body.world, "anna", "KZ", "analyst")
    anna = meeting.caller(None, user="anna")
    said = anna("POST", "/items", json=indicator()).json()
    assert (said["rejected"], said["items"][0]["why"].split(",")[0]) == (1, "TLP:AMBER is beyond the role analyst")
    assert counts(anna("POST", "/items", json=indicator(), tlp="green")) == (1, 0, 0, 0)
    assert counts(kz("POST", "/items", json=indicator())) == (1, 0, 0, 0)  # a tool, and no cap for tools
