"""A copy that was changed, or that has lost what it was made of, is found."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.store.conditions import Condition, read_condition, write_condition
from comity.store.copied import ids_of, keep_ids
from comity.terms.item import read_envelope, write_envelope
from tests.consortium import indicator
from tests.release.test_copies import SECRET, Cast


class Patient(Cast):
    """A copy in a file that can be changed behind the node's back."""

    def __init__(self, path: Any) -> None:
        super().__init__(store=f"sqlite:{path}")
        self.path = path
        self.original = indicator(description=SECRET)
        self.kz.submits(self.original, tlp="green")
        (self.copy,) = self.ir.reads()
        (link,) = self.seen(self.kz, types=frozenset({"relationship"}))
        self.link = link["id"]

    def item(self, id_: str) -> int:
        return self.body.world.store.by_id([id_])[0].item

    def sql(self, statement: str, *values: object) -> None:
        with sqlite3.connect(self.path) as db:
            db.execute(statement, values)
        db.close()

    def column(self, id_: str, name: str, change: Callable[[bytes], bytes]) -> None:
        read = self.body.world.store.bodies if name == "body" else self.body.world.store.envelopes
        raw = change(read([self.item(id_)])[self.item(id_)])
        self.sql(f"UPDATE items SET {name}=? WHERE item=?", raw, self.item(id_))
        if name == "body":
            self.sql("UPDATE items SET sha=? WHERE item=?", hashlib.sha256(raw).digest(), self.item(id_))

    def problems(self) -> list[str]:
        return list(fsck(self.body.world))


@pytest.fixture
def patient(tmp_path: Any) -> Patient:
    made = Patient(tmp_path / "store.db")
    assert made.problems() == []
    return made


def envelope(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda raw: write_envelope(msgspec.structs.replace(read_envelope(raw), **changes))


def said(patient: Patient, id_: str) -> set[str]:
    start = f"item {patient.item(id_)} ({id_}): "
    return {problem.removeprefix(start) for problem in patient.problems() if problem.startswith(start)}


def test_bytes_that_are_not_what_is_left_of_the_original(patient: Patient) -> None:
    patient.column(patient.copy, "body", lambda raw: raw.replace(b"bad.example", b"good.example"))
    assert "its bytes are not what is left of the item it was made of" in said(patient, patient.copy)


def test_a_wider_envelope_than_the_originals(patient: Patient) -> None:
    patient.column(patient.copy, "envelope", envelope(tlp="clear"))
    assert "its envelope is not that of the item it was made of" in said(patient, patient.copy)


def test_a_profile_that_no_agreement_has(patient: Patient) -> None:
    patient.column(patient.copy, "envelope", envelope(profile="0" * 32))
    assert "no agreement has the profile that it was made under" in said(patient, patient.copy)


@pytest.mark.parametrize("of", [10_000, None])
def test_an_original_that_is_not_there(patient: Patient, of: int | None) -> None:
    patient.column(patient.copy, "envelope", envelope(made_of=of))
    assert "it was made of an item that is not there" in said(patient, patient.copy)


def test_a_trait_row_with_other_facts(patient: Patient) -> None:
    store = patient.body.world.store
    (row,) = store.by_id([patient.copy])
    facts = msgspec.structs.replace(read_condition(store.trait_body(row.base)).base, threat=("phishing",))
    assert read_condition(write_condition(facts)) == Condition(facts)
    patient.sql("UPDATE traits SET body=? WHERE row=?", write_condition(facts), row.base)
    assert "its trait row is not that of the item it was made of" in said(patient, patient.copy)


def test_another_id_than_the_objects_copies_have(patient: Patient) -> None:
    store = patient.body.world.store
    with store.write() as tx:
        keep_ids(tx, "KZ", patient.original["id"], {})
    assert ids_of(store, "KZ", patient.original["id"]) == {}
    assert "its id is not the one that copies of this object have" in said(patient, patient.copy)
    assert "it does not lead from a copy to the item it was made of" in said(patient, patient.link)


def test_a_relationship_that_leads_elsewhere(patient: Patient) -> None:
    other = indicator()["id"].encode()
    patient.column(patient.link, "body", lambda raw: raw.replace(patient.original["id"].encode(), other))
    assert "it does not lead from a copy to the item it was made of" in said(patient, patient.link)


def test_a_copy_that_the_log_does_not_know(patient: Patient) -> None:
    patient.sql("UPDATE items SET leaf=0 WHERE item=?", patient.item(patient.copy))
    assert any("does not commit to" in problem for problem in patient.problems())
