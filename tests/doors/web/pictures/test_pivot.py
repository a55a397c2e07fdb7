"""What is drawn around an object, and what is counted."""

from __future__ import annotations

import pytest

from comity.doors.web.pictures import pivot as module
from comity.doors.web.pictures.pivot import COUNTED, LIMIT, SHARE, members, pivot, property_of
from tests.consortium import Body, indicator, relationship, report, sdo, sighting


@pytest.fixture
def body() -> Body:
    return Body()


def test_a_few_of_each_group_are_drawn_and_the_rest_counted(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    family = sdo("malware")
    found = [indicator() for _ in range(SHARE + 3)]
    kz.submits(family, *found, *(relationship(each["id"], family["id"]) for each in found))
    kz.submits(report(family["id"]), report(found[0]["id"]), sighting(found[-1]["id"]))
    graph = pivot(body.desk, uz.reader, family["id"], [], [])
    by_type = {group.type: group for group in graph.groups}
    assert (len(by_type["indicator"].drawn), by_type["indicator"].rest, by_type["indicator"].more) == (SHARE, 3, False)
    assert by_type["indicator"].drawn[0] == found[-1]["id"]
    assert (len(by_type["report"].drawn), by_type["report"].rest) == (1, 0)
    assert len(graph.ties) == SHARE + 1
    assert (graph.nodes[family["id"]].open, graph.nodes[found[-1]["id"]].beyond) == (True, 1)
    assert graph.nodes[found[5]["id"]].beyond == 0
    every, more = members(body.desk, uz.reader, family["id"], (False, "indicates", "indicator"))
    assert (every, more) == ([each["id"] for each in found[::-1]], False)
    assert len(members(body.desk, uz.reader, family["id"], (False, "", "report"))[0]) == 1


def test_what_is_named_is_drawn_though_its_group_is_full(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    family = sdo("malware")
    found = [indicator() for _ in range(SHARE + 3)]
    kz.submits(family, *found, *(relationship(each["id"], family["id"]) for each in found))
    graph = pivot(body.desk, uz.reader, family["id"], [], [found[0]["id"]])
    assert found[0]["id"] in graph.nodes
    assert graph.groups[0].rest == 3


def test_opening_shows_what_is_around_and_never_more_than_the_limit(body, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 20)
    kz, uz = body.member("KZ"), body.member("UZ")
    families = [sdo("malware", name=str(number)) for number in range(3)]
    found = {each["id"]: [indicator() for _ in range(12)] for each in families}
    kz.submits(*families, *(one for some in found.values() for one in some))
    kz.submits(*(relationship(one["id"], id_) for id_, some in found.items() for one in some))
    campaign = sdo("campaign")
    kz.submits(campaign, *(relationship(campaign["id"], each["id"]) for each in families))
    graph = pivot(body.desk, uz.reader, campaign["id"], [each["id"] for each in families], [])
    assert len(graph.nodes) + sum(group.rest > 0 for group in graph.groups) <= 20
    assert graph.left > 0
    assert all(graph.nodes[each["id"]].open for each in families)
    assert LIMIT == 300


def test_what_is_beyond_is_counted_up_to_a_bound(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    hub, edge = sdo("malware"), indicator()
    kz.submits(hub, edge, relationship(edge["id"], hub["id"]), *(report(hub["id"]) for _ in range(COUNTED + 5)))
    node = pivot(body.desk, uz.reader, edge["id"], [], []).nodes[hub["id"]]
    assert (node.beyond, node.more) == (COUNTED - 1, True)


def test_two_worlds_that_differ_in_what_is_hidden_are_one_picture(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    family, seen = sdo("malware"), indicator()
    kz.submits(family, seen, relationship(seen["id"], family["id"]), tlp="green")
    before = pivot(body.desk, ir.reader, family["id"], [seen["id"], "indicator--0"], [])
    hidden = indicator()
    kz.submits(hidden, relationship(hidden["id"], family["id"]), report(seen["id"], hidden["id"]), sighting(seen["id"]), tlp="amber")
    assert pivot(body.desk, ir.reader, family["id"], [seen["id"], hidden["id"]], [hidden["id"]]) == before
    assert members(body.desk, ir.reader, hidden["id"], (False, "", "report")) == ([], False)


def test_the_property_that_names_another():
    assert property_of({"id": "a", "object_refs": ["x", "y"], "source_ref": "z"}, "y") == "object_refs"
    assert property_of({"source_ref": "z"}, "z") == "source_ref"
    assert property_of({"deep": {"some_ref": "z"}}, "z") == ""
