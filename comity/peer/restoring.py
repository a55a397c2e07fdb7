"""What a node holds back once it was restored from a backup: it has forgotten what was taken back since, and would give it to newcomers.

    1. begin   what came from each linked node waits: nobody but this node's own people sees it (`agree.decide`, step 4). So does what this
               node shared itself, where its centre tells it what it has forgotten that it took back (`peer.returning`)
    2. heard   that node has given all that it has since the place to which this one has gone back: in one exchange; by media in a bundle
               that gives back the stamp by which this one said that it waits; over a diode in a parcel that was made after the restore
               whatever the clocks say
    3. resume  an administrator says so, of a node that comes no more

Linked nodes keep what they had already (`release.narrowing`), and no reader's cursor passes over what waits (`release.feed`).

Crash story: each is one critical section with its log entry. Cut off before 1, the restore or the renewal of the log is done again.
"""

from __future__ import annotations

import msgspec

from comity.clock import micros
from comity.errors import NotFound
from comity.ledger.journal import Entry
from comity.peer import book
from comity.peer.partner import is_centre
from comity.rulebook import GOVERNED, UNHEARD, Unheard
from comity.store.protocol import Tx
from comity.world import World


def begin(world: World, tx: Tx) -> list[str]:
    """Step 1, in the critical section of the log's entry about it: the parties that are waited for, by code."""
    own, since = world.settings.party, micros(world.clock())
    links = [link for link in book.peers(world) if link.kind == "comity" and link.pull and not link.ended]
    for link in links:
        waits = Unheard(party=link.party, since=since, own=own if is_centre(world, link.party) else "")
        tx.put_private(UNHEARD, link.name, msgspec.json.encode(waits))
    if links:
        tx.bump(GOVERNED)
    return sorted({link.party for link in links})


def begun(world: World) -> list[str]:
    """Step 1 after a restore: the parties that are waited for, by code."""
    with world.store.write() as tx:
        if found := begin(world, tx):
            detail = {"restored": True, "unheard": found}
            world.journal.append(tx, Entry(kind="peer", at=world.clock(), party=world.settings.party, detail=detail))
    return found


def unheard(world: World) -> dict[str, Unheard]:
    """The links that are waited for, by name."""
    return {name: msgspec.json.decode(value, type=Unheard) for name, value in world.store.privates(UNHEARD)}


def waits(world: World, name: str) -> bool:
    """Whether a link is waited for."""
    return waiting(world, name) > 0


def waiting(world: World, name: str) -> int:
    """Since when a link is waited for, as a stamp; 0 for one that is not."""
    kept = world.store.private(UNHEARD, name)
    return 0 if kept is None else msgspec.json.decode(kept, type=Unheard).since


def heard(world: World, tx: Tx, name: str, before: int | None = None) -> None:
    """Step 2, in a critical section, if the link is waited for; with `before` only where the wait began before that stamp."""
    kept = world.store.private(UNHEARD, name)
    if kept is None:
        return
    found = msgspec.json.decode(kept, type=Unheard)
    if before is None or found.since < before:
        _end(world, tx, name, Entry(kind="peer", at=world.clock(), party=found.party, detail={"peer": name, "heard": True}))


def resume(world: World, name: str, by: str, reason: str) -> None:
    """Step 3. Raises NotFound for a link that is not waited for."""
    with world.store.write() as tx:
        kept = world.store.private(UNHEARD, name)
        if kept is None:
            raise NotFound(f"nothing waits for a peer {name!r}", next="comity doctor says what waits for whom")
        party = msgspec.json.decode(kept, type=Unheard).party
        detail = {"peer": name, "resumed": True, "reason": reason}
        _end(world, tx, name, Entry(kind="peer", at=world.clock(), party=party, actor=by, detail=detail))


def _end(world: World, tx: Tx, name: str, entry: Entry) -> None:
    tx.put_private(UNHEARD, name, None)
    tx.bump(GOVERNED)
    world.journal.append(tx, entry)
