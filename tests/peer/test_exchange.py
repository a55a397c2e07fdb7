"""Exchanges between nodes in memory, over the door for other nodes: parcels both ways, keys that turn, links that end."""

from __future__ import annotations

import pytest

from comity.errors import Conflict, NotAuthenticated, PeerFault
from comity.ledger.journal import read_entry
from comity.ledger.keys import LogKey
from comity.peer import book, enrol, exchange
from comity.peer.caller import Caller
from comity.peer.exchange import AGAIN, Exchange, look, partner, told
from tests.consortium import indicator
from tests.peer.linking import carrying
from tests.peer.met import Met


@pytest.fixture
def met(tmp_path, monkeypatch):
    made = Met(tmp_path)

    def first(own, node, url, **more):
        return Caller(own, node, url, front=False, transport=carrying(made.centre.app), wait=lambda _: None)

    monkeypatch.setattr(exchange, "Caller", first)
    return made


def test_what_one_member_adds_the_other_has(met):
    made = indicator()
    met.kz.adds(made)
    assert met.sync(met.kz).pushed == {"parcels": 1}
    assert met.sync(met.uz).pulled == {"parcels": 1}
    assert met.uz.holds(made["id"])


def test_what_a_client_at_the_centre_fetched_its_origin_is_told_when_it_asks(met):
    met.kz.adds(made := indicator())
    ir = met.centre.member("IR")
    met.kz.member("IR")
    assert met.arrival(met.kz, made["id"], "IR").state == "waiting"
    met.sync(met.kz)
    assert met.arrival(met.kz, made["id"], "IR").state == "not fetched"
    assert ir.gets(made["id"])
    found = met.arrival(met.kz, made["id"], "IR")
    assert (found.state, found.over, found.proven) == ("fetched", "SCO-CENTRE", False)
    assert met.arrival(met.kz, made["id"], "UZ").state == "unconfirmed", "of a node's own word nothing else is taken"
    with pytest.raises(NotAuthenticated, match="for its origin to know"):
        met.talk(met.uz).arrival(made["id"], "IR")


def test_where_the_centre_does_not_say_it_stays_unconfirmed(met, monkeypatch):
    met.kz.adds(made := indicator())
    met.kz.member("IR")
    met.sync(met.kz)
    monkeypatch.setattr(met.centre.parcels, "arrival", lambda *_: b"{")
    assert met.arrival(met.kz, made["id"], "IR").state == "unconfirmed"


def test_an_exchange_without_news_writes_nothing(met):
    met.kz.adds(indicator())
    met.sync(met.kz), met.sync(met.uz)
    met.sync(met.kz), met.sync(met.uz)
    before = [(each.size(), each.world.store.counters()) for each in (met.centre, met.kz, met.uz)]
    for _ in range(3):
        assert met.sync(met.kz).pushed == met.sync(met.uz).pulled == {}
    assert [(each.size(), each.world.store.counters()) for each in (met.centre, met.kz, met.uz)] == before


def test_a_node_restored_from_a_backup_gets_what_it_lacks_though_there_is_no_news(met):
    from tests.linked import backup

    made = indicator()
    old = backup(met.uz.world.store)
    met.kz.adds(made)
    met.sync(met.kz), met.sync(met.uz)
    assert met.uz.holds(made["id"])
    met.uz.world.store.__dict__.update(old)
    assert not met.uz.holds(made["id"])
    assert met.sync(met.uz).pulled == {"parcels": 1} and met.uz.holds(made["id"])


def test_idle_looks_cost_nothing_until_there_is_news_or_time_passed(tmp_path, monkeypatch):
    met, at, looks = Met(tmp_path), [0.0], []
    met.kz.parcels._clock = lambda: at[0]
    monkeypatch.setattr(exchange, "outgoing", lambda *_, **more: looks.append(1))
    link = book.peer(met.kz.world, "centre")
    for _ in range(3):
        met.kz.parcels.outgoing(link)
    assert len(looks) == 1
    met.kz.adds(indicator())
    met.kz.parcels.outgoing(link)
    assert len(looks) == 2
    at[0] = AGAIN
    met.kz.parcels.outgoing(link)
    assert len(looks) == 3


def test_new_keys_of_the_caller_are_shown_first(met):
    enrol.rotate(met.kz.world, met.kz.keys)
    made = indicator()
    met.kz.adds(made)
    assert met.sync(met.kz).pushed == {"parcels": 1}
    assert book.peer(met.kz.world, "centre").turn == 1
    assert enrol.known(book.peer(met.centre.world, "kz")) == met.kz.keys.own().identity
    assert met.centre.holds(made["id"])


def test_new_keys_of_the_called_node_are_pinned_on_the_way(met):
    enrol.rotate(met.centre.world, met.centre.keys)
    met.sync(met.kz)
    assert enrol.known(book.peer(met.kz.world, "centre")) == met.centre.keys.own().identity
    met.sync(met.kz)
    assert book.peer(met.centre.world, "kz").turn == 1


def test_a_revoked_link_gives_and_takes_nothing(met):
    met.kz.adds(indicator())
    enrol.revoke(met.centre.world, "kz", "stolen")
    with pytest.raises(NotAuthenticated):
        met.sync(met.kz)
    link = book.peer(met.centre.world, "kz")
    for act in (
        met.centre.parcels.outgoing,
        lambda each: met.centre.parcels.incoming(each, b""),
        lambda each: met.centre.parcels.settled(each, b""),
    ):
        with pytest.raises(NotAuthenticated):
            act(link)
    enrol.revoke(met.kz.world, "centre", "likewise")
    with pytest.raises(Conflict, match="revoked"):
        met.sync(met.kz)


def test_a_parcel_that_is_refused_twice_ends_the_exchange(met, monkeypatch):
    forged = LogKey.generate("x/parcels")
    real = exchange.outgoing
    monkeypatch.setattr(
        exchange, "outgoing", lambda desk, other, key, **more: real(desk, other, forged if desk is met.kz.desk else key, **more)
    )
    met.kz.adds(indicator())
    with pytest.raises(PeerFault, match="none of the keys"):
        met.sync(met.kz)
    refused = [read_entry(leaf.entry) for leaf in met.centre.world.store.leaves() if read_entry(leaf.entry).detail.get("refused")]
    assert len(refused) == 2


def test_who_is_called_does_not_call(met):
    with pytest.raises(Conflict, match="calls this one"):
        Exchange(met.centre.parcels, book.peer(met.centre.world, "kz"))


def test_how_a_link_stands(met):
    met.kz.adds(indicator())
    met.sync(met.kz)
    at_kz = told(exchange.state(met.kz.world, "centre"))
    at_centre = look(met.centre.desk, met.centre.keys, book.peer(met.centre.world, "kz"))
    assert (at_kz["made"], at_kz["reached"], at_kz["problem"]) == (1, 1, "")
    assert (at_centre["applied"], at_centre["server"]) == (1, "calls this node")
    enrol.revoke(met.centre.world, "kz", "stolen")
    with pytest.raises(Conflict, match="stolen"):
        look(met.centre.desk, met.centre.keys, book.peer(met.centre.world, "kz"))


def test_a_partner_is_the_node_that_is_pinned(met):
    other = partner(book.peer(met.centre.world, "kz"))
    assert (other.node, other.keys, other.centre) == ("KZ/KZ-sco", (met.kz.keys.own().parcels.verifier,), False)
