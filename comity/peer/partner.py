"""The other node of a link between Comity nodes, and how far parcels have come in both directions.

Kept in the private spaces `parcels` (one `State` per link), `parcels-made` (a `Made` per parcel, the latest KEPT of each link) and
`parcels-applied` (one line per parcel). All are written in one critical section with what they are about, so none is ever ahead of it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from comity.config import Settings
from comity.ledger.keys import Verifier
from comity.store.protocol import Tx
from comity.terms.item import PURPOSES
from comity.world import World

_STATES, _MADE, _APPLIED = "parcels", "parcels-made", "parcels-applied"
#: Parcels made for a link that are remembered. A receiver that was restored to before them gets everything again.
KEPT = 10_000


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """The node at the other end of the link `name`: its party, its name (`PARTY/name`), and the keys pinned for it.

    `centre` says that it was enrolled as the centre of its body: only such a node may give what others originated. `purposes` are those
    for which anything goes over the link. `body` is the other node's ("": the same as this node's), `turn` that of its keys.
    """

    name: str
    party: str
    node: str
    keys: tuple[Verifier, ...]
    centre: bool = False
    purposes: tuple[str, ...] = PURPOSES[:1]
    body: str = ""
    turn: int = 0


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a link has come: stamps in the node's own items and in what the other party may see; log entries looked through for
    withdrawals; narrowings told; receipts and reports told; rules and other records of the register given; its own
    withdrawals told to it again.
    """

    own: int = 0
    shared: int = 0
    withdrawn: int = 0
    narrowed: int = 0
    receipts: int = 0
    reports: int = 0
    rules: int = 0
    records: int = 0
    returned: int = 0


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that was made: its number and hash, and the place that its receiver has reached with it, and so far as there was nothing
    for it behind that.
    """

    sequence: int
    hash: str
    place: Place


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a link stands. Outward: the number of the last parcel made, and of the last the other node said it had applied. Inward: number
    and hash of the last applied, and what was answered to it. `tried` and `heard` are stamps (microseconds) of the last parcel made or
    received and of the last good answer; `problem` is why the last parcel, either way, was not applied ("": it was). `refusals` are the
    stamps of the latest that the log tells one by one, `untold` is how many came since that it does not. `forgot` is the stamp at which it
    was found last that the other node has applied what is not known here (0: never): this node was restored from a backup. `guardrails` is
    the hash of the profile that the other node said last that it keeps to.
    """

    made: int = 0
    reached: int = 0
    applied: int = 0
    last: str = ""
    answered: bytes = b""
    tried: int = 0
    heard: int = 0
    problem: str = ""
    refusals: tuple[int, ...] = ()
    untold: int = 0
    forgot: int = 0
    guardrails: str = ""


def is_centre(world: World, party: str) -> bool:
    """Whether an agreement held here names a party as the centre of its body: only such a party's node gives what others originated."""
    _, rules = world.rulebook.current()
    now = world.clock()
    return any(agreement.custodian(party, rules.register, now) for agreement in rules.known())


def node_of(settings: Settings) -> str:
    """This node's name in parcels."""
    return f"{settings.party}/{settings.name}"


def state(world: World, name: str) -> State:
    """How a link stands; a new one stands at its beginning."""
    kept = world.store.private(_STATES, name)
    return State() if kept is None else msgspec.json.decode(kept, type=State)


def change(world: World, tx: Tx, name: str, **fields: Any) -> State:
    """Keep what is given of a link's state, in the critical section."""
    after = msgspec.structs.replace(state(world, name), **fields)
    tx.put_private(_STATES, name, msgspec.json.encode(after))
    return after


def made(world: World, name: str, sequence: int) -> Made | None:
    """A parcel that was made for a link, if it is remembered; the beginning (0) always is."""
    kept = world.store.private(_MADE, _key(name, sequence))
    if kept is None:
        return Made(sequence=0, hash="", place=Place()) if sequence == 0 else None
    return msgspec.json.decode(kept, type=Made)


def remember(tx: Tx, name: str, parcel: Made) -> None:
    """Keep that a parcel was made, and forget the one KEPT before it, in the critical section."""
    tx.put_private(_MADE, _key(name, parcel.sequence), msgspec.json.encode(parcel))
    if parcel.sequence > KEPT:
        tx.put_private(_MADE, _key(name, parcel.sequence - KEPT), None)


def remember_applied(tx: Tx, name: str, hash_: str, made: int) -> None:
    """Keep that a parcel of the other node was applied, and when it says that it was made (microseconds), in the critical section."""
    tx.put_private(_APPLIED, f"{name}/{hash_}", str(made).encode())


def applied(world: World, name: str, hash_: str) -> int | None:
    """When a parcel of the other node was made that was applied here; None for one that was not."""
    kept = world.store.private(_APPLIED, f"{name}/{hash_}")
    return None if kept is None else int(kept)


def _key(name: str, sequence: int) -> str:
    return f"{name}/{sequence:012d}"
