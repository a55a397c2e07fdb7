"""Finding by words: the same as looking through everything that the reader may see, whatever is hidden."""

from __future__ import annotations

import pytest

from comity.release import finding
from comity.release.arrivals import Narrow
from comity.release.finding import by_words
from tests.consortium import Body, indicator, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def ids(body: Body, member, text: str, limit: int = 50, **more) -> list[str]:
    return [seen.row.id for seen in by_words(body.desk, member.reader, text, limit, **more)[0]]


def test_words_in_any_order_and_the_last_begun(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    first, second = sdo("malware", name="Emotet loader"), sdo("campaign", name="Loading emotet", description="By the spring of 2021")
    kz.submits(first)
    uz.submits(second)
    for member in (kz, uz):
        assert ids(body, member, "emotet") == [second["id"], first["id"]]
        assert ids(body, member, "loader EMOTET") == [first["id"]]
        assert ids(body, member, "emotet load") == [second["id"], first["id"]]
        assert ids(body, member, "emotet load ") == []
        assert ids(body, member, "load") == [second["id"], first["id"]]
        assert ids(body, member, "spring 2021") == [second["id"]]
        assert ids(body, member, "emotet", narrow=Narrow(types=frozenset({"malware"}))) == [first["id"]]
        assert ids(body, member, "") == ids(body, member, "nothing") == []


def test_whole_words_come_before_begun_ones(body):
    kz = body.member("KZ")
    whole, begun = sdo("malware", name="emotet"), sdo("malware", name="emotetlike")
    kz.submits(whole)
    kz.submits(begun)
    assert ids(body, kz, "emotet") == [whole["id"], begun["id"]]
    assert ids(body, kz, "emotet", limit=1) == [whole["id"]]
    assert ids(body, kz, "emote") == [begun["id"], whole["id"]]


def test_hidden_takes_no_place_and_is_not_counted(body, monkeypatch):
    monkeypatch.setattr(finding, "_PART", 3)
    kz, ir = body.member("KZ"), body.observer("IR")
    shown = [sdo("malware", name=f"common {number}") for number in range(5)]
    for item in shown:
        kz.submits(item, tlp="green")
        kz.submits(*[sdo("malware", name="common hidden") for _ in range(4)], tlp="amber")
    assert ids(body, ir, "common") == [item["id"] for item in shown[::-1]]
    assert by_words(body.desk, ir.reader, "common", 5)[1] is False
    assert by_words(body.desk, ir.reader, "common", 4)[1] is True
    assert ids(body, ir, "hidden") == []


def test_an_object_stands_once_in_its_latest_version(body):
    kz = body.member("KZ")
    item = sdo("malware", name="older words")
    kz.submits(item)
    kz.submits({**item, "name": "newer words", "modified": "2021-10-20T00:00:00.000Z"})
    assert ids(body, kz, "words") == ids(body, kz, "older") == [item["id"]]


def test_what_came_into_view_late_is_found(body):
    kz, late = body.member("KZ"), body.party("IR", "guest")
    item = sdo("malware", name="emotet")
    kz.submits(item)
    assert ids(body, late, "emotet") == []
    body.member("IR")
    assert ids(body, late, "emotet") == [item["id"]]


def test_what_moved_to_other_facts_is_found(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    first, second = sdo("malware", name="one"), sdo("malware", name="two")
    link = sdo("relationship", relationship_type="related-to", source_ref=first["id"], target_ref=second["id"], description="joining both")
    kz.submits(link)
    assert (ids(body, kz, "joining"), ids(body, uz, "joining")) == ([link["id"]], [])
    kz.submits(first, second)
    assert body.world.store.moved()
    assert ids(body, uz, "joining") == [link["id"]]


def test_what_went_out_of_sight_is_not_found(body):
    kz, uz = body.member("KZ"), body.party("UZ", "member")
    item = indicator(name="emotet")
    kz.submits(item)
    assert ids(body, uz, "emotet") == [item["id"]]
    body.party("UZ", "withdrawn", since=body.world.clock())
    assert ids(body, uz, "emotet") == []


def test_it_is_on_record(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator(name="emotet"))
    size = body.world.store.head().size
    assert ids(body, uz, "nothing") == []
    assert body.world.store.head().size == size
    ids(body, uz, "emotet")
    assert body.world.store.head().size == size + 1
