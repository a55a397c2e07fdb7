"""What of a node's own objects nobody has confirmed: a centre that leaves one out for one member is seen, without asking for that very one."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.peer import book, exchange, receipts
from comity.peer.caller import Caller
from comity.peer.unconfirmed import last, missing, unconfirmed
from comity.release.leaving import Batch
from tests.consortium import indicator
from tests.peer.linking import carrying
from tests.peer.met import Met


@pytest.fixture
def met(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Met:
    made = Met(tmp_path)

    def first(own, node, url, **more):
        return Caller(own, node, url, front=False, transport=carrying(made.centre.app), wait=lambda _: None)

    monkeypatch.setattr(exchange, "Caller", first)
    return made


def around(met: Met) -> None:
    for node in (met.kz, met.uz, met.kz):
        met.sync(node)


def summary(met: Met) -> list[tuple[str, int, int, str]]:
    return [(each.party, each.objects, each.passed, each.over) for each in unconfirmed(met.kz.desk)]


def test_nothing_is_unconfirmed_where_all_have_answered(met):
    assert last(met.kz.world) is None
    met.kz.adds(indicator())
    met.kz.desk.flush(reads=True)
    size = met.kz.size()
    assert summary(met) == [("SCO-CENTRE", 1, 0, "")]
    met.kz.desk.flush(reads=True)
    assert met.kz.size() == size, "it was looked at, nobody read it"
    around(met)
    assert summary(met) == []
    assert (found := last(met.kz.world)) and (found.parties, found.passed) == (0, 0)


def test_what_is_on_its_way_has_not_been_passed(met):
    met.kz.adds(indicator())
    around(met)
    met.kz.adds(later := indicator())
    met.sync(met.kz)
    assert summary(met) == [("UZ", 1, 0, "SCO-CENTRE")]
    assert [(each.id, each.passed) for each in missing(met.kz.desk, "UZ")] == [(later["id"], False)]
    assert not list(missing(met.kz.desk, "IR")), "it has no node"


def test_what_the_centre_leaves_out_for_one_member_is_seen_by_what_that_confirmed_since(met, monkeypatch):
    met.kz.adds(indicator())
    around(met)
    met.kz.adds(dropped := indicator())
    whole = exchange.outgoing.__globals__["shared"]

    def leaves_out(*args, **options) -> Batch:
        found = whole(*args, **options)
        return Batch(items=[each for each in found.items if each.row.id != dropped["id"]], reached=found.reached, more=found.more)

    monkeypatch.setitem(exchange.outgoing.__globals__, "shared", leaves_out)
    around(met)
    monkeypatch.undo()
    met.kz.adds(indicator())
    around(met)
    assert not met.uz.holds(dropped["id"])
    assert summary(met) == [("UZ", 1, 1, "SCO-CENTRE")]
    assert [(each.id, each.passed) for each in missing(met.kz.desk, "UZ")] == [(dropped["id"], True)]
    assert (found := last(met.kz.world)) and (found.parties, found.passed) == (1, 1)


def test_receipts_of_another_origins_objects_do_not_count(met):
    met.uz.adds(indicator())
    around(met)
    assert book.peers(met.kz.world) and summary(met) == []
    assert all(kept.confirmed.receipt.origin != "UZ" for _, kept in receipts.since(met.kz.world, 0))
