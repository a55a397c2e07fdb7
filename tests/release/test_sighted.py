"""Sightings put together by what was sighted."""

from __future__ import annotations

import pytest

from comity.release import sighted as module
from comity.release.sighted import sighted
from tests.consortium import Body, indicator, sighting


@pytest.fixture
def body() -> Body:
    return Body()


def test_ones_own_and_everybodys(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    one, two = indicator(), indicator()
    kz.submits(one, two)
    uz.submits(sighting(one["id"], count=3, last_seen="2021-10-05T01:00:00Z"), sighting(one["id"], first_seen="2021-10-03T01:00:00Z"))
    uz.submits(sighting(two["id"], count=0), named=False)
    uz.submits(sighting(two["id"], revoked=True))
    kz.submits(sighting(two["id"], count=5))
    found = sighted(body.desk, uz.reader, others=False)
    (mine,) = found.sighted
    assert (mine.id, mine.hits, mine.parties, mine.sources) == (one["id"], 4, {"UZ": 4}, ("KZ",))
    assert (mine.days, mine.first, mine.last) == ({"2021-10-05": 3, "2021-10-03": 1}, "2021-10-03", "2021-10-05")
    assert (found.looked, found.next, mine.counted) == (4, None, [])
    everybodys = {each.id: each for each in sighted(body.desk, uz.reader, others=True).sighted}
    assert everybodys[two["id"]].parties == {"KZ": 5}
    assert everybodys[two["id"]].days == {"2021-10-01": 5}


def test_what_is_only_counted_is_ones_own_to_name(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator()
    kz.submits(bad)
    seen = sighting(bad["id"])
    uz.submits(seen, named=False)
    assert sighted(body.desk, uz.reader, others=False).sighted[0].counted == [seen["id"]]
    assert sighted(body.desk, kz.reader, others=True).sighted == []


def test_hidden_sightings_change_nothing(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    bad = indicator()
    kz.submits(bad, sighting(bad["id"]), tlp="green")
    before = sighted(body.desk, ir.reader, others=True)
    kz.submits(sighting(bad["id"], count=9), tlp="amber")
    assert sighted(body.desk, ir.reader, others=True).sighted == before.sighted


def test_a_page_looks_at_so_many(body, monkeypatch):
    monkeypatch.setattr(module, "LOOKED", 2)
    kz = body.member("KZ")
    bad = [indicator() for _ in range(3)]
    kz.submits(*bad)
    kz.submits(*(sighting(each["id"]) for each in bad))
    first = sighted(body.desk, kz.reader, others=False)
    rest = sighted(body.desk, kz.reader, others=False, at=first.next)
    assert (first.looked, rest.looked, rest.next) == (2, 1, None)
    assert {each.id for page in (first, rest) for each in page.sighted} == {each["id"] for each in bad}
