"""The page of sightings, and what people make of them."""

from __future__ import annotations

import re

import pytest

from comity.doors.web.screens.matches import SIZE
from comity.match.feedback import opinion_id
from tests.consortium import indicator, sighting
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.fixture
def seen() -> tuple[Visitor, dict, dict]:
    """The centre saw two indicators of KZ's, one of them named."""
    body, kz = body_that_reads()
    one, two = indicator(name="<b>one</b>"), indicator(name="two")
    kz.submits(one, two, sighting(two["id"], count=7), tlp="green")
    centre = body.member("SCO-CENTRE")
    centre.submits(sighting(one["id"], count=3, last_seen="2021-10-30T01:00:00Z"), tlp="green", named=False)
    centre.submits(sighting(two["id"], count=2, last_seen="2021-10-31T01:00:00Z"), tlp="green")
    return Visitor(body), one, two


def says(visitor: Visitor, do: str, **more: str):
    return visitor.client.post("/matches/say", data={"do": do, **more})


def test_hits_by_indicator_source_and_day(seen):
    visitor, one, two = seen
    data = visitor.data("/matches.json")
    assert {row["id"]: (row["hits"], row["counted"], row["sources"], row["parties"]) for row in data["rows"]} == {
        one["id"]: (3, 1, ["KZ"], {"SCO-CENTRE": 3}), two["id"]: (2, 0, ["KZ"], {"SCO-CENTRE": 2}),
    }  # fmt: skip
    assert (data["hits"], data["indicators"], data["looked"]) == (5, 2, 2)
    assert visitor.data("/matches.json?scope=all")["hits"] == 12
    assert visitor.data("/matches.json?by=source")["rows"] == [{"source": "KZ", "hits": 5, "indicators": 2}]
    assert visitor.data("/matches.json?by=day")["rows"] == [
        {"day": "2021-10-31", "hits": 2, "indicators": 1}, {"day": "2021-10-30", "hits": 3, "indicators": 1},
    ]  # fmt: skip
    assert len(visitor.get("/matches.ndjson").text.splitlines()) == 2
    assert "<b>one" not in visitor.see("/matches")


def test_the_bars_and_their_table_say_the_same(seen):
    visitor, *_ = seen
    bars = re.findall(r'data-day="([^"]+)"><title>[^:]+: ([0-9]+)<', visitor.see("/matches"))
    table = re.findall(r'data-row="([^"]+)">.*?class="num"[^>]*><div>([0-9]+)<', visitor.see("/matches?by=day"), re.DOTALL)
    assert bars == table[::-1] == [("2021-10-30", "3"), ("2021-10-31", "2")]


def test_an_opinion_goes_to_the_producer_and_is_shown(seen):
    visitor, one, _ = seen
    answer = says(visitor, f"confirm {one['id']}", back="scope=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/matches?scope=all")
    assert {row["id"]: row["opinion"] for row in visitor.data("/matches.json")["rows"]}[one["id"]] == "confirm"
    assert visitor.body.world.store.by_id([opinion_id("SCO-CENTRE", one["id"])])
    says(visitor, f"false {one['id']}")
    assert {row["id"]: row["opinion"] for row in visitor.data("/matches.json")["rows"]}[one["id"]] == "false"


def test_muting_stays_here_and_can_be_taken_back(seen):
    visitor, one, two = seen
    size = visitor.body.world.store.last_added()
    says(visitor, f"mute {one['id']}")
    data = visitor.data("/matches.json")
    assert ([row["id"] for row in data["rows"]], data["muted"], data["hits"]) == ([two["id"]], 1, 2)
    assert [row["id"] for row in visitor.data("/matches.json?muted=only")["rows"]] == [one["id"]]
    assert visitor.body.world.store.last_added() == size
    says(visitor, f"unmute {one['id']}")
    assert len(visitor.data("/matches.json")["rows"]) == 2


def test_consent_names_the_party_in_its_sightings(seen):
    visitor, one, _ = seen
    says(visitor, f"name {one['id']}")
    row = next(row for row in visitor.data("/matches.json")["rows"] if row["id"] == one["id"])
    assert (row["counted"], row["hits"], row["sightings"]) == (0, 3, 1)


def test_what_is_hidden_absent_or_no_act_changes_nothing(seen):
    visitor, one, _ = seen
    hidden = indicator()
    visitor.body.member("KZ").submits(hidden, tlp="amber")
    before = visitor.body.world.store.last_added()
    answers = [says(visitor, f"mute {id_}") for id_ in (hidden["id"], "indicator--00000000-0000-4000-8000-000000000000")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert says(visitor, f"shout {one['id']}").status_code == 422
    assert says(visitor, "").status_code == 422
    assert visitor.body.world.store.last_added() == before


def test_an_auditor_reads_and_does_nothing(seen):
    visitor, one, _ = seen
    auditor = Visitor(visitor.body, role="auditor")
    assert 'name="do"' not in auditor.see("/matches")
    assert says(auditor, f"mute {one['id']}").status_code == 404


def test_before_anything_was_sighted():
    body, _ = body_that_reads()
    assert "comity match" in Visitor(body).see("/matches")


def test_many_are_shown_page_by_page():
    body, kz = body_that_reads()
    bad = [indicator() for _ in range(SIZE + 3)]
    kz.submits(*bad, tlp="green")
    body.member("SCO-CENTRE").submits(*(sighting(each["id"]) for each in bad), tlp="green")
    visitor = Visitor(body)
    first = visitor.data("/matches.json")
    second = visitor.data(f"/matches.json?from={first['further']['from']}")
    assert [len(page["rows"]) for page in (first, second)] == [SIZE, 3]
    assert {row["id"] for page in (first, second) for row in page["rows"]} == {each["id"] for each in bad}
    assert (second["further"], first["hits"], second["hits"]) == (None, SIZE + 3, SIZE + 3)
    assert f"from={SIZE}" in visitor.see("/matches")
