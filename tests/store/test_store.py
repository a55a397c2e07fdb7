"""`open_store`: which store a URL means."""

from __future__ import annotations

import pytest

from comity.errors import OperatorFault
from comity.store import open_store
from comity.store.memory import MemoryStore
from comity.store.sqlite import SqliteStore


def test_memory():
    store = open_store("memory:")
    assert isinstance(store, MemoryStore)
    assert open_store("memory:") is not store


def test_sqlite_takes_the_rest_as_its_path(tmp_path):
    path = tmp_path / "a:b?c=d#e.db"
    store = open_store(f"sqlite:{path}")
    assert isinstance(store, SqliteStore)
    store.close()
    assert path.is_file()


@pytest.mark.parametrize("url", ["", "sqlite", "sqlite:", "postgresql://db.example/comity", "/var/lib/comity.db", "SQLITE:x.db"])
def test_anything_else_is_the_operators_to_correct(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OperatorFault, match="is not a store") as fault:
        open_store(url)
    assert "sqlite:PATH" in fault.value.next
    assert list(tmp_path.iterdir()) == []
