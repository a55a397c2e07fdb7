"""Each kind of damage is named; a sound store, erased bytes and a node at work are not."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

import pytest

from comity.admin.fsck import fsck
from comity.admin.item_check import Items
from comity.intake.withdraw import withdraw
from comity.ledger.erasure import erase_objects, tombstone
from comity.store.memory import MemoryStore
from tests.consortium import Body, indicator, relationship, sdo, sighting


class Patient:
    """A body over a file that can be changed behind its back."""

    def __init__(self, path) -> None:
        self.path = path
        self.body = Body(store=f"sqlite:{path}")
        kz, uz = self.body.member("KZ"), self.body.member("UZ")
        self.item = indicator(indicator_types=["phishing"])
        self.link = relationship(self.item["id"], "malware--11111111-1111-4111-8111-111111111111")
        kz.submits(self.item, self.link, sighting(self.item["id"]), sdo("identity", identity_class="individual"))
        uz.submits(sdo("malware", id=self.link["target_ref"]), tlp="green")
        kz.submits(
            {
                "type": "domain-name",
                "spec_version": "2.1",
                "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
                "value": "example.com",
            }
        )
        kz.submits(indicator(), expires=self.body.clock())
        uz.reads()
        self.number = self.body.world.store.by_id([self.item["id"]])[0].item
        self.name = f"item {self.number} ({self.item['id']})"

    def sql(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.path) as db:
            db.execute(statement, values)
        db.close()

    def problems(self) -> list[str]:
        return list(fsck(self.body.world))


@pytest.fixture
def patient(tmp_path) -> Iterator[Patient]:
    made = Patient(tmp_path / "store.db")
    assert made.problems() == []
    yield made
    made.body.world.store.close()


def test_a_store_in_memory_is_sound_too():
    body = Body()
    kz = body.member("KZ")
    kz.submits(*(indicator() for _ in range(3)))
    assert list(fsck(body.world)) == []


def test_more_items_than_are_read_at_once():
    body = Body()
    body.member("KZ").submits(*(indicator() for _ in range(1203)))
    assert list(fsck(body.world)) == []


def test_changed_bytes(patient):
    patient.sql(
        "UPDATE items SET body=CAST(replace(CAST(body AS TEXT), 'bad.example', 'bar.example') AS BLOB) WHERE item=?", patient.number
    )
    assert f"{patient.name}: its bytes do not match their hash" in patient.problems()


def test_changed_bytes_with_their_hash(patient):
    store = patient.body.world.store
    forged = store.bodies([patient.number])[patient.number].replace(b"bad.example", b"bar.example")
    patient.sql("UPDATE items SET body=?, sha=? WHERE item=?", forged, hashlib.sha256(forged).digest(), patient.number)
    leaf = store.by_id([patient.item["id"]])[0].leaf
    found = patient.problems()
    assert any(problem.startswith(f"leaf {leaf}: 1 of its objects are not in the store") for problem in found)
    assert any(problem.startswith(f"leaf {leaf}: the store has 1 objects") for problem in found)


@pytest.mark.parametrize("raw", [b"[]", b"{}", b"not json", b"\xff", b'{"type": 7}', b'{"type": "indicator"}'])
def test_bytes_that_are_no_object_with_their_hash(patient, raw):
    patient.sql("UPDATE items SET body=?, sha=? WHERE item=?", raw, hashlib.sha256(raw).digest(), patient.number)
    assert any(problem.startswith(patient.name) for problem in patient.problems())


def test_a_changed_envelope(patient):
    patient.sql("UPDATE items SET envelope=CAST(replace(CAST(envelope AS TEXT), '\"H', '\"X') AS BLOB) WHERE item=?", patient.number)
    assert patient.problems() == []  # nothing to replace
    patient.sql("UPDATE items SET envelope=? WHERE item=?", b'{"origin":"KZ","tlp":"clear"}', patient.number)
    found = patient.problems()
    assert any("does not say what its bytes and envelope say" in problem and problem.startswith(patient.name) for problem in found)
    assert any("not in the store as they entered" in problem for problem in found)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b'{"origin":"KZ","unknown":1}', b"\xff\xfe"])
def test_an_envelope_that_cannot_be_read(patient, raw):
    patient.sql("UPDATE items SET envelope=? WHERE item=?", raw, patient.number)
    assert any(problem.startswith(patient.name) and "cannot be read" in problem for problem in patient.problems())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("origin", "UZ"), ("id", "indicator--99999999-9999-4999-8999-999999999999"), ("type", "malware"), ("version", "2020-01-01T00:00:00Z"),
        ("spec", "2.0"), ("expires", 4_000_000_000_000_000), ("base", 1), ("traits", 1), ("traits", 9999), ("base", 9999), ("leaf", 0), ("leaf", 9999),
    ],
)  # fmt: skip
def test_a_changed_column(patient, column, value):
    """Whose an item is, when it expires, under which facts it is decided: none can be changed beside the bytes."""
    patient.sql(f"UPDATE items SET {column}=? WHERE item=?", value, patient.number)
    assert patient.problems()


def test_an_expiry_that_was_taken_away(patient):
    patient.sql("UPDATE items SET expires=NULL WHERE expires IS NOT NULL")
    assert any("its row does not say" in problem for problem in patient.problems())


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff", b"{}"])
def test_a_trait_row_that_cannot_be_read(patient, body):
    row = patient.body.world.store.by_id([patient.item["id"]])[0].base
    patient.sql("UPDATE traits SET body=? WHERE row=?", body, row)
    found = patient.problems()
    assert any(problem.startswith(f"trait row {row} cannot be read") for problem in found)
    assert any(problem.startswith(patient.name) for problem in found)


def test_a_trait_row_that_says_something_else(patient):
    row = patient.body.world.store.by_id([patient.item["id"]])[0].base
    patient.sql("UPDATE traits SET body=CAST(replace(CAST(body AS TEXT), 'amber', 'clear') AS BLOB) WHERE row=?", row)
    assert any(problem.startswith(patient.name) and "trait row" in problem for problem in patient.problems())


def test_a_trait_row_that_is_gone(patient):
    patient.sql("DELETE FROM traits WHERE row=?", patient.body.world.store.by_id([patient.item["id"]])[0].traits)
    assert any(problem.startswith(patient.name) for problem in patient.problems())


def test_a_word_that_it_is_not_found_by(patient):
    patient.sql("UPDATE texts_content SET c0='another' WHERE c0='sample'")
    assert any("the words it is found by are not those of its bytes" in problem for problem in patient.problems())


def test_a_flipped_bit_in_the_index_of_words(patient):
    patient.sql("UPDATE texts_data SET block=CAST(replace(CAST(block AS TEXT), 'sample', 'sampld') AS BLOB) WHERE id>10")
    assert any(problem.startswith("store: the words that items are found by") for problem in patient.problems())


def test_a_removed_item(patient):
    patient.sql("DELETE FROM items WHERE item=?", patient.number)
    assert any("1 of its objects are not in the store as they entered" in problem for problem in patient.problems())


def test_an_item_that_came_from_nowhere(patient):
    raw = b'{"type":"campaign","spec_version":"2.1","id":"campaign--1","created":"2021-10-01T00:00:00Z","modified":"2021-10-01T00:00:00Z"}'
    patient.sql(
        "INSERT INTO items SELECT item+1000,(SELECT max(added) FROM items)+1,home,99,base,traits,origin,'campaign--1','campaign','2021-10-01T00:00:00Z',spec,?,leaf,"
        "expires,?,envelope,alone FROM items WHERE item=?",
        hashlib.sha256(raw).digest(), raw, patient.number,
    )  # fmt: skip
    assert any("1 objects or envelopes that it does not commit to" in problem for problem in patient.problems())


def test_an_item_of_a_leaf_that_is_not_there(patient):
    patient.sql("UPDATE items SET leaf=77 WHERE item=?", patient.number)
    assert "items say they entered with leaf 77, which the log does not have" in patient.problems()


@pytest.mark.parametrize("column", ["hash", "salt", "entry", "opening"])
def test_a_changed_log_entry(patient, column):
    leaf = patient.body.world.store.by_id([patient.item["id"]])[0].leaf
    patient.sql(f"UPDATE leaves SET {column}=zeroblob(length({column})) WHERE idx=?", leaf)
    assert any(f"leaf {leaf}" in problem for problem in patient.problems())


def test_a_removed_log_entry(patient):
    patient.sql("DELETE FROM leaves WHERE idx=1")
    found = patient.problems()
    assert any("missing before it: 1" in problem for problem in found)
    assert "items say they entered with leaf 1, which the log does not have" in found


def test_a_cut_log(patient):
    patient.sql("DELETE FROM leaves WHERE idx>=3")
    assert len(patient.problems()) > 1


def test_a_damaged_index(patient):
    patient.body.world.store.close()
    with sqlite3.connect(patient.path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name='items_id'").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    raw = bytearray(patient.path.read_bytes())
    raw[(page - 1) * 4096 + 200 : page * 4096] = b"\x55" * 3896
    patient.path.write_bytes(bytes(raw))
    problems = fsck(patient.body.world)
    assert next(problems).startswith("store: ")


def test_erased_bytes_are_no_damage(patient):
    """An item whose bytes were erased, with its tombstone in the log (G4)."""
    world = patient.body.world
    (row,) = world.store.by_id([patient.item["id"]])
    (leaf,) = world.store.leaves(row.leaf, row.leaf + 1)
    with world.store.write() as tx:
        tx.delete([row.item])
        world.journal.append(tx, tombstone(row.leaf, at=world.clock(), actor="purge", reason="deadline", positions=[0]))
    assert patient.problems()  # not erased yet, only removed
    patient.sql("UPDATE leaves SET opening=? WHERE idx=?", erase_objects(leaf, [0]).opening, leaf.index)
    assert patient.problems() == []


class Busy(MemoryStore):
    """A store whose node goes on working while it is checked: before or after the nth look at its items."""

    look: tuple[int, str] = (0, "")
    between = None
    looks = 0

    def recent(self, limit, before=None):
        self.looks += 1
        self._at("before")
        rows = super().recent(limit, before)
        self._at("after")
        return rows

    def _at(self, when: str) -> None:
        between = self.between
        if between is not None and (self.looks, when) == self.look:
            self.between = None
            between()


@pytest.mark.parametrize("look", [(1, "before"), (1, "after"), (2, "before"), (2, "after")])
def test_a_node_that_goes_on_working_is_sound(look):
    """Items come in, and an item moves to a new trait row."""
    body = Body(agreement=None)
    store = Busy()
    object.__setattr__(body.world, "store", store)
    kz = body.member("KZ")
    link = relationship("malware--11111111-1111-4111-8111-111111111111", "malware--22222222-2222-4222-8222-222222222222")
    kz.submits(link)
    kz.submits(*(indicator() for _ in range(700)))
    store.look = look
    store.between = lambda: kz.submits(indicator(), *(sdo("malware", id=link[end]) for end in ("source_ref", "target_ref")), tlp="green")
    assert list(fsck(body.world)) == []
    assert store.between is None
    assert list(fsck(body.world)) == []


def test_nothing_is_changed(patient):
    before = [path.read_bytes() for path in sorted(patient.path.parent.iterdir()) if path.suffix == ".db"]
    head = patient.body.world.store.head()
    patient.problems()
    assert [path.read_bytes() for path in sorted(patient.path.parent.iterdir()) if path.suffix == ".db"] == before
    assert patient.body.world.store.head() == head


def test_what_was_withdrawn_is_not_missing_and_what_was_not_is(patient):
    world = patient.body.world
    assert withdraw(world, "KZ", patient.link["id"])
    assert patient.problems() == []
    patient.sql("DELETE FROM items WHERE item=?", patient.number)
    assert any("1 of its objects are not in the store as they entered" in problem for problem in patient.problems())


def test_what_was_withdrawn_and_came_back_behind_the_log(patient):
    store = patient.body.world.store
    with sqlite3.connect(patient.path) as db:
        kept = db.execute("SELECT * FROM items WHERE item=?", (patient.number,)).fetchone()
    db.close()
    (recall,) = withdraw(patient.body.world, "KZ", patient.item["id"])
    patient.sql(f"INSERT INTO items VALUES({','.join('?' * len(kept))})", *kept)
    assert f"leaf {recall.withdrawn}: 1 objects that it says were withdrawn are in the store" in patient.problems()
    assert store.head().size == recall.withdrawn + 1


def test_what_is_withdrawn_during_the_check_is_not_missing(patient, monkeypatch):
    world = patient.body.world

    def problems(self: Items) -> Iterator[str]:
        withdraw(world, "KZ", patient.item["id"])
        return real(self)

    real = Items.problems
    monkeypatch.setattr(Items, "problems", problems)
    assert patient.problems() == []
