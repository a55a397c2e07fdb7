"""Arrivals: in order, narrowed by facts, a page at a time; the same as any other way out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.release.arrivals import Narrow, arrivals, named, waiting
from tests.consortium import MEMBERS, Body, indicator, sdo

EVERYTHING = Narrow()


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def ids(body, member, size=50, how=None, **options):
    """All pages one after the other."""
    found, at, how = [], None, how or {}
    for _ in range(1000):
        shelf = arrivals(body.desk, member.reader, Narrow(**options), at=at, limit=size, **how)
        found.extend(seen.row.id for seen in shelf.seen)
        at = shelf.next
        if at is None:
            return found
    raise AssertionError("paging does not end")


def test_newest_first_and_only_what_may_be_seen(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    items = [indicator() for _ in range(30)]
    for number, item in enumerate(items):
        kz.submits(item, tlp="green" if number % 3 else "amber")
    assert ids(body, kz, 7) == [item["id"] for item in reversed(items)]
    assert ids(body, ir, 7) == [item["id"] for number, item in reversed(list(enumerate(items))) if number % 3]


@given(tlps=st.lists(st.sampled_from(["clear", "green", "amber", "red"]), max_size=40), size=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_pages_backwards_are_the_pages_forwards_turned_round(tlps, size):
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    for tlp in tlps:
        kz.submits(indicator(), tlp=tlp)
    for member in (kz, ir):
        assert ids(body, member, size) == member.reads()[::-1]
        assert ids(body, member, size, {"oldest": True}) == member.reads()


def test_many_items_in_one_moment_are_paged_too(body):
    kz = body.member("KZ")
    items = [indicator() for _ in range(500)]
    kz.submits(*items)
    kz.submits(indicator())
    found = ids(body, kz, 9)
    assert found == kz.reads()[::-1]
    assert len(found) == 501


def test_only_some_types_and_old_versions_once(body):
    kz = body.member("KZ")
    malware, item = sdo("malware"), indicator()
    kz.submits(malware)
    for version in range(1, 30):
        kz.submits({**item, "modified": f"2021-10-{version:02d}T00:00:00.000Z"})
    assert ids(body, kz, 5) == [item["id"], malware["id"]]
    assert ids(body, kz, 5, types=frozenset({"malware"})) == [malware["id"]]
    assert ids(body, kz, 5, types=frozenset({"note"})) == []


@pytest.mark.parametrize("before", [0, -5, 1 << 90])
def test_any_number_may_be_asked_for(body, before):
    kz = body.member("KZ")
    kz.submits(indicator())
    assert len(arrivals(body.desk, kz.reader, EVERYTHING, at=before).seen) == (before > 0)
    assert len(arrivals(body.desk, kz.reader, EVERYTHING, at=before, oldest=True).seen) == (before <= 0)


def test_reads_are_counted_and_a_disclosure_is_logged(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    size = body.world.store.head().size
    arrivals(body.desk, kz.reader, EVERYTHING)
    assert body.world.store.head().size == size
    arrivals(body.desk, uz.reader, EVERYTHING)
    assert body.world.store.head().size == size + 1


def test_an_item_comes_with_its_bytes_envelope_and_grounds(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green", handling=("H1",))
    (seen,) = arrivals(body.desk, uz.reader, EVERYTHING).seen
    assert msgspec.json.decode(seen.body) == item
    assert (seen.envelope.origin, seen.envelope.tlp, seen.envelope.handling) == ("KZ", "green", ("H1",))
    assert seen.grounds == ("test@1/members",)


def test_facts_choose(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    green, amber, own, other = indicator(), indicator(), indicator(), sdo("malware")
    kz.submits(green, other, tlp="green")
    kz.submits(amber, tlp="amber")
    uz.submits(own, tlp="green")
    assert ids(body, uz, own=False) == [amber["id"], other["id"], green["id"]]
    assert ids(body, uz, others=False) == [own["id"]]
    assert ids(body, uz, tlps=frozenset({"green"})) == [own["id"], other["id"], green["id"]]
    assert ids(body, uz, origins=frozenset({"KZ"}), types=frozenset({"indicator"})) == [amber["id"], green["id"]]
    assert ids(body, uz, own=False, agreement="test") == [amber["id"], other["id"], green["id"]]
    assert ids(body, uz, agreement="none") == []


def test_what_became_visible_late_is_narrowed_too(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    later = body.party("IR", "guest")
    green, amber = indicator(), indicator()
    kz.submits(green, tlp="green")
    kz.submits(amber, tlp="amber")
    assert later.reads() == []
    body.member("IR")
    for member in (uz, later):
        assert ids(body, member, tlps=frozenset({"green"})) == [green["id"]]


def test_what_is_looked_at_one_by_one_can_be_few(body):
    kz = body.member("KZ")
    items = [indicator() for _ in range(400)]
    kz.submits(*items)
    rare = {items[3]["id"], items[200]["id"]}
    wanted = lambda stamp, row: row.id in rare  # noqa: E731
    for how in ({}, {"oldest": True}):
        assert set(ids(body, kz, 5, {**how, "wanted": wanted})) == rare


def test_looking_releases_nothing(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    items = [indicator() for _ in range(5)]
    for item in items:
        kz.submits(item)
    size = body.world.store.head().size
    found, more = waiting(body.desk, uz.reader, EVERYTHING, 3)
    assert [row.id for _, row in found] == [item["id"] for item in items[:1:-1]]
    assert more
    assert body.world.store.head().size == size
    assert not waiting(body.desk, uz.reader, EVERYTHING, 5)[1]


def test_named_ones_stand_in_the_order_asked_for(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    shown, hidden = [indicator() for _ in range(3)], indicator()
    kz.submits(*shown, tlp="green")
    kz.submits(hidden, tlp="amber")
    asked = [shown[2]["id"], hidden["id"], "indicator--00000000-0000-4000-8000-ffffffffffff", shown[0]["id"]]
    assert [seen.row.id for seen in named(body.desk, ir.reader, EVERYTHING, asked)] == [shown[2]["id"], shown[0]["id"]]
    assert named(body.desk, ir.reader, Narrow(tlps=frozenset({"amber"})), asked) == []
    assert named(body.desk, ir.reader, EVERYTHING, []) == []


def test_an_agreement_is_meant_whatever_its_version():
    body = Body(agreement=MEMBERS.replace("version = 1", "version = 7"))
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    assert len(arrivals(body.desk, uz.reader, Narrow(agreement="test")).seen) == 1
