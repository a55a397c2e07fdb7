"""Where things stand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from comity.doors.web.pictures.pivot import SHARE, pivot
from comity.doors.web.pictures.tree import COLUMN, HEAD, ROW, places
from tests.consortium import Body, indicator, relationship, report, sdo


@pytest.fixture
def grown() -> tuple[Body, object, dict, list]:
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    family, campaign = sdo("malware"), sdo("campaign")
    found = [indicator() for _ in range(SHARE + 3)]
    kz.submits(family, campaign, *found, *(relationship(each["id"], family["id"]) for each in found))
    kz.submits(relationship(family["id"], campaign["id"]), report(found[-1]["id"], campaign["id"]))
    return body, uz, family, found


def test_everything_stands_once_and_nothing_on_another(grown):
    body, uz, family, found = grown
    graph = pivot(body.desk, uz.reader, family["id"], [found[-1]["id"]], [])
    stands = places(graph)
    assert sorted(place.id for place in stands if place.id) == sorted(graph.nodes)
    assert len([place for place in stands if place.group and not place.head]) == sum(group.rest > 0 for group in graph.groups)
    for column in {place.x for place in stands}:
        tall = sorted(
            (place.y - (HEAD if place.head else ROW) / 2, place.y + (HEAD if place.head else ROW) / 2)
            for place in stands
            if place.x == column
        )
        assert all(above[1] <= below[0] + 0.001 for above, below in pairwise(tall))


def test_what_points_at_it_stands_left_and_what_it_points_at_right(grown):
    body, uz, family, found = grown
    at = {place.id: place for place in places(pivot(body.desk, uz.reader, family["id"], [], [])) if place.id}
    assert (at[family["id"]].x, at[family["id"]].y, at[family["id"]].side) == (0, 0, 0)
    assert at[found[-1]["id"]].x == -COLUMN
    assert [place.x for place in at.values() if place.id.startswith("campaign")] == [COLUMN]


def test_what_is_around_an_opened_object_stands_a_column_further(grown):
    body, uz, family, found = grown
    at = {place.id: place for place in places(pivot(body.desk, uz.reader, family["id"], [found[-1]["id"]], [])) if place.id}
    (further,) = [place for place in at.values() if place.id.startswith("report")]
    assert (further.x, further.parent) == (-2 * COLUMN, found[-1]["id"])


def test_what_is_opened_and_not_tied_stands_below(grown):
    body, uz, family, _ = grown
    lone = indicator()
    body.member("KZ").submits(lone)
    stands = places(pivot(body.desk, uz.reader, family["id"], [lone["id"]], []))
    (place,) = [place for place in stands if place.id == lone["id"]]
    assert (place.x, place.parent) == (0, "")
    assert place.y > max(other.y for other in stands if other.id != lone["id"] and other.x == 0)
