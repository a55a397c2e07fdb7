from __future__ import annotations

from datetime import timedelta

from comity.admin.tokens import create
from comity.clock import micros, stamp
from comity.intake.govern import add_key
from comity.ledger.keys import LogKey, write_verifier
from comity.peer import book, enrol
from comity.peer.compromise import accepted, left
from tests.consortium import indicator
from tests.peer.met import Met


def test_what_came_over_a_link_since_a_moment(tmp_path):
    met = Met(tmp_path)
    first, second, other = indicator(), indicator(), indicator()
    met.kz.adds(first)
    met.sync(met.kz)
    moment = met.centre.clock()
    met.kz.adds(second), met.uz.adds(other)
    met.sync(met.kz), met.sync(met.uz)
    link = enrol.revoke(met.centre.world, "kz", "compromised")
    rows = list(accepted(met.centre.world, link))
    assert [row["id"] for row in rows] == [second["id"], first["id"]]
    assert {row["origin"] for row in rows} == {"KZ"}
    assert [row["id"] for row in accepted(met.centre.world, link, moment)] == [second["id"]]
    assert rows[0]["added"] > stamp(micros(moment))


def test_what_else_the_party_can_do_is_listed(tmp_path):
    met = Met(tmp_path)
    world = met.centre.world
    link = book.peer(world, "kz")
    assert left(world, link) == []
    token, _ = create(world, party="KZ", scopes=("taxii:read",), expires=world.clock() + timedelta(days=1))
    create(world, party="UZ", scopes=("taxii:read",), expires=world.clock() + timedelta(days=1))
    add_key(world, "KZ", write_verifier(LogKey.generate("comity.example/sco/KZ/KZ-sco/acts").verifier), by="test")
    found = left(world, link)
    assert len(found) == 2
    assert token.id in found[0] and "comity party key drop --party KZ" in found[1]
