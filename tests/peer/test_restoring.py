"""A node that was restored from a backup: what linked nodes took back since is given to nobody before they are heard."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from comity.clock import micros
from comity.errors import Conflict, NotFound
from comity.intake.withdraw import withdraw
from comity.ledger.journal import read_entry
from comity.peer import book, exchange
from comity.peer.caller import Caller
from comity.peer.report import Report
from comity.peer.restoring import begun, heard, resume, unheard, waits
from comity.release import explain
from comity.release.sight import Reader
from tests.consortium import indicator
from tests.peer.linking import carrying
from tests.peer.met import Linked, Met


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


def rule(node: Linked, id_: str, party: str) -> str:
    return explain.why(node.desk, id_, Reader(party=party, body="sco", purposes=("network-defence",))).decision.rule


def test_what_was_taken_back_since_goes_to_no_newcomer(met):
    gone, kept = indicator(), indicator()
    met.kz.adds(gone, kept)
    around(met)
    ir, old = met.centre.member("IR"), met.centre.backup()
    assert set(ir.polls()) == {gone["id"], kept["id"]}
    withdraw(met.kz.world, "KZ", gone["id"], reason="wrong", cause="recalled")
    around(met)
    met.centre.restores(old)
    assert begun(met.centre.world) == ["KZ", "UZ"]
    cn = met.centre.member("CN")
    assert not cn.gets(gone["id"]) and not cn.gets(kept["id"]) and not cn.polls()
    assert rule(met.centre, gone["id"], "CN") == "restored"
    met.centre.adds(own := indicator())
    met.sync(met.uz)
    assert met.uz.holds(kept["id"]) and not met.uz.holds(gone["id"]), "what it has is not taken from it meanwhile"
    assert cn.polls() == [own["id"]]
    met.sync(met.kz)
    assert not unheard(met.centre.world)
    assert not met.centre.holds(gone["id"]) and not cn.gets(gone["id"])
    assert kept["id"] in cn.polls(), "its cursor has not passed over what waited"
    assert rule(met.centre, kept["id"], "CN") == "clause"
    around(met)
    sizes = [node.size() for node in (met.centre, met.kz, met.uz)]
    around(met)
    assert [node.size() for node in (met.centre, met.kz, met.uz)] == sizes


def test_a_caller_that_does_not_know_of_the_restore_is_told_to_begin_anew(met):
    talk = met.talk(met.kz)
    around(met)
    old = met.centre.backup()
    met.sync(met.kz)
    met.centre.restores(old)
    begun(met.centre.world)
    link = book.peer(met.centre.world, "kz")
    with pytest.raises(Conflict, match="restored from a backup"):
        met.centre.parcels.given(link)
    assert waits(met.centre.world, "kz")
    talk.close()
    met.sync(met.kz)
    assert not waits(met.centre.world, "kz")


def test_who_pulls_alone_has_not_given_all(met):
    begun(met.centre.world)
    met.talk(met.kz).run(_report(), push=False)
    assert waits(met.centre.world, "kz")
    met.talk(met.kz).run(_report())
    assert not waits(met.centre.world, "kz")


def test_a_restore_that_nobody_told_it_of_is_noticed_by_what_the_others_know(met):
    gone, kept = indicator(), indicator()
    met.kz.adds(gone, kept)
    around(met)
    old = met.centre.backup()
    withdraw(met.kz.world, "KZ", gone["id"], reason="wrong", cause="recalled")
    around(met)
    met.centre.restores(old)
    met.sync(met.uz)
    assert list(unheard(met.centre.world)) == ["kz"]
    met.sync(met.kz)
    assert not unheard(met.centre.world)


def test_a_members_own_waits_for_its_centre_where_that_tells_it_what_it_took_back(met):
    gone = indicator()
    met.kz.adds(gone)
    around(met)
    ir, old = met.kz.member("IR"), met.kz.backup()
    withdraw(met.kz.world, "KZ", gone["id"], reason="wrong", cause="recalled")
    around(met)
    met.kz.restores(old)
    assert begun(met.kz.world) == ["SCO-CENTRE"]
    assert met.kz.holds(gone["id"]) and not ir.gets(gone["id"])
    around(met)
    assert not unheard(met.kz.world) and not met.kz.holds(gone["id"])


def test_what_waits_goes_on_when_an_administrator_says_so(met):
    met.kz.adds(made := indicator())
    around(met)
    ir = met.centre.member("IR")
    begun(met.centre.world)
    assert not ir.gets(made["id"])
    resume(met.centre.world, "kz", "administrator", "its node is gone")
    assert ir.gets(made["id"])
    with pytest.raises(NotFound, match="nothing waits"):
        resume(met.centre.world, "kz", "administrator", "again")
    entries = [read_entry(leaf.entry) for leaf in met.centre.world.store.leaves()]
    assert {"peer": "kz", "resumed": True, "reason": "its node is gone"} in [entry.detail for entry in entries]


def test_a_link_that_was_revoked_is_not_waited_for(met):
    with met.centre.world.store.write() as tx:
        book.put(tx, msgspec.structs.replace(book.peer(met.centre.world, "uz"), ended="2021-10-01T00:00:00Z"))
    assert begun(met.centre.world) == ["KZ"]


def test_by_media_a_parcel_counts_that_was_surely_made_after_the_restore(met):
    world = met.centre.world
    begun(world)
    since = unheard(world)["kz"].since
    for before, still in ((since, True), (since + 1, False)):
        with world.store.write() as tx:
            heard(world, tx, "kz", before=before)
        assert waits(world, "kz") is still
    assert since <= micros(met.centre.clock.at + timedelta(seconds=1))


def _report() -> Report:
    return Report(peer="centre", pulled={}, pushed={}, problems=[])
