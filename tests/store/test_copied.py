"""What was made of which item, as the store remembers it; how it gets there is told in tests/release/test_copies.py."""

from __future__ import annotations

import pytest

from comity.store.copied import Ids, all_copies, copies_of, envelopes, ids_of, keep_ids, leaving_with, originals
from comity.store.placing import new_item, place
from comity.store.protocol import Row
from comity.terms.item import DERIVED_FROM, Envelope, write_envelope
from tests.consortium import Body, indicator, relationship

KEY, OTHER = "a" * 32, "b" * 32


class Shelf:
    """An object in two versions, each with a copy under one profile, the first with one under another."""

    def __init__(self, body: Body) -> None:
        self.store = body.world.store
        self.obj = indicator()
        later = {**self.obj, "modified": "2021-10-05T00:00:00.000Z"}
        self.first, self.second = self.enter(self.obj), self.enter(later)
        self.ids = {KEY: Ids(copy=indicator()["id"], link=relationship("a", "b")["id"]), OTHER: Ids(copy=indicator()["id"], link="x")}
        self.copies = [self.copy(self.obj, self.first, KEY), self.copy(later, self.second, KEY), self.copy(self.obj, self.first, OTHER)]
        link = relationship(self.ids[KEY].copy, self.obj["id"], id=self.ids[KEY].link)
        self.link = self.enter(link, profile=DERIVED_FROM, made_of=self.first.item)
        with self.store.write() as tx:
            keep_ids(tx, "KZ", self.obj["id"], self.ids)

    def copy(self, obj: dict[str, object], of: Row, key: str) -> Row:
        return self.enter({**obj, "id": self.ids[key].copy}, profile=key, made_of=of.item)

    def enter(self, obj: dict[str, object], **options: object) -> Row:
        envelope = Envelope(origin="KZ", **options)
        with self.store.write() as tx:
            (row,) = place(tx, [new_item(b"{}", obj, envelope, write_envelope(envelope))], 1, 0)
        return row


@pytest.fixture(params=["memory:", "sqlite:{}/store.db"])
def shelf(request, tmp_path) -> Shelf:
    return Shelf(Body(None, store=request.param.format(tmp_path)))


def test_the_copies_of_an_item_are_those_of_that_version(shelf):
    assert copies_of(shelf.store, [shelf.first]) == [shelf.copies[0], shelf.copies[2]]
    assert copies_of(shelf.store, [shelf.second]) == [shelf.copies[1]]
    assert copies_of(shelf.store, [shelf.first, shelf.second]) == shelf.copies
    assert copies_of(shelf.store, shelf.copies) == []


def test_what_an_item_was_made_of(shelf):
    everything = [shelf.first, *shelf.copies, shelf.link]
    assert originals(shelf.store, [row.item for row in everything]) == {
        shelf.copies[0].item: shelf.first, shelf.copies[1].item: shelf.second, shelf.copies[2].item: shelf.first
    }  # fmt: skip
    assert envelopes(shelf.store, [shelf.link.item])[shelf.link.item].profile == DERIVED_FROM


def test_the_copies_of_everything(shelf):
    assert all_copies(shelf.store) == {shelf.ids[key].copy: ("KZ", shelf.obj["id"]) for key in (KEY, OTHER)}


def test_another_origins_object_of_the_same_id_has_none(shelf):
    envelope = Envelope(origin="UZ")
    with shelf.store.write() as tx:
        (row,) = place(tx, [new_item(b"{}", shelf.obj, envelope, write_envelope(envelope))], 1, 0)
    assert copies_of(shelf.store, [row]) == []
    assert ids_of(shelf.store, "UZ", shelf.obj["id"]) == {}


def test_a_version_takes_its_copies_and_the_last_the_relationship(shelf):
    with shelf.store.write() as tx:
        assert leaving_with(shelf.store, tx, [shelf.first]) == [shelf.copies[0], shelf.copies[2]]
        tx.delete([shelf.first.item, shelf.copies[0].item, shelf.copies[2].item])
    assert ids_of(shelf.store, "KZ", shelf.obj["id"]) == {KEY: shelf.ids[KEY]}
    with shelf.store.write() as tx:
        assert leaving_with(shelf.store, tx, [shelf.second]) == [shelf.copies[1], shelf.link]
    assert ids_of(shelf.store, "KZ", shelf.obj["id"]) == {}
