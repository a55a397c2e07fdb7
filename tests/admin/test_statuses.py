"""Status resources: whose they are, what they count, how long they are kept (TAXII 2.1 section 4.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.statuses import KEPT, find, forget, keep
from comity.clock import micros, parse, stamp
from comity.terms.item import Outcome
from tests.consortium import START, Body

ASKED = START - timedelta(seconds=7)
ID = "11111111-1111-4111-8111-111111111111"
OUTCOMES = [
    Outcome(outcome="accepted", position="objects[0]", id="indicator--1", version="2021-10-01T00:00:00.000Z"),
    Outcome(outcome="duplicate", position="objects[1]", id="indicator--2", version="2021-10-02T00:00:00.000Z"),
    Outcome(outcome="quarantined", position="objects[2]", id="indicator--3", version="2021-10-03T00:00:00.000Z", why="waits for a person"),
    Outcome(outcome="rejected", position="objects[3]", id="indicator--4", why="modified: missing"),
    Outcome(outcome="rejected", position="objects[4]", why="not a STIX object"),
]


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_it_counts_and_names_each_outcome(body):
    found = keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    now = found["failures"][0]["version"]
    assert parse(now) >= START
    assert found == {
        "id": ID, "status": "complete", "request_timestamp": stamp(micros(ASKED)), "total_count": 5, "success_count": 3, "failure_count": 2, "pending_count": 0,
        "successes": [
            {"id": "indicator--1", "version": "2021-10-01T00:00:00.000Z"},
            {"id": "indicator--2", "version": "2021-10-02T00:00:00.000Z", "message": "already held"},
            {"id": "indicator--3", "version": "2021-10-03T00:00:00.000Z", "message": "waits for a person"},
        ],
        "failures": [
            {"id": "indicator--4", "version": now, "message": "modified: missing"},
            {"id": "objects[4]", "version": now, "message": "not a STIX object"},
        ],
    }  # fmt: skip


def test_a_list_that_would_be_empty_is_left_out(body):
    assert "failures" not in keep(body.world, ID, "KZ", "sco", OUTCOMES[:3], ASKED)
    assert "successes" not in keep(body.world, ID, "KZ", "sco", OUTCOMES[3:], ASKED)


def test_it_is_found_as_it_was_given(body):
    given = keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    assert find(body.world, ID, "KZ", "sco") == given


@pytest.mark.parametrize(("id_", "party", "of"), [(ID, "UZ", "sco"), (ID, "KZ", "cica"), (ID[:-1] + "2", "KZ", "sco"), ("", "KZ", "sco")])
def test_anothers_is_as_absent_as_none(body, id_, party, of):
    keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    assert find(body.world, id_, party, of) is None


def test_it_is_kept_for_its_time(body):
    keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    assert timedelta(hours=24) <= KEPT
    kept_until = body.clock.at + KEPT
    body.clock.at = kept_until - timedelta(seconds=1)
    assert find(body.world, ID, "KZ", "sco")
    body.clock.at = kept_until
    assert find(body.world, ID, "KZ", "sco") is None


def test_what_is_over_is_removed_by_the_next(body):
    keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    body.clock.at += timedelta(hours=1)
    other, last = ID[:-1] + "2", ID[:-1] + "3"
    keep(body.world, other, "KZ", "sco", OUTCOMES, ASKED)
    body.clock.at = START + KEPT + timedelta(minutes=1)
    keep(body.world, last, "UZ", "sco", OUTCOMES, ASKED)
    assert [key for key, _ in body.world.store.privates("statuses")] == [other, last]


def test_no_more_than_one_sweep_an_hour(body):
    """However many statuses there are, most submissions look at none of them; one that is over is not found meanwhile either way."""
    keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    other, last = ID[:-1] + "2", ID[:-1] + "3"
    body.clock.at = START + KEPT - timedelta(minutes=1)
    keep(body.world, other, "KZ", "sco", OUTCOMES, ASKED)
    body.clock.at = START + KEPT + timedelta(minutes=1)
    keep(body.world, last, "KZ", "sco", OUTCOMES, ASKED)
    assert sorted(key for key, _ in body.world.store.privates("statuses")) == [ID, other, last]
    assert find(body.world, ID, "KZ", "sco") is None
    body.clock.at += timedelta(hours=1)
    keep(body.world, ID[:-1] + "4", "KZ", "sco", OUTCOMES, ASKED)
    assert ID not in [key for key, _ in body.world.store.privates("statuses")]


def test_g11_a_purge_removes_what_is_over_though_nobody_asks(body):
    keep(body.world, ID, "KZ", "sco", OUTCOMES, ASKED)
    assert forget(body.world) == 0
    body.clock.at += KEPT + timedelta(seconds=1)
    assert forget(body.world) == 1
    assert list(body.world.store.privates("statuses")) == list(body.world.store.privates("status times")) == []
