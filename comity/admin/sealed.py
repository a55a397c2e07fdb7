"""What a browser keeps for the node: text that it can neither read nor make, good for one purpose and for some time (Fernet).

Crash story: the node's key is made at first use, in one commit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from comity.errors import NotAuthenticated
from comity.world import World

SPACE, _KEY = "node secrets", "sealing"


def seal(world: World, purpose: str, data: Any) -> str:
    """Plain data as URL-safe text that `unseal` takes for the same purpose."""
    return _fernet(world).encrypt_at_time(msgspec.json.encode([purpose, data]), int(world.clock().timestamp())).decode()


def unseal(world: World, purpose: str, text: str, lasts: timedelta) -> Any:
    """The data again. Raises NotAuthenticated for what this node did not seal for this purpose, or so long ago."""
    try:
        key = world.store.private(SPACE, _KEY) or b""  # without one nothing was sealed
        plain = Fernet(key).decrypt_at_time(
            text.encode("utf-8", "surrogateescape"), int(lasts.total_seconds()), int(world.clock().timestamp())
        )
        said, data = msgspec.json.decode(plain)
    except (InvalidToken, ValueError):
        said, data = None, None
    if said != purpose:
        raise NotAuthenticated("this page is too old, or was not made here", next="open it again")
    return data


def _fernet(world: World) -> Fernet:
    key = world.store.private(SPACE, _KEY)
    if key is None:
        with world.store.write() as tx:
            key = world.store.private(SPACE, _KEY)
            if key is None:
                key = Fernet.generate_key()
                tx.put_private(SPACE, _KEY, key)
    return Fernet(key)
