"""Streams and stamps: what a reader meets, where, and that a change of the rules reaches it once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.reader_check import reader_problems
from comity.intake.govern import add_agreement, add_standing
from comity.release.feed import Feed, settle
from comity.release.select import Query
from comity.store.protocol import Segment, Source
from comity.terms.party import Standing
from tests.consortium import MEMBERS, START, Body, Member, indicator, relationship, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def feed(body: Body, member: Member, **options) -> Feed:
    return settle(body.world, body.desk.sight(member.reader), **options)


def row(body: Body, obj: dict, at: int = 0):
    return body.world.store.by_id([obj["id"]])[at]


def segments(body: Body, member: Member, obj: dict) -> list[Segment]:
    home = row(body, obj).home
    return [segment for segment in body.world.store.segments(member.reader.key) if segment.home == home]


def becomes(body: Body, code: str, standing: str) -> None:
    add_standing(body.world, Standing(party=code, body="sco", standing=standing, since=body.clock()), by="test")


# Sources


def test_own_others_or_both(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green")
    found = feed(body, uz)
    own, late = Source(home=0, origin="UZ"), Source(home=-1, reader=uz.reader.key)
    home = Source(home=row(body, item).home, first=1, last=None, base=None)
    assert found.sources(own=True, others=False, types=None) == [own]
    assert home in found.sources(own=False, others=True, types=None)
    assert late in found.sources(own=False, others=True, types=None)
    both = found.sources(own=True, others=True, types=None)
    assert own in both
    assert home in both
    assert found.sources(own=False, others=False, types=None) == []


def test_ones_own_items_of_a_type_are_read_by_their_rows(body):
    kz = body.member("KZ")
    first, _, second = indicator(), sdo("malware"), indicator()
    kz.submits(first, sdo("malware"), tlp="green")
    kz.submits(second)
    found = feed(body, kz).sources(own=True, others=False, types=frozenset({"indicator"}))
    assert {source.home for source in found} == {row(body, first).home, row(body, second).home}
    assert [met.id for _, met in body.world.store.page(found, 0, 10, 0)] == [first["id"], second["id"]]
    assert feed(body, kz).sources(own=True, others=False, types=frozenset({"report"})) == []


def test_only_rows_of_the_types_asked_for(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    one, other = indicator(), sdo("malware")
    kz.submits(one, other, tlp="green")
    found = feed(body, uz).sources(own=False, others=True, types=frozenset({"malware"}))
    assert [source.home for source in found] == [row(body, other).home, -1]


def test_no_stream_of_what_is_hidden(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    assert row(body, item).home not in [source.home for source in feed(body, ir).sources(own=True, others=True, types=None)]


# Settling


def test_a_reader_that_never_read_has_missed_nothing(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green")
    feed(body, uz)
    assert segments(body, uz, item) == [Segment(row(body, item).home, 1, None, None)]
    assert body.world.store.reader(uz.reader.key) == 0


def test_settling_again_writes_nothing(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), tlp="green")
    feed(body, uz)
    kz.submits(indicator(), tlp="green")  # the same facts: the same row
    before, last = body.world.store.segments(uz.reader.key), body.world.store.last_added()
    uz.polls()
    feed(body, uz)
    assert (body.world.store.segments(uz.reader.key), body.world.store.last_added()) == (before, last)


def test_a_late_grant_is_a_range_of_fresh_stamps_for_this_reader_alone(body):
    kz, ir, tr = body.member("KZ"), body.observer("IR"), body.observer("TR")
    items = [indicator() for _ in range(3)]
    kz.submits(*items, tlp="amber")
    kz.submits(indicator(), tlp="green")
    ir.polls()
    tr.polls()
    head = body.world.store.last_added()
    becomes(body, "IR", "member")
    found = feed(body, ir)
    granted, open_ = segments(body, ir, items[0])
    assert (granted.first, granted.last) == (1, 3)
    assert granted.base is not None
    assert granted.base > head
    assert (open_.first, open_.last, open_.base) == (4, None, None)
    rows = [row(body, item) for item in items]
    assert found.stamps(rows) == {each.item: granted.base + each.ordinal - 1 for each in rows}
    assert feed(body, tr).stamps(rows) == {}
    assert segments(body, tr, items[0]) == []


def test_what_comes_after_the_grant_stands_at_its_own_stamp(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    early, later = indicator(), indicator()
    kz.submits(early, tlp="amber")
    kz.submits(indicator(), tlp="green")
    ir.polls()
    becomes(body, "IR", "member")
    ir.polls()
    kz.submits(later, tlp="amber")
    stamps = feed(body, ir).stamps([row(body, early), row(body, later)])
    assert stamps[row(body, later).item] == row(body, later).added
    assert stamps[row(body, early).item] < row(body, later).added


def test_a_suspension_ends_the_runs_and_a_return_grants_only_what_was_missed(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    items = [indicator() for _ in range(4)]
    kz.submits(*items[:2])
    assert len(uz.polls()) == 2
    becomes(body, "UZ", "suspended")
    assert feed(body, uz).sources(own=False, others=True, types=None) == [Source(home=-1, reader=uz.reader.key)]
    assert segments(body, uz, items[0]) == [Segment(row(body, items[0]).home, 1, 2, None)]
    kz.submits(items[2])
    assert uz.polls() == []
    becomes(body, "UZ", "member")
    kz.submits(items[3])
    assert sorted(uz.polls()) == sorted(item["id"] for item in items[2:])
    first, second, third = segments(body, uz, items[0])
    assert (first.first, first.last, first.base) == (1, 2, None)
    assert second.first == 3
    assert second.base is not None
    assert third.last is None
    assert third.first == (second.last or 0) + 1
    stamps = feed(body, uz).stamps([row(body, item) for item in items])
    assert stamps[row(body, items[0]).item] == row(body, items[0]).added
    assert stamps[row(body, items[2]).item] > row(body, items[2]).added


def test_no_item_is_lost_or_met_twice_over_many_changes(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    sent, met = [], []
    for turn in range(12):
        batch = [indicator() for _ in range(turn % 3 + 1)]
        kz.submits(*batch, tlp=("green", "amber")[turn % 2])
        sent += [item["id"] for item in batch]
        met += uz.polls()
        if turn % 2:
            becomes(body, "UZ", ("observer", "suspended", "member")[turn // 2 % 3])
            met += uz.polls()
    becomes(body, "UZ", "member")
    met += uz.polls()
    assert sorted(met) == sorted(sent)
    assert uz.polls() == []
    assert sorted(uz.reads(own=False)) == sorted(sent)


def test_suspended_before_it_ever_read(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    becomes(body, "UZ", "suspended")
    assert uz.polls() == []
    becomes(body, "UZ", "member")
    assert uz.polls() == [item["id"]]
    assert uz.polls() == []


def test_an_open_run_that_ended_before_it_held_anything(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item, later = indicator(), indicator()
    kz.submits(item)
    feed(body, uz)  # settled, but never served
    for standing in ("suspended", "member", "suspended", "member"):
        becomes(body, "UZ", standing)
        feed(body, uz)
    kz.submits(later)
    assert uz.polls() == [item["id"], later["id"]]
    assert uz.polls() == []


def test_how_far_a_reader_got_may_be_known_before_the_store_knows(body):
    """`read`: pages of a reader's own items are served without a write."""
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    feed(body, ir)
    head = body.world.store.last_added()
    becomes(body, "IR", "member")
    found = feed(body, ir, read=head)
    assert found.stamps([row(body, item)])[row(body, item).item] > head


def test_whoever_has_streams_has_read_up_to_somewhere(body):
    """An empty page that was the first is not recorded; what was said to the reader in it counts nevertheless."""
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(), tlp="green")
    head = body.world.store.last_added()
    feed(body, uz, read=head)
    assert body.world.store.reader(uz.reader.key) == head
    assert list(reader_problems(body.world)) == []


# Items that move


def test_an_item_that_moves_into_sight_gets_one_stamp_of_its_own(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    one, two = indicator(), indicator()
    link = relationship(one["id"], two["id"])
    kz.submits(one, link, tlp="green")
    assert uz.polls() == [one["id"]]
    head = body.world.store.last_added()
    kz.submits(two, tlp="green")
    found = feed(body, uz)
    place = row(body, link)
    assert place.home != place.traits
    assert body.world.store.late(uz.reader.key, [place.item]) == found.stamps([place])
    assert found.stamps([place])[place.item] > head
    assert feed(body, uz).stamps([place]) == found.stamps([place])
    assert set(uz.polls()) == {two["id"], link["id"]}
    assert uz.polls() == []


def test_a_late_item_that_went_out_of_sight_unread_comes_again_when_it_is_back(body):
    """Its stamp lies behind the cursor by then."""
    kz, uz = body.member("KZ"), body.member("UZ")
    one, two = indicator(), indicator()
    link = relationship(one["id"], two["id"])
    kz.submits(one, link, tlp="green")
    uz.polls()
    kz.submits(two, tlp="green")
    page = uz.page(after=uz.cursor, limit=1, own=False)
    assert [each.id for _, each in page.found] == [two["id"]] and page.more
    uz.cursor = page.found[-1][0]
    becomes(body, "UZ", "suspended")
    assert uz.polls() == []
    assert body.world.store.late(uz.reader.key, [row(body, link).item]) == {}
    becomes(body, "UZ", "member")
    assert uz.polls() == [link["id"]]
    becomes(body, "UZ", "suspended")
    assert uz.polls() == []
    becomes(body, "UZ", "member")
    assert uz.polls() == []  # what was read once is not given again


def test_what_names_others_and_was_granted_late_comes_in_its_own_order(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    one, two = indicator(), sdo("malware")
    links = [relationship(one["id"], two["id"]) for _ in range(3)]
    kz.submits(one, two, *links, tlp="amber")
    kz.submits(indicator(), tlp="green")
    ir.polls()
    becomes(body, "IR", "member")
    found = feed(body, ir)
    rows = [row(body, link) for link in links]
    stamps = found.stamps(rows)
    assert [each.item for each in sorted(rows, key=lambda each: stamps[each.item])] == [each.item for each in rows]
    assert body.world.store.late(ir.reader.key, [each.item for each in rows]) == stamps
    assert all(segment.base is None for segment in segments(body, ir, links[0]))


# Stamps


def test_ones_own_stands_at_its_own_stamp(body):
    kz = body.member("KZ")
    item = indicator()
    kz.submits(item, tlp="red")
    assert feed(body, kz).stamps([row(body, item)]) == {row(body, item).item: row(body, item).added}


def test_what_is_hidden_has_no_stamp(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    assert feed(body, ir).stamps([row(body, item)]) == {}


def test_every_visible_item_is_met_in_one_stream_at_one_stamp(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    one, two = indicator(), sdo("malware")
    kz.submits(one, relationship(one["id"], two["id"]), tlp="green")
    uz.submits(two, tlp="amber")
    ir.polls()
    becomes(body, "IR", "member")
    kz.submits(indicator(), tlp="amber+strict")
    wider = MEMBERS.replace('tlp_max = "amber"', 'tlp_max = "amber+strict"').replace("version = 1", "version = 2")
    ir.polls()
    add_agreement(body.world, wider, "v2", by="test")
    found = feed(body, ir)
    met = body.world.store.page(found.sources(own=True, others=True, types=None), 0, 1000, 0)
    shown = [(at, each.item) for at, each in met if found.stamps([each]).get(each.item) == at]
    items = [item for _, item in shown]
    assert len(items) == len(set(items))
    seen = {each.item for each in body.world.store.recent(1000) if body.desk.sight(ir.reader).sees(each.traits)}
    assert set(items) == seen


def test_a_page_is_cut_from_the_settled_streams(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(*(indicator() for _ in range(5)))
    page = body.desk.page(uz.reader, Query(limit=3))
    stamps = feed(body, uz).stamps([each for _, each in page.found])
    assert [at for at, _ in page.found] == [stamps[each.item] for _, each in page.found]


def test_a_date_that_comes_opens_streams_too(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    add_standing(body.world, Standing(party="IR", body="sco", standing="member", since=START + timedelta(days=1)), by="test")
    assert feed(body, ir).stamps([row(body, item)]) == {}
    body.clock.at = START + timedelta(days=1)
    assert row(body, item).item in feed(body, ir).stamps([row(body, item)])
