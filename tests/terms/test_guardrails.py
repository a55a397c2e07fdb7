"""The guardrail profile: the same for the same node, another for other settings, and in each checkpoint (G17)."""

from __future__ import annotations

import hashlib

import msgspec
import rfc8785

from comity.config import Settings, Sightings
from comity.ledger.note import open_note
from comity.node import create_node
from comity.terms.guardrails import LINE, checkpoint_line, profile, profile_hash

SETTINGS = Settings(party="KZ", name="kz", body="sco")


def test_g17_the_hash_is_of_what_is_shown_and_changes_with_it():
    assert profile_hash(SETTINGS) == hashlib.sha256(rfc8785.dumps(profile(SETTINGS))).hexdigest()
    assert profile_hash(SETTINGS) == profile_hash(msgspec.structs.replace(SETTINGS, party="UZ", name="uz", title="Another"))
    assert profile_hash(SETTINGS) != profile_hash(msgspec.structs.replace(SETTINGS, sightings=Sightings(parties=1)))


def test_g17_each_checkpoint_has_it(tmp_path):
    world = create_node(tmp_path / "node", SETTINGS, "member")
    checkpoint = open_note(world.store.head().checkpoint, [world.journal.verifier])
    assert checkpoint.extensions == (checkpoint_line(SETTINGS),) == (LINE + profile_hash(SETTINGS),)
    world.store.close()
