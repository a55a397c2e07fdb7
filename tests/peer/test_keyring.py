from __future__ import annotations

import threading

import pytest

from comity.errors import OperatorFault
from comity.ledger.keys import LogKey
from comity.peer.identity import open_identity
from comity.peer.keyring import KEPT, Keyring


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parcels").write_bytes(LogKey.generate("x/parcels").to_bytes())
    return tmp_path


def ring(folder):
    return Keyring(folder, "KZ", "sco", "KZ-sco", "comity.example/sco/KZ")


def test_the_first_turn_is_made_once(folder):
    one = ring(folder).own()
    assert ring(folder).own().identity == one.identity
    assert one.identity.turn == 0
    assert open_identity(one.note) == one.identity
    assert all(each.stat().st_mode & 0o077 == 0 for each in (folder / "turns" / "0").iterdir())


def test_the_next_turn_is_signed_by_the_one_before(folder):
    keys = ring(folder)
    before, after = keys.own(), keys.rotate()
    assert after.identity.turn == 1
    assert open_identity(after.note, before=before.identity) == after.identity
    assert (after.identity.key_id, after.identity.pin) != (before.identity.key_id, before.identity.pin)
    assert after.identity.parcels == before.identity.parcels
    assert keys.own(0).identity == before.identity
    assert ring(folder).turns() == [0, 1]


def test_the_key_for_parcels_turns_when_asked(folder):
    keys = ring(folder)
    before = keys.own()
    after = keys.rotate(parcels=True)
    assert after.identity.parcels == after.parcels.verifier != before.identity.parcels
    assert LogKey.from_bytes((folder / "parcels").read_bytes()).verifier == after.parcels.verifier
    assert ring(folder).rotate().parcels.verifier == after.parcels.verifier
    assert open_identity(after.note, before=before.identity).parcels == after.parcels.verifier


def test_a_node_that_missed_a_turn_can_follow(folder):
    keys = ring(folder)
    first = keys.own()
    keys.rotate()
    assert open_identity(keys.rotate().note, before=first.identity).turn == 2


def test_turns_go_that_nobody_needs(folder):
    keys = ring(folder)
    keys.rotate(), keys.rotate()
    assert keys.drop(1) == [0]
    assert keys.turns() == [1, 2]
    assert keys.drop(9) == [1]
    assert keys.turns() == [2]
    assert keys.own(0).identity.turn == 2


def test_turns_are_bounded_whoever_may_still_need_them(folder):
    keys = ring(folder)
    for _ in range(KEPT + 2):
        keys.rotate()
        keys.drop(0)
    assert keys.turns() == list(range(3, KEPT + 3))
    assert keys.rotate().note.count("\u2014 ".encode()) == KEPT + 2  # those, the new one and the key for parcels


def test_a_rotation_that_was_cut_off_left_nothing(folder):
    ring(folder).own()
    (folder / "turns" / "1.99.part").mkdir()
    assert ring(folder).turns() == [0]
    assert ring(folder).rotate().identity.turn == 1


@pytest.mark.parametrize("file", ["requests", "tls", "node"])
def test_damage_is_said(folder, file):
    ring(folder).own()
    place = folder / "turns" / "0" / file
    place.write_bytes(place.read_bytes()[:-20])
    with pytest.raises(OperatorFault, match="damaged"):
        ring(folder).own()


def test_keys_that_are_gone_are_said(folder):
    ring(folder).own()
    (folder / "turns" / "0" / "tls").unlink()
    with pytest.raises(OperatorFault, match="cannot read"):
        ring(folder).own()


def test_one_process_at_a_time_exchanges_over_a_link(folder):
    keys, order = ring(folder), []
    with keys.alone("centre"):
        with ring(folder).alone("another"):
            order.append("another")
        waiting = threading.Thread(target=lambda: _alone(ring(folder), order))
        waiting.start()
        waiting.join(timeout=0.1)
        order.append("first")
    waiting.join()
    assert order == ["another", "first", "second"]


def _alone(keys: Keyring, order: list[str]) -> None:
    with keys.alone("centre"):
        order.append("second")
