"""Whatever is changed in a node's stored log, `comity log verify` exits 8 and names it; in the rest of its store, `comity fsck`."""

from __future__ import annotations

import dataclasses
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from comity import samples
from comity.admin import logbook, tokens
from comity.admin.fsck import fsck
from comity.intake.govern import add_agreement
from comity.ledger.journal import Entry
from comity.store import open_store
from comity.world import World
from tests.consortium import MEMBERS, Body, indicator, relationship, sdo, sighting


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
    change(node, "UPDATE leaves SET idx=-1 WHERE idx=1", "UPDATE leaves SET idx=1 WHERE idx=2", "UPDATE leaves SET idx=2 WHERE idx=-1")
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


# Every column of every table


class Node:
    """A store in which every table has rows, and copies of it to be changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store.db"
        self.body = body = Body(store=f"sqlite:{self.path}")
        kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
        item, other = indicator(indicator_types=["phishing"]), indicator(pattern="[ipv4-addr:value = '192.0.2.7']")
        link = relationship(item["id"], "malware--11111111-1111-4111-8111-111111111111")
        kz.submits(item, other, link, sighting(item["id"]), indicator(), tlp="amber")
        kz.submits(indicator(), indicator(), expires=body.clock() + timedelta(days=9))
        for each in (kz, uz, ir):
            each.polls()
        uz.submits(sdo("malware", id=link["target_ref"]), tlp="green")
        kz.submits(
            {
                "type": "domain-name",
                "spec_version": "2.1",
                "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
                "value": "example.com",
            }
        )
        uz.polls()  # a late item
        add_agreement(body.world, MEMBERS.replace("version = 1", "version = 2").replace('"green"', '"amber"'), "next.toml", by="test")
        ir.polls()  # ranges of stamps for what it missed
        tokens.create(body.world, party="KZ", scopes=("taxii:read",), expires=body.clock() + timedelta(days=1))
        tokens.create(body.world, party="UZ", scopes=("taxii:read",), expires=body.clock() + timedelta(days=1))
        while body.world.store.head().size < 256:  # from there on hashes of the tree are kept
            with body.world.store.write() as tx:
                body.world.journal.append(tx, Entry(kind="note", at=body.clock()))
        body.world.store.close()

    def world(self, path: Path) -> World:
        return dataclasses.replace(self.body.world, store=open_store(f"sqlite:{path}"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Node:
    return Node(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def tampered(sound, tmp_path) -> Iterator[Callable[..., list[str]]]:
    """Change a copy of the store; what fsck then says."""
    worlds = []

    def change(*statements: str) -> list[str]:
        path = tmp_path / f"store-{len(worlds)}.db"
        shutil.copyfile(sound.path, path)
        with closing(sqlite3.connect(path)) as db, db:
            changed = 0
            for statement in statements:
                changed += max(0, db.execute(statement).rowcount)
            assert changed or not statements, "the case changes nothing"
        worlds.append(sound.world(path))
        return list(fsck(worlds[-1]))

    yield change
    for world in worlds:
        world.store.close()


def _rewritten(path: Path, change: Callable[[str], str]) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA writable_schema=ON")
        for name, sql in db.execute("SELECT name,sql FROM sqlite_master WHERE type='table'").fetchall():
            db.execute("UPDATE sqlite_master SET sql=? WHERE name=?", (change(sql), name))


#: Column -> changes of it, each of which has to be named.
ITEM = "(SELECT min(item) FROM items WHERE type='indicator')"
LINK = "(SELECT min(item) FROM items WHERE type='relationship')"
CASES: dict[str, list[str]] = {
    "counters.name": ["UPDATE counters SET name='other' WHERE name='added'", "UPDATE counters SET name='other' WHERE name='items'", "DELETE FROM counters WHERE name='moves'"],
    "counters.value": [f"UPDATE counters SET value=value-{by} WHERE name='{name}'" for name, by in (("added", 10_000_000), ("items", 1), ("governed", 1), ("moves", 1))],
    "traits.row": ["UPDATE traits SET row=row+1000 WHERE row=(SELECT max(row) FROM traits)", "UPDATE traits SET row=row+1000 WHERE row=2", "DELETE FROM traits WHERE row=2"],
    "traits.body": [
        f"UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),'\"amber\"','\"clear\"') AS BLOB) WHERE row=(SELECT base FROM items WHERE item={ITEM})",
        f"UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),'\"needs\"','\"x_needs\"') AS BLOB) WHERE row=(SELECT home FROM items WHERE item={LINK})",
        f"UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),'\"needs\":[[0','\"needs\":[[77') AS BLOB) WHERE row=(SELECT traits FROM items WHERE item={LINK})",
        f"UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),'[[[','[[[9') AS BLOB) WHERE row=(SELECT traits FROM items WHERE item={LINK})",
        "UPDATE traits SET body=x'00' WHERE row=2",
    ],
    "traits.count": ["UPDATE traits SET count=0", f"UPDATE traits SET count=count-1 WHERE row=(SELECT home FROM items WHERE item={ITEM})"],
    "items.item": [f"UPDATE items SET item=9000 WHERE item={ITEM}", f"UPDATE items SET item=-1 WHERE item={ITEM}", f"DELETE FROM items WHERE item={ITEM}"],
    "items.added": [f"UPDATE items SET added=added+{by} WHERE item={ITEM}" for by in (-10_000_000, 60_000_000, 10**15)] + [
        "UPDATE items SET added=CASE WHEN added+1 IN (SELECT added FROM items) THEN added-1 ELSE added+1 END WHERE type='domain-name'"
    ],
    "items.home": [f"UPDATE items SET home={to} WHERE item={ITEM}" for to in (1, 9000, -1)] + [f"UPDATE items SET home=base WHERE item={LINK}"],
    "items.ordinal": [f"UPDATE items SET ordinal={to} WHERE item={ITEM}" for to in (0, -1, 2, 9000)],
    "items.base": [f"UPDATE items SET base={to} WHERE item={ITEM}" for to in (1, 9000)] + [f"UPDATE items SET base=home WHERE item={LINK}"],
    "items.traits": [f"UPDATE items SET traits={to} WHERE item={ITEM}" for to in (1, 9000)] + [f"UPDATE items SET traits=base WHERE item={LINK}"],
    "items.origin": [f"UPDATE items SET origin='UZ' WHERE item={ITEM}"],
    "items.id": [f"UPDATE items SET id='indicator--99999999-9999-4999-8999-999999999999' WHERE item={ITEM}"],
    "items.type": [f"UPDATE items SET type='{to}' WHERE item={ITEM}" for to in ("malware", "sighting", "comity-agreement")],
    "items.version": [f"UPDATE items SET version='2030-01-01T00:00:00Z' WHERE {which}" for which in (f"item={ITEM}", "type='domain-name'")],
    "items.spec": [f"UPDATE items SET spec='2.0' WHERE item={ITEM}"],
    "items.sha": [f"UPDATE items SET sha=zeroblob(32) WHERE item={ITEM}"],
    "items.leaf": [f"UPDATE items SET leaf={to} WHERE item={ITEM}" for to in (0, 5, 9000, -1)],
    "items.expires": [f"UPDATE items SET expires={to} WHERE item={ITEM}" for to in (1, 1 << 62)] + ["UPDATE items SET expires=NULL", "UPDATE items SET expires=expires+1"],
    "items.body": [f"UPDATE items SET body=CAST(replace(CAST(body AS TEXT),'bad.example','bar.example') AS BLOB) WHERE item={ITEM}", f"UPDATE items SET body=x'' WHERE item={ITEM}"],
    "items.envelope": [
        f"UPDATE items SET envelope=CAST(replace(CAST(envelope AS TEXT),'KZ','UZ') AS BLOB) WHERE item={ITEM}",
        f"UPDATE items SET envelope=CAST(envelope||' ' AS BLOB) WHERE item={ITEM}",
        f"UPDATE items SET envelope=CAST('{{\"origin\":\"KZ\",\"expires\":\"9999-12-31T23:59:59\"}}' AS BLOB) WHERE item={ITEM}",
    ],
    "items.alone": [f"UPDATE items SET alone=2 WHERE item={ITEM}"],
    "refs.item": [f"UPDATE refs SET item={to} WHERE item={LINK}" for to in (1, 9000)] + [f"INSERT INTO refs SELECT {ITEM}, target FROM refs LIMIT 1", "DELETE FROM refs"],
    "refs.target": [f"UPDATE refs SET target='indicator--1' WHERE rowid=(SELECT rowid FROM refs WHERE item={LINK} LIMIT 1)", f"INSERT INTO refs SELECT * FROM refs WHERE item={LINK}"],
    "observables.hash": [f"UPDATE observables SET hash=hash+1 WHERE item={ITEM}", "DELETE FROM observables"],
    "observables.kind": [f"UPDATE observables SET kind='url' WHERE item={ITEM}"],
    "observables.item": [f"UPDATE observables SET item={to} WHERE item={ITEM}" for to in (1, 9000)] + [f"INSERT INTO observables SELECT * FROM observables WHERE item={ITEM}"],
    "readers.reader": ["UPDATE readers SET reader='nobody' WHERE reader LIKE 'UZ%'", "DELETE FROM readers WHERE reader LIKE 'UZ%'"],
    "readers.head": [f"UPDATE readers SET head={to}" for to in (-1, 1 << 62)],
    "segments.reader": ["UPDATE segments SET reader='nobody' WHERE reader LIKE 'UZ%'"],
    "segments.home": ["UPDATE segments SET home=9000 WHERE reader LIKE 'UZ%'", "UPDATE segments SET home=1 WHERE reader LIKE 'UZ%'"],
    "segments.first": [f"UPDATE segments SET first={to}" for to in (0, -7, 9000)],
    "segments.last": [f"UPDATE segments SET last={to}" for to in (-1, 9000)] + ["UPDATE segments SET last=NULL WHERE last IS NOT NULL"],
    "segments.base": [f"UPDATE segments SET base={to} WHERE base IS NOT NULL" for to in (0, -1, 1 << 61)] + ["UPDATE segments SET base=1 WHERE last IS NULL"],
    "late.reader": ["UPDATE late SET reader='nobody'"],
    "late.added": [f"UPDATE late SET added={to}" for to in (0, 1, 1 << 61)],
    "late.item": ["UPDATE late SET item=9000", "INSERT INTO late SELECT reader,added,item FROM late"],
    "leaves.idx": ["UPDATE leaves SET idx=9000 WHERE idx=3", "DELETE FROM leaves WHERE idx=3"],
    "leaves.hash": ["UPDATE leaves SET hash=zeroblob(32) WHERE idx=3", "UPDATE leaves SET hash=x'' WHERE idx=3"],
    "leaves.salt": ["UPDATE leaves SET salt=zeroblob(16) WHERE idx=3", "UPDATE leaves SET salt=x'',entry=x'',opening=x'' WHERE idx=3"],
    "leaves.entry": ["UPDATE leaves SET entry=CAST(replace(CAST(entry AS TEXT),'KZ','UZ') AS BLOB) WHERE idx=5"],
    "leaves.opening": ["UPDATE leaves SET opening=zeroblob(length(opening)) WHERE length(opening)>0", "UPDATE leaves SET opening=x'' WHERE length(opening)>0"],
    "tree.level": ["UPDATE tree SET level=2", "DELETE FROM tree"],
    "tree.number": ["UPDATE tree SET number=1", "INSERT INTO tree SELECT level,1,hash FROM tree"],
    "tree.hash": ["UPDATE tree SET hash=zeroblob(32)"],
    "head.one": ["DELETE FROM head"],
    "head.size": ["UPDATE head SET size=size-1", "UPDATE head SET size=-1"],
    "head.frontier": ["UPDATE head SET frontier=x''"],
    "head.root": ["UPDATE head SET root=zeroblob(32)"],
    "head.checkpoint": ["UPDATE head SET checkpoint=x''"],
    "private.space": ["UPDATE private SET space='other' WHERE space='tokens'", "DELETE FROM private WHERE key=(SELECT min(key) FROM private WHERE space='tokens')"],
    "private.key": ["UPDATE private SET key='00000000' WHERE key=(SELECT min(key) FROM private WHERE space='tokens')"],
    "private.value": [
        "UPDATE private SET value=CAST(replace(CAST(value AS TEXT),'taxii:read','taxii:write') AS BLOB) WHERE space='tokens'",
        "UPDATE private SET value=(SELECT value FROM private WHERE space='tokens' ORDER BY key LIMIT 1) WHERE key=(SELECT max(key) FROM private WHERE space='tokens')",
        "INSERT INTO private SELECT space,'0123abcd',value FROM private WHERE space='tokens' LIMIT 1",
        "UPDATE private SET value=x'00' WHERE space='tokens'",
    ],
}  # fmt: skip


def columns() -> set[str]:
    """`table.column` of the schema as it is."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(resources.files("comity.store").joinpath("schema.sql").read_text("utf-8"))
        # The index of words (`texts` and what SQLite keeps it in) says nothing of itself: what it leads to is read from the items and released
        # by the rules. SQLite's own check is its check, and `fsck` names what it has beyond the items.
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT GLOB 'texts*'")]
        return {f"{table}.{row[1]}" for table in tables for row in db.execute(f"PRAGMA table_info({table})")}


def test_there_is_a_case_for_every_column():
    assert set(CASES) == columns()


def test_the_store_that_is_changed_is_sound_and_has_something_everywhere(tampered, sound):
    assert tampered() == []
    with closing(sqlite3.connect(sound.path)) as db:
        for table in {column.partition(".")[0] for column in columns()}:
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
        assert db.execute("SELECT count(*) FROM segments WHERE base IS NOT NULL").fetchone()[0] > 0
        assert db.execute("SELECT count(*) FROM items WHERE home<>traits").fetchone()[0] > 0


@pytest.mark.parametrize("statement", [statement for found in CASES.values() for statement in found])
def test_a_changed_column_is_named(tampered, statement):
    assert tampered(statement)


def test_an_item_that_stands_there_twice(tampered):
    copied = "INSERT INTO items SELECT item+5000,(SELECT max(added) FROM items)+1,home,ordinal,base,traits,{origin},{id},type,version,spec,sha,leaf,expires,body,envelope,alone FROM items WHERE item="
    for fields in (
        {"origin": "'UZ'", "id": "id"},
        {"origin": "origin", "id": "'indicator--99999999-9999-4999-8999-999999999999'"},
        {"origin": "origin", "id": "id"},
    ):
        assert any("1 objects or envelopes that it does not commit to" in problem for problem in tampered(copied.format(**fields) + ITEM))


def test_tables_refuse_what_does_not_belong(tampered):
    with pytest.raises(sqlite3.IntegrityError, match="TEXT"):
        tampered("UPDATE items SET body=CAST(body AS TEXT)")


def _loose(sql: str) -> str:
    """A table as one made otherwise would be: it takes anything."""
    return re.sub(r"\)\s*STRICT\s*$", ")", sql)


@pytest.mark.parametrize("column", sorted(columns() - {"counters.name", "traits.row", "items.item", "leaves.idx", "head.one"}))
def test_what_is_stored_as_another_sort_is_named_and_nothing_stumbles(sound, tmp_path, column):
    """Text for numbers and bytes, bytes for text: in a file whose tables were made to take them."""
    table, name = column.split(".")
    path = tmp_path / "store.db"
    shutil.copyfile(sound.path, path)
    _rewritten(path, _loose)
    with closing(sqlite3.connect(path)) as db, db:
        number, sort = db.execute(
            f"SELECT max(rowid),typeof({name}) FROM {table} WHERE {name} IS NOT NULL"
            + (" AND space='tokens'" if table == "private" else "")
        ).fetchone()
        wrong = f"CAST({name} AS BLOB)" if sort == "text" else "'text'"
        assert db.execute(f"UPDATE {table} SET {name}={wrong} WHERE rowid=?", (number,)).rowcount == 1
    world = sound.world(path)
    assert list(fsck(world))
    if table in ("leaves", "head"):
        assert not logbook.verify(world).ok
        assert not logbook.verify(world, sound.world(sound.path).store.head().checkpoint).ok
    world.store.close()


def test_fsck_and_verify_exit_8_for_text_where_bytes_belong(comity, node):
    _rewritten(node, _loose)
    change(node, "UPDATE leaves SET entry=CAST(entry AS TEXT) WHERE idx=2")
    assert b"leaf 2" in comity("log", "verify", code=8).stderr
    change(node, "UPDATE items SET body=CAST(body AS TEXT)", "UPDATE head SET root='text'")
    assert b"head:" in comity("log", "verify", code=8).stderr
    done = comity("fsck", code=8)
    assert b"Traceback" not in done.stderr
    assert b"item 1 " in done.stdout
