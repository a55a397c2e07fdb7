"""How links by media stand: what was packed, what was taken in, and the answers that wait for the way back (`peer.packing`).

Kept in the private spaces `airgap` (one `Stands` per link) and `airgap-answers` (one answer per parcel that came on a medium, until its
sender has heard it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from comity.forms.medium import LINES
from comity.ledger.journal import Entry
from comity.world import World

_STATES, _ANSWERS = "airgap", "airgap-answers"
#: Bundles of a link of which it is remembered where they began: the most that a diode's overlap can be.
REMEMBERED = 1_000
#: Parcels in a bundle, and kept answers; there is room for one answer more, about where the node stands.
MOST = LINES // 2 - 1


class Stands(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a link by media stands: bundles made, the last parcel in one of them, (number, parcel it goes on from) of the latest, and the
    number of the last bundle that was taken in whole, and when its sender made it (microseconds). `log` is which of this node's logs
    (`config.Log.number`) the other node was told last from: a later one means that this node was restored from a backup since. `turn` is
    that of this node's keys that the other one said it has. `waits` is since when this node waits for the other one after a restore, as it
    told it last; `asked` since when the other one waits for this node, as it said last with where it stands (`peer.restoring`).
    """

    number: int = 0
    packed: int = 0
    began: tuple[tuple[int, int], ...] = ()
    seen: int = 0
    made: int = 0
    log: int = 0
    turn: int = 0
    waits: int = 0
    asked: int = 0


def stands(world: World, name: str) -> Stands:
    """How a link by media stands."""
    kept = world.store.private(_STATES, name)
    return Stands() if kept is None else msgspec.json.decode(kept, type=Stands)


def unheard(world: World, name: str) -> list[tuple[int, bytes]]:
    """The answers to parcels that came on media, of which the other node is not known to have heard, by their numbers."""
    start = f"{name}/"
    found = [(key.removeprefix(start), value) for key, value in world.store.privates(_ANSWERS, start) if key.startswith(start)]
    return [(int(key), value) for key, value in found][-MOST:]


def keep_answer(world: World, name: str, sequence: int, answer: bytes) -> None:
    """Keep the answer to a parcel for the way back."""
    with world.store.write() as tx:
        tx.put_private(_ANSWERS, _place(name, sequence), answer)


def kept_answer(world: World, name: str, sequence: int) -> bool:
    """Whether the answer to a parcel is kept."""
    return world.store.private(_ANSWERS, _place(name, sequence)) is not None


def change(world: World, name: str, how: Callable[[Stands], Stands], entry: Entry | None = None, heard: Sequence[int] = ()) -> Stands:
    """Change how a link stands; with a log entry, and without the answers that were `heard`."""
    with world.store.write() as tx:
        after = how(stands(world, name))
        tx.put_private(_STATES, name, msgspec.json.encode(after))
        for sequence in heard:
            tx.put_private(_ANSWERS, _place(name, sequence), None)
        if entry is not None:
            world.journal.append(tx, entry)
    return after


def _place(name: str, sequence: int) -> str:
    return f"{name}/{sequence:012d}"
