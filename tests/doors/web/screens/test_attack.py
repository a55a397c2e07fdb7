"""The heat map, its table and its layer."""

from __future__ import annotations

import html
import json
import re

import pytest

from comity.doors.web.screens import attack
from comity.doors.web.screens.attack import TACTICS
from comity.doors.web.words.catalogue import texts
from tests.consortium import Member, indicator, relationship, sdo
from tests.doors.web.visitor import Visitor, body_that_reads
from tests.release.test_techniques import technique


@pytest.fixture
def mapped() -> Visitor:
    """Three techniques: one with three objects, one with one, one with none."""
    body, kz = body_that_reads()
    many, one, none = (
        technique("T1059", "execution", name="<i>many</i>"),
        technique("T1566", "initial-access", "impact"),
        technique("T1001"),
    )
    found = [indicator() for _ in range(3)]
    family = sdo("malware")
    kz.submits(many, one, none, family, *found, tlp="green")
    kz.submits(*(relationship(each["id"], many["id"]) for each in found), relationship(family["id"], one["id"]), tlp="green")
    return Visitor(body)


def test_the_map_and_its_table_say_the_same(mapped):
    for query in ("", "show=all", "type=indicator", "type=indicator&show=all"):
        rows = {row["id"]: row for row in mapped.data(f"/attack.json?{query}")["techniques"]}
        shown = set(rows) if "show=all" in query else {id_ for id_, row in rows.items() if row["count"]}
        picture, table = (mapped.see(f"/attack?{query}&view={view}") for view in ("", "table"))
        cells = dict(re.findall(r'data-technique="([^"]+)">.*?<b>([0-9]+)</b>', picture))
        assert cells == {id_: str(rows[id_]["count"]) for id_ in shown}
        lines = re.findall(r'<tr role="row" data-item data-technique="([^"]+)">.*?class="num"[^>]*><div>([0-9]+)', table, re.DOTALL)
        assert dict(lines) == cells


def test_a_long_table_has_pages(mapped, monkeypatch):
    monkeypatch.setattr(attack, "SIZE", 1)
    found, path = [], "/attack?show=all&view=table"
    while path:
        page = mapped.see(path)
        found += re.findall(r'data-item data-technique="([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/attack" + html.unescape(following[1]) if following else ""
    assert found == ["T1001", "T1059", "T1566"]


def test_what_came_since_is_counted(mapped):
    before = {row["id"]: row["count"] for row in mapped.data("/attack.json")["techniques"]}
    (pattern,) = next(row["patterns"] for row in mapped.data("/attack.json")["techniques"] if row["id"] == "T1001")
    kz, family = Member(mapped.body, "KZ"), sdo("malware")
    kz.submits(family, relationship(family["id"], pattern), tlp="green")
    after = {row["id"]: row["count"] for row in mapped.data("/attack.json")["techniques"]}
    assert after == {**before, "T1001": 1}


def test_facts(mapped):
    data = mapped.data("/attack.json")
    assert {row["id"]: (row["count"], row["shade"]) for row in data["techniques"]} == {"T1001": (0, 0), "T1059": (3, 4), "T1566": (1, 2)}
    assert [(column["name"], column["ids"]) for column in data["tactics"]] == [
        ("initial-access", ["T1566"]), ("execution", ["T1059"]), ("impact", ["T1566"]), ("", ["T1001"]),
    ]  # fmt: skip
    assert (data["gaps"], data["version"], data["domain"]) == (["T1001"], "", "enterprise-attack")
    assert "<i>many" not in mapped.see("/attack")


def test_the_layer_is_the_navigators(mapped):
    answer = mapped.get("/attack/layer.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="attack-layer.json"'
    layer = json.loads(answer.text)
    assert (layer["versions"]["layer"], layer["domain"]) == ("4.5", "enterprise-attack")
    assert {(each["techniqueID"], each["tactic"], each["score"]) for each in layer["techniques"]} == {
        ("T1059", "execution", 3), ("T1566", "initial-access", 1), ("T1566", "impact", 1),
    }  # fmt: skip
    assert layer["gradient"]["maxValue"] == 3


def test_without_techniques_the_page_says_how_to_get_them():
    body, _ = body_that_reads()
    page = Visitor(body).see("/attack")
    assert "comity add" in page
    assert json.loads(Visitor(body, name="b").get("/attack/layer.json").text)["techniques"] == []


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_every_tactic_has_a_name(lang):
    assert [name for name in TACTICS if texts(lang).gettext(f"tactic.{name}") == f"tactic.{name}"] == []
