"""Which of this node's own objects are not confirmed, by party: its node may have them, and has not said what it did with them.

    1. parties  those with a node: linked here, known by a key for parcels, or heard of by a receipt
    2. said     what each has answered, whatever the answer; of what goes to it as a redacted copy, its centre's word on it. Clients
                without a node answer nothing, and do not count
    3. go       through the own objects in the order in which they were shared. Our centre may have each; any other party what the decision
                lets it have, and over a centre only once that has confirmed it
    4. passed   what is missing though the party has confirmed something that was shared after it: it was not on its way, it was left out

What was found last is kept for Health; a server looks every hour. Crash story: that is one private value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from comity.clock import from_micros
from comity.peer import book, receipts
from comity.release.desk import Desk
from comity.release.holdings import Outlet, own_rows
from comity.release.sight import Reader, Sight
from comity.terms.item import PURPOSES, inward, unnamed_red
from comity.world import World

_SPACE, _LAST = "unconfirmed", "last"
_PAGE = 1_000


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """An own object that a party's node has not confirmed, and when it was shared; `passed`: it confirmed one that was shared later."""

    party: str
    id: str
    version: str
    shared: datetime
    passed: bool


class Unconfirmed(msgspec.Struct, frozen=True, kw_only=True):
    """A party with such objects: how many, how many of them it has `passed`, since when the earliest is shared, over whose node they go
    ("": a link of its own).
    """

    party: str
    objects: int
    passed: int
    since: datetime
    over: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found last: when, how many parties have not confirmed something, and how many of them have passed something."""

    at: datetime
    parties: int
    passed: int


class _Looked(msgspec.Struct):
    """One party's objects so far: those missing (stamp, id, version), and the stamp of the last that it answered for."""

    missing: list[tuple[int, str, str]]
    last: int = 0


def unconfirmed(desk: Desk) -> list[Unconfirmed]:
    """The parties that have not confirmed something, by code; kept for `last`."""
    world, found = desk.world, []
    direct = {link.party for link in _links(world)}
    over = ", ".join(_centres(desk))
    for party, looked in sorted(_look(desk).items()):
        if looked.missing:
            passed = sum(at < looked.last for at, _, _ in looked.missing)
            found.append(
                Unconfirmed(
                    party=party, objects=len(looked.missing), passed=passed, since=from_micros(looked.missing[0][0]),
                    over="" if party in direct else over,
                )
            )  # fmt: skip
    kept = Found(at=world.clock(), parties=len(found), passed=sum(each.passed > 0 for each in found))
    with world.store.write() as tx:
        tx.put_private(_SPACE, _LAST, msgspec.json.encode(kept))
    return found


def missing(desk: Desk, party: str) -> Iterator[Missing]:
    """What one party has not confirmed, the earliest first."""
    looked = _look(desk, party).get(party, _Looked([]))
    for at, id_, version in looked.missing:
        yield Missing(party=party, id=id_, version=version, shared=from_micros(at), passed=at < looked.last)


def last(world: World) -> Found | None:
    """What `unconfirmed` found last; None before the first time."""
    kept = world.store.private(_SPACE, _LAST)
    return None if kept is None else msgspec.json.decode(kept, type=Found)


def _look(desk: Desk, only: str = "") -> dict[str, _Looked]:
    # 1. and 2.
    world, centres = desk.world, _centres(desk)
    said, copied = _said(world)
    direct = {link.party for link in _links(world)}
    nodes = direct | said.keys() | {code for code, _ in world.rulebook.party_keys() if world.rulebook.parcel_keys(code)}
    nodes = {each for each in nodes if only in ("", each)} - {world.settings.party}
    sights = {party: _sight(desk, party) for party in nodes if party not in centres and (party in direct or centres)}
    looked = {party: _Looked([]) for party in nodes if party in sights or party in centres}
    # 3. and 4.
    after = 0
    while looked and (page := own_rows(desk, after, _PAGE)):
        after = page[-1][0]
        for at, row, envelope in page:
            if inward(envelope) or unnamed_red(envelope) or envelope.profile is not None:
                continue
            there = any(row.sha in said.get(centre, ()) for centre in centres)
            for party, one in looked.items():
                redacted = row.sha in copied.get(party, ()) and party in sights and sights[party].copy(row.base) is not None
                if redacted or row.sha in said.get(party, ()):
                    one.last = at
                elif party in centres or ((there or party in direct) and sights[party].meets(row.traits)):
                    one.missing.append((at, row.id, row.version))
    return looked


def _said(world: World) -> tuple[dict[str, set[bytes]], dict[str, set[bytes]]]:
    """Party -> the hashes of this party's objects that its node has answered for; and of those for which another has."""
    found: dict[str, set[bytes]] = {}
    others: dict[str, set[bytes]] = {}
    for _, kept in receipts.since(world, 0):
        receipt = kept.confirmed.receipt
        if receipt.origin == world.settings.party:
            said = others if receipt.of else found
            said.setdefault(receipt.of or receipt.party, set()).update(receipts.hashes(receipt.objects))
    return found, others


def _links(world: World) -> list[book.Peer]:
    return [link for link in book.peers(world) if link.kind == "comity" and not link.ended]


def _centres(desk: Desk) -> list[str]:
    """The linked parties that hold this node's objects for the others."""
    return sorted({link.party for link in _links(desk.world) if Outlet(desk, link.party, link.purposes).custody})


def _sight(desk: Desk, party: str) -> Sight:
    return desk.sight(Reader(party=party, body=desk.world.settings.body, purposes=PURPOSES[:1]))
