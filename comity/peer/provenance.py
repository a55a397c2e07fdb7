"""How an item came to this node, and who stands for what is said of it: for the node's own people."""

from __future__ import annotations

import msgspec

from comity.intake.erase import ways
from comity.release.desk import Desk
from comity.release.holdings import way_of
from comity.store.protocol import Row


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """`received_from` a party, over `hops`, by its clauses (`grounds`). `vouched_by`: the origin, where it signed what it said of it
    (by `key`, which is `known` here as its key, so that it was checked), else the party that gave it. `also` are other parties that gave it
    too, each with its clauses.
    """

    received_from: str | None
    hops: tuple[str, ...]
    grounds: tuple[str, ...]
    vouched_by: str
    key: str | None
    known: bool
    also: dict[str, tuple[str, ...]]

    def sentences(self) -> list[str]:
        """The same in words; nothing of what was submitted here."""
        if self.received_from is None:
            return []
        by = f" by {', '.join(self.grounds)}" if self.grounds else ""
        how = f"signed by {self.vouched_by} (key {self.key})" if self.known else f"vouched for by {self.vouched_by}"
        others = (f"Also from {party}" + (f" by {', '.join(grounds)}." if grounds else ".") for party, grounds in self.also.items())
        return [f"Received from {self.received_from} over {' and '.join(self.hops)}{by}; {how}.", *others]


def provenance(desk: Desk, row: Row) -> Provenance:
    """What the node keeps of how an item came."""
    world, envelope = desk.world, way_of(desk, row)
    vouch = envelope.came.vouch if envelope.came else None
    signed = vouch is not None and envelope.came is not None and envelope.came.proven
    return Provenance(
        received_from=envelope.received_from,
        hops=envelope.hops,
        grounds=envelope.came.grounds if envelope.came else (),
        vouched_by=row.origin if signed or envelope.received_from is None else envelope.received_from,
        key=vouch.key if vouch and signed else None,
        known=signed,
        also={party: grounds for party, grounds in ways(world, row.origin, row.sha).items() if grounds is not None},
    )
