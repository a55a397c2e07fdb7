"""What a centre tells of hidden sighters: G16 as a property of what producers see, and its steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.config import Sightings
from comity.match.returning import tell_producers
from comity.release import explain
from comity.release.sight import Reader
from comity.release.tallies import BUCKETS, bucket, due, tallies
from comity.terms.item import Outcome
from tests.consortium import RETURNING, START, Body, indicator, sighting

DAY = timedelta(days=1)
SIGHTERS = ("IN", "KG", "PK", "TJ", "UZ")
NAMING = RETURNING.replace('types = ["sighting"]', 'types = ["sighting"]\nfrom = { standing = ["member"] }')
ITEM = indicator()


class World:
    """A centre where KZ produced one indicator, and others may sight it without consent to be named."""

    def __init__(self, agreement: str = RETURNING, tlp: str = "amber", **chosen: int) -> None:
        self.body = Body(agreement)
        object.__setattr__(
            self.body.world, "settings", msgspec.structs.replace(self.body.world.settings, sightings=Sightings(**chosen))
        )  # fmt: skip
        self.kz = self.body.member("KZ")
        self.parties = {code: self.body.member(code) for code in SIGHTERS}
        self.kz.submits(ITEM, tlp=tlp)

    def sights(self, code: str, count: int = 1, **options: Any) -> None:
        party = self.kz if code == "KZ" else self.parties[code]
        said = {key: options.pop(key) for key in ("first_seen", "last_seen", "revoked", "modified", "id") if key in options}
        (outcome,) = party.submits(sighting(ITEM["id"], count=count, **said), **{"named": False, **options})
        assert outcome.outcome == "accepted"

    def tells(self, after: timedelta = 2 * DAY) -> list[Outcome]:
        self.body.clock.at += after
        return tell_producers(self.body.desk)

    def view(self, code: str = "KZ") -> list[dict[str, Any]]:
        """All that a party gets of sightings that are not its own."""
        member = self.kz if code == "KZ" else self.parties[code]
        page = member.page(own=False, types=frozenset({"sighting"}), versions=("all",), limit=1_000)
        return [msgspec.json.decode(raw) for raw in page.bodies]


# The guardrail


@settings(max_examples=30, deadline=None)
@given(
    one=st.permutations(SIGHTERS), other=st.permutations(SIGHTERS), counts=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    pause=st.integers(0, 3_600),
)  # fmt: skip
def test_a_producers_view_does_not_depend_on_who_saw_it(one, other, counts, pause):
    """The same counts by different parties, in another order, at other moments of the day."""
    views = []
    for order, wait in ((one, 0), (other, pause)):
        world = World()
        for code, count in zip(order, counts):
            world.body.clock.at += timedelta(seconds=wait)
            world.sights(code, count)
        world.tells()
        views.append(world.view())
    assert views[0] == views[1]
    assert len(views[0]) == (1 if len(counts) >= 3 else 0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SIGHTERS[:2]), st.integers(1, 500)), max_size=8))
def test_fewer_than_so_many_are_as_none(said):
    """However often two parties say it, the producer and the others see what they see where nobody saw anything."""
    world, none = World(), World()
    for code, count in said:
        world.sights(code, count)
    assert world.tells() == none.tells() == []
    for member, other in ((world.kz, none.kz), (world.parties["TJ"], none.parties["TJ"])):
        assert member.reads() == other.reads()
        assert [member.gets(row.id) for row in explain.held(world.body.desk) if row.type == "sighting"] == [[]] * len(said)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SIGHTERS), st.integers(1, 50)), min_size=1, max_size=12), st.integers(2, 4))
def test_each_tally_rests_on_enough_parties_that_no_other_rests_on(days, parties):
    """Told every day: between two tellings enough parties must have spoken anew, so a difference says nothing of one."""
    world, fresh, told = World(delay=0, parties=parties), set[str](), 0
    for code, count in days:
        world.sights(code, count)
        fresh.add(code)
        made = world.tells(DAY)
        assert len(made) == (1 if len(fresh) >= parties else 0)
        if made:
            told += 1
            fresh.clear()
    assert len(world.view()) == told


def test_who_consents_is_named_at_once_and_is_not_counted():
    world = World()
    world.sights("UZ", 7, named=True)
    assert [seen["count"] for seen in world.view()] == [7]
    for code in ("IN", "KG"):
        world.sights(code)
    assert world.tells() == []


def test_nobody_but_the_producer_gets_it_and_nobody_the_single_ones():
    world = World()
    for code in SIGHTERS[:3]:
        world.sights(code, 30)
    (outcome,) = world.tells()
    (told,) = world.view()
    assert (told["id"], told["count"], told["sighting_of_ref"]) == (outcome.id, 10, ITEM["id"])
    assert (told["first_seen"], told["last_seen"]) == ("2021-10-01T00:00:00.000Z", "2021-10-01T00:00:00.000Z")
    assert not {"created_by_ref", "where_sighted_refs", "observed_data_refs"} & set(told)
    assert all(world.view(code) == [] for code in SIGHTERS)
    centre = explain.held(world.body.desk)
    assert {row.origin for row in centre if row.type == "sighting"} <= {"SCO-CENTRE", *SIGHTERS}


def test_the_node_does_not_even_show_them_to_its_own_people():
    world = World()
    world.sights("UZ", tlp="green")
    reader = Reader(party="SCO-CENTRE", body="sco", purposes=("network-defence",))
    assert [row.type for _, row in world.body.desk.page(reader, _everything()).found] == []


def _everything() -> Any:
    from comity.release.select import Query

    return Query(limit=1_000)


# Delay and windows


def test_nothing_is_told_before_a_whole_period_is_over():
    world = World()
    for code in SIGHTERS[:3]:
        world.sights(code)
    assert world.tells(timedelta(hours=14)) == []  # 23:00 of the same day
    assert world.tells(timedelta(hours=24)) == []  # 23:00 of the next: the day of the sightings ended less than a day ago
    (outcome,) = world.tells(timedelta(hours=2))
    assert outcome.outcome == "accepted"
    assert world.tells(timedelta(hours=1)) == []
    assert [seen["modified"] for seen in world.view()] == ["2021-11-02T00:00:00.000Z"]


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        (datetime(2021, 11, 3, 0, tzinfo=UTC), 24, datetime(2021, 11, 2, tzinfo=UTC)),
        (datetime(2021, 11, 2, 23, 59, tzinfo=UTC), 24, datetime(2021, 11, 1, tzinfo=UTC)),
        (datetime(2021, 11, 2, 12, 59, tzinfo=UTC), 1, datetime(2021, 11, 2, 11, tzinfo=UTC)),
        (START, 0, START),
    ],
)
def test_when_it_is_due(now, hours, expected):
    assert due(now, timedelta(hours=hours)) == expected


def test_what_came_before_the_window_does_not_count():
    world = World(window=5)
    for code in SIGHTERS[:2]:
        world.sights(code)
    world.body.clock.at += 6 * DAY
    world.sights("UZ")
    assert world.tells() == []


# What counts


def test_the_producers_own_sightings_hide_nobody():
    world = World()
    for code in ("KZ", "UZ", "IN"):
        world.sights(code)
    assert world.tells() == []


def test_what_is_revoked_or_says_that_it_was_not_seen_does_not_count():
    world = World()
    world.sights("IN", 0)
    world.sights("KG", revoked=True)
    for code in ("TJ", "UZ"):
        world.sights(code)
    assert world.tells() == []


@pytest.mark.parametrize("options", [{"to": ("TJ",)}, {"tlp": "red"}, {"purposes": ("training",)}, {"handling": ("H3",)}])
def test_what_the_agreement_would_not_let_go_there_by_name_does_not_count(options):
    world = World()
    world.sights("PK", **options)
    for code in ("TJ", "UZ"):
        world.sights(code)
    assert world.tells() == []
    world.sights("IN")
    assert len(world.tells()) == 1


def test_the_strictest_marking_holds():
    world = World()
    for code, level in (("IN", "clear"), ("TJ", "amber"), ("UZ", "green")):
        world.sights(code, tlp=level)
    (tally,) = tallies(world.body.desk, world.body.clock() + DAY, 3, 30 * DAY)
    assert (tally.tlp, tally.purposes, tally.handling) == ("amber", ("network-defence",), ())


def test_only_a_centre_tells():
    body = Body(RETURNING.replace('role = "centre"', 'role = "party"'))
    assert tell_producers(body.desk) == []


def test_a_producer_who_may_not_have_it_is_not_told():
    """The clause asks for members; the centre, whose tally it is, is none."""
    world = World(NAMING)
    for code in SIGHTERS[:3]:
        world.sights(code)
    assert len(world.tells()) == 1
    assert world.view() == []


def test_buckets_have_lower_bounds():
    assert [bucket(n) for n in (1, 2, 4, 5, 9, 10, 99, 100, 999, 10**9)] == [1, 2, 2, 5, 5, 10, 10, 100, 100, BUCKETS[-1]]
