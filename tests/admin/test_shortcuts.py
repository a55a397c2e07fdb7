"""What a person chose is theirs, and goes when all is as usual."""

from __future__ import annotations

from comity.admin import shortcuts, users
from tests.consortium import Body


def test_what_is_as_usual_is_not_kept():
    body = Body()
    ann = users.add(body.world, "ann", "KZ", "analyst")
    bob = users.add(body.world, "bob", "KZ", "analyst")
    shortcuts.keep(body.world, ann, {"key.next": "n"}, False)
    assert shortcuts.of(body.world, ann) == shortcuts.Chosen(user="ann", keys={"key.next": "n"}, single=False)
    assert shortcuts.of(body.world, bob) == shortcuts.Chosen(user="bob")
    shortcuts.keep(body.world, ann, {}, True)
    assert dict(body.world.store.privates(users.KEYS)) == {}
