"""What is owed and what runs out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.match.feedback import feedback
from comity.release import due
from comity.release.due import expiring, owed
from tests.consortium import MEMBERS, START, Body, indicator, sighting

DUTIES = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "amber"\nduty = ["feedback within P30D", "report-sightings"]', 1).replace(
    'tlp_max = "green"', 'tlp_max = "green"\nduty = ["report-sightings by 2021-11-20"]'
)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}", agreement=DUTIES)
    yield body
    body.world.store.close()


def told(body: Body, member, since: float, until: float, limit: int = 50) -> tuple[list[tuple[str, str]], bool]:
    found, more = owed(body.desk, member.reader, START + timedelta(days=since), START + timedelta(days=until), limit)
    return [(each.row.id, each.duty) for each in found], more


def test_a_duty_is_owed_until_it_is_fulfilled(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    first, second = indicator(), indicator()
    kz.submits(first)
    body.clock.at += timedelta(days=10)
    kz.submits(second)
    assert told(body, uz, 0, 29) == ([], False)
    assert told(body, uz, 0, 31) == ([(first["id"], "feedback")], False)
    assert told(body, uz, 31, 60) == ([(second["id"], "feedback")], False)
    assert told(body, uz, 0, 60) == ([(first["id"], "feedback"), (second["id"], "feedback")], False)
    assert told(body, uz, 0, 60, 1) == ([(first["id"], "feedback")], True)
    assert told(body, kz, 0, 60) == ([], False)
    feedback(body.desk, first["id"], "agree", reader=uz.reader)
    assert told(body, uz, 0, 60) == ([(second["id"], "feedback")], False)


def test_a_duty_by_a_day(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item, hidden = indicator(), indicator()
    kz.submits(item, tlp="green")
    kz.submits(hidden, tlp="amber")
    assert told(body, ir, 0, 30) == ([(item["id"], "report-sightings")], False)
    assert told(body, ir, 0, 18) == told(body, ir, 19, 30) == ([], False)
    ir.submits(sighting(item["id"]))
    assert told(body, ir, 0, 30) == ([], False)


def test_what_expires_is_told_to_those_who_see_it(body, monkeypatch):
    monkeypatch.setattr(due, "_PART", 2)
    kz, ir = body.member("KZ"), body.observer("IR")
    ends = START + timedelta(days=3)
    shown = [indicator() for _ in range(5)]
    for item in shown:
        kz.submits(indicator(), expires=ends)
        kz.submits(item, tlp="green", expires=ends)
    kz.submits(indicator(), tlp="green", expires=START + timedelta(days=9))
    first, last = START, START + timedelta(days=7)
    found, more = expiring(body.desk, ir.reader, first, last, 50)
    assert ([row.id for row in found], more) == ([item["id"] for item in shown], False)
    assert expiring(body.desk, ir.reader, first, last, 4)[1] is True
    assert len(expiring(body.desk, kz.reader, first, last, 50)[0]) == 10
    assert expiring(body.desk, ir.reader, ends + timedelta(seconds=1), last, 50) == ([], False)
