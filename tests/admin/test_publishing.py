"""What is published of a log, and its cosignatures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import publishing, tokens
from comity.admin.publishing import Witness
from comity.errors import Conflict, IntegrityFault, NotFound
from comity.ledger.erasure import erase_entry
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.ledger.merkle import leaf_hash, root
from comity.ledger.note import open_note, read_note
from comity.ledger.tiles import Tile, read_bundle, tiles
from comity.ledger.witness import cosignature, write_answer
from comity.world import World
from tests.consortium import Body, indicator

KEYS = {
    name: LogKey(f"comity.example/{name}/witness", bytes([number]) * 32, COSIGNATURE)
    for number, name in enumerate(("KG", "UZ", "SCO-CENTRE"))
}


@pytest.fixture
def world() -> World:
    body = Body()
    body.member("KZ").submits(indicator())
    return body.world


def add(world: World, party: str, name: str = "") -> None:
    key = write_verifier(KEYS[party].verifier)
    publishing.add_witness(world, Witness(name=name or party.lower(), url="https://w.example/tlog", key=key, party=party), "test")


def cosigned(world: World, party: str) -> None:
    asked = publishing.submission(world, party.lower())
    assert asked is not None
    made = cosignature(read_note(asked.checkpoint), KEYS[party], 1_700_000_000)
    publishing.answered(world, party.lower(), asked, write_answer([made]))


def test_nothing_is_shown_before_it_is_published_and_nothing_beyond(world):
    assert publishing.published(world) == b""
    assert publishing.tile(world, Tile(level=0, number=0, width=1)) is None
    note = publishing.publish(world)
    size = open_note(note, [world.journal.verifier]).size
    tokens.create(world, party="KZ", scopes=("taxii:read",), expires=world.clock() + timedelta(days=1))
    assert world.store.head().size > size
    assert publishing.published(world) == note
    assert publishing.tile(world, Tile(level=0, number=0, width=size)) is not None
    assert publishing.tile(world, Tile(level=0, number=0, width=size + 1)) is None


def test_tiles_and_bundles_are_the_log(world):
    while world.store.head().size < 600:
        add(world, "KG", f"w{world.store.head().size}")
    world.store._leaves[3] = erase_entry(world.store._leaves[3])
    checkpoint = open_note(publishing.publish(world), [world.journal.verifier])
    found = {tile: publishing.tile(world, tile) for tile in tiles(checkpoint.size)}
    assert all(found.values())
    hashes = [data[at : at + 32] for tile, data in found.items() if tile.level == 0 for at in range(0, len(data), 32)]
    assert root(hashes) == checkpoint.root
    entries = [entry for tile, data in found.items() if tile.level is None for entry in read_bundle(data)]
    assert [leaf_hash(entry) for entry in entries] == hashes
    assert publishing.tile(world, Tile(level=2, number=0, width=1)) is None
    assert publishing.tile(world, Tile(level=1, number=0, width=2)) == root(hashes[:256]) + root(hashes[256:512])


def test_two_other_parties_are_enough_and_one_party_twice_is_not(world):
    for party in KEYS:
        add(world, party)
    publishing.publish(world)
    assert publishing.witnessed(world).independent == 0
    for party, independent in (("SCO-CENTRE", 0), ("UZ", 1), ("KG", 2)):
        cosigned(world, party)
        found = publishing.witnessed(world)
        assert (found.independent, found.enough) == (independent, independent == 2)
        assert publishing.submission(world, party.lower()) is None
    assert found.by["uz"] == ("UZ", 1_700_000_000)
    assert open_note(publishing.published(world), [world.journal.verifier]).size == found.size
    add(world, "UZ", "again")
    publishing.publish(world)
    assert publishing.witnessed(world).independent == 0  # of a new checkpoint
    asked = publishing.submission(world, "uz")
    assert asked is not None
    assert asked.old == found.size


def test_an_answer_about_an_earlier_checkpoint_is_not_put_to_the_new_one(world):
    add(world, "UZ")
    publishing.publish(world)
    asked = publishing.submission(world, "uz")
    add(world, "KG")
    publishing.publish(world)
    made = cosignature(read_note(asked.checkpoint), KEYS["UZ"], 5)
    publishing.answered(world, "uz", asked, write_answer([made]))
    assert publishing.witnessed(world).by == {}
    assert publishing.submission(world, "uz").old == open_note(asked.checkpoint, [world.journal.verifier]).size


def test_a_wrong_answer_is_not_kept(world):
    add(world, "UZ")
    publishing.publish(world)
    asked = publishing.submission(world, "uz")
    with pytest.raises(IntegrityFault):
        publishing.answered(world, "uz", asked, write_answer([cosignature(read_note(asked.checkpoint), KEYS["KG"], 5)]))
    assert publishing.witnessed(world).by == {}
    publishing.failed(world, "uz", "it is raining")
    assert publishing.witnesses(world)[0].problem == "it is raining"


def test_names_are_taken_once_and_dropped_in_the_log(world):
    add(world, "UZ")
    with pytest.raises(Conflict):
        add(world, "KG", "uz")
    publishing.drop_witness(world, "uz", "test")
    assert publishing.witnesses(world) == []
    with pytest.raises(NotFound):
        publishing.drop_witness(world, "uz", "test")
