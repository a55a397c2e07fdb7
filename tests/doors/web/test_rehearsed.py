"""A rehearsal as plain data: nothing is left out, and what fares alike stands together."""

from __future__ import annotations

from comity.admin import users
from comity.doors.web.rehearsed import NOTHING, told
from comity.share import drafts, written
from comity.share.drafts import Said
from comity.share.rehearsal import rehearse
from tests.consortium import Body


def of(body, **said):
    if all(each.name != "ann" for each in users.users(body.world)):
        users.add(body.world, "ann", "KZ", "analyst")
    kept = drafts.begin(body.world, users.find(body.world, "ann"), Said(**said))
    objects = written.objects(body.desk, kept, "KZ")
    return told(rehearse(body.desk, objects, written.submitter(kept, "KZ", "analyst")))


def test_every_decision_is_a_row_and_every_object_in_one_group():
    body = Body()
    body.member("KZ"), body.member("UZ"), body.observer("IR")
    data = of(body, text="a.example\nb.example\n203.0.113.7", title="Three", tlp="green")
    ids = {each["id"] for each in data["decisions"]}
    assert len(ids) == data["count"] == 4
    assert len(data["decisions"]) == 4 * len(data["recipients"])
    grouped = [item["id"] for group in data["groups"] for item in group["items"]]
    assert sorted(grouped) == sorted(ids)
    assert sorted((group["type"], len(group["items"])) for group in data["groups"]) == [("indicator", 3), ("report", 1)]
    for each in data["recipients"]:
        assert sum(each["counts"].values()) == 4
        assert (each["why_not"] is None) == (each["counts"]["deny"] == 0)


def test_nothing_has_the_same_names_as_something():
    body = Body()
    body.member("KZ"), body.member("UZ")
    assert set(NOTHING) - {"outcomes"} == set(of(body, text="a.example"))
