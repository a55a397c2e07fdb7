"""Which of the visible items stand on a page: versions, specifications, one copy for all (TAXII 2.1 section 3.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.release.feed import settle
from comity.release.select import Query, Selection, select, select_ids
from tests.consortium import START, Body, Member, indicator, sdo

FIRST, SECOND, THIRD = "2021-10-01T00:00:00.000Z", "2021-10-05T00:00:00.000Z", "2021-10-09T00:00:00.000Z"
DOMAIN = {"type": "domain-name", "spec_version": "2.1", "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b", "value": "example.com"}


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    return body.member("UZ")


def selection(member: Member, **query) -> Selection:
    body = member.body
    return select(body.world, settle(body.world, body.desk.sight(member.reader)), Query(**query))


def versions(member: Member, **query) -> list[str]:
    return [row.version for _, row in selection(member, **query).found]


VERSIONS = [
    (("last",), [THIRD]),
    (("first",), [FIRST]),
    (("all",), [SECOND, FIRST, THIRD]),
    (("first", "last"), [FIRST, THIRD]),
    (("last", "first"), [FIRST, THIRD]),
    ((SECOND,), [SECOND]),
    (("2021-10-05T00:00:00Z",), [SECOND]),
    (("2021-10-05T00:00:00.000000Z",), [SECOND]),
    (("2021-10-05T05:00:00+05:00",), [SECOND]),
    ((FIRST, THIRD), [FIRST, THIRD]),
    (("last", SECOND), [SECOND, THIRD]),
    (("last", THIRD), [THIRD]),
    (("2021-10-06T00:00:00.000Z",), []),
    (("2021-10-05T00:00:00.001Z",), []),
]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("wanted", "found"), VERSIONS)
def test_versions(kz, uz, own, named, wanted, found):
    """In the order in which they came, whoever asks and however."""
    item = indicator()
    for at in (SECOND, FIRST, THIRD):
        kz.submits({**item, "modified": at})
    assert versions(kz if own else uz, versions=wanted, **({"ids": (item["id"],)} if named else {})) == found


def test_the_last_version_is_the_last_one_visible(body, kz):
    ir = body.observer("IR")
    item, hidden = indicator(), indicator()
    kz.submits(hidden, tlp="amber")
    for at, named in ((FIRST, {}), (SECOND, {}), (THIRD, {"x_of_ref": hidden["id"]})):
        kz.submits({**item, "modified": at, **named}, tlp="green")
    assert versions(ir) == [SECOND]
    assert versions(ir, versions=("all",)) == [FIRST, SECOND]
    assert versions(ir, versions=(THIRD,)) == []


def test_the_first_version_is_the_first_one_visible(body, kz):
    ir = body.observer("IR")
    item = indicator()
    for at, tlp in ((FIRST, "amber"), (SECOND, "green")):
        kz.submits({**item, "modified": at}, tlp=tlp)
    assert versions(ir, versions=("first",)) == [SECOND]


def test_an_expired_version_counts_no_more(body, kz, uz):
    item = indicator()
    kz.submits({**item, "modified": FIRST})
    kz.submits({**item, "modified": SECOND}, expires=START + timedelta(days=1))
    assert versions(uz) == [SECOND]
    body.clock.at = START + timedelta(days=1)
    assert versions(uz) == [FIRST]
    assert versions(uz, versions=("all",)) == [FIRST]
    assert versions(uz, ids=(item["id"],), versions=("all",)) == [FIRST]


# Two parties' copies of one id


def test_versions_are_counted_within_one_origin(body, kz, uz):
    tj = body.member("TJ")
    item = indicator()
    kz.submits({**item, "modified": FIRST})
    uz.submits({**item, "modified": THIRD, "name": "another's"})
    found = selection(tj).found
    assert [(row.origin, row.version) for _, row in found] == [("KZ", FIRST), ("UZ", THIRD)]


@pytest.mark.parametrize("first_revokes", [False, True])
def test_nobody_revokes_what_is_anothers(body, kz, uz, first_revokes):
    """Of a claim that revokes what another origin gave first, a client would take the object for gone."""
    one = indicator(modified=FIRST)
    kz.submits(one | ({"revoked": True} if first_revokes else {}))
    uz.submits(one | {"modified": SECOND, "revoked": True})
    assert versions(body.member("IN"), others=True) == ([FIRST, SECOND] if first_revokes else [FIRST])
    assert versions(body.member("IN"), others=True, versions=("all",)) == ([FIRST, SECOND] if first_revokes else [FIRST])
    assert versions(body.member("IN"), others=True, copies=True) == [FIRST, SECOND]
    assert versions(uz) == [FIRST, SECOND], "of one's own, it says what it likes"


def test_of_one_version_by_two_the_first_to_come_stands_for_both(body, kz, uz):
    tj = body.member("TJ")
    item = indicator()
    kz.submits(item)
    uz.submits({**item, "name": "the same version, other words"})
    for wanted in ("last", "first", "all", item["modified"]):
        assert [row.origin for _, row in selection(tj, versions=(wanted,)).found] == ["KZ"]


def test_of_one_version_by_two_the_readers_own_stands_for_both(kz, uz):
    item = indicator()
    kz.submits(item)
    uz.submits({**item, "name": "the same version, other words"})
    assert [row.origin for _, row in selection(uz).found] == ["UZ"]
    assert [row.origin for _, row in selection(kz).found] == ["KZ"]


def test_what_others_gave_is_counted_without_ones_own(kz, uz):
    item = indicator()
    kz.submits(item)
    uz.submits({**item, "name": "own"})
    uz.submits({**item, "modified": THIRD, "name": "own and later"})
    assert [(row.origin, row.version) for _, row in selection(uz, own=False).found] == [("KZ", item["modified"])]
    assert [row.origin for _, row in selection(uz, own=False, ids=(item["id"],), versions=("all",)).found] == ["KZ"]


def test_a_copy_that_may_not_be_seen_stands_for_nothing(body, kz, uz):
    ir = body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    uz.submits({**item, "name": "shown"}, tlp="green")
    assert [row.origin for _, row in selection(ir).found] == ["UZ"]


def test_equal_copies_of_an_observable_stand_for_each_other_and_different_ones_side_by_side(body, kz, uz):
    """Nobody's copy hides what another says under the same deterministic id."""
    tj, in_ = body.member("TJ"), body.member("IN")
    kz.submits(DOMAIN)
    in_.submits(DOMAIN)
    uz.submits({**DOMAIN, "value": "innocent.example"})
    uz.submits({**DOMAIN, "x_more": "and more"})
    assert [row.origin for _, row in selection(tj).found] == ["KZ", "UZ"]
    assert [row.origin for _, row in selection(tj, ids=(DOMAIN["id"],), versions=("all",)).found] == ["KZ", "UZ", "UZ"]
    assert [row.origin for _, row in selection(in_).found] == ["IN", "UZ"]


# Specifications


def old(**properties) -> dict:
    return {key: value for key, value in indicator(**properties).items() if key not in ("spec_version", "pattern_type")} | {
        "labels": ["benign"]
    }


def test_by_default_each_objects_latest_specification(kz, uz):
    item = indicator(modified=SECOND)
    kz.submits({**old(), "id": item["id"], "modified": THIRD})
    kz.submits(item)
    assert [(row.spec, row.version) for _, row in selection(uz).found] == [("2.1", SECOND)]
    assert [row.spec for _, row in selection(uz, spec_versions=frozenset({"2.0"})).found] == ["2.0"]
    both = selection(uz, spec_versions=frozenset({"2.0", "2.1"}), versions=("all",)).found
    assert [row.spec for _, row in both] == ["2.0", "2.1"]


def test_an_object_of_one_specification_is_there_by_default(kz, uz):
    kz.submits(old())
    assert [row.spec for _, row in selection(uz).found] == ["2.0"]
    assert selection(uz, spec_versions=frozenset({"2.1"})).found == []


# Types, ids, ranges


def test_types(kz, uz):
    one, other = indicator(), sdo("malware")
    kz.submits(one, other)
    assert [row.id for _, row in selection(uz, types=frozenset({"malware"})).found] == [other["id"]]
    assert [row.id for _, row in selection(kz, types=frozenset({"malware", "report"})).found] == [other["id"]]
    assert len(selection(uz, types=frozenset({"malware", "indicator"})).found) == 2
    assert selection(uz, types=frozenset()).found == []
    assert selection(uz, ids=(one["id"],), types=frozenset({"malware"})).found == []


def test_registers_stand_on_a_page_only_where_asked_for(body):
    centre = Member(body, "SCO-CENTRE")
    body.member("KZ")
    assert selection(centre).found == []
    asked = selection(centre, types=frozenset({"comity-standing", "comity-agreement"})).found
    assert sorted(row.type for _, row in asked) == ["comity-agreement", "comity-standing"]
    assert len(selection(centre, ids=(asked[0][1].id,)).found) == 1


def test_ids(kz, uz):
    items = [indicator() for _ in range(3)]
    kz.submits(*items)
    wanted = (items[2]["id"], items[0]["id"], items[0]["id"], "indicator--99999999-9999-4999-8999-999999999999")
    assert [row.id for _, row in selection(uz, ids=wanted).found] == [items[0]["id"], items[2]["id"]]
    assert selection(uz, ids=()).found == []


def test_named_objects_are_cut_like_pages(kz, uz):
    items = [indicator() for _ in range(5)]
    kz.submits(*items)
    ids = tuple(item["id"] for item in items)
    first = selection(uz, ids=ids, limit=2)
    assert ([row.id for _, row in first.found], first.more) == (list(ids[:2]), True)
    rest = selection(uz, ids=ids, limit=3, after=first.found[-1][0])
    assert ([row.id for _, row in rest.found], rest.more) == (list(ids[2:]), False)
    found = select_ids(uz.body.world, settle(uz.body.world, uz.body.desk.sight(uz.reader)), Query(ids=ids, limit=2))
    assert found == first


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
def test_a_page_ends_at_its_limit_and_says_whether_more_follow(kz, uz, limit):
    items = [indicator() for _ in range(7)]
    kz.submits(*items)
    found, after = [], 0
    while True:
        page = selection(uz, limit=limit, after=after)
        assert len(page.found) <= limit
        found += [row.id for _, row in page.found]
        assert page.more == (len(found) < 7)
        if not page.more:
            break
        after = page.found[-1][0]
    assert found == [item["id"] for item in items]


def test_more_is_said_of_what_the_query_asks_for_alone(kz, uz):
    """Neither hidden objects, nor older versions, nor other types, are announced as more to come."""
    shown = indicator()
    kz.submits(shown, tlp="green")
    kz.submits(*(indicator() for _ in range(5)), tlp="red")
    kz.submits(*(sdo("malware") for _ in range(5)), tlp="green")
    page = selection(uz, limit=1, types=frozenset({"indicator"}))
    assert ([row.id for _, row in page.found], page.more) == ([shown["id"]], False)


def test_a_page_is_full_though_much_of_what_was_met_is_left_out(kz, uz):
    item = indicator()
    for day in range(1, 29):
        kz.submits({**item, "modified": f"2021-10-{day:02}T00:00:00.000Z"})
    others = [indicator() for _ in range(3)]
    kz.submits(*others)
    page = selection(uz, limit=3)
    assert [row.id for _, row in page.found] == [item["id"], others[0]["id"], others[1]["id"]]
    assert page.more


def test_stamps_ascend_and_are_the_cursor(kz, uz):
    kz.submits(*(indicator() for _ in range(4)))
    stamps = [at for at, _ in selection(uz).found]
    assert stamps == sorted(set(stamps))
    assert [at for at, _ in selection(uz, after=stamps[1]).found] == stamps[2:]
    assert [at for at, _ in selection(uz, after=stamps[1] - 1).found] == stamps[1:]
    assert selection(uz, after=stamps[-1]) == Selection([], False)


def test_own_and_others(kz, uz):
    mine, theirs = indicator(), indicator()
    uz.submits(mine)
    kz.submits(theirs)
    assert [row.id for _, row in selection(uz, others=False).found] == [mine["id"]]
    assert [row.id for _, row in selection(uz, own=False).found] == [theirs["id"]]
    assert [row.id for _, row in selection(uz).found] == [mine["id"], theirs["id"]]
    assert selection(uz, own=False, ids=(mine["id"],)).found == []


# By value, and side by side


def test_by_value_only_what_stands_for_its_object(kz, uz):
    item = indicator(pattern="[domain-name:value = 'one.example']")
    kz.submits({**item, "modified": FIRST})
    kz.submits({**item, "modified": SECOND, "pattern": "[domain-name:value = 'two.example']"})
    assert versions(uz, values=(("domain", "one.example"),)) == []
    assert versions(uz, values=(("domain", "two.example"),)) == [SECOND]
    assert versions(uz, values=(("domain", "one.example"),), versions=("all",)) == [FIRST]
    assert versions(uz, values=(("domain", "one.example"), ("domain", "two.example")), versions=("all",)) == [FIRST, SECOND]
    assert versions(uz, values=()) == []


def test_by_value_another_partys_hidden_copy_says_nothing(kz, uz, body):
    item = indicator(pattern="[domain-name:value = 'one.example']")
    kz.submits(item)
    body.member("TJ").submits({**item, "pattern": "[domain-name:value = 'two.example']"}, to=())
    assert versions(uz, values=(("domain", "two.example"),)) == []
    assert versions(uz, values=(("domain", "one.example"),)) == [item["modified"]]


def test_by_value_and_by_id_each_object_once(kz, uz):
    one, other = indicator(pattern="[domain-name:value = 'one.example']"), indicator()
    kz.submits(one, other)
    found = selection(uz, values=(("domain", "one.example"),), ids=(one["id"], other["id"])).found
    assert [row.id for _, row in found] == [one["id"], other["id"]]
    assert [row.id for _, row in selection(uz, values=(("domain", "one.example"),), after=found[0][0]).found] == []


def test_copies_stand_side_by_side(kz, uz, body):
    tj = body.member("TJ")
    item = indicator()
    kz.submits({**item, "modified": FIRST}, {**item, "modified": THIRD})
    uz.submits({**item, "modified": THIRD})
    named = {"ids": (item["id"],), "copies": True}
    assert [(row.origin, row.version) for _, row in selection(tj, **named).found] == [("KZ", THIRD), ("UZ", THIRD)]
    assert len(selection(tj, versions=("all",), **named).found) == 3
    assert [row.origin for _, row in selection(tj, ids=(item["id"],)).found] == ["KZ"]
