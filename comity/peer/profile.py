"""Which guardrail profiles this node accepts of those it has links with (G17; `[peering] guardrails`).

Self-declared: a node says the hash of its profile in what it signs for a link, the same that stands in its log's checkpoints. That it says
so is no proof that it keeps to it; that it says another one is reason enough to give it nothing and take nothing.
"""

from __future__ import annotations

from comity.errors import PeerFault
from comity.ledger.journal import Entry
from comity.peer import partner as partners
from comity.peer.partner import Partner
from comity.world import World


def check(world: World, partner: Partner, said: str) -> None:
    """Raise PeerFault unless the profile that the other node says it keeps to ("": none) is accepted here."""
    accepted = world.settings.peering.guardrails
    if accepted and said not in accepted:
        named = f"the guardrail profile {said[:16]}..." if said else "no guardrail profile"
        raise PeerFault(
            f"{partner.node} says that it keeps to {named}, which is not accepted here",
            next="hold `comity log guardrails` of both nodes against each other; then [peering] guardrails in node.toml",
        )


def heard(world: World, partner: Partner, said: str) -> None:
    """Keep what the other node says. Raises as `check`, with a log entry for each profile that is not accepted."""
    stands = partners.state(world, partner.name)
    try:
        check(world, partner, said)
    except PeerFault as fault:
        with world.store.write() as tx:
            if (stands.guardrails, stands.problem) != (said, str(fault)):
                detail = {"peer": partner.name, "refused": str(fault), "guardrails": said}
                world.journal.append(tx, Entry(kind="parcel", at=world.clock(), party=partner.party, detail=detail))
            partners.change(world, tx, partner.name, guardrails=said, problem=str(fault))
        raise
    if stands.guardrails != said:
        with world.store.write() as tx:
            partners.change(world, tx, partner.name, guardrails=said)
