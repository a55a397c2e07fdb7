"""The graph's page, its table and its files."""

from __future__ import annotations

import json
import re

import pytest

from comity.doors.web.pictures import pivot
from comity.doors.web.pictures.pivot import SHARE
from comity.release.around import around
from tests.consortium import indicator, relationship, report, sdo
from tests.doors.web.visitor import Visitor, body_that_reads, told


@pytest.fixture
def spread() -> tuple[Visitor, dict, list[dict]]:
    """A family with indicators of KZ's, all of which the centre reads."""
    body, kz = body_that_reads()
    family = sdo("malware", name="<b>family</b> http://bad.example/")
    found = [indicator(name=f"found {number}") for number in range(SHARE + 3)]
    kz.submits(family, *found, *(relationship(each["id"], family["id"]) for each in found), report(found[-1]["id"]), tlp="green")
    return Visitor(body), family, found


def test_the_picture_is_links_and_inert(spread):
    visitor, family, found = spread
    page = visitor.see(f"/o/{family['id']}/graph")
    assert "<b>family" not in page
    assert "http://bad" not in page
    assert f'href="/o/{found[-1]["id"]}"' in page
    assert re.search(rf'href="\?open={found[-1]["id"]}"', page)
    opened = visitor.see(f"/o/{family['id']}/graph?open={found[-1]['id']}")
    assert re.search(r'class="more" href="\?"', opened)


def test_the_picture_and_its_table_say_the_same(spread):
    visitor, family, found = spread
    for query in ("", f"open={found[-1]['id']}", f"pin={found[0]['id']}"):
        data = visitor.data(f"/o/{family['id']}/graph.json?{query}")
        picture, table = (visitor.see(f"/o/{family['id']}/graph?{query}&view={view}") for view in ("", "table"))
        drawn = re.findall(r'data-node="([^"]+)"', picture)
        assert sorted(drawn) == sorted(node["id"] for node in data["nodes"])
        assert sum(row["count"] for row in data["rows"]) == len(data["ties"]) + sum(group["count"] for group in data["groups"])
        assert table.count('role="row"') == len(data["rows"]) + 1
        assert {row["from"] for row in data["rows"] if row["to"]} | {row["to"] for row in data["rows"] if row["to"]} == set(drawn)


def test_closing_takes_what_was_opened_beside_it(spread):
    visitor, family, found = spread
    (paper,) = {
        node["id"] for node in visitor.data(f"/o/{family['id']}/graph.json?open={found[-1]['id']}")["nodes"] if node["type"] == "report"
    }
    data = visitor.data(f"/o/{family['id']}/graph.json?open={found[-1]['id']},{paper}")
    toggles = {node["id"]: node["toggle"] for node in data["nodes"] if node["open"]}
    assert toggles[found[-1]["id"]] == []
    assert toggles[paper] == [found[-1]["id"]]


def test_the_members_of_a_group_are_listed(spread):
    visitor, family, found = spread
    query = f"view=table&of={family['id']}&label=indicates&type=indicator&way=in"
    data = visitor.data(f"/o/{family['id']}/graph.json?{query}")["listing"]
    assert [each["id"] for each in data["members"]] == [each["id"] for each in found[::-1]]
    assert (data["count"], data["next"]) == (SHARE + 3, None)
    page = visitor.see(f"/o/{family['id']}/graph?{query}")
    assert f"pin={found[0]['id']}" in page
    assert visitor.data(f"/o/{family['id']}/graph.json?of=malware--0&type=indicator")["listing"]["count"] == 0
    lines = visitor.get(f"/o/{family['id']}/graph.ndjson?{query}").text.splitlines()
    assert {each["id"] for each in found} <= {json.loads(line)["from"] for line in lines}
    assert len(lines) == len({(row["from"], row["to"]) for row in map(json.loads, lines)})


def test_a_group_too_large_to_count_says_so(spread, monkeypatch):
    visitor, family, _ = spread
    monkeypatch.setattr(pivot, "around", lambda desk, reader, ids, most=5: around(desk, reader, ids, most))
    query = f"view=table&of={family['id']}&label=indicates&type=indicator&way=in"
    listing = visitor.data(f"/o/{family['id']}/graph.json?{query}")["listing"]
    assert (listing["count"], listing["more"]) == (5, True)
    assert "at least 5 objects" in visitor.see(f"/o/{family['id']}/graph?{query}")


def test_a_cut_name_is_told_as_it_is_drawn():
    body, kz = body_that_reads()
    hub, odd = sdo("malware"), sdo("attack-pattern", name="data:text/html,<script>window.PWNED=1</script>")
    kz.submits(hub, odd, relationship(odd["id"], hub["id"]), tlp="green")
    page = Visitor(body).see(f"/o/{hub['id']}/graph")
    assert "&amp;lt;" not in page
    assert 'aria-label="data:text/html,&lt;scr' in page


def test_it_can_be_kept(spread):
    visitor, family, found = spread
    picture = visitor.get(f"/o/{family['id']}/graph.svg?open={found[-1]['id']}")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.headers["content-disposition"].startswith("attachment")
    assert "<a " not in picture.text
    assert "http://bad" not in picture.text
    bundle = json.loads(visitor.get(f"/o/{family['id']}/graph.stix.json").text)
    types = [obj["type"] for obj in bundle["objects"]]
    assert (bundle["type"], types.count("indicator"), types.count("relationship"), types.count("malware")) == ("bundle", SHARE, SHARE, 1)


def test_hidden_and_absent_are_one():
    body, kz = body_that_reads()
    hidden = sdo("malware")
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    for path in ("graph", "graph.json", "graph.csv", "graph.svg", "graph.stix.json"):
        answers = [visitor.get(f"/o/{id_}/{path}") for id_ in (hidden["id"], "malware--00000000-0000-4000-8000-000000000000")]
        assert answers[0].status_code == 404
        assert told(answers[0])[0::2] == told(answers[1])[0::2]
        assert answers[0].text.replace(hidden["id"], "") == answers[1].text.replace("malware--00000000-0000-4000-8000-000000000000", "")


def test_nothing_around():
    body, kz = body_that_reads()
    lone = sdo("malware")
    kz.submits(lone, tlp="green")
    page = Visitor(body).see(f"/o/{lone['id']}/graph")
    assert "<svg xmlns" not in page
    assert "Nothing stands around it" in page


def test_a_relationship_in_the_table_is_called_by_its_ends():
    body, kz = body_that_reads()
    one, other = indicator(name="first end"), indicator(name="second end")
    tie = relationship(one["id"], other["id"])
    paper = report(tie["id"])
    kz.submits(one, other, tie, paper, tlp="green")
    (row,) = Visitor(body).data(f"/o/{paper['id']}/graph.json")["rows"]
    assert row["to"] == tie["id"]
    assert "first end" in row["to_title"] and "second end" in row["to_title"] and "--" not in row["to_title"]
