"""What the node's own pages are made of: newest first, the same as any other way out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import NotFound
from comity.ledger.erasure import erase_entry
from comity.ledger.proof import verify_entry
from comity.release import views
from comity.release.views import Tally, audience, latest, log_entry, log_page, named, opened
from tests.consortium import Body, indicator, relationship, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def ids(body, member, size=50, **options):
    """All pages one after the other."""
    found, before = [], None
    for _ in range(1000):
        shelf = latest(body.desk, member.reader, before=before, limit=size, **options)
        found.extend(seen.row.id for seen in shelf.seen)
        before = shelf.before
        if before is None:
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
    assert len(latest(body.desk, kz.reader, before=before).seen) == (before > 0)


def test_reads_are_counted_and_a_disclosure_is_logged(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    size = body.world.store.head().size
    latest(body.desk, kz.reader)
    assert body.world.store.head().size == size
    latest(body.desk, uz.reader)
    assert body.world.store.head().size == size + 1


def test_an_item_comes_with_its_bytes_envelope_and_grounds(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item, tlp="green", handling=("H1",))
    (seen,) = latest(body.desk, uz.reader).seen
    assert msgspec.json.decode(seen.body) == item
    assert (seen.envelope.origin, seen.envelope.tlp, seen.envelope.handling) == ("KZ", "green", ("H1",))
    assert seen.grounds == ("test@1/members",)


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


def test_the_audience_rests_on_visible_claims_only(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    body.party("AF", "guest")
    item = indicator()
    kz.submits(item, tlp="green")
    uz.submits({**item, "modified": "2021-10-09T00:00:00.000Z"}, tlp="amber")
    claims = opened(body.desk, ir.reader, item["id"]).claims
    assert [row.origin for row in claims] == ["KZ"]
    found = {verdict.party: verdict for verdict in audience(body.desk, ir.reader, claims)}
    assert set(found) == {"AF", "IR", "KZ", "SCO-CENTRE", "UZ"}
    assert {verdict.row.origin for verdict in found.values()} == {"KZ"}
    assert [party for party in found if found[party].decision.permits] == ["IR", "KZ", "UZ"]


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
        assert verify_entry(found.proof, (body.world.journal.verifier,)).index == index


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
