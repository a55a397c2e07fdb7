"""Links kept going in threads, over real TLS."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import msgspec
import pytest

from comity.doors.peering.listener import Aside, listening
from comity.peer import beat, book, enrol
from comity.peer.beat import Links
from tests.consortium import indicator
from tests.peer.met import Linked, Met
from tests.running import free_port, until

pytestmark = pytest.mark.loop


@pytest.fixture
def met(tmp_path):
    made = Met(tmp_path)
    made.port = free_port()
    for node in (made.kz, made.uz):
        link = msgspec.structs.replace(book.peer(node.world, "centre"), url=f"https://127.0.0.1:{made.port}/")
        with node.world.store.write() as tx:
            book.put(tx, link)
    return made


def listener(met: Met) -> Aside:
    return Aside(listening(met.centre.app, met.centre.world, met.centre.keys, "127.0.0.1", met.port))


def links(*nodes: Linked) -> ExitStack:
    around = ExitStack()
    for node in nodes:
        around.enter_context(Links(node.parcels))
    return around


def test_news_goes_from_member_to_member_within_seconds(met):
    with listener(met), links(met.kz, met.uz):
        time.sleep(1)
        made = indicator()
        met.kz.adds(made)
        assert until(lambda: met.uz.holds(made["id"]), 15) < 5


def test_nothing_is_written_while_nothing_is_new(met):
    with listener(met), links(met.kz, met.uz):
        met.kz.adds(indicator())
        until(lambda: book.peer(met.uz.world, "centre").result == "ok", 15)
        time.sleep(2)
        before = [(each.size(), book.peers(each.world)) for each in (met.centre, met.kz, met.uz)]
        time.sleep(3)
        assert [(each.size(), book.peers(each.world)) for each in (met.centre, met.kz, met.uz)] == before


def test_a_link_goes_on_by_itself(met, capfd):
    with links(met.kz) as _:
        until(lambda: "cannot reach" in book.peer(met.kz.world, "centre").result, 20)
        made = indicator()
        met.kz.adds(made)
        with listener(met):
            until(lambda: met.centre.holds(made["id"]), 40)
            until(lambda: book.peer(met.kz.world, "centre").result == "ok", 10)
    assert "peer centre: cannot reach" in capfd.readouterr().err


def test_links_come_and_go_while_it_runs(met):
    with listener(met), links(met.kz):
        until(lambda: any(each.name == "link centre" for each in threading.enumerate()), 5)
        enrol.revoke(met.kz.world, "centre", "no more")
        until(lambda: not any(each.name == "link centre" for each in threading.enumerate()), 15)


def test_a_store_that_is_away_does_not_end_it(met, monkeypatch, capfd):
    looks = []

    def away(_):
        looks.append(1)
        raise OSError("locked")

    monkeypatch.setattr(beat.book, "peers", away)
    monkeypatch.setattr(beat, "LOOK", 0.05)
    with links(met.kz):
        until(lambda: len(looks) > 2, 5)
    assert "links: locked" in capfd.readouterr().err
