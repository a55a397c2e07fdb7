"""The head of every page about one object."""

from __future__ import annotations

import pytest

from tests.consortium import indicator, relationship, sdo
from tests.doors.web.visitor import Visitor, body_that_reads

TABS = ("", "/audience", "/history", "/relations", "/sightings", "/claims", "/raw")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_the_title_the_values_and_the_way_to_the_others(tab):
    body, kz = body_that_reads()
    item = indicator(name="seen one")
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    page = visitor.see(f"/o/{item['id']}{tab}")
    assert "<h1><bdi>seen one</bdi></h1>" in page
    assert 'data-copy="bad.example"' in page
    assert "bad[.]example" in page
    for other in TABS:
        assert f'href="/o/{item["id"]}{other}"' in page
    assert visitor.data(f"/o/{item['id']}{tab}.json")["title"] == "seen one"


def test_a_relationship_is_called_by_its_ends_and_a_hidden_end_by_its_id():
    body, kz = body_that_reads()
    item, malware = indicator(name="one"), sdo("malware", name="two")
    tie = relationship(item["id"], malware["id"])
    kz.submits(item, malware, tie, tlp="green")
    visitor = Visitor(body)
    assert visitor.data(f"/o/{tie['id']}.json")["title"] == "one indicates two"


@pytest.mark.parametrize("tab", TABS)
def test_hidden_and_absent_are_one(tab):
    body, kz = body_that_reads()
    hidden = indicator()
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    absent = "indicator--00000000-0000-4000-8000-00000000ffff"
    one, other = visitor.get(f"/o/{hidden['id']}{tab}"), visitor.get(f"/o/{absent}{tab}")
    assert (one.status_code, one.text) == (other.status_code, other.text)
    assert one.status_code == 404


@pytest.mark.parametrize("tab", TABS)
def test_a_version_is_named_in_the_address_too(tab):
    body, kz = body_that_reads()
    item = indicator(name="first")
    kz.submits(item, tlp="green")
    kz.submits({**item, "name": "second", "modified": "2021-10-02T00:00:00.000Z"}, tlp="green")
    visitor = Visitor(body)
    for path in (f"/o/{item['id']}@2021-10-01T00:00:00.000Z{tab}", f"/o/{item['id']}{tab}?version=2021-10-01T00:00:00.000Z"):
        page = visitor.see(path)
        assert "<h1><bdi>first</bdi></h1>" in page
        assert "Not the latest version" in page
    assert visitor.get(f"/o/{item['id']}@2020-01-01T00:00:00.000Z{tab}").status_code == 404
