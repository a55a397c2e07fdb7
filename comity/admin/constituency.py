"""The constituencies of parties at this node: which owners they have, what each answers for, how each is told.

A record is one owner of one party (`terms.constituency`); the log has its digest under a name that says nothing of the owner.

Crash story: a change of any number of owners is one commit, records and log entries together.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec

from comity.admin.told import SPACES, digest, forget
from comity.errors import Denied, NotFound
from comity.ledger.journal import Entry
from comity.store.protocol import Tx
from comity.terms.constituency import Addition, Constituent, Contact, Holding, owner_name
from comity.terms.party import ADMINISTRATOR, party_code
from comity.world import World

#: The counter that every change advances, so that other processes notice.
CHANGED = "constituency"
_KIND = "constituency"
_SPACE = SPACES[_KIND]


def may(world: World, party: str) -> bool:
    """Whether this node's administrator may act for a party: its own does, and a centre's does for all."""
    settings = world.settings
    return party == settings.party or bool(world.rulebook.current()[1].custody(settings.party, settings.body, world.clock()))


def check_may(world: World, party: str) -> None:
    """Raise Denied unless `may`."""
    if not may(world, party):
        next_ = f"only a centre keeps them for others; {party} does at its own node, or with a token of its own"
        raise Denied(f"this node is {world.settings.party}'s: it keeps no constituency of {party}", next=next_)


def add(world: World, additions: Iterable[Addition], by: str = ADMINISTRATOR) -> int:
    """Add to owners, making those that are new; how many owners changed. All of it or nothing."""
    wanted: dict[tuple[str, str], list[Addition]] = {}
    for each in additions:
        wanted.setdefault((party_code(each.party), owner_name(each.owner)), []).append(each)
    with world.store.write() as tx:
        known = {(each.party, each.owner): each for each in constituents(world)}
        changed = 0
        for key, group in wanted.items():
            before = known.get(key) or Constituent(id=secrets.token_hex(8), party=key[0], owner=key[1], holdings=())
            after = _with(before, group)
            if after != known.get(key):
                _put(world, tx, after, by)
                changed += 1
        if changed:
            tx.bump(CHANGED)
    return changed


def _with(before: Constituent, group: Iterable[Addition]) -> Constituent:
    holdings, contact = set(before.holdings), msgspec.structs.asdict(before.contact)
    for each in group:
        holdings |= set(each.holdings)
        contact |= {name: value for name, value in msgspec.structs.asdict(each.contact).items() if value}
    return msgspec.structs.replace(before, holdings=tuple(sorted(holdings)), contact=Contact(**contact))


def remove(world: World, party: str, owner: str | None, holdings: Iterable[Holding], by: str = ADMINISTRATOR) -> int:
    """Remove some holdings of a party's owner, or of all its owners; without holdings the owner itself. How many owners changed.

    An owner that is left with nothing goes too. Raises NotFound when there is nothing of the kind.
    """
    gone = frozenset(holdings)
    with world.store.write() as tx:
        changed = 0
        for each in constituents(world, party):
            if owner is not None and each.owner != owner:
                continue
            left = tuple(one for one in each.holdings if one not in gone) if gone else ()
            if gone and len(left) == len(each.holdings):
                continue
            if left:
                _put(world, tx, msgspec.structs.replace(each, holdings=left), by)
            else:
                forget(world, tx, _KIND, each.id, by)
            changed += 1
        if changed:
            tx.bump(CHANGED)
    if not changed:
        raise NotFound(f"{party_code(party)} has nothing of the kind here", next="comity constituency list shows what there is")
    return changed


def _put(world: World, tx: Tx, record: Constituent, by: str) -> None:
    raw = msgspec.json.encode(record)
    tx.put_private(_SPACE, record.id, raw)
    detail = {_KIND: record.id, "record": digest(raw)}
    world.journal.append(tx, Entry(kind=_KIND, at=world.clock(), actor=by, party=record.party, detail=detail))


def constituents(world: World, party: str | None = None) -> list[Constituent]:
    """The owners of a party, or of all, by party and owner."""
    found = [msgspec.json.decode(value, type=Constituent) for _, value in world.store.privates(_SPACE)]
    wanted = None if party is None else party_code(party)
    return sorted((each for each in found if wanted in (None, each.party)), key=lambda each: (each.party, each.owner))


def version(world: World) -> int:
    """A number that grows with every change."""
    return world.store.counter(CHANGED)


def record_digest(constituent: Constituent) -> str:
    """What the log says of an owner's record."""
    return digest(msgspec.json.encode(constituent))
