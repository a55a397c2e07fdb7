"""How a node is, as far as it can tell without a walk through all it holds: its store, its log's head, what waits, who works here."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity import __version__
from comity.admin import users
from comity.ledger.journal import read_entry
from comity.terms.party import PEOPLE
from comity.world import World

#: Bytes left on the store's disk below which something has to be done.
LITTLE = 1 << 30


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at once. `used` and `left` are bytes (`left` None: the store is on no disk); `taken` is how many items ever entered.

    `logged` is when the last entry of the log was made. `problem` says why nothing can be
    appended to it; "" when it can.
    `people` are the node's people by role.
    """

    version: str
    used: int
    left: int | None
    taken: int
    size: int
    root: str
    logged: datetime | None
    problem: str
    people: dict[str, int]

    @property
    def full(self) -> bool:
        """Whether little is left on the disk."""
        return self.left is not None and self.left < LITTLE


def health(world: World) -> Health:
    """Look, without a look at every item or entry: `fsck` and `log verify` do that."""
    store = world.store
    head, space = store.head(), store.space()
    last = next(store.leaves(head.size - 1, head.size), None) if head.size else None
    names = [user.role for user in users.users(world)]
    return Health(
        version=__version__,
        used=space.used,
        left=space.left,
        taken=store.counter("items"),
        size=head.size,
        root=head.root.hex(),
        logged=read_entry(last.entry).at if last and last.entry else None,
        problem=world.journal.hindered(head),
        people={role: names.count(role) for role in PEOPLE if role in names},
    )
