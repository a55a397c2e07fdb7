"""Walks through the pages of servers that are right, wrong, forgetful or only slow; each ends with the right set of objects."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.clock import micros, now, parse, stamp
from comity.errors import NotAuthenticated, PeerFault
from comity.peer import channel, paging
from comity.peer.paging import Fetched
from comity.peer.taxii_client import TaxiiClient
from tests.peer.stub import COLLECTION, Answer, Feed, Stub, answer, page

T = [stamp(1_600_000_000_000_000 + n * 1_000_000) for n in range(2000)]
OBJECTS = [{"type": "campaign", "id": f"campaign--{n}"} for n in range(2000)]
ROWS = list(zip(T, OBJECTS, strict=True))


def before(moment: str) -> str:
    return stamp(micros(parse(moment)) - 1)


def walk(server: Stub | Feed, after: str | None = None, limit: int = 10) -> list[Fetched]:
    return list(server.client().pages(COLLECTION, after, limit))


def walk_to_fault(server: Stub | Feed, after: str | None = None, limit: int = 10) -> tuple[list[Fetched], str]:
    got = []
    with pytest.raises(PeerFault) as fault:
        for each in server.client().pages(COLLECTION, after, limit):
            got.append(each)
            assert len(got) < 500
    return got, str(fault.value)


def held(pages: list[Fetched]) -> list[str]:
    """The ids of all objects given, each once, in the order in which they came."""
    return list(dict.fromkeys(obj["id"] for each in pages for obj in json.loads(each.raw).get("objects", [])))


def all_of(rows: list[tuple[str, Any]]) -> list[str]:
    return [obj["id"] for _, obj in rows]


# What the standard asks


def test_c7_each_filter_has_one_value() -> None:
    stub = Stub([page()])
    walk(stub, T[0])
    (asked,) = stub.asked
    assert asked.url.params.multi_items() == [("limit", "10"), ("match[version]", "all"), ("added_after", T[0])]


def test_one_page_without_more_is_the_end() -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=False)])
    (only,) = walk(stub, T[0])
    assert (only.resume, only.count, only.note) == (T[0], 1, "")
    assert only.raw == stub.answers[0].content  # type: ignore[union-attr]
    assert stub.queries() == [{"added_after": T[0]}]


def test_c6_c10_next_is_followed_beside_the_query_it_was_given_for() -> None:
    stub = Stub(
        [page(OBJECTS[0], last=T[1], more=True, next="a"), page(OBJECTS[1], last=T[2], more=True, next="b"), page(OBJECTS[2], last=T[3])]
    )
    assert [each.resume for each in walk(stub, T[0])] == [before(T[1]), before(T[2]), T[3]]
    assert stub.queries() == [{"added_after": T[0]}, {"added_after": T[0], "next": "a"}, {"added_after": T[0], "next": "b"}]


def test_c6_without_next_the_last_date_is_the_way_on() -> None:
    """Asked from just before it: others may have been added in the same moment."""
    feed = Feed(*ROWS[:25])
    assert held(walk(feed)) == all_of(ROWS[:25])
    assert [query.get("added_after") for query in feed.asked] == [None, before(T[9]), before(T[18])]


def test_c6_a_server_that_knows_no_moment_but_its_last_date_is_asked_for_that() -> None:
    given_ = {None: page(OBJECTS[0], last=T[0], more=True), T[0]: page(OBJECTS[1], last=T[1], more=True), T[1]: page(OBJECTS[2])}

    for other in (page(), answer({}, 400), answer({}, 404)):

        def exact(request: httpx2.Request, other: httpx2.Response = other) -> httpx2.Response:
            found = given_.get(request.url.params.get("added_after"), other)
            return httpx2.Response(found.status_code, headers=found.headers, content=found.content)

        stub = Stub([exact])
        assert held(walk(stub)) == all_of(ROWS[:3])
        assert len(stub.asked) == 5


def test_c10_a_next_after_a_date_stands_beside_that_date_and_not_the_first_one() -> None:
    stub = Stub([page(OBJECTS[0], last=T[5], more=True), page(OBJECTS[1], last=T[6], more=True, next="n"), page(OBJECTS[2])])
    assert len(walk(stub, T[0])) == 3
    assert stub.queries() == [{"added_after": T[0]}, {"added_after": before(T[5])}, {"added_after": before(T[5]), "next": "n"}]


def test_c10_a_date_after_a_next_stands_alone() -> None:
    stub = Stub([page(OBJECTS[0], last=T[1], more=True, next="n"), page(OBJECTS[1], last=T[2], more=True), page(OBJECTS[2], last=T[3])])
    walk(stub)
    assert stub.queries() == [{}, {"next": "n"}, {"added_after": before(T[2])}]


def test_c6_an_empty_page_with_more_and_next_is_gone_through() -> None:
    stub = Stub([page(more=True, next="a"), page(more=True, next="b"), page(OBJECTS[0], last=T[1])])
    assert [each.count for each in walk(stub)] == [0, 0, 1]


@pytest.mark.parametrize("objects", [{}, {"objects": []}, {"objects": None}])
def test_c6_more_followed_by_nothing_is_the_end(objects: dict[str, Any]) -> None:
    assert len(walk(Stub([answer({"more": True, **objects})]))) == 1
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), answer({"more": True, **objects})])
    assert [each.resume for each in walk(stub)] == [before(T[0]), T[0]]


@pytest.mark.parametrize("more", ["true", 1, None, False])
def test_more_is_true_or_it_is_not(more: Any) -> None:
    assert len(walk(Stub([page(OBJECTS[0], last=T[0], more=more, next="a")]))) == 1


@pytest.mark.parametrize("cursor", [None, 7, ""])
def test_a_next_that_is_no_text_is_none(cursor: Any) -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next=cursor), page(OBJECTS[1], last=T[1])])
    assert len(walk(stub)) == 2
    assert stub.queries()[1] == {"added_after": before(T[0])}


# Many objects of one moment, and no `next`


@pytest.mark.parametrize("shared", [2, 9, 10, 11, 35, 600])
def test_objects_of_one_moment_across_a_page_are_all_given(shared: int) -> None:
    """The standard's own way on loses what lies beyond the page in the same moment; ours does not."""
    rows = ROWS[:7] + [(T[7], obj) for obj in OBJECTS[7 : 7 + shared]] + [(T[8 + n], obj) for n, obj in enumerate(OBJECTS[700:775])]
    feed = Feed(*rows)
    assert held(walk(feed)) == all_of(rows)
    assert len(feed.asked) < 25
    assert feed.asked[-1]["limit"] == "10"


def test_all_objects_of_one_moment_and_a_limit_of_one() -> None:
    feed = Feed(*((T[0], obj) for obj in OBJECTS[:40]))
    assert held(walk(feed, limit=1)) == all_of([(T[0], obj) for obj in OBJECTS[:40]])
    feed = Feed(*ROWS[:6])
    assert held(walk(feed, limit=1)) == all_of(ROWS[:6])


def test_what_cannot_be_known_is_said() -> None:
    """It gives ten at most, whatever is asked for, and nothing leads beyond them: said, and the rest is given."""
    rows = [(T[0], obj) for obj in OBJECTS[:15]] + ROWS[20:45]
    feed = Feed(*rows, cap=10)
    got = walk(feed)
    assert held(got) == all_of(rows[:10] + rows[15:])
    (note,) = [each.note for each in got if each.note]
    assert "whether any was missed cannot be known" in note
    assert T[0] in note
    assert len(feed.asked) < 10


def test_beyond_the_widest_page_it_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "_WIDEST", 40)
    rows = [(T[0], obj) for obj in OBJECTS[:100]] + ROWS[101:103]
    got = walk(Feed(*rows))
    assert held(got) == all_of(rows[:40] + rows[100:])
    assert [each.note for each in got if each.note]


# Servers that lie


def test_a_next_that_never_changes_is_followed_while_it_gives_something_new() -> None:
    feed = Feed(*ROWS[:35], names_next=True, used_up=True)
    assert held(walk(feed)) == all_of(ROWS[:35])
    assert len(feed.asked) == 4


def test_a_next_that_never_changes_and_gives_nothing_new_ends_it() -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), page(OBJECTS[1], last=T[1], more=True, next="a")])
    got, said = walk_to_fault(stub)
    assert (held(got), len(stub.asked)) == (all_of(ROWS[:2]), 3)
    assert got[-1].resume == before(T[1])
    assert "same objects again and again" in said


@pytest.mark.parametrize(("name", "most"), [("_STEADY_PAGES", 50), ("_STEADY_OBJECTS", 100)])
def test_a_next_that_never_changes_and_always_gives_something_new_ends_it(monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    monkeypatch.setattr(paging, name, most)
    numbers = iter(range(2000))

    def more(_: httpx2.Request) -> httpx2.Response:
        n = next(numbers)
        return page(OBJECTS[2 * (n % 1000)], OBJECTS[2 * (n % 1000) + 1], last=T[n], more=True, next="a")

    stub = Stub([more])
    got, said = walk_to_fault(stub)
    assert (len(got), len(held(got)), got[-1].resume) == (51, 102, before(T[50]))
    assert "the same way on after 51 pages with 102 objects" in said
    changing = Feed(*ROWS[:1500], names_next=True)
    assert held(walk(changing)) == all_of(ROWS[:1500])


def test_a_page_of_too_many_objects_ends_it() -> None:
    got, said = walk_to_fault(
        Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), page(*[1] * 100_001, last=T[1], more=True, next="b")])
    )
    assert held(got) == all_of(ROWS[:1])
    assert "more than 100000" in said


def test_the_same_page_for_ever_ends_it() -> None:
    for last, cursor, requests in ((T[0], None, 3), (T[0], "a", 2), (None, "a", 2), (None, None, 1)):
        stub = Stub([page(OBJECTS[0], OBJECTS[1], last=last, more=True, **({"next": cursor} if cursor else {}))])
        got, _ = walk_to_fault(stub)
        assert (held(got), len(stub.asked) <= requests + 1) == (all_of(ROWS[:2]), True)


def test_the_same_objects_under_ever_new_cursors_or_dates_or_orders_end_it() -> None:
    numbers = iter(range(10_000))
    got, said = walk_to_fault(Stub([lambda _: page(OBJECTS[0], last=T[0], more=True, next=f"n{next(numbers)}")]))
    assert (len(got), "again and again" in said) == (2, True)
    got, _ = walk_to_fault(Stub([lambda _: page(OBJECTS[0], last=T[next(numbers)], more=True)]))
    assert len(got) < 20  # as often as the limit may double

    def turned(_: httpx2.Request) -> httpx2.Response:
        n = next(numbers) % 3
        return page(*OBJECTS[n:3], *OBJECTS[:n], last=T[2], more=True, next=f"n{next(numbers)}")

    got, _ = walk_to_fault(Stub([turned]))
    assert (len(got), set(held(got))) == (2, set(all_of(ROWS[:3])))


def test_more_for_ever_with_nothing_ends_it() -> None:
    numbers = iter(range(10_000))
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="x"), lambda _: page(more=True, next=f"n{next(numbers)}")])
    got, said = walk_to_fault(stub)
    assert (held(got), len(stub.asked) < 30) == (all_of(ROWS[:1]), True)
    assert "gives nothing" in said
    stub = Stub([page(more=True, next="same")])
    walk_to_fault(stub)
    assert len(stub.asked) == 2


def test_more_at_the_true_end_is_no_more() -> None:
    for names_next in (True, False):
        feed = Feed(*ROWS[:25], names_next=names_next, more_at_end=True)
        got: list[Fetched] = []
        with contextlib.suppress(PeerFault):
            for each in feed.client().pages(COLLECTION, None, 10):
                got.append(each)
        assert held(got) == all_of(ROWS[:25])
        assert len(feed.asked) < 12


def test_a_server_that_ignores_added_after_ends() -> None:
    feed = Feed(*ROWS[:25], deaf=True, names_next=True)
    assert held(walk(feed, T[20])) == all_of(ROWS[:25])
    feed = Feed(*ROWS[:25], deaf=True, cap=10)
    got, said = walk_to_fault(feed)
    assert (held(got), len(feed.asked) < 6) == (all_of(ROWS[:10]), True)
    assert "not how to get it" in said or "again and again" in said


def test_objects_given_twice_are_no_harm() -> None:
    stub = Stub([page(*OBJECTS[:3], last=T[2], more=True, next="a"), page(*OBJECTS[1:5], last=T[4])])
    assert held(walk(stub)) == all_of(ROWS[:5])


def test_a_server_that_goes_back_in_time_is_walked_to_its_end_and_not_taken_up_half_way() -> None:
    stub = Stub(
        [page(OBJECTS[5], last=T[5], more=True, next="a"), page(OBJECTS[1], last=T[1], more=True, next="b"), page(OBJECTS[9], last=T[9])]
    )
    got = walk(stub)
    assert [each.resume for each in got] == [before(T[5]), None, T[9]]
    assert ["back in time" in each.note for each in got] == [False, True, False]
    stub = Stub([page(OBJECTS[5], last=T[5], more=True), page(OBJECTS[1], last=T[1], more=True)])
    _, said = walk_to_fault(stub)
    assert "not how to get it" in said
    assert len(stub.asked) == 2


@pytest.mark.parametrize("last", [T[5], T[4], None, "yesterday", "0001-01-01T00:00:00+23:00", "0001-01-01T00:00:00Z"])
def test_more_without_next_or_a_later_date_is_said(last: str | None) -> None:
    stub = Stub([page(OBJECTS[0], last=last, more=True)])
    got, said = walk_to_fault(stub, T[5])
    assert held(got) == all_of(ROWS[:1])
    assert got[0].resume == (before(last) if last in T else None)
    assert "not how to get it" in said
    assert len(stub.asked) == 1


@given(
    answers=st.lists(
        st.builds(
            lambda objects, last, more, cursor, status: (
                answer({}, status) if status != 200 else page(*objects, last=last, more=more, **({"next": cursor} if cursor else {}))
            ),
            st.lists(st.sampled_from(OBJECTS[:20]), max_size=3),
            st.one_of(st.none(), st.sampled_from(T[:5])),
            st.booleans(),
            st.one_of(st.none(), st.sampled_from("abc")),
            st.sampled_from([200, 200, 200, 200, 400, 502]),
        ),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=300, deadline=None)
def test_whatever_a_server_says_it_comes_to_an_end_and_no_page_is_lost(answers: list[httpx2.Response]) -> None:
    stub = Stub(list[Answer](answers))
    got: list[Fetched] = []
    with contextlib.suppress(PeerFault):
        for each in stub.client().pages(COLLECTION, None, 2):
            got.append(each)
    assert len(stub.asked) < 150
    assert len(got) <= len(stub.asked)


@given(
    moments=st.lists(st.integers(0, 8), max_size=40),
    limit=st.integers(1, 7),
    names_next=st.booleans(),
    used_up=st.booleans(),
    faults=st.sets(st.integers(2, 30), max_size=3),
    status=st.sampled_from([None, 400, 404, 500, 502]),
)
@settings(max_examples=300, deadline=None)
def test_every_object_is_given_whatever_the_dates_and_wherever_it_breaks(
    moments: list[int], limit: int, names_next: bool, used_up: bool, faults: set[int], status: int | None
) -> None:
    """A lost answer or a forgotten `next` loses no object, even where a page is given once only."""
    rows = [(T[moment], OBJECTS[n]) for n, moment in enumerate(sorted(moments))]
    feed = Feed(*rows, names_next=names_next, used_up=used_up and names_next)
    if names_next or status is None:
        feed.faults = {at: httpx2.ReadError("cut") if status is None else answer({}, status) for at in sorted(faults) if at % 3 == 0}
    got = walk(feed, limit=limit)
    assert held(got) == all_of(rows) or set(held(got)) == set(all_of(rows))
    assert got[-1].resume == (rows[-1][0] if rows else None)


# Breaks


def test_a_page_lost_on_the_way_is_not_asked_for_by_the_same_next() -> None:
    """A server may give each page of a `next` once."""
    for fault in (httpx2.ReadError("cut"), httpx2.ReadTimeout("slow"), answer({}, 502), answer({}, 400)):
        feed = Feed(*ROWS[:45], names_next=True, used_up=True)
        feed.faults = {3: fault}
        assert held(walk(feed)) == all_of(ROWS[:45])
        assert feed.asked[3] == {"limit": "10", "match[version]": "all", "added_after": before(T[19])}


def test_a_page_that_was_never_asked_for_may_be_asked_for_by_the_same_next() -> None:
    for fault in (httpx2.ConnectError("refused"), answer({}, 503), answer({}, 429)):
        stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), fault, page(OBJECTS[1], last=T[1])])
        assert held(walk(stub)) == all_of(ROWS[:2])
        assert stub.queries() == [{}, {"next": "a"}, {"next": "a"}]


def test_a_walk_of_one_moment_begins_anew_from_its_start_and_gets_past_what_it_had() -> None:
    rows = [(T[0], obj) for obj in OBJECTS[:60]]
    feed = Feed(*rows, names_next=True)
    feed.faults = {4: answer({}, 400), 9: httpx2.ReadError("cut")}
    assert held(walk(feed)) == all_of(rows)


def test_a_next_that_is_never_taken_is_given_up() -> None:
    stub = Stub([lambda r: answer({"title": "no"}, 400) if "next" in r.url.params else page(OBJECTS[0], last=T[0], more=True, next="a")])
    got, said = walk_to_fault(stub)
    assert held(got) == all_of(ROWS[:1])
    assert "answered 400: no, 4 times in a row" in said
    assert len(stub.asked) < 10


def test_a_refused_token_in_mid_walk_is_said_as_that() -> None:
    stub = Stub([page(OBJECTS[0], last=T[0], more=True, next="a"), answer({}, 401)])
    with pytest.raises(NotAuthenticated):
        walk(stub)


def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_BYTES", 2_000)
    rows = [(moment, {**obj, "x": "y" * 300}) for moment, obj in ROWS[:60]]
    for names_next in (True, False):
        feed = Feed(*rows, names_next=names_next)
        assert held(walk(feed, limit=40)) == all_of(rows)
        assert [query["limit"] for query in feed.asked[:3]] == ["40", "10", "2"]
        assert {query["limit"] for query in feed.asked[3:]} <= {"2", "4"}


def test_one_object_that_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_BYTES", 2_000)
    feed = Feed((T[0], {**OBJECTS[0], "x": "y" * 3_000}))
    _, said = walk_to_fault(feed, limit=1_000)
    assert "more than 2000 bytes" in said
    assert len(feed.asked) < 8


# From where a later walk goes on


def dated(last: str, *, date: str | None = None, **envelope: Any) -> httpx2.Response:
    return answer({"objects": [OBJECTS[0]], **envelope}, headers={"X-TAXII-Date-Added-Last": last, **({"Date": date} if date else {})})


def test_moments_that_may_still_grow_are_asked_for_again() -> None:
    """A post under way, stamped as a whole: its rest comes later under a date that was given already."""
    moment = now()
    for ago, settled in ((0, False), (30, False), (120, True)):
        last = stamp(micros(moment) - ago * 1_000_000)
        (only,) = walk(Stub([dated(last, date=format_datetime(moment, usegmt=True))]))
        assert only.resume is not None
        assert (only.resume == last) is settled
        if not settled:
            assert 0 < micros(parse(last)) - micros(parse(only.resume)) <= 61_000_000


def test_a_comity_node_gives_each_object_a_moment_of_its_own() -> None:
    last = stamp(micros(now()))
    client = TaxiiClient("KZ", "x", transport=httpx2.MockTransport(Stub([dated(last)])), wait=lambda _: None)
    own = type(COLLECTION)(root=COLLECTION.root, id=COLLECTION.id, can_read=True, understands=True)
    (only,) = client.pages(own, None, 10)
    assert only.resume == last


@pytest.mark.parametrize("date", [None, "nonsense", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 -0000"])
def test_dates_of_the_future_are_not_kept(date: str | None) -> None:
    """They would hide whatever is added until then."""
    (only,) = walk(Stub([dated("9998-01-01T00:00:00.000000Z", date=date)]))
    assert only.resume is None
    (only,) = walk(Stub([dated(T[0], date=date)]))
    assert only.resume == T[0]


def test_without_dates_there_is_no_place_to_go_on() -> None:
    stub = Stub([page(OBJECTS[0], more=True, next="a"), page(OBJECTS[1])])
    assert [each.resume for each in walk(stub)] == [None, None]


def test_old_objects_are_forgotten_to_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "WINDOW", 50)
    window = paging._Window()
    raw: Callable[[int], Any] = lambda n: json.dumps(OBJECTS[n]).encode()  # noqa: E731
    assert [window.add([raw(n)]) for n in range(60)] == [1] * 60
    assert [window.add([raw(n)]) for n in (59, 10, 0)] == [0, 0, 1]


def test_the_servers_clock_counts_and_not_ours() -> None:
    ahead = now() + timedelta(days=30)
    last = stamp(micros(ahead) - 1_000_000)
    (only,) = walk(Stub([dated(last, date=format_datetime(ahead, usegmt=True))]))
    assert only.resume is not None
    assert only.resume < last
