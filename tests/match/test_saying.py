"""What a person says of an object: sightings and ties."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from comity.errors import NotFound, SenderFault
from comity.match.saying import Person, related, sighted
from tests.consortium import START, Body, indicator, sdo


@pytest.fixture
def cast():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    bad, family = indicator(), sdo("malware")
    kz.submits(bad, tlp="green")
    kz.submits(family, tlp="amber")
    return body, uz, Person(reader=uz.reader, by="uz.analyst", role="analyst"), bad["id"], family["id"]


def told(member, id_: str) -> list[dict]:
    return [msgspec.json.decode(raw) for raw in member.gets(id_, versions=("all",))]


def test_a_sighting_is_the_partys_own_and_marked_as_what_it_is_of(cast):
    body, uz, who, bad, _ = cast
    first = datetime(2021, 10, 30, tzinfo=UTC)
    outcome = sighted(body.desk, who, bad, at=START, count=3, first=first, named=True)
    (obj,) = told(uz, outcome.id)
    assert (obj["count"], obj["sighting_of_ref"], obj["first_seen"]) == (3, bad, "2021-10-30T00:00:00.000Z")
    row = body.world.store.by_id([outcome.id])[0]
    facts = body.desk.sight(uz.reader).traits(row.base)
    assert (row.origin, facts.tlp, facts.gate, facts.about) == ("UZ", "green", "open", ("KZ",))
    again = sighted(body.desk, who, bad, at=START, count=3, first=first, named=True)
    assert (again.outcome, again.id) == ("duplicate", outcome.id)


def test_a_sighter_is_named_only_by_its_consent(cast):
    body, uz, who, bad, _ = cast
    outcome = sighted(body.desk, who, bad, at=START)
    row = body.world.store.by_id([outcome.id])[0]
    assert body.desk.sight(uz.reader).traits(row.base).gate == "counted"


def test_a_tie_is_marked_as_the_stricter_end_and_said_once(cast):
    body, uz, who, bad, family = cast
    outcome = related(body.desk, who, bad, "indicates", family)
    row = body.world.store.by_id([outcome.id])[0]
    assert body.desk.sight(uz.reader).traits(row.base).tlp == "amber"
    assert related(body.desk, who, bad, "indicates", family).outcome == "duplicate"
    changed = related(body.desk, who, bad, "indicates", family, "seen in its configuration")
    assert (changed.outcome, changed.id) == ("accepted", outcome.id)
    assert [obj.get("description") for obj in told(uz, outcome.id)] == [None, "seen in its configuration"]
    assert len({obj["created"] for obj in told(uz, outcome.id)}) == 1


@pytest.mark.parametrize("kind", ["", "Indicates", "a b", "x" * 101, "-x"])
def test_ties_have_words(cast, kind):
    body, _, who, bad, family = cast
    with pytest.raises(SenderFault):
        related(body.desk, who, bad, kind, family)


def test_what_makes_no_sense_is_the_senders_fault(cast):
    body, _, who, bad, _ = cast
    for wrong in ({"count": -1}, {"count": 10**9}, {"first": START, "last": START.replace(year=2020)}):
        with pytest.raises(SenderFault):
            sighted(body.desk, who, bad, at=START, **wrong)
    with pytest.raises(SenderFault):
        related(body.desk, who, bad, "related-to", bad)


def test_of_what_is_hidden_nothing_can_be_said(cast):
    body, _, _, bad, family = cast
    ir = Person(reader=body.observer("IR").reader, by="ir", role="analyst")
    for id_ in (family, "malware--00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            sighted(body.desk, ir, id_, at=START)
        with pytest.raises(NotFound):
            related(body.desk, ir, bad, "indicates", id_)
