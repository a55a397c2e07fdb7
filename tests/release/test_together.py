"""Arrivals as a person reads them: what a report names stands below it, what is said about an object below that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.release import arrivals
from comity.release.arrivals import Narrow
from comity.release.together import Group, together
from tests.consortium import Body, Member, indicator, relationship, report, sdo, sighting


@pytest.fixture
def body() -> Body:
    return Body()


def groups(body: Body, member: Member, **options: bool) -> list[Group]:
    asked = {"at": None, "oldest": False, "limit": 200, "wanted": None, **options}
    return together(body.desk, arrivals.met(body.desk, member.reader, Narrow(), **asked)[0])


def told(found: list[Group]) -> dict[str, list[str]]:
    return {group.head[1].id: [row.id for _, row in group.below] for group in found}


def test_a_report_has_below_it_all_that_it_names_and_what_is_said_of_that(body):
    kz = body.member("KZ")
    family, found, alone = sdo("malware"), indicator(), indicator()
    tie, seen, paper = relationship(found["id"], family["id"]), sighting(found["id"]), report(family["id"], found["id"])
    kz.submits(alone, family, found, tie, seen, paper)
    for options in ({}, {"oldest": True}):
        below = told(groups(body, kz, **options))
        assert set(below) == {alone["id"], paper["id"]}
        assert set(below[paper["id"]]) == {each["id"] for each in (family, found, tie, seen)}


def test_a_sighting_stands_below_what_was_seen_and_above_what_it_was_seen_in(body):
    kz = body.member("KZ")
    found, observed = (
        indicator(),
        sdo("observed-data", first_observed="2021-10-01T00:00:00Z", last_observed="2021-10-01T00:00:00Z", number_observed=1),
    )
    observed["object_refs"] = [found["id"]]
    seen = {**sighting(found["id"]), "observed_data_refs": [observed["id"]]}
    kz.submits(found, observed, seen)
    assert len(told(groups(body, kz))) == 1


def test_what_goes_round_in_a_circle_is_still_all_there(body):
    kz = body.member("KZ")
    one, other = report("indicator--0"), report("indicator--0")
    one["object_refs"], other["object_refs"] = [other["id"]], [one["id"]]
    kz.submits(one, other)
    below = told(groups(body, kz))
    assert {*below, *(id_ for each in below.values() for id_ in each)} <= {one["id"], other["id"]}


def test_of_several_versions_the_first_given_leads(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    uz.submits({**item, "name": "as UZ has it"})
    met = arrivals.met(body.desk, kz.reader, Narrow(), at=None, oldest=False, limit=9, wanted=None)[0]
    (group,) = together(body.desk, met)
    assert [group.head, *group.below] == met


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["report", "relationship", "sighting", "alone"]), st.integers(0, 5)), max_size=12)
)
@settings(max_examples=30, deadline=None)
def test_everything_stands_in_one_place(made):
    body = Body()
    kz = body.member("KZ")
    items = [indicator() for _ in range(6)]
    kz.submits(*items)
    for first, kind, second in made:
        one, other = items[first]["id"], items[second]["id"]
        kz.submits(
            {"report": report(one, other), "relationship": relationship(one, other), "sighting": sighting(one)}.get(kind, indicator())
        )
    met = arrivals.met(body.desk, kz.reader, Narrow(), at=None, oldest=False, limit=200, wanted=None)[0]
    found = together(body.desk, met)
    assert sorted([each for group in found for each in (group.head, *group.below)]) == sorted(met)
    assert [group.head for group in found] == [each for each in met if each in {group.head for group in found}]
