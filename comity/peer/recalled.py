"""What became of an object that was taken back, at each party that had received it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from comity.clock import from_micros
from comity.intake.withdraw import Recall, recipients
from comity.peer import book, receipts
from comity.peer import partner as partners
from comity.world import World

#: It says that it erased it, or why it keeps it; it was told and need not answer; it was not told yet, or there is no way to tell it.
Condition = Literal["deleted", "kept", "told", "silent", "cannot be told"]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One party: what it did, in its own words where it gave any. `at` is when it answered, or since when it is silent (None: always was).

    `proven`: its signature was checked here; else it is on the word of the node that passed it on.
    """

    party: str
    state: Condition
    why: str = ""
    at: datetime | None = None
    proven: bool = False


def status(world: World, recall: Recall) -> list[Answered]:
    """Each party that had received the object, by code; parties behind a centre as far as their receipts say that they had it."""
    said = receipts.about(world, recall.party, bytes.fromhex(recall.sha))
    parties = {*recipients(world, [recall])[recall.name], *said} - {recall.party, world.settings.party}
    return [_answered(world, recall, party, said.get(party)) for party in sorted(parties)]


def _answered(world: World, recall: Recall, party: str, kept: receipts.Kept | None) -> Answered:
    receipt = kept.confirmed.receipt if kept else None
    if kept and receipt and receipt.outcome in ("deleted", "kept"):
        state: Condition = "deleted" if receipt.outcome == "deleted" else "kept"
        return Answered(party=party, state=state, why=receipt.why, at=receipt.at, proven=kept.proven)
    links = [link for link in book.peers(world) if link.kind == "comity" and link.party == party]
    if links:
        heard = max(partners.state(world, link.name).heard for link in links)
        return Answered(party=party, state="silent", at=from_micros(heard) if heard else None)
    if kept:
        return Answered(party=party, state="silent", why="it had it over a centre", at=from_micros(kept.heard))
    return Answered(party=party, state="cannot be told", why="it fetched the object, and no node of it is linked here")
