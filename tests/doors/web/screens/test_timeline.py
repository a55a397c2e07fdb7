"""The timeline of one object and of many."""

from __future__ import annotations

import re

import pytest

from tests.consortium import indicator, sdo, sighting
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.fixture
def lived() -> tuple[Visitor, dict]:
    """An indicator of KZ's, valid for a month, seen twice, and disclosed to UZ."""
    body, kz = body_that_reads()
    uz = body.member("UZ")
    bad = indicator(name="<i>bad</i>", valid_until="2021-11-01T00:00:00Z")
    kz.submits(bad, tlp="green")
    kz.submits(
        sighting(bad["id"], count=3, first_seen="2021-10-02T00:00:00Z", last_seen="2021-10-04T00:00:00Z"), sighting(bad["id"]), tlp="green"
    )
    kz.submits(sighting(bad["id"], count=99), tlp="amber")
    uz.reads()
    return Visitor(body), bad


def test_lanes_of_one_object(lived):
    visitor, bad = lived
    data = visitor.data(f"/o/{bad['id']}/timeline.json")
    found = [(each["lane"], each["what"], each["count"]) for each in data["spans"]]
    assert sorted(found) == [
        ("arrived", "KZ", 1), ("disclosed", "UZ", 1), ("said", "KZ", 1), ("seen", "sighting", 1), ("seen", "sighting", 3), ("valid", "valid", 1),
    ]  # fmt: skip
    assert data["all"] == len(found)
    (valid,) = [each for each in data["spans"] if each["lane"] == "valid"]
    assert (valid["start"], valid["end"]) == ("2021-10-01T00:00:00Z", "2021-11-01T00:00:00Z")
    (gone,) = [each for each in data["spans"] if each["lane"] == "disclosed"]
    assert visitor.data(f"{gone['href']}.json")["kind"] == "disclose"


def test_to_others_the_log_says_nothing(lived):
    visitor, bad = lived
    other = Visitor(visitor.body, party="UZ")
    assert {each["lane"] for each in other.data(f"/o/{bad['id']}/timeline.json")["spans"]} == {"arrived", "said", "seen", "valid"}


def test_the_picture_and_its_table_say_the_same(lived):
    visitor, bad = lived
    for path in (f"/o/{bad['id']}/timeline", "/timeline"):
        for query in ("", "from=2021-10-03&to=2021-10-20"):
            data = visitor.data(f"{path}.json?{query}")
            picture, table = visitor.see(f"{path}?{query}"), visitor.see(f"{path}?{query}&view=table")
            assert len(re.findall(r'<a class="span"', picture)) == len(data["spans"])
            assert re.findall(r'data-span="([^"]+)"', table) == [each["start"] for each in data["spans"]]
            assert "<i>bad" not in picture + table


def test_the_window_is_an_address(lived):
    visitor, bad = lived
    data = visitor.data(f"/o/{bad['id']}/timeline.json?from=2021-10-03&to=2021-10-05")
    assert data["window"] == {"from": "2021-10-03T00:00:00Z", "to": "2021-10-05T00:00:00Z"}
    assert {each["lane"] for each in data["spans"]} == {"seen", "valid"}
    assert data["ways"]["in"] == {"from": "2021-10-03T12:00:00Z", "to": "2021-10-04T12:00:00Z"}
    page = visitor.see(f"/o/{bad['id']}/timeline?from=2021-10-03&to=2021-10-05")
    assert {'data-key="+"', 'data-key="-"', 'data-key="["', 'data-key="]"', 'data-key="0"'} <= set(re.findall(r'data-key="[^"]+"', page))


def test_many_by_value_type_or_newest(lived):
    visitor, bad = lived
    visitor.body.member("KZ").submits(sdo("malware"), sdo("identity"), tlp="green")
    assert visitor.data("/timeline.json")["objects"] == 2
    assert list(visitor.data("/timeline.json?q=bad[.]example")["titles"]) == [bad["id"]]
    assert list(visitor.data("/timeline.json?type=indicator")["titles"]) == [bad["id"]]
    assert visitor.data("/timeline.json?q=absent.example")["objects"] == 0
    assert list(visitor.data("/timeline.json?q=bad")["titles"]) == [bad["id"]]
    visitor.body.member("KZ").submits(indicator(pattern="[email-addr:value = 'me@bad.example']"), tlp="green", person="attacker")
    assert visitor.data("/timeline.json?q=me@bad.example")["objects"] == 0
    assert "/timeline" in visitor.see("/timeline?q=absent.example")


def test_hidden_and_absent_are_one():
    body, kz = body_that_reads()
    hidden = indicator()
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    assert [visitor.get(f"/o/{id_}/timeline").status_code for id_ in (hidden["id"], "indicator--0")] == [404, 404]
    assert visitor.data(f"/timeline.json?q={hidden['id']}")["objects"] == 0
