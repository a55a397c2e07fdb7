"""Every store there is, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from comity.store import Store, open_store


@pytest.fixture(params=["memory", "sqlite"])
def url(request, tmp_path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}"


@pytest.fixture
def store(url) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()
