"""What was made of what: pairs are kept and forgotten with the items."""

from __future__ import annotations

from comity.store.wrapped import all_opened, forget_pairs, keep_opened, keep_pair, made_of
from tests.consortium import Body, indicator


def test_pairs_go_with_the_last_item_of_an_object() -> None:
    body = Body()
    kz = body.member("KZ")
    first = indicator()
    kz.submits(first, {**first, "modified": "2021-10-02T00:00:00.000Z"})
    one, two = body.world.store.by_id([first["id"]])
    with body.world.store.write() as tx:
        keep_pair(tx, "KZ", first["id"], "comity-sealed--x")
        keep_opened(tx, one.item, b"said")
    assert made_of(body.world.store, [one, two]) == []  # nothing of that id is here
    with body.world.store.write() as tx:
        forget_pairs(body.world.store, tx, [one])
    assert body.world.store.private("wrapped", f"KZ|{first['id']}") == b"comity-sealed--x"
    assert list(all_opened(body.world.store)) == []
    with body.world.store.write() as tx:
        forget_pairs(body.world.store, tx, [one, two])
    assert body.world.store.private("wrapped", f"KZ|{first['id']}") is None
