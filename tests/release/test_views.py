"""What the node's own pages are made of: the same as any other way out."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import NotFound
from comity.ledger.erasure import erase_entry
from comity.ledger.proof import verify
from comity.release import views
from comity.release.views import Tally, log_entry, log_page, named, opened
from tests.consortium import Body, indicator, relationship, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_one_object_and_its_versions(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator(name="first")
    later = {**item, "name": "second", "modified": "2021-10-05T00:00:00.000Z"}
    kz.submits(item)
    kz.submits(later)
    found = opened(body.desk, uz.reader, item["id"])
    assert msgspec.json.decode(found.seen.body)["name"] == "second"
    assert [row.version for row in found.claims] == [later["modified"], item["modified"]]
    older = opened(body.desk, uz.reader, item["id"], version="2021-10-01T00:00:00Z")
    assert msgspec.json.decode(older.seen.body)["name"] == "first"
    with pytest.raises(NotFound):
        opened(body.desk, uz.reader, item["id"], version="2020-01-01T00:00:00Z")


def test_hidden_and_absent_are_told_in_the_same_words(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    with pytest.raises(NotFound) as hidden:
        opened(body.desk, ir.reader, item["id"])
    with pytest.raises(NotFound) as absent:
        opened(body.desk, ir.reader, "indicator--00000000-0000-4000-8000-000000000000")
    assert str(hidden.value) == str(absent.value)


def test_hidden_claims_are_not_among_the_claims(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    body.party("AF", "guest")
    item = indicator()
    kz.submits(item, tlp="green")
    uz.submits({**item, "modified": "2021-10-09T00:00:00.000Z"}, tlp="amber")
    claims = opened(body.desk, ir.reader, item["id"]).claims
    assert [row.origin for row in claims] == ["KZ"]


def test_names_of_hidden_objects_are_not_given(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    green, amber = sdo("malware", name="seen"), sdo("malware", name="hidden")
    kz.submits(green, tlp="green")
    kz.submits(amber, tlp="amber")
    assert set(named(body.desk, ir.reader, [green["id"], amber["id"], "malware--absent"])) == {green["id"]}
    assert named(body.desk, ir.reader, []) == {}


def test_counts_are_of_what_may_be_seen_and_follow_changes(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    tally, item = Tally(), indicator()
    kz.submits(item, sdo("malware"), tlp="green")
    kz.submits(indicator(), tlp="amber")
    kz.submits({**item, "modified": "2021-10-09T00:00:00.000Z"}, tlp="green")
    assert tally.counts(body.desk, ir.reader).by_type == {"indicator": 1, "malware": 1}
    assert tally.counts(body.desk, kz.reader).total == 3
    kz.submits(relationship(item["id"], item["id"]), tlp="green")
    assert tally.counts(body.desk, ir.reader).total == 3


def test_counting_stops_somewhere_and_says_so(body, monkeypatch):
    kz = body.member("KZ")
    kz.submits(*[indicator() for _ in range(12)])
    monkeypatch.setattr(views, "COUNTED", 12)
    exact = Tally().counts(body.desk, kz.reader)
    assert (exact.total, exact.more) == (12, False)
    monkeypatch.setattr(views, "COUNTED", 11)
    capped = Tally().counts(body.desk, kz.reader)
    assert (capped.total, capped.more) == (11, True)


def test_the_log_newest_first(body):
    kz = body.member("KZ")
    for _ in range(9):
        kz.submits(indicator())
    size = body.world.store.head().size
    first = log_page(body.desk, limit=4)
    second = log_page(body.desk, before=first.before, limit=4)
    assert [leaf.index for leaf in first.leaves + second.leaves] == list(range(size - 1, size - 9, -1))
    assert log_page(body.desk, before=2, limit=4).before is None
    assert log_page(body.desk, before=0).leaves == []


def test_every_entry_is_proven(body):
    kz = body.member("KZ")
    for _ in range(5):
        kz.submits(indicator())
    for index in range(body.world.store.head().size):
        found = log_entry(body.desk, index)
        assert found.proof is not None
        assert verify(found.proof, (body.world.journal.verifier,)).index == index


@pytest.mark.parametrize("index", [-1, 1, 1 << 70])
def test_what_the_log_does_not_have_is_not_found(index):
    body = Body(agreement=None)
    body.member("KZ")
    with pytest.raises(NotFound):
        log_entry(body.desk, index)


def test_an_erased_entry_keeps_its_place():
    body = Body()
    body.member("KZ").submits(indicator())
    body.world.store._leaves[0] = erase_entry(body.world.store._leaves[0])
    found = log_entry(body.desk, 0)
    assert found.proof is None
    assert found.path
