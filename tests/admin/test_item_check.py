"""Items against what is kept about them. Every column of the store has its case in tests/whole/test_tampering.py; here is what is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from comity.admin.item_check import Conditions, Items
from comity.ledger.leaf import Opening, read_entry
from tests.consortium import Body, indicator, relationship, sdo, sighting


class Patient:
    """A body over a file that can be changed behind its back."""

    def __init__(self, path) -> None:
        self.path = path
        self.body = Body(store=f"sqlite:{path}")
        self.kz, self.uz = self.body.member("KZ"), self.body.member("UZ")
        self.item, self.link = indicator(), relationship(indicator()["id"], "malware--11111111-1111-4111-8111-111111111111")
        self.kz.submits(self.item, self.link, indicator(pattern="[ipv4-addr:value = '192.0.2.7']"))
        self.kz.submits(sighting(self.item["id"]))

    def number(self, obj) -> int:
        (row,) = self.body.world.store.by_id([obj["id"]])
        return row.item

    def sql(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.path) as db:
            db.execute(statement, values)
        db.close()

    def problems(self) -> list[str]:
        return list(Items(self.body.world).problems())


@pytest.fixture
def patient(tmp_path) -> Iterator[Patient]:
    made = Patient(tmp_path / "store.db")
    assert made.problems() == []
    yield made
    made.body.world.store.close()


def test_what_entered_with_each_leaf(patient):
    """The hashes of all items are those that the log commits to, leaf by leaf."""
    items = Items(patient.body.world)
    assert list(items.problems()) == []
    leaves = {leaf.index: leaf for leaf in patient.body.world.store.leaves()}
    entering = {index for index, leaf in leaves.items() if read_entry(leaf.entry).kind in ("accept", "govern", "derive")}
    assert set(items.entered) == entering
    for index, hashes in items.entered.items():
        assert sorted(hashes) == sorted(Opening(records=leaves[index].opening).hashes())


def test_a_row_twice_counts_twice(patient):
    patient.sql(
        "INSERT INTO items SELECT item+1000,(SELECT max(added) FROM items)+1,home,ordinal,base,traits,origin,id,type,version,spec,sha,leaf,expires,body,envelope,alone "
        "FROM items WHERE item=?",
        patient.number(patient.item),
    )
    items = Items(patient.body.world)
    found = list(items.problems())
    assert any("its number in row" in problem for problem in found)
    assert any(len(set(hashes)) < len(hashes) for hashes in items.entered.values())


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE refs SET target='malware--x' WHERE item=?", "what it names"), ("DELETE FROM refs WHERE item=?", "what it names"),
        ("UPDATE items SET traits=base WHERE item=?", "asks for other objects"), ("UPDATE items SET home=base WHERE item=?", "asks for other objects"),
        ("UPDATE items SET base=home WHERE item=?", "trait row"), ("UPDATE items SET home=999 WHERE item=?", "trait rows is not there"),
        ("UPDATE items SET expires=9223372036854775807 WHERE item=?", "its row does not say"), ("INSERT INTO observables VALUES(1,'url',?)", "the values"),
        ("UPDATE items SET added=1 WHERE item=?", "stamp"), ("UPDATE items SET ordinal=7 WHERE item=?", "its number in row"),
    ],
)  # fmt: skip
def test_what_is_said(patient, statement, said):
    patient.sql(statement, patient.number(patient.link))
    found = patient.problems()
    assert any(said in problem for problem in found), found


def test_whom_a_sighting_goes_back_to_follows_from_no_bytes_but_is_one_in_all_its_rows(patient):
    (row,) = patient.body.world.store.by_type("sighting")
    assert b'"about":["KZ"]' in patient.body.world.store.trait_body(row.base)
    patient.sql(
        'UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),\'"about":["KZ"]\',\'"about":["UZ"]\') AS BLOB) WHERE row=?', row.traits
    )
    assert any(problem.startswith(f"item {row.item} ") for problem in patient.problems())


def test_what_only_sightings_have(patient):
    row = patient.body.world.store.by_id([patient.item["id"]])[0]
    patient.sql(
        'UPDATE traits SET body=CAST(replace(CAST(body AS TEXT),\'"type":\',\'"about":["UZ"],"type":\') AS BLOB) WHERE row=?', row.base
    )
    assert any(problem.startswith(f"item {row.item} ") for problem in patient.problems())


@pytest.mark.parametrize("needs", ["[[0],[[[999]]]]", "[[1],[[[1]]]]", "[[0],[[[1,[5]]]]]"])
def test_a_condition_that_leads_nowhere(patient, needs):
    (row,) = patient.body.world.store.by_id([patient.link["id"]])
    body = patient.body.world.store.trait_body(row.traits).decode()
    assert '"needs":' in body
    patient.sql("UPDATE traits SET body=? WHERE row=?", (body[: body.index('"needs":')] + f'"needs":{needs}}}').encode(), row.traits)
    assert f"trait row {row.traits} asks for what is not there" in list(Conditions(patient.body.world).read())


def test_counters_that_went_back(patient):
    for name in ("added", "items", "governed"):
        patient.sql("UPDATE counters SET value=0 WHERE name=?", name)
    assert [problem.split("'")[1] for problem in patient.problems()] == ["added", "items", "governed"]


def test_moves_are_counted(patient):
    patient.uz.submits(sdo("malware", id=patient.link["target_ref"]), sdo("indicator", id=patient.link["source_ref"]), tlp="green")
    assert patient.body.world.store.moved()
    assert patient.problems() == []
    patient.sql("DELETE FROM counters WHERE name='moves'")
    assert any(problem.startswith("counter 'moves'") for problem in patient.problems())


def test_one_item_that_cannot_be_checked_does_not_hide_the_next(patient):
    with sqlite3.connect(patient.path) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("UPDATE sqlite_master SET sql=replace(sql,'STRICT','')")
    db.close()
    patient.body.world.store.close()
    patient.sql("UPDATE items SET body=CAST(body AS TEXT), ordinal='x', envelope=CAST(envelope AS TEXT)")
    found = patient.problems()
    for row in patient.body.world.store.recent(100):
        assert any(problem.startswith(f"item {row.item} ") for problem in found)
