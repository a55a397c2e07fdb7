"""What was last done to keep a node well."""

from __future__ import annotations

from comity.admin.backup import back_up
from comity.admin.upkeep import Backup, Compiled, kept_table, last_backup, note_table
from comity.config import Settings
from comity.node import create_node
from tests.consortium import Body


def test_a_table_is_noted_while_it_is_kept():
    world = Body().world
    assert kept_table(world) is None
    made = Compiled(at=world.clock(), bytes=70_000, count=1_000)
    note_table(world, made)
    assert kept_table(world) == made
    note_table(world, None)
    note_table(world, None)
    assert kept_table(world) is None


def test_the_last_backup_is_noted(tmp_path):
    world = create_node(tmp_path / "node", Settings(party="KZ", name="n", body="sco"), "member")
    assert last_backup(world) is None
    back_up(world, tmp_path / "node", tmp_path / "one")
    first = last_backup(world)
    assert first is not None
    assert (first.bytes, first.keys) == ((tmp_path / "one").stat().st_size, False)
    manifest = back_up(world, tmp_path / "node", tmp_path / "two", "a passphrase that is long enough")
    assert last_backup(world) == Backup(at=manifest.made, bytes=(tmp_path / "two").stat().st_size, keys=True)
    world.store.close()
