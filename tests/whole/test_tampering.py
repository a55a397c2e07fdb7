"""Whatever is changed in a node's stored log, `comity log verify` exits 8 and names it."""

from __future__ import annotations

import sqlite3

import pytest

from comity import samples


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "kz.json").write_bytes(samples.read("kz-phishing.misp.json"))
    comity("add", "kz.json", code=None)
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    comity("log", "verify")
    return tmp_path / "node" / "comity.db"


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[(bit // 8) % len(changed)] ^= 1 << bit % 8
    return bytes(changed)


def change(node, *statements: str, values: tuple = ()) -> None:
    with sqlite3.connect(node) as db:
        for statement in statements:
            db.execute(statement, values)


@pytest.mark.parametrize("column", ["entry", "salt", "hash", "opening"])
@pytest.mark.parametrize("bit", [0, 77, 4242])
def test_one_bit_of_an_entry(comity, node, column, bit):
    with sqlite3.connect(node) as db:
        (value,) = db.execute(f"SELECT {column} FROM leaves WHERE idx=2").fetchone()
        db.execute(f"UPDATE leaves SET {column}=? WHERE idx=2", (flipped(value, bit),))
    done = comity("log", "verify", code=8)
    assert b"leaf 2" in done.stderr


@pytest.mark.parametrize("column", ["checkpoint", "root", "frontier"])
@pytest.mark.parametrize("bit", [3, 300])
def test_one_bit_of_the_head(comity, node, column, bit):
    with sqlite3.connect(node) as db:
        (value,) = db.execute(f"SELECT {column} FROM head").fetchone()
        db.execute(f"UPDATE head SET {column}=?", (flipped(value, bit),))
    assert comity("log", "verify", code=8).stderr


def test_a_removed_entry(comity, node):
    change(node, "DELETE FROM leaves WHERE idx=1")
    assert b"missing before it: 1" in comity("log", "verify", code=8).stderr


def test_two_entries_in_each_others_place(comity, node):
    change(
        node, "UPDATE leaves SET idx=-1 WHERE idx=1", "UPDATE leaves SET idx=1 WHERE idx=2", "UPDATE leaves SET idx=2 WHERE idx=-1"
    )
    assert comity("log", "verify", code=8).stderr


def test_an_inserted_entry(comity, node):
    change(node, "INSERT INTO leaves SELECT (SELECT max(idx)+1 FROM leaves),hash,salt,entry,opening FROM leaves WHERE idx=1")
    assert comity("log", "verify", code=8).stderr


def test_a_cut_tail_against_a_checkpoint_kept_elsewhere(comity, node, tmp_path):
    """The whole store put back to yesterday verifies by itself; against today's checkpoint it does not."""
    with sqlite3.connect(node) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yesterday = node.read_bytes()
    comity("token", "create", "--party", "UZ")
    (tmp_path / "kept").write_bytes(comity("log", "head", "-o", "table").stdout)
    comity("log", "verify", "--checkpoint", "kept")
    for leftover in node.parent.glob("comity.db-*"):
        leftover.unlink()
    node.write_bytes(yesterday)
    comity("log", "verify")
    assert b"checkpoint kept elsewhere" in comity("log", "verify", "--checkpoint", "kept", code=8).stderr


def test_nothing_is_appended_to_a_past_that_was_changed(comity, node):
    change(node, "UPDATE head SET root=zeroblob(32)")
    assert b"nothing was appended" in comity("token", "create", "--party", "UZ", code=8).stderr


def test_fsck_names_a_changed_item_and_a_changed_envelope(comity, node):
    with sqlite3.connect(node) as db:
        item, body = db.execute("SELECT item, body FROM items WHERE type='indicator' LIMIT 1").fetchone()
        db.execute("UPDATE items SET body=? WHERE item=?", (body.replace(b"a", b"b", 1), item))
        other, envelope = db.execute("SELECT item, envelope FROM items WHERE type='indicator' AND item<>? LIMIT 1", (item,)).fetchone()
        db.execute("UPDATE items SET envelope=? WHERE item=?", (envelope.replace(b"amber", b"green"), other))
    said = comity("fsck", code=8).stdout.decode()
    assert f"item {item} " in said
    assert f"item {other} " in said


def test_a_file_that_is_no_database_is_named_damaged(comity, node):
    raw = bytearray(node.read_bytes())
    raw[:100] = b"x" * 100
    for leftover in node.parent.glob("comity.db-*"):
        leftover.unlink()
    node.write_bytes(bytes(raw))
    assert b"damaged" in comity("log", "verify", code=8).stderr


def test_an_exported_copy_is_checked_anywhere(comity, node, tmp_path):
    comity("log", "export", "copy")
    comity("log", "verify", "--export", "copy", node="no-such-node")
    log = tmp_path / "copy" / "log.jsonl"
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 2] ^= 1
    log.write_bytes(bytes(raw))
    assert b"leaf" in comity("log", "verify", "--export", "copy", code=8, node="no-such-node").stderr
