"""Lists of values that people looked up."""

from __future__ import annotations

import pytest

from comity.admin import asked, users
from comity.errors import NotFound, SenderFault
from tests.consortium import Body


def test_a_list_is_its_persons_alone():
    body = Body()
    one, two = users.add(body.world, "one", "KZ", "analyst"), users.add(body.world, "two", "KZ", "analyst")
    name = asked.keep(body.world, one, ["b.example", "a.example", "b.example"])
    assert asked.kept(body.world, one, name).values == ("b.example", "a.example")
    for user, other in ((two, name), (one, "another")):
        with pytest.raises(NotFound):
            asked.kept(body.world, user, other)
    assert asked.lists(body.world, two) == []
    users.remove(body.world, "one")
    assert list(body.world.store.privates(users.ASKED)) == []


def test_the_oldest_lists_go(monkeypatch):
    monkeypatch.setattr(asked, "KEPT", 3)
    body = Body()
    one, two = users.add(body.world, "one", "KZ", "analyst"), users.add(body.world, "two", "KZ", "analyst")
    theirs = asked.keep(body.world, two, ["x.example"])
    names = [asked.keep(body.world, one, [f"{number}.example"]) for number in range(5)]
    assert [name for name, _ in asked.lists(body.world, one)] == names[:1:-1]
    assert asked.kept(body.world, two, theirs)


def test_how_many():
    body = Body()
    one = users.add(body.world, "one", "KZ", "analyst")
    for values, says in (([], "no value"), ([f"{n}.example" for n in range(asked.MOST + 1)], "10001 values")):
        with pytest.raises(SenderFault, match=says):
            asked.keep(body.world, one, values)
    assert asked.keep(body.world, one, [f"{n}.example" for n in range(asked.MOST)])
