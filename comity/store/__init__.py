"""Keeping items, their trait rows and the log. `open_store(url)` gives a Store; `placing` says where an item goes."""

from __future__ import annotations

from comity.errors import OperatorFault
from comity.store.protocol import Store
from comity.store.vault import Vault

__all__ = ["Store", "open_store"]


def open_store(url: str, vault: Vault | None = None) -> Store:
    """Open a store: `memory:` or `sqlite:PATH`. Without its vault, what that sealed is given as it is kept.

    Raises OperatorFault for another kind.
    """
    kind, _, place = url.partition(":")
    if kind == "memory":
        from comity.store.memory import MemoryStore

        return MemoryStore()
    if kind == "sqlite" and place:
        from comity.store.sqlite import open_sqlite

        return open_sqlite(place, vault)
    raise OperatorFault(f"{url!r} is not a store", next="use sqlite:PATH (PostgreSQL comes later)")
