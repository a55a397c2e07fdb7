"""What a node can say about itself at once."""

from __future__ import annotations

import msgspec
import pytest

from comity import __version__
from comity.admin import users
from comity.admin.health import LITTLE, health
from comity.errors import IntegrityFault
from comity.ledger.erasure import erase_entry
from comity.ledger.journal import EMPTY_HEAD, check_head
from tests.consortium import Body, indicator


@pytest.fixture
def body() -> Body:
    return Body()


def test_a_sound_node(body):
    kz = body.member("KZ")
    kz.submits(indicator(), indicator())
    users.add(body.world, "one", "SCO-CENTRE", "analyst")
    users.add(body.world, "two", "SCO-CENTRE", "auditor")
    users.add(body.world, "three", "KZ", "analyst")
    found = health(body.world)
    head = body.world.store.head()
    assert (found.version, found.size, found.root, found.problem) == (__version__, head.size, head.root.hex(), "")
    assert (found.taken, found.people) == (4, {"analyst": 2, "auditor": 1})
    assert found.logged is not None
    assert found.logged <= body.clock.at
    assert (found.left, found.full) == (None, False)
    assert found.used == body.world.store.space().used


def test_before_anything_happened():
    body = Body(agreement=None)
    assert body.world.store.head() == EMPTY_HEAD
    found = health(body.world)
    assert (found.size, found.logged, found.problem, found.taken) == (0, None, "", 0)


def test_a_head_that_does_not_fit_is_named(body):
    store = body.world.store
    store._head = msgspec.structs.replace(store.head(), root=bytes(32))
    with pytest.raises(IntegrityFault) as fault:
        check_head(store.head(), [body.world.journal.verifier], body.world.journal.origin)
    assert health(body.world).problem == str(fault.value)


def test_an_erased_last_entry_has_no_moment(body):
    store = body.world.store
    store._leaves[-1] = erase_entry(store._leaves[-1])
    assert health(body.world).logged is None


def test_little_is_left():
    found = health(Body().world)
    assert [msgspec.structs.replace(found, left=left).full for left in (LITTLE - 1, LITTLE)] == [True, False]
