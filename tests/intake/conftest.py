"""What the tests of intake start from: a body on each store, sound at the end, with two members."""

from __future__ import annotations

import pytest

from comity.admin.fsck import fsck
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    assert list(fsck(body.world)) == []
    body.world.store.close()


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    return body.member("UZ")
