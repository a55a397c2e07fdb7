"""Looking for entries in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.ledger.erasure import erase_entry
from comity.ledger.journal import read_entry
from comity.release import logged
from comity.release.logged import Wanted, find
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from tests.consortium import Body, indicator

CENTRE = Reader(party="SCO-CENTRE", body="sco", purposes=PURPOSES)


@pytest.fixture
def body() -> Body:
    """One day after another: KZ's item, UZ's read of it, a refused look."""
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    body.item = indicator()
    kz.submits(body.item, indicator(), tlp="amber")
    body.clock.at += timedelta(days=1)
    uz.reads()
    body.clock.at += timedelta(days=1)
    ir.gets(body.item["id"])
    body.desk.flush()
    return body


def kinds(body: Body, reader=CENTRE, **wanted) -> list[str]:
    found = find(body.desk, reader, Wanted(**wanted))
    assert found.before is None
    return [read_entry(leaf.entry).kind for leaf in found.leaves]


def test_everything_newest_first(body):
    size = body.world.store.head().size
    assert [leaf.index for leaf in find(body.desk, CENTRE, Wanted()).leaves] == list(reversed(range(size)))
    page = find(body.desk, CENTRE, Wanted(), limit=2)
    assert ([leaf.index for leaf in page.leaves], page.before) == ([size - 1, size - 2], size - 2)
    rest = find(body.desk, CENTRE, Wanted(), before=page.before)
    assert ([leaf.index for leaf in rest.leaves], rest.before) == (list(reversed(range(size - 2))), None)


def test_by_kind_and_party(body):
    assert kinds(body, kind="accept") == ["accept"]
    assert kinds(body, party="UZ") == ["disclose"]
    assert kinds(body, kind="disclose", party="KZ") == []
    assert kinds(body, kind="refuse") == ["refuse"]


def test_by_time(body):
    now = body.clock.at
    assert kinds(body, since=now - timedelta(hours=1)) == ["refuse"]
    assert kinds(body, since=now - timedelta(hours=30), until=now - timedelta(hours=1)) == ["disclose"]
    assert set(kinds(body, until=now - timedelta(hours=30))) == {"accept", "govern"}
    assert kinds(body, since=now + timedelta(days=1)) == []


def test_by_object_as_far_as_the_reader_sees_it(body):
    kz = Reader(party="KZ", body="sco", purposes=PURPOSES)
    assert kinds(body, kz, id=body.item["id"]) == ["refuse", "disclose", "accept"]
    for reader in (CENTRE, Reader(party="IR", body="sco", purposes=PURPOSES)):
        assert kinds(body, reader, id=body.item["id"]) == kinds(body, reader, id="indicator--0") == []


def test_an_erased_entry_stands_among_all_and_fits_nothing_else(body):
    store = body.world.store
    store._leaves[-1] = erase_entry(store._leaves[-1])
    assert find(body.desk, CENTRE, Wanted()).leaves[0].entry == b""
    assert kinds(body, kind="refuse") == []
    assert kinds(body, since=body.clock.at - timedelta(hours=30)) == ["disclose"]


def test_a_look_ends_somewhere_and_goes_on_there(body, monkeypatch):
    monkeypatch.setattr(logged, "LOOKED", 2)
    found, before, looked = [], None, []
    while True:
        page = find(body.desk, CENTRE, Wanted(kind="accept"), before=before)
        found += page.leaves
        looked.append(page.looked)
        before = page.before
        if before is None:
            break
    assert [read_entry(leaf.entry).kind for leaf in found] == ["accept"]
    assert sum(looked) == body.world.store.head().size
    assert max(looked) == 2
