"""What people sign in with, sealed in the store: who reads the file alone reads none of it."""

from __future__ import annotations

import sqlite3

import pytest

from comity.errors import OperatorFault
from comity.store import open_store
from comity.store.vault import Vault

SPACES = ("credentials", "links")
KEY = bytes(range(32))
SECRET = b'{"totp":"a secret of a generator"}'


def kept(path) -> bytes:
    with sqlite3.connect(path) as db:
        return bytes(db.execute("SELECT value FROM private WHERE key='kz'").fetchone()[0])


def put(store, space: str, value: bytes | None = SECRET) -> None:
    with store.write() as tx:
        tx.put_private(space, "kz", value)


def test_what_is_sealed_is_read_with_the_key_alone(tmp_path):
    path = tmp_path / "s.db"
    store = open_store(f"sqlite:{path}", Vault(KEY, SPACES))
    put(store, "credentials")
    assert store.private("credentials", "kz") == SECRET
    assert list(store.privates("credentials")) == [("kz", SECRET)]
    assert [file.name for file in tmp_path.iterdir() if SECRET in file.read_bytes()] == []
    put(store, "others")
    store.close()
    assert [file.name for file in tmp_path.iterdir() if SECRET in file.read_bytes()] == ["s.db"]
    other = open_store(f"sqlite:{path}", Vault(bytes(32), SPACES))
    assert other.private("credentials", "kz") is None
    assert list(other.privates("credentials")) == []
    assert other.private("others", "kz") == SECRET
    put(other, "credentials", None)
    assert open_store(f"sqlite:{path}", Vault(KEY, SPACES)).private("credentials", "kz") is None
    other.close()


def test_a_value_is_good_in_its_own_place_alone():
    vault = Vault(KEY, SPACES)
    sealed = vault.sealed("credentials", "kz", SECRET)
    assert vault.opened("credentials", "kz", sealed) == SECRET
    assert vault.opened("credentials", "uz", sealed) is None
    assert vault.opened("links", "kz", sealed) is None
    for at in range(len(sealed) - 40, len(sealed)):
        assert vault.opened("credentials", "kz", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]) is None
    assert vault.sealed("credentials", "kz", SECRET) != sealed


def test_what_an_older_node_kept_is_sealed_when_it_is_opened(tmp_path):
    path = tmp_path / "s.db"
    old = open_store(f"sqlite:{path}")
    put(old, "credentials")
    old.close()
    assert kept(path) == SECRET
    store = open_store(f"sqlite:{path}", Vault(KEY, SPACES))
    assert store.private("credentials", "kz") == SECRET
    # While it is still open: neither the file nor its log of writes has it.
    assert [file.name for file in tmp_path.iterdir() if SECRET in file.read_bytes()] == []
    before = kept(path)
    store.close()
    open_store(f"sqlite:{path}", Vault(KEY, SPACES)).close()
    assert kept(path) == before


def test_a_key_file():
    data = Vault.new_key()
    one, two = Vault.from_file(data, SPACES), Vault.from_file(data, SPACES)
    assert two.opened("links", "kz", one.sealed("links", "kz", SECRET)) == SECRET
    assert data.decode().strip() not in repr(one)
    for damaged in (b"", data[:-5], data + b"x", b"\xff" * 45):
        with pytest.raises(OperatorFault) as fault:
            Vault.from_file(damaged, SPACES)
        assert data.decode().strip() not in str(fault.value)
