"""The two TAXII collections of each body: ids are minted once per node and kept (model.md, Doors)."""

from __future__ import annotations

import uuid

from comity.world import World

ALIASES = ("exchange", "shared")
_SPACE = "collections"


def bodies(world: World) -> list[str]:
    """The bodies this node serves: its own and those that its agreements and register name."""
    _, rules = world.rulebook.current()
    named = {body for agreement in rules.agreements for body in agreement.spans} | {standing.body for standing in rules.register.standings}
    return sorted(named | {world.settings.body})


def collection_ids(world: World, body: str) -> dict[str, str]:
    """Alias -> collection id (UUIDv4) of a body, minted at first use."""
    found = {alias: world.store.private(_SPACE, f"{body}/{alias}") for alias in ALIASES}
    if None in found.values():
        with world.store.write() as tx:
            for alias in ALIASES:
                if world.store.private(_SPACE, f"{body}/{alias}") is None:
                    tx.put_private(_SPACE, f"{body}/{alias}", str(uuid.uuid4()).encode())
        found = {alias: world.store.private(_SPACE, f"{body}/{alias}") for alias in ALIASES}
    return {alias: (value or b"").decode() for alias, value in found.items()}
