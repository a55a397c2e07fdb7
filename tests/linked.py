"""Nodes in memory with links between them: parcels go from one to the other as a transport would carry them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import msgspec

from comity.forms.parcel import ANSWER_TYPE, MOST_BYTES, PARCEL_TYPE, Answer, Entry, read_answer, read_parcel, write_parcel
from comity.intake.submit import Submitter, submit
from comity.ledger.keys import LogKey
from comity.peer.incoming import incoming, position
from comity.peer.outgoing import outgoing, settled
from comity.peer.partner import Partner, node_of
from comity.peer.signing import opened, seal
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.select import Query
from comity.rulebook import Rulebook
from comity.terms.item import Outcome
from tests.consortium import MEMBERS, Body, Ticking, drafts

#: What a link carries: bytes one way. A test replaces it to lose, repeat, alter or keep them.
Carry = Callable[[bytes], bytes]


class Node(Body):
    """A party's node with a key for its parcels. Its clock may differ from others'."""

    def __init__(
        self,
        party: str,
        agreement: str | None = MEMBERS,
        store: str = "memory:",
        clock: Ticking | None = None,
        name: str = "",
        body: str = "sco",
    ) -> None:
        super().__init__(agreement, store, clock, party, body)
        self.code = party
        self.key = LogKey.generate(f"comity.example/sco/{name or party}/parcels")
        self.partners: dict[str, Partner] = {}

    @property
    def node(self) -> str:
        return node_of(self.world.settings)

    def knows(self, other: Node, *, centre: bool = False, **options: Any) -> None:
        """Pin another node."""
        self.partners[other.code] = Partner(
            name=other.code.lower(),
            party=other.code,
            node=other.node,
            keys=(other.key.verifier,),
            centre=centre,
            body=other.world.settings.body,
            **options,
        )

    def adds(self, *objects: dict[str, Any], tlp: str = "green", **options: Any) -> list[Outcome]:
        """Its own people submit."""
        by = Submitter(party=self.code, tlp=tlp, **{"named": True, **options})
        return list(submit(self.world, drafts(objects), by))

    def holds(self) -> set[str]:
        """The ids of all others' objects that the node's own people may read."""
        found: set[str] = set()
        reader, after = own_reader(self.desk), 0
        while page := self.desk.page(reader, Query(own=False, after=after, limit=1_000)).found:
            found |= {row.id for _, row in page}
            after = page[-1][0]
        return found

    def stored(self) -> set[tuple[str, str, str]]:
        """(origin, id, version) of everything here but rules, whoever may read it."""
        rows = self.world.store.recent(1_000_000)
        return {(row.origin, row.id, row.version) for row in rows if not row.type.startswith("comity-")}


def link(one: Node, other: Node, *, centre: str = "") -> None:
    """Two nodes pin each other; `centre` is the code of the one that is enrolled as centre."""
    one.knows(other, centre=other.code == centre)
    other.knows(one, centre=one.code == centre)


def same(raw: bytes) -> bytes:
    """A link that works."""
    return raw


def give(one: Node, other: Node, carry: Carry = same, back: Carry = same) -> list[Answer]:
    """Everything that one has for the other, as a transport does it; the answers that came."""
    found: list[Answer] = []
    settled(one.world, one.partners[other.code], position(other.world, other.partners[one.code], other.key))
    for _ in range(10_000):
        if len(found) > 1 and not (found[-1].applied or found[-2].applied):
            return found
        raw = outgoing(one.desk, one.partners[other.code], one.key)
        if raw is None:
            return found
        answer = incoming(other.world, other.partners[one.code], other.key, carry(raw))
        found.append(settled(one.world, one.partners[other.code], back(answer)))
    raise AssertionError("the exchange does not end")


def parcel(one: Node, other: Node) -> bytes:
    """The next parcel of one for the other; there is one."""
    raw = outgoing(one.desk, one.partners[other.code], one.key)
    assert raw is not None
    return raw


def altered(one: Node, raw: bytes, **values: Any) -> bytes:
    """A parcel of one, which it has signed again with other values."""
    found = read_parcel(opened(raw, PARCEL_TYPE, (one.key.verifier,), MOST_BYTES))
    return seal(PARCEL_TYPE, write_parcel(msgspec.structs.replace(found, **values)), one.key)


def entries(one: Node, raw: bytes) -> tuple[Entry, ...]:
    """What is in a parcel of one."""
    return read_parcel(opened(raw, PARCEL_TYPE, (one.key.verifier,), MOST_BYTES)).entries


def forged(one: Node, raw: bytes, **values: Any) -> bytes:
    """A parcel of one, which it has signed again with other values in its first entry."""
    first, *others = entries(one, raw)
    return altered(one, raw, entries=(msgspec.structs.replace(first, **values), *others))


def offer(one: Node, other: Node, raw: bytes) -> Answer:
    """What the other node answers to bytes that came over the link from one, which does not hear it."""
    answer = incoming(other.world, other.partners[one.code], other.key, raw)
    return read_answer(opened(answer, ANSWER_TYPE, (other.key.verifier,), MOST_BYTES))


def backup(store: Any) -> dict[str, Any]:
    """A store in memory as it is now: what its attributes are to be again."""
    return deepcopy({key: value for key, value in vars(store).items() if not key.endswith("lock")})


def restored(node: Node) -> Node:
    """The same node as it is now, apart from what becomes of it: its backup."""
    copy = Node(node.code, None, clock=Ticking(node.clock.at))
    vars(copy.world.store).update(backup(node.world.store))
    copy.key, copy.partners = node.key, dict(node.partners)
    copy.world = replace(copy.world, journal=node.world.journal, rulebook=Rulebook(copy.world.store))
    copy.desk = Desk(copy.world)
    return copy


def sync(one: Node, other: Node) -> None:
    """Both ways, once each."""
    give(one, other)
    give(other, one)
